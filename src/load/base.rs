//! The configuration at the merge base of a branch and a reference.

use std::path::Path;

use super::configuration::{LoadError, load_commit};
use crate::git::error::GitError;
use crate::git::repository::Repository;
use crate::manifest::inputs::Inputs;

/// A configuration of another commit.
pub struct Base {
    /// The files of the configuration.
    pub inputs: Inputs,
    /// The id of the commit.
    pub commit: String,
}

/// Why the base has no configuration to compare with.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The commit has no configuration.
    #[error("there is no configuration in commit {commit}")]
    NotThere {
        /// The commit.
        commit: String,
    },
    /// The configuration of the commit cannot be read.
    #[error("the configuration at {commit} cannot be read")]
    NotLoaded {
        /// The commit.
        commit: String,
        /// The cause.
        #[source]
        source: LoadError,
    },
}

/// Reads the configuration at the merge base of `HEAD` and a reference, or at the reference if they have no common history. `shown` is the
/// folder of the root file in messages, which are compared with those about the branch.
///
/// # Errors
///
/// If git does not know the reference, or the commit has no configuration that can be read.
pub fn load_base(reference: &str, root_file: &Path, shown: &Path) -> Result<Base, BaseError> {
    let repository = Repository::of(folder_of(root_file))?;
    let commit = repository.merge_base(&repository.commit(reference)?)?;
    match load_in(&repository, &commit, root_file, shown)? {
        Some(Ok(inputs)) => Ok(Base { inputs, commit }),
        Some(Err(source)) => Err(BaseError::NotLoaded { commit, source }),
        None => Err(BaseError::NotThere { commit }),
    }
}

/// The folder of a root file; `.` if the path names none.
pub fn folder_of(root_file: &Path) -> &Path {
    root_file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The configuration at a commit; `None` if the commit has no root file at that path.
///
/// # Errors
///
/// The outer result is an error if git cannot read the commit, the inner one if its configuration cannot be read.
pub fn load_at(
    repository: &Repository,
    commit: &str,
    root_file: &Path,
) -> Result<Option<Result<Inputs, LoadError>>, GitError> {
    load_in(repository, commit, root_file, repository.prefix())
}

fn load_in(
    repository: &Repository,
    commit: &str,
    root_file: &Path,
    shown: &Path,
) -> Result<Option<Result<Inputs, LoadError>>, GitError> {
    let root_name = root_file.file_name().unwrap_or_default();
    let tree = repository.tree(commit, root_name)?;
    let prefix = repository.prefix();
    Ok(tree.get(&prefix.join(root_name)).map(|_| load_commit(&tree, prefix, root_name, shown)))
}
