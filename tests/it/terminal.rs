//! On a terminal: the question, the progress bar, Ctrl-C and colours, through a real pseudo terminal.
//!
//! No test sleeps. The tenant holds a chosen write (`holdAtWrite`) until the test removes that fact, and counts the held writes. The
//! terminal is read until it shows the expected text.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use pty_process::blocking::Pty;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Folder, LOOK_AGAIN, PATIENCE, SCRUBBED, TODAY};

/// Environments that each get one app pass.
const CHANGES: u64 = 10;
const CTRL_C: &[u8] = b"\x03";
const END_OF_FILE: &[u8] = b"\x04";

/// A folder with ten changes and a tenant with this `behaviour`.
fn folder(behaviour: &str) -> Folder {
    let id = |number: u64| format!("00000000-0000-4000-8000-{number:012x}");
    let declared: String = (0..CHANGES)
        .map(|number| format!("  e{number}: {{ id: \"{}\", allocations: {{ app-passes: 1 }} }}\n", id(number)))
        .collect();
    let seeded: String =
        (0..CHANGES).map(|number| format!("  - {{ id: \"{}\", name: e{number} }}\n", id(number))).collect();
    let configuration =
        format!("version: 1\ntenant: {{ name: terminal }}\npurchased: {{ app-passes: 50 }}\nenvironments:\n{declared}");
    let tenant = format!(
        "tenant: terminal\npurchased: {{ app-passes: 50 }}\nbehaviour: {{ {behaviour} }}\nenvironments:\n{seeded}"
    );
    Folder::with(&[("allotment.yaml", &configuration), ("tenant.seed.yaml", &tenant)])
}

fn hold(write: u64, moment: &str) -> Folder {
    folder(&format!("holdAtWrite: {{ write: {write}, moment: {moment} }}"))
}

/// How many changes the next plan shows.
fn left(folder: &Folder) -> u64 {
    let planned = folder.run(&["plan", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_slice(&planned.stdout).expect("stdout is JSON");
    u64::try_from(plan["changes"].as_array().expect("changes").len()).expect("a count")
}

/// The command on a terminal of 80 columns.
struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    screen: Receiver<String>,
    /// All that was shown so far.
    shown: String,
}

impl Terminal {
    fn start(folder: &Folder, arguments: &[&str], environment: &[(&str, &str)]) -> Terminal {
        Terminal::with(folder, arguments, environment, |command| command)
    }

    /// Runs a command on a terminal; some of its streams may be redirected.
    fn with(
        folder: &Folder,
        arguments: &[&str],
        environment: &[(&str, &str)],
        streams: impl FnOnce(pty_process::blocking::Command) -> pty_process::blocking::Command,
    ) -> Terminal {
        let (pty, inner) = pty_process::blocking::open().expect("a pseudo terminal");
        pty.resize(pty_process::Size::new(24, 80)).expect("its size");
        let command = pty_process::blocking::Command::new(env!("CARGO_BIN_EXE_allot"));
        let command = SCRUBBED.iter().fold(command, |command, name| command.env_remove(name));
        let command = command
            .args(arguments)
            .current_dir(folder.path("."))
            .env("TERM", "xterm-256color")
            .env("ALLOT_CLOCK", TODAY)
            .envs(environment.iter().copied());
        let child = streams(command).spawn(inner).expect("it starts");
        let pty = Arc::new(pty);
        let (sender, screen) = channel();
        let reader = Arc::clone(&pty);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Reading fails when the other side is closed.
            while let Ok(read @ 1..) = (&*reader).read(&mut bytes) {
                if sender.send(String::from_utf8_lossy(&bytes[..read]).into_owned()).is_err() {
                    return;
                }
            }
        });
        Terminal { pty, child, screen, shown: String::new() }
    }

    /// Reads until this is shown.
    #[track_caller]
    fn await_text(&mut self, phrase: &str) {
        while !self.shown.contains(phrase) {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(more) => self.shown.push_str(&more),
                Err(_) => panic!("{phrase:?} is never shown, but:\n{}", self.shown),
            }
        }
    }

    fn press(&self, keys: &[u8]) {
        (&*self.pty).write_all(keys).expect("the terminal takes keys");
    }

    /// Asks the process to end as a system or a CI host does.
    fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("SIGTERM");
    }

    /// Reads to the end: the exit code, and all that was shown.
    #[track_caller]
    fn end(mut self) -> (i32, String) {
        loop {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(more) => self.shown.push_str(&more),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the process does not end, after:\n{}", self.shown),
            }
        }
        let status = self.child.wait().expect("its end");
        let code = status.code().unwrap_or_else(|| panic!("{status}, after:\n{}", self.shown));
        (code, std::mem::take(&mut self.shown))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A failed test leaves nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const QUESTION: &str = "Only `yes` is accepted: ";

