//! The current state of the tenant: a gauge for each pool, and what needs attention.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::check::headroom;
use super::guard;
use super::planner::{self, Request, Selection};
use super::pools;
use crate::model::catalog::Pool;
use crate::model::desired::DesiredState;
use crate::model::finding::{Finding, Severity};
use crate::model::gauge::Gauge;
use crate::model::observed::ObservedState;
use crate::model::source::Sources;

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
