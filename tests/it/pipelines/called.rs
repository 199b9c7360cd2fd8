//! Whether the real command takes what the pipelines give it.

use std::process::Command;

use crate::support::TODAY;

/// What `allot` does not know yet and is built at this moment, as `COMMAND`, `COMMAND --flag` or `--flag format`. To be emptied then.
const BEING_BUILT: [&str; 1] = ["--report html"];

/// A call without what is being built; nothing is left of a command that is.
fn known_part(call: &[String]) -> Option<Vec<&str>> {
    let command = call.first().expect("a command");
    if BEING_BUILT.contains(&command.as_str()) {
        return None;
    }
    let mut left = Vec::new();
    let mut arguments = call.iter().map(String::as_str).peekable();
    while let Some(argument) = arguments.next() {
        let format = arguments.peek().and_then(|next| next.split_once('=')).map_or("", |(format, _)| format);
        let names = [format!("{command} {argument}"), format!("{argument} {format}")];
        if names.iter().any(|name| BEING_BUILT.contains(&name.as_str())) {
            arguments.next();
        } else {
            left.push(argument);
        }
    }
    Some(left)
}

/// Holds every call against the real command: with `--help` at its end it reads all arguments before that, and does nothing.
pub(crate) fn assert_taken(calls: &[Vec<String>]) {
    assert!(!calls.is_empty(), "nothing was called");
    for call in calls {
        let Some(arguments) = known_part(call) else { continue };
        let output =
            Command::new(env!("CARGO_BIN_EXE_allot")).args(&arguments).arg("--help").output().expect("it runs");
        assert!(output.status.success(), "allot {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The real command for the PATH of a script, for which what is being built is not there yet.
pub(crate) fn real_allot() -> String {
    let mut unknown = BEING_BUILT.map(|name| format!("'{name}'")).join("|");
    if unknown.is_empty() {
        unknown.push_str("''");
    }
    let binary = env!("CARGO_BIN_EXE_allot");
    format!(
        r#"#!/usr/bin/env bash
is_unknown() {{ case "$1" in {unknown}) return 0 ;; *) return 1 ;; esac; }}
command=$1
if is_unknown "$command"; then exit 0; fi
arguments=()
while (($#)); do
  if is_unknown "$command $1" || is_unknown "$1 ${{2%%=*}}"; then shift 2; else arguments+=("$1"); shift; fi
done
ALLOT_CLOCK={TODAY} exec '{binary}' "${{arguments[@]}}"
"#
    )
}

#[test]
fn a_wrong_call_is_seen() {
    for wrong in ["plan --no-such-flag", "plan --report nonsense=FILE", "no-such-command", "drift --out FILE"] {
        let call: Vec<String> = wrong.split(' ').map(str::to_owned).collect();
        let seen = std::panic::catch_unwind(|| assert_taken(&[call]));
        assert!(seen.is_err(), "{wrong}");
    }
}
