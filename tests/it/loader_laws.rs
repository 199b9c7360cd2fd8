//! The invariants of loading, over randomly damaged files of the corpora and the examples: a quick substitute for the fuzz target.
//! Every run does the same damage.

mod values;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use self::values::VALUES;
use crate::loading::hold;
use crate::nasty::corpus;

/// The damage to a file.
#[derive(Clone, Debug)]
enum Damage {
    /// One byte becomes another.
    Flip(prop::sample::Index, u8),
    /// Two lines change places.
    Swap(prop::sample::Index, prop::sample::Index),
    /// The file ends here.
    Truncate(prop::sample::Index),
    /// The file ends here, and the rest of another file follows.
    Splice(prop::sample::Index, prop::sample::Index, prop::sample::Index),
    /// Another whole file is inserted here, as a separate file.
    Beside(prop::sample::Index),
    /// A keyword of the configuration or of YAML is inserted here.
    Insert(prop::sample::Index, prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        2 => (at(), at()).prop_map(|(one, two)| Damage::Swap(one, two)),
        1 => at().prop_map(Damage::Truncate),
        2 => (at(), at(), at()).prop_map(|(here, file, there)| Damage::Splice(here, file, there)),
        1 => at().prop_map(Damage::Beside),
        4 => (at(), at()).prop_map(|(here, word)| Damage::Insert(here, word)),
    ]
}

/// Texts that confuse parsers, and texts that look like amounts, dates and names.
const WORDS: [&str; 48] = [
    "\n  ",
    "\n- ",
    ": ",
    "- ",
    "? ",
    "{ ",
    " }",
    "[ ",
    " ]",
    ", ",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "|\n  ",
    ">-\n  ",
    "|2+\n",
    "---\n",
    "...\n",
    "%YAML 1.2\n---\n",
    " # ",
    "\t",
    "\r\n",
    "\r",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "\0",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{fffe}",
    "🚀",
    "\u{202e}",
    "\"",
    "'",
    "\\u202e",
    "\\",
    "3%",
    "500_000",
    "1e3",
    "2147483648",
    "18446744073709551616",
    "2026-02-29",
    "-009999-01-01",
    "unmanaged",
    "null",
    "true",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn add_examples(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            add_examples(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}

fn files() -> Vec<Vec<u8>> {
    let mut paths = [corpus("nasty"), corpus("nasty-environments")].concat();
    add_examples(&root().join("examples"), &mut paths);
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

/// The bytes of a file after some damage.
fn damaged(file: &[u8], damages: &[Damage], files: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for damage in damages {
        let length = bytes.len() + 1;
        match damage {
            Damage::Flip(at, byte) => {
                let at = at.index(length);
                bytes.splice(at..(at + 1).min(length - 1), [*byte]);
            }
            Damage::Swap(one, two) => {
                let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                if !lines.is_empty() {
                    let (one, two) = (one.index(lines.len()), two.index(lines.len()));
                    lines.swap(one, two);
                }
                bytes = lines.concat();
            }
            Damage::Truncate(at) => bytes.truncate(at.index(length)),
            Damage::Splice(here, file, there) => {
                let other: &Vec<u8> = file.get(files);
                bytes.truncate(here.index(length));
                bytes.extend(&other[there.index(other.len() + 1)..]);
            }
            Damage::Beside(file) => {
                bytes.push(0xFF);
                bytes.extend(file.get::<Vec<u8>>(files));
            }
            Damage::Insert(here, word) => {
                let here = here.index(length);
                bytes.splice(here..here, word.get(&WORDS).bytes());
            }
        }
    }
    bytes
}

#[test]
fn the_invariants_hold_for_every_file_that_there_is() {
    files().iter().for_each(|file| hold(file));
}

#[test]
fn the_invariants_hold_for_values_that_readers_of_yaml_disagree_about() {
    VALUES.iter().for_each(|value| hold(value.as_bytes()));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_124),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_invariants_hold_for_files_that_were_damaged(
        file in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        thread_local! {
            static FILES: Vec<Vec<u8>> = files();
        }
        FILES.with(|files| hold(&damaged(file.get::<Vec<u8>>(files), &damages, files)));
    }
}
