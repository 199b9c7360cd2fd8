//! Files that the user named on the command line. The name is the user's; what it stands for may be the checkout's.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::folder::{Folder, OpenFile};
use super::text::NotRead;

/// Opens a file that was named, relative to the working folder.
///
/// # Errors
///
/// See [`NotRead`].
pub fn open(working_folder: &Path, path: &Path) -> Result<OpenFile, NotRead> {
    if is_of_the_system(path) {
        return OpenFile::of_the_system(path);
    }
    let Place { base, below, name } = Place::of(working_folder, path)?;
    let folder = Folder::open(&base)?;
    folder.file(&below.join(name))
}

/// Writes a file that was named, in place of one that is there.
///
/// # Errors
///
/// If a part of the name that a checkout could contain is a link, or the file cannot be written, such as for want of its folder.
pub fn replace(working_folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_of_the_system(path) {
        return std::fs::write(path, bytes);
    }
    let Place { base, below, name } = Place::of(working_folder, path)?;
    Folder::open(&base)?.below(&below)?.replace(&name, bytes)
}

/// The same with the folders that are missing above the file.
///
/// # Errors
///
/// As [`replace`].
pub fn replace_with_folders(working_folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_of_the_system(path) {
        return std::fs::write(path, bytes);
    }
    let (folder, name) = for_writing(working_folder, path)?;
    folder.replace(&name, bytes)
}

/// Writes at the end of a file that was named, with the folders that are missing above it.
///
/// # Errors
///
/// As [`replace`].
pub fn append(working_folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_of_the_system(path) {
        return std::fs::write(path, bytes);
    }
    let (folder, name) = for_writing(working_folder, path)?;
    folder.append(&name, bytes)
}

/// Opens a folder that was named, made now if there is none.
///
/// # Errors
///
/// If a part of the name that a checkout could contain is a link, or the folder cannot be made.
pub fn folder(working_folder: &Path, path: &Path) -> io::Result<Folder> {
    Ok(for_writing(working_folder, &path.join("file"))?.0)
}

fn for_writing(working_folder: &Path, path: &Path) -> io::Result<(Folder, PathBuf)> {
    let Place { base, below, name } = Place::of(working_folder, path)?;
    if !base.exists() {
        std::fs::create_dir_all(&base)?;
    }
    Ok((Folder::open(&base)?.subfolder(&below)?, name))
}

/// Devices, pipes of the shell and standard streams: `/dev/stdin`, `/dev/fd/63`, `/proc/self/fd/1`. These are links or no ordinary
/// files, and no checkout can have put them there.
fn is_of_the_system(path: &Path) -> bool {
    ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder))
}

/// A path in three parts.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// A folder that the user alone chose.
    base: PathBuf,
    /// The folders below it, which may be a checkout's.
    below: PathBuf,
    /// The name of the file.
    name: PathBuf,
}

impl Place {
    fn of(working_folder: &Path, path: &Path) -> io::Result<Place> {
        let name = path.file_name().ok_or_else(|| io::Error::other("it is a folder, and a file belongs there"))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let folder = folder.strip_prefix(working_folder).unwrap_or(folder);
        if folder.is_absolute() {
            return Ok(Place { base: folder.to_owned(), below: PathBuf::new(), name: name.into() });
        }
        let (mut base, mut below) = (working_folder.to_owned(), PathBuf::new());
        for part in folder.components() {
            match part {
                Component::Normal(part) => below.push(part),
                Component::ParentDir if below.pop() => {}
                Component::ParentDir => base.push(part),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        Ok(Place { base, below, name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Place;

    #[test]
    fn what_the_checkout_may_have_chosen_is_told_from_what_the_user_did() {
        for (path, base, below, name) in [
            ("plan.json", "/work", "", "plan.json"),
            ("out/a/plan.json", "/work", "out/a", "plan.json"),
            ("./out/plan.json", "/work", "out", "plan.json"),
            ("../out/plan.json", "/work/..", "out", "plan.json"),
            ("/work/out/plan.json", "/work", "out", "plan.json"),
            ("/tmp/out/plan.json", "/tmp/out", "", "plan.json"),
            ("out/../plan.json", "/work", "", "plan.json"),
        ] {
            let place = Place::of(Path::new("/work"), Path::new(path)).unwrap();
            assert_eq!(place, Place { base: base.into(), below: below.into(), name: name.into() }, "{path}");
        }
        assert!(Place::of(Path::new("/work"), Path::new("..")).is_err());
    }
}
