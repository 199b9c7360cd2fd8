//! The outcome of an apply.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::basics::{FindingView, LabelView};
use super::plan::{ChangeView, SettingView};
use super::pool::PoolView;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::Provider;
use crate::model::finding::{Finding, Severity};
use crate::model::plan::change::EnvironmentRef;
use crate::model::plan::draft::NotChecked;
use crate::model::plan::order::PlanId;
use crate::model::plan::pool::PlannedPool;
use crate::model::run::{Outcome, OutcomeKind, Run, SentWrite};
use crate::model::source::{Place, Sources};
use crate::model::terms::Percent;
use crate::report::cap::{self, Room};
use crate::report::excerpt::Spotter;
use crate::report::marks;

/// The result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunVerdict {
    /// There was nothing to apply.
    NothingToApply,
    /// Every change was applied.
    Applied,
    /// Some changes were applied.
    AppliedInPart,
    /// No change is known to be applied.
    NotApplied,
    /// The run was stopped before its end.
    Interrupted,
}

/// The outcome of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeView {
    /// The kind of outcome.
    pub result: OutcomeKind,
    /// The code of the reason; `null` if the change was applied.
    pub code: Option<Code>,
    /// The reason; `null` if the change was applied.
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

/// A change and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettledChange {
    /// The change.
    pub change: ChangeView,
    /// The outcome.
    pub outcome: OutcomeView,
}

/// A setting and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettledSetting {
    /// The setting.
    pub setting: SettingView,
    /// The outcome.
    pub outcome: OutcomeView,
}

/// One write that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WriteView {
    /// The environment that was written.
    pub environment: EnvironmentRef,
    /// The add-ons that the write changed, by slug.
    pub add_ons: Vec<AddOn>,
    /// The outcome.
    pub outcome: OutcomeView,
}

/// A refusal that was allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllowedView {
    /// The refusal as `CODE:SCOPE`.
    pub refusal: String,
    /// What it is about.
    pub message: String,
    /// What allowed it: the flag, or the entry of `allow` with its limits and reason.
    pub by: String,
    /// The place of the entry; `null` for a flag.
    pub place: Option<Place>,
}

impl AllowedView {
    /// The refusals that were allowed, of the findings of a plan.
    pub fn all(findings: &[Finding], sources: &Sources) -> Vec<AllowedView> {
        let spotter = Spotter::new(sources);
        let view = |finding: &Finding| {
            let permission = finding.permission.as_ref()?;
            Some(AllowedView {
                refusal: permission.allowance.to_string(),
                message: finding.message.clone(),
                by: permission.by.clone(),
                place: permission.span.and_then(|span| spotter.place(span)),
            })
        };
        findings.iter().filter_map(view).collect()
    }
}

/// The state of the tenant after a run. There are no pools if the tenant was not read again, or if the caller does not show them.
#[derive(Clone, Debug, Default)]
pub struct Afterwards {
    /// The pools.
    pub pools: Vec<PlannedPool>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// What was not checked.
    pub not_checked: Vec<NotChecked>,
}

/// The view of an apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    /// The result.
    pub verdict: RunVerdict,
    /// The plan's id.
    pub plan_id: Option<String>,
    /// The day that the plan was made for.
    pub date: Date,
    /// The tenant's name in the configuration.
    pub tenant: String,
    /// The built-in tenant, or the service.
    pub provider: Provider,
    /// The number of applied changes, the setting included.
    pub applied: u64,
    /// The number of planned changes, the setting included.
    pub total: u64,
    /// Whether the run was stopped.
    pub interrupted: bool,
    /// Each change and its outcome.
    pub changes: Vec<SettledChange>,
    /// The setting and its outcome.
    pub setting: Option<SettledSetting>,
    /// The writes, in the order in which they were sent.
    pub writes: Vec<WriteView>,
    /// The pools before and after the run; empty if they were not read afterwards.
    pub pools: Vec<PoolView>,
    /// The refusals of the plan that were allowed.
    pub allowed: Vec<AllowedView>,
    /// What was not checked.
    pub not_checked: Vec<NotChecked>,
    /// Findings about the state after the run.
    pub findings: Vec<FindingView>,
}

impl RunView {
    /// The view of an apply of a plan that has an id and findings. A pool counts as nearly full from `near_from` percent
    /// on.
    pub fn new(
        run: &Run,
        (id, planned): (&PlanId, &[Finding]),
        afterwards: &Afterwards,
        sources: &Sources,
        near_from: Percent,
    ) -> RunView {
        let unsettled = Outcome::NotSent { why: "the run ended before this change".into() };
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
            verdict: verdict(run.interrupted, applied, total),
            plan_id: Some(id.to_string()),
            date: run.draft.date,
            tenant: run.draft.tenant.clone(),
            provider: run.draft.provider,
            applied,
            total,
            interrupted: run.interrupted,
            changes: run.draft.changes.iter().zip(outcomes).map(settle).collect(),
            setting,
            writes: run.writes.iter().map(write).collect(),
            pools: afterwards.pools.iter().map(|pool| pool_view(pool, &run.draft.pools, near_from)).collect(),
            allowed: AllowedView::all(planned, sources),
            not_checked: afterwards.not_checked.clone(),
            findings: FindingView::all(&afterwards.findings, sources),
        }
    }
}

