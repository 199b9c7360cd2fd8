//! The text of a file, and why it cannot be read.

use std::io;

/// The largest file that is read, in bytes. People do not write larger ones, and a check of one would take too long.
pub const LARGEST: u64 = 16 * 1024 * 1024;

const MEBIBYTE: u64 = 1024 * 1024;

/// The text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The whole text, without a byte order mark.
    pub text: String,
    /// Whether the name is a link. No message quotes such a file, because a link can lead to a file that does not
    /// belong to the checkout.
    pub came_through_link: bool,
}

/// Why a file was not read. The text completes "NAME cannot be read: …".
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// The file does not exist.
    #[error("it does not exist, or the link to it leads nowhere")]
    Missing,
    /// The operating system denies access.
    #[error("this user may not read it")]
    Denied,
    /// The name is a folder.
    #[error("it is a folder, not a file")]
    Folder,
    /// The name is a device, a pipe or a socket.
    #[error("it is not an ordinary file")]
    NotOrdinary,
    /// The file is too large. Both sizes are in bytes.
    #[error("it is {} MiB large, and the limit is {} MiB{}", .size / MEBIBYTE, .most / MEBIBYTE, if *.most == LARGEST { "; split it into several files under environments/" } else { "" })]
    TooLarge {
        /// The size of the file.
        size: u64,
        /// The limit.
        most: u64,
    },
    /// The name is a link that leads out of its folder.
    #[error("it is a link that leads out of its folder")]
    LeadsOut,
    /// The name is a link into `.git`.
    #[error("it is a link into git's own folder")]
    OfGit,
    /// The file is not text in UTF-8.
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
            // `cap_std` reports a path that leaves the folder as `PermissionDenied` without an error code of the operating system.
            io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => NotRead::LeadsOut,
            io::ErrorKind::PermissionDenied => NotRead::Denied,
            _ => NotRead::Failed(error),
        }
    }
}

const UTF_16: &str = "it is UTF-16; save it as UTF-8";

/// The text of a file's bytes, without a byte order mark.
///
/// # Errors
///
/// Why the bytes are no text, as it completes "NAME cannot be read: …".
pub fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(UTF_16.to_owned());
    }
    // In UTF-16 without a byte order mark, one byte of each of the first characters is zero.
    if let [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] = bytes.as_slice() {
        return Err(UTF_16.to_owned());
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
