//! `allot watch` in the real binary, while files are saved the way people and programs save them.

mod programs;
mod times;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Folder, PATIENCE};

const APPLY: [&str; 3] = ["watch", "--apply", "--auto-approve"];

fn configuration(passes: u32) -> String {
    let id = "00000000-0000-4000-8000-00000000000a";
    format!(
        "version: 1\ntenant: {{ name: watched }}\npurchased: {{ app-passes: 100 }}\nenvironments:\n  a: {{ id: \"{id}\", allocations: {{ app-passes: {passes} }} }}\n"
    )
}

/// A watch in its own process, and its lines as they are printed.
struct Watched {
    process: Child,
    lines: Receiver<String>,
}

impl Watched {
    fn start(command: &mut Command) -> Watched {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
        let lines = lines_of(process.stdout.take().expect("stdout"));
        Watched { process, lines }
    }

    /// The next line that contains a phrase.
    fn line(&self, phrase: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{phrase:?} was never printed"));
            if line.contains(phrase) {
                return line;
            }
            assert!(line.starts_with("watching ") || line.contains(": no changes"), "{phrase:?} is awaited: {line}");
        }
    }

    fn end(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.process), Signal::INT).expect("Ctrl-C");
        self.process.wait().expect("its end").code()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.process.kill();
    }
}

/// The lines of the output as they are printed.
fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    lines
}

/// The app passes that were held after each write.
fn held(folder: &Folder) -> Vec<u64> {
    folder.trace().iter().filter_map(|totals| totals["app-passes"].as_u64()).collect()
}

#[test]
fn every_save_is_applied_once_and_a_broken_one_changes_nothing() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(1))]);
    let file = folder.path("allotment.yaml");
    let watched = Watched::start(&mut folder.allot(&APPLY));
    watched.line("start: applied 1 of 1, confirmed");

    // In place.
    fs::write(&file, configuration(2)).expect("a save");
    watched.line("saved allotment.yaml: applied 1 of 1, confirmed");
    // A program that replaces the file by a new one.
    let sed = Command::new("sed").args(["-i", "s/app-passes: 2 /app-passes: 3 /"]).arg(&file).status();
    assert!(sed.expect("sed starts").success());
    assert_eq!(fs::read_to_string(&file).expect("a save"), configuration(3), "sed changed what was meant");
    watched.line("applied 1 of 1, confirmed");
    // A broken save says so, and where.
    fs::write(&file, "version: [").expect("a save");
    watched.line("saved allotment.yaml: invalid: 1 error; nothing was changed");
    watched.line("allotment.yaml:1:10: error: this is not valid YAML");
    // As vim does: the old file to a backup, a new one in its place.
    fs::write(folder.path("4913"), "").expect("a probe");
    fs::remove_file(folder.path("4913")).expect("a probe");
    fs::rename(&file, folder.path("allotment.yaml~")).expect("a backup");
    fs::write(&file, configuration(4)).expect("a save");
    fs::remove_file(folder.path("allotment.yaml~")).expect("a backup");
    watched.line("applied 1 of 1, confirmed");

    assert_eq!(watched.end(), Some(130));
    let expected = [1, 2, 3, 4];
    assert_eq!(held(&folder), expected, "each save is applied once, and the watch's own writes cause no run");
}

/// Law 4: a program that pauses in the middle of a number.
#[test]
fn half_a_number_is_not_applied() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(50))]);
    let watched = Watched::start(&mut folder.allot(&APPLY));
    watched.line("start: applied 1 of 1, confirmed");
    let whole = configuration(30);
    let (half, rest) = whole.split_at(whole.find("30").expect("the number") + 1);
    let rest = format!("{rest}# 3 would be an amount as well\n");
    let mut file = fs::File::create(folder.path("allotment.yaml")).expect("the file");
    // The half is made valid, so that only patience can help.
    file.write_all(half.as_bytes()).expect("the first half");
    file.write_all(b" } } }\n#").expect("an end that makes it valid");
    let line = watched.line("waiting for ");
    assert!(line.ends_with("waiting for allotment.yaml, which a program has open for writing"), "{line}");
    drop(file);
    fs::write(folder.path("allotment.yaml"), format!("{half}{rest}")).expect("the whole");
    watched.line("saved allotment.yaml: applied 1 of 1, confirmed");
    assert_eq!(watched.end(), Some(130));
    assert_eq!(held(&folder), [50, 30]);
}

