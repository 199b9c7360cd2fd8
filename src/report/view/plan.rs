//! The changes of a plan, and whether they may be applied.

use jiff::civil::Date;
use serde::Serialize;

use super::basics::{AddOnView, FindingView};
use super::pool::PoolView;
use crate::model::desired::Provider;
use crate::model::document::{Entry, Switch};
use crate::model::finding::{Finding, Severity};
use crate::model::plan::change::{ChangeKind, ChangeOrigin, EnvironmentRef, PlannedChange, SettingChange};
use crate::model::plan::comparison::Comparison;
use crate::model::plan::draft::{Basis, Draft, NotChecked, Summary};
use crate::model::plan::guards::GuardChange;
use crate::model::plan::order::{PlanId, Step};
use crate::model::roles::WhoCanAllocate;
use crate::model::source::{Place, Sources};
use crate::model::terms::{EnvironmentId, EnvironmentKey, Percent, Units};
use crate::report::counts::Counts;

/// The result of planning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanVerdict {
    /// There is nothing to do.
    NoChanges,
    /// The plan can be applied.
    Ready,
    /// The plan can be applied, and has warnings.
    ReadyWithWarnings,
    /// This branch weakens or changes guards. If the plan has errors, the plan of the base has each of them.
    ChangesGuards,
    /// The plan can be applied, and it is unknown which guards this branch changes, because it could not be compared with its base.
    GuardsUnknown,
    /// The plan must not be applied, and no error is new on this branch: the plan of the base has each of them.
    RefusedBefore,
    /// The plan must not be applied.
    Refused,
}

/// One switch that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SwitchView {
    /// The switch.
    pub switch: Switch,
    /// The name for people.
    pub label: &'static str,
    /// The value now; `null` if the tenant does not state one.
    pub before: Option<bool>,
    /// The value afterwards.
    pub after: bool,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// The environment that changes.
    pub environment: EnvironmentRef,
    /// The add-on that changes.
    pub add_on: AddOnView,
    /// The kind of change.
    pub kind: ChangeKind,
    /// The units now.
    pub units_before: Units,
    /// The units afterwards.
    pub units_after: Units,
    /// `unitsAfter - unitsBefore`.
    pub difference: i128,
    /// The switches that change.
    pub switches: Vec<SwitchView>,
    /// The whole entry now; `null` if there is none.
    pub before: Option<Entry>,
    /// The whole entry afterwards.
    pub after: Entry,
    /// The last day of a grant that is part of the amount.
    pub until: Option<Date>,
    /// The ticket that requested the amount.
    pub ticket: Option<String>,
    /// The reason that the configuration gives.
    pub reason: Option<String>,
    /// Whom to ask about the environment.
    pub owner: Option<String>,
    /// The place that declares the amount.
    pub declared_at: Option<Place>,
    /// Whether this branch causes the change; missing unless the plan was compared with a base.
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

/// The change of the setting `whoCanAllocate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingView {
    /// The key in the configuration: `whoCanAllocate`.
    pub setting: &'static str,
    /// The value now; `null` if the tenant has none.
    pub before: Option<WhoCanAllocate>,
    /// The value afterwards.
    pub after: WhoCanAllocate,
    /// The place that declares the setting.
    pub declared_at: Option<Place>,
    /// Whether this branch causes the change; missing unless the plan was compared with a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<ChangeOrigin>,
}

impl SettingView {
    /// A setting as planned.
    pub fn new(setting: &SettingChange) -> SettingView {
        SettingView {
            setting: "whoCanAllocate",
            before: setting.before,
            after: setting.after,
            declared_at: setting.declared_at.clone(),
            origin: None,
        }
    }
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// The position in the order, from 1.
    pub number: u64,
    /// The environment that is written.
    pub environment: EnvironmentId,
    /// Indexes, from 0, of the `changes` that this write carries.
    pub changes: Vec<usize>,
}

/// A plan, approved or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// The result.
    pub verdict: PlanVerdict,
    /// The plan's id; `null` if it is refused.
    pub plan_id: Option<String>,
    /// The day that the plan is made for.
    pub date: Date,
    /// The tenant's name in the configuration.
    pub tenant: String,
    /// The built-in tenant, or the service.
    pub provider: Provider,
    /// The environments that the plan is restricted to; empty for all.
    pub targets: Vec<EnvironmentKey>,
    /// The number of changes of each kind.
    pub summary: Summary,
    /// The pools that are declared or touched.
    pub pools: Vec<PoolView>,
    /// Decreases before increases before switches.
    pub changes: Vec<ChangeView>,
    /// The change of the setting `whoCanAllocate`.
    pub setting: Option<SettingView>,
    /// The writes in order.
    pub steps: Vec<StepView>,
    /// What the plan did not check.
    pub not_checked: Vec<NotChecked>,
    /// The findings. Beyond the limits of `report::cap`, a finding counts the rest.
    pub findings: Vec<FindingView>,
    /// The inputs of the plan.
    pub basis: Basis,
    /// The base that this branch was compared with; missing if no base was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseView>,
    /// Whether the base has each finding of the plan, listed or not; empty unless the plan was compared with a base.
    #[serde(skip)]
    pub on_base: Vec<bool>,
    /// The number of findings that the base has too, listed or not.
    #[serde(skip)]
    pub findings_on_base: u64,
}

