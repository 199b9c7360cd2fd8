//! Configurations that are wrong in every way we could think of: root files in `tests/nasty/NAME.yaml`, environment files in
//! `tests/nasty-environments/NAME.yaml`, and in `NAME.txt` the exit code and what the command says. `ALLOT_BLESS=1`
//! rewrites the golden files; review every line before you commit them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Folder, SCRUBBED, TODAY};

/// The root file for a nasty environment file.
const ROOT: &str = r#"version: 1
tenant: { name: nasty }
purchased: { app-passes: 1000, portal-logins: 1000 }
budgets: { hr: { limits: { portal-logins: 10 } } }
environments: { root: { id: "00000000-0000-4000-8000-00000000000f" } }
"#;

/// The YAML files of a folder in `tests/`, by name.
pub(crate) fn corpus(folder: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

/// `allot validate` on a root file, in its own folder.
pub(crate) fn validate_root(path: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_allot"));
    SCRUBBED.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.current_dir(path.parent().expect("a folder")).env("ALLOT_CLOCK", TODAY).env("NO_COLOR", "1");
    command.arg("-C").arg(path.file_name().expect("a name")).args(["validate", "-q"]);
    command.output().expect("the binary runs")
}

/// `allot validate` on a root that includes this environment file.
pub(crate) fn validate_environments(path: &Path) -> Output {
    let folder = Folder::with(&[("allotment.yaml", ROOT)]);
    fs::create_dir(folder.path("environments")).expect("a folder");
    let name = path.file_name().expect("a name").to_string_lossy();
    fs::copy(path, folder.path(&format!("environments/{name}"))).expect("a copy");
    folder.run(&["validate", "-q"])
}

fn said(output: &Output) -> String {
    let code = output.status.code().expect("the process was not killed");
    format!("exit {code}\n{}", String::from_utf8_lossy(&output.stderr))
}

fn check_corpus(files: &[PathBuf], validate: fn(&Path) -> Output) {
    let mut wrong = Vec::new();
    for path in files {
        let said = said(&validate(path));
        let golden = path.with_extension("txt");
        if std::env::var_os("ALLOT_BLESS").is_some() {
            fs::write(&golden, &said).expect("blessed");
        }
        if fs::read_to_string(&golden).ok().as_deref() != Some(said.as_str()) {
            wrong.push(format!("{} says:\n{said}", path.display()));
        }
        assert!(!said.contains("panicked"), "{} panics:\n{said}", path.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_nasty_root_gets_its_message() {
    let files = corpus("nasty");
    assert!(files.len() >= 120, "only {} files", files.len());
    check_corpus(&files, validate_root);
}

#[test]
fn every_nasty_environment_file_gets_its_message() {
    let files = corpus("nasty-environments");
    assert!(files.len() >= 80, "only {} files", files.len());
    check_corpus(&files, validate_environments);
}

/// Checks that the message about a root file with these bytes contains a phrase.
fn check(bytes: &[u8], exit: i32, phrase: &str) {
    let folder = Folder::with(&[]);
    fs::write(folder.path("allotment.yaml"), bytes).expect("a file");
    let said = said(&folder.run(&["validate", "-q"]));
    assert!(
        said.starts_with(&format!("exit {exit}\n")) && said.contains(phrase),
        "{phrase:?} is not in:\n{}",
        said.chars().take(2_000).collect::<String>()
    );
}

#[test]
fn files_that_are_too_large_or_too_deep_are_reported_and_not_read() {
    let deep = |open: &str| format!("version: 1\nx: {}", open.repeat(10_000));
    check(deep("[").as_bytes(), 3, "A1");
    check(deep("{a: ").as_bytes(), 3, "A1");
    check("- ".repeat(10_000).as_bytes(), 3, "A1");
    check(format!("version: 1\n{}: 1\n", "k".repeat(1_000_000)).as_bytes(), 3, "A101");
    check(format!("version: 1\ntenant: {{ name: {} }}\n", "n".repeat(1_000_000)).as_bytes(), 0, "");
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..5_000 {
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", ")));
    }
    check(bomb.as_bytes(), 3, "A109");
    let include = |pattern: String| format!("version: 1\ntenant: {{ name: x }}\ninclude: [\"{pattern}\"]\n");
    check(include("?".repeat(200_000)).as_bytes(), 3, "longer than any path");
    check(include("{a,".repeat(500_000)).as_bytes(), 3, "longer than any path");
    check(include(format!("{}b{}", "{a,".repeat(500), "}".repeat(500))).as_bytes(), 3, "nest too deeply");
    check(&vec![b'#'; 50 * 1024 * 1024], 1, "the limit is 16\n       MiB");
}

#[test]
fn binary_files_are_reported() {
    check(b"version: 1\ntenant: { name: caf\xE9 }\n", 1, "line 2 is not UTF-8");
    for utf16 in [b"\xFF\xFEv\0e\0".as_slice(), b"\xFE\xFF\0v\0e", b"v\0e\0r\0", b"\0v\0e\0r"] {
        check(utf16, 1, "UTF-16; save it as UTF-8");
    }
    check(b"version: 1\ntenant: { name: a\0b }\n", 3, "control character");
    check(b"\xEF\xBB\xBFversion: 1\r\ntenant: { name: bom }\r\n", 0, "");
}

#[test]
fn invalid_includes_are_reported() {
    let folder = Folder::with(&[(
        "allotment.yaml",
        "version: 1\ntenant: { name: x }\ninclude: [\"e/*.yaml\", \"../*.yaml\", \"/etc/*.yaml\", \"none/*.yaml\"]\n",
    )]);
    fs::create_dir_all(folder.path("e/folder.yaml")).expect("a folder");
    fs::write(folder.path("e/bad.yaml"), b"\xC3\x28").expect("a file");
    std::os::unix::fs::symlink("/etc/hostname", folder.path("e/out.yaml")).expect("a link");
    let said = said(&folder.run(&["validate", "-q"]));
    for phrase in [
        "leads out of the folder",
        "is absolute",
        "matches no file",
        "bad.yaml cannot be read: line 1 is not UTF-8",
        "out.yaml leads out",
    ] {
        assert!(said.contains(phrase), "{phrase:?} is not in:\n{said}");
    }
    assert!(said.starts_with("exit 3\n"));
    let empty = Folder::with(&[]);
    let none = empty.run(&["validate"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("allot init"));
}

#[test]
fn control_characters_of_files_are_escaped() {
    let red = "\\e[31mred\\e]0;title\\a";
    let id = "00000000-0000-4000-8000-00000000000a";
    let configuration = format!(
        "version: 1\ntenant: {{ name: \"{red}\" }}\npurchased: {{ app-passes: [{{ units: 9, until: 2027-01-01 }}] }}\nenvironments:\n  a: {{ id: \"{id}\", name: \"{red}\", owner: \"{red}\", allocations: {{ app-passes: {{ units: 2, ticket: \"{red}\", reason: \"{red}\" }} }} }}\n"
    );
    let seed = format!(
        "tenant: \"{red}\"\npurchased: {{ \"{red}\": 5 }}\nenvironments:\n  - {{ id: \"{id}\", name: \"{red} too\", allocations: {{ app-passes: 1, \"{red}\": 5 }} }}\n"
    );
    let folder = Folder::with(&[
        ("allotment.yaml", &configuration),
        ("tenant.seed.yaml", &seed),
        ("broken.yaml", &format!("\"{red}\": 1\n")),
        ("plan.json", "{\"\\u001b[31m\": \u{1b}[31m"),
    ]);
    for arguments in [
        ["validate"].as_slice(),
        &["plan"],
        &["plan", "--diff"],
        &["plan", "--format", "markdown"],
        &["plan", "--format", "json"],
        &["plan", "--seed", "broken.yaml"],
        &["plan", "--target", "\u{1b}[31m"],
        &["plan", "-C", "\u{1b}[31m"],
        &["drift"],
        &["status"],
        &["forecast"],
        &["apply", "plan.json"],
        &["explain", "a/app-passes"],
        &["explain", "\u{1b}[31m"],
        &["apply", "--auto-approve"],
        &["status"],
    ] {
        let output = folder.run(arguments);
        let shown = [output.stdout.as_slice(), &output.stderr].concat();
        assert!(!shown.contains(&0x1b) && !shown.contains(&0x07), "{arguments:?}: {}", shown.escape_ascii());
    }
}

#[test]
fn a_root_file_that_is_called_otherwise_or_lies_elsewhere_is_named() {
    let root = "version: 1\ntenant: { name: x }\n";
    for (path, phrases) in [
        ("config/allotment.yaml", ["there is one in config/", "go there, or name the folder with -C"]),
        ("Allotment.yaml", ["there is Allotment.yaml, which must be called allotment.yaml", "rename it"]),
        ("ALLOTMENT.YML", ["there is ALLOTMENT.YML, which must be called allotment.yaml", "rename it"]),
        ("allotment.yml", ["there is an allotment.yml, which must be called allotment.yaml", "rename it"]),
        (
            "allotment.yaml.txt",
            ["there is allotment.yaml.txt, which must be called allotment.yaml", "rename it, or name it with -C"],
        ),
        ("allotment.yml.yaml", ["there is allotment.yml.yaml, which must be called allotment.yaml", "rename it"]),
        ("allotment.json", ["there is allotment.json, which must be called allotment.yaml", "rename it"]),
        ("allotment (1).yaml", ["there is allotment (1).yaml, which must be called allotment.yaml", "rename it"]),
        ("allotment.schema.json", ["there is no allotment.yaml", "`allot init` writes a first one"]),
        (".hidden/allotment.yaml", ["there is no allotment.yaml", "`allot init` writes a first one"]),
    ] {
        let folder = Folder::with(&[]);
        folder.write(path, root);
        let said = said(&folder.run(&["validate", "-q"]));
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.starts_with("exit 1\n") && phrases.iter().all(|phrase| words.contains(phrase)), "{path}: {said}");
    }
}
