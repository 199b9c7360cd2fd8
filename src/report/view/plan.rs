//! What a plan would do, and whether it may.

use jiff::civil::Date;
use serde::Serialize;

use super::basics::{AddOnView, FORMAT_VERSION, FindingView};
use super::pool::PoolView;
use crate::model::code::Code;
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::document::{Entry, Switch};
use crate::model::finding::{Finding, Severity};
use crate::model::plan::change::{ChangeKind, ChangeOrigin, EnvironmentRef, PlannedChange, SettingChange};
use crate::model::plan::draft::{Basis, Draft, NotChecked, Summary};
use crate::model::plan::order::{PlanId, Step};
use crate::model::roles::WhoCanAllocate;
use crate::model::source::{Place, Sources};
use crate::model::terms::{EnvironmentId, EnvironmentKey, Percent, Units};

/// What a plan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanVerdict {
    /// There is nothing to do.
    NoChanges,
    /// It can be applied.
    Ready,
    /// It can be applied, and there is something to know first.
    ReadyWithWarnings,
    /// It must not be applied as it stands.
    Refused,
}

/// One switch that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SwitchView {
    /// Which.
    pub switch: Switch,
    /// Its words for people.
    pub label: &'static str,
    /// The value now; `null` where it is not stated.
    pub before: Option<bool>,
    /// The value afterwards.
    pub after: bool,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// Where.
    pub environment: EnvironmentRef,
    /// Of which add-on.
    pub add_on: AddOnView,
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// The units now.
    pub units_before: Units,
    /// The units afterwards.
    pub units_after: Units,
    /// `unitsAfter - unitsBefore`.
    pub difference: i128,
    /// The switches that change.
    pub switches: Vec<SwitchView>,
    /// The whole entry now; `null` where there is none.
    pub before: Option<Entry>,
    /// The whole entry afterwards.
    pub after: Entry,
    /// The last day of a grant that is part of the amount.
    pub until: Option<Date>,
    /// The ticket that asked for it.
    pub ticket: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who to ask.
    pub owner: Option<String>,
    /// Where the amount is declared.
    pub declared_at: Option<Place>,
    /// Whether this branch is why it changes; missing where that was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<ChangeOrigin>,
}

impl ChangeView {
    /// A change as planned.
    pub fn new(planned: &PlannedChange) -> ChangeView {
        let change = &planned.change;
        let switch = |(switch, before, after): (Switch, Option<bool>, bool)| SwitchView {
            switch,
            label: switch.label(),
            before,
            after,
        };
        ChangeView {
            environment: planned.environment.clone(),
            add_on: AddOnView::new(change.add_on()),
            kind: change.kind(),
            units_before: change.units_before(),
            units_after: change.after().units,
            difference: change.after().units.difference(change.units_before()),
            switches: change.switched().map(switch).collect(),
            before: change.before().cloned(),
            after: *change.after(),
            until: planned.until,
            ticket: planned.ticket.clone(),
            reason: planned.reason.clone(),
            owner: planned.owner.as_deref().map(str::to_owned),
            declared_at: planned.declared_at.clone(),
            origin: None,
        }
    }
}

/// Who may allocate, where that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingView {
    /// The key in the configuration: `whoCanAllocate`.
    pub setting: &'static str,
    /// The value now; `null` where the tenant has none.
    pub before: Option<WhoCanAllocate>,
    /// The value afterwards.
    pub after: WhoCanAllocate,
    /// Where it is declared.
    pub declared_at: Option<Place>,
}

impl SettingView {
    /// A setting as planned.
    pub fn new(setting: &SettingChange) -> SettingView {
        SettingView {
            setting: "whoCanAllocate",
            before: setting.before,
            after: setting.after,
            declared_at: setting.declared_at.clone(),
        }
    }
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// Its place in the order, from 1.
    pub number: u64,
    /// The environment that is written.
    pub environment: EnvironmentId,
    /// Which of `changes` go with it, counted from 0.
    pub changes: Vec<usize>,
}

/// What a plan view is made from.
#[derive(Clone, Copy, Debug)]
pub struct PlanFacts<'a> {
    /// The command that asks: `plan`, `apply`, `watch`.
    pub command: CommandName,
    /// What would change.
    pub draft: &'a Draft,
    /// The writes in order; none where the plan is refused.
    pub steps: &'a [Step],
    /// The plan's name, where it has one.
    pub id: Option<&'a PlanId>,
    /// Everything that was found.
    pub findings: &'a [Finding],
    /// Where the findings' places lie.
    pub sources: &'a Sources,
    /// From which share on a pool counts as nearly full.
    pub near_from: Percent,
}

