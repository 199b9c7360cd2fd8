//! For addresses: a path or a name of a commit ends no link and opens no second one, and a link runs nothing when it is clicked.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A path as it stands in an address.
pub(in crate::report) fn encoded(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// Whether a browser goes there without running anything.
pub(in crate::report) fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}
