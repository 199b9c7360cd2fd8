//! Opens files below a folder through the open handle of the folder. No name can lead out of the folder.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _, OpenOptionsSyncExt as _};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use rayon::prelude::*;

use super::text::{LARGEST, NotRead, Text, text_of};

/// An open folder. A rename of the folder, or a link in its place, does not change which folder this is.
pub struct Folder(Dir);

/// The kind of an entry in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// An ordinary file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a pipe or a socket.
    Other,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// The name.
    pub name: OsString,
    /// The kind of the entry.
    pub kind: FileKind,
}

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// A file inside the folder, or anything else there except a folder.
    File,
    /// A folder inside the folder.
    Folder,
    /// Anything outside the folder. An absolute link always counts as outside.
    Outside,
    /// Nothing.
    Nowhere,
}

/// A file that is open for reading: an ordinary one, or a stream of the operating system.
#[derive(Debug)]
pub struct OpenFile {
    file: File,
    length: u64,
    modified: Option<SystemTime>,
    came_through_link: bool,
    /// Whether the file can be read again from the start. A stream may be a pipe, which cannot.
    is_ordinary: bool,
}

impl Folder {
    /// Opens a folder that the user or the operating system named.
    ///
    /// # Errors
    ///
    /// If it is no folder that this user may read.
    pub fn open(path: &Path) -> io::Result<Folder> {
        Dir::open_ambient_dir(path, ambient_authority()).map(Folder)
    }

    /// Whether the name exists. A broken link counts.
    pub fn contains(&self, name: &Path) -> bool {
        self.0.symlink_metadata(name).is_ok()
    }

    /// Opens an ordinary file. A link is followed if it leads into the folder and not into `.git`.
    pub fn file(&self, name: &Path) -> Result<OpenFile, NotRead> {
        if !self.0.symlink_metadata(name)?.is_symlink() {
            return OpenFile::of(open_without_links(&self.0, name)?, false);
        }
        let real = self.0.canonicalize(name)?;
        if real.components().any(is_of_git) {
            return Err(NotRead::OfGit);
        }
        OpenFile::of(open_without_links(&self.0, &real)?, true)
    }

    /// Reads an ordinary file, as [`Folder::file`] opens it.
    pub fn text(&self, name: &Path) -> Result<Text, NotRead> {
        self.file(name)?.text()
    }

    /// Reads many files, on all cores. The texts are in the order of `names`.
    pub fn texts(&self, names: &[PathBuf]) -> Vec<Result<Text, NotRead>> {
        // Names of one folder are neighbours. To open the folder once for all of them halves the work.
        let groups: Vec<&[PathBuf]> = names.chunk_by(|one, other| one.parent() == other.parent()).collect();
        let read = |group: &&[PathBuf]| -> Vec<Result<Text, NotRead>> {
            let parent = group.first().and_then(|name| name.parent()).unwrap_or(Path::new(""));
            let Ok(parent) = folder_without_links(&self.0, parent) else {
                return group.iter().map(|name| self.text(name)).collect();
            };
            let text = |path: &PathBuf| {
                // This fails for links and unreadable files; `text` follows the link or returns the error.
                match open_here(&parent, Path::new(path.file_name().unwrap_or_default())) {
                    Ok(file) => OpenFile::of(file, false)?.text(),
                    Err(_) => self.text(path),
                }
            };
            group.par_iter().map(text).collect()
        };
        groups.par_iter().flat_map_iter(read).collect()
    }

