//! A command that failed, or that was refused before it had a plan to show.

use serde::Serialize;

use super::basics::{FORMAT_VERSION, FindingView};
use crate::model::command::CommandName;
use crate::model::finding::Finding;
use crate::model::source::Sources;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureView {
    /// What happened.
    pub message: String,
    /// The chain of causes, nearest first.
    pub causes: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
}

/// The answer of a command that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that failed.
    pub command: CommandName,
    /// Always `failed`.
    pub verdict: &'static str,
    /// What went wrong.
    pub error: FailureView,
}

impl ErrorView {
    /// A failure with the chain of its causes, nearest first.
    pub fn new(command: CommandName, message: &str, causes: &[String], help: Option<&str>) -> ErrorView {
        ErrorView {
            format_version: FORMAT_VERSION,
            command,
            verdict: "failed",
            error: FailureView { message: message.to_owned(), causes: causes.to_vec(), help: help.map(str::to_owned) },
        }
    }
}

/// The answer of a command that was refused because its plan is stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusalView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that was refused.
    pub command: CommandName,
    /// Always `refused`.
    pub verdict: &'static str,
    /// The reasons.
    pub findings: Vec<FindingView>,
}

impl RefusalView {
    /// A refusal with its reasons.
    pub fn new(command: CommandName, findings: &[Finding], sources: &Sources) -> RefusalView {
        RefusalView {
            format_version: FORMAT_VERSION,
            command,
            verdict: "refused",
            findings: FindingView::all(findings, sources),
        }
    }
}