#[track_caller]
fn answer(keys: &[u8]) -> (i32, String, u64) {
    let folder = folder("");
    let mut terminal = Terminal::start(&folder, &["apply"], &[]);
    terminal.await_text(QUESTION);
    terminal.press(keys);
    let (code, shown) = terminal.end();
    (code, shown, left(&folder))
}

#[test]
fn only_yes_is_yes() {
    let (code, shown, left) = answer(b"yes\n");
    assert_eq!((code, left), (0, 0), "{shown}");
    assert!(shown.contains("10 changes in 10 writes"), "{shown}");
    assert!(shown.contains(" (built-in tenant)? Only `yes` is accepted: "), "{shown}");
    for keys in [b"y\n".as_slice(), b"YES\n", b"Yes\n", b"no\n", b"\n", b"yes!\n", b"yes please\n", END_OF_FILE] {
        let (code, shown, left) = answer(keys);
        assert_eq!((code, left), (3, CHANGES), "{keys:?}: {shown}");
        assert!(shown.ends_with("\nNothing was applied.\r\n"), "{keys:?}: {shown:?}");
    }
}

#[test]
fn ctrl_c_at_the_question_changes_nothing() {
    let (code, shown, left) = answer(CTRL_C);
    assert_eq!((code, left), (130, CHANGES), "{shown}");
    assert!(shown.ends_with("\nNothing was applied.\r\n"), "{shown:?}");
}

#[test]
fn a_plan_that_cannot_be_shown_is_not_asked_about() {
    let folder = folder("");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let (exit, shown) = Terminal::with(&folder, &["apply"], &[], |command| command.stdout(writer)).end();
    assert_eq!(exit, 1, "{shown}");
    assert!(shown.contains("the program that reads stdout has ended") && !shown.contains("Only `yes`"), "{shown}");
    assert_eq!(left(&folder), CHANGES);
}

#[test]
fn without_a_terminal_the_message_names_auto_approve() {
    let folder = folder("");
    let piped = folder.allot(&["apply"]).stdin(Stdio::null()).output().expect("it runs");
    let told = String::from_utf8_lossy(&piped.stderr);
    assert_eq!(piped.status.code(), Some(1), "{told}");
    assert!(told.contains("this is not a terminal") && told.contains("`--auto-approve`"), "{told}");
    // Input from a file is no terminal either, even if the output is one.
    let terminal = Terminal::with(&folder, &["apply"], &[], |command| command.stdin(Stdio::null()));
    let (code, shown) = terminal.end();
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("this is not a terminal"), "{shown}");
    // JSON is for programs, which answer no questions.
    let (code, shown) = Terminal::start(&folder, &["apply", "--format", "json"], &[]).end();
    assert_eq!(code, 1, "{shown}");
    assert!(!shown.contains(QUESTION) && shown.contains("--auto-approve"), "{shown}");
    assert_eq!(left(&folder), CHANGES);
}

