//! The text of a file, and why there is none.

use std::io;

/// The largest file that is read, in bytes. People do not write larger ones, and checking one would take longer than they wait.
pub const LARGEST: u64 = 16 * 1024 * 1024;

const MEBIBYTE: u64 = 1024 * 1024;

/// The text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// All of it, without a byte order mark.
    pub text: String,
    /// Whether the name was a link. Nothing of such a file is shown: it may be one that the checkout only points to.
    pub came_through_link: bool,
}

/// Why a file was not read. The text completes "NAME cannot be read: …".
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// It is not there.
    #[error("it does not exist, or the link to it leads nowhere")]
    Missing,
    /// The operating system denies it.
    #[error("this user may not read it")]
    Denied,
    /// It is a folder.
    #[error("it is a folder, and a file belongs there")]
    Folder,
    /// It is a device, a pipe or a socket.
    #[error("it is no ordinary file")]
    NotOrdinary,
    /// It is larger than it may be. Both sizes are in bytes.
    #[error("it is {} MiB large, and {} MiB is the most{}", .size / MEBIBYTE, .most / MEBIBYTE, if *.most == LARGEST { "; split it into several files under environments/" } else { "" })]
    TooLarge {
        /// What it has.
        size: u64,
        /// What it may have.
        most: u64,
    },
    /// It is a link that leaves its folder.
    #[error("it is a link that leads out of its folder")]
    LeadsOut,
    /// It is a link into `.git`.
    #[error("it is a link into git's own folder")]
    OfGit,
    /// It is no text in UTF-8.
    #[error("{0}")]
    NotText(String),
    /// The operating system failed.
    #[error("{0}")]
    Failed(io::Error),
}

impl From<io::Error> for NotRead {
    fn from(error: io::Error) -> NotRead {
        match error.kind() {
            io::ErrorKind::NotFound => NotRead::Missing,
            // An error of the operating system has its number; one of the library, which refuses to leave the folder, has none.
            io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => NotRead::LeadsOut,
            io::ErrorKind::PermissionDenied => NotRead::Denied,
            _ => NotRead::Failed(error),
        }
    }
}

/// The text of a file's bytes, without a byte order mark.
///
/// # Errors
///
/// Why they are no text, as it completes "NAME cannot be read: …".
pub fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("it is UTF-16; save it as UTF-8".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line} is not UTF-8; save it as UTF-8")
    })?;
    Ok(match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
