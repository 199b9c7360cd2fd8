//! The draft: all changes, before any check, and the inputs that they were computed from.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::change::{ChangeKind, PlannedChange, SettingChange};
use super::pool::PlannedPool;
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{ConfigurationDigests, Provider};
use crate::model::finding::Allowance;
use crate::model::terms::{EnvironmentKey, Units};

/// Something that the plan does not cover, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotChecked {
    /// The subject, as a noun phrase.
    pub subject: String,
    /// The reason, as a clause.
    pub reason: String,
}

/// The inputs of a plan, which must be unchanged when the plan is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Basis {
    /// The tenant's own name.
    pub tenant: Arc<str>,
    /// The digests of the configuration.
    pub configuration: ConfigurationDigests,
    /// The purchased units that the tenant reports for each add-on that the plan changes.
    pub live_totals: BTreeMap<AddOn, Units>,
}

/// The number of changes of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summary {
    /// See [`ChangeKind::Assign`].
    pub assign: u64,
    /// See [`ChangeKind::Increase`].
    pub increase: u64,
    /// See [`ChangeKind::Decrease`].
    pub decrease: u64,
    /// See [`ChangeKind::Release`].
    pub release: u64,
    /// See [`ChangeKind::Switch`].
    pub switch: u64,
    /// Changes of tenant settings.
    pub setting: u64,
}

impl Summary {
    /// The number of all changes.
    pub fn total(&self) -> u64 {
        self.assign + self.increase + self.decrease + self.release + self.switch + self.setting
    }
}

/// All changes, before any check. Reports show the draft even if the plan is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Draft {
    /// The day for which the draft is made.
    pub date: Date,
    /// The tenant's name in the configuration.
    pub tenant: String,
    /// The kind of tenant.
    pub provider: Provider,
    /// The environments of `--target`; empty for all.
    pub targets: Vec<EnvironmentKey>,
    /// The refusals that `--allow` lets through.
    pub allowances: Vec<Allowance>,
    /// Whether warnings refuse the plan too.
    pub strict: bool,
    /// The pools that are declared, owned, held, used or changed.
    pub pools: Vec<PlannedPool>,
    /// The changes: decreases, then increases, then switches, each by environment and add-on.
    pub changes: Vec<PlannedChange>,
    /// The change of the setting `whoCanAllocate`, if there is one. Written last.
    pub setting: Option<SettingChange>,
    /// What the draft does not cover.
    pub not_checked: Vec<NotChecked>,
    /// The inputs of the draft.
    pub basis: Basis,
}

impl Draft {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.setting.is_none()
    }

    /// Counts the changes of each kind.
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

    /// A pool of the draft.
    pub fn pool(&self, pool: &Pool) -> Option<&PlannedPool> {
        self.pools.iter().find(|planned| planned.pool == *pool)
    }
}
