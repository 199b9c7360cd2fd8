//! The two sources of a configuration: a folder on disk, and a commit.

use std::path::{Component, Path, PathBuf};

use crate::files::folder::{FileKind, Folder, FolderEntry, LinkTarget};
use crate::files::text::{LARGEST, NotRead, Text, text_of};
use crate::git::tree::{self, CommitTree};

/// A folder with the files of a configuration. Every path is relative to it.
pub(super) trait Files {
    /// The names in a folder, in any order.
    fn entries(&self, folder: &Path) -> Result<Vec<FolderEntry>, NotRead>;

    fn target_of(&self, link: &Path) -> LinkTarget;

    fn text(&self, file: &Path) -> Result<Text, NotRead>;

    /// The texts of many files, in the order of `files`.
    fn texts(&self, files: &[PathBuf]) -> Vec<Result<Text, NotRead>> {
        files.iter().map(|file| self.text(file)).collect()
    }
}

impl Files for Folder {
    fn entries(&self, folder: &Path) -> Result<Vec<FolderEntry>, NotRead> {
        Folder::entries(self, folder)
    }

    fn target_of(&self, link: &Path) -> LinkTarget {
        Folder::target_of(self, link)
    }

    fn text(&self, file: &Path) -> Result<Text, NotRead> {
        Folder::text(self, file)
    }

    fn texts(&self, files: &[PathBuf]) -> Vec<Result<Text, NotRead>> {
        Folder::texts(self, files)
    }
}

/// The files of a commit, below a folder of the repository.
pub(super) struct CommitFiles<'a> {
    pub(super) tree: &'a CommitTree,
    /// The folder of the root file.
    pub(super) prefix: &'a Path,
}

impl CommitFiles<'_> {
    /// The entry at a path after links are followed, and whether there was a link. `None` if there is no entry, if a
    /// link leaves the folder, or if the chain of links is too long.
    fn resolved(&self, path: &Path) -> Option<(&tree::TreeEntry, bool)> {
        /// The most entries of a chain: 39 links, and what the last one names.
        const MOST_LINKS: usize = 40;
        let mut path = self.prefix.join(path);
        for followed in 0..MOST_LINKS {
            match self.tree.get(&path)? {
                tree::TreeEntry::Link(target) => path = self.linked(&path, target)?,
                entry => return Some((entry, followed > 0)),
            }
        }
        None
    }

    fn linked(&self, link: &Path, target: &Path) -> Option<PathBuf> {
        let mut path = link.parent()?.to_owned();
        for part in target.components() {
            match part {
                Component::Normal(part) => path.push(part),
                Component::ParentDir => drop(path.pop().then_some(())?),
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        path.starts_with(self.prefix).then_some(path)
    }
}

impl Files for CommitFiles<'_> {
    fn entries(&self, folder: &Path) -> Result<Vec<FolderEntry>, NotRead> {
        let folder = self.prefix.join(folder);
        let folders = self.tree.folders(&folder).into_iter();
        let folders = folders.map(|name| FolderEntry { name: name.into_os_string(), kind: FileKind::Folder });
        let here = self.tree.paths().filter(|path| path.parent() == Some(folder.as_path()));
        let files = here.filter_map(|path| {
            let kind = match self.tree.get(path)? {
                tree::TreeEntry::Link(_) => FileKind::Link,
                tree::TreeEntry::File(_) | tree::TreeEntry::TooLarge(_) => FileKind::File,
            };
            Some(FolderEntry { name: path.file_name()?.to_owned(), kind })
        });
        Ok(folders.chain(files).collect())
    }

    fn target_of(&self, link: &Path) -> LinkTarget {
        // Only the YAML files of a commit are read, so a link to anything else looks like one that leads out.
        self.resolved(link).map_or(LinkTarget::Outside, |_| LinkTarget::File)
    }

    fn text(&self, file: &Path) -> Result<Text, NotRead> {
        match self.resolved(file) {
            Some((tree::TreeEntry::File(bytes), came_through_link)) => {
                let text = text_of(bytes.clone()).map_err(NotRead::NotText)?;
                Ok(Text { text, came_through_link })
            }
            Some((tree::TreeEntry::TooLarge(size), _)) => Err(NotRead::TooLarge { size: *size, most: LARGEST }),
            Some((tree::TreeEntry::Link(_), _)) | None if self.tree.get(&self.prefix.join(file)).is_some() => {
                Err(NotRead::LeadsOut)
            }
            Some((tree::TreeEntry::Link(_), _)) | None => Err(NotRead::Missing),
        }
    }
}
