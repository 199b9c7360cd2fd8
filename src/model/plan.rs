//! The plan: what changes, in which order, and what the pools look like before and after.
//!
//! Plain data without clock or place of execution: the same input gives the same bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::catalog::{AddOn, Pool};
use super::desired::{ConfigurationDigests, Provider};
use super::document::{Entry, Switch};
use super::source::Place;
use super::terms::{EnvironmentId, EnvironmentKey, Units, WhoCanAllocate};

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// From something to nothing.
    Release,
    /// From more to less, but not to nothing.
    Decrease,
    /// From nothing to something.
    Assign,
    /// From less to more.
    Increase,
    /// Only what happens when units are used up.
    Switch,
}

impl ChangeKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Release => "release",
            ChangeKind::Decrease => "decrease",
            ChangeKind::Assign => "assign",
            ChangeKind::Increase => "increase",
            ChangeKind::Switch => "switch",
        }
    }
}

/// What an environment holds of one add-on, going from one whole entry to another.
///
/// Made by [`Change::between`] only, so a change that changes nothing does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "ChangeParts")]
pub struct Change {
    add_on: AddOn,
    kind: ChangeKind,
    before: Option<Entry>,
    after: Entry,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeParts {
    add_on: AddOn,
    kind: ChangeKind,
    before: Option<Entry>,
    after: Entry,
}

impl TryFrom<ChangeParts> for Change {
    type Error = String;

    fn try_from(parts: ChangeParts) -> Result<Change, String> {
        let name = parts.add_on.clone();
        let change = Change::between(parts.add_on, parts.before, parts.after)
            .ok_or_else(|| format!("the change of {name} changes nothing"))?;
        if change.kind == parts.kind {
            Ok(change)
        } else {
            Err(format!("the change of {name} is called {}, and is {}", parts.kind.as_str(), change.kind.as_str()))
        }
    }
}

impl Change {
    /// The change from one entry to another; `None` where nothing changes. Having no entry is the same as holding
    /// nothing: a desired 0 is not written over it.
    pub fn between(add_on: AddOn, before: Option<Entry>, after: Entry) -> Option<Change> {
        let held = before.as_ref().map_or(Units::ZERO, |entry| entry.units);
        let switches_differ = match &before {
            Some(entry) => entry.when_exhausted != after.when_exhausted,
            None => !after.when_exhausted.is_empty(),
        };
        let kind = match (held, after.units) {
            (before, after) if before == after && switches_differ => ChangeKind::Switch,
            (before, after) if before == after => return None,
            (_, Units::ZERO) => ChangeKind::Release,
            (Units::ZERO, _) => ChangeKind::Assign,
            (before, after) if after < before => ChangeKind::Decrease,
            _ => ChangeKind::Increase,
        };
        Some(Change { add_on, kind, before, after })
    }

    /// The add-on.
    pub fn add_on(&self) -> &AddOn {
        &self.add_on
    }

    /// What kind of change it is.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// What is held before; `None` where there is no entry.
    pub fn before(&self) -> Option<&Entry> {
        self.before.as_ref()
    }

    /// The units held before; no entry holds none.
    pub fn units_before(&self) -> Units {
        self.before.as_ref().map_or(Units::ZERO, |entry| entry.units)
    }

    /// What is to be held after.
    pub fn after(&self) -> &Entry {
        &self.after
    }

    /// The switches that change, with their values before (`None`: not stated) and after.
    pub fn switched(&self) -> impl Iterator<Item = (Switch, Option<bool>, bool)> {
        self.after.when_exhausted.iter().filter_map(|(switch, after)| {
            let before = self.before.as_ref().and_then(|entry| entry.when_exhausted.get(switch));
            (before != Some(after)).then_some((switch, before, after))
        })
    }

    /// Whether units are given back.
    pub fn gives_back(&self) -> bool {
        self.after.units < self.units_before()
    }

    /// Whether units are taken from the pool.
    pub fn takes(&self) -> bool {
        self.after.units > self.units_before()
    }
}

/// An environment as the plan names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvironmentRef {
    /// What the configuration calls it.
    pub key: EnvironmentKey,
    /// Its id.
    pub id: EnvironmentId,
    /// What the tenant calls it, where that is known.
    pub name: Option<Arc<str>>,
}

/// A change, with the words around it that a reviewer wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedChange {
    /// Where.
    pub environment: EnvironmentRef,
    /// What.
    pub change: Change,
    /// The last day of a grant that is part of the amount.
    pub until: Option<Date>,
    /// The ticket that asked for it.
    pub ticket: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who to ask.
    pub owner: Option<Arc<str>>,
    /// Where the amount is declared.
    pub declared_at: Option<Place>,
}

