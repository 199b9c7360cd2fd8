//! Cuts a text of a file for a message.

use std::borrow::Cow;

/// A name, cut after 60 characters, and at the end of its first line.
pub fn shortened(name: &str) -> Cow<'_, str> {
    let ends = |(count, (_, letter)): &(usize, (usize, char))| *count == 60 || matches!(letter, '\n' | '\r');
    match name.char_indices().enumerate().find(ends) {
        Some((_, (at, _))) => Cow::Owned(format!("{}…", name.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(name),
    }
}
