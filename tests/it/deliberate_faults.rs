//! The deliberate faults, by which the checker is checked: each still applies to the sources. `tests/deliberate_faults/run` applies them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules that have to find the faults in the folder of the same name.
const MODULES: [&str; 2] = ["schedule_search", "world"];

/// One file with lines to replace.
struct Part {
    file: String,
    old: String,
    new: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    all.sort();
    all
}

/// Reads a fault as the script does.
fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts: Vec<Part> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with("src/") {
            parts.push(Part { file: line.to_owned(), old: String::new(), new: String::new() });
            continue;
        }
        let part = parts.last_mut().ok_or_else(|| format!("no file before {line:?}"))?;
        let (kind, rest) = line.split_at(1);
        if matches!(kind, "-" | " ") {
            part.old += &format!("{rest}\n");
        }
        match kind {
            "+" | " " => part.new += &format!("{rest}\n"),
            "-" => {}
            _ => return Err(format!("not a line of a fault: {line:?}")),
        }
    }
    Ok(parts)
}

/// Why a fault does not apply.
fn why_not(text: &str) -> Option<String> {
    if !text.starts_with("# ") {
        return Some("it begins with a sentence that says what is wrong".to_owned());
    }
    let parts = match parts(text) {
        Ok(parts) if parts.is_empty() => return Some("it changes nothing".to_owned()),
        Ok(parts) => parts,
        Err(why) => return Some(why),
    };
    parts.iter().find_map(|Part { file, old, new }| {
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        let found = source.matches(old.as_str()).count();
        (old.is_empty() || found != 1 || old == new).then(|| format!("{file} has these lines {found} times:\n{old}"))
    })
}

#[test]
fn every_deliberate_fault_applies_to_the_sources() {
    let (mut names, mut wrong) = (BTreeSet::new(), Vec::new());
    for module in MODULES {
        assert!(root().join(format!("tests/it/{module}.rs")).exists(), "{module}");
        for path in files(&root().join("tests/deliberate_faults").join(module)) {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a text");
            wrong.extend(why_not(&text).map(|why| format!("{module}/{name}: {why}")));
            assert!(name.ends_with(".fault") && names.insert(name.clone()), "{name}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(names.len() >= 30, "only {} faults", names.len());
}