#[test]
fn a_bar_is_drawn_on_a_terminal_only() {
    let folder = hold(3, "before");
    let mut terminal = Terminal::start(&folder, &["apply", "--auto-approve"], &[]);
    terminal.await_text("/10 writes");
    folder.await_held_writes(8);
    folder.go_on();
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");

    // The built-in tenant answers without a pause, and one listing confirms its writes. The bar moves with those that were sent.
    let folder = hold(9, "before");
    let mut terminal = Terminal::start(&folder, &["apply", "--auto-approve"], &[]);
    folder.await_held_writes(2);
    terminal.await_text("10/10 writes sent, ");
    folder.go_on();
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");

    let quiet = self::folder("");
    let (code, shown) = Terminal::start(&quiet, &["apply", "--auto-approve", "-q"], &[]).end();
    assert_eq!(code, 0);
    assert!(!shown.contains("/10 writes"), "no bar where only results are wanted: {shown}");

    let piped = self::folder("");
    let output = piped.allot(&["apply", "--auto-approve"]).env("CLICOLOR_FORCE", "1").output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(!told.contains("/10 writes") && !told.contains('\r') && !told.contains('█'), "{told:?}");
}

#[test]
fn ctrl_c_finishes_what_is_under_way() {
    for (moment, first, done) in [("before", 4, 4), ("after", 4, 4)] {
        let folder = hold(first, moment);
        let mut terminal = Terminal::start(&folder, &["apply", "--auto-approve", "--parallelism", "1"], &[]);
        folder.await_held_writes(1);
        terminal.press(CTRL_C);
        terminal.await_text("in flight. Ctrl-C again quits at once");
        folder.go_on();
        let (code, shown) = terminal.end();
        assert_eq!((code, left(&folder)), (130, CHANGES - done), "{moment}: {shown}");
        assert!(shown.contains(&format!("{done} of 10 changes applied")), "{shown}");
        let rest = folder.run(&["apply", "--auto-approve"]);
        assert_eq!((rest.status.code(), left(&folder)), (Some(0), 0), "the next run does the rest");
    }
}

#[test]
fn ctrl_c_twice_leaves_at_once() {
    for (moment, done) in [("before", 3), ("after", 4)] {
        let folder = hold(4, moment);
        let mut terminal = Terminal::start(&folder, &["apply", "--auto-approve", "--parallelism", "1"], &[]);
        folder.await_held_writes(1);
        terminal.press(CTRL_C);
        terminal.await_text("in flight. Ctrl-C again quits at once");
        terminal.press(CTRL_C);
        let (code, shown) = terminal.end();
        assert_eq!(code, 130, "{shown}");
        folder.go_on();
        assert_eq!(left(&folder), CHANGES - done, "{moment}: {shown}");
    }
}

#[test]
fn two_signals_without_a_terminal_leave_at_once() {
    let folder = hold(4, "before");
    let mut command: Command = folder.allot(&["apply", "--auto-approve"]);
    let mut applying = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    folder.await_held_writes(7);
    let pid = Pid::from_child(&applying);
    // Pending signals of a kind merge into one, so the test sends the signal until the process has received two.
    let since = Instant::now();
    let status = loop {
        let _ = kill_process(pid, Signal::INT);
        if let Some(status) = applying.try_wait().expect("its state") {
            break status;
        }
        assert!(since.elapsed() < PATIENCE, "the process does not end");
        std::thread::sleep(LOOK_AGAIN);
    };
    assert_eq!(status.code(), Some(130), "{status}");
    assert_eq!(left(&folder), CHANGES - 3);
}

#[test]
fn ctrl_c_ends_a_watch_in_the_middle_of_an_apply() {
    let folder = hold(4, "before");
    let mut terminal = Terminal::start(&folder, &["watch", "--apply", "--auto-approve"], &[]);
    folder.await_held_writes(7);
    terminal.press(CTRL_C);
    terminal.await_text("in flight. Ctrl-C again quits at once");
    folder.go_on();
    let (code, shown) = terminal.end();
    assert_eq!((code, left(&folder)), (130, 0), "{shown}");
}

