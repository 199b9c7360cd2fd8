//! Programs from Node's index, each installed once in a folder of its own under the target folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn installed(package: &str, version: &str) -> Result<PathBuf, String> {
    let name = package.replace(['@', '/'], "_");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let (modules, done) = (folder.join("node_modules"), folder.join("installed"));
    if fs::read_to_string(&done).is_ok_and(|installed| installed == version) {
        return Ok(modules);
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut command = Command::new("npm");
    command.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&folder);
    let output = command.arg(format!("{package}@{version}")).current_dir(&folder).output();
    let output = output.map_err(|error| format!("npm cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("{package} cannot be installed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    fs::write(&done, version).map_err(|error| error.to_string())?;
    Ok(modules)
}

/// The folder of modules that has this package. If it cannot be installed, the test fails in CI, and elsewhere is skipped with a
/// message.
pub(crate) fn node_modules_with(package: &str, version: &str) -> Option<PathBuf> {
    match installed(package, version) {
        Ok(modules) => Some(modules),
        Err(missing) if std::env::var_os("CI").is_some_and(|value| value == "true") => panic!("{missing}"),
        Err(missing) => {
            let _ = writeln!(std::io::stderr(), "not tested with {package}: {missing}");
            None
        }
    }
}
