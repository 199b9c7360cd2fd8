//! Programs of Debian packages: those of the machine, or else unpacked once under the target folder, which needs no rights.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A program, and where its libraries are.
pub(crate) struct Program {
    /// The program itself.
    pub(crate) path: PathBuf,
    /// Folders with libraries that the machine lacks, in the form of `LD_LIBRARY_PATH`.
    pub(crate) libraries: Option<OsString>,
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

/// The package, and those of the packages it needs that the machine does not have: apt itself says which.
fn missing(package: &str, options: &[String]) -> Result<Vec<String>, String> {
    let simulation = ["install", "--simulate", "--no-install-recommends", package];
    let told = run(Command::new("apt-get").args(options).args(simulation))?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let name = |line: &str| line.strip_prefix("Inst ")?.split(' ').next().map(str::to_owned);
    Ok(told.lines().filter_map(name).collect())
}

fn unpacked(program: &str, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let fetch = |options: &[String]| -> Result<(), String> {
        let packages = missing(program, options)?;
        run(Command::new("apt-get").args(options).arg("download").args(packages).current_dir(folder))?;
        Ok(())
    };
    // The package lists of the machine if it has any, otherwise lists of our own.
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

/// Every folder below this one that has libraries, in the form of `LD_LIBRARY_PATH`.
fn libraries(folder: &Path) -> Result<OsString, String> {
    let mut folders = vec![folder.to_owned()];
    let mut at = 0;
    while let Some(folder) = folders.get(at).cloned() {
        let entries = fs::read_dir(&folder).map_err(|error| error.to_string())?;
        folders.extend(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()));
        at += 1;
    }
    let is_library = |path: &Path| path.to_string_lossy().contains(".so");
    let has_some = |folder: &PathBuf| {
        fs::read_dir(folder).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(|it| is_library(&it.path()))))
    };
    folders.retain(has_some);
    folders.sort();
    std::env::join_paths(folders).map_err(|error| error.to_string())
}

/// The program as the machine finds it.
fn of_the_machine(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn found(program: &str) -> Result<Program, String> {
    if let Some(path) = of_the_machine(program) {
        let machines = Program { path, libraries: None };
        if run(machines.command().arg("--version")).is_ok() {
            return Ok(machines);
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program);
    // A file in `bin` may be a script that expects its files at the installed path.
    let path = |folder: &Path| {
        let places = [folder.join("usr/lib").join(program).join(program), folder.join("usr/bin").join(program)];
        places.into_iter().find(|path| path.is_file())
    };
    if path(&folder).is_none() {
        unpacked(program, &folder)?;
    }
    let path = path(&folder).ok_or_else(|| format!("the package {program} has no program of that name"))?;
    // A program that brings no libraries has no such folder.
    let lib = folder.join("usr/lib");
    let libraries = if lib.is_dir() { Some(libraries(&lib)?) } else { None };
    let ours = Program { path, libraries };
    run(ours.command().arg("--version")).map(|_| ours)
}

/// A program of the Debian package of the same name. If it is not available, the test fails in CI, and elsewhere is skipped with a
/// message.
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
