//! The configuration as it stood where a branch left another.

use std::path::Path;

use super::load::LoadError;
use super::repository::{GitError, Repository, Unpacked};

/// A configuration of another commit.
pub struct Base {
    /// What was read.
    pub unpacked: Unpacked,
    /// The commit.
    pub commit: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// Git does not do it.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is none at that commit.
    #[error("there was no configuration at {commit}")]
    NotThere {
        /// Which commit.
        commit: String,
    },
    /// There is one, and it cannot be read.
    #[error("the configuration at {commit} cannot be read")]
    NotLoaded {
        /// Of which commit.
        commit: String,
        /// Why not.
        #[source]
        source: LoadError,
    },
}

/// Reads the configuration as it stood where this branch left a reference, or at the reference where they have no common past.
///
/// # Errors
///
/// Where git does not know the reference, or there was no configuration then.
pub fn load_base(reference: &str, root_file: &Path) -> Result<Base, BaseError> {
    let repository = Repository::of(root_file)?;
    let commit = repository.merge_base(&repository.commit(reference)?)?;
    if !repository.has_configuration(&commit)? {
        return Err(BaseError::NotThere { commit });
    }
    match repository.unpack(&commit)? {
        Ok(unpacked) => Ok(Base { unpacked, commit }),
        Err(source) => Err(BaseError::NotLoaded { commit, source }),
    }
}
