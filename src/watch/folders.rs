//! Watches each folder that the configuration can reach, without recursion. A watch on a file would be lost when an editor renames another
//! file over it, and a recursive watch would include every folder beside the configuration.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use notify::{RecursiveMode, Watcher};

/// The most links that are followed from one path, as on Linux.
const MOST_LINKS: usize = 40;

/// The watched folders.
#[derive(Debug, Default)]
pub(super) struct Folders {
    watched: BTreeSet<PathBuf>,
    /// Paths whose watches may be dead or belong to another folder. The same is true of all folders below them.
    doubtful: BTreeSet<PathBuf>,
    /// Whether all watches may be dead.
    all_doubtful: bool,
}

impl Folders {
    /// Renews the watches of a path when folders are watched next. After a creation, a removal or a rename, a watch may be dead or belong
    /// to another folder. Inode numbers cannot show this, because the system reuses them at once.
    pub(super) fn doubt(&mut self, path: PathBuf) {
        self.doubtful.insert(path);
    }

    /// Renews all watches when folders are watched next.
    pub(super) fn doubt_all(&mut self) {
        self.all_doubtful = true;
    }

    /// The watched folders.
    pub(super) fn watched(&self) -> impl Iterator<Item = &Path> {
        self.watched.iter().map(PathBuf::as_path)
    }

    /// Watches these folders and no others. Returns whether a watch is new: what happened in that folder before caused no event.
    ///
    /// # Errors
    ///
    /// If the system allows no more watches. A folder that cannot be read is not watched; reading it fails as well, which is reported.
    pub(super) fn watch(&mut self, wanted: &BTreeSet<PathBuf>, watcher: &mut dyn Watcher) -> notify::Result<bool> {
        // Old watches end before new ones begin. Otherwise a renamed folder would share the watch of its old name, and lose it when that
        // watch ends.
        let (doubtful, all) = (std::mem::take(&mut self.doubtful), std::mem::take(&mut self.all_doubtful));
        self.watched.retain(|folder| {
            let is_kept = !all && wanted.contains(folder) && !folder.ancestors().any(|above| doubtful.contains(above));
            if !is_kept {
                end_watch(folder, watcher);
            }
            is_kept
        });
        let mut is_new = false;
        for folder in wanted {
            if self.watched.contains(folder) {
                continue;
            }
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => is_new |= self.watched.insert(folder.clone()),
                Err(error) if matches!(error.kind, notify::ErrorKind::MaxFilesWatch) => return Err(error),
                Err(error) => tracing::debug!(folder = %folder.display(), %error, "not watched"),
            }
        }
        Ok(is_new)
    }
}

/// Ends a watch. The watch of a removed folder has already ended, which some systems report as an error.
fn end_watch(folder: &Path, watcher: &mut dyn Watcher) {
    if let Err(error) = watcher.unwatch(folder) {
        tracing::trace!(folder = %folder.display(), %error, "the watch had ended by itself");
    }
}

/// The folders of the links on the way to a file, which see a link that is replaced by another; with the links themselves.
pub(super) fn links_to(file: &Path) -> BTreeSet<PathBuf> {
    let mut links = BTreeSet::new();
    let mut open = vec![file.to_owned()];
    while let Some(path) = open.pop() {
        for part in path.ancestors() {
            if links.len() >= MOST_LINKS {
                return links;
            }
            let Ok(target) = fs::read_link(part) else { continue };
            if links.insert(part.to_owned()) {
                open.push(part.parent().unwrap_or(part).join(target));
            }
        }
    }
    links
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::links_to;

    #[test]
    fn every_link_on_the_way_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        fs::create_dir_all(top.join("rev-1/config")).unwrap();
        fs::write(top.join("rev-1/config/allotment.yaml"), "").unwrap();
        symlink("rev-1", top.join("..data")).unwrap();
        symlink("..data/config", top.join("current")).unwrap();
        let links = links_to(&top.join("current/allotment.yaml"));
        let expected = ["..data", "current"].map(|name| top.join(name));
        assert_eq!(links.into_iter().collect::<Vec<_>>(), expected);
        symlink("loop", top.join("loop")).unwrap();
        assert_eq!(links_to(&top.join("loop/x")).len(), 1);
    }
}
