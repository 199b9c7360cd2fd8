//! Numbers on the command line.

use std::num::NonZeroUsize;

/// Reads a number of at least 1.
///
/// # Errors
///
/// If the text is no such number.
pub fn parse_count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a number, at least 1, in digits".to_owned())
}

/// Reads a number of at least 0.
///
/// # Errors
///
/// If the text is no such number.
pub fn parse_number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "write a number in digits".to_owned())
}
