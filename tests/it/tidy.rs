//! Structure of the sources: which module may import which, what pure modules must not use, file sizes, docs, and no TODO comments.

use std::fs;
use std::path::{Path, PathBuf};

mod circles;
mod codes;

/// The layers of ARCHITECTURE.md: a module may import itself and the modules listed beside it.
const MAY_IMPORT: [(&str, &[&str]); 16] = [
    ("model", &[]),
    ("manifest", &["model"]),
    ("planning", &["model"]),
    ("report", &["model", "ci"]),
    ("ci", &[]),
    ("net", &[]),
    ("files", &[]),
    ("git", &[]),
    ("provider", &["model", "net"]),
    ("forge", &["model", "net"]),
    ("load", &["model", "manifest", "files", "git", "provider"]),
    ("apply", &["model", "planning", "net", "provider"]),
    ("watch", &["model", "git"]),
    ("emulator", &["model", "provider"]),
    (
        "workflow",
        &[
            "model", "ci", "manifest", "planning", "report", "net", "files", "git", "provider", "forge", "load",
            "apply", "watch", "emulator",
        ],
    ),
    ("cli", &["model", "ci", "files", "report", "workflow"]),
];

/// Wings that only compute.
const PURE: [&str; 4] = ["model", "manifest", "planning", "report"];

/// Names that a module which only computes must not contain.
const IMPURE_WORDS: [&str; 12] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "tokio",
    "rusqlite",
    "println!",
    "eprintln!",
    "Timestamp::now",
    "Zoned::now",
    "tracing::",
];

/// The maximum number of lines of a file. A longer file should be split.
const MOST_LINES: usize = 420;

/// Files that may be longer: tables, one entry after another.
const TABLES: [&str; 1] = ["model/catalog.rs"];

struct SourceFile {
    path: PathBuf,
    folder: String,
    text: String,
}

impl SourceFile {
    fn is_test(&self) -> bool {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        name == "tests.rs"
            || name.ends_with("_tests.rs")
            || name == "fixture.rs"
            || name == "fake.rs"
            || self.path.components().any(|part| part.as_os_str() == "tests")
    }

    /// The text without its inline `#[cfg(test)]` module.
    fn product(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or(&self.text)
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("the entry can be read").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<SourceFile> {
    let source_folder = root().join("src");
    let mut paths = Vec::new();
    walk(&source_folder, &mut paths);
    assert!(paths.len() > 40, "the walk found only {} files", paths.len());
    let folder_of = |path: &Path| {
        let mut parts = path.strip_prefix(&source_folder).expect("below src").components();
        let first = parts.next().expect("a file below src").as_os_str().to_string_lossy().into_owned();
        if parts.next().is_some() { first } else { String::new() }
    };
    paths
        .into_iter()
        .map(|path| SourceFile {
            folder: folder_of(&path),
            text: fs::read_to_string(&path).expect("a source file"),
            path,
        })
        .collect()
}

fn assert_none(faults: Vec<String>, rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

#[test]
fn nothing_points_up() {
    let mut faults = Vec::new();
    for file in sources().iter().filter(|file| !file.folder.is_empty() && !file.is_test()) {
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(folder, _)| *folder == file.folder)
            .unwrap_or_else(|| panic!("{} is in no module", file.path.display()));
        for (folder, _) in MAY_IMPORT.iter().filter(|(folder, _)| *folder != file.folder && !allowed.contains(folder)) {
            if file.product().contains(&format!("crate::{folder}")) {
                faults.push(format!("{} imports {folder}", file.path.display()));
            }
        }
    }
    assert_none(faults, "a module imports only from lower layers");
}

#[test]
fn adapters_are_named_in_one_place() {
    // The shapes of the service's interface only compute, and its HTTP face speaks them.
    let names_adapter = |file: &&SourceFile| {
        let text = file.product().replace("provider::power_platform::wire", "");
        let adapters =
            ["provider::local", "provider::power_platform", "forge::github", "forge::gitlab", "forge::azure"];
        adapters.iter().any(|adapter| text.contains(adapter)) && file.folder != "provider"
    };
    let may = ["workflow/ports.rs", "emulator/state.rs"];
    let outside = |file: &&SourceFile| !may.iter().any(|path| file.path.ends_with(path)) && !file.is_test();
    let faults =
        sources().iter().filter(names_adapter).filter(outside).map(|file| file.path.display().to_string()).collect();
    assert_none(faults, "only workflow/ports.rs names adapters, and emulator/state.rs the one whose HTTP face it is");
}

#[test]
fn pure_wings_only_compute() {
    let mut faults = Vec::new();
    for file in sources().iter().filter(|file| PURE.contains(&file.folder.as_str()) && !file.is_test()) {
        for word in IMPURE_WORDS.iter().filter(|word| file.product().contains(**word)) {
            faults.push(format!("{} says {word}", file.path.display()));
        }
    }
    assert_none(faults, "no clock, file, network, environment variable, printing or logging in a pure module");
}

#[test]
fn files_hold_one_thing() {
    let is_table = |file: &SourceFile| TABLES.iter().any(|table| file.path.ends_with(table));
    let long = |file: &&SourceFile| file.text.lines().count() > MOST_LINES && !is_table(file);
    let faults = sources()
        .iter()
        .filter(long)
        .map(|file| format!("{}: {} lines", file.path.display(), file.text.lines().count()))
        .collect();
    assert_none(faults, "a file this long holds more than one thing");
}

#[test]
fn every_file_says_what_it_is() {
    let silent = |file: &&SourceFile| !file.is_test() && !file.text.starts_with("//!");
    let faults = sources().iter().filter(silent).map(|file| file.path.display().to_string()).collect();
    assert_none(faults, "a file begins with a paragraph of docs");
}

#[test]
fn module_files_hold_no_logic() {
    let gathers = |file: &&SourceFile| file.path.ends_with("mod.rs") || file.path.ends_with("lib.rs");
    let only_mods = |line: &str| {
        line.is_empty()
            || line.starts_with("//")
            || line.starts_with("pub mod ")
            || line.starts_with("pub(crate) mod ")
            || line.starts_with("mod ")
            || line.starts_with("#[cfg(test)]")
    };
    let faults = sources()
        .iter()
        .filter(gathers)
        .filter_map(|file| {
            file.text.lines().find(|line| !only_mods(line)).map(|line| format!("{}: {line}", file.path.display()))
        })
        .collect();
    assert_none(faults, "lib.rs and mod.rs hold docs and mod lines");
}

#[test]
fn nothing_is_left_open() {
    let marks =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("unimple", "mented!"), "#[ignore]"];
    let mut faults = Vec::new();
    for file in sources() {
        for mark in marks.iter().filter(|mark| file.text.contains(**mark)) {
            faults.push(format!("{} says {mark}", file.path.display()));
        }
    }
    assert_none(faults, "what is open is an issue, not a comment");
}

#[test]
fn the_map_shows_the_floors() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let faults = MAY_IMPORT
        .iter()
        .map(|(folder, allowed)| {
            let list = if allowed.is_empty() {
                "nothing of ours".to_owned()
            } else {
                allowed.iter().map(|folder| format!("`{folder}`")).collect::<Vec<_>>().join(", ")
            };
            format!("| `{folder}` | {list} |")
        })
        .filter(|row| !map.contains(row.as_str()))
        .collect();
    assert_none(faults, "ARCHITECTURE.md shows the same table as this test");
}
