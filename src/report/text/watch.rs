//! What a watch prints about a pass: one line for a good one, and the first problems of a bad one.

use crate::model::finding::Severity;
use crate::report::answer::{Answer, Content};
use crate::report::number::{count, number, signed};
use crate::report::safe::terminal::clean;
use crate::report::view::basics::FindingView;
use crate::report::view::failure::FailureView;
use crate::report::view::plan::{ChangeView, PlanVerdict, PlanView};
use crate::report::view::run::{RunView, SettledChange};

/// The most problems that are shown after a line.
const MOST: usize = 3;

/// The lines about an answer of a pass. The first says what came of it; the caller puts the time and the cause before it.
pub fn pass(answer: &Answer) -> Vec<String> {
    lines(answer).iter().map(|line| clean(line).into_owned()).collect()
}

/// A name of a file, in one line.
pub fn name(path: &str) -> String {
    clean(path).into_owned()
}

fn lines(answer: &Answer) -> Vec<String> {
    match &answer.content {
        Content::Plan(content) => plan(&content.view),
        Content::Run(content) => run(&content.view),
        Content::Invalid(view) => problems("invalid", &view.findings),
        Content::Refused(view) => problems("refused", &view.findings),
        Content::Failed(view) => failure(&view.error),
        Content::Validated(_) | Content::Drift(_) | Content::Status(_) | Content::Forecast(_) | Content::Doctor(_) => {
            vec!["done".to_owned()]
        }
    }
}

fn plan(view: &PlanView) -> Vec<String> {
    let changes = view.summary.total();
    let what = count(changes, "change", "changes");
    let first = || view.changes.first().map_or_else(String::new, |first| format!("      {}", shown(first, view)));
    let line = match view.verdict {
        PlanVerdict::NoChanges => "no changes".to_owned(),
        PlanVerdict::Ready => format!("{what}, ready{}", first()),
        PlanVerdict::ReadyWithWarnings | PlanVerdict::ChangesGuards | PlanVerdict::GuardsUnknown => {
            let warnings = view.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
            format!("{what}, {}{}", count(warnings as u64, "warning", "warnings"), first())
        }
        PlanVerdict::Refused | PlanVerdict::RefusedBefore => {
            return problems(&format!("{what}, refused"), &view.findings);
        }
    };
    vec![line]
}

/// A change, as `hr-prod App passes 120 → 150 (+30), 0 free after`.
fn shown(change: &ChangeView, view: &PlanView) -> String {
    let pool = view.pools.iter().find(|pool| pool.pool.add_ons.contains(&change.add_on));
    let free = pool.and_then(|pool| pool.after.free).map_or_else(String::new, |free| match free {
        0.. => format!(", {} free after", number(free)),
        short => format!(", {} short after", number(short.unsigned_abs())),
    });
    let more = match view.summary.total().saturating_sub(1) {
        0 => String::new(),
        more => format!("; and {} more", number(more)),
    };
    let (key, add_on) = (&change.environment.key, &change.add_on.name);
    let amounts = match change.difference {
        0 => "switches".to_owned(),
        difference => {
            format!("{} → {} ({})", number(change.units_before), number(change.units_after), signed(difference))
        }
    };
    format!("{key} {add_on} {amounts}{free}{more}")
}

fn run(view: &RunView) -> Vec<String> {
    if view.total == 0 {
        return vec!["no changes".to_owned()];
    }
    let what = format!("applied {} of {}", number(view.applied), number(view.total));
    if view.applied == view.total {
        return vec![format!("{what}, confirmed")];
    }
    let why = |change: &SettledChange| {
        let why = change.outcome.why.as_deref()?;
        Some(format!("{} {}: {why}", change.change.environment.key, change.change.add_on.name))
    };
    let mut lines = vec![what];
    lines.extend(view.changes.iter().filter_map(why).take(MOST));
    lines
}

/// A line that counts the errors, and the first of them.
fn problems(what: &str, findings: &[FindingView]) -> Vec<String> {
    let errors: Vec<&FindingView> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let mut lines = vec![format!("{what}: {}; nothing was changed", count(errors.len() as u64, "error", "errors"))];
    lines.extend(errors.iter().take(MOST).map(|finding| problem(finding)));
    if errors.len() > MOST {
        lines.push(format!("and {} more; `allot plan` shows them all", number(errors.len() - MOST)));
    }
    lines
}

/// A finding in one line, in the form of GNU programs, which editors read.
pub fn problem(finding: &FindingView) -> String {
    clean(&in_one_line(finding)).into_owned()
}

/// The changes of a run that were not applied, in the same form.
pub fn unapplied(view: &RunView) -> Vec<String> {
    let line = |settled: &SettledChange| {
        let (why, code) = (settled.outcome.why.as_deref()?, settled.outcome.code?);
        let change = &settled.change;
        let place = change.declared_at.as_ref().map_or_else(|| "allot".to_owned(), ToString::to_string);
        let line =
            format!("{place}: error: {} {}: {why} [{}]", change.environment.key, change.add_on.name, code.as_str());
        Some(clean(&line).into_owned())
    };
    view.changes.iter().filter_map(line).collect()
}

fn in_one_line(finding: &FindingView) -> String {
    let place = finding.primary.as_ref().map_or_else(|| "allot".to_owned(), |label| label.place.to_string());
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    };
    let (message, code) = (&finding.message, finding.code.as_str());
    match finding.help.first() {
        Some(help) => format!("{place}: {kind}: {message}; {help} [{code}]"),
        None => format!("{place}: {kind}: {message} [{code}]"),
    }
}

fn failure(failure: &FailureView) -> Vec<String> {
    let causes = failure.causes.iter().map(|cause| format!("because {cause}"));
    std::iter::once(failure.message.clone()).chain(causes).chain(failure.help.clone()).collect()
}
