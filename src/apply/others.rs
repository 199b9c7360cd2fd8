//! Counts the units that others allocate during a run, from listings or from readings of single environments.
//!
//! For each cell (one add-on in one environment), the schedule bounds what our writes can have put there. Units that a
//! reading shows beyond that bound belong to others and are not free for the plan. Each unit counts once, however often it
//! is read.

use std::collections::{BTreeMap, BTreeSet};

use super::options::Baseline;
use super::snapshots::Snapshots;
use crate::model::catalog::{AddOn, Pool};
use crate::model::document::EnvironmentDocument;
use crate::model::plan::change::PlannedChange;
use crate::model::plan::order::Plan;
use crate::model::terms::{EnvironmentId, Units};
use crate::planning::schedule::holdings::WriteResult;
use crate::planning::schedule::machine::{Schedule, WriteProgress};

/// The units of others that were counted so far.
pub(super) struct Others<'a> {
    plan: &'a Plan,
    /// The changes of each environment, as indexes into the draft's changes.
    changes: BTreeMap<EnvironmentId, Vec<usize>>,
    pools: BTreeSet<Pool>,
    /// The documents of the environments when the plan was made, or at their first reading.
    baseline: Baseline,
    /// The counted units of each environment and pool: in the cells that the plan changes, or in all cells of an environment
    /// that was read alone.
    counted: BTreeMap<(EnvironmentId, Pool), Units>,
    /// The counted units in all cells that the plan does not change.
    counted_elsewhere: BTreeMap<Pool, Units>,
}