    /// The names in a folder below this one, in any order.
    ///
    /// # Errors
    ///
    /// If a part of the path is a link, or the folder cannot be read.
    pub fn entries(&self, folder: &Path) -> Result<Vec<FolderEntry>, NotRead> {
        let mut entries = Vec::new();
        for entry in folder_without_links(&self.0, folder)?.entries()? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let kind = match kind {
                kind if kind.is_symlink() => FileKind::Link,
                kind if kind.is_dir() => FileKind::Folder,
                kind if kind.is_file() => FileKind::File,
                _ => FileKind::Other,
            };
            entries.push(FolderEntry { name: entry.file_name(), kind });
        }
        Ok(entries)
    }

    /// What a link leads to.
    pub fn target_of(&self, link: &Path) -> LinkTarget {
        match self.0.metadata(link).map_err(NotRead::from) {
            Ok(about) if about.is_dir() => LinkTarget::Folder,
            Ok(_) => LinkTarget::File,
            Err(NotRead::LeadsOut) => LinkTarget::Outside,
            Err(_) => LinkTarget::Nowhere,
        }
    }

    /// The folder at a path below this one.
    ///
    /// # Errors
    ///
    /// If a part of the path is a link or no folder, or does not exist.
    pub fn below(&self, path: &Path) -> io::Result<Folder> {
        folder_without_links(&self.0, path).map(Folder)
    }

    /// The folder at a path below this one. Missing folders are created.
    ///
    /// # Errors
    ///
    /// If a part of the path is a link or no folder, or cannot be created.
    pub fn subfolder(&self, path: &Path) -> io::Result<Folder> {
        let mut folder = self.0.try_clone()?;
        for part in path.components().filter(|part| *part != Component::CurDir) {
            match folder.create_dir(part) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                Ok(()) | Err(_) => {}
            }
            folder = enter(&folder, part)?;
        }
        Ok(Folder(folder))
    }

    /// Writes a file that does not exist yet.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`] if the name exists, also as a broken link.
    pub fn create(&self, name: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.open_with(name, OpenOptions::new().write(true).create_new(true))?.write_all(bytes)
    }

    /// Writes a file, and replaces an existing one.
    ///
    /// # Errors
    ///
    /// If the name is a link, or the file cannot be written.
    pub fn replace(&self, name: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write(name, bytes, OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// Like [`Folder::replace`], but appends to an existing file.
    pub fn append(&self, name: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write(name, bytes, OpenOptions::new().append(true).create(true))
    }

    /// Removes an ordinary file. Anything else by this name remains.
    pub fn remove(&self, name: &Path) -> io::Result<()> {
        match self.0.symlink_metadata(name) {
            Ok(about) if about.is_file() => self.0.remove_file(name),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn write(&self, name: &Path, bytes: &[u8], options: &mut OpenOptions) -> io::Result<()> {
        if self.0.symlink_metadata(name).is_ok_and(|about| about.is_symlink()) {
            return Err(is_a_link(name));
        }
        self.0.open_with(name, options.follow(FollowSymlinks::No))?.write_all(bytes)
    }
}

impl OpenFile {
    fn of(file: cap_std::fs::File, came_through_link: bool) -> Result<OpenFile, NotRead> {
        let file = file.into_std();
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(NotRead::Folder);
        }
        if !about.is_file() {
            return Err(NotRead::NotOrdinary);
        }
        let modified = about.modified().ok();
        Ok(OpenFile { length: about.len(), modified, file, came_through_link, is_ordinary: true })
    }

    /// Opens a path of the operating system, such as `/dev/stdin`.
    pub(super) fn of_the_system(path: &Path) -> Result<OpenFile, NotRead> {
        let file = File::open(path)?;
        Ok(OpenFile { file, length: 0, modified: None, came_through_link: false, is_ordinary: false })
    }

    /// The size in bytes at the time of opening; 0 for a stream.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The time of the last write before opening; `None` for a stream, or if the system does not record it.
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// Whether the name of the file is a link.
    pub fn came_through_link(&self) -> bool {
        self.came_through_link
    }

    /// The text of the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, has more than [`LARGEST`] bytes, or is no text.
    pub fn text(&self) -> Result<Text, NotRead> {
        self.text_up_to(LARGEST)
    }

    /// Like [`OpenFile::text`], with another limit in bytes.
    pub fn text_up_to(&self, most: u64) -> Result<Text, NotRead> {
        if self.length > most {
            return Err(NotRead::TooLarge { size: self.length, most });
        }
        let mut file = &self.file;
        if self.is_ordinary {
            file.seek(SeekFrom::Start(0))?;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        file.take(most + 1).read_to_end(&mut bytes)?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        // The file may have grown since it was opened.
        if size > most {
            return Err(NotRead::TooLarge { size, most });
        }
        let text = text_of(bytes).map_err(NotRead::NotText)?;
        Ok(Text { text, came_through_link: self.came_through_link })
    }
}

/// Opens a file. No part of the path may be a link.
fn open_without_links(dir: &Dir, path: &Path) -> Result<cap_std::fs::File, NotRead> {
    let parent = folder_without_links(dir, path.parent().unwrap_or(Path::new("")))?;
    Ok(open_here(&parent, Path::new(path.file_name().ok_or(NotRead::Folder)?))?)
}

/// Opens a file that is no link, without waiting for the other end of a pipe.
fn open_here(folder: &Dir, name: &Path) -> io::Result<cap_std::fs::File> {
    folder.open_with(name, OpenOptions::new().read(true).follow(FollowSymlinks::No).nonblock(true))
}

fn folder_without_links(dir: &Dir, path: &Path) -> io::Result<Dir> {
    let mut folder = dir.try_clone()?;
    for part in path.components().filter(|part| *part != Component::CurDir) {
        folder = enter(&folder, part)?;
    }
    Ok(folder)
}

fn enter(folder: &Dir, part: Component<'_>) -> io::Result<Dir> {
    let Component::Normal(name) = part else {
        return Err(io::Error::other(format!("`{}` leads out of its folder", part.as_os_str().display())));
    };
    if folder.symlink_metadata(name)?.is_symlink() {
        return Err(is_a_link(Path::new(name)));
    }
    folder.open_dir_nofollow(name)
}

fn is_a_link(name: &Path) -> io::Error {
    io::Error::other(format!("`{}` is a link, and nothing is written or searched through a link", name.display()))
}

/// Whether this is git's own folder, also on file systems that ignore case or trailing dots and blanks.
fn is_of_git(part: Component<'_>) -> bool {
    part.as_os_str().to_string_lossy().trim_end_matches(['.', ' ']).eq_ignore_ascii_case(".git")
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
