//! A program that reads stdout and has ended, as `head` does: every command ends as it would with a reader.

use std::process::Stdio;

use crate::support::Folder;

const CONFIGURATION: &str = r#"version: 1
tenant: { name: contoso }
purchased: { app-passes: 9 }
environments:
  a: { id: 3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55, allocations: { app-passes: 1 } }
"#;

fn folder() -> Folder {
    Folder::with(&[("allotment.yaml", CONFIGURATION)])
}

/// How a command ends whose reader has ended before it prints, and what it prints on stderr.
fn unread(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = folder.allot(arguments).stdout(writer).stdin(Stdio::null()).output().expect("the binary runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn an_apply_without_a_reader_ends_as_it_went() {
    for formats in [&[][..], &["--format", "json"], &["--format", "markdown", "--report", "json=out.json"]] {
        let folder = folder();
        let (exit, told) = unread(&folder, &[&["apply", "--auto-approve"], formats].concat());
        assert_eq!((exit, told.contains("error")), (Some(0), false), "{formats:?}: {told}");
        assert_eq!(folder.run(&["plan", "--detailed-exitcode"]).status.code(), Some(0), "everything was applied");
        assert_eq!(folder.path("out.json").exists(), formats.contains(&"json=out.json"));
    }
    let refused = folder();
    refused.write("allotment.yaml", CONFIGURATION.replace("app-passes: 1 ", "app-passes: 10 "));
    assert_eq!(unread(&refused, &["apply", "--auto-approve"]).0, Some(3));
}

#[test]
fn a_command_that_reads_ends_quietly_and_as_with_a_reader() {
    let folder = folder();
    for arguments in [
        &["plan"][..],
        &["plan", "--detailed-exitcode"],
        &["plan", "--format", "json"],
        &["drift"],
        &["status"],
        &["forecast"],
        &["validate"],
        &["doctor"],
        &["explain"],
        &["schema"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let read = folder.run(arguments);
        let (exit, told) = unread(&folder, arguments);
        assert_eq!(exit, read.status.code(), "{arguments:?}: {told}");
        assert_eq!(told, String::from_utf8_lossy(&read.stderr), "{arguments:?}");
    }
}

/// Nothing that comes later can be seen, so the watch ends before it applies anything.
#[test]
fn a_watch_ends_with_its_reader() {
    for apply in [&[][..], &["--apply", "--auto-approve"]] {
        let folder = folder();
        let (exit, told) = unread(&folder, &[&["watch"], apply].concat());
        assert_eq!((exit, told.contains("error")), (Some(0), false), "{told}");
        assert_eq!(folder.run(&["plan", "--detailed-exitcode"]).status.code(), Some(2), "{told}");
    }
}

/// A full disk is no reader that has ended: the result is lost where it should be kept.
#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_kept_is_an_error() {
    let folder = folder();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
    let report = ["apply", "--auto-approve", "--report", "json=out.json"];
    let output = folder.allot(&report).stdout(full).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("No space left on device"), "{told}");
    assert!(folder.path("out.json").exists(), "a report in a file is written nevertheless");
    for arguments in [
        &["--help"][..],
        &["plan", "-h"],
        &["--version"],
        &["explain", "A201"],
        &["schema"],
        &["completions", "bash"],
        &["man"],
        &["status", "--format", "csv"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
        let output = folder.allot(arguments).stdout(full).output().expect("the binary runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
        let expected = "error: the result cannot be printed\n  because: No space left on device (os error 28)\n";
        assert_eq!(stderr, expected, "{arguments:?}");
    }
}
