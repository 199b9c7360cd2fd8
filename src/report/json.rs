//! Views as JSON: indented, fields in order, with a final line end. Equal views give equal bytes.

use serde::Serialize;

use super::safe::ci_log;

/// A view as JSON.
pub fn json(view: &impl Serialize) -> String {
    // Views consist of strings, numbers and maps with string keys, which JSON can always represent; tests check every view.
    let mut text = serde_json::to_string_pretty(view).unwrap_or_default();
    text.push('\n');
    // The JSON may be printed into the log of a CI host.
    ci_log::json(&text).into_owned()
}

#[cfg(test)]
mod tests;