/// Law 5: the parent folder has a configuration too.
#[test]
fn a_missing_root_file_is_awaited_and_no_other_is_taken() {
    let folder = Folder::with(&[
        ("allotment.yaml", &configuration(99).replace("watched", "parent")),
        ("hr/allotment.yaml", &configuration(1)),
    ]);
    let mut command = folder.allot(&APPLY);
    let watched = Watched::start(command.current_dir(folder.path("hr")));
    watched.line("start: applied 1 of 1, confirmed");
    fs::rename(folder.path("hr/allotment.yaml"), folder.path("hr/away")).expect("a checkout");
    watched.line("waiting for the root file, which is missing");
    fs::write(folder.path("hr/allotment.yaml"), configuration(2)).expect("a checkout");
    watched.line("applied 1 of 1, confirmed");
    assert_eq!(watched.end(), Some(130));
    assert!(!folder.path(".allotment").exists(), "the parent's tenant is untouched");
}

/// Law 8.
#[test]
fn nothing_is_applied_without_a_question_or_a_flag() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(1))]);
    let output = folder.allot(&["watch", "--apply"]).stdin(Stdio::null()).output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("this is not a terminal") && said.contains("`--auto-approve`"), "{said}");
    assert!(!folder.path(".allotment").exists(), "nothing was opened");
}

/// Law 7, as git-sync and kubelet replace a checkout: the folder that `-C` names is a link.
#[test]
fn a_link_that_is_swapped_is_seen() {
    let folder = Folder::with(&[
        ("rev-1/allotment.yaml", &configuration(1)),
        ("rev-2/allotment.yaml", &configuration(2)),
        ("rev-3/allotment.yaml", &configuration(3)),
    ]);
    symlink("rev-1", folder.path("current")).expect("a link");
    let watched = Watched::start(&mut folder.allot(&["-C", "current", "watch"]));
    watched.line("start: 1 change, ready");
    for (revision, passes) in [("rev-2", "0 → 2"), ("rev-3", "0 → 3")] {
        symlink(revision, folder.path("next")).expect("a link");
        fs::rename(folder.path("next"), folder.path("current")).expect("a swap");
        watched.line(passes);
    }
    assert_eq!(watched.end(), Some(130));
}

/// Law 4: git is in the middle of something.
#[test]
fn a_rebase_is_let_finish() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(1))]);
    folder.git(&["init", "-q"]);
    let watched = Watched::start(&mut folder.allot(&APPLY));
    watched.line("start: applied 1 of 1, confirmed");
    fs::create_dir(folder.path(".git/rebase-merge")).expect("git's sign");
    fs::write(folder.path("allotment.yaml"), configuration(2)).expect("a commit of the rebase");
    watched.line("waiting for git, which is in the middle of a rebase");
    fs::write(folder.path("allotment.yaml"), configuration(3)).expect("the last commit");
    fs::remove_dir(folder.path(".git/rebase-merge")).expect("git's sign");
    watched.line("applied 1 of 1, confirmed");
    assert_eq!(watched.end(), Some(130));
    assert_eq!(held(&folder), [1, 3]);
}

/// Law 2: saving the same text again tries again what was refused.
#[test]
fn the_same_text_saved_again_is_tried_again() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(101))]);
    let watched = Watched::start(&mut folder.allot(&APPLY));
    watched.line("start: 1 change, refused: 1 error; nothing was changed");
    watched.line("[A201]");
    fs::write(folder.path("allotment.yaml"), configuration(101)).expect("the same");
    watched.line("saved allotment.yaml: 1 change, refused: 1 error; nothing was changed");
    watched.line("[A201]");
    assert_eq!(watched.end(), Some(130));
}

/// A folder that cannot be read, or that is huge, costs nothing if the configuration does not reach it.
#[test]
fn what_the_patterns_do_not_reach_does_not_matter() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(1))]);
    fs::create_dir_all(folder.path("node_modules/a/b")).expect("folders");
    fs::create_dir(folder.path("locked")).expect("a folder");
    let mut rights = fs::metadata(folder.path("locked")).expect("the folder").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o000);
    fs::set_permissions(folder.path("locked"), rights).expect("no rights");
    let watched = Watched::start(&mut folder.allot(&["watch"]));
    watched.line("start: 1 change, ready");
    fs::write(folder.path("node_modules/a/b/x.yaml"), "x: 1\n").expect("a file elsewhere");
    fs::write(folder.path("allotment.yaml"), configuration(2)).expect("a save");
    watched.line("saved allotment.yaml: 1 change, ready");
    assert_eq!(watched.end(), Some(130));
}

