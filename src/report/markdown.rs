//! A plan as a comment on a pull request: the verdict first, then what blocks, headroom before changes, and nothing that was not
//! checked left unsaid. It fits a host's limit by leaving out what matters least.

mod cut;
mod receipt;
mod sections;
mod tables;

use std::fmt::Write as _;

pub use self::receipt::receipt;

use self::cut::fit;
use self::sections::{LONGEST_SENTENCE, findings, footer, left_out, not_checked, opening, warnings};
use super::frame::Frame;
use super::safe::markdown::{code, sentence as said};
use super::verdict;
use super::view::basics::FindingView;
use super::view::failure::FailureView;
use super::view::plan::PlanView;
use super::view::validate::ValidateView;

/// What a comment holds where nobody says otherwise: GitHub takes 65,536 characters.
pub const BUDGET: usize = 60_000;

/// What the summary of a CI step holds: GitHub takes 1 MiB, and a character has four bytes at the most.
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

/// The comment of a validation: what can be said without a tenant, as for a pull request from a fork.
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

/// The comment where there is no plan, because the configuration is not in order or the plan is stale; `not_checked` says what was not
/// looked at for it.
pub fn refused(found: &[FindingView], not_checked: &str, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_refusal(found);
    fit(frame.budget, |shown| {
        let mut text = opening(&verdict, None, frame);
        let _ = write!(text, "\n{}\n**Not checked**: {}.\n", findings(found, frame, shown), not_checked);
        text
    })
}

/// The comment where the command failed.
pub fn failed(failure: &FailureView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_failure(failure, frame.command);
    fit(frame.budget, |shown| {
        let mut text = opening(&verdict, None, frame);
        if shown.explanations {
            text.extend(failure.causes.iter().map(|cause| format!("\n- because: {}", said(cause, LONGEST_SENTENCE))));
            if !failure.causes.is_empty() {
                text.push('\n');
            }
            text.extend(failure.help.iter().map(|help| format!("\nWhat to do: {}.\n", said(help, LONGEST_SENTENCE))));
        }
        let _ = write!(text, "\n**Not checked**: {}.\n", verdict::NOTHING_CHECKED);
        text
    })
}
