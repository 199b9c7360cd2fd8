//! Errors of git.

use std::io;

/// Why a use of git failed.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Git cannot be started.
    #[error("git cannot be started")]
    NoGit(#[source] io::Error),
    /// The configuration is in no usable repository.
    #[error("the configuration is in no git repository: {0}")]
    NoRepository(String),
    /// Git does not know a commit.
    #[error("git does not know `{reference}`: {reason}")]
    Unknown {
        /// The name that the caller gave.
        reference: String,
        /// Git's own message.
        reason: String,
    },
    /// Git cannot find the merge base of two branches.
    #[error("git cannot follow the history to {commit}: {reason}")]
    NoHistory {
        /// The commit that the history should lead to.
        commit: String,
        /// Git's own message.
        reason: String,
    },
    /// The checkout is shallow, and the part that it has shows no common ancestor of two commits.
    #[error("the checkout is shallow, so git cannot find the last commit that this branch and {commit} share")]
    Shallow {
        /// The other commit.
        commit: String,
    },
    /// The files of a commit cannot be read.
    #[error("the configuration at {commit} cannot be read: {reason}")]
    Unreadable {
        /// The commit.
        commit: String,
        /// The cause.
        reason: String,
    },
    /// Git cannot merge two commits. A conflict is no error.
    #[error("`{reference}` cannot be merged: {reason}")]
    Unmergeable {
        /// The commit that was to be merged.
        reference: String,
        /// Git's own message.
        reason: String,
    },
}

impl GitError {
    /// What to do next. `option` is the command-line flag that needs git.
    pub fn help(&self, option: &str) -> String {
        match self {
            GitError::NoGit(_) => format!("install git, or leave `{option}` out"),
            GitError::Unknown { .. } => {
                "name a branch or a commit that was fetched; a shallow checkout has only one commit, and `fetch-depth: 0` \
                 fetches all"
                    .to_owned()
            }
            GitError::Unmergeable { .. } => {
                format!("install git 2.38 or newer, which merges without a working tree, or leave `{option}` out")
            }
            GitError::NoHistory { .. } | GitError::Unreadable { .. } => {
                format!(
                    "fetch what is missing first, because allot fetches nothing, or leave `{option}` out"
                )
            }
            GitError::Shallow { .. } => "fetch the whole history (`fetch-depth: 0`)".to_owned(),
            GitError::NoRepository(_) => format!("leave `{option}` out"),
        }
    }
}
