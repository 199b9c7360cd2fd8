//! Views as JSON: indented, fields in order, with a final line end. Equal views give equal bytes.

use jiff::Timestamp;
use serde::Serialize;

use super::counts::Counts;
use super::origin::Origin;
use super::safe::rendered::{Rendered, json};
use crate::model::command::CommandName;

/// The version of every JSON document that the tool writes.
pub const FORMAT_VERSION: &str = "1.0";

/// A value as one line of JSON.
///
/// # Errors
///
/// If the value cannot be represented in JSON.
pub fn line(value: &impl Serialize) -> Result<Rendered, serde_json::Error> {
    Ok(Rendered::json(&format!("{}\n", serde_json::to_string(value)?)))
}

/// A document: its version and its command, then the fields of its content.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a, T> {
    format_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<CommandName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<OriginView<'a>>,
    /// The number of all findings, if `findings` does not list each of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Counts>,
    #[serde(flatten)]
    content: &'a T,
}

/// Who made a document, for what, and when. What the host does not say is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OriginView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pull_request: Option<PullRequestView<'a>>,
    /// The address of the run's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    started_at: Timestamp,
    ended_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PullRequestView<'a> {
    number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
}

impl<'a> OriginView<'a> {
    fn new(origin: &'a Origin) -> OriginView<'a> {
        OriginView {
            actor: origin.actor.as_deref(),
            commit: origin.commit.as_deref(),
            pull_request: origin
                .pull_request
                .as_ref()
                .map(|it| PullRequestView { number: it.number, address: it.address.as_deref() }),
            run: origin.page.as_deref(),
            started_at: origin.started_at,
            ended_at: origin.made_at,
        }
    }
}

/// A view, or other content with named fields, as a document; `command` is the command that it answers.
pub fn document(command: Option<CommandName>, content: &impl Serialize) -> String {
    json(&written(command, None, None, content))
}

/// A document, ready to be written. The documents of `plan` and `apply` contain their origin.
pub(super) fn rendered(
    command: CommandName,
    content: &impl Serialize,
    origin: &Origin,
    found: Option<Counts>,
) -> Rendered {
    let is_of_changes = matches!(command, CommandName::Plan | CommandName::Apply);
    Rendered::json(&written(Some(command), is_of_changes.then(|| OriginView::new(origin)), found, content))
}

fn written(
    command: Option<CommandName>,
    origin: Option<OriginView<'_>>,
    found: Option<Counts>,
    content: &impl Serialize,
) -> String {
    let document = Document { format_version: FORMAT_VERSION, command, origin, found, content };
    // Documents consist of strings, numbers and maps with string keys, which JSON can always represent; tests check every view.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
