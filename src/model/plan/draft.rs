//! The draft: everything that would change, whether or not it may, and what it was made from.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::change::{ChangeKind, PlannedChange, SettingChange};
use super::pool::PlannedPool;
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{ConfigurationDigests, Provider};
use crate::model::terms::{EnvironmentKey, Units};

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
