//! A machine of a host, as far as a script can see it: an empty environment, a folder for temporary files, and programs that record
//! how they are called.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::Folder;

/// The separator of the arguments of a call.
const SEPARATOR: char = '\u{1f}';

/// A fake `allot`. It records its arguments and what it posts, writes the requested files as the real one does, and exits with the code
/// that a test set. A refused or failed run saves no plan; a killed one may have saved it.
const ALLOT: &str = r#"#!/usr/bin/env bash
IFS=$'\x1f'
printf '%s\n' "$*" >>"$STUB/calls"
echo "$1 as ${POWER_PLATFORM_CLIENT_ID:-nobody} with ${POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID:-none}"
code=0
if [[ -f "$STUB/exit-$1" ]]; then code=$(<"$STUB/exit-$1"); fi
previous=''
for argument in "$@"; do
  case "$previous=$argument" in
    --report=*=-) ;;
    --report=summary=*) if [[ ! -f "$STUB/silent" ]]; then echo "summary of $1, exit $code" >>"${argument#*=}"; fi ;;
    --report=*=*) if [[ ! -f "$STUB/silent" ]]; then echo "${argument%%=*} of $1, exit $code" >"${argument#*=}"; fi ;;
    --out=*) if [[ ! -f "$STUB/silent" && "$code" =~ ^(0|2|137)$ ]]; then echo "a plan" >"$argument"; fi ;;
    *) ;;
  esac
  previous=$argument
done
if [[ "$1" == comment ]]; then cat -- "$2" >>"$STUB/posted"; fi
if [[ "$1" == drift ]]; then echo "hr-prod  App passes  120 -> 150 <!-- @all -->"; fi
exit "$code"
"#;

/// The result of a script.
pub(crate) struct Ran {
    /// How it ended.
    pub(crate) code: i32,
    /// The output of the script.
    pub(crate) log: String,
}

/// The machine.
pub(crate) struct Machine(Folder);

impl Machine {
    /// A machine with the fake `allot`.
    pub(crate) fn new() -> Machine {
        let machine = Machine::bare();
        machine.program("allot", ALLOT);
        machine
    }

    /// A machine without `allot`.
    pub(crate) fn bare() -> Machine {
        Machine(Folder::with(&[("temp/.keep", ""), ("work/.keep", ""), ("bin/.keep", ""), ("stub/.keep", "")]))
    }

    /// Puts a program on the PATH.
    pub(crate) fn program(&self, name: &str, text: &str) {
        self.program_at(&format!("bin/{name}"), text);
    }

    /// Puts a program anywhere.
    pub(crate) fn program_at(&self, place: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.0.write(place, text);
        fs::set_permissions(self.0.path(place), fs::Permissions::from_mode(0o755))
            .expect("the program is made executable");
    }

    /// The script of the fake `allot`, for a test that installs it.
    pub(crate) const fn allot() -> &'static str {
        ALLOT
    }

    /// Tells `allot` how to end a command.
    pub(crate) fn ends(&self, command: &str, code: i32) {
        self.0.write(&format!("stub/exit-{command}"), code.to_string());
    }

    /// Tells `allot` to leave no reports.
    pub(crate) fn is_silent(&self) {
        self.0.write("stub/silent", "");
    }

    /// A path on the machine.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path(name).to_string_lossy().into_owned()
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        self.0.write(name, text);
    }

    /// The text of a file; empty if there is none.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path(name)).unwrap_or_default()
    }

    /// How `allot` was called so far, with its arguments.
    pub(crate) fn calls(&self) -> Vec<Vec<String>> {
        self.calls_in("calls")
    }

    /// The calls of another recording program.
    pub(crate) fn calls_in(&self, file: &str) -> Vec<Vec<String>> {
        let text = self.read(&format!("stub/{file}"));
        text.lines().map(|line| line.split(SEPARATOR).map(str::to_owned).collect()).collect()
    }

    /// Whether this command was run.
    pub(crate) fn has_run(&self, command: &str) -> bool {
        self.calls().iter().any(|call| call.first().is_some_and(|name| name == command))
    }

    /// Runs a script in the checkout, as the hosts do, with these variables and no others.
    pub(crate) fn run(&self, script: &str, variables: &BTreeMap<String, String>) -> Ran {
        self.run_in("work", script, variables)
    }

    /// The same, beginning in another folder.
    pub(crate) fn run_in(&self, folder: &str, script: &str, variables: &BTreeMap<String, String>) -> Ran {
        self.0.write("script.sh", script);
        let mut command = Command::new("/bin/bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(self.0.path("script.sh"));
        command.current_dir(self.0.path(folder)).env_clear();
        let path = variables.get("PATH").cloned().unwrap_or_default();
        command.env("HOME", self.path("home")).env("STUB", self.path("stub")).env("LC_ALL", "C.UTF-8").envs(variables);
        command.env("PATH", format!("{path}{}:/usr/bin:/bin", self.path("bin")));
        let output = command.output().expect("bash is there");
        let log = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Ran { code: output.status.code().expect("the process was not killed"), log }
    }
}

/// Replaces `OPEN name CLOSE` by the value of the name.
pub(crate) fn resolved(text: &str, open: &str, close: &str, known: &dyn Fn(&str) -> Option<String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let (name, after) = after.split_once(close).expect("a closing delimiter");
        let value = known(name.trim()).unwrap_or_else(|| panic!("unknown name {}", name.trim()));
        result.push_str(before);
        result.push_str(&value);
        rest = after;
    }
    result + rest
}

/// The text with a fixed name for the temporary folder.
pub(crate) fn exists(path: &str) -> bool {
    !path.is_empty() && PathBuf::from(path).exists()
}
