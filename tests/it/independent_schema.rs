//! An independent validator, the Python package `check-jsonschema`, checks the examples, the output of `init`, and both corpora of
//! invalid files with the published schemas. Its verdicts must agree with `allot validate`.
//!
//! [`ONLY_OURS`] lists the errors that only `allot` can find, each with its reason. The schemas refuse all other invalid files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::nasty::{corpus, validate_environments, validate_root};
use crate::python::python_with;
use crate::support::Folder;

/// The version that is installed.
const VERSION: &str = "0.39.0";

/// The validator's YAML reader differs: 012, 1e3 and 1_000 are numbers, and tags and anchors are resolved before validation.
const READING: &str = "the schema never sees how a value was written";
/// The error depends on a value elsewhere in the file.
const ELSEWHERE: &str = "a schema sees one value at a time";
/// The error needs the calendar, the zone database, the catalog or the file system.
const KNOWLEDGE: &str = "a schema knows no calendar, no zones, no pack sizes and no folders";
/// Sums of amounts.
const HEADROOM: &str = "a schema does not add up";

/// Files that `allot validate` refuses and a schema cannot, with the reason.
const ONLY_OURS: [(&str, &[&str]); 4] = [
    (
        READING,
        &[
            "nasty/amount-decimal",
            "nasty/amount-exponent",
            "nasty/amount-hex",
            "nasty/amount-octal",
            "nasty/amount-plus",
            "nasty/amount-underscore",
            "nasty/key-null",
            "nasty/version-decimal",
            "nasty/yaml-anchor",
            "nasty/yaml-directive",
            "nasty/yaml-merge",
            "nasty/yaml-tag",
            "nasty-environments/amount-leading-zero",
            "nasty-environments/amount-underscore",
            "nasty-environments/version-decimal",
            "nasty-environments/yaml-anchor",
            "nasty-environments/yaml-merge",
            "nasty-environments/yaml-tag",
        ],
    ),
    (
        ELSEWHERE,
        &[
            "nasty/add-on-twice",
            "nasty/budget-unknown",
            "nasty/cell-grant-reversed",
            "nasty/cell-no-units-grant",
            "nasty/debt-pool-twice",
            "nasty/floor-unknown",
            "nasty/allow-needless-amount",
            "nasty/allow-no-amount",
            "nasty/allow-scope",
            "nasty/allow-scope-add-on",
            "nasty/allow-scope-without-add-on",
            "nasty/allow-scope-of-another-code",
            "nasty/allow-scope-api-name",
            "nasty/allow-scope-for-the-tenant",
            "nasty/allow-scope-misspelled",
            "nasty/id-twice",
            "nasty/id-twice-case",
            "nasty/purchased-reversed",
            "nasty/reserve-pool-twice",
            "nasty-environments/add-on-twice",
            "nasty-environments/budget-of-environment",
            "nasty-environments/budget-unknown",
            "nasty-environments/grant-reversed",
            "nasty-environments/grant-without-amount",
            "nasty-environments/id-of-the-root",
            "nasty-environments/id-twice",
            "nasty-environments/key-of-the-root",
        ],
    ),
    (
        KNOWLEDGE,
        &[
            "nasty/add-on-uncatalogued-near",
            "nasty/cell-grant-bad-date",
            "nasty/cell-packs-none",
            "nasty/include-backslash",
            "nasty/include-none",
            "nasty/include-up",
            "nasty/purchased-date",
            "nasty/purchased-packs-none",
            "nasty/purchased-packs-overflow",
            "nasty/tenant-zone",
            "nasty/tenant-zone-city",
            "nasty/tenant-zone-windows",
            "nasty-environments/cell-packs-of-passes",
            "nasty-environments/cell-packs-overflow",
            "nasty-environments/grant-no-such-day",
        ],
    ),
    (
        HEADROOM,
        &[
            "nasty/amount-limit",
            "nasty/budget-over",
            "nasty/cell-grant-sum",
            "nasty/cell-grant-sum-later",
            "nasty/debt-exceeded",
            "nasty/reserve-above",
            "nasty-environments/budget-exceeded",
            "nasty-environments/short-of-units",
        ],
    ),
];

/// Valid files that the validator's YAML reader cannot read: YAML 1.2 allows a tab after a colon.
const ONLY_THEIRS: [&str; 1] = ["nasty/yaml-tab-after"];

