//! What to write instead of a command or an option that other tools have: Terraform, kubectl and octoDNS.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// Commands of other tools, and what does their work here.
const COMMANDS: [(&[&str], &str); 13] = [
    (&["diff", "preview", "compare", "show"], "`allot plan` shows what an apply would change"),
    (&["sync", "up", "deploy", "run"], "`allot apply` changes the tenant as planned"),
    (&["destroy", "delete"], "write 0 for each amount to release, and `allot apply`"),
    (&["fmt", "format", "lint", "check", "test"], "`allot validate` checks the files; no command rewrites them"),
    (&["import", "dump", "export"], "`allot status --by environment` lists the tenant, and makes no YAML of it"),
    (&["refresh", "audit"], "every command reads the tenant again; `allot drift` compares"),
    (&["state", "output", "get", "list", "describe"], "`allot status` shows the tenant; there is no state file"),
    (&["set", "edit", "move", "create", "taint"], "edit the YAML files; `allot plan` shows what would change"),
    (&["new"], "`allot init` writes a first configuration"),
    (&["login", "logout"], "`allot doctor` shows which credential is found"),
    (&["workspace", "config"], "`allot -C FOLDER` works with the configuration in a folder"),
    (&["help"], "`allot --help`, or `allot COMMAND --help`"),
    (&["version"], "`allot --version`"),
];

/// Options of other tools, and what to write here.
const OPTIONS: [(&[&str], &str); 10] = [
    (&["-destroy", "--destroy", "--prune"], "write 0 for each amount to release, and `allot apply`"),
    (&["--dry-run", "--noop", "--check"], "`allot plan` shows the changes and writes nothing"),
    (&["--doit", "--yes", "-y", "--auto-apply"], "`allot apply --auto-approve` applies without a question"),
    (&["--force"], "`--allow CODE:SCOPE` permits what one refusal forbids"),
    (&["-f", "-k", "--file", "--filename", "--config", "--config-file"], FOLDER),
    (
        &["-o", "-out", "--output", "--json", "-json"],
        "`--format json` prints JSON; `allot plan --out FILE` saves a plan",
    ),
    (&["-l", "--selector", "-n", "--namespace", "--environment"], "`--target ENVIRONMENT` plans one environment"),
    (
        &["-var", "--var", "-var-file", "--var-file", "--set"],
        "every value is in the YAML files; there are no variables",
    ),
    (&["-refresh", "--refresh", "-refresh-only"], "every command reads the tenant again; `allot drift` compares"),
    (&["-no-color", "--no-color"], "`--color never`, or the variable NO_COLOR"),
];

/// What names the configuration.
pub const FOLDER: &str = "`-C PATH` names the folder, or the allotment.yaml, to work with";

/// Puts what to write here into a usage error, in the place of what clap suggests, if other tools have the command or the option.
pub fn advise(mut error: Error, arguments: &[OsString], root: &Command) -> Error {
    let word = |error: &Error, kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    let advice = match error.kind() {
        ErrorKind::InvalidSubcommand => word(&error, ContextKind::InvalidSubcommand).and_then(|it| of(&COMMANDS, &it)),
        ErrorKind::UnknownArgument => word(&error, ContextKind::InvalidArg).and_then(|named| {
            let given = Given::of(arguments, root);
            let written = given.written(&named);
            error.insert(ContextKind::InvalidArg, ContextValue::String(written.to_owned()));
            drop_tip_to_pass_as_value(&mut error);
            of_argument(written, &given)
        }),
        _ => None,
    };
    if let Some(advice) = advice {
        for misleading in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::Usage] {
            error.remove(misleading);
        }
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(advice)]));
    }
    error
}

/// Removes clap's tip to pass an unknown option as the plan of `apply` or as another value.
fn drop_tip_to_pass_as_value(error: &mut Error) {
    let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) else { return };
    if tips.iter().any(|tip| tip.to_string().contains("as a value")) {
        error.remove(ContextKind::Suggested);
    }
}

/// The arguments of the process, and the command that they name.
struct Given<'a> {
    words: Vec<&'a str>,
    root: &'a Command,
    command: Option<&'a Command>,
}

impl<'a> Given<'a> {
    fn of(arguments: &'a [OsString], root: &'a Command) -> Given<'a> {
        let words: Vec<&str> = arguments.iter().skip(1).filter_map(|argument| argument.to_str()).collect();
        let command = words.iter().find_map(|word| root.find_subcommand(word));
        Given { words, root, command }
    }

    /// Whether the command, or every command, has a long option.
    fn has(&self, long: &str) -> bool {
        let of_command = self.command.into_iter().flat_map(Command::get_arguments);
        self.root.get_arguments().chain(of_command).any(|argument| argument.get_long() == Some(long))
    }

    /// The argument as it was written. clap names only one letter of `-auto-approve`.
    fn written(&self, named: &'a str) -> &'a str {
        let Some(letter) = named.strip_prefix('-').filter(|letter| letter.chars().count() == 1) else { return named };
        let is_it = |word: &&&str| word.starts_with('-') && !word.starts_with("--") && word.contains(letter);
        self.words.iter().find(is_it).map_or(named, |word| word.split('=').next().unwrap_or(word))
    }
}

/// What to write instead of an argument that the command does not have.
fn of_argument(written: &str, given: &Given<'_>) -> Option<String> {
    let long = written.trim_start_matches('-');
    let is_option = written.starts_with('-');
    if is_option && !written.starts_with("--") && long.len() > 1 && given.has(long) {
        return Some(format!("an option of several letters begins with two dashes: `--{long}`"));
    }
    if is_option {
        return of(&OPTIONS, written);
    }
    if is_path(written) {
        return Some(FOLDER.to_owned());
    }
    match given.has("target") {
        true => Some(format!("`--target {written}` plans one environment")),
        false => Some("`allot explain ENVIRONMENT/ADD-ON` is about one amount".to_owned()),
    }
}

/// Whether a text is probably the path of a file or a folder.
fn is_path(text: &str) -> bool {
    text.contains(['/', '\\']) || text.starts_with('.') || text.ends_with(".yaml") || text.ends_with(".yml")
}

fn of(table: &[(&[&str], &str)], word: &str) -> Option<String> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, advice)| (*advice).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, FOLDER, OPTIONS};

    /// clap does not wrap what it prints.
    #[test]
    fn every_advice_fits_on_a_line() {
        let all = COMMANDS.iter().chain(&OPTIONS).map(|(_, advice)| *advice).chain([FOLDER]);
        for advice in all {
            assert!("  tip: ".len() + advice.len() <= 80, "{advice}");
        }
    }
}
