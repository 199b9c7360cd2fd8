//! The current state of the tenant: a gauge for each pool, and what needs attention.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::check::headroom;
use super::guard;
use super::planner::{self, Request, Selection};
use super::pools;
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::DesiredState;
use crate::model::finding::{Finding, Severity};
use crate::model::gauge::Gauge;
use crate::model::observed::ObservedState;
use crate::model::source::Sources;
use crate::model::terms::{EnvironmentId, Units};

/// The state of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantStatus {
    /// A gauge for each pool, in the catalog's order.
    pub gauges: Vec<Gauge>,
    /// Errors and warnings about the current state, not about the state after a plan.
    pub attention: Vec<Finding>,
}

/// The state of the tenant on a date.
pub fn status(desired: &DesiredState, observed: &ObservedState, date: Date) -> TenantStatus {
    let nothing = Request { selection: Selection::NoCells, ..Request::of(date) };
    let draft = planner::draft(desired, observed, &Sources::new(), &nothing);
    let mut attention = headroom::check_draft(desired, observed, &draft);
    attention.extend(guard::tenant_findings(desired, observed, &draft));
    attention.retain(|finding| finding.severity > Severity::Hint);
    TenantStatus { gauges: gauges(desired, observed, date), attention }
}

/// The amounts for which a table by environment or budget needs the number of used units, and no reading shows it. The
/// largest come first. An environment that no file names counts with what it holds.
pub fn unread(desired: &DesiredState, observed: &ObservedState, date: Date) -> Vec<(EnvironmentId, AddOn)> {
    let mut amounts: BTreeMap<(&EnvironmentId, &AddOn), Units> = BTreeMap::new();
    for environment in desired.environments.values() {
        for (add_on, cell) in environment.managed() {
            amounts.insert((&environment.id.value, add_on), cell.effective(date).unwrap_or_default());
        }
    }
    for (id, seen) in &observed.environments {
        for (add_on, entry) in seen.document.known().into_iter().flat_map(|document| &document.entries) {
            let amount = amounts.entry((id, add_on)).or_default();
            *amount = entry.units.max(*amount);
        }
    }
    let is_unread = |id: &EnvironmentId, add_on: &AddOn| {
        let is_metered = add_on.entry().is_none_or(|entry| entry.metered);
        is_metered && observed.environments.get(id).is_some_and(|seen| !seen.consumed.contains_key(add_on))
    };
    amounts.retain(|(id, add_on), units| !units.is_zero() && is_unread(id, add_on));
    let mut unread: Vec<_> = amounts.into_iter().collect();
    unread.sort_by_key(|(_, units)| std::cmp::Reverse(*units));
    unread.into_iter().map(|((id, add_on), _)| (id.clone(), add_on.clone())).collect()
}

/// A gauge for each pool on a date, in the catalog's order.
pub fn gauges(desired: &DesiredState, observed: &ObservedState, date: Date) -> Vec<Gauge> {
    let held = pools::planned(desired, observed, &[], date);
    let mut holders: BTreeMap<Pool, u64> = BTreeMap::new();
    for document in observed.environments.values().filter_map(|environment| environment.document.known()) {
        let mut pools: Vec<Pool> = document
            .entries
            .iter()
            .filter(|(_, entry)| !entry.units.is_zero())
            .map(|(add_on, _)| add_on.pool())
            .collect();
        pools.dedup();
        for pool in pools {
            *holders.entry(pool).or_default() += 1;
        }
    }
    held.iter()
        .map(|planned| Gauge {
            pool: planned.pool.clone(),
            owned: planned.owned.clone(),
            reserve: planned.reserve,
            allocated: planned.allocated_before,
            unknown_environments: planned.unknown_environments,
            unseen: planned.unseen,
            holders: holders.get(&planned.pool).copied().unwrap_or(0),
            consumed: pools::consumed(observed, &planned.pool),
            future: planned.future.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
