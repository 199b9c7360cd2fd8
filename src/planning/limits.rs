//! The limits of an approved plan during a run: purchases end, the tenant's totals change, and grants begin and end.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::Date;

use super::pools::live;
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{DesiredState, ManagedCell};
use crate::model::observed::ObservedTotal;
use crate::model::plan::change::PlannedChange;
use crate::model::plan::draft::Draft;
use crate::model::plan::pool::{Owned, PlannedPool};
use crate::model::terms::Units;

/// The limits of one plan. They never exceed what was approved.
///
/// The period of a write ends when its attempt times out (`net::bounds::ATTEMPT`). If midnight falls into this period, the write must
/// fit the limits of both days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pools: Vec<PoolLimit>,
    /// For each of the draft's changes, the first moment at which the configuration wants another amount.
    wanted_until: Vec<Option<(Timestamp, Date)>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PoolLimit {
    planned: PlannedPool,
    /// The declared units, each with the time from which they apply. The first has no start time.
    declared: Vec<(Timestamp, Option<Units>)>,
}

impl Limits {
    /// The limits of a draft that is approved.
    pub(super) fn of(desired: &DesiredState, draft: &Draft) -> Limits {
        let days: Vec<Date> = desired.edges().into_iter().filter(|edge| *edge > draft.date).collect();
        let begin = |day: &Date| Some((desired.tenant.time_zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?, *day));
        let edges: Vec<(Timestamp, Date)> = days.iter().filter_map(begin).collect();
        let limit = |planned: &PlannedPool| {
            let mut declared = vec![(Timestamp::MIN, desired.purchased_on(&planned.pool, draft.date))];
            declared.extend(edges.iter().map(|(at, day)| (*at, desired.purchased_on(&planned.pool, *day))));
            declared.dedup_by_key(|(_, units)| *units);
            PoolLimit { planned: planned.clone(), declared }
        };
        let wanted_until = |planned: &PlannedChange| {
            let environment = desired.environments.get(&planned.environment.key)?;
            let cell = environment.managed().find(|(add_on, _)| *add_on == planned.change.add_on())?.1;
            first_difference(cell, draft.date, &edges)
        };
        Limits {
            pools: draft.pools.iter().map(limit).collect(),
            wanted_until: draft.changes.iter().map(wanted_until).collect(),
        }
    }

    /// The units that each pool may hold after a write that takes effect in this period, by the tenant's newest totals.
    pub fn ceilings<'a>(
        &'a self,
        totals: Option<&'a BTreeMap<AddOn, ObservedTotal>>,
        period: RangeInclusive<Timestamp>,
    ) -> impl Iterator<Item = (&'a Pool, Units)> {
        self.pools.iter().map(move |limit| (&limit.planned.pool, limit.ceiling(totals, &period)))
    }

    /// The first day on which the configuration wants another amount than this change makes, if that day begins by
    /// `end`.
    pub fn unwanted_from(&self, change: usize, end: Timestamp) -> Option<Date> {
        let (at, day) = (*self.wanted_until.get(change)?)?;
        (at <= end).then_some(day)
    }
}

impl PoolLimit {
    fn ceiling(&self, totals: Option<&BTreeMap<AddOn, ObservedTotal>>, period: &RangeInclusive<Timestamp>) -> Units {
        let PlannedPool { pool, owned, allocated_before, allocated_after, .. } = &self.planned;
        let approved = self.planned.ceiling();
        let (owned, planned) = match owned {
            Owned::Known { units, live, .. } => (units, *live),
            Owned::Unknown { at_least, .. } => (at_least, Some(*at_least)),
        };
        let reported = match totals.map(|totals| live(totals, pool)) {
            None => planned,
            Some(Ok(Some(reported))) => Some(reported),
            // The figure that the plan relied on is not known any more, so the pool does not grow.
            Some(Ok(None) | Err(_)) if planned.is_some() => return approved.min(*allocated_before),
            Some(Ok(None) | Err(_)) => None,
        };
        let owned_now = self.declared_in(period).chain(reported).min().unwrap_or(*owned);
        let lost = owned.remaining_after(owned_now);
        if lost.is_zero() {
            return approved;
        }
        // If the plan leaves the pool over-allocated without raising it, units may still move within the amount
        // allocated before.
        let moves = allocated_after > owned && !self.planned.grows();
        let within = if moves { (*allocated_before).min(approved) } else { Units::ZERO };
        approved.remaining_after(lost).max(within)
    }

    /// The declared units at every moment of a period.
    fn declared_in(&self, period: &RangeInclusive<Timestamp>) -> impl Iterator<Item = Units> {
        let since = self.declared.iter().rposition(|(from, _)| from <= period.start()).unwrap_or(0);
        let end = *period.end();
        let parts = self.declared.iter().skip(since).take_while(move |(from, _)| *from <= end);
        parts.filter_map(|(_, units)| *units)
    }
}

fn first_difference(cell: &ManagedCell, today: Date, edges: &[(Timestamp, Date)]) -> Option<(Timestamp, Date)> {
    if cell.grants().is_empty() {
        return None;
    }
    let wanted = cell.effective(today);
    edges.iter().copied().find(|(_, day)| cell.effective(*day) != wanted)
}

#[cfg(test)]
mod tests;
