//! Hostile files, links, folders and programs to commit. None of them may have an effect.

use std::fs;
use std::os::unix::fs::symlink;

use super::machine::Machine;

/// The paths that the pipelines read or write, and their folders.
pub(super) const NAMES: [&str; 20] = [
    "comment.md",
    "receipt.md",
    "summary.md",
    "plan.json",
    "plan.env",
    "junit.xml",
    "gl-code-quality-report.json",
    "report.html",
    "receipt.html",
    "drift.txt",
    "body.md",
    "allotment-plan",
    "allotment-receipt",
    "allotment",
    "allot-root",
    "temporary",
    "files",
    "staging",
    "temp",
    ".allotment-plan",
];

/// Programs that the scripts run.
const PROGRAMS: [&str; 16] = [
    "allot",
    "awk",
    "bash",
    "cargo",
    "cat",
    "cp",
    "cut",
    "git",
    "head",
    "mkdir",
    "mktemp",
    "rm",
    "rustup",
    "sed",
    "sha256sum",
    "tar",
];

/// The kinds of entries that are committed at these paths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Planted {
    File,
    LinkToSecret,
    LinkToNothing,
    FolderOfFiles,
    FolderOfLinks,
    LinkToFolder,
}

pub(super) const ALL: [Planted; 6] = [
    Planted::File,
    Planted::LinkToSecret,
    Planted::LinkToNothing,
    Planted::FolderOfFiles,
    Planted::FolderOfLinks,
    Planted::LinkToFolder,
];

/// How `allot` ends, whether it writes its files, and whether these are an answer.
const ENDS: [(i32, bool, bool); 10] = [
    (2, true, true),
    (137, true, false),
    (1, false, false),
    (0, true, true),
    (3, true, true),
    (1, true, true),
    (101, true, false),
    (0, false, false),
    (2, false, false),
    (137, false, false),
];

/// The first three endings for every kind of entry, and all endings for the simplest kind.
pub(super) fn ends(planted: Planted) -> impl Iterator<Item = (i32, bool, bool)> {
    ENDS.into_iter().take(if planted == Planted::File { ENDS.len() } else { 3 })
}

/// The text of a committed file that imitates a plan, its variables, or an answer.
pub(super) fn text_of(name: &str) -> &'static str {
    match name {
        // The digest is that of the text below.
        "plan.env" => {
            "ALLOTMENT_CHANGES=true\nALLOTMENT_PLAN_SHA256=60f97c7b5bf55c5f186c5d1c79c8e3b6929c83bf2766434df9f1e1b9069db73a\n# planted\n"
        }
        _ => "planted\n",
    }
}

/// Commits it.
pub(super) fn plant(machine: &Machine, planted: Planted) {
    machine.write("stub/secret", "a secret\n");
    machine.write("outside/.keep", "");
    for name in NAMES {
        machine.write(&format!("outside/{name}"), text_of(name));
        let place = format!("work/{name}");
        let path = machine.path(&place);
        match planted {
            Planted::File => machine.write(&place, text_of(name)),
            Planted::LinkToSecret => symlink(machine.path("stub/secret"), path).expect("a link"),
            Planted::LinkToNothing => symlink(machine.path(&format!("outside/new-{name}")), path).expect("a link"),
            Planted::LinkToFolder => symlink(machine.path("outside"), path).expect("a link"),
            Planted::FolderOfFiles => NAMES.iter().for_each(|it| machine.write(&format!("{place}/{it}"), text_of(it))),
            Planted::FolderOfLinks => {
                fs::create_dir(&path).expect("a folder");
                for name in NAMES {
                    symlink(machine.path("stub/secret"), format!("{path}/{name}")).expect("a link");
                }
            }
        }
    }
    for program in PROGRAMS {
        for place in ["", "bin/", ".allot/bin/", ".cargo/bin/"] {
            machine.program_at(&format!("work/{place}{program}"), "#!/bin/sh\necho \"$0\" >>\"$STUB/ran\"\nexit 0\n");
        }
    }
    machine.write("work/.allot/.crates2.json", "{\"planted\": true}\n");
    machine.write("work/.cargo/config.toml", "[build]\nrustc-wrapper = \"./allot\"\n");
    machine.write("work/rust-toolchain.toml", "[toolchain]\npath = \".\"\n");
}

/// Nothing of what was committed had an effect, and nothing was written through a link.
pub(super) fn assert_nothing_came_of_it(machine: &Machine, log: &str, seen: &str) {
    let ran = machine.read("stub/ran");
    assert!(ran.is_empty(), "{seen}: a program of the checkout was run: {ran}");
    let posted = machine.read("stub/posted");
    assert!(!posted.contains("planted") && !posted.contains("secret"), "{seen}: {posted}");
    assert!(!log.contains("planted") && !log.contains("a secret"), "{seen}: {log}");
    assert_eq!(machine.read("stub/secret"), "a secret\n", "{seen}: written through a link");
    let mut outside: Vec<String> = fs::read_dir(machine.path("outside")).expect("a folder").map(named).collect();
    outside.sort();
    let mut expected: Vec<&str> = NAMES.into_iter().chain([".keep"]).collect();
    expected.sort_unstable();
    assert_eq!(outside, expected, "{seen}: written through a link");
    for name in NAMES {
        assert_eq!(machine.read(&format!("outside/{name}")), text_of(name), "{seen}: written through a link");
    }
}

pub(super) fn named(entry: std::io::Result<fs::DirEntry>) -> String {
    entry.expect("an entry").file_name().to_string_lossy().into_owned()
}

/// A checkout with all of that, and an `allot` that ends so.
pub(super) fn prepared(planted: Planted, command: &str, code: i32, leaves: bool) -> (Machine, String) {
    let machine = Machine::new();
    plant(&machine, planted);
    machine.ends(command, code);
    if !leaves {
        machine.is_silent();
    }
    (machine, format!("{planted:?} {command} {code} leaves={leaves}"))
}
