//! A draft in bare numbers: its pools and, for each of its changes, which pool it moves and from where to where.

use std::collections::BTreeMap;

use super::holdings::{Holdings, Shift};
use crate::model::catalog::{AddOn, Pool};
use crate::model::plan::draft::Draft;
use crate::model::terms::Units;

/// A pool in numbers.
#[derive(Clone, Debug)]
pub(super) struct PoolFigures {
    pub(super) pool: Pool,
    pub(super) ceiling: i128,
    pub(super) held: i128,
}

/// One change in numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) pool: usize,
    /// Units after less units before; zero where only switches change.
    pub(super) units: i128,
}

/// A draft in numbers. Pools are numbered in the draft's order.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) pools: Vec<PoolFigures>,
    /// One for each of the draft's changes.
    pub(super) cells: Vec<Cell>,
}

impl Figures {
    pub(super) fn of(draft: &Draft) -> Figures {
        let mut numbers = BTreeMap::new();
        let mut pools: Vec<PoolFigures> = Vec::with_capacity(draft.pools.len());
        for planned in &draft.pools {
            numbers.insert(planned.pool.clone(), pools.len());
            let (ceiling, held) = (planned.ceiling().get().into(), planned.allocated_before.get().into());
            pools.push(PoolFigures { pool: planned.pool.clone(), ceiling, held });
        }
        let mut cells = Vec::with_capacity(draft.changes.len());
        let mut held_before = vec![0; pools.len()];
        let mut by_add_on: BTreeMap<&AddOn, usize> = BTreeMap::new();
        for planned in &draft.changes {
            let change = &planned.change;
            let pool = *by_add_on.entry(change.add_on()).or_insert_with(|| {
                let pool = change.add_on().pool();
                // `Plan::try_new` refuses a draft that does not show a pool it changes; until then nothing fits there.
                *numbers.entry(pool.clone()).or_insert_with(|| {
                    pools.push(PoolFigures { pool, ceiling: 0, held: 0 });
                    held_before.push(0);
                    pools.len() - 1
                })
            });
            held_before[pool] += i128::from(change.units_before().get());
            cells.push(Cell { pool, units: change.after().units.difference(change.units_before()) });
        }
        for (figures, before) in pools.iter_mut().zip(held_before) {
            // A pool that counts less than its cells hold cannot be; the larger figure is on the side that waits.
            figures.held = figures.held.max(before);
        }
        Figures { pools, cells }
    }

    /// What is free in each pool before anything is written; negative where more is held than may be.
    pub(super) fn free(&self) -> Vec<i128> {
        self.pools.iter().map(|pool| pool.ceiling - pool.held).collect()
    }

    /// The books before anything is written.
    pub(super) fn holdings(&self) -> Holdings {
        let units = |amount: i128| Units::new(u64::try_from(amount).unwrap_or(u64::MAX));
        Holdings::new(self.pools.iter().map(|pool| (pool.pool.clone(), units(pool.ceiling), units(pool.held))))
    }

    /// The change with this index; one that does not exist moves nothing.
    pub(super) fn cell(&self, change: usize) -> Option<Cell> {
        self.cells.get(change).copied()
    }

    /// What some changes of one environment do to each pool, written at once.
    pub(super) fn net(&self, changes: &[usize]) -> Vec<Shift> {
        self.sum(changes, |units| units)
    }

    /// What they give back, each change for itself, as positive amounts.
    pub(super) fn gives(&self, changes: &[usize]) -> Vec<Shift> {
        self.sum(changes, |units| (-units).max(0))
    }

    /// What they take, each change for itself.
    pub(super) fn takes(&self, changes: &[usize]) -> Vec<Shift> {
        self.sum(changes, |units| units.max(0))
    }

    fn sum(&self, changes: &[usize], part: impl Fn(i128) -> i128) -> Vec<Shift> {
        let mut shifts: Vec<Shift> = Vec::with_capacity(changes.len());
        for cell in changes.iter().filter_map(|&change| self.cell(change)) {
            let units = part(cell.units);
            match shifts.iter_mut().find(|shift| shift.pool == cell.pool) {
                Some(shift) => shift.units += units,
                None => shifts.push(Shift { pool: cell.pool, units }),
            }
        }
        shifts.retain(|shift| shift.units != 0);
        shifts.sort_unstable_by_key(|shift| shift.pool);
        shifts
    }
}