/// A plan as it is shown, also when it is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that asked.
    pub command: CommandName,
    /// What it comes to.
    pub verdict: PlanVerdict,
    /// The plan's name; `null` where it is refused.
    pub plan_id: Option<String>,
    /// The day that it is made for.
    pub date: Date,
    /// What the configuration calls the tenant.
    pub tenant: String,
    /// Where the tenant lives: the built-in one, or the service.
    pub provider: Provider,
    /// The environments that it is restricted to; empty for all.
    pub targets: Vec<EnvironmentKey>,
    /// How many changes of each kind.
    pub summary: Summary,
    /// The pools that are declared or touched.
    pub pools: Vec<PoolView>,
    /// Decreases before increases before switches.
    pub changes: Vec<ChangeView>,
    /// Who may allocate, where that changes.
    pub setting: Option<SettingView>,
    /// The writes in order.
    pub steps: Vec<StepView>,
    /// What it did not look at.
    pub not_checked: Vec<NotChecked>,
    /// Everything that was found.
    pub findings: Vec<FindingView>,
    /// What it was made from.
    pub basis: Basis,
    /// What this branch is held against; missing where that was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseView>,
}

/// The commit that a branch is held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BaseView {
    /// What was asked for.
    pub reference: String,
    /// The commit.
    pub commit: String,
    /// How many changes come from this branch.
    pub branch: u64,
    /// How many were pending before it.
    pub pending: u64,
}

impl PlanView {
    /// Whether something of the tenant could not be read, so that nothing is known of it.
    pub fn is_partial(&self) -> bool {
        is_partial(&self.findings)
    }

    /// The same, with where each change comes from.
    #[must_use]
    pub fn held_against(mut self, reference: &str, commit: &str, origins: &[ChangeOrigin]) -> PlanView {
        for (change, origin) in self.changes.iter_mut().zip(origins) {
            change.origin = Some(*origin);
        }
        let number = |wanted| origins.iter().filter(|origin| **origin == wanted).count() as u64;
        self.base = Some(BaseView {
            reference: reference.to_owned(),
            commit: commit.to_owned(),
            branch: number(ChangeOrigin::Branch),
            pending: number(ChangeOrigin::Pending),
        });
        self
    }

    /// The same, where what was there before could not be read: that is said, and every change may be this branch's.
    #[must_use]
    pub fn without_base(self, reference: &str, why: &str) -> PlanView {
        let subject = format!("which changes were pending before this branch left {reference}");
        self.without(NotChecked { subject, reason: why.to_owned() })
    }

    /// The same, where one thing more was not looked at.
    #[must_use]
    pub fn without(mut self, not_checked: NotChecked) -> PlanView {
        self.not_checked.push(not_checked);
        self
    }
}

impl PlanView {
    /// A plan as it is shown.
    pub fn new(facts: &PlanFacts<'_>) -> PlanView {
        let PlanFacts { command, draft, steps, id, findings, sources, near_from } = *facts;
        let step = |(number, step): (u64, &Step)| StepView {
            number,
            environment: step.environment.clone(),
            changes: step.changes.clone(),
        };
        PlanView {
            format_version: FORMAT_VERSION,
            command,
            verdict: verdict(draft, findings),
            plan_id: id.map(ToString::to_string),
            date: draft.date,
            tenant: draft.tenant.clone(),
            provider: draft.provider,
            targets: draft.targets.clone(),
            summary: draft.summary(),
            pools: draft.pools.iter().map(|pool| PoolView::new(pool, near_from)).collect(),
            changes: draft.changes.iter().map(ChangeView::new).collect(),
            setting: draft.setting.as_ref().map(SettingView::new),
            steps: (1..).zip(steps).map(step).collect(),
            not_checked: draft.not_checked.clone(),
            findings: FindingView::all(findings, sources),
            basis: draft.basis.clone(),
            base: None,
        }
    }
}

pub(super) fn is_partial(findings: &[FindingView]) -> bool {
    findings.iter().any(|finding| matches!(finding.code, Code::A404 | Code::A410))
}

fn verdict(draft: &Draft, findings: &[Finding]) -> PlanVerdict {
    if findings.iter().any(Finding::is_error) {
        PlanVerdict::Refused
    } else if draft.is_empty() {
        PlanVerdict::NoChanges
    } else if findings.iter().any(|finding| finding.severity == Severity::Warning) {
        PlanVerdict::ReadyWithWarnings
    } else {
        PlanVerdict::Ready
    }
}