/// Who may allocate, going from one value to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingChange {
    /// The value now; `None` where the tenant has none.
    pub before: Option<WhoCanAllocate>,
    /// The value afterwards.
    pub after: WhoCanAllocate,
    /// Where it is declared.
    pub declared_at: Option<Place>,
}

/// How many units are owned, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "known", rename_all_fields = "camelCase")]
pub enum Owned {
    /// The lower of what is declared and what the tenant reports, or the one of them that there is.
    #[serde(rename = "yes")]
    Known {
        /// The figure that counts.
        units: Units,
        /// What the configuration says.
        declared: Option<Units>,
        /// What the tenant says.
        live: Option<Units>,
    },
    /// Nobody says.
    #[serde(rename = "no")]
    Unknown {
        /// Why, in words for people.
        why: Arc<str>,
    },
}

impl Owned {
    /// The figure that counts.
    pub fn units(&self) -> Option<Units> {
        match self {
            Owned::Known { units, .. } => Some(*units),
            Owned::Unknown { .. } => None,
        }
    }
}

/// A pool on a later date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FuturePool {
    /// From this day on.
    pub from: Date,
    /// Units owned then; `None` where unknown.
    pub owned: Option<Units>,
    /// Units kept back then.
    pub reserve: Units,
    /// Units allocated then, if nothing else changes.
    pub allocated: Units,
}

/// A pool before and after the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedPool {
    /// Which.
    pub pool: Pool,
    /// Units owned on the plan's date.
    pub owned: Owned,
    /// Units kept back.
    pub reserve: Units,
    /// Units allocated now: what environments were seen to hold, and [`PlannedPool::unseen`].
    pub allocated_before: Units,
    /// Units allocated once everything is applied.
    pub allocated_after: Units,
    /// Environments of which it is unknown what they hold.
    pub unknown_environments: u64,
    /// Units that the tenant counts as allocated and that no environment was seen to hold. `None` where nobody knows how
    /// many there are; they are in no figure then, and nothing may be added to the pool.
    pub unseen: Option<Units>,
    /// Later days on which something changes.
    pub future: Vec<FuturePool>,
}

impl PlannedPool {
    /// The most that a write may leave behind that lets the pool grow: what is owned. A pool that holds more already, and
    /// holds no more than is owned after the plan, hands nothing out before its debt is over; where the debt stays, units
    /// may move within what was held before. Where it is unknown what is owned, or what is held, nothing may be added.
    pub fn ceiling(&self) -> Units {
        let Some(owned) = self.owned.units() else { return self.allocated_before };
        let debt_stays = self.allocated_after > owned;
        let most = if debt_stays { owned.max(self.allocated_before) } else { owned };
        if self.unseen.is_some() { most } else { most.min(self.allocated_before) }
    }
}

/// Something that the plan did not look at, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotChecked {
    /// What, as a noun phrase.
    pub subject: String,
    /// Why, as a clause.
    pub reason: String,
}

/// What the plan was made from: what must still hold when it is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Basis {
    /// What the tenant calls itself.
    pub tenant: Arc<str>,
    /// The configuration.
    pub configuration: ConfigurationDigests,
    /// What the tenant says was purchased of each add-on that the plan touches.
    pub live_totals: BTreeMap<AddOn, Units>,
}

/// How many changes of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summary {
    /// From nothing to something.
    pub assign: u64,
    /// From less to more.
    pub increase: u64,
    /// From more to less.
    pub decrease: u64,
    /// From something to nothing.
    pub release: u64,
    /// Only switches.
    pub switch: u64,
    /// Tenant settings.
    pub setting: u64,
}

impl Summary {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.assign + self.increase + self.decrease + self.release + self.switch + self.setting
    }
}

/// Where a change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// What is declared differs from what was declared before: this branch is why it changes, or why it changes so.
    Branch,
    /// The same was to be done before this branch.
    Pending,
}

/// What would change, whether or not it may: always shown, also when it is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Draft {
    /// The day that it is made for.
    pub date: Date,
    /// What the configuration calls the tenant.
    pub tenant: String,
    /// Where the tenant lives: the built-in one, or the service.
    pub provider: Provider,
    /// The environments that it is restricted to; empty for all.
    pub targets: Vec<EnvironmentKey>,
    /// The pools that are declared or touched.
    pub pools: Vec<PlannedPool>,
    /// Decreases before increases before switches; within them by environment and add-on.
    pub changes: Vec<PlannedChange>,
    /// Who may allocate, where that changes. Written last.
    pub setting: Option<SettingChange>,
    /// What it did not look at.
    pub not_checked: Vec<NotChecked>,
    /// What it was made from.
    pub basis: Basis,
}