/// The files among these that the validator refuses.
fn refused(python: &Path, schema: &str, files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema);
    let mut command = Command::new(python);
    command.args(["-m", "check_jsonschema", "--output-format", "json", "-vv", "--schemafile"]).arg(schema).args(files);
    let output = command.output().expect("the program was run before");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let named = |list: &str| -> BTreeSet<PathBuf> {
        let entries = told[list].as_array().unwrap_or_else(|| panic!("{list} is no list in {told}"));
        let name = |entry: &serde_json::Value| entry["filename"].as_str().or(entry.as_str()).map(PathBuf::from);
        entries.iter().map(|entry| name(entry).expect("a name")).collect()
    };
    let refused: BTreeSet<PathBuf> = named("errors").into_iter().chain(named("parse_errors")).collect();
    let judged: BTreeSet<PathBuf> = refused.union(&named("successes")).cloned().collect();
    assert_eq!(judged, files.iter().cloned().collect(), "every file is judged");
    refused
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with(".allotment") {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

/// Valid root files and environment files: those of the examples and those that `init` writes.
pub(crate) fn files_in_order(started: &Folder) -> (Vec<PathBuf>, Vec<PathBuf>) {
    assert_eq!(started.run(&["init"]).status.code(), Some(0));
    let mut files = Vec::new();
    yaml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), &mut files);
    yaml_files(&started.path("."), &mut files);
    files.retain(|path| !path.ends_with("tenant.seed.yaml"));
    files.sort();
    files.into_iter().partition(|path| path.ends_with("allotment.yaml"))
}

/// Whether only `allot` can see what is wrong with a file of the corpora, by its short name.
pub(crate) fn is_beyond_schemas(name: &str) -> bool {
    ONLY_OURS.iter().any(|(_, names)| names.contains(&name))
}

/// `nasty/NAME` or `nasty-environments/NAME`.
pub(crate) fn short(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    format!("{folder}/{}", path.file_stem().unwrap_or_default().to_string_lossy())
}

/// Both verdicts on a corpus, file by file; returns how many files both refuse.
fn compare(files: &[PathBuf], theirs: &BTreeSet<PathBuf>, ours: fn(&Path) -> Output) -> usize {
    let only_ours: BTreeMap<&str, &str> =
        ONLY_OURS.iter().flat_map(|(why, names)| names.iter().map(move |name| (*name, *why))).collect();
    let mut wrong = Vec::new();
    let mut both = 0;
    for path in files {
        let name = short(path);
        let verdicts = (ours(path).status.code() == Some(3), theirs.contains(path));
        let expected = match only_ours.get(name.as_str()) {
            Some(_) => (true, false),
            None if ONLY_THEIRS.contains(&name.as_str()) => (false, true),
            None => (verdicts.0, verdicts.0),
        };
        both += usize::from(verdicts == (true, true));
        if verdicts != expected {
            wrong.push(format!("{name}: (we refuse, they refuse) is {verdicts:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    both
}

#[test]
fn an_independent_validator_agrees_with_validate() {
    let package = format!("check-jsonschema=={VERSION}");
    let Some(python) = python_with("check-jsonschema", &[&package]) else { return };
    let started = Folder::with(&[]);
    let (roots, environments) = files_in_order(&started);
    assert!(roots.len() >= 3 && environments.len() >= 8, "{roots:?} {environments:?}");
    let (wrong_roots, wrong_environments) = (corpus("nasty"), corpus("nasty-environments"));
    let every_root = [roots.as_slice(), wrong_roots.as_slice()].concat();
    let every_environment = [environments.as_slice(), wrong_environments.as_slice()].concat();
    let theirs_of_roots = refused(&python, "allotment.schema.json", &every_root);
    let theirs_of_environments = refused(&python, "environments.schema.json", &every_environment);
    for (good, theirs) in [(&roots, &theirs_of_roots), (&environments, &theirs_of_environments)] {
        let refused: Vec<&PathBuf> = good.iter().filter(|path| theirs.contains(*path)).collect();
        assert!(refused.is_empty(), "valid files that the schemas refuse: {refused:?}");
    }
    let both_roots = compare(&wrong_roots, &theirs_of_roots, validate_root);
    let both_environments = compare(&wrong_environments, &theirs_of_environments, validate_environments);
    assert!(both_roots >= 100 && both_environments >= 60, "{both_roots} and {both_environments} refused by both");
}

#[test]
fn the_list_of_what_only_we_see_names_files_that_exist() {
    let files: BTreeSet<String> =
        ["nasty", "nasty-environments"].iter().flat_map(|folder| corpus(folder)).map(|path| short(&path)).collect();
    let listed = ONLY_OURS.iter().flat_map(|(_, names)| names.iter()).chain(&ONLY_THEIRS);
    let gone: Vec<&&str> = listed.filter(|name| !files.contains(**name)).collect();
    assert!(gone.is_empty(), "{gone:?}");
}
