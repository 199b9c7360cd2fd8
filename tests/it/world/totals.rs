//! Totals: a write fits what the tenant itself had counted as allocated when the write was sent.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::contract::names;
use super::pools::TAKES_EFFECT;
use super::shape::Each;
use super::tenant::{ADD_ONS, POOLS, held, whole};

/// A write of the process.
struct Write {
    place: usize,
    sent: Duration,
    /// When the service answered that it took effect.
    answered: Option<Duration>,
    cells: Vec<Cell>,
}

/// An amount that a write sets.
struct Cell {
    add_on: usize,
    /// As read before the write, and as written.
    before: u64,
    after: u64,
}

/// The newest total of a pool.
#[derive(Clone, Copy)]
struct Total {
    units: u64,
    requested: Duration,
    heard: Duration,
}

/// The totals that a process had read, and its writes.
#[derive(Default)]
pub(super) struct Totals {
    newest: [Option<Total>; POOLS.len()],
    /// Whether a total of an add-on was ever shown.
    shown: Each<bool>,
    writes: BTreeMap<usize, Write>,
    /// The totals when the process first wrote.
    pub(super) first: Option<[u64; POOLS.len()]>,
}

impl Totals {
    /// Takes in a response with totals. One that lacks a total which was shown before says nothing about the pool.
    pub(super) fn hear(&mut self, requested: Duration, heard: Duration, body: &Value) {
        let mut counted: Each<Vec<Option<u64>>> = Each::default();
        for row in body.as_array().into_iter().flatten() {
            if let Some(add_on) = ADD_ONS.iter().position(|(currency, ..)| row["currencyType"] == *currency) {
                counted[add_on].push(whole(&row["allocated"]));
            }
        }
        for (pool, newest) in self.newest.iter_mut().enumerate() {
            let members = || (0..ADD_ONS.len()).filter(|add_on| ADD_ONS[*add_on].2 == pool);
            let is_told = |add_on: usize| match counted[add_on].as_slice() {
                [first, others @ ..] => first.is_some() && others.iter().all(|other| other == first),
                [] => !self.shown[add_on],
            };
            let is_newer = newest.is_none_or(|newest| newest.requested < requested);
            if is_newer && members().all(is_told) && members().any(|add_on| !counted[add_on].is_empty()) {
                let units = members().filter_map(|add_on| counted[add_on].first().copied().flatten()).sum();
                *newest = Some(Total { units, requested, heard });
            }
        }
        for (shown, counted) in self.shown.iter_mut().zip(&counted) {
            *shown |= !counted.is_empty();
        }
    }

    /// Notes a write. `read` returns the units that a cell counts as holding before the write. Its arguments are the
    /// add-on and the units that are written.
    pub(super) fn sent(
        &mut self,
        id: usize,
        at: Duration,
        place: usize,
        patch: &Value,
        read: impl Fn(usize, u64) -> u64,
    ) {
        self.first.get_or_insert(self.newest.map(|total| total.map_or(0, |total| total.units)));
        let cell = |add_on: usize| {
            let after = held(Some(patch), add_on);
            Cell { add_on, before: read(add_on, after), after }
        };
        let cells = (0..ADD_ONS.len()).filter(|add_on| names(patch, *add_on)).map(cell).collect();
        self.writes.insert(id, Write { place, sent: at, answered: None, cells });
    }

    /// Notes that a write took effect, or that it was refused, by the service's response.
    pub(super) fn answered(&mut self, id: usize, at: Duration, took_effect: bool) {
        match self.writes.get_mut(&id) {
            Some(write) if took_effect => write.answered = Some(at),
            _ => drop(self.writes.remove(&id)),
        }
    }

    /// The most that a pool can hold by its newest total, and whether the last write takes units.
    ///
    /// The units that a write takes are added to the total, unless the total certainly includes them: the write was
    /// answered before the total was requested, a reading shows the write, or the write was a minute old. The units
    /// that a write gives back are subtracted if the write was sent after the total was read, and was answered: the
    /// total still includes what the cell held by the last reading before the total.
    ///
    /// `readings` returns the amounts of a cell that were read, and when.
    pub(super) fn level<'a>(
        &self,
        pool: usize,
        readings: impl Fn(usize, usize) -> &'a [(Duration, u64)],
    ) -> Option<(u64, bool)> {
        let total = self.newest[pool]?;
        let mut taken: BTreeMap<usize, u64> = BTreeMap::new();
        let mut given: BTreeMap<usize, u64> = BTreeMap::new();
        let mut takes = false;
        for write in self.writes.values() {
            let cells = || write.cells.iter().filter(|cell| ADD_ONS[cell.add_on].2 == pool);
            let before: u64 = cells().map(|cell| cell.before).sum();
            let after: u64 = cells().map(|cell| cell.after).sum();
            takes = after > before;
            let is_shown = |cell: &Cell| {
                let mut all = readings(write.place, cell.add_on).iter();
                all.any(|(when, units)| write.sent < *when && *units == cell.after)
            };
            let is_in_total = write.sent < total.heard
                && (write.answered.is_some_and(|at| at <= total.requested)
                    || write.sent + TAKES_EFFECT <= total.requested
                    || write.cells.iter().all(is_shown));
            if !is_in_total {
                let taken = taken.entry(write.place).or_default();
                *taken = after.saturating_sub(before).max(*taken);
            }
            if write.sent >= total.heard && write.answered.is_some() {
                let in_total = |cell: &Cell| {
                    let mut all = readings(write.place, cell.add_on).iter().rev();
                    all.find(|(when, _)| *when <= total.heard).map_or(cell.before, |(_, units)| *units)
                };
                let given = given.entry(write.place).or_default();
                *given = cells().map(in_total).sum::<u64>().saturating_sub(after).max(*given);
            }
        }
        let (taken, given): (u64, u64) = (taken.values().sum(), given.values().sum());
        Some(((total.units + taken).saturating_sub(given), takes))
    }
}
