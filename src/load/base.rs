//! The configuration at the commit at which a branch left another.

use std::path::Path;

use super::configuration::{LoadError, load_commit};
use crate::git::error::GitError;
use crate::git::repository::Repository;
use crate::manifest::inputs::Inputs;

/// A configuration of another commit.
pub struct Base {
    /// What was read.
    pub inputs: Inputs,
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
        /// The commit with the unreadable configuration.
        commit: String,
        /// Why not.
        #[source]
        source: LoadError,
    },
}

/// Reads the configuration at the commit at which this branch left a reference, or at the reference if they have no common history.
///
/// # Errors
///
/// If git does not know the reference, or there was no configuration then.
pub fn load_base(reference: &str, root_file: &Path) -> Result<Base, BaseError> {
    let repository = Repository::of(folder_of(root_file))?;
    let commit = repository.merge_base(&repository.commit(reference)?)?;
    match load_at(&repository, &commit, root_file)? {
        Some(Ok(inputs)) => Ok(Base { inputs, commit }),
        Some(Err(source)) => Err(BaseError::NotLoaded { commit, source }),
        None => Err(BaseError::NotThere { commit }),
    }
}

/// The folder of a root file.
pub fn folder_of(root_file: &Path) -> &Path {
    root_file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The configuration at a commit; `None` if the commit has no root file at that path.
///
/// # Errors
///
/// If git does not show the commit's files; inside, if the configuration cannot be read.
pub fn load_at(
    repository: &Repository,
    commit: &str,
    root_file: &Path,
) -> Result<Option<Result<Inputs, LoadError>>, GitError> {
    let root_name = root_file.file_name().unwrap_or_default();
    let tree = repository.tree(commit, root_name)?;
    let prefix = repository.prefix();
    Ok(tree.get(&prefix.join(root_name)).map(|_| load_commit(&tree, prefix, root_name)))
}
