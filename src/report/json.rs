//! Views as JSON: indented, in the order of their fields, with a line end. The same view gives the same bytes.

use serde::Serialize;

use super::safe::ci_log;

/// A view as JSON.
pub fn json(view: &impl Serialize) -> String {
    // Views hold strings, numbers and maps with string keys, which JSON can always say; tests hold every view to it.
    let mut text = serde_json::to_string_pretty(view).unwrap_or_default();
    text.push('\n');
    // Also where it is printed into the log of a CI host.
    ci_log::json(&text).into_owned()
}

#[cfg(test)]
mod tests;
