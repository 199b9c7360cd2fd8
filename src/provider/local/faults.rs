//! Why the file of the built-in tenant cannot be used: one message for each cause. No advice makes the user lose data
//! that can still be read: the user moves the file away, and does not delete it.

use std::io;
use std::path::Path;

use rusqlite::{ErrorCode, ffi};

use crate::provider::port::{ProviderError, ProviderErrorKind};

/// A cause, whichever layer reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    FullDisk,
    Device,
    NoDatabase,
    Damaged,
    OddRow,
    NoRight,
    InUse,
    Other,
}

impl Cause {
    fn of(error: &rusqlite::Error) -> Cause {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Cause::FullDisk,
            Some(ErrorCode::SystemIoFailure) => Cause::Device,
            Some(ErrorCode::NotADatabase) => Cause::NoDatabase,
            // `Unknown` is an error in a statement: a table or a column is not there.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => Cause::Damaged,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Cause::NoRight,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Cause::InUse,
            Some(_) => Cause::Other,
            // The error is not one of SQLite: a column has a value that our code never writes there.
            None => Cause::OddRow,
        }
    }

    fn of_system(error: &io::Error) -> Cause {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Cause::FullDisk,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Cause::NoRight,
            _ => Cause::Device,
        }
    }

    /// The message, which follows the path (`PATH is damaged`), and the next step.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Cause::FullDisk => (
                "cannot grow, because its disk or quota is full",
                "free some space and run again; everything that it held before is kept",
            ),
            Cause::Device => (
                "cannot be read or written: the system reports an error of the disk, or a limit of this process",
                "check the disk and the limits, and run again; keep the file, because it may be intact",
            ),
            Cause::NoDatabase => ("is not a database", "move it away; the next run starts again from the seed"),
            Cause::Damaged => (
                "is damaged",
                "keep a copy and move it away; the next run starts again from the seed, without the changes since",
            ),
            Cause::OddRow => (
                "has a row that this program cannot read",
                "undo the changes of the other program; or move the file away, and the next run starts again from the seed",
            ),
            Cause::NoRight => (
                "cannot be written by this user",
                "make the file and its folder writable for this user; commands that only read need no such right",
            ),
            Cause::InUse => ("is in use by another run", "wait until it has ended, and run again"),
            Cause::Other => ("cannot be used", "keep the file; the reason is in this message"),
        }
    }

    const fn kind(self) -> ProviderErrorKind {
        match self {
            Cause::InUse => ProviderErrorKind::Unavailable,
            _ => ProviderErrorKind::Malformed,
        }
    }

    fn error(self, place: &Path) -> ProviderError {
        let (what, help) = self.words();
        ProviderError::new(self.kind(), format!("{} {what}", place.display())).help(help)
    }
}

/// Turns an error of SQLite into one that names the file and what to do.
pub fn of_database(path: &Path, error: rusqlite::Error) -> ProviderError {
    let cause = Cause::of(&error);
    let is_sync =
        |failure: &ffi::Error| [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC].contains(&failure.extended_code);
    let fault = match &error {
        // Only the sync failed (fsync): the write may have taken effect.
        rusqlite::Error::SqliteFailure(failure, _) if is_sync(failure) => {
            ProviderError { kind: ProviderErrorKind::OutcomeUnknown(None), ..cause.error(path) }
        }
        _ => cause.error(path),
    };
    fault.caused_by(error)
}

/// Turns an I/O error into one that names the file and the next step.
pub fn of_system(path: &Path, error: io::Error) -> ProviderError {
    Cause::of_system(&error).error(path).caused_by(error)
}

/// The error for a write to a file that this user may only read.
pub fn read_only(path: &Path) -> ProviderError {
    Cause::NoRight.error(path)
}

/// Whether SQLite failed because this user lacks a permission. Another way to open the file may then work.
pub fn needs_a_right(error: &rusqlite::Error) -> bool {
    Cause::of(error) == Cause::NoRight
}

/// A `Malformed` error: the path, then `what`. `help` is the next step.
pub fn in_the_way(path: &Path, what: &str, help: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Malformed, format!("{} {what}", path.display())).help(help)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use rusqlite::ffi::{self, Error};

    use super::{of_database, of_system};
    use crate::provider::port::ProviderErrorKind;

    #[test]
    fn every_cause_has_its_own_message_and_only_a_lost_file_is_moved_away() {
        let place = Path::new("tenant.db");
        for (code, what, gives_up) in [
            (ffi::SQLITE_FULL, "disk or quota is full", false),
            (ffi::SQLITE_IOERR_WRITE, "an error of the disk", false),
            (ffi::SQLITE_IOERR_SHMSIZE, "an error of the disk", false),
            (ffi::SQLITE_NOTADB, "is not a database", true),
            (ffi::SQLITE_CORRUPT, "is damaged", true),
            (ffi::SQLITE_ERROR, "is damaged", true),
            (ffi::SQLITE_READONLY, "cannot be written by this user", false),
            (ffi::SQLITE_CANTOPEN, "cannot be written by this user", false),
            (ffi::SQLITE_PERM, "cannot be written by this user", false),
            (ffi::SQLITE_BUSY, "in use by another run", false),
            (ffi::SQLITE_LOCKED, "in use by another run", false),
            (ffi::SQLITE_NOMEM, "cannot be used", false),
            (ffi::SQLITE_TOOBIG, "cannot be used", false),
        ] {
            let fault = of_database(place, rusqlite::Error::SqliteFailure(Error::new(code), None));
            assert!(fault.message.contains(what), "{code}: {fault}");
            assert_eq!(fault.help.unwrap().contains("move it away"), gives_up, "{code}");
        }
        let row = of_database(place, rusqlite::Error::InvalidQuery);
        assert!(row.message.contains("has a row that this program cannot read"), "{row}");
        let sync = rusqlite::Error::SqliteFailure(Error::new(ffi::SQLITE_IOERR_FSYNC), None);
        assert_eq!(of_database(place, sync).kind, ProviderErrorKind::OutcomeUnknown(None));
        for (kind, what) in [
            (io::ErrorKind::StorageFull, "disk or quota is full"),
            (io::ErrorKind::QuotaExceeded, "disk or quota is full"),
            (io::ErrorKind::ReadOnlyFilesystem, "cannot be written by this user"),
            (io::ErrorKind::FileTooLarge, "a limit of this process"),
        ] {
            assert!(of_system(place, kind.into()).message.contains(what), "{kind}");
        }
    }
}