impl Draft {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.setting.is_none()
    }

    /// How many changes of each kind.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { setting: u64::from(self.setting.is_some()), ..Summary::default() };
        for planned in &self.changes {
            match planned.change.kind() {
                ChangeKind::Release => summary.release += 1,
                ChangeKind::Decrease => summary.decrease += 1,
                ChangeKind::Assign => summary.assign += 1,
                ChangeKind::Increase => summary.increase += 1,
                ChangeKind::Switch => summary.switch += 1,
            }
        }
        summary
    }

    /// A pool of the plan.
    pub fn pool(&self, pool: &Pool) -> Option<&PlannedPool> {
        self.pools.iter().find(|planned| planned.pool == *pool)
    }
}

/// One write: an environment, and which of the draft's changes go with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The environment.
    pub environment: EnvironmentId,
    /// Indexes into [`Draft::changes`], ascending.
    pub changes: Vec<usize>,
}

/// Why an order of steps is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// A pool would hold more than it may.
    #[error("after write {step}, {pool} would hold {held}, more than the {ceiling} it may")]
    Overdraws {
        /// The write, from 1.
        step: usize,
        /// The pool.
        pool: Pool,
        /// What it would hold.
        held: Units,
        /// What it may hold.
        ceiling: Units,
    },
    /// A change is in no step, in two, or in the step of another environment.
    #[error("change {0} is not in exactly one write of its own environment")]
    Misplaced(usize),
    /// A change draws on a pool that the draft does not show.
    #[error("the plan does not show {0}, which it changes")]
    UnknownPool(Pool),
}

/// A draft and an order of writes in which no pool ever holds more than it may. Cannot be built otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "PlanParts")]
pub struct Plan {
    draft: Draft,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlanParts {
    draft: Draft,
    steps: Vec<Step>,
}

impl TryFrom<PlanParts> for Plan {
    type Error = OrderError;

    fn try_from(parts: PlanParts) -> Result<Plan, OrderError> {
        Plan::try_new(parts.draft, parts.steps)
    }
}

impl Plan {
    /// Replays the steps against the pools, one after another, so that whoever chose the order cannot choose a wrong one.
    ///
    /// # Errors
    ///
    /// Where a step would put a pool above its ceiling, or the steps do not cover the draft's changes exactly once.
    pub fn try_new(draft: Draft, steps: Vec<Step>) -> Result<Plan, OrderError> {
        let mut held: BTreeMap<&Pool, (u64, Units)> =
            draft.pools.iter().map(|pool| (&pool.pool, (pool.allocated_before.get(), pool.ceiling()))).collect();
        let mut seen = vec![false; draft.changes.len()];
        for (number, step) in (1..).zip(&steps) {
            let mut held_before: BTreeMap<Pool, u64> = BTreeMap::new();
            for &index in &step.changes {
                let planned = draft.changes.get(index).ok_or(OrderError::Misplaced(index))?;
                let first_time = seen.get_mut(index).is_some_and(|seen| !std::mem::replace(seen, true));
                if !first_time || planned.environment.id != step.environment {
                    return Err(OrderError::Misplaced(index));
                }
                let pool = planned.change.add_on().pool();
                let (now, _) = held.get_mut(&pool).ok_or_else(|| OrderError::UnknownPool(pool.clone()))?;
                held_before.entry(pool).or_insert(*now);
                // A document that holds less than the pool counted is impossible; zero then errs towards refusal below.
                *now = now
                    .saturating_sub(planned.change.units_before().get())
                    .saturating_add(planned.change.after().units.get());
            }
            for (pool, before) in held_before {
                let Some(&(now, ceiling)) = held.get(&pool) else { continue };
                if now > before && now > ceiling.get() {
                    return Err(OrderError::Overdraws { step: number, pool, held: Units::new(now), ceiling });
                }
            }
        }
        match seen.iter().position(|seen| !seen) {
            Some(missing) => Err(OrderError::Misplaced(missing)),
            None => Ok(Plan { draft, steps }),
        }
    }

    /// What changes.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The writes, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The changes of a step.
    pub fn changes_of<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a PlannedChange> {
        step.changes.iter().filter_map(|&index| self.draft.changes.get(index))
    }
}

/// The digest that names a plan: 16 hexadecimal digits of a SHA-256 over its content.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(pub String);

impl fmt::Display for PlanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
