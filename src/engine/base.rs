//! The configuration as it stood at another commit: unpacked beside the working tree into a folder that goes away, and read as any
//! other. Nothing of the repository is touched.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::load::{LoadError, Loaded, load};

/// A configuration of another commit.
pub struct Base {
    /// What was read; its files are gone with this value.
    pub loaded: Loaded,
    /// The commit.
    pub commit: String,
    _folder: TempDir,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// Git cannot be run.
    #[error("git cannot be started")]
    NoGit(#[source] io::Error),
    /// Git says no.
    #[error("git does not know `{reference}`: {said}")]
    Unknown {
        /// What was asked for.
        reference: String,
        /// What it says.
        said: String,
    },
    /// The configuration stands in no repository.
    #[error("the configuration is in no git repository: {0}")]
    NoRepository(String),
    /// It cannot be unpacked.
    #[error("the configuration at {commit} cannot be unpacked: {why}")]
    Unreadable {
        /// Of which commit.
        commit: String,
        /// Why not.
        why: String,
    },
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

impl BaseError {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            BaseError::NoGit(_) => "install git, or leave `--base` out",
            BaseError::Unknown { .. } => {
                "name a branch or a commit that was fetched: a shallow checkout has only one (`fetch-depth: 0`)"
            }
            BaseError::NoRepository(_)
            | BaseError::Unreadable { .. }
            | BaseError::NotThere { .. }
            | BaseError::NotLoaded { .. } => "leave `--base` out",
        }
    }
}

/// Reads the configuration as it stood where this branch left a reference, or at the reference where they have no common past.
///
/// # Errors
///
/// Where git does not know the reference, or there was no configuration then.
pub fn load_base(reference: &str, root_file: &Path) -> Result<Base, BaseError> {
    let folder = root_file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let top = git(folder, &["rev-parse", "--show-toplevel"])?.map_err(BaseError::NoRepository)?;
    let prefix = git(folder, &["rev-parse", "--show-prefix"])?.map_err(BaseError::NoRepository)?;
    let (top, prefix) = (PathBuf::from(text(&top)), text(&prefix));
    let unknown = |said: String| BaseError::Unknown { reference: reference.to_owned(), said };
    let wanted = format!("{reference}^{{commit}}");
    let named = git(&top, &["rev-parse", "--verify", "--end-of-options", &wanted])?.map_err(unknown)?;
    let named = text(&named);
    let commit = match git(&top, &["merge-base", &named, "HEAD"])? {
        Ok(shared) if !shared.is_empty() => text(&shared),
        Ok(_) | Err(_) => named,
    };
    let unreadable = |why: String| BaseError::Unreadable { commit: commit.clone(), why };
    let name = root_file.file_name().unwrap_or_default();
    let root = Path::new(&prefix).join(name);
    let listed = git(&top, &["ls-tree", "--name-only", &commit, "--", &root.to_string_lossy()])?.map_err(unreadable)?;
    if listed.is_empty() {
        return Err(BaseError::NotThere { commit });
    }
    let within = if prefix.is_empty() { "." } else { prefix.as_str() };
    let packed = git(&top, &["archive", "--format=tar", &commit, "--", within])?.map_err(unreadable)?;
    let unpacked = tempfile::tempdir().map_err(|error| unreadable(error.to_string()))?;
    tar::Archive::new(packed.as_slice()).unpack(unpacked.path()).map_err(|error| unreadable(error.to_string()))?;
    match load(&unpacked.path().join(root), unpacked.path()) {
        Ok(loaded) => Ok(Base { loaded, commit, _folder: unpacked }),
        Err(source) => Err(BaseError::NotLoaded { commit, source }),
    }
}

/// Runs git; what it printed, or what it says against it.
fn git(folder: &Path, arguments: &[&str]) -> Result<Result<Vec<u8>, String>, BaseError> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().map_err(BaseError::NoGit)?;
    if output.status.success() {
        return Ok(Ok(output.stdout));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(Err(said
        .lines()
        .next()
        .unwrap_or("it does not say why")
        .trim_start_matches("fatal: ")
        .trim_start_matches("error: ")
        .to_owned()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}
