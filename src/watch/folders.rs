//! Watches each folder below the root, without recursion. A watch on a file would be lost when an editor renames another file
//! over it, and a recursive watch would include `.git` and `.allotment`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use notify::{RecursiveMode, Watcher};

use super::relevant::is_ignored_folder;
use crate::git::discover::discover;

/// The watched folders.
#[derive(Debug, Default)]
pub(super) struct Folders {
    watched: BTreeSet<PathBuf>,
    /// Paths whose watches may be dead or belong to another folder. The same is true of all folders below them.
    doubtful: BTreeSet<PathBuf>,
}

impl Folders {
    /// Renews the watch of a path at the next rescan. After a creation, a removal or a rename, the watch may be dead or belong to
    /// another folder. Inode numbers cannot show this, because the system reuses them at once.
    pub(super) fn doubt(&mut self, path: PathBuf) {
        self.doubtful.insert(path);
    }

    /// Watches every folder that is not watched yet, and drops the watches of folders that are gone. Changes before this call cause
    /// no event, so the caller reads the files after it.
    ///
    /// # Errors
    ///
    /// If an existing folder cannot be watched, such as when the system allows no more watches.
    pub(super) fn rescan(&mut self, root: &Path, watcher: &mut dyn Watcher) -> notify::Result<()> {
        // Old watches end before new ones begin. Otherwise a renamed folder would share the watch of its old name, and lose it when that
        // watch ends.
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

/// Ends a watch. The watch of a removed folder has already ended, which some systems report as an error.
fn end_watch(folder: &Path, watcher: &mut dyn Watcher) {
    if let Err(error) = watcher.unwatch(folder) {
        tracing::trace!(folder = %folder.display(), %error, "the watch had ended by itself");
    }
}

/// The folders in a folder. Links are not followed, because they can lead outside the root or form a cycle.
fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let folders = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()) && !is_ignored_folder(&entry.file_name()));
    folders.map(|entry| entry.path()).collect()
}

/// Whether git has locked the index of the working tree that a folder belongs to.
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
