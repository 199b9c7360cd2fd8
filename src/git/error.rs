//! Why git does not do what it was asked to do.

use std::io;

/// Why git does not do what it was asked to do.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Git cannot be started.
    #[error("git cannot be started")]
    NoGit(#[source] io::Error),
    /// There is no usable repository around the configuration.
    #[error("the configuration is in no git repository: {0}")]
    NoRepository(String),
    /// Git does not know a commit.
    #[error("git does not know `{reference}`: {reason}")]
    Unknown {
        /// The name that was given.
        reference: String,
        /// Git's own message.
        reason: String,
    },
    /// Git cannot find the commit at which two branches parted.
    #[error("git cannot follow the history to {commit}: {reason}")]
    NoHistory {
        /// The commit that the history should lead to.
        commit: String,
        /// Git's own message.
        reason: String,
    },
    /// The files of a commit cannot be read.
    #[error("the configuration at {commit} cannot be unpacked: {reason}")]
    Unreadable {
        /// The commit.
        commit: String,
        /// The cause.
        reason: String,
    },
    /// Two commits cannot be merged, for another reason than a conflict.
    #[error("`{reference}` cannot be merged: {reason}")]
    Unmergeable {
        /// The commit that was to be merged.
        reference: String,
        /// Git's own message.
        reason: String,
    },
}

impl GitError {
    /// What to do next, if `option` is the flag that asked for git.
    pub fn help(&self, option: &str) -> String {
        match self {
            GitError::NoGit(_) => format!("install git, or leave `{option}` out"),
            GitError::Unknown { .. } => {
                "name a branch or a commit that was fetched: a shallow checkout has only one (`fetch-depth: 0`)"
                    .to_owned()
            }
            GitError::Unmergeable { .. } => {
                format!("git 2.38 or newer can merge without a working tree; or leave `{option}` out")
            }
            GitError::NoHistory { .. } | GitError::Unreadable { .. } => {
                format!(
                    "fetch what is missing (nothing is fetched here, also in a partial clone), or leave `{option}` out"
                )
            }
            GitError::NoRepository(_) => format!("leave `{option}` out"),
        }
    }
}
