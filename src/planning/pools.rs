//! The pools of a plan: units owned, reserved and allocated, before and after the plan and on every later date.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::DesiredState;
use crate::model::observed::{Listing, ObservedState, ObservedTotal, Reading};
use crate::model::plan::change::PlannedChange;
use crate::model::plan::pool::{FuturePool, Owned, PlannedPool};
use crate::model::terms::{Interval, Units};
use crate::planning::day_sums::day_sums;

/// Every pool with a purchase, known or not, a reserve, a debt, an allocation, a use or a change, in the catalog's order.
pub(super) fn planned(
    desired: &DesiredState,
    observed: &ObservedState,
    changes: &[PlannedChange],
    date: Date,
) -> Vec<PlannedPool> {
    let seen = allocated(observed);
    let before = with_unseen(observed, &seen);
    let mut after: BTreeMap<Pool, i128> =
        before.iter().map(|(pool, units)| (pool.clone(), i128::from(units.get()))).collect();
    for planned in changes {
        let difference = planned.change.after().units.difference(planned.change.units_before());
        *after.entry(planned.change.add_on().pool()).or_default() += difference;
    }
    let unknown = observed.environments.values().filter(|environment| environment.document.unknown().is_some()).count();
    let later = Later::of(desired, date);
    names(desired, observed, changes, &before)
        .into_iter()
        .map(|pool| {
            let owned = owned(desired, observed, &pool, date);
            let allocated_after = units(after.get(&pool).copied().unwrap_or(0));
            PlannedPool {
                reserve: reserve(desired, &pool, owned.at_least()),
                debt: desired.debts.get(&pool).map(|debt| debt.value),
                allocated_before: before.get(&pool).copied().unwrap_or_default(),
                allocated_after,
                unknown_environments: u64::try_from(unknown).unwrap_or(u64::MAX),
                unseen: unseen(observed, &pool, seen.get(&pool).copied().unwrap_or_default()),
                future: later.points(desired, &pool, &owned, allocated_after),
                owned,
                pool,
            }
        })
        .collect()
}

fn units(amount: i128) -> Units {
    Units::new(u64::try_from(amount.max(0)).unwrap_or(u64::MAX))
}

fn names(
    desired: &DesiredState,
    observed: &ObservedState,
    changes: &[PlannedChange],
    before: &BTreeMap<Pool, Units>,
) -> BTreeSet<Pool> {
    let is_some = |units: &Units| !units.is_zero();
    let counts = |total: &ObservedTotal| {
        total.purchased.known().is_none_or(is_some) || total.consumed.known().is_some_and(is_some)
    };
    let live = observed.totals.iter().filter(|(_, total)| counts(total));
    desired
        .purchased
        .keys()
        .map(AddOn::pool)
        .chain(live.map(|(add_on, _)| add_on.pool()))
        .chain(desired.reserve.keys().cloned())
        .chain(desired.debts.keys().cloned())
        .chain(before.iter().filter(|(_, units)| !units.is_zero()).map(|(pool, _)| pool.clone()))
        .chain(changes.iter().map(|planned| planned.change.add_on().pool()))
        .collect()
}

/// The units of each pool that environments were seen to hold, declared or not.
pub(super) fn allocated(observed: &ObservedState) -> BTreeMap<Pool, Units> {
    let mut totals: BTreeMap<AddOn, Units> = BTreeMap::new();
    for document in observed.environments.values().filter_map(|environment| environment.document.known()) {
        for (add_on, entry) in &document.entries {
            match totals.get_mut(add_on) {
                Some(total) => *total = [*total, entry.units].into_iter().sum(),
                None => {
                    totals.insert(add_on.clone(), entry.units);
                }
            }
        }
    }
    let mut pools: BTreeMap<Pool, Units> = BTreeMap::new();
    for (add_on, units) in totals {
        let total = pools.entry(add_on.pool()).or_default();
        *total = [*total, units].into_iter().sum();
    }
    pools
}

