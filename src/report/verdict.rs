//! What stands first in a comment and in a report: the verdict in a line, and in a sentence for whoever reads nothing else.

use std::collections::BTreeSet;

use super::number::{count, number};
use super::view::basics::{FindingView, number_of};
use super::view::failure::FailureView;
use super::view::plan::{PlanVerdict, PlanView};
use super::view::validate::{ValidateVerdict, ValidateView};
use crate::model::finding::Severity;

/// What is not checked where there is no plan.
pub(super) const NO_PLAN: &str = "the tenant, because there is no plan before this is mended";

/// What is not checked where the command failed.
pub(super) const NOTHING_CHECKED: &str = "everything. This says nothing about whether the change is right";

/// What it comes to, before all words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// Nothing to do, or all in order.
    Fine,
    /// It can be done.
    Ready,
    /// It can be done, and there is something to know first.
    Warned,
    /// It must not be done.
    Blocked,
    /// Nobody knows.
    Failed,
}

impl Mood {
    /// The sign for it.
    pub(super) const fn icon(self) -> &'static str {
        match self {
            Mood::Fine => "✅",
            Mood::Ready => "🟢",
            Mood::Warned => "🟡",
            Mood::Blocked => "⛔",
            Mood::Failed => "❌",
        }
    }
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Words of ours.
    Plain(String),
    /// Words of ours that weigh more.
    Strong(&'static str),
    /// A message, which may quote what people wrote.
    Said(String),
}

/// What stands first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What it comes to.
    pub(super) mood: Mood,
    /// The line, without the tenant.
    pub(super) words: String,
    /// The sentence.
    pub(super) sentence: Vec<Part>,
}

/// What a plan comes to.
pub(super) fn of_plan(view: &PlanView) -> Verdict {
    let environments: BTreeSet<_> = view.changes.iter().map(|change| &change.environment.id).collect();
    let mut changes = count(view.summary.total(), "change", "changes");
    if !environments.is_empty() {
        changes.push_str(&format!(" in {}", count(environments.len() as u64, "environment", "environments")));
    }
    let (mood, words) = match view.verdict {
        PlanVerdict::NoChanges if number_of(&view.findings, Severity::Warning) > 0 => {
            (Mood::Warned, "No changes, with warnings".to_owned())
        }
        PlanVerdict::NoChanges => (Mood::Fine, "No changes".to_owned()),
        PlanVerdict::Ready => (Mood::Ready, format!("Ready: {changes}")),
        PlanVerdict::ReadyWithWarnings => (Mood::Warned, format!("Ready, with warnings: {changes}")),
        PlanVerdict::Refused => (Mood::Blocked, format!("Blocked: {} · {changes}", problems(&view.findings))),
    };
    Verdict { mood, words, sentence: sentence(view) }
}

fn sentence(view: &PlanView) -> Vec<Part> {
    let total = count(view.summary.total(), "value", "values");
    match view.verdict {
        PlanVerdict::NoChanges if view.is_partial() => vec![
            Part::Plain("What could be read of the tenant is what the configuration says. ".to_owned()),
            Part::Strong("Not all of it could be read."),
        ],
        PlanVerdict::NoChanges => vec![Part::Plain("The tenant holds what the configuration says.".to_owned())],
        PlanVerdict::Refused => blocking(&view.findings),
        // A setting alone is no write to an environment.
        PlanVerdict::Ready | PlanVerdict::ReadyWithWarnings if view.steps.is_empty() => {
            vec![Part::Plain(format!("Applying it changes {total}."))]
        }
        PlanVerdict::Ready | PlanVerdict::ReadyWithWarnings => {
            let writes = count(view.steps.len() as u64, "write", "writes");
            vec![Part::Plain(format!("Applying it changes {total} in {writes}."))]
        }
    }
}

/// What a validation comes to.
pub(super) fn of_validation(view: &ValidateView) -> Verdict {
    let (mood, words) = match view.verdict {
        ValidateVerdict::Valid => (Mood::Fine, "Valid".to_owned()),
        ValidateVerdict::ValidWithWarnings => (Mood::Warned, "Valid, with warnings".to_owned()),
        ValidateVerdict::Invalid => return of_refusal(&view.findings),
    };
    let files = count(view.files, "file", "files");
    let environments = view.environments.map(|all| format!(", {}", count(all, "environment", "environments")));
    let sentence = format!("Checked without a tenant: {files}{}.", environments.unwrap_or_default());
    Verdict { mood, words, sentence: vec![Part::Plain(sentence)] }
}

/// What it comes to where there is no plan, because the configuration is not in order or the plan is stale.
pub(super) fn of_refusal(found: &[FindingView]) -> Verdict {
    Verdict { mood: Mood::Blocked, words: format!("Blocked: {}", problems(found)), sentence: blocking(found) }
}

/// What it comes to where the command failed.
pub(super) fn of_failure(failure: &FailureView, command: &str) -> Verdict {
    let sentence =
        vec![Part::Strong("Failed:"), Part::Plain(" ".to_owned()), Part::Said(failure.message.clone()), full_stop("")];
    Verdict { mood: Mood::Failed, words: format!("Failed to {command}"), sentence }
}

fn problems(found: &[FindingView]) -> String {
    count(number_of(found, Severity::Error), "problem", "problems")
}

fn blocking(found: &[FindingView]) -> Vec<Part> {
    let mut errors = found.iter().filter(|finding| finding.severity == Severity::Error);
    let Some(first) = errors.next() else { return vec![Part::Strong("Blocked.")] };
    let more = match errors.count() {
        0 => String::new(),
        1 => " One more problem stands below.".to_owned(),
        more => format!(" {} more problems stand below.", number(more)),
    };
    vec![Part::Strong("Blocked:"), Part::Plain(" ".to_owned()), Part::Said(first.message.clone()), full_stop(&more)]
}

fn full_stop(more: &str) -> Part {
    Part::Plain(format!(".{more}"))
}
