//! The documents for people: the README stays short and shows real output, and every link has a target.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Folder;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

const PAGES: [&str; 6] = [
    "README.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "examples/ci/README.md",
    "examples/power-platform/README.md",
];

/// A page that a newcomer reads to its end.
#[test]
fn the_readme_is_short() {
    let lines = text("README.md").lines().count();
    assert!(lines <= 130, "{lines} lines");
}

/// The README states what the checker of the promises assumes, line by line.
#[test]
fn the_readme_prints_the_assumptions_of_the_checker() {
    let contract = text("tests/it/world/contract.rs");
    let assumed: Vec<&str> = contract.lines().filter_map(|line| line.strip_prefix("//! - ")).collect();
    let readme = text("README.md");
    let (_, printed) = readme.split_once("It assumes:\n\n").expect("the list");
    let printed: Vec<&str> = printed.lines().map_while(|line| line.strip_prefix("- ")).collect();
    assert!(printed.len() > 3, "{printed:?}");
    assert_eq!(printed, assumed);
}

fn copy(from: &Path, to: &Folder, below: &str) {
    for entry in fs::read_dir(from).expect("a folder").filter_map(Result::ok) {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.path() {
            path if path.is_dir() && name != ".allotment" => copy(&path, to, &format!("{name}/")),
            path if path.is_file() => to.write(&name, fs::read(path).expect("a file")),
            _ => {}
        }
    }
}

#[test]
fn the_readme_shows_what_a_plan_prints() {
    let readme = text("README.md");
    let (_, picture) = readme.split_once("$ allot -C examples/contoso plan\n").expect("a picture of a plan");
    let (picture, _) = picture.split_once("```").expect("its end");
    let folder = Folder::with(&[]);
    copy(&root().join("examples/contoso"), &folder, "");
    let printed = folder.run(&["plan"]).stdout;
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let printed: Vec<_> = String::from_utf8_lossy(&printed).lines().map(words).collect();
    // The picture is a part of the output: the same lines in the same order. Columns may be narrower.
    let mut rest = printed.iter();
    for line in picture.lines().map(words).filter(|line| !line.is_empty()) {
        assert!(rest.any(|printed| *printed == line), "not printed, or in another order: {line:?} of {printed:#?}");
    }
}

#[test]
fn no_link_of_a_page_leads_nowhere() {
    let mut broken = Vec::new();
    for page in PAGES {
        let (folder, text) = (root().join(page).parent().expect("a folder").to_owned(), text(page));
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        for target in targets.filter(|target| !target.starts_with("https://")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let heading = heading.replace('-', " ");
            let has_heading = text.lines().any(|line| line.starts_with('#') && line.to_lowercase().ends_with(&heading));
            if !folder.join(file).exists() || (file.is_empty() && !has_heading) {
                broken.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}