#[test]
fn sigterm_is_as_ctrl_c() {
    let asked = folder("");
    let mut terminal = Terminal::start(&asked, &["apply"], &[]);
    terminal.await_text(QUESTION);
    terminal.terminate();
    let (code, shown) = terminal.end();
    assert_eq!((code, left(&asked)), (130, CHANGES), "{shown}");
    assert!(shown.ends_with("\nNothing was applied.\r\n"), "{shown:?}");

    for (arguments, done) in
        [(["apply", "--auto-approve", "--parallelism=1"].as_slice(), 4), (&["watch", "--apply", "--auto-approve"], 10)]
    {
        let folder = hold(4, "before");
        let mut terminal = Terminal::start(&folder, arguments, &[]);
        folder.await_held_writes(if done == CHANGES { 7 } else { 1 });
        terminal.terminate();
        terminal.await_text("in flight. Ctrl-C again quits at once");
        folder.go_on();
        let (code, shown) = terminal.end();
        assert_eq!((code, left(&folder)), (130, CHANGES - done), "{arguments:?}: {shown}");
        let receipt = if done == CHANGES { "applied 10 of 10, confirmed" } else { "4 of 10 changes applied" };
        assert!(shown.contains(receipt), "{arguments:?}: {shown}");
    }

    let twice = hold(4, "before");
    let mut terminal = Terminal::start(&twice, &["apply", "--auto-approve", "--parallelism", "1"], &[]);
    twice.await_held_writes(1);
    terminal.press(CTRL_C);
    terminal.await_text("in flight. Ctrl-C again quits at once");
    terminal.terminate();
    let (code, shown) = terminal.end();
    assert_eq!(code, 130, "{shown}");
    twice.go_on();
    assert_eq!(left(&twice), CHANGES - 3, "{shown}");
}

#[test]
fn a_signal_is_heard_while_a_peer_is_silent() {
    let root = "version: 1\ntenant: { name: contoso, provider: power-platform }\n";
    let folder = Folder::with(&[("allotment.yaml", root)]);
    for signal in [Signal::INT, Signal::TERM] {
        for command in [["apply", "--auto-approve"].as_slice(), &["watch"], &["watch", "--apply", "--auto-approve"]] {
            let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            let endpoint = format!("http://{}", silent.local_addr().expect("its address"));
            let arguments = [command, &["--endpoint", &endpoint]].concat();
            let mut process = folder.allot(&arguments);
            let process = process.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
            let _connection = silent.accept().expect("a connection");
            kill_process(Pid::from_child(&process), signal).expect("a signal");
            let ended = process.wait_with_output().expect("its end");
            let said = String::from_utf8_lossy(&ended.stderr);
            assert_eq!(ended.status.code(), Some(130), "{signal:?} {command:?} {}: {said}", ended.status);
        }
    }
}

/// Whether a plan is in colour, on stdout and on stderr.
fn colors_in_a_pipe(arguments: &[&str], environment: &[(&str, &str)]) -> (bool, bool) {
    let folder = folder("");
    let mut command = folder.allot(&[&["plan", "--strict"], arguments].concat());
    command.env_remove("NO_COLOR").envs(environment.iter().copied());
    let output = command.output().expect("it runs");
    let colored = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains('\u{1b}');
    assert!(!output.stdout.is_empty() && !output.stderr.is_empty(), "both streams have output");
    (colored(&output.stdout), colored(&output.stderr))
}

fn color_on_a_terminal(arguments: &[&str], environment: &[(&str, &str)]) -> bool {
    let (_, shown) = Terminal::start(&folder(""), &[&["plan"], arguments].concat(), environment).end();
    assert!(shown.contains("to assign"), "{shown}");
    shown.contains('\u{1b}')
}

#[test]
fn colours_follow_terminal_flag_and_environment() {
    let (no_color, force) = (("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"));
    for (arguments, environment, terminal, pipe) in [
        ([].as_slice(), [].as_slice(), true, false),
        (&["--color", "auto"], &[], true, false),
        (&["--color", "never"], &[], false, false),
        (&["--color", "always"], &[], true, true),
        (&[], &[no_color], false, false),
        (&[], &[force], true, true),
        (&["--color", "never"], &[force], false, false),
        (&["--color", "always"], &[no_color], true, true),
        (&[], &[("NO_COLOR", "")], true, false),
        (&[], &[("TERM", "dumb")], false, false),
    ] {
        let asked = format!("{arguments:?} {environment:?}");
        assert_eq!(color_on_a_terminal(arguments, environment), terminal, "on a terminal: {asked}");
        assert_eq!(colors_in_a_pipe(arguments, environment), (pipe, pipe), "in a pipe: {asked}");
    }
}
