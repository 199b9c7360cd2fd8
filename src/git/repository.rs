//! Read-only queries of a git repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub use super::command::remove_homes;
use super::command::{Git, message, printed, run};
use super::discover::{Found, discover};
use super::error::GitError;
use super::mirror::Mirror;
use super::tree::{self, CommitTree};

/// The result of merging two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// The commit of the merge, which exists only during one command.
    Commit(String),
    /// The files with conflicts.
    Conflict(Vec<String>),
}

/// A repository that contains a configuration.
pub struct Repository {
    git: Git,
    found: Found,
    mirror: Mirror,
    prefix: PathBuf,
}

impl Repository {
    /// The repository that a folder belongs to.
    ///
    /// # Errors
    ///
    /// If git cannot be started, or the folder is in no repository.
    pub fn of(folder: &Path) -> Result<Repository, GitError> {
        let found = discover(folder)?;
        let unusable = |error: std::io::Error| GitError::NoRepository(error.to_string());
        let prefix = folder.canonicalize().map_err(unusable)?;
        let prefix = prefix.strip_prefix(&found.top).map(Path::to_path_buf).unwrap_or_default();
        let git = Git::new().map_err(unusable)?;
        let format = resolve(&git, &found, &["--show-object-format"])?.map_err(GitError::NoRepository)?;
        let mirror = Mirror::of(&found, &format, &git).map_err(unusable)?;
        Ok(Repository { git, found, mirror, prefix })
    }

    /// The folder of the configuration, relative to the top of the repository.
    pub fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Resolves a name to a commit: a branch, a tag, a remote branch, or a commit's own id.
    ///
    /// # Errors
    ///
    /// [`GitError::Unknown`] if git knows no commit by this name.
    pub fn commit(&self, reference: &str) -> Result<String, GitError> {
        let wanted = format!("{reference}^{{commit}}");
        let named = resolve(&self.git, &self.found, &["--verify", "--end-of-options", &wanted])?;
        named.map_err(|reason| GitError::Unknown { reference: reference.to_owned(), reason })
    }

    /// The last commit in the history of both `HEAD` and `commit`; `commit` itself if their histories have none in common.
    ///
    /// # Errors
    ///
    /// [`GitError::NoHistory`] if a part of the history cannot be read, [`GitError::Shallow`] if the checkout lacks it.
    pub fn merge_base(&self, commit: &str) -> Result<String, GitError> {
        let head = self.commit("HEAD")?;
        let found = self.ask(&["merge-base", commit, &head])?;
        match found.status.code() {
            Some(0) => Ok(text(&found.stdout)),
            // Exit code 1 means that there is no merge base.
            Some(1) if self.found.common_dir.join("shallow").exists() => {
                Err(GitError::Shallow { commit: commit.to_owned() })
            }
            Some(1) => Ok(commit.to_owned()),
            _ => Err(GitError::NoHistory { commit: commit.to_owned(), reason: message(&found.stderr) }),
        }
    }

    /// Merges two commits without a working tree.
    ///
    /// # Errors
    ///
    /// [`GitError::Unmergeable`] if git cannot merge them. A conflict is no error.
    pub fn merge(&self, ours: &str, theirs: &str) -> Result<Merged, GitError> {
        let unmergeable = |reason| GitError::Unmergeable { reference: theirs.to_owned(), reason };
        // Git merges trees of any size, so a commit with too many files is refused first.
        tree::refuse_large(self.mirror.command(&self.git), theirs)?.map_err(unmergeable)?;
        let merged = self.ask(&["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs])?;
        let listed = String::from_utf8_lossy(&merged.stdout).into_owned();
        let mut parts = listed.split('\0').filter(|part| !part.is_empty());
        match (merged.status.code(), parts.next()) {
            (Some(0), Some(tree)) => {
                let commit = self.ask(&["commit-tree", tree, "-p", ours, "-p", theirs, "-m", "merged"])?;
                printed(commit).map(|bytes| Merged::Commit(text(&bytes))).map_err(unmergeable)
            }
            (Some(1), Some(_)) => Ok(Merged::Conflict(parts.map(str::to_owned).collect())),
            _ => Err(unmergeable(message(&merged.stderr))),
        }
    }

    /// The root file of a commit, and the YAML files in its folder and below it.
    ///
    /// # Errors
    ///
    /// [`GitError::Unreadable`] if git cannot show one of the files, or if the files are too many or too large together.
    pub fn tree(&self, commit: &str, root_name: &OsStr) -> Result<CommitTree, GitError> {
        let root = self.prefix.join(root_name);
        CommitTree::read(&|| self.mirror.command(&self.git), commit, (&self.prefix, &root))
    }

    fn ask(&self, arguments: &[&str]) -> Result<std::process::Output, GitError> {
        let mut command = self.mirror.command(&self.git);
        command.args(arguments);
        run(command)
    }
}

/// Runs `git rev-parse` on the repository itself, because the mirror has no branches or tags. The command reads the configuration of
/// the repository, but starts no program that it names. The inner error is git's message.
fn resolve(git: &Git, found: &Found, arguments: &[&str]) -> Result<Result<String, String>, GitError> {
    let mut command = git.command(&found.git_dir);
    command.arg("--work-tree").arg(&found.top).arg("rev-parse").args(arguments);
    let output = run(command)?;
    // Git prefers the tag `origin/main` to the branch, so a pushed tag could change what a plan is compared with.
    if String::from_utf8_lossy(&output.stderr).contains("is ambiguous") {
        return Ok(Err(
            "a branch and a tag have this name; write the full name, such as refs/remotes/origin/main".to_owned()
        ));
    }
    Ok(printed(output).map(|bytes| text(&bytes)))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}
