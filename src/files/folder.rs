//! A folder by its handle, and the files below it. No name in it leads out of it.

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

/// A folder by its handle: renaming it or replacing it by a link changes nothing for whoever holds it.
pub struct Folder(Dir);

/// The kind of an entry in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// An ordinary file.
    File,
    /// A folder.
    Folder,
    /// A link, to whatever.
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
    /// Something in the folder that is no folder itself.
    File,
    /// A folder in the folder.
    Folder,
    /// Something outside the folder. Every absolute link counts as one.
    Outside,
    /// Nothing.
    Nowhere,
}

/// An ordinary file that is open for reading.
#[derive(Debug)]
pub struct OpenFile {
    file: File,
    length: u64,
    modified: Option<SystemTime>,
    came_through_link: bool,
    /// Whether it can be read from the start again; a pipe cannot.
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

    /// Whether there is anything by this name, also a link to nothing.
    pub fn contains(&self, name: &Path) -> bool {
        self.0.symlink_metadata(name).is_ok()
    }

    /// Opens an ordinary file. A link is followed as long as it stays in the folder and out of `.git`.
    ///
    /// # Errors
    ///
    /// See [`NotRead`].
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
    ///
    /// # Errors
    ///
    /// See [`NotRead`].
    pub fn text(&self, name: &Path) -> Result<Text, NotRead> {
        self.file(name)?.text()
    }

    /// Reads many files, on all cores; the texts are in the order of the names.
    pub fn texts(&self, names: &[PathBuf]) -> Vec<Result<Text, NotRead>> {
        // Names of one folder come one after the other: opening it once for all of them is half the work.
        let groups: Vec<&[PathBuf]> = names.chunk_by(|one, other| one.parent() == other.parent()).collect();
        let read = |group: &&[PathBuf]| -> Vec<Result<Text, NotRead>> {
            let parent = group.first().and_then(|name| name.parent()).unwrap_or(Path::new(""));
            let Ok(parent) = folder_without_links(&self.0, parent) else {
                return group.iter().map(|name| self.text(name)).collect();
            };
            let text = |path: &PathBuf| {
                // What this does not open is a link, or has an error that the careful way names.
                match open_here(&parent, Path::new(path.file_name().unwrap_or_default())) {
                    Ok(file) => OpenFile::of(file, false)?.text(),
                    Err(_) => self.text(path),
                }
            };
            group.par_iter().map(text).collect()
        };
        groups.par_iter().flat_map_iter(read).collect()
    }

    /// The names in a folder below this one, which no link leads to, in any order.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
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
    /// If a part of the path is a link or no folder, or is not there.
    pub fn below(&self, path: &Path) -> io::Result<Folder> {
        folder_without_links(&self.0, path).map(Folder)
    }

    /// The folder at a path below this one, made now with those above it if there is none.
    ///
    /// # Errors
    ///
    /// If a part of the path is a link or no folder, or cannot be made.
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
    /// [`io::ErrorKind::AlreadyExists`] if there is anything by this name, also a link to nothing.
    pub fn create(&self, name: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.open_with(name, OpenOptions::new().write(true).create_new(true))?.write_all(bytes)
    }

    /// Writes a file, in place of one that is there.
    ///
    /// # Errors
    ///
    /// If the name is a link, or the file cannot be written.
    pub fn replace(&self, name: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write(name, bytes, OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// Writes at the end of a file.
    ///
    /// # Errors
    ///
    /// If the name is a link, or the file cannot be written.
    pub fn append(&self, name: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write(name, bytes, OpenOptions::new().append(true).create(true))
    }

    /// Removes an ordinary file; anything else of this name stays.
    ///
    /// # Errors
    ///
    /// If the file cannot be removed.
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

    /// A file that only the operating system can have put there, such as `/dev/stdin`.
    pub(super) fn of_the_system(path: &Path) -> Result<OpenFile, NotRead> {
        let file = File::open(path)?;
        Ok(OpenFile { file, length: 0, modified: None, came_through_link: false, is_ordinary: false })
    }

    /// Its size in bytes when it was opened.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// When it was last written to before it was opened; `None` on systems that do not keep that.
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// Whether its name was a link.
    pub fn came_through_link(&self) -> bool {
        self.came_through_link
    }

    /// The text of the file, if it has at most [`LARGEST`] bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is larger, or is no text.
    pub fn text(&self) -> Result<Text, NotRead> {
        self.text_up_to(LARGEST)
    }

    /// The text of the file, if it has at most so many bytes.
    ///
    /// # Errors
    ///
    /// As [`OpenFile::text`].
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
        // It may have grown since it was opened.
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

/// Opens a file of a folder that is no link, without waiting for the other end of a pipe.
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

/// The folder of this name, if it is no link.
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

/// Whether this is git's own folder, on file systems that ignore case as well.
fn is_of_git(part: Component<'_>) -> bool {
    part.as_os_str().to_string_lossy().trim_end_matches(['.', ' ']).eq_ignore_ascii_case(".git")
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
