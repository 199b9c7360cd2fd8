//! The pools on every later date, and the environments that can give units back.

mod month;
pub mod outlook;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::pools::{self, Later};
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{DesiredCell, DesiredEnvironment, DesiredState};
use crate::model::forecast::{Holder, PoolForecast};
use crate::model::observed::{ObservedState, Reading};
use crate::model::plan::pool::{FuturePool, Owned};
use crate::model::terms::{EnvironmentId, Units};

/// Each pool on a date and on every later day on which it changes. With an observed tenant, undeclared allocations count as well.
pub fn forecast(desired: &DesiredState, observed: Option<&ObservedState>, from: Date) -> Vec<PoolForecast> {
    let later = Later::of(desired, from);
    let mut pools: Vec<Pool> = desired.purchased.keys().map(|add_on| add_on.pool()).collect();
    pools.extend(desired.reserve.keys().chain(desired.debts.keys()).cloned());
    if let Some(observed) = observed {
        pools.extend(observed.totals.keys().map(|add_on| add_on.pool()));
    }
    let environments = || desired.environments.values().map(|environment| &**environment);
    let mut held = declared(environments(), from);
    if let Some(observed) = observed {
        // Units that the tenant counts and no document shows may be in environments that could not be read. Those
        // environments are in `held` with their declared amounts, so these are subtracted.
        let is_unread = |environment: &&DesiredEnvironment| {
            observed.environments.get(&environment.id.value).is_some_and(|seen| seen.document.unknown().is_some())
        };
        let unread = declared(environments().filter(is_unread), from);
        add_undeclared(&mut held, desired, observed);
        for (pool, units) in pools::all_unseen(observed, &pools::allocated(observed)) {
            let elsewhere = units.remaining_after(unread.get(&pool).copied().unwrap_or_default());
            add(&mut held, pool, elsewhere);
        }
    }
    // Include every pool with allocated units, even if neither the configuration nor the tenant states how much is
    // owned.
    pools.extend(held.iter().filter(|(_, units)| !units.is_zero()).map(|(pool, _)| pool.clone()));
    pools.sort();
    pools.dedup();
    let forecast = |pool: Pool| {
        let owned = match observed {
            Some(observed) => pools::owned(desired, observed, &pool, from),
            None => declared_only(desired, &pool, from),
        };
        let allocated = held.get(&pool).copied().unwrap_or_default();
        let today = FuturePool {
            from,
            owned: owned.units(),
            reserve: pools::reserve(desired, &pool, owned.units().unwrap_or_default()),
            allocated,
        };
        let mut points = vec![today];
        points.extend(later.points(desired, &pool, &owned, allocated));
        PoolForecast { points, pool }
    };
    pools.into_iter().map(forecast).collect()
}

pub(super) fn declared_only(desired: &DesiredState, pool: &Pool, date: Date) -> Owned {
    match desired.purchased_on(pool, date) {
        Some(units) => Owned::Known { units, declared: Some(units), live: None },
        None => Owned::Unknown { why: "the configuration declares no purchase".into(), at_least: Units::ZERO },
    }
}

/// The units of each pool that declared environments are to hold on a date.
fn declared<'a>(environments: impl Iterator<Item = &'a DesiredEnvironment>, date: Date) -> BTreeMap<Pool, Units> {
    let mut held = BTreeMap::new();
    for (add_on, cell) in environments.flat_map(|environment| environment.managed()) {
        if let Some(units) = cell.effective(date) {
            add(&mut held, add_on.pool(), units);
        }
    }
    held
}

/// Adds units that environments of the tenant hold without a managed amount for them.
fn add_undeclared(held: &mut BTreeMap<Pool, Units>, desired: &DesiredState, observed: &ObservedState) {
    let environments = desired.environments.values();
    let by_id: BTreeMap<_, _> = environments.map(|environment| (&environment.id.value, environment)).collect();
    let is_declared = |id: &EnvironmentId, add_on: &AddOn| {
        let cell = by_id.get(id).and_then(|environment| environment.cell(add_on));
        matches!(cell, Some(DesiredCell::Managed(cell)) if cell.units.is_some())
    };
    for seen in observed.environments.values() {
        for (add_on, entry) in seen.document.known().into_iter().flat_map(|document| &document.entries) {
            if !is_declared(&seen.id, add_on) {
                add(held, add_on.pool(), entry.units);
            }
        }
    }
}

fn add(held: &mut BTreeMap<Pool, Units>, pool: Pool, units: Units) {
    let total = held.entry(pool).or_default();
    *total = [*total, units].into_iter().sum();
}

/// The declared environments that are to hold units of a pool on a date, largest first.
pub fn holders(desired: &DesiredState, observed: Option<&ObservedState>, pool: &Pool, date: Date) -> Vec<Holder> {
    let members = pool.members();
    let mut holders = Vec::new();
    for environment in desired.environments.values() {
        let seen = observed.and_then(|observed| observed.environments.get(&environment.id.value));
        let cells: Vec<_> = environment.managed().filter(|(add_on, _)| members.contains(add_on)).collect();
        let units: Units = cells.iter().filter_map(|(_, cell)| cell.effective(date)).sum();
        if units.is_zero() {
            continue;
        }
        let read: Vec<(Units, Timestamp)> =
            cells.iter().filter_map(|(add_on, _)| known(seen?.consumed.get(*add_on)?)).collect();
        let is_known = !read.is_empty();
        let consumed: Units = read.iter().map(|(units, _)| *units).sum();
        let per_month: Units = read.iter().map(|(units, as_of)| month::per_month(*units, *as_of)).sum();
        let needed = if month::resets(pool) { per_month } else { consumed };
        holders.push(Holder {
            environment: environment.key.value.clone(),
            units,
            consumed: is_known.then_some(consumed),
            per_month: (is_known && month::resets(pool)).then_some(per_month),
            can_give_back: is_known.then(|| units.remaining_after(needed)),
            span: cells.first().map(|(_, cell)| cell.amount_span()),
        });
    }
    holders.sort_by(|left, right| right.units.cmp(&left.units).then_with(|| left.environment.cmp(&right.environment)));
    holders
}

fn known(reading: &Reading<Units>) -> Option<(Units, Timestamp)> {
    match reading {
        Reading::Known { value, as_of } => Some((*value, *as_of)),
        Reading::Absent | Reading::Unknown { .. } => None,
    }
}

#[cfg(test)]
mod tests;
