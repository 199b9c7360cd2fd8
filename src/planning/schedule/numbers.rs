//! A draft in numbers: its pools and, for each change, the shift in one pool.

use std::collections::BTreeMap;

use super::holdings::{Holdings, Shift};
use crate::model::catalog::{AddOn, Pool};
use crate::model::plan::draft::Draft;
use crate::model::terms::Units;

#[derive(Clone, Debug)]
pub(super) struct PoolNumbers {
    pub(super) pool: Pool,
    pub(super) ceiling: i128,
    pub(super) held: i128,
}

/// Pools are numbered in the draft's order.
#[derive(Clone, Debug)]
pub(super) struct DraftNumbers {
    pub(super) pools: Vec<PoolNumbers>,
    /// One shift for each of the draft's changes; zero if only switches change.
    pub(super) shifts: Vec<Shift>,
}

impl DraftNumbers {
    pub(super) fn of(draft: &Draft) -> DraftNumbers {
        let mut by_pool = BTreeMap::new();
        let mut pools: Vec<PoolNumbers> = Vec::with_capacity(draft.pools.len());
        for planned in &draft.pools {
            by_pool.insert(planned.pool.clone(), pools.len());
            let (ceiling, held) = (planned.ceiling().get().into(), planned.allocated_before.get().into());
            pools.push(PoolNumbers { pool: planned.pool.clone(), ceiling, held });
        }
        let mut shifts = Vec::with_capacity(draft.changes.len());
        let mut held_before = vec![0; pools.len()];
        let mut by_add_on: BTreeMap<&AddOn, usize> = BTreeMap::new();
        for planned in &draft.changes {
            let change = &planned.change;
            let pool = *by_add_on.entry(change.add_on()).or_insert_with(|| {
                let pool = change.add_on().pool();
                // `Plan::try_new` later refuses a draft that changes a pool without listing it. Until then, the ceiling of 0 lets no
                // increase fit.
                *by_pool.entry(pool.clone()).or_insert_with(|| {
                    pools.push(PoolNumbers { pool, ceiling: 0, held: 0 });
                    held_before.push(0);
                    pools.len() - 1
                })
            });
            held_before[pool] += i128::from(change.units_before().get());
            shifts.push(Shift { pool, units: change.after().units.difference(change.units_before()) });
        }
        for (pool, before) in pools.iter_mut().zip(held_before) {
            // No pool can hold less than its environments. If the service reports less, the larger figure is the safe one.
            pool.held = pool.held.max(before);
        }
        DraftNumbers { pools, shifts }
    }

    /// Free units of each pool before the first write; negative if over-allocated.
    pub(super) fn free(&self) -> Vec<i128> {
        self.pools.iter().map(|pool| pool.ceiling - pool.held).collect()
    }

    pub(super) fn holdings(&self) -> Holdings {
        let units = |amount: i128| Units::new(u64::try_from(amount).unwrap_or(u64::MAX));
        Holdings::new(self.pools.iter().map(|pool| (pool.pool.clone(), units(pool.ceiling), units(pool.held))))
    }

    pub(super) fn shift(&self, change: usize) -> Option<Shift> {
        self.shifts.get(change).copied()
    }

    /// The net shift of each pool if one write makes all of these changes of one environment.
    pub(super) fn net(&self, changes: &[usize]) -> Vec<Shift> {
        self.sum(changes, |units| units)
    }

    /// The units that these changes give back to each pool, without netting, as positive amounts.
    pub(super) fn gives(&self, changes: &[usize]) -> Vec<Shift> {
        self.sum(changes, |units| (-units).max(0))
    }

    /// The units that these changes take from each pool, without netting.
    pub(super) fn takes(&self, changes: &[usize]) -> Vec<Shift> {
        self.sum(changes, |units| units.max(0))
    }

    fn sum(&self, changes: &[usize], part: impl Fn(i128) -> i128) -> Vec<Shift> {
        let mut shifts: Vec<Shift> = Vec::with_capacity(changes.len());
        for of_change in changes.iter().filter_map(|&change| self.shift(change)) {
            let units = part(of_change.units);
            match shifts.iter_mut().find(|shift| shift.pool == of_change.pool) {
                Some(shift) => shift.units += units,
                None => shifts.push(Shift { pool: of_change.pool, units }),
            }
        }
        shifts.retain(|shift| shift.units != 0);
        shifts.sort_unstable_by_key(|shift| shift.pool);
        shifts
    }
}
