//! What others were seen to hold of the environments that a run changes, where each is read by itself and nobody lists them all.
//!
//! The books say how much each cell holds at most, as far as our writes go. What a read shows beyond that is somebody else's, and is
//! not there for us. It is counted once, however often it is read.

use std::collections::BTreeMap;

use crate::model::catalog::Pool;
use crate::model::document::EnvironmentDocument;
use crate::model::plan::Plan;
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
}

impl Others {
    /// Nothing was seen yet.
    pub(super) fn of(plan: &Plan) -> Others {
        let mut changes: BTreeMap<EnvironmentId, Vec<usize>> = BTreeMap::new();
        for (index, planned) in plan.draft().changes.iter().enumerate() {
            changes.entry(planned.environment.id.clone()).or_default().push(index);
        }
        Others { changes, begun: BTreeMap::new(), ended: BTreeMap::new(), counted: BTreeMap::new() }
    }

    /// A write was taken from the schedule: what it takes is in the books from then on.
    pub(super) fn begun(&mut self, number: WriteNumber, changes: &[usize]) {
        self.begun.extend(changes.iter().map(|change| (*change, number)));
    }

    /// It is known what became of a write.
    pub(super) fn ended(&mut self, number: WriteNumber, settled: Settled) {
        self.ended.insert(number, settled);
    }

    /// What an environment was read to hold beyond the books, and beyond what was counted before.
    pub(super) fn found(
        &mut self,
        plan: &Plan,
        environment: &EnvironmentId,
        document: &EnvironmentDocument,
    ) -> Vec<(Pool, Units)> {
        let mut beyond: BTreeMap<Pool, Units> = BTreeMap::new();
        for &index in self.changes.get(environment).into_iter().flatten() {
            let Some(planned) = plan.draft().changes.get(index) else { continue };
            let change = &planned.change;
            let held = document.units(change.add_on());
            let (before, after) = (change.units_before(), change.after().units);
            let booked = match self.begun.get(&index).map(|number| self.ended.get(number)) {
                // Somebody may have done for us what was not begun; it is booked in its turn.
                None => before.max(after.min(held)),
                Some(None | Some(Settled::Unknown)) => before.max(after),
                Some(Some(Settled::Confirmed)) => after,
                Some(Some(Settled::Failed)) => before,
            };
            let sum = beyond.entry(change.add_on().pool()).or_default();
            *sum = [*sum, held.remaining_after(booked)].into_iter().sum();
        }
        let mut more = Vec::new();
        for (pool, units) in beyond {
            let counted = self.counted.entry((environment.clone(), pool.clone())).or_default();
            let new = units.remaining_after(*counted);
            if !new.is_zero() {
                *counted = units;
                more.push((pool, new));
            }
        }
        more
    }
}
