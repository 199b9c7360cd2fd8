//! For addresses: a path or the name of a commit can neither end a link nor open another one, and a link cannot run a script.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters to percent-encode: all but those that are literal in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A path, percent-encoded for an address.
pub(in crate::report) fn encoded(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// Whether an address is `http` or `https`. Other schemes, such as `javascript`, can run a script.
pub(in crate::report) fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}
