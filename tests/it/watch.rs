//! `allot watch --apply` while files are saved the way editors save them.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Folder, PATIENCE};

fn configuration(passes: u32) -> String {
    let id = "00000000-0000-4000-8000-00000000000a";
    format!(
        "version: 1\ntenant: {{ name: watched }}\npurchased: {{ app-passes: 100 }}\nenvironments:\n  a: {{ id: \"{id}\", allocations: {{ app-passes: {passes} }} }}\n"
    )
}

fn await_line(lines: &Receiver<String>, phrase: &str) {
    loop {
        let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{phrase:?} was never printed"));
        if line.contains(phrase) {
            return;
        }
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

#[test]
fn every_save_is_applied_once_and_a_broken_one_changes_nothing() {
    let folder = Folder::with(&[("allotment.yaml", &configuration(1))]);
    let file = folder.path("allotment.yaml");
    let mut watching =
        folder.allot(&["watch", "--apply"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // The stream of each line is known, the order between the two streams is not.
    let results = lines_of(watching.stdout.take().expect("stdout"));
    let words = lines_of(watching.stderr.take().expect("stderr"));
    await_line(&results, "Applied 1 change in 1 write");
    await_line(&words, "watching");

    // In place.
    fs::write(&file, configuration(2)).expect("a save");
    await_line(&results, "Applied 1 change in 1 write");
    // A program that replaces the file by a new one.
    let sed = Command::new("sed").args(["-i", "s/app-passes: 2 /app-passes: 3 /"]).arg(&file).status();
    assert!(sed.expect("sed starts").success());
    assert_eq!(fs::read_to_string(&file).expect("a save"), configuration(3), "sed changed what was meant");
    await_line(&results, "Applied 1 change in 1 write");
    // A broken save says so.
    fs::write(&file, "version: [").expect("a save");
    await_line(&words, "nothing was changed");
    // As vim does: the old file to a backup, a new one in its place.
    fs::write(folder.path("4913"), "").expect("a probe");
    fs::remove_file(folder.path("4913")).expect("a probe");
    fs::rename(&file, folder.path("allotment.yaml~")).expect("a backup");
    fs::write(&file, configuration(4)).expect("a save");
    fs::remove_file(folder.path("allotment.yaml~")).expect("a backup");
    await_line(&results, "Applied 1 change in 1 write");

    kill_process(Pid::from_child(&watching), Signal::INT).expect("Ctrl-C");
    assert_eq!(watching.wait().expect("its end").code(), Some(130));
    let held: Vec<u64> = folder.trace().iter().filter_map(|totals| totals["app-passes"].as_u64()).collect();
    assert_eq!(
        held,
        [1, 2, 3, 4],
        "each save is applied once, the broken one never, and the watch's own writes cause no run"
    );
}
