//! The one place that starts git.
//!
//! A repository can make git run programs: hooks, filters, merge and diff drivers, file system monitors, pagers, editors, helpers for
//! credentials and transports. Reading commits needs none of them, so all are off. Git reads the configuration of the repository only in
//! `rev-parse`, which resolves names; for everything else it gets ours (see [`super::mirror`]).

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

use super::error::GitError;

/// Settings that override every configuration file. Drivers and filters can have any name and cannot be listed here; commands that use them
/// run without the configuration of the repository.
const OFF: [&str; 16] = [
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.warnAmbiguousRefs=true",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.askPass=",
    "core.pager=cat",
    "core.editor=false",
    "core.attributesFile=",
    "core.excludesFile=",
    "core.alternateRefsCommand=",
    "credential.helper=",
    "diff.external=",
    "log.showSignature=false",
    "protocol.allow=never",
    "protocol.ext.allow=never",
];

/// Environment variables for git, which override every configuration.
const SWITCHES: [(&str, &str); 14] = [
    // No transport may be used.
    ("GIT_ALLOW_PROTOCOL", ""),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    ("GIT_PAGER", "cat"),
    ("GIT_EDITOR", "false"),
    ("GIT_SSH_COMMAND", "false"),
    // `resolve` searches git's messages for an English text.
    ("LC_ALL", "C"),
];

/// The author of merge commits, which exist only during one command. The date is constant, so the same merge always has the same id.
const AUTHOR: [(&str, &str); 6] = [
    ("GIT_AUTHOR_NAME", "allot"),
    ("GIT_AUTHOR_EMAIL", "allot"),
    ("GIT_AUTHOR_DATE", "2000-01-01T00:00:00Z"),
    ("GIT_COMMITTER_NAME", "allot"),
    ("GIT_COMMITTER_EMAIL", "allot"),
    ("GIT_COMMITTER_DATE", "2000-01-01T00:00:00Z"),
];

/// The homes of every [`Git`] of this process. If a signal ends the process, no destructor removes them.
static HOMES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the temporary folders of git, for a process that ends without unwinding. A folder that cannot be removed is left.
pub fn remove_homes() {
    let homes = std::mem::take(&mut *HOMES.lock().unwrap_or_else(PoisonError::into_inner));
    for home in homes {
        let _ = fs::remove_dir_all(home);
    }
}

/// Git with an empty folder as its home and working directory, so that it finds no configuration.
pub(super) struct Git {
    home: TempDir,
}

impl Git {
    pub(super) fn new() -> io::Result<Git> {
        // The lock is held until the folder is noted, so that a signal cannot come between.
        let mut homes = HOMES.lock().unwrap_or_else(PoisonError::into_inner);
        let home = tempfile::tempdir()?;
        homes.push(home.path().to_owned());
        Ok(Git { home })
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    /// A git command on a git directory, without a working tree unless the caller adds `--work-tree`.
    pub(super) fn command(&self, git_dir: &Path) -> Command {
        let mut command = Command::new("git");
        // If a git hook started this process, the variables of that git refer to another repository.
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_git(name)) {
            command.env_remove(name);
        }
        command.envs(SWITCHES).envs(AUTHOR);
        for variable in ["HOME", "XDG_CONFIG_HOME"] {
            command.env(variable, self.home());
        }
        for variable in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
            command.env(variable, self.home().join("no-configuration"));
        }
        command.current_dir(self.home()).arg("--no-pager");
        for setting in OFF {
            command.args(["-c", setting]);
        }
        command.arg("--git-dir").arg(git_dir);
        command
    }
}

/// Whether a variable configures git. `GIT_EXEC_PATH` is kept, because it is the folder in which git is installed.
fn is_of_git(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("GIT_") && name != "GIT_EXEC_PATH"
}

/// The output of git, or its message if it failed.
pub(super) fn printed(output: Output) -> Result<Vec<u8>, String> {
    if output.status.success() { Ok(output.stdout) } else { Err(message(&output.stderr)) }
}

/// The first line of stderr, without git's prefix.
pub(super) fn message(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().next().unwrap_or("git gives no reason");
    line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

pub(super) fn run(mut command: Command) -> Result<Output, GitError> {
    command.output().map_err(GitError::NoGit)
}

/// A path for git's lists of paths, in quotes if it contains a separator, a quote or a backslash.
pub(super) fn in_path_list(path: &OsStr) -> OsString {
    match path.to_str().filter(|text| text.contains([':', ';', '"', '\\'])) {
        Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into(),
        None => path.to_owned(),
    }
}
