//! What one environment is to do, and the three ways to write it: whole, or what it gives back first and the rest later.

use std::collections::BTreeMap;

use super::cells::Figures;
use super::holdings::Shift;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::Step;
use crate::model::terms::EnvironmentId;

/// All changes of one environment.
///
/// More than two writes are never needed, and when there are two, the first gives back all that there is to give back:
/// giving back always fits and helps everybody, and taking later never hinders anybody.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) environment: EnvironmentId,
    /// Indexes into the draft's changes, ascending.
    pub(super) changes: Vec<usize>,
    /// What the whole does.
    pub(super) net: Vec<Shift>,
    /// What the first of two writes gives back, as positive amounts.
    pub(super) gives: Vec<Shift>,
    /// What the second of two writes takes.
    pub(super) takes: Vec<Shift>,
}

/// How much of a work a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// What gives back, and the switches.
    Release,
    /// What takes.
    Take,
}

/// One write: which work, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Act {
    pub(super) work: usize,
    pub(super) part: Part,
}

impl Work {
    /// The works of a draft, by their first change.
    pub(super) fn of(draft: &Draft, figures: &Figures) -> Vec<Work> {
        let mut numbers: BTreeMap<&EnvironmentId, usize> = BTreeMap::new();
        let mut groups: Vec<(&EnvironmentId, Vec<usize>)> = Vec::new();
        for (index, planned) in draft.changes.iter().enumerate() {
            let id = &planned.environment.id;
            let number = *numbers.entry(id).or_insert_with(|| {
                groups.push((id, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, changes)) = groups.get_mut(number) {
                changes.push(index);
            }
        }
        let work = |(environment, changes): (&EnvironmentId, Vec<usize>)| Work {
            environment: environment.clone(),
            net: figures.net(&changes),
            gives: figures.gives(&changes),
            takes: figures.takes(&changes),
            changes,
        };
        groups.into_iter().map(work).collect()
    }

    /// Whether giving back and taking meet in it, so that it may have to be split.
    pub(super) fn is_mixed(&self) -> bool {
        !self.gives.is_empty() && !self.takes.is_empty()
    }

    /// What it both gives back to a pool and takes from it (Process for Unattended RPA).
    pub(super) fn swaps_within(&self) -> impl Iterator<Item = usize> {
        let takes_from = |pool: usize| self.takes.iter().any(|take| take.pool == pool);
        self.gives.iter().map(|give| give.pool).filter(move |&pool| takes_from(pool))
    }

    /// The step that does a part of it.
    pub(super) fn step(&self, part: Part, figures: &Figures) -> Step {
        let takes = |change: usize| figures.cell(change).is_some_and(|cell| cell.units > 0);
        let belongs = |change: &usize| match part {
            Part::Whole => true,
            Part::Release => !takes(*change),
            Part::Take => takes(*change),
        };
        Step { environment: self.environment.clone(), changes: self.changes.iter().copied().filter(belongs).collect() }
    }
}

/// Whether each of these amounts is free in its pool.
pub(super) fn fits(free: &[i128], shifts: &[Shift]) -> bool {
    shifts.iter().all(|shift| shift.units <= 0 || free.get(shift.pool).is_some_and(|free| shift.units <= *free))
}

/// Books what a confirmed write did.
pub(super) fn book(free: &mut [i128], shifts: &[Shift]) {
    for shift in shifts {
        if let Some(free) = free.get_mut(shift.pool) {
            *free -= shift.units;
        }
    }
}

/// Books what the first of two writes gave back.
pub(super) fn book_release(free: &mut [i128], gives: &[Shift]) {
    for give in gives {
        if let Some(free) = free.get_mut(give.pool) {
            *free += give.units;
        }
    }
}
