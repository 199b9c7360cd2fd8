//! Everything that is known about the months to come of each pool: shortages, who could give back, what to buy, what starts and ends.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{forecast, holders, month};
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::DesiredState;
use crate::model::forecast::{Holder, PoolEvent, PoolForecast, PoolOutlook, ShortPeriod};
use crate::model::observed::ObservedState;
use crate::model::terms::{EnvironmentId, Units};
use crate::planning::check::pool_check::Shortage;
use crate::planning::entry::Entry;

/// The months to come of each pool, from a date on.
pub fn outlook(desired: &DesiredState, observed: &ObservedState, from: Date) -> Vec<PoolOutlook> {
    let mut events = PoolEvent::all(desired, from);
    let of_pool = |forecast: PoolForecast| {
        let pool = &forecast.pool;
        let owned = forecast.points.first().and_then(|point| point.owned);
        PoolOutlook {
            holders: holders(desired, Some(observed), pool, forecast.pressing().unwrap_or(from)),
            shortages: shortages(&forecast, |day| holders(desired, Some(observed), pool, day)),
            events: events.remove(pool).unwrap_or_default(),
            month: month::of_pool(desired, observed, pool, owned),
            forecast,
        }
    };
    forecast(desired, Some(observed), from).into_iter().map(of_pool).collect()
}

/// The amounts for which a forecast needs the number of used units, and no reading shows it: those in pools that run
/// short or reset every month. The largest come first.
pub fn unread(desired: &DesiredState, observed: &ObservedState, from: Date) -> Vec<(EnvironmentId, AddOn)> {
    let is_short = |pool: &PoolForecast| pool.points.iter().any(|point| Shortage::of(point).is_some());
    let pools = forecast(desired, Some(observed), from).into_iter();
    let pools: BTreeSet<Pool> =
        pools.filter(|pool| is_short(pool) || month::resets(&pool.pool)).map(|pool| pool.pool).collect();
    let mut unread = Vec::new();
    for environment in desired.environments.values() {
        let Some(seen) = observed.environments.get(&environment.id.value) else { continue };
        for entry in Entry::of(environment).filter(|entry| pools.contains(&entry.add_on.pool())) {
            let units = seen.document.known().map_or(Units::ZERO, |document| document.units(entry.add_on));
            let units = units.max(entry.cell.effective(from).unwrap_or_default());
            let is_metered = entry.add_on.entry().is_none_or(|entry| entry.metered);
            if is_metered && !units.is_zero() && !seen.consumed.contains_key(entry.add_on) {
                unread.push((std::cmp::Reverse(units), environment.id.value.clone(), entry.add_on.clone()));
            }
        }
    }
    unread.sort();
    unread.into_iter().map(|(_, id, add_on)| (id, add_on)).collect()
}

fn shortages(forecast: &PoolForecast, holders: impl Fn(Date) -> Vec<Holder>) -> Vec<ShortPeriod> {
    let pack_size = forecast.pool.members().iter().find_map(|member| member.entry()?.pack_size);
    let first = forecast.points.first().map(|point| point.from);
    let nexts = forecast.points.iter().skip(1).map(|point| point.from.yesterday().ok()).chain([None]);
    let period = |(point, until)| {
        let Shortage { short, of_reserve, .. } = Shortage::of(point)?;
        let holders = holders(point.from);
        let can_give_back: Units = holders.iter().filter_map(|holder| holder.can_give_back).sum();
        let unknown = holders.iter().filter(|holder| holder.can_give_back.is_none()).count();
        let missing = short.remaining_after(can_give_back);
        Some(ShortPeriod {
            from: point.from,
            until,
            short,
            of_reserve,
            can_give_back,
            unknown_holders: u64::try_from(unknown).unwrap_or(u64::MAX),
            missing,
            packs: pack_size.map(|size| missing.get().div_ceil(size)),
            buy_by: point.from.yesterday().ok().filter(|_| Some(point.from) != first).unwrap_or(point.from),
        })
    };
    forecast.points.iter().zip(nexts).filter_map(period).collect()
}

#[cfg(test)]
mod tests;
