//! A git directory of our own that borrows only the objects of a repository: no configuration, hooks, attributes, index or working tree.
//! Objects that git writes, such as the tree of a merge, are deleted with it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use super::command::{Git, in_path_list};
use super::discover::Found;

/// The git directory, below the home of [`Git`].
pub(super) struct Mirror {
    git_dir: PathBuf,
    /// The folder with the repository's objects, in the notation of git's lists of paths.
    borrowed: OsString,
}

impl Mirror {
    /// Creates the mirror of a repository. `format` is the hash algorithm of its object names: `sha1` or `sha256`.
    /// Fails if the temporary folder cannot be written to, or the repository's `shallow` file or `objects` folder cannot be read.
    pub(super) fn of(repository: &Found, format: &str, git: &Git) -> io::Result<Mirror> {
        let git_dir = git.home().join("mirror");
        for folder in ["objects", "refs"] {
            fs::create_dir_all(git_dir.join(folder))?;
        }
        fs::write(git_dir.join("HEAD"), "ref: refs/heads/none\n")?;
        let config =
            format!("[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = {format}\n");
        fs::write(git_dir.join("config"), config)?;
        // Git must not look for parents of the commits at which a shallow clone ends.
        match fs::copy(repository.common_dir.join("shallow"), git_dir.join("shallow")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let objects = repository.common_dir.join("objects");
        let objects = objects.canonicalize()?;
        Ok(Mirror { git_dir, borrowed: in_path_list(objects.as_os_str()) })
    }

    pub(super) fn command(&self, git: &Git) -> Command {
        let mut command = git.command(&self.git_dir);
        command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &self.borrowed);
        command
    }
}
