//! The folders below the root, each watched by itself: a file watched by itself is lost once an editor renames over it,
//! and what lies in git's folder or in ours is never watched.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use notify::{RecursiveMode, Watcher};

use super::relevant::is_passed_over;
use crate::git::discover::discover;

/// The watched folders.
#[derive(Debug, Default)]
pub(super) struct Folders {
    watched: BTreeSet<PathBuf>,
    doubtful: BTreeSet<PathBuf>,
}

impl Folders {
    /// Something at this path came, went or was renamed: should a folder be there, its watch may be that of another
    /// folder, or dead. Inode numbers prove nothing: they are reused at once.
    pub(super) fn doubt(&mut self, path: PathBuf) {
        self.doubtful.insert(path);
    }

    /// Watches every folder that is not watched yet, and forgets those that are gone. What appears in a folder after it
    /// is watched is an event; what appeared before is there for whoever reads the files after this call.
    ///
    /// # Errors
    ///
    /// If the root is there and cannot be watched, or the system allows no more watches. A folder that disappears
    /// meanwhile is none.
    pub(super) fn rescan(&mut self, root: &Path, watcher: &mut dyn Watcher) -> notify::Result<()> {
        // Before anything is watched: a folder under its new name would share the watch of its old one, and lose it.
        let doubtful = std::mem::take(&mut self.doubtful);
        self.watched.retain(|folder| {
            let is_kept = folder.is_dir() && !folder.ancestors().any(|above| doubtful.contains(above));
            if !is_kept {
                end_watch(folder, watcher);
            }
            is_kept
        });
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            if !self.watched.contains(&folder) {
                match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                    Ok(()) => self.watched.insert(folder.clone()),
                    Err(_) if !folder.is_dir() => continue,
                    Err(error) => return Err(error),
                };
            }
            open.extend(subfolders(&folder));
        }
        Ok(())
    }
}

/// Ends a watch. One of a folder that is gone has ended by itself, which some systems call an error.
fn end_watch(folder: &Path, watcher: &mut dyn Watcher) {
    if let Err(error) = watcher.unwatch(folder) {
        tracing::trace!(folder = %folder.display(), %error, "the watch had ended by itself");
    }
}

/// The folders in a folder. Links are not followed: they can lead outside and in circles.
fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let folders = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()) && !is_passed_over(&entry.file_name()));
    folders.map(|entry| entry.path()).collect()
}

/// Whether git is writing the working tree that a folder belongs to.
pub(super) fn git_is_at_work(root: &Path) -> bool {
    discover(root).is_ok_and(|found| found.git_dir.join("index.lock").exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::git_is_at_work;

    #[test]
    fn git_is_at_work_while_its_index_is_locked_also_in_a_linked_worktree() {
        let folder = tempfile::tempdir().unwrap();
        let (repository, linked) = (folder.path().join("capacity"), folder.path().join("linked"));
        let root = repository.join("tenants/contoso");
        for git_dir in [".git", ".git/worktrees/linked"] {
            fs::create_dir_all(repository.join(git_dir).join("objects")).unwrap();
            fs::write(repository.join(git_dir).join("HEAD"), "ref: refs/heads/main\n").unwrap();
        }
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&linked).unwrap();
        fs::write(linked.join(".git"), "gitdir: ../capacity/.git/worktrees/linked\n").unwrap();
        assert!(!git_is_at_work(&root) && !git_is_at_work(&linked));
        fs::write(repository.join(".git/index.lock"), "").unwrap();
        assert!(git_is_at_work(&root) && !git_is_at_work(&linked));
        fs::write(repository.join(".git/worktrees/linked/index.lock"), "").unwrap();
        assert!(git_is_at_work(&linked));
    }
}