fn with_unseen(observed: &ObservedState, seen: &BTreeMap<Pool, Units>) -> BTreeMap<Pool, Units> {
    let mut allocated = seen.clone();
    for (pool, units) in all_unseen(observed, seen) {
        let total = allocated.entry(pool).or_default();
        *total = [*total, units].into_iter().sum();
    }
    allocated
}

/// The [`unseen`] units of each pool for which they are known.
pub(super) fn all_unseen(observed: &ObservedState, seen: &BTreeMap<Pool, Units>) -> BTreeMap<Pool, Units> {
    let pools: BTreeSet<Pool> = observed.totals.keys().map(AddOn::pool).collect();
    let units = |pool: &Pool| unseen(observed, pool, seen.get(pool).copied().unwrap_or_default());
    pools.into_iter().filter_map(|pool| units(&pool).map(|units| (pool, units))).collect()
}

/// Units that the tenant counts as allocated and that no environment was seen to hold. `None` if the tenant's count is unknown or
/// missing, and there is also an environment that could not be read or listed.
pub(super) fn unseen(observed: &ObservedState, pool: &Pool, seen: Units) -> Option<Units> {
    let all_seen = observed.listing == Listing::Complete
        && observed.environments.values().all(|environment| environment.document.unknown().is_none());
    let mut counted = None;
    for member in pool.members() {
        match observed.totals.get(&member).map(|total| &total.allocated) {
            Some(Reading::Known { value, .. }) => counted = Some(counted.into_iter().chain([*value]).sum()),
            Some(Reading::Unknown { .. }) if all_seen => {}
            Some(Reading::Unknown { .. }) => return None,
            Some(Reading::Absent) | None => {}
        }
    }
    match counted {
        Some(counted) => Some(Units::remaining_after(counted, seen)),
        None => all_seen.then_some(Units::ZERO),
    }
}

/// The units of a pool that the tenant reports as owned; `None` if it reports none, the reason if a figure could not be read.
pub(super) fn live(totals: &BTreeMap<AddOn, ObservedTotal>, pool: &Pool) -> Result<Option<Units>, std::sync::Arc<str>> {
    let mut total = None;
    for member in pool.members() {
        match totals.get(&member).map(|total| &total.purchased) {
            Some(Reading::Known { value, .. }) => total = Some(total.into_iter().chain([*value]).sum()),
            Some(Reading::Unknown { why }) => return Err(why.clone()),
            Some(Reading::Absent) | None => {}
        }
    }
    Ok(total)
}

/// The used units of a pool, with the oldest time among the counts of its members. Unknown if one of the counts is
/// unknown.
pub(super) fn consumed(observed: &ObservedState, pool: &Pool) -> Reading<Units> {
    let mut known: Option<(Units, Timestamp)> = None;
    for member in pool.members() {
        match observed.totals.get(&member).map(|total| &total.consumed) {
            Some(Reading::Known { value, as_of }) => {
                known = Some(known.map_or((*value, *as_of), |(units, oldest)| {
                    ([units, *value].into_iter().sum(), oldest.min(*as_of))
                }));
            }
            Some(Reading::Unknown { why }) => return Reading::Unknown { why: why.clone() },
            Some(Reading::Absent) | None => {}
        }
    }
    known.map_or(Reading::Absent, |(value, as_of)| Reading::Known { value, as_of })
}

/// The lower of the declared and the reported purchase. Unknown if a figure of the tenant could not be read, or is missing for a declared
/// add-on: it may be the lower one. Also unknown if there is no figure at all.
pub(super) fn owned(desired: &DesiredState, observed: &ObservedState, pool: &Pool, date: Date) -> Owned {
    let declared = desired.purchased_on(pool, date);
    let live = match live(&observed.totals, pool) {
        Ok(live) => live,
        Err(why) => return Owned::Unknown { why, at_least: Units::ZERO },
    };
    if let Some(add_on) = unreported(desired, observed, pool, date) {
        let why = format!("the tenant does not report {}, but a purchase is declared", add_on.display_name());
        let at_least = declared.into_iter().chain(live).min().filter(|_| live.is_some()).unwrap_or_default();
        return Owned::Unknown { why: why.into(), at_least };
    }
    match declared.into_iter().chain(live).min() {
        Some(units) => Owned::Known { units, declared, live },
        None => Owned::Unknown {
            why: "neither the configuration nor the tenant reports a purchase".into(),
            at_least: Units::ZERO,
        },
    }
}

