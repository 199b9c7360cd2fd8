//! Finds the repository of a folder by its `.git`.
//!
//! Git itself also accepts a folder with `HEAD`, `objects` and `refs` as a repository and obeys its `config`, although a commit can
//! contain all of these. A commit cannot contain `.git`, so only `.git` counts here.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::error::GitError;

/// The most bytes to read of a `.git` file or a `commondir`. Each contains one path, and no path is longer.
const LONGEST_LINK: u64 = 8 * 1024;

/// A repository on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The folder that contains `.git`.
    pub top: PathBuf,
    /// The folder with `HEAD`: `.git`, or the folder that the `.git` file of a linked worktree or a submodule names.
    pub git_dir: PathBuf,
    /// The folder with `objects`. A linked worktree uses that of the main worktree.
    pub common_dir: PathBuf,
}

/// The repository of a folder, by the first `.git` in the folder or above it.
///
/// # Errors
///
/// [`GitError::NoRepository`] if there is no `.git`, or the first one belongs to no repository.
pub fn discover(folder: &Path) -> Result<Found, GitError> {
    let refused = |reason: String| GitError::NoRepository(reason);
    let folder = folder.canonicalize().map_err(|error| refused(format!("{}: {error}", folder.display())))?;
    for top in folder.ancestors() {
        let dot_git = top.join(".git");
        match fs::symlink_metadata(&dot_git) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(refused(format!("{}: {error}", dot_git.display()))),
            Ok(_) => {
                let git_dir = if dot_git.is_dir() { dot_git.clone() } else { named_by(&dot_git, top)? };
                return opened(top, git_dir, &dot_git);
            }
        }
    }
    Err(refused(format!("no .git in {} or any folder above it", folder.display())))
}

fn opened(top: &Path, git_dir: PathBuf, dot_git: &Path) -> Result<Found, GitError> {
    let common = git_dir.join("commondir");
    let common_dir = match first_line(&common) {
        Ok(line) => git_dir.join(line),
        Err(error) if error.kind() == ErrorKind::NotFound => git_dir.clone(),
        Err(error) => return Err(GitError::NoRepository(format!("{}: {error}", common.display()))),
    };
    if !git_dir.join("HEAD").is_file() || !common_dir.join("objects").is_dir() {
        return Err(GitError::NoRepository(format!("{} is not a git repository", dot_git.display())));
    }
    Ok(Found { top: top.to_owned(), git_dir, common_dir })
}

/// The folder that a `.git` file of `git worktree` or `git submodule` names.
fn named_by(dot_git: &Path, top: &Path) -> Result<PathBuf, GitError> {
    let refused = |reason: &str| GitError::NoRepository(format!("{} {reason}", dot_git.display()));
    let line = first_line(dot_git).map_err(|error| refused(&format!("cannot be read: {error}")))?;
    let named = line.strip_prefix("gitdir:").ok_or_else(|| refused("is not a file of git"))?;
    Ok(top.join(named.trim()))
}

fn first_line(file: &Path) -> std::io::Result<String> {
    if !fs::metadata(file)?.is_file() {
        return Err(std::io::Error::other("it is not an ordinary file"));
    }
    let mut text = String::new();
    fs::File::open(file)?.take(LONGEST_LINK).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::discover;

    #[test]
    fn only_a_dot_git_is_a_repository() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let planted = top.join("planted");
        let make = |git_dir: &std::path::Path| {
            fs::create_dir_all(git_dir.join("objects")).unwrap();
            fs::create_dir_all(git_dir.join("refs")).unwrap();
            fs::write(git_dir.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        };
        make(&planted);
        assert!(discover(&planted).is_err(), "a bare repository that a commit can contain");
        make(&top.join(".git"));
        let found = discover(&planted).unwrap();
        assert_eq!((found.top.as_path(), found.git_dir), (top.as_path(), top.join(".git")));

        let linked = top.join("linked");
        let worktree = top.join(".git/worktrees/linked");
        fs::create_dir_all(&linked).unwrap();
        fs::create_dir_all(&worktree).unwrap();
        fs::write(worktree.join("HEAD"), "ref: refs/heads/other\n").unwrap();
        fs::write(worktree.join("commondir"), "../..\n").unwrap();
        fs::write(linked.join(".git"), format!("gitdir: {}\n", worktree.display())).unwrap();
        let found = discover(&linked).unwrap();
        assert_eq!((found.top, found.git_dir), (linked.clone(), worktree.clone()));
        assert_eq!(found.common_dir.canonicalize().unwrap(), top.join(".git"));

        // If the nearest `.git` belongs to no repository, that is an error: a `.git` further up belongs to another checkout.
        for text in ["", "elsewhere", "gitdir: nowhere"] {
            fs::write(linked.join(".git"), text).unwrap();
            assert!(discover(&linked).is_err(), "{text}");
        }
    }
}