impl<'a> Others<'a> {
    /// A counter that has counted nothing yet.
    pub(super) fn new(plan: &'a Plan, baseline: &Baseline) -> Others<'a> {
        let mut changes: BTreeMap<EnvironmentId, Vec<usize>> = BTreeMap::new();
        for (index, planned) in plan.draft().changes.iter().enumerate() {
            changes.entry(planned.environment.id.clone()).or_default().push(index);
        }
        Others {
            plan,
            changes,
            pools: plan.draft().pools.iter().map(|planned| planned.pool.clone()).collect(),
            baseline: baseline.clone(),
            counted: BTreeMap::new(),
            counted_elsewhere: BTreeMap::new(),
        }
    }

    /// The most that a changed cell can hold because of our writes, if a reading shows `held`.
    fn booked(&self, index: usize, held: Units, schedule: &Schedule) -> Option<Units> {
        let change = &self.plan.draft().changes.get(index)?.change;
        let (before, after) = (change.units_before(), change.after().units);
        Some(match schedule.progress(index) {
            WriteProgress::Ended(WriteResult::Confirmed) => after,
            WriteProgress::Ended(WriteResult::Failed) => before,
            WriteProgress::Claimed | WriteProgress::Ended(WriteResult::Unknown) => before.max(after),
            // The cell already holds our target. The schedule debits these units when it hands out our write, so they do not
            // count here too. A dropped write is never handed out.
            WriteProgress::Pending if held == after => before.max(after),
            WriteProgress::Pending | WriteProgress::Dropped => before,
        })
    }

    /// Counts the last known documents after a listing. Returns the units of others that are new in each pool. An environment that the
    /// listing lacks counts with what it was last known to hold.
    ///
    /// Cells that the plan changes are counted one by one: in a sum, an unconfirmed write of ours to one cell could hide units of
    /// others in another. All other cells of a pool are counted together.
    pub(super) fn count_listing(&mut self, snapshots: &Snapshots, schedule: &Schedule) -> Vec<(Pool, Units)> {
        let changed = self.changed_cells(snapshots, schedule);
        let mut new: BTreeMap<Pool, Units> = BTreeMap::new();
        for (cell, units) in changed.beyond {
            let pool = cell.1.clone();
            add(new.entry(pool).or_default(), raise(self.counted.entry(cell).or_default(), units));
        }
        for pool in &self.plan.draft().pools {
            let members = pool.pool.members();
            let documents = snapshots.all_last_known();
            let all: Units = documents.flat_map(|document| members.iter().map(|member| document.units(member))).sum();
            let (changed_before, changed_now) = changed.totals.get(&pool.pool).copied().unwrap_or_default();
            let listed_before = pool.allocated_before.remaining_after(pool.unseen.unwrap_or_default());
            let elsewhere_before = listed_before.remaining_after(changed_before);
            let elsewhere = all.remaining_after(changed_now).remaining_after(elsewhere_before);
            let counted = self.counted_elsewhere.entry(pool.pool.clone()).or_default();
            add(new.entry(pool.pool.clone()).or_default(), raise(counted, elsewhere));
        }
        new.into_iter().filter(|(_, units)| !units.is_zero()).collect()
    }

    /// The units that the tenant should count in a pool, by the last known documents. The result is right only if no
    /// write of ours can still change the pool.
    pub(super) fn expected(&self, pool: &Pool, snapshots: &Snapshots) -> Units {
        let planned = self.plan.draft().pools.iter().find(|planned| planned.pool == *pool);
        let mut expected = i128::from(planned.map_or(Units::ZERO, |planned| planned.allocated_before).get());
        for PlannedChange { environment, change, .. } in &self.plan.draft().changes {
            if change.add_on().pool() == *pool
                && let Some(document) = snapshots.last_known(&environment.id)
            {
                expected += document.units(change.add_on()).difference(change.units_before());
            }
        }
        let elsewhere = self.counted_elsewhere.get(pool).copied().unwrap_or_default();
        Units::new(u64::try_from(expected + i128::from(elsewhere.get())).unwrap_or(0))
    }

    /// The total of each pool for the schedule. Adds the units that writes of unknown result take, unless a reading
    /// shows their target. Subtracts increases of pending writes that a reading shows already, because the schedule
    /// debits them when it hands out those writes.
    pub(super) fn totals_to_book(
        &self,
        snapshots: &Snapshots,
        schedule: &Schedule,
        total: impl Fn(&Pool) -> Option<Units>,
    ) -> Vec<(&'a Pool, Units)> {
        let mut in_place: BTreeMap<Pool, Units> = BTreeMap::new();
        let mut unknown: BTreeMap<Pool, Units> = BTreeMap::new();
        for (index, PlannedChange { environment, change, .. }) in self.plan.draft().changes.iter().enumerate() {
            let (add_on, after) = (change.add_on(), change.after().units);
            let held = snapshots.last_known(&environment.id).map(|document| document.units(add_on));
            let sum = match schedule.progress(index) {
                WriteProgress::Pending if held == Some(after) => &mut in_place,
                WriteProgress::Ended(WriteResult::Unknown) if held != Some(after) => &mut unknown,
                _ => continue,
            };
            add(sum.entry(add_on.pool()).or_default(), after.remaining_after(change.units_before()));
        }
        let of = |sums: &BTreeMap<Pool, Units>, pool: &Pool| sums.get(pool).copied().unwrap_or_default();
        let to_book = |pool: &'a Pool| {
            let with_unknown: Units = [total(pool)?, of(&unknown, pool)].into_iter().sum();
            Some((pool, with_unknown.remaining_after(of(&in_place, pool))))
        };
        self.plan.draft().pools.iter().filter_map(|planned| to_book(&planned.pool)).collect()
    }

    fn changed_cells(&self, snapshots: &Snapshots, schedule: &Schedule) -> ChangedCells {
        let nothing = EnvironmentDocument::default();
        let mut cells = ChangedCells::default();
        for (index, planned) in self.plan.draft().changes.iter().enumerate() {
            let (id, add_on) = (&planned.environment.id, planned.change.add_on());
            let held = snapshots.last_known(id).unwrap_or(&nothing).units(add_on);
            let booked = self.booked(index, held, schedule).unwrap_or(held);
            let (before, now) = cells.totals.entry(add_on.pool()).or_default();
            add(before, planned.change.units_before());
            add(now, held);
            add(cells.beyond.entry((id.clone(), add_on.pool())).or_default(), held.remaining_after(booked));
        }
        cells
    }

