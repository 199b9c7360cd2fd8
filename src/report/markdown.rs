//! A plan as a comment on a pull request: the verdict, the blocking errors, headroom, changes, and everything that was not checked.
//! A comment that exceeds the host's limit leaves out the least important parts.

mod cut;
mod outlook;
mod owners;
mod receipt;
mod sections;
mod tables;

pub(super) use self::outlook::{forecast, status};
pub(super) use self::receipt::receipt;

use self::cut::{Shown, fit};
use self::sections::{
    LONGEST_SENTENCE, comment, findings, first_warnings, fold, footer, left_out, made_by, not_checked, opening, rows,
    signature,
};
use super::marks;
use super::number::count;
use super::origin::Frame;
use super::safe::comment::{Markdown, md};
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
pub(super) fn plan(view: &PlanView, frame: &Frame<'_>) -> Markdown {
    let verdict = verdict::of_plan(view, frame);
    fit(frame.budget, |shown| {
        let writes = match shown.writes {
            true => tables::writes(view),
            false => left_out("exact writes", view.steps.len(), "`allot plan --format json` shows them"),
        };
        let good_until = |id: &String| md!["plan ", code(id), ", good until the tenant or the files change"];
        let (pools, changes) =
            (tables::pools(view.own_pools(), tables::PLANNED, shown), tables::changes(view, frame, shown));
        // The reader of a pull request looks for its changes first, on a small screen too.
        let [first, second] = if view.base.is_some() { [changes, pools] } else { [pools, changes] };
        let sections = [
            tables::guards(view.guards(), shown),
            first,
            second,
            first_warnings(view.own_findings(), frame.more.warnings, shown),
            findings(view.own_findings(), frame, shown),
            also_on_base(view, frame, shown),
            writes,
            not_checked(&view.not_checked),
            footer(made_by("Planned", frame), view.date, view.plan_id.as_ref().map(good_until), frame),
        ];
        comment(opening(&verdict, view.plan_id.as_deref(), frame), sections)
    })
}

/// What the base has as well, folded: the pools that the pull request does not change, changes that were pending, and findings.
fn also_on_base(view: &PlanView, frame: &Frame<'_>, shown: &Shown) -> Markdown {
    let Some(base) = &view.base else { return Markdown::default() };
    let mut text = Markdown::default();
    let pools: Vec<_> = view.pools.iter().filter(|pool| pool.also_on_base == Some(true)).collect();
    if shown.unchanged_pools && !pools.is_empty() {
        let summary = count(pools.len() as u64, "pool that", "pools that");
        let table = tables::pools(pools.into_iter(), tables::PLANNED, shown);
        text.push(&fold(&format!("{summary} this pull request does not change"), &table));
    }
    let findings: Vec<_> = view.findings.iter().filter(|finding| finding.also_on_base == Some(true)).collect();
    let pending = tables::pending(view, base, frame, shown);
    if let Some(words) = marks::also_on_base(view) {
        let inside = md![pending, rows(findings.into_iter(), 0, frame, shown)];
        text.push(&fold(&format!("Also without this pull request: {words}"), &inside));
    }
    text
}

/// The comment of a validation, which needs no tenant: for example for a pull request from a fork.
pub(super) fn validated(view: &ValidateView, frame: &Frame<'_>) -> Markdown {
    let verdict = verdict::of_validation(view, frame);
    fit(frame.budget, |shown| {
        let sections = [
            first_warnings(view.findings.iter(), frame.more.warnings, shown),
            findings(view.findings.iter(), frame, shown),
            not_checked(&view.not_checked),
            signature(frame),
        ];
        comment(opening(&verdict, None, frame), sections)
    })
}

/// The comment if there is no plan, because the configuration is invalid or the plan is stale. `unchecked` states what was
/// therefore not checked.
pub(super) fn refused(found: &[FindingView], unchecked: &'static str, frame: &Frame<'_>) -> Markdown {
    let verdict = verdict::of_refusal(found, frame);
    fit(frame.budget, |shown| {
        let unchecked = md!["**Not checked**: ", unchecked, ".\n"];
        let sections = [findings(found.iter(), frame, shown), unchecked, signature(frame)];
        comment(opening(&verdict, None, frame), sections)
    })
}

/// The comment if the command failed.
pub(super) fn failed(failure: &FailureView, frame: &Frame<'_>) -> Markdown {
    let verdict = verdict::of_failure(failure, frame.command);
    let safe = |text: &String| safe_sentence(text, LONGEST_SENTENCE);
    fit(frame.budget, |shown| {
        let causes = failure.causes.iter().filter(|_| shown.explanations);
        let help = failure.help.iter().filter(|_| shown.explanations);
        let sections = [
            causes.map(|cause| md!["- because: ", safe(cause), "\n"]).collect(),
            help.map(|help| md!["What to do: ", safe(help), ".\n"]).collect(),
            md!["**Not checked**: ", verdict::NOTHING_CHECKED, ".\n"],
            signature(frame),
        ];
        comment(opening(&verdict, None, frame), sections)
    })
}
