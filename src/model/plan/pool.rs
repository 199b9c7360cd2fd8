//! A pool: units owned, reserved, and allocated before a plan, after it, and on later days.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::catalog::Pool;
use crate::model::terms::Units;

/// The units owned, if they are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "known", rename_all_fields = "camelCase")]
pub enum Owned {
    /// The lower of the declared and the reported units. If only one of the two figures is known, that one.
    #[serde(rename = "yes")]
    Known {
        /// The lower figure.
        units: Units,
        /// The figure in the configuration.
        declared: Option<Units>,
        /// The figure that the tenant reports.
        live: Option<Units>,
    },
    /// The figure that counts is unknown.
    #[serde(rename = "no")]
    Unknown {
        /// The reason, in words for people.
        why: Arc<str>,
        /// The units that are owned at least: the lower of the declared units and those that the tenant reports for the
        /// other add-ons of the pool; zero if it reports none, or if a figure could not be read.
        #[serde(default, skip_serializing_if = "is_zero")]
        at_least: Units,
    },
}

/// `serde` passes a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(units: &Units) -> bool {
    units.is_zero()
}

impl Owned {
    /// The units, if they are known.
    pub fn units(&self) -> Option<Units> {
        match self {
            Owned::Known { units, .. } => Some(*units),
            Owned::Unknown { .. } => None,
        }
    }

    /// The units that are owned at least.
    pub fn at_least(&self) -> Units {
        match self {
            Owned::Known { units, .. } => *units,
            Owned::Unknown { at_least, .. } => *at_least,
        }
    }
}

/// A pool on a later date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FuturePool {
    /// The first day.
    pub from: Date,
    /// Units owned then, if they are known.
    pub owned: Option<Units>,
    /// Units that no plan may allocate then.
    pub reserve: Units,
    /// Units allocated then, if nothing else changes.
    pub allocated: Units,
}

impl FuturePool {
    /// The units owned less those reserved and allocated; a negative number is a shortage. `None` if it is unknown how many are owned.
    pub fn free(&self) -> Option<i128> {
        Some(self.owned?.difference(self.reserve) - i128::from(self.allocated.get()))
    }
}

/// A pool before and after the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedPool {
    /// The pool.
    pub pool: Pool,
    /// Units owned on the plan's date.
    pub owned: Owned,
    /// Units that no plan may allocate.
    pub reserve: Units,
    /// The declared debt: units that the pool may hold above those owned. `None` if `debts` declares none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debt: Option<Units>,
    /// Units allocated now: those read from environments, and [`PlannedPool::unseen`].
    pub allocated_before: Units,
    /// Units allocated after the whole plan.
    pub allocated_after: Units,
    /// The number of environments whose units are unknown.
    pub unknown_environments: u64,
    /// Units that the tenant counts as allocated and that no document shows. If they are unknown (`None`), no figure
    /// includes them, and no plan may take from the pool.
    pub unseen: Option<Units>,
    /// The later days on which the pool changes.
    pub future: Vec<FuturePool>,
}

impl PlannedPool {
    /// The units that the pool may hold: those owned, and the declared debt. `None` if it is unknown how many are owned.
    pub fn limit(&self) -> Option<Units> {
        self.owned.units().map(|owned| std::iter::once(owned).chain(self.debt).sum())
    }

    /// Whether the plan raises the pool.
    pub fn grows(&self) -> bool {
        self.allocated_after > self.allocated_before
    }

    /// The units above which no write may raise the pool. The first case that applies decides:
    ///
    /// 1. Owned units unknown: the larger of the amount allocated before and the units owned at least.
    /// 2. The pool is not over-allocated after the plan: the units owned.
    /// 3. The plan raises the pool: [`PlannedPool::limit`].
    /// 4. The amount allocated after the plan is within the limit: the lower of the limit and the amount allocated before.
    /// 5. Otherwise: the amount allocated before.
    ///
    /// If the unseen units are unknown, the ceiling is never above the amount allocated before.
    pub fn ceiling(&self) -> Units {
        let most = match self.limit() {
            None => self.allocated_before.max(self.owned.at_least()),
            Some(_) if self.allocated_after <= self.owned.at_least() => self.owned.at_least(),
            Some(limit) if self.grows() => limit,
            Some(limit) if self.allocated_after <= limit => limit.min(self.allocated_before),
            Some(_) => self.allocated_before,
        };
        if self.unseen.is_some() { most } else { most.min(self.allocated_before) }
    }
}

#[cfg(test)]
mod tests;