    /// Counts a reading of one environment. Returns the units of others that are new in each pool.
    pub(super) fn count_environment(
        &mut self,
        environment: &EnvironmentId,
        document: &EnvironmentDocument,
        schedule: &Schedule,
    ) -> Vec<(Pool, Units)> {
        self.baseline.entry(environment.clone()).or_insert_with(|| document.clone());
        let mut beyond: BTreeMap<Pool, Units> = BTreeMap::new();
        for (add_on, entry) in &document.entries {
            let pool = add_on.pool();
            if !self.pools.contains(&pool) {
                continue;
            }
            let change = self.change_of(environment, add_on);
            let booked = change.and_then(|index| self.booked(index, entry.units, schedule));
            let booked = booked.unwrap_or_else(|| {
                self.baseline.get(environment).map_or(Units::ZERO, |document| document.units(add_on))
            });
            add(beyond.entry(pool).or_default(), entry.units.remaining_after(booked));
        }
        let counted = &mut self.counted;
        let new = beyond.into_iter().map(|(pool, units)| {
            let cell = (environment.clone(), pool.clone());
            (pool, raise(counted.entry(cell).or_default(), units))
        });
        new.filter(|(_, units)| !units.is_zero()).collect()
    }

    /// Recounts the cells of an environment that the plan changes, after a write to them ended without being applied.
    /// Until then, units that matched its target were attributed to the write. Returns the units of others that are new
    /// in each pool.
    pub(super) fn count_changes(
        &mut self,
        environment: &EnvironmentId,
        snapshots: &Snapshots,
        schedule: &Schedule,
    ) -> Vec<(Pool, Units)> {
        let Some(document) = snapshots.last_known(environment) else { return Vec::new() };
        let mut beyond: BTreeMap<Pool, Units> = BTreeMap::new();
        for &index in self.changes.get(environment).into_iter().flatten() {
            let Some(planned) = self.plan.draft().changes.get(index) else { continue };
            let held = document.units(planned.change.add_on());
            let booked = self.booked(index, held, schedule).unwrap_or(held);
            add(beyond.entry(planned.change.add_on().pool()).or_default(), held.remaining_after(booked));
        }
        let counted = &mut self.counted;
        let new = beyond.into_iter().map(|(pool, units)| {
            let cell = (environment.clone(), pool.clone());
            (pool, raise(counted.entry(cell).or_default(), units))
        });
        new.filter(|(_, units)| !units.is_zero()).collect()
    }

    fn change_of(&self, environment: &EnvironmentId, add_on: &AddOn) -> Option<usize> {
        let changes = &self.plan.draft().changes;
        let is_of_add_on = |index: &usize| changes.get(*index).is_some_and(|planned| planned.change.add_on() == add_on);
        self.changes.get(environment)?.iter().copied().find(is_of_add_on)
    }
}

/// The cells that the plan changes, as a listing shows them.
#[derive(Default)]
struct ChangedCells {
    /// The units of these cells in each pool: before the run, and in the listing.
    totals: BTreeMap<Pool, (Units, Units)>,
    /// The units of each environment and pool that our writes do not explain.
    beyond: BTreeMap<(EnvironmentId, Pool), Units>,
}

fn add(sum: &mut Units, units: Units) {
    *sum = [*sum, units].into_iter().sum();
}

/// Raises a counted amount. Returns the difference.
fn raise(counted: &mut Units, units: Units) -> Units {
    let new = units.remaining_after(*counted);
    *counted = units.max(*counted);
    new
}

#[cfg(test)]
mod tests;
