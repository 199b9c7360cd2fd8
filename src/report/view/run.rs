//! What became of a plan.

use jiff::civil::Date;
use serde::Serialize;

use super::basics::{FORMAT_VERSION, FindingView, LabelView};
use super::plan::{ChangeView, SettingView};
use super::pool::PoolView;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::finding::{Finding, Severity};
use crate::model::plan::change::EnvironmentRef;
use crate::model::plan::draft::NotChecked;
use crate::model::plan::order::PlanId;
use crate::model::plan::pool::PlannedPool;
use crate::model::run::{Outcome, OutcomeKind, Run, SentWrite};
use crate::model::source::{Place, Sources};
use crate::model::terms::Percent;
use crate::report::marks;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunVerdict {
    /// There was nothing to apply.
    NothingToApply,
    /// Everything was applied.
    Applied,
    /// Some of it was applied.
    AppliedInPart,
    /// Nothing of it was applied.
    NotApplied,
    /// Somebody stopped it before its end.
    Interrupted,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeView {
    /// The word.
    pub result: OutcomeKind,
    /// The finding's code, unless it was applied.
    pub code: Option<Code>,
    /// Why, unless it was applied.
    pub why: Option<String>,
}

impl OutcomeView {
    /// An outcome.
    pub fn new(outcome: &Outcome) -> OutcomeView {
        let code = match outcome {
            Outcome::Applied => None,
            Outcome::Refused { code, .. } => Some(*code),
            Outcome::Unconfirmed { .. } => Some(Code::A505),
            Outcome::Stale { .. } => Some(Code::A501),
            Outcome::NotSent { .. } => Some(Code::A506),
        };
        OutcomeView { result: outcome.kind(), code, why: outcome.why().map(ToString::to_string) }
    }
}

/// A change and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettledChange {
    /// The change.
    pub change: ChangeView,
    /// What became of it.
    pub outcome: OutcomeView,
}

/// A setting and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettledSetting {
    /// The setting.
    pub setting: SettingView,
    /// What became of it.
    pub outcome: OutcomeView,
}

/// One write that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WriteView {
    /// Where.
    pub environment: EnvironmentRef,
    /// Which add-ons changed with it, by slug.
    pub add_ons: Vec<AddOn>,
    /// What became of it.
    pub outcome: OutcomeView,
}

/// What a run view is made from.
#[derive(Clone, Copy, Debug)]
pub struct RunFacts<'a> {
    /// The command that ran: `apply`, `watch`.
    pub command: CommandName,
    /// What became of the plan.
    pub run: &'a Run,
    /// The plan's name.
    pub id: Option<&'a PlanId>,
    /// The pools as they were read afterwards; empty where they were not.
    pub pools_after: &'a [PlannedPool],
    /// What was found about what holds afterwards.
    pub findings: &'a [Finding],
    /// What was not looked at.
    pub not_checked: &'a [NotChecked],
    /// Where the findings' places lie.
    pub sources: &'a Sources,
    /// From which share on a pool counts as nearly full.
    pub near_from: Percent,
}

/// An apply as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that ran.
    pub command: CommandName,
    /// What it came to.
    pub verdict: RunVerdict,
    /// The plan's name.
    pub plan_id: Option<String>,
    /// The day that the plan was made for.
    pub date: Date,
    /// What the configuration calls the tenant.
    pub tenant: String,
    /// Where the tenant lives: the built-in one, or the service.
    pub provider: Provider,
    /// How many changes were applied, the setting included.
    pub applied: u64,
    /// How many there were.
    pub total: u64,
    /// Whether somebody stopped it.
    pub interrupted: bool,
    /// Each change and what became of it.
    pub changes: Vec<SettledChange>,
    /// The setting and what became of it.
    pub setting: Option<SettledSetting>,
    /// The writes, in the order in which they were sent.
    pub writes: Vec<WriteView>,
    /// The pools before the run, and as they were read afterwards; empty where they were not.
    pub pools: Vec<PoolView>,
    /// What was not looked at.
    pub not_checked: Vec<NotChecked>,
    /// What was found about what holds afterwards.
    pub findings: Vec<FindingView>,
}