/// The problem matcher that `init` writes finds file, line, column and message in each line about a problem.
#[test]
fn the_task_for_visual_studio_code_matches_the_lines() {
    let folder = Folder::with(&[("allotment.yaml", "version: 1\ntenant: { name: x }\npurchased: { app-pases: 1 }\n")]);
    assert_eq!(folder.run(&["init", "--vscode"]).status.code(), Some(0));
    assert_eq!(folder.run(&["init", "--vscode"]).status.code(), Some(1), "it overwrites nothing");
    let task = fs::read_to_string(folder.path(".vscode/tasks.json")).expect("a task");
    let task: serde_json::Value = serde_json::from_str(&task).expect("JSON");
    let matcher = &task["tasks"][0]["problemMatcher"];
    let regex = |value: &serde_json::Value| regex::Regex::new(value.as_str().expect("a text")).expect("an expression");
    let watched = Watched::start(&mut folder.allot(&["watch", "--format", "gnu"]));
    let next = || watched.lines.recv_timeout(PATIENCE).expect("a line");
    assert!(regex(&matcher["background"]["beginsPattern"]).is_match(&next()));
    let line = next();
    let found = regex(&matcher["pattern"]["regexp"]).captures(&line).unwrap_or_else(|| panic!("{line}"));
    let part = |name: &str| {
        found[usize::try_from(matcher["pattern"][name].as_u64().expect("a group")).expect("small")].to_owned()
    };
    assert_eq!(["file", "line", "column", "severity"].map(part), ["allotment.yaml", "3", "14", "error"]);
    assert!(part("message").contains("app-pases") && part("code").starts_with('A'), "{line}");
    let end = regex(&matcher["background"]["endsPattern"]);
    while !end.is_match(&next()) {}
    watched.end();
    let fresh = Folder::with(&[]);
    assert_eq!(fresh.run(&["init", "--vscode"]).status.code(), Some(0));
    assert!(fresh.path("allotment.yaml").exists() && fresh.path(".vscode/tasks.json").exists());
}

/// A link's target that is edited in place, and a root folder that is made again.
#[test]
fn what_a_link_leads_to_and_a_folder_made_again_are_watched() {
    let folder = Folder::with(&[("real/root.yaml", &configuration(1))]);
    fs::create_dir(folder.path("config")).expect("a folder");
    symlink("real/root.yaml", folder.path("allotment.yaml")).expect("a link");
    let watched = Watched::start(&mut folder.allot(&["watch", "--interval", "off"]));
    watched.line("start: 1 change, ready");
    fs::write(folder.path("real/root.yaml"), configuration(2)).expect("a save beyond the link");
    watched.line("0 → 2");
    assert_eq!(watched.end(), Some(130));

    let folder = Folder::with(&[("config/allotment.yaml", &configuration(1))]);
    let mut command = folder.allot(&["watch", "--interval", "off"]);
    let watched = Watched::start(command.current_dir(folder.path("config")));
    watched.line("start: 1 change, ready");
    fs::remove_dir_all(folder.path("config")).expect("the folder is removed");
    watched.line("waiting for the root file, which is missing");
    for passes in [2, 3] {
        folder.write("config/allotment.yaml", configuration(passes));
        watched.line(&format!("0 → {passes}"));
    }
    assert_eq!(watched.end(), Some(130));
}

/// A program that has a file open keeps it open, whatever happens to the file's rights and times.
#[test]
fn a_touched_file_is_still_open() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(22))]);
    let watched = Watched::start(&mut folder.allot(&APPLY));
    watched.line("start: applied 1 of 1, confirmed");
    let mut file = fs::File::options().write(true).open(folder.path("allotment.yaml")).expect("the file");
    file.set_len(0).expect("an empty file");
    file.write_all(configuration(2).as_bytes()).expect("what is not meant");
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("another time");
    watched.line("waiting for allotment.yaml, which a program has open for writing");
    file.set_len(0).expect("an empty file");
    std::io::Seek::rewind(&mut file).expect("the start");
    file.write_all(configuration(23).as_bytes()).expect("what is meant");
    drop(file);
    watched.line("applied 1 of 1, confirmed");
    assert_eq!(watched.end(), Some(130));
    assert_eq!(held(&folder), [22, 23]);
}

/// What programs read.
#[test]
fn lines_of_json_and_of_gnu_programs_are_for_programs() {
    let folder = Folder::with(&[("allotment.yaml", "version: 1\ntenant: { name: x }\npurchased: { app-pases: 1 }\n")]);
    let watched = Watched::start(&mut folder.allot(&["watch", "--format", "gnu"]));
    assert_eq!(watched.lines.recv_timeout(PATIENCE).expect("a line"), "allot: begin");
    let line = watched.lines.recv_timeout(PATIENCE).expect("a line");
    assert!(line.starts_with("allotment.yaml:3:14: error: ") && line.ends_with("]"), "{line}");
    watched.end();
    let watched = Watched::start(&mut folder.allot(&["watch", "--format", "json"]));
    let next = || -> serde_json::Value {
        let line = watched.lines.recv_timeout(PATIENCE).expect("a line");
        serde_json::from_str(&line).expect("one object a line")
    };
    let first = next();
    assert_eq!((&first["event"], &first["formatVersion"]), (&"watching".into(), &"1.0".into()));
    let pass = next();
    assert_eq!(
        (&pass["event"], &pass["cause"], &pass["answer"]["verdict"]),
        (&"pass".into(), &"start".into(), &"invalid".into())
    );
    watched.end();
}