/// The commit that a branch is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BaseView {
    /// The reference as requested.
    pub reference: String,
    /// The commit that the reference names.
    pub commit: String,
    /// The number of changes that come from this branch.
    pub branch: u64,
    /// The number of changes that were pending before this branch.
    pub pending: u64,
    /// The guards that this branch weakens or changes.
    pub guards: Vec<GuardChange>,
}

impl PlanView {
    /// Whether the plan must not be applied because of an error that the base does not have.
    pub fn is_refused_by_branch(&self) -> bool {
        self.own_findings().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether the plan must not be applied.
    pub fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The findings that the base does not have; all of them if the plan was not compared with a base.
    pub fn own_findings(&self) -> impl Iterator<Item = &FindingView> {
        self.findings.iter().filter(|finding| finding.also_on_base != Some(true))
    }

    /// The pools to which this branch gives other figures than the base; all of them if the plan was not compared with a base.
    pub fn own_pools(&self) -> impl Iterator<Item = &PoolView> {
        self.pools.iter().filter(|pool| pool.also_on_base != Some(true))
    }

    /// The changes that this branch causes; all of them if the plan was not compared with a base.
    pub fn own_changes(&self) -> impl Iterator<Item = &ChangeView> + Clone {
        self.changes.iter().filter(|change| change.origin != Some(ChangeOrigin::Pending))
    }

    /// The change of who can allocate, unless it was pending before this branch.
    pub fn own_setting(&self) -> Option<&SettingView> {
        self.setting.as_ref().filter(|setting| setting.origin != Some(ChangeOrigin::Pending))
    }

    /// The guards that this branch weakens or changes; none if it was not compared with a base.
    pub fn guards(&self) -> &[GuardChange] {
        self.base.as_ref().map_or(&[], |base| &base.guards)
    }

    /// The view of a plan. An approved plan has an id and an order of writes.
    pub fn new(
        draft: &Draft,
        approved: Option<(&PlanId, &[Step])>,
        findings: &[Finding],
        sources: &Sources,
        near_from: Percent,
    ) -> PlanView {
        let (id, steps) = approved.unzip();
        let step = |(number, step): (u64, &Step)| StepView {
            number,
            environment: step.environment.clone(),
            changes: step.changes.clone(),
        };
        PlanView {
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
            steps: (1..).zip(steps.unwrap_or_default()).map(step).collect(),
            not_checked: draft.not_checked.clone(),
            findings: FindingView::all(findings, sources),
            basis: draft.basis.clone(),
            base: None,
            on_base: Vec::new(),
            findings_on_base: 0,
        }
    }

    /// Notes that a base was asked for, and that the plan could not be compared with it.
    pub fn compare_with_nothing(&mut self, left_out: NotChecked) {
        if self.verdict != PlanVerdict::Refused {
            self.verdict = PlanVerdict::GuardsUnknown;
        }
        self.not_checked.push(left_out);
    }

    /// Adds the base, what the plan has in common with the base's plan, and the guards that this branch changes. The verdict is then about
    /// this branch: what the base has as well does not count. If the branch changes guards and is not refused, the verdict is
    /// [`PlanVerdict::ChangesGuards`], even if nothing changes in the tenant. `findings` are all findings of the plan.
    pub fn compare_with(
        &mut self,
        (reference, commit): (&str, &str),
        (findings, sources): (&[Finding], &Sources),
        shared: Comparison,
        guards: Vec<GuardChange>,
    ) {
        for (change, origin) in self.changes.iter_mut().zip(&shared.changes) {
            change.origin = Some(*origin);
        }
        if let Some(setting) = &mut self.setting {
            let origin = if shared.has_setting { ChangeOrigin::Pending } else { ChangeOrigin::Branch };
            setting.origin = Some(origin);
        }
        for (pool, is_shared) in self.pools.iter_mut().zip(&shared.pools) {
            pool.also_on_base = Some(*is_shared);
        }
        self.findings = FindingView::compared(findings, &shared.findings, sources);
        let of_base = findings.iter().zip(&shared.findings).filter(|(_, is_on_base)| **is_on_base);
        self.findings_on_base = Counts::of(of_base.map(|(finding, _)| finding)).total();
        self.on_base = shared.findings;
        let is_warned = self.own_findings().any(|finding| finding.severity == Severity::Warning);
        self.verdict = match self.verdict {
            PlanVerdict::Refused if self.is_refused_by_branch() => PlanVerdict::Refused,
            _ if !guards.is_empty() => PlanVerdict::ChangesGuards,
            PlanVerdict::Refused => PlanVerdict::RefusedBefore,
            PlanVerdict::ReadyWithWarnings if !is_warned => PlanVerdict::Ready,
            verdict => verdict,
        };
        let (branch, pending) = (self.own_changes().count() as u64, shared.changes.len() as u64);
        self.base = Some(BaseView {
            reference: reference.to_owned(),
            commit: commit.to_owned(),
            branch,
            pending: pending.saturating_sub(branch),
            guards,
        });
    }
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
