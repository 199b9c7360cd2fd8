//! What a process said at its end, in plain values.

use std::time::Duration;

use allotment::model::ending::Ending;
use allotment::model::finding::Finding;
use allotment::model::run::OutcomeKind;
use allotment::report::answer::{Answer, Content};
use allotment::report::view::plan::ChangeView;

use super::service::Who;
use super::tenant::ADD_ONS;

/// How a process ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ended {
    /// With an exit code.
    With(Ending),
    Killed,
    Panicked(String),
    /// It did not end.
    Hung,
}

/// One change of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) place: usize,
    pub(super) add_on: usize,
    pub(super) before: u64,
    pub(super) after: u64,
    /// The switches that change, as the indexes of [`super::tenant::SWITCHES`].
    pub(super) switches: Vec<(usize, bool)>,
    /// The last day of a grant in the amount.
    pub(super) until: Option<String>,
    /// What became of it; `None` in a plan.
    pub(super) outcome: Option<OutcomeKind>,
}

/// What a process said at its end.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) who: Who,
    /// The number of the run, as in `Event::Begin` of the log.
    pub(super) run: usize,
    pub(super) ended: Ended,
    pub(super) changes: Vec<Change>,
    /// What became of the setting, if it was to change.
    pub(super) setting: Option<OutcomeKind>,
    /// Code, severity, message, and the value of `--allow`.
    pub(super) findings: Vec<Finding>,
    pub(super) not_checked: Vec<String>,
    /// The message of a failure.
    pub(super) failure: String,
    /// Whether a plan was carried out, or there was nothing to do.
    pub(super) is_run: bool,
    /// Whether it was a plan, without apply.
    pub(super) only_planned: bool,
    pub(super) from: Duration,
    pub(super) to: Duration,
}

/// The words of a panic.
pub(super) fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

fn change(view: &ChangeView, outcome: Option<OutcomeKind>) -> Option<Change> {
    let id = view.environment.id.as_str();
    let place = (0..100).find(|at| id.ends_with(&super::files::id(*at)))?;
    let add_on = ADD_ONS.iter().position(|(currency, ..)| *currency == view.add_on.api_value)?;
    let name = |wanted: &str| super::tenant::SWITCHES.iter().position(|(_, name)| *name == wanted);
    let switches = view.switches.iter().filter_map(|switch| {
        let word = serde_json::to_value(switch.switch).ok()?;
        Some((name(word.as_str()?)?, switch.after))
    });
    Some(Change {
        place,
        add_on,
        before: view.units_before.get(),
        after: view.units_after.get(),
        switches: switches.collect(),
        until: view.until.map(|day| day.to_string()),
        outcome,
    })
}

impl Report {
    /// Reads an answer.
    pub(super) fn read(&mut self, answer: Answer) {
        self.ended = Ended::With(answer.ending);
        self.findings = answer.findings;
        match answer.content {
            Content::Plan(plan) => {
                self.changes = plan.view.changes.iter().filter_map(|view| change(view, None)).collect();
                self.not_checked =
                    plan.view.not_checked.iter().map(|item| format!("{}: {}", item.subject, item.reason)).collect();
            }
            Content::Run(run) => {
                self.is_run = true;
                self.setting = run.view.setting.as_ref().map(|setting| setting.outcome.result);
                let settled = run.view.changes.iter();
                self.changes = settled.filter_map(|one| change(&one.change, Some(one.outcome.result))).collect();
                self.not_checked =
                    run.view.not_checked.iter().map(|item| format!("{}: {}", item.subject, item.reason)).collect();
                self.failure = format!(
                    "{:?}, findings {:?}",
                    run.view.verdict,
                    run.view
                        .findings
                        .iter()
                        .map(|finding| format!("{:?} {}", finding.code, finding.message))
                        .collect::<Vec<_>>()
                );
            }
            other => self.failure = serde_json::to_string(&other).unwrap_or_default(),
        }
    }

    /// The findings that refuse.
    pub(super) fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_error())
    }

    pub(super) fn is(&self, ending: Ending) -> bool {
        self.ended == Ended::With(ending)
    }
}