/// The first add-on of a pool that has declared units on the date and for which the tenant reports no purchased amount,
/// not even zero.
fn unreported(desired: &DesiredState, observed: &ObservedState, pool: &Pool, date: Date) -> Option<AddOn> {
    let is_declared =
        |add_on: &AddOn| desired.purchased.get(add_on).is_some_and(|purchases| !purchases.effective(date).is_zero());
    let is_reported = |add_on: &AddOn| {
        observed.totals.get(add_on).is_some_and(|total| matches!(total.purchased, Reading::Known { .. }))
    };
    pool.members().into_iter().find(|add_on| is_declared(add_on) && !is_reported(add_on))
}

pub(super) fn reserve(desired: &DesiredState, pool: &Pool, purchased: Units) -> Units {
    desired.reserve.get(pool).map_or(Units::ZERO, |reserve| reserve.value.of(purchased))
}

/// Each day after a given date on which a purchase, a limit of a budget or a grant starts or ends, with the sum of the grants on that day.
pub(super) struct Later {
    /// The given date, and the later days.
    days: Vec<Date>,
    /// The sum of each pool's grants, on the date itself and on each later day.
    grants: BTreeMap<Pool, Vec<i128>>,
}

impl Later {
    pub(super) fn of(desired: &DesiredState, date: Date) -> Later {
        let later = desired.edges().into_iter().filter(|edge| *edge > date);
        let days: Vec<Date> = std::iter::once(date).chain(later).collect();
        let mut grants: BTreeMap<Pool, Vec<(Interval, Units)>> = BTreeMap::new();
        let cells = desired.environments.values().flat_map(|environment| environment.managed());
        for (add_on, cell) in cells.filter(|(_, cell)| !cell.grants().is_empty()) {
            let dated = cell.grants().iter().map(|grant| (grant.interval, grant.add.value));
            grants.entry(add_on.pool()).or_default().extend(dated);
        }
        let grants = grants.into_iter().map(|(pool, dated)| (pool, day_sums(&days, dated))).collect();
        Later { days, grants }
    }

    /// A pool on each later day on which a declared purchase or grant changes its figures. All else stays as it is today.
    pub(super) fn points(
        &self,
        desired: &DesiredState,
        pool: &Pool,
        today: &Owned,
        allocated: Units,
    ) -> Vec<FuturePool> {
        let sums = self.grants.get(pool);
        let today_granted = sums.and_then(|sums| sums.first()).copied().unwrap_or(0);
        let mut last = (today.units(), i128::from(allocated.get()));
        let mut points = Vec::new();
        let purchased = purchased_on_each(desired, pool, &self.days);
        for (at, date) in self.days.iter().enumerate().skip(1) {
            let granted = sums.and_then(|sums| sums.get(at)).copied().unwrap_or(0);
            let declared = purchased.as_ref().and_then(|purchased| purchased.get(at));
            let owned = declared.map(|declared| units(*declared)).or(today.units());
            let then = (owned, i128::from(allocated.get()) + granted - today_granted);
            if then != last {
                points.push(FuturePool {
                    from: *date,
                    owned,
                    reserve: reserve(desired, pool, owned.unwrap_or_default()),
                    allocated: units(then.1),
                });
                last = then;
            }
        }
        points
    }
}

/// The declared units of all members of a pool on each day; `None` if no member is declared.
fn purchased_on_each(desired: &DesiredState, pool: &Pool, days: &[Date]) -> Option<Vec<i128>> {
    let members = pool.members();
    let mut declared = members.iter().filter_map(|member| desired.purchased.get(member)).peekable();
    declared.peek()?;
    Some(day_sums(days, declared.flat_map(|all| &all.parts).map(|part| (part.interval, part.units))))
}