/// A pool after the run, with the allocation from before the run.
fn pool_view(after: &PlannedPool, planned: &[PlannedPool], near_from: Percent) -> PoolView {
    let before = planned.iter().find(|planned| planned.pool == after.pool);
    let allocated_before = before.map_or(after.allocated_before, |before| before.allocated_before);
    PoolView::new(&PlannedPool { allocated_before, ..after.clone() }, near_from)
}

impl RunView {
    /// The changes and the setting that were applied, if `is_applied`; otherwise those that were not.
    pub fn settled(&self, is_applied: bool) -> (Vec<&SettledChange>, Option<&SettledSetting>) {
        let belongs = |outcome: &OutcomeView| (outcome.result == OutcomeKind::Applied) == is_applied;
        let changes = self.changes.iter().filter(|settled| belongs(&settled.outcome)).collect();
        (changes, self.setting.as_ref().filter(|setting| belongs(&setting.outcome)))
    }

    /// The changes that were not applied, as many as a report lists of findings, and the others.
    pub fn listed(&self) -> (Vec<&SettledChange>, Vec<&SettledChange>) {
        let mut room = Room::default();
        let (missing, _) = self.settled(false);
        missing.into_iter().partition(|it| room.takes(it.change.declared_at.as_ref().map(|place| place.file.as_ref())))
    }

    /// The number of changes that may or may not have taken effect.
    pub fn unconfirmed(&self) -> u64 {
        let changes = self.changes.iter().map(|settled| settled.outcome.result);
        let all = changes.chain(self.setting.as_ref().map(|setting| setting.outcome.result));
        all.filter(|result| *result == OutcomeKind::Unconfirmed).count() as u64
    }

    /// The words for the changes that are not known to be applied.
    pub fn missing_words(&self) -> &'static str {
        let unconfirmed = self.unconfirmed();
        match (unconfirmed, self.total.saturating_sub(self.applied).saturating_sub(unconfirmed)) {
            (0, _) => "Not applied",
            (_, 0) => "Not confirmed",
            _ => "Not applied, or not confirmed",
        }
    }

    /// All findings, preceded by an error for each change that was not applied. Of very many, some are counted and not listed.
    pub fn all_findings(&self) -> Vec<FindingView> {
        let (listed, others) = self.listed();
        let change =
            |it: &SettledChange| not_applied(&it.outcome, &marks::what(&it.change), it.change.declared_at.as_ref());
        let setting = self.setting.iter().filter_map(|SettledSetting { setting, outcome }| {
            not_applied(outcome, "who can allocate", setting.declared_at.as_ref())
        });
        let listed = listed.into_iter().filter_map(change);
        let counted = by_code(&others).into_iter().map(|(code, many)| FindingView {
            help: vec!["the JSON of the run lists each of them".to_owned()],
            ..error(code, cap::counted_errors(many))
        });
        listed.chain(counted).chain(setting).chain(self.findings.iter().cloned()).collect()
    }

    /// How many more errors there are than [`RunView::all_findings`] has entries.
    pub fn unlisted(&self) -> u64 {
        by_code(&self.listed().1).into_values().map(|many| many - 1).sum()
    }
}

/// The number of changes by the code of their outcome.
fn by_code(changes: &[&SettledChange]) -> BTreeMap<Code, u64> {
    let mut counts = BTreeMap::new();
    for code in changes.iter().filter_map(|it| it.outcome.code) {
        *counts.entry(code).or_insert(0) += 1;
    }
    counts
}

fn error(code: Code, message: String) -> FindingView {
    FindingView {
        code,
        title: code.title(),
        severity: Severity::Error,
        message,
        primary: None,
        related: Vec::new(),
        notes: Vec::new(),
        help: Vec::new(),
        allowance: None,
        also_on_base: None,
    }
}

/// The error for a change that was not applied.
fn not_applied(outcome: &OutcomeView, what: &str, declared_at: Option<&Place>) -> Option<FindingView> {
    let code = outcome.code?;
    let why = outcome.why.as_deref().unwrap_or("no reason was given");
    Some(FindingView {
        primary: declared_at.map(|place| LabelView { place: place.clone(), text: outcome.result.words().to_owned() }),
        help: vec!["`allot plan` shows what is left".to_owned()],
        ..error(code, format!("{what}: {}: {why}", outcome.result.words()))
    })
}

fn verdict(interrupted: bool, applied: u64, total: u64) -> RunVerdict {
    if total == 0 {
        RunVerdict::NothingToApply
    } else if applied == total {
        // A stop request after the last change leaves nothing undone.
        RunVerdict::Applied
    } else if interrupted {
        RunVerdict::Interrupted
    } else if applied > 0 {
        RunVerdict::AppliedInPart
    } else {
        RunVerdict::NotApplied
    }
}
