//! The place of the file: what may exist there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::faults::in_the_way;
use crate::provider::port::ProviderError;

/// Our own folder beside the root file.
pub const FOLDER: &str = ".allotment";

/// Whether the path exists, even as a dangling link.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A file that SQLite keeps beside the database.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The write-ahead log of a database.
pub fn log_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// Checks that the file, its folder, its journal and its log are as our own runs leave them. A checkout can contain the
/// file and its folder. If one of them is a link, the tenant would be another file of this machine.
///
/// # Errors
///
/// If one of them is a link or of another kind, if the file is empty, if there is a rollback journal, or if the file is gone but
/// its log exists.
pub fn check(path: &Path) -> Result<(), ProviderError> {
    // The log is checked before the file. In the other order, a file and log that another run creates in between would
    // look like a log without a file.
    let has_log = exists(&log_of(path));
    let ours = path.parent().filter(|folder| folder.ends_with(FOLDER));
    for place in [ours, Some(path)].into_iter().flatten() {
        let Ok(about) = place.symlink_metadata() else { continue };
        let fresh = "delete it; without it the next run starts again from the seed";
        if about.is_symlink() {
            return Err(in_the_way(place, "is a link, and the built-in tenant follows no links", fresh));
        }
        if place != path && !about.is_dir() {
            let help = "move it away; the built-in tenant needs a folder by this name";
            return Err(in_the_way(place, "is not a folder", help));
        }
        if place == path && !about.is_file() {
            let help = "move it away; the next run starts again from the seed";
            return Err(in_the_way(place, "is not an ordinary file", help));
        }
        if place == path && about.len() == 0 {
            return Err(in_the_way(place, "is empty, so what the tenant held is lost", fresh));
        }
    }
    // Our file has a write-ahead log from its first byte on, so a rollback journal is not ours. A planted one can name a file, which
    // SQLite then deletes.
    let journal = beside(path, "-journal");
    if exists(&journal) {
        return Err(in_the_way(&journal, "is not a file of the built-in tenant", "delete it"));
    }
    if has_log && !exists(path) {
        // SQLite would write the changes of the old tenant into the new one.
        let help = format!("put {} back, or delete the log too, to start again from the seed", path.display());
        return Err(in_the_way(&log_of(path), "is the log of a tenant whose file is gone", &help));
    }
    Ok(())
}

/// What changes when another run writes: size and time of the file, and the size of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    size: Option<u64>,
    modified: Option<SystemTime>,
    log: Option<u64>,
}

impl Stamp {
    /// The stamp at this moment.
    pub fn of(path: &Path) -> Stamp {
        let about = fs::metadata(path).ok();
        Stamp {
            size: about.as_ref().map(fs::Metadata::len),
            modified: about.and_then(|about| about.modified().ok()),
            log: fs::metadata(log_of(path)).ok().map(|about| about.len()),
        }
    }
}
