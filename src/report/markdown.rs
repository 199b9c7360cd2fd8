//! A plan as a comment on a pull request: the verdict, the blocking errors, headroom, changes, and everything that was not checked.
//! A comment that exceeds the host's limit leaves out the least important parts.

mod cut;
mod outlook;
mod receipt;
mod sections;
mod tables;

pub(super) use self::outlook::{forecast, status};
pub(super) use self::receipt::receipt;

use self::cut::fit;
use self::sections::{LONGEST_SENTENCE, comment, findings, footer, left_out, not_checked, opening, warnings};
use super::origin::Frame;
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
pub(super) fn plan(view: &PlanView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_plan(view, frame.command);
    fit(frame.budget, |shown| {
        let writes = match shown.writes {
            true => tables::writes(view),
            false => left_out("exact writes", view.steps.len(), "`allot plan --format json` shows them"),
        };
        let good_until = |id: &String| format!("plan {}, good until the tenant or the files change", code(id));
        let sections = [
            tables::guards(view.guards(), shown),
            tables::pools(&view.pools, tables::PLANNED, shown),
            tables::changes(view, frame, shown),
            warnings(&view.findings, shown),
            findings(&view.findings, frame, shown),
            writes,
            not_checked(&view.not_checked),
            footer(view.date, view.plan_id.as_ref().map(good_until), frame),
        ];
        comment(opening(&verdict, view.plan_id.as_deref(), frame), sections)
    })
}

/// The comment of a validation, which needs no tenant: for example for a pull request from a fork.
pub(super) fn validated(view: &ValidateView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_validation(view);
    fit(frame.budget, |shown| {
        let sections =
            [warnings(&view.findings, shown), findings(&view.findings, frame, shown), not_checked(&view.not_checked)];
        comment(opening(&verdict, None, frame), sections)
    })
}

/// The comment if there is no plan, because the configuration is invalid or the plan is stale. `unchecked` states what was
/// therefore not checked.
pub(super) fn refused(found: &[FindingView], unchecked: &str, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_refusal(found);
    fit(frame.budget, |shown| {
        let sections = [findings(found, frame, shown), format!("**Not checked**: {unchecked}.\n")];
        comment(opening(&verdict, None, frame), sections)
    })
}

/// The comment if the command failed.
pub(super) fn failed(failure: &FailureView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_failure(failure, frame.command);
    let safe = |text: &String| safe_sentence(text, LONGEST_SENTENCE);
    fit(frame.budget, |shown| {
        let causes = failure.causes.iter().filter(|_| shown.explanations);
        let help = failure.help.iter().filter(|_| shown.explanations);
        let sections = [
            causes.map(|cause| format!("- because: {}\n", safe(cause))).collect(),
            help.map(|help| format!("What to do: {}.\n", safe(help))).collect(),
            format!("**Not checked**: {}.\n", verdict::NOTHING_CHECKED),
        ];
        comment(opening(&verdict, None, frame), sections)
    })
}
