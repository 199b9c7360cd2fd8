//! What others were seen to hold while a run changes something: by listings of all, or by reading each changed environment by itself.
//!
//! The books say how much each cell holds at most, as far as our writes go. What a read shows beyond that is somebody else's, and is
//! not there for us. It is counted once, however often it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::reads::Readings;
use crate::model::catalog::{AddOn, Pool};
use crate::model::document::EnvironmentDocument;
use crate::model::observed::Reading;
use crate::model::plan::order::Plan;
use crate::model::terms::{EnvironmentId, Units};
use crate::planning::schedule::holdings::Settled;
use crate::planning::schedule::machine::WriteNumber;

/// What others were seen to hold.
pub(super) struct Others {
    /// The changes of each environment.
    changes: BTreeMap<EnvironmentId, Vec<usize>>,
    /// The write of each change that was taken from the schedule.
    begun: BTreeMap<usize, WriteNumber>,
    ended: BTreeMap<WriteNumber, Settled>,
    counted: BTreeMap<(EnvironmentId, Pool), Units>,
    /// What each environment held when the plan was made, or when it was read first.
    found: BTreeMap<EnvironmentId, EnvironmentDocument>,
    /// The same of everything that the plan does not change.
    counted_rest: BTreeMap<Pool, Units>,
    pools: BTreeSet<Pool>,
}

impl Others {
    /// Nothing was seen yet but what the plan found.
    pub(super) fn of(plan: &Plan, found: &BTreeMap<EnvironmentId, EnvironmentDocument>) -> Others {
        let mut changes: BTreeMap<EnvironmentId, Vec<usize>> = BTreeMap::new();
        for (index, planned) in plan.draft().changes.iter().enumerate() {
            changes.entry(planned.environment.id.clone()).or_default().push(index);
        }
        let pools = plan.draft().pools.iter().map(|planned| planned.pool.clone()).collect();
        let (begun, ended, counted) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let counted_rest = BTreeMap::new();
        Others { changes, begun, ended, counted, counted_rest, found: found.clone(), pools }
    }

    /// A write was taken from the schedule: what it takes is in the books from then on.
    pub(super) fn begun(&mut self, number: WriteNumber, changes: &[usize]) {
        self.begun.extend(changes.iter().map(|change| (*change, number)));
    }

    /// A write was given back to the schedule before it was sent.
    pub(super) fn taken_back(&mut self, number: WriteNumber) {
        self.begun.retain(|_, begun| *begun != number);
    }

    /// It is known what became of a write.
    pub(super) fn ended(&mut self, number: WriteNumber, settled: Settled) {
        self.ended.insert(number, settled);
    }

    /// What the books say that a cell holds at most, which was read to hold this; `None` where the plan does not change it.
    fn booked(&self, plan: &Plan, environment: &EnvironmentId, add_on: &AddOn, held: Units) -> Option<Units> {
        let changes =
            self.changes.get(environment)?.iter().filter_map(|&index| Some((index, plan.draft().changes.get(index)?)));
        let (index, planned) = changes.into_iter().find(|(_, planned)| planned.change.add_on() == add_on)?;
        let (before, after) = (planned.change.units_before(), planned.change.after().units);
        Some(match self.begun.get(&index).map(|number| self.ended.get(number)) {
            Some(None | Some(Settled::Unknown)) => before.max(after),
            Some(Some(Settled::Confirmed)) => after,
            // Somebody did for us what was not begun: it is booked in its turn.
            None if held == after => after.max(before),
            None | Some(Some(Settled::Failed)) => before,
        })
    }

    /// What all environments together are listed to hold beyond the books, and beyond what was counted before: cell by cell where
    /// the plan changes something, so that an open write of ours hides nothing, and together where it does not.
    pub(super) fn listed(&mut self, plan: &Plan, listing: &Readings) -> Vec<(Pool, Units)> {
        let nothing = EnvironmentDocument::default();
        let mut planned: BTreeMap<Pool, (Units, Units)> = BTreeMap::new();
        let mut beyond: BTreeMap<(EnvironmentId, Pool), Units> = BTreeMap::new();
        for change in &plan.draft().changes {
            let (id, add_on) = (&change.environment.id, change.change.add_on());
            let held = listing.get(id).and_then(Reading::known).unwrap_or(&nothing).units(add_on);
            let booked = self.booked(plan, id, add_on, held).unwrap_or(held);
            let (before, now) = planned.entry(add_on.pool()).or_default();
            *before = [*before, change.change.units_before()].into_iter().sum();
            *now = [*now, held].into_iter().sum();
            let sum = beyond.entry((id.clone(), add_on.pool())).or_default();
            *sum = [*sum, held.remaining_after(booked)].into_iter().sum();
        }
        let mut more: BTreeMap<Pool, Units> = BTreeMap::new();
        for (cell, units) in beyond {
            let pool = cell.1.clone();
            let new = raised(self.counted.entry(cell).or_default(), units);
            let sum = more.entry(pool).or_default();
            *sum = [*sum, new].into_iter().sum();
        }
        for pool in &plan.draft().pools {
            let members = pool.pool.members();
            let documents = listing.values().filter_map(Reading::known);
            let all: Units = documents.flat_map(|document| members.iter().map(|member| document.units(member))).sum();
            let (planned_before, planned_now) = planned.get(&pool.pool).copied().unwrap_or_default();
            let seen_before = pool.allocated_before.remaining_after(pool.unseen.unwrap_or_default());
            let rest = all.remaining_after(planned_now).remaining_after(seen_before.remaining_after(planned_before));
            let new = raised(self.counted_rest.entry(pool.pool.clone()).or_default(), rest);
            let sum = more.entry(pool.pool.clone()).or_default();
            *sum = [*sum, new].into_iter().sum();
        }
        more.into_iter().filter(|(_, units)| !units.is_zero()).collect()
    }

    /// What an environment was read to hold beyond the books, and beyond what was counted before.
    pub(super) fn found(
        &mut self,
        plan: &Plan,
        environment: &EnvironmentId,
        document: &EnvironmentDocument,
    ) -> Vec<(Pool, Units)> {
        let before = self.found.entry(environment.clone()).or_insert_with(|| document.clone()).clone();
        let mut beyond: BTreeMap<Pool, Units> = BTreeMap::new();
        for (add_on, entry) in &document.entries {
            let pool = add_on.pool();
            if !self.pools.contains(&pool) {
                continue;
            }
            let booked = self.booked(plan, environment, add_on, entry.units).unwrap_or_else(|| before.units(add_on));
            let sum = beyond.entry(pool).or_default();
            *sum = [*sum, entry.units.remaining_after(booked)].into_iter().sum();
        }
        let key = |pool: &Pool| (environment.clone(), pool.clone());
        let new = beyond.into_iter().map(|(pool, units)| {
            let new = raised(self.counted.entry(key(&pool)).or_default(), units);
            (pool, new)
        });
        new.filter(|(_, units)| !units.is_zero()).collect()
    }
}

/// Raises what was counted, and returns by how much.
fn raised(counted: &mut Units, units: Units) -> Units {
    let new = units.remaining_after(*counted);
    *counted = units.max(*counted);
    new
}
