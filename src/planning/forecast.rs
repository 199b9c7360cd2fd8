//! The pools on every later date, and who could give back.

use jiff::civil::Date;

use super::pools::{self, Later};
use crate::model::catalog::Pool;
use crate::model::desired::DesiredState;
use crate::model::observed::ObservedState;
use crate::model::plan::{FuturePool, Owned};
use crate::model::source::Span;
use crate::model::terms::{EnvironmentKey, Units};

/// An environment that holds units of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Which.
    pub environment: EnvironmentKey,
    /// The units it holds on the date.
    pub units: Units,
    /// What it uses, where that is known.
    pub consumed: Option<Units>,
    /// What it holds and does not use, where that is known.
    pub can_give_back: Option<Units>,
    /// Where its amount is declared.
    pub span: Option<Span>,
}

/// A pool from a date on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolForecast {
    /// Which.
    pub pool: Pool,
    /// How it stands on the date, and on each later day on which it changes.
    pub points: Vec<FuturePool>,
    /// Who holds units of it on the last of these days, most first.
    pub holders: Vec<Holder>,
}

/// How every declared pool stands on a date and on all later days on which something changes. Without a tenant only what is
/// declared counts; with one, what undeclared environments hold counts as well.
pub fn forecast(desired: &DesiredState, observed: Option<&ObservedState>, from: Date) -> Vec<PoolForecast> {
    let later = Later::of(desired, from);
    let mut pools: Vec<Pool> = desired.purchased.keys().map(|add_on| add_on.pool()).collect();
    pools.extend(desired.reserve.keys().cloned());
    if let Some(observed) = observed {
        pools.extend(observed.totals.keys().map(|add_on| add_on.pool()));
    }
    pools.sort();
    pools.dedup();
    let forecast = |pool: Pool| {
        let owned = match observed {
            Some(observed) => pools::owned(desired, observed, &pool, from),
            None => declared_only(desired, &pool, from),
        };
        let undeclared = observed.map_or(Units::ZERO, |observed| undeclared(desired, observed, &pool));
        let allocated = [declared(desired, &pool, from), undeclared].into_iter().sum();
        let today = FuturePool {
            from,
            owned: owned.units(),
            reserve: pools::reserve(desired, &pool, owned.units().unwrap_or_default()),
            allocated,
        };
        let mut points = vec![today];
        points.extend(later.points(desired, &pool, &owned, allocated));
        let last = points.last().map_or(from, |point| point.from);
        PoolForecast { holders: holders(desired, observed, &pool, last), points, pool }
    };
    pools.into_iter().map(forecast).collect()
}

pub(super) fn declared_only(desired: &DesiredState, pool: &Pool, date: Date) -> Owned {
    match desired.purchased_on(pool, date) {
        Some(units) => Owned::Known { units, declared: Some(units), live: None },
        None => Owned::Unknown { why: "the configuration does not say what was purchased".into() },
    }
}

/// What all declared environments are to hold of a pool on a date.
pub(super) fn declared(desired: &DesiredState, pool: &Pool, date: Date) -> Units {
    let members = pool.members();
    let cells = desired.environments.values().flat_map(|environment| environment.managed());
    cells.filter(|(add_on, _)| members.contains(add_on)).filter_map(|(_, cell)| cell.effective(date)).sum()
}

/// What the tenant's environments hold of a pool that no managed cell speaks of.
fn undeclared(desired: &DesiredState, observed: &ObservedState, pool: &Pool) -> Units {
    let members = pool.members();
    let managed: std::collections::BTreeSet<_> = desired
        .environments
        .values()
        .flat_map(|environment| environment.managed().map(move |(add_on, cell)| (&environment.id.value, add_on, cell)))
        .filter(|(_, _, cell)| cell.units.is_some())
        .map(|(id, add_on, _)| (id, add_on))
        .collect();
    let documents = observed.environments.values().filter_map(|seen| Some((&seen.id, seen.document.known()?)));
    let entries =
        documents.flat_map(|(id, document)| document.entries.iter().map(move |(add_on, entry)| (id, add_on, entry)));
    entries
        .filter(|(id, add_on, _)| members.contains(add_on) && !managed.contains(&(*id, *add_on)))
        .map(|(_, _, entry)| entry.units)
        .sum()
}

/// Who is to hold units of a pool on a date, most first.
pub(super) fn holders(
    desired: &DesiredState,
    observed: Option<&ObservedState>,
    pool: &Pool,
    date: Date,
) -> Vec<Holder> {
    let members = pool.members();
    let mut holders = Vec::new();
    for environment in desired.environments.values() {
        let seen = observed.and_then(|observed| observed.environments.get(&environment.id.value));
        let cells: Vec<_> = environment.managed().filter(|(add_on, _)| members.contains(add_on)).collect();
        let units: Units = cells.iter().filter_map(|(_, cell)| cell.effective(date)).sum();
        if units.is_zero() {
            continue;
        }
        let consumed: Vec<Units> =
            cells.iter().filter_map(|(add_on, _)| seen?.consumed.get(*add_on)?.known().copied()).collect();
        let consumed = (!consumed.is_empty()).then(|| consumed.iter().sum());
        holders.push(Holder {
            environment: environment.key.value.clone(),
            units,
            consumed,
            can_give_back: consumed.map(|consumed: Units| units.remaining_after(consumed)),
            span: cells.first().map(|(_, cell)| cell.amount_span()),
        });
    }
    holders.sort_by(|left, right| right.units.cmp(&left.units).then_with(|| left.environment.cmp(&right.environment)));
    holders
}