impl RunView {
    /// An apply as it is shown.
    pub fn new(facts: &RunFacts<'_>) -> RunView {
        let RunFacts { command, run, id, pools_after, findings, not_checked, sources, near_from } = *facts;
        let unsettled = Outcome::NotSent { why: "the run ended before it".into() };
        let outcomes = run.outcomes.iter().chain(std::iter::repeat(&unsettled));
        let settle =
            |(planned, outcome)| SettledChange { change: ChangeView::new(planned), outcome: OutcomeView::new(outcome) };
        let setting = run.draft.setting.as_ref().map(|setting| SettledSetting {
            setting: SettingView::new(setting),
            outcome: OutcomeView::new(run.setting.as_ref().unwrap_or(&unsettled)),
        });
        let write = |write: &SentWrite| WriteView {
            environment: write.environment.clone(),
            add_ons: write.add_ons.clone(),
            outcome: OutcomeView::new(&write.outcome),
        };
        let total = run.draft.summary().total();
        let applied = u64::try_from(run.applied()).unwrap_or(u64::MAX);
        RunView {
            format_version: FORMAT_VERSION,
            command,
            verdict: verdict(run.interrupted, applied, total),
            plan_id: id.map(ToString::to_string),
            date: run.draft.date,
            tenant: run.draft.tenant.clone(),
            provider: run.draft.provider,
            applied,
            total,
            interrupted: run.interrupted,
            changes: run.draft.changes.iter().zip(outcomes).map(settle).collect(),
            setting,
            writes: run.writes.iter().map(write).collect(),
            pools: pools_after.iter().map(|pool| pool_view(pool, &run.draft.pools, near_from)).collect(),
            not_checked: not_checked.to_vec(),
            findings: FindingView::all(findings, sources),
        }
    }
}

/// A pool afterwards, with what it held before the run.
fn pool_view(after: &PlannedPool, planned: &[PlannedPool], near_from: Percent) -> PoolView {
    let before = planned.iter().find(|planned| planned.pool == after.pool);
    let allocated_before = before.map_or(after.allocated_before, |before| before.allocated_before);
    PoolView::new(&PlannedPool { allocated_before, ..after.clone() }, near_from)
}

impl RunView {
    /// Whether something of the tenant could not be read, so that nothing is known of it.
    pub fn is_partial(&self) -> bool {
        super::plan::is_partial(&self.findings)
    }

    /// How many changes may have taken effect or not.
    pub fn unconfirmed(&self) -> u64 {
        let changes = self.changes.iter().map(|settled| settled.outcome.result);
        let all = changes.chain(self.setting.as_ref().map(|setting| setting.outcome.result));
        all.filter(|result| *result == OutcomeKind::Unconfirmed).count() as u64
    }

    /// What is to be said of the changes that are not known to be applied.
    pub fn missing_words(&self) -> &'static str {
        let unconfirmed = self.unconfirmed();
        match (unconfirmed, self.total.saturating_sub(self.applied).saturating_sub(unconfirmed)) {
            (0, _) => "Not applied",
            (_, 0) => "Not confirmed",
            _ => "Not applied, or not confirmed",
        }
    }

    /// Everything that was found, and an error for each change that was not applied.
    pub fn told(&self) -> Vec<FindingView> {
        let changes = self.changes.iter().filter_map(|SettledChange { change, outcome }| {
            not_applied(outcome, &marks::what(change), change.declared_at.as_ref())
        });
        let setting = self.setting.iter().filter_map(|SettledSetting { setting, outcome }| {
            not_applied(outcome, "who can allocate", setting.declared_at.as_ref())
        });
        changes.chain(setting).chain(self.findings.iter().cloned()).collect()
    }
}

/// What a change that was not applied is told as.
fn not_applied(outcome: &OutcomeView, what: &str, declared_at: Option<&Place>) -> Option<FindingView> {
    let code = outcome.code?;
    let why = outcome.why.as_deref().unwrap_or("no reason was given");
    Some(FindingView {
        code,
        title: code.title(),
        severity: Severity::Error,
        message: format!("{what}: {}: {why}", outcome.result.words()),
        primary: declared_at.map(|place| LabelView { place: place.clone(), text: outcome.result.words().to_owned() }),
        related: Vec::new(),
        notes: Vec::new(),
        help: vec!["`allot plan` shows what is left".to_owned()],
        allowance: None,
    })
}

fn verdict(interrupted: bool, applied: u64, total: u64) -> RunVerdict {
    if total == 0 {
        RunVerdict::NothingToApply
    } else if applied == total {
        // Stopping a run that had nothing left to do took nothing away from it.
        RunVerdict::Applied
    } else if interrupted {
        RunVerdict::Interrupted
    } else if applied > 0 {
        RunVerdict::AppliedInPart
    } else {
        RunVerdict::NotApplied
    }
}
