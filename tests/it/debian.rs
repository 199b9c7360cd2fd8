//! Programs of Debian packages: those of the machine, or else unpacked once under the target folder, which needs no rights.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A program, and where its libraries are.
pub(crate) struct Program {
    path: PathBuf,
    libraries: Option<PathBuf>,
}

impl Program {
    /// The program, to be given arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }
}

fn run(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)))
}

/// Packages that a package needs by name, of those that are only made for it.
fn with_libraries(package: &str, options: &[String]) -> Result<Vec<String>, String> {
    let told = run(Command::new("apt-cache").args(options).args(["depends", package]))?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let needed = told.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    let own = format!("lib{package}");
    Ok(std::iter::once(package).chain(needed.filter(|name| name.starts_with(&own))).map(str::to_owned).collect())
}

fn unpacked(program: &str, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let fetch = |options: &[String]| -> Result<(), String> {
        let packages = with_libraries(program, options)?;
        run(Command::new("apt-get").args(options).arg("download").args(packages).current_dir(folder))?;
        Ok(())
    };
    // The machine's own lists where it has some; lists of our own otherwise.
    fetch(&[]).or_else(|first| {
        let state = folder.join("apt");
        fs::create_dir_all(state.join("lists/partial")).map_err(|error| error.to_string())?;
        fs::create_dir_all(state.join("cache/archives/partial")).map_err(|error| error.to_string())?;
        let at = |name: &str, path: &str| [String::from("-o"), format!("{name}={}", state.join(path).display())];
        let options: Vec<String> =
            [at("Dir::State::lists", "lists"), at("Dir::Cache", "cache")].into_iter().flatten().collect();
        run(Command::new("apt-get").args(&options).arg("update"))
            .and_then(|_| fetch(&options))
            .map_err(|second| format!("{first}\n{second}"))
    })?;
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(&path).arg(folder))?;
        }
    }
    Ok(())
}

fn found(program: &str) -> Result<Program, String> {
    let machines = Program { path: PathBuf::from(program), libraries: None };
    if run(machines.command().arg("--version")).is_ok() {
        return Ok(machines);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program);
    let path = folder.join("usr/bin").join(program);
    if !path.exists() {
        unpacked(program, &folder)?;
    }
    // A program that brings no libraries has no such folder.
    let libraries = fs::read_dir(folder.join("usr/lib")).into_iter().flatten();
    let libraries = libraries.filter_map(Result::ok).map(|entry| entry.path()).find(|path| path.is_dir());
    let ours = Program { path, libraries };
    run(ours.command().arg("--version")).map(|_| ours)
}

/// A program of the Debian package of the same name. Where it cannot be had, a test under CI fails; elsewhere it says so and shows
/// nothing.
pub(crate) fn debian_program(program: &str) -> Option<Program> {
    match found(program) {
        Ok(program) => Some(program),
        Err(missing) if std::env::var_os("CI").is_some_and(|value| value == "true") => panic!("{missing}"),
        Err(missing) => {
            let _ = writeln!(std::io::stderr(), "not tested with {program}: {missing}");
            None
        }
    }
}
