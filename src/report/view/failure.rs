//! A command that failed, or that was refused before it had a plan to show.

use serde::Serialize;

use super::basics::FindingView;
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
    /// Always `failed`.
    pub verdict: &'static str,
    /// What went wrong.
    pub error: FailureView,
}

impl ErrorView {
    /// The answer, with what went wrong.
    pub fn new(error: FailureView) -> ErrorView {
        ErrorView { verdict: "failed", error }
    }
}

/// The answer of a command that was refused because its plan is stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusalView {
    /// Always `refused`.
    pub verdict: &'static str,
    /// The reasons.
    pub findings: Vec<FindingView>,
}

impl RefusalView {
    /// A refusal with its reasons.
    pub fn new(findings: &[Finding], sources: &Sources) -> RefusalView {
        RefusalView { verdict: "refused", findings: FindingView::all(findings, sources) }
    }
}
