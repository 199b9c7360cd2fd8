//! A plan as a comment on a pull request: the verdict, the blocking errors, headroom, changes, and everything that was not checked.
//! A comment that exceeds the host's limit leaves out the least important parts.

mod cut;
mod receipt;
mod sections;
mod tables;

use std::fmt::Write as _;

pub use self::receipt::receipt;

use self::cut::fit;
use self::sections::{LONGEST_SENTENCE, findings, footer, left_out, not_checked, opening, warnings};
use super::frame::Frame;
use super::safe::markdown::{code, sentence as safe_sentence};
use super::verdict;
use super::view::basics::FindingView;
use super::view::failure::FailureView;
use super::view::plan::PlanView;
use super::view::validate::ValidateView;

/// The default length limit of a comment, in characters. GitHub accepts 65,536.
pub const BUDGET: usize = 60_000;

/// The length limit for the summary of a CI step, in characters. GitHub accepts 1 MiB, and a character has at most four bytes.
pub const SUMMARY_BUDGET: usize = 1024 * 1024 / 4;

/// The comment of a plan.
pub fn plan(view: &PlanView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_plan(view);
    fit(frame.budget, |shown| {
        let sections = [
            tables::pools(&view.pools, tables::PLANNED, shown),
            tables::changes(view, frame, shown),
            warnings(&view.findings, shown),
            findings(&view.findings, frame, shown),
            if shown.writes {
                tables::writes(view)
            } else {
                left_out("exact writes", view.steps.len(), "`allot plan --format json` shows them")
            },
            not_checked(&view.not_checked),
        ];
        let good_until = |id: &String| format!("plan {}, good until the tenant or the files change", code(id));
        let good_until = view.plan_id.as_ref().map(good_until);
        let mut text = opening(&verdict, view.plan_id.as_deref(), frame);
        for section in sections.iter().filter(|section| !section.is_empty()) {
            let _ = write!(text, "\n{section}");
        }
        let _ = write!(text, "\n{}", footer(view.date, good_until, frame));
        text
    })
}

/// The comment of a validation, which needs no tenant: for example for a pull request from a fork.
pub fn validated(view: &ValidateView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_validation(view);
    fit(frame.budget, |shown| {
        let sections =
            [warnings(&view.findings, shown), findings(&view.findings, frame, shown), not_checked(&view.not_checked)];
        let mut text = opening(&verdict, None, frame);
        for section in sections.iter().filter(|section| !section.is_empty()) {
            let _ = write!(text, "\n{section}");
        }
        text
    })
}

/// The comment if there is no plan, because the configuration is invalid or the plan is stale. `not_checked` states what was
/// therefore not checked.
pub fn refused(found: &[FindingView], not_checked: &str, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_refusal(found);
    fit(frame.budget, |shown| {
        let mut text = opening(&verdict, None, frame);
        let _ = write!(text, "\n{}\n**Not checked**: {}.\n", findings(found, frame, shown), not_checked);
        text
    })
}

/// The comment if the command failed.
pub fn failed(failure: &FailureView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_failure(failure, frame.command);
    fit(frame.budget, |shown| {
        let mut text = opening(&verdict, None, frame);
        if shown.explanations {
            text.extend(
                failure.causes.iter().map(|cause| format!("\n- because: {}", safe_sentence(cause, LONGEST_SENTENCE))),
            );
            if !failure.causes.is_empty() {
                text.push('\n');
            }
            text.extend(
                failure.help.iter().map(|help| format!("\nWhat to do: {}.\n", safe_sentence(help, LONGEST_SENTENCE))),
            );
        }
        let _ = write!(text, "\n**Not checked**: {}.\n", verdict::NOTHING_CHECKED);
        text
    })
}
