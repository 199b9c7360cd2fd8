//! Files that the user names on the command line. The user chose the path, but a checkout may have put a link there.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::folder::{Folder, OpenFile};
use super::text::NotRead;

/// Opens a file that the user named, relative to the working folder.
pub fn open(working_folder: &Path, path: &Path) -> Result<OpenFile, NotRead> {
    if is_of_the_system(path) {
        return OpenFile::of_the_system(path);
    }
    let TypedPath { base, below, name } = TypedPath::of(working_folder, path)?;
    let folder = Folder::open(&base)?;
    folder.file(&below.join(name))
}

/// Writes a file that the user named, and replaces an existing one.
///
/// # Errors
///
/// If a part of the name that a checkout could contain is a link, or the file cannot be written, for example because its folder is missing.
pub fn replace(working_folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_of_the_system(path) {
        return std::fs::write(path, bytes);
    }
    let TypedPath { base, below, name } = TypedPath::of(working_folder, path)?;
    Folder::open(&base)?.below(&below)?.replace(&name, bytes)
}

/// Like [`replace`], and creates missing folders above the file.
pub fn replace_with_folders(working_folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_of_the_system(path) {
        return std::fs::write(path, bytes);
    }
    let (folder, name) = for_writing(working_folder, path)?;
    folder.replace(&name, bytes)
}

/// Like [`replace_with_folders`], but appends to an existing file.
pub fn append(working_folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_of_the_system(path) {
        return std::fs::write(path, bytes);
    }
    let (folder, name) = for_writing(working_folder, path)?;
    folder.append(&name, bytes)
}

/// Opens a folder that the user named, and creates it if it is missing.
///
/// # Errors
///
/// If a part of the name that a checkout could contain is a link, or the folder cannot be created.
pub fn folder(working_folder: &Path, path: &Path) -> io::Result<Folder> {
    Ok(for_writing(working_folder, &path.join("file"))?.0)
}

fn for_writing(working_folder: &Path, path: &Path) -> io::Result<(Folder, PathBuf)> {
    let TypedPath { base, below, name } = TypedPath::of(working_folder, path)?;
    if !base.exists() {
        std::fs::create_dir_all(&base)?;
    }
    Ok((Folder::open(&base)?.subfolder(&below)?, name))
}

/// Removes an ordinary file that the user named, if it exists.
///
/// # Errors
///
/// If a part of the name that a checkout could contain is a link, or the file cannot be removed.
pub fn remove(working_folder: &Path, path: &Path) -> io::Result<()> {
    if is_of_the_system(path) {
        return Ok(());
    }
    let TypedPath { base, below, name } = TypedPath::of(working_folder, path)?;
    Folder::open(&base)?.below(&below)?.remove(&name)
}

/// Whether a path is a standard stream, a pipe of a shell, the terminal or the null device. No checkout can have created one of these.
fn is_of_the_system(path: &Path) -> bool {
    let streams = ["/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/null", "/dev/tty"];
    let descriptors = ["/dev/fd", "/proc/self/fd"].map(Path::new);
    streams.iter().any(|stream| path == Path::new(stream)) || descriptors.iter().any(|it| path.parent() == Some(it))
}

/// A path in three parts.
#[derive(Debug, PartialEq, Eq)]
struct TypedPath {
    /// A folder that the user alone chose.
    base: PathBuf,
    /// The folders below `base`, which may belong to a checkout.
    below: PathBuf,
    /// The name of the file.
    name: PathBuf,
}

impl TypedPath {
    /// Splits a path at the outermost folder with a `.git`, else at the working folder, else at the folder of the file. A checkout may
    /// contain everything below that point.
    fn of(working_folder: &Path, path: &Path) -> io::Result<TypedPath> {
        let is_checkout = |folder: &Path| folder.join(".git").symlink_metadata().is_ok();
        TypedPath::within(is_checkout, working_folder, path)
    }

    fn within(is_checkout: impl Fn(&Path) -> bool, working_folder: &Path, path: &Path) -> io::Result<TypedPath> {
        let name = path.file_name().ok_or_else(|| io::Error::other("it is a folder, not a file"))?;
        let folder = without_dots(&working_folder.join(path.parent().unwrap_or(Path::new(""))));
        let outermost = folder.ancestors().filter(|above| is_checkout(above)).last();
        let base = outermost.unwrap_or(if folder.starts_with(working_folder) { working_folder } else { &folder });
        let below = folder.strip_prefix(base).unwrap_or(Path::new("")).to_owned();
        Ok(TypedPath { base: base.to_owned(), below, name: name.into() })
    }
}

/// Removes `.` and `..` from the text of a path. The file system is not asked, so in `out/..`, `out` may be a link or missing.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{TypedPath, is_of_the_system};

    #[test]
    fn a_path_is_split_where_a_checkout_may_begin() {
        let is_checkout = |folder: &Path| {
            ["/work/checkout", "/work/other", "/work/other/module"].iter().any(|it| folder == Path::new(it))
        };
        for (path, base, below, name) in [
            ("../../other/out/plan.json", "/work/other", "out", "plan.json"),
            ("/work/other/module/out/plan.json", "/work/other", "module/out", "plan.json"),
            ("plan.json", "/work/checkout", "capacity", "plan.json"),
            ("out/a/plan.json", "/work/checkout", "capacity/out/a", "plan.json"),
            ("./out/plan.json", "/work/checkout", "capacity/out", "plan.json"),
            ("../out/plan.json", "/work/checkout", "out", "plan.json"),
            ("../../out/plan.json", "/work/out", "", "plan.json"),
            ("/work/checkout/out/plan.json", "/work/checkout", "out", "plan.json"),
            ("/tmp/out/plan.json", "/tmp/out", "", "plan.json"),
            ("out/../plan.json", "/work/checkout", "capacity", "plan.json"),
            ("/tmp/../work/checkout/x/plan.json", "/work/checkout", "x", "plan.json"),
        ] {
            let place = TypedPath::within(is_checkout, Path::new("/work/checkout/capacity"), Path::new(path));
            let expected = TypedPath { base: base.into(), below: below.into(), name: name.into() };
            assert_eq!(place.unwrap(), expected, "{path}");
        }
        assert!(TypedPath::of(Path::new("/work"), Path::new("..")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_a_checkout_counts_as_a_checkout() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let checkout = top.join("checkout");
        std::fs::create_dir_all(checkout.join(".git")).unwrap();
        std::os::unix::fs::symlink(&checkout, top.join("way")).unwrap();
        let place = TypedPath::of(&checkout, &top.join("way/out/plan.json")).unwrap();
        assert_eq!((place.base, place.below), (top.join("way"), "out".into()));
    }

    #[test]
    fn only_streams_belong_to_the_system() {
        for (path, expected) in [
            ("/dev/stdout", true),
            ("/dev/fd/63", true),
            ("/proc/self/fd/1", true),
            ("/dev/shm/checkout/plan.json", false),
            ("/proc/self/cwd/plan.json", false),
            ("dev/stdout", false),
        ] {
            assert_eq!(is_of_the_system(Path::new(path)), expected, "{path}");
        }
    }
}
