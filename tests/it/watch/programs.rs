//! A watch while real programs save: each save is applied exactly once, with what the files hold at the end.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Command;

use super::{APPLY, Watched, configuration, held};
use crate::debian::{Program, debian_program};
use crate::support::Folder;

/// A watch that has applied one app pass.
fn watched(folder: &Folder) -> Watched {
    let watched = Watched::start(&mut folder.allot(&APPLY));
    watched.line("start: applied 1 of 1, confirmed");
    watched
}

fn succeeds(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Replaces the number in the file with vim, which writes as `backupcopy` says.
fn vim(program: &Program, folder: &Folder, backup_copy: &str, passes: u32) {
    let mut command = program.command();
    command.args(["-u", "NONE", "-N", "-es"]).current_dir(folder.path(""));
    command.arg("-c").arg(format!("set backup writebackup backupcopy={backup_copy}"));
    command.arg("-c").arg(format!("%s/app-passes: [0-9]* }}/app-passes: {passes} }}/"));
    succeeds(command.args(["-c", "wq", "allotment.yaml"]));
}

#[test]
fn vim_saves_in_three_ways() {
    let Some(program) = debian_program("vim") else { return };
    let folder = Folder::with(&[("allotment.yaml", &configuration(1))]);
    let watched = watched(&folder);
    for (passes, backup_copy) in [(2, "yes"), (3, "no"), (4, "auto")] {
        vim(&program, &folder, backup_copy, passes);
        watched.line("applied 1 of 1, confirmed");
    }
    assert_eq!(watched.end(), Some(130));
    assert_eq!(held(&folder), [1, 2, 3, 4]);
}

#[test]
fn rsync_saves() {
    let Some(program) = debian_program("rsync") else { return };
    let folder = Folder::with(&[("allotment.yaml", &configuration(1)), ("from/allotment.yaml", &configuration(2))]);
    let watched = watched(&folder);
    for (passes, arguments) in [(2, vec!["-t"]), (3, vec!["--inplace"]), (4, vec!["--whole-file"])] {
        folder.write("from/allotment.yaml", configuration(passes));
        let mut command = program.command();
        command.args(arguments).args(["--checksum", "from/allotment.yaml", "allotment.yaml"]);
        succeeds(command.current_dir(folder.path("")));
        watched.line("applied 1 of 1, confirmed");
    }
    assert_eq!(watched.end(), Some(130));
    assert_eq!(held(&folder), [1, 2, 3, 4]);
}

/// A file that comes over a slow line: the copy is written in pieces, and the file is closed at the end.
#[test]
fn a_slow_copy_is_applied_when_it_is_whole() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(1))]);
    let watched = watched(&folder);
    let text = configuration(2);
    let mut file = fs::File::create(folder.path("allotment.yaml")).expect("the file");
    for piece in text.as_bytes().chunks(text.len() / 3) {
        file.write_all(piece).expect("a piece");
        std::thread::sleep(std::time::Duration::from_millis(1_200));
    }
    drop(file);
    watched.line("waiting for allotment.yaml, which a program has open for writing");
    watched.line("applied 1 of 1, confirmed");
    assert_eq!(watched.end(), Some(130));
    assert_eq!(held(&folder), [1, 2]);
}

/// Three hundred environments in as many files, each with these app passes.
fn environments(folder: &Folder, passes: u32) {
    for number in 0..300 {
        let mut text = "version: 1\nenvironments:\n".to_owned();
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let _ = writeln!(text, "  e{number}: {{ id: \"{id}\", allocations: {{ app-passes: {passes} }} }}");
        folder.write(&format!("environments/e{number}.yaml"), text);
    }
}

#[test]
fn a_checkout_and_a_rebase_of_three_hundred_files_are_each_applied_in_one_pass() {
    let root = "version: 1\ntenant: { name: watched }\npurchased: { app-passes: 3000 }\n";
    let folder = Folder::with(&[("allotment.yaml", root), (".gitignore", ".allotment\n")]);
    folder.git(&["init", "-q", "-b", "main"]);
    for (branch, passes) in [("one", 8), ("two", 9), ("three", 10)] {
        folder.git(&["checkout", "-q", "-B", branch]);
        environments(&folder, passes);
        folder.git(&["add", "-A"]);
        folder.git(&["commit", "-q", "-m", branch]);
    }
    folder.git(&["checkout", "-q", "one"]);
    let watched = Watched::start(&mut folder.allot(&APPLY));
    watched.line("start: applied 300 of 300, confirmed");
    folder.git(&["checkout", "-q", "three"]);
    watched.line("applied 300 of 300, confirmed");
    // Every commit of the rebase is checked out for a moment, and the last one stays.
    folder.git(&["checkout", "-q", "one"]);
    watched.line("applied 300 of 300, confirmed");
    folder.git(&["reset", "-q", "--hard", "two"]);
    watched.line("applied 300 of 300, confirmed");
    let rebase = ["rebase", "-q", "--force-rebase", "-x", "sleep 0.5", "HEAD~1"];
    folder.git(&rebase);
    folder.write("environments/e0.yaml", "version: 1\nenvironments: {}\n");
    watched.line("saved environments/e0.yaml");
    assert_eq!(watched.end(), Some(130));
    let levels: Vec<u64> = folder.trace().iter().filter_map(|totals| totals["app-passes"].as_u64()).collect();
    assert_eq!(levels.last(), Some(&2_700));
}

/// A thousand saves in a row are few passes, and the last save counts.
#[test]
fn a_thousand_saves_in_a_row_end_at_the_last() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(1))]);
    let watched = watched(&folder);
    for save in 0..1_000 {
        fs::write(folder.path("allotment.yaml"), configuration(save % 90)).expect("a save");
    }
    fs::write(folder.path("allotment.yaml"), configuration(99)).expect("the last save");
    while held(&folder).last() != Some(&99) {
        watched.line("applied 1 of 1, confirmed");
    }
    assert_eq!(watched.end(), Some(130));
    let writes = held(&folder).len();
    assert!(writes < 12, "{writes} writes for saves that took less than ten seconds");
}
