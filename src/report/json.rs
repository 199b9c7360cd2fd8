//! Views as JSON: indented, fields in order, with a final line end. Equal views give equal bytes.

use serde::Serialize;

use super::safe::rendered::{Rendered, json};
use crate::model::command::CommandName;

/// The version of every JSON document that the tool writes.
pub const FORMAT_VERSION: &str = "1.0";

/// A document: its version and its command, then the fields of its content.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a, T> {
    format_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<CommandName>,
    #[serde(flatten)]
    content: &'a T,
}

/// A view, or other content with named fields, as a document; `command` is the command that it answers.
pub fn document(command: Option<CommandName>, content: &impl Serialize) -> String {
    json(&written(command, content))
}

/// A document, to be written.
pub(super) fn rendered(command: CommandName, content: &impl Serialize) -> Rendered {
    Rendered::json(&written(Some(command), content))
}

fn written(command: Option<CommandName>, content: &impl Serialize) -> String {
    let document = Document { format_version: FORMAT_VERSION, command, content };
    // Documents consist of strings, numbers and maps with string keys, which JSON can always represent; tests check every view.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
