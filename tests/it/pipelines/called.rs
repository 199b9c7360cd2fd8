//! Checks that the real command accepts the arguments of the pipelines.

use std::process::Command;

use crate::support::TODAY;

/// Checks every call with the real command. `--help` at the end makes it parse all arguments and do nothing.
pub(crate) fn assert_taken(calls: &[Vec<String>]) {
    assert!(!calls.is_empty(), "nothing was called");
    for call in calls {
        let output = Command::new(env!("CARGO_BIN_EXE_allot")).args(call).arg("--help").output().expect("it runs");
        assert!(output.status.success(), "allot {call:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The real command for the PATH of a script, on the day of all tests.
pub(crate) fn real_allot() -> String {
    let binary = env!("CARGO_BIN_EXE_allot");
    format!("#!/usr/bin/env bash\nALLOT_CLOCK={TODAY} exec '{binary}' \"$@\"\n")
}

#[test]
fn a_wrong_call_is_seen() {
    for wrong in ["plan --no-such-flag", "plan --report nonsense=FILE", "no-such-command", "drift --out FILE"] {
        let call: Vec<String> = wrong.split(' ').map(str::to_owned).collect();
        let seen = std::panic::catch_unwind(|| assert_taken(&[call]));
        assert!(seen.is_err(), "{wrong}");
    }
}
