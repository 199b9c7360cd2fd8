//! A pool of units: what is owned, what is kept back, and what is allocated before and after a plan and on later days.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::catalog::Pool;
use crate::model::terms::Units;

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
