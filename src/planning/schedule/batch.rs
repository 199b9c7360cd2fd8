//! The changes of one environment, sent in one write or in two: first the changes that give back, later those that take.

use std::collections::BTreeMap;

use super::holdings::Shift;
use super::numbers::DraftNumbers;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::Step;
use crate::model::terms::EnvironmentId;

/// All changes of one environment. Two writes are always enough. The first gives units back, which always fits and frees units for other
/// batches. The second takes units, and can wait for the writes of other batches.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) environment: EnvironmentId,
    /// Indexes into the draft's changes, ascending.
    pub(super) changes: Vec<usize>,
    pub(super) net: Vec<Shift>,
    /// The units that the first of two writes gives back, as positive amounts.
    pub(super) gives: Vec<Shift>,
    /// The units that the second of two writes takes.
    pub(super) takes: Vec<Shift>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Whole,
    /// The changes that give back, and the changes of switches.
    Release,
    Take,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchWrite {
    pub(super) batch: usize,
    pub(super) part: Part,
}

impl Batch {
    /// The batches of a draft, in the order of their first changes.
    pub(super) fn of(draft: &Draft, numbers: &DraftNumbers) -> Vec<Batch> {
        let mut by_environment: BTreeMap<&EnvironmentId, usize> = BTreeMap::new();
        let mut groups: Vec<(&EnvironmentId, Vec<usize>)> = Vec::new();
        for (index, planned) in draft.changes.iter().enumerate() {
            let id = &planned.environment.id;
            let number = *by_environment.entry(id).or_insert_with(|| {
                groups.push((id, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, changes)) = groups.get_mut(number) {
                changes.push(index);
            }
        }
        let batch = |(environment, changes): (&EnvironmentId, Vec<usize>)| Batch {
            environment: environment.clone(),
            net: numbers.net(&changes),
            gives: numbers.gives(&changes),
            takes: numbers.takes(&changes),
            changes,
        };
        groups.into_iter().map(batch).collect()
    }

    /// Whether the batch both gives back and takes. Only such a batch may have to be split into two writes.
    pub(super) fn is_mixed(&self) -> bool {
        !self.gives.is_empty() && !self.takes.is_empty()
    }

    /// The pools that the batch both gives back to and takes from. Two add-ons can share a pool, such as Process and Unattended RPA.
    pub(super) fn swaps_within(&self) -> impl Iterator<Item = usize> {
        let takes_from = |pool: usize| self.takes.iter().any(|take| take.pool == pool);
        self.gives.iter().map(|give| give.pool).filter(move |&pool| takes_from(pool))
    }

    pub(super) fn step(&self, part: Part, numbers: &DraftNumbers) -> Step {
        let takes = |change: usize| numbers.shift(change).is_some_and(|shift| shift.units > 0);
        let belongs = |change: &usize| match part {
            Part::Whole => true,
            Part::Release => !takes(*change),
            Part::Take => takes(*change),
        };
        Step { environment: self.environment.clone(), changes: self.changes.iter().copied().filter(belongs).collect() }
    }
}

pub(super) fn fits(free: &[i128], shifts: &[Shift]) -> bool {
    shifts.iter().all(|shift| shift.units <= 0 || free.get(shift.pool).is_some_and(|free| shift.units <= *free))
}

/// Books a confirmed write.
pub(super) fn book(free: &mut [i128], shifts: &[Shift]) {
    for shift in shifts {
        if let Some(free) = free.get_mut(shift.pool) {
            *free -= shift.units;
        }
    }
}

/// Books the units that the first of two writes gave back.
pub(super) fn book_release(free: &mut [i128], gives: &[Shift]) {
    for give in gives {
        if let Some(free) = free.get_mut(give.pool) {
            *free += give.units;
        }
    }
}
