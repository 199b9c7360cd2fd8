//! Programs from Python's index, each installed once in a folder of its own under the target folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Why the program is missing, and how to install it.
type Missing = String;

fn run(command: &mut Command) -> Result<Output, Missing> {
    let output = command.output().map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} failed:\n{said}"))
}

/// An interpreter that has these packages.
fn installed(name: &str, packages: &[&str]) -> Result<PathBuf, Missing> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let (python, done) = (folder.join("bin/python"), folder.join("installed"));
    let wanted = packages.join("\n");
    let is_there = || run(Command::new(&python).arg("--version")).is_ok();
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) && is_there() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(&python).args(install).args(packages))?;
    fs::write(&done, wanted).map_err(|error| format!("{} cannot be written: {error}", done.display()))?;
    Ok(python)
}

/// An interpreter that has these packages. If they cannot be installed, the test fails in CI, and elsewhere is skipped with a message.
pub(crate) fn python_with(name: &str, packages: &[&str]) -> Option<PathBuf> {
    match installed(name, packages) {
        Ok(python) => Some(python),
        Err(missing) if std::env::var_os("CI").is_some_and(|value| value == "true") => panic!("{missing}"),
        Err(missing) => {
            let help = "python3 with its venv module (Debian: python3-venv) and a package index are all it takes";
            let _ = writeln!(std::io::stderr(), "not tested with {name}: {missing}\n{help}");
            None
        }
    }
}
