//! `--format json` through the real binary: stdout always holds exactly one JSON value, which names
//! the command and its verdict, and the exit code agrees with the verdict.

use std::fs;
use std::process::{Output, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Folder, LOOK_AGAIN, PATIENCE};

const A: &str = "00000000-0000-4000-8000-00000000000a";

/// A configuration that declares this many app passes for `a`; `more` is appended.
fn configuration(passes: u32, more: &str) -> String {
    format!(
        "version: 1\ntenant: {{ name: json }}\npurchased: {{ app-passes: 100 }}\n{more}environments:\n  a: {{ id: \"{A}\", allocations: {{ app-passes: {passes} }} }}\n"
    )
}

/// A seed in which `a` holds this many app passes; `more` is appended.
fn tenant(passes: u32, more: &str) -> String {
    format!(
        "tenant: json\nsettings: {{ whoCanAllocate: only-specific-admins }}\npurchased: {{ app-passes: 100 }}\n{more}environments:\n  - {{ id: \"{A}\", name: a, allocations: {{ app-passes: {passes} }} }}\n"
    )
}

fn folder(configuration: &str, tenant: &str) -> Folder {
    Folder::with(&[("allotment.yaml", configuration), ("tenant.seed.yaml", tenant)])
}

/// The one JSON value on stdout.
fn value(output: &Output) -> Value {
    let text = std::str::from_utf8(&output.stdout).expect("stdout is UTF-8");
    assert!(text.ends_with("}\n"), "a document ends its line: {text:?}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Runs a command, and checks that the document names it and agrees with the exit code.
#[track_caller]
fn check(folder: &Folder, arguments: &[&str], exit: i32, verdict: &str) -> Value {
    let output = folder.run(&[arguments, &["--format", "json"]].concat());
    let value = value(&output);
    let told = (output.status.code(), value["verdict"].as_str(), value["command"].as_str());
    assert_eq!(told, (Some(exit), Some(verdict), arguments.first().copied()), "{arguments:?} says {value:#}");
    assert_eq!(value["formatVersion"], "1.0");
    let errors = value["findings"].as_array().into_iter().flatten().any(|finding| finding["severity"] == "error");
    let refused = verdict == "refused" || verdict == "invalid";
    // Drift has the verdict `drifted` even with errors.
    assert!(errors == refused || verdict == "drifted", "errors go with a refusal: {value:#}");
    assert_eq!(value["error"].is_object(), verdict == "failed", "a failure says what failed: {value:#}");
    value
}

#[test]
fn success_is_one_value() {
    let folder = folder(&configuration(5, ""), &tenant(0, ""));
    check(&folder, &["validate"], 0, "valid");
    check(&folder, &["plan"], 0, "ready");
    check(&folder, &["plan", "--detailed-exitcode"], 2, "ready");
    check(&folder, &["drift"], 2, "drifted");
    check(&folder, &["forecast"], 0, "enough");
    check(&folder, &["apply", "--auto-approve"], 0, "applied");
    check(&folder, &["apply", "--auto-approve"], 0, "nothing-to-apply");
    check(&folder, &["plan", "--detailed-exitcode"], 0, "no-changes");
    check(&folder, &["drift"], 0, "in-sync");
    check(&folder, &["status"], 0, "in-order");
    check(&folder, &["status", "--by", "environment"], 0, "in-order");
}

#[test]
fn warnings_are_part_of_the_value() {
    let ends = "rules: { failBeforeExpiryDays: 1 }\nreserve: { app-passes: 0 }\n";
    let late = configuration(50, ends).replace(
        "app-passes: 100 }",
        "app-passes: [{ units: 100, until: 2027-06-30 }, { units: 20, from: 2027-07-01 }] }",
    );
    let folder = folder(&late, &tenant(0, ""));
    check(&folder, &["validate"], 0, "valid-with-warnings");
    check(&folder, &["validate", "--strict"], 3, "invalid");
    check(&folder, &["plan"], 0, "ready-with-warnings");
    check(&folder, &["plan", "--strict"], 3, "refused");
    check(&folder, &["apply", "--strict"], 3, "refused");
    check(&folder, &["forecast"], 0, "short");
    check(&folder, &["apply", "--auto-approve"], 0, "applied");
    check(&folder, &["status"], 0, "needs-attention");
}

#[test]
fn a_refusal_is_one_value() {
    let headroom = folder(&configuration(101, ""), &tenant(0, ""));
    for (arguments, verdict) in
        [(["validate"].as_slice(), "invalid"), (&["plan"], "refused"), (&["apply", "--auto-approve"], "refused")]
    {
        check(&headroom, arguments, 3, verdict);
    }
    check(&headroom, &["drift"], 2, "drifted");
    let rule = folder(&configuration(1, "rules: { maxDecrease: { percent: 10 } }\n"), &tenant(100, ""));
    for command in ["plan", "apply"] {
        let refused = check(&rule, &[command], 3, "refused");
        let allowance = refused["findings"][0]["allowance"].as_str().expect("a rule can be allowed").to_owned();
        assert_eq!(allowance, "A301:app-passes");
        assert_eq!(refused["planId"], Value::Null);
    }
    check(&rule, &["plan", "--allow", "A301:app-passes"], 0, "ready-with-warnings");
}

#[test]
fn an_invalid_configuration_is_one_value_of_the_command_that_was_asked() {
    let folder = folder("version: 1\ntenants: { name: x }\n", &tenant(0, ""));
    for command in ["validate", "plan", "apply", "drift", "status", "forecast"] {
        check(&folder, &[command], 3, "invalid");
    }
}

#[test]
fn a_failure_is_one_value() {
    let good = folder(&configuration(5, ""), &tenant(0, ""));
    let broken_seed = folder(&configuration(5, ""), "tenant: [\n");
    let elsewhere = folder(&configuration(5, "").replace("json }", "json, provider: power-platform }"), "");
    let damaged = folder(&configuration(5, ""), &tenant(0, ""));
    fs::create_dir(damaged.path(".allotment")).expect("a folder");
    fs::write(damaged.path(".allotment/tenant.db"), "no database").expect("a file");
    let empty = Folder::with(&[]);
    for command in ["plan", "apply", "drift", "status", "forecast"] {
        check(&good, &[command, "-C", "nowhere"], 1, "failed");
        check(&good, &[command, "--seed", "nowhere.yaml"], 1, "failed");
        check(&empty, &[command], 1, "failed");
        check(&broken_seed, &[command], 1, "failed");
        check(&elsewhere, &[command], 1, "failed");
        check(&damaged, &[command], 1, "failed");
    }
    check(&empty, &["validate"], 1, "failed");
    check(&good, &["validate", "-C", "nowhere"], 1, "failed");
    let unknown = check(&good, &["plan", "--target", "b"], 1, "failed");
    assert!(unknown["error"]["message"].as_str().is_some_and(|message| message.contains("`b`")), "{unknown}");
    check(&good, &["plan", "--out", "no/such/folder/plan.json"], 1, "failed");
    // There is no question, so only the answer is printed.
    let unasked = check(&good, &["apply"], 1, "failed");
    assert!(unasked["error"]["help"].as_str().is_some_and(|help| help.contains("--auto-approve")), "{unasked}");
    assert!(!good.path(".allotment").exists(), "a failure leaves nothing behind");
}

#[test]
fn saving_and_applying_a_plan_print_one_value_each() {
    let folder = folder(&configuration(5, ""), &tenant(0, ""));
    check(&folder, &["apply", "missing.json"], 1, "failed");
    check(&folder, &["plan", "--out", "plan.json"], 0, "ready");
    let saved = fs::read_to_string(folder.path("plan.json")).expect("the plan");
    fs::write(folder.path("changed.json"), saved.replace("\"units\": 5", "\"units\": 6")).expect("a file");
    check(&folder, &["apply", "changed.json"], 1, "failed");
    fs::write(folder.path("half.json"), &saved[..saved.len() / 2]).expect("a file");
    check(&folder, &["apply", "half.json"], 1, "failed");
    check(&folder, &["apply", "plan.json"], 0, "applied");
    let stale = check(&folder, &["apply", "plan.json"], 3, "refused");
    assert_eq!(stale["findings"][0]["code"], "A501");
}

#[test]
fn an_apply_that_stops_half_way_is_one_value() {
    let b = "00000000-0000-4000-8000-00000000000b";
    let two = format!("{}  b: {{ id: \"{b}\", allocations: {{ app-passes: 1 }} }}\n", configuration(5, ""));
    let failing = |environments: &[&str]| {
        let fails = |id: &&str| format!("    - {{ environment: \"{id}\", kind: denied }}\n");
        let all: String = environments.iter().map(fails).collect();
        format!("{}  - {{ id: \"{b}\", name: b }}\n", tenant(0, &format!("behaviour:\n  failWrites:\n{all}")))
    };
    let in_part = check(&folder(&two, &failing(&[b])), &["apply", "--auto-approve"], 4, "applied-in-part");
    assert_eq!((&in_part["applied"], &in_part["total"]), (&1.into(), &2.into()));
    check(&folder(&two, &failing(&[A, b])), &["apply", "--auto-approve"], 1, "not-applied");
}

#[test]
fn an_interrupted_apply_is_one_value() {
    let folder =
        folder(&configuration(5, ""), &tenant(0, "behaviour: { holdAtWrite: { write: 1, moment: before } }\n"));
    let mut command = folder.allot(&["apply", "--auto-approve", "--format", "json"]);
    let mut applying = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    folder.await_held_writes(1);
    let pid = Pid::from_child(&applying);
    let since = Instant::now();
    // The first signal finishes the write in flight, which is held; the second ends the run.
    while applying.try_wait().expect("its state").is_none() {
        assert!(since.elapsed() < PATIENCE, "the process does not end");
        kill_process(pid, Signal::INT).expect("Ctrl-C");
        std::thread::sleep(LOOK_AGAIN);
    }
    let output = applying.wait_with_output().expect("its end");
    let value = value(&output);
    assert_eq!((output.status.code(), value["verdict"].as_str()), (Some(130), Some("interrupted")), "{value:#}");
    assert_eq!(value["changes"][0]["outcome"]["result"], "unconfirmed");
}

#[test]
fn wrong_usage_leaves_stdout_empty() {
    let folder = folder(&configuration(5, ""), &tenant(0, ""));
    for arguments in [
        ["plan", "--nonsense"].as_slice(),
        &["plan", "--at", "2027-13-01"],
        &["plan", "--diff"],
        &["apply", "plan.json", "--strict"],
        &["apply", "--parallelism", "0"],
        &["status", "extra"],
        &["validate", "--at"],
        &["schema", "root"],
    ] {
        let output = folder.run(&[arguments, &["--format", "json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?} writes to stdout");
        assert!(said.starts_with("error: ") && said.contains("--help"), "{arguments:?}: {said}");
    }
    assert_eq!(folder.run(&["plan", "--format", "xml"]).status.code(), Some(1));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = folder(&configuration(5, ""), &tenant(0, ""));
    for command in ["plan", "drift", "status", "forecast", "validate"] {
        let arguments = [command, "--format", "json"];
        assert_eq!(folder.run(&arguments).stdout, folder.run(&arguments).stdout, "{command}");
    }
    let other = self::folder(&configuration(5, ""), &tenant(0, ""));
    let plan = ["plan", "--format", "json"];
    assert_eq!(folder.run(&plan).stdout, other.run(&plan).stdout, "the output does not depend on the folder");
}
