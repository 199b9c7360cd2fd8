//! Every code is emitted by the sources, explained on a page, and expected by a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use allotment::model::code::Code;

use super::{assert_none, root, sources};

/// Codes that are reserved for the ledger.
const MADE_BY_THE_LEDGER: [Code; 2] = [Code::A502, Code::A503];

/// Codes that no version raises any more, and numbers that were never given. They stay free.
const RETIRED: [&str; 1] = ["A121"];

/// The session that lists every code, and so tests none.
const LIST: &str = "explain.trycmd";

/// All text below a folder, without [`LIST`].
fn texts(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            texts(&path, all);
        } else if !path.ends_with(LIST) {
            all.push_str(&fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

#[test]
fn every_code_is_emitted_and_has_a_test() {
    let sources = sources();
    let names = |file: &&super::SourceFile| {
        file.path.ends_with("model/code.rs") || file.path.to_string_lossy().contains("explain/pages")
    };
    let made: String =
        sources.iter().filter(|file| !file.is_test() && !names(file)).map(|file| file.product()).collect();
    let mut tested: String = sources
        .iter()
        .map(|file| if file.is_test() { file.text.as_str() } else { &file.text[file.product().len()..] })
        .collect();
    texts(&root().join("tests"), &mut tested);
    let mut faults = Vec::new();
    for code in Code::ALL {
        let is_open = MADE_BY_THE_LEDGER.contains(code);
        if made.contains(&format!("Code::{}", code.as_str())) == is_open {
            faults.push(format!("{} {}", code.as_str(), if is_open { "is made now" } else { "is made nowhere" }));
        }
        if !is_open && !tested.contains(code.as_str()) {
            faults.push(format!("{} has no test", code.as_str()));
        }
    }
    assert_none(faults, "a code is made somewhere and expected by a test");
}

#[test]
fn codes_are_unique_and_in_order_and_reuse_no_retired_number() {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let sorted: BTreeSet<&str> = codes.iter().copied().collect();
    assert!(codes.iter().eq(&sorted), "codes are unique and in order: {codes:?}");
    assert_eq!(RETIRED.iter().find(|number| sorted.contains(*number)), None, "a retired number is used again");
}
