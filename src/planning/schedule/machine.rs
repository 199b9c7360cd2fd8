//! What may be sent next: a state machine that knows amounts and events, and no clock, tenant or thread.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cells::Figures;
use super::holdings::{Claim, Holdings, Settled, Shift};
use super::outcome::{ChangeOutcome, NotSent};
use crate::model::catalog::Pool;
use crate::model::plan::order::Plan;
use crate::model::terms::{EnvironmentId, Units};

/// How many writes that wait are looked at for one that may overtake: far more than are ever under way at once, and a
/// bound on the work of each call.
const LOOKAHEAD: usize = 64;

/// The number of a write, in the order in which they came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteNumber(usize);

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this write; its units are debited.
    Send(WriteNumber),
    /// Nothing may be sent until something that is under way is settled.
    Wait,
    /// Nothing is under way, and nothing more may be sent.
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pending,
    InFlight,
    Settled(Settled),
    /// An earlier write of its environment failed.
    Dropped,
}

#[derive(Debug)]
struct Write {
    environment: EnvironmentId,
    changes: Vec<usize>,
    shifts: Vec<Shift>,
    state: State,
}

/// The writes of a plan while they run.
#[derive(Debug)]
pub struct Schedule {
    figures: Figures,
    holdings: Holdings,
    writes: Vec<Write>,
    pending: BTreeSet<usize>,
    claims: BTreeMap<usize, Claim>,
    /// Environments with a write under way.
    busy: BTreeSet<EnvironmentId>,
    stopped: bool,
}

impl Schedule {
    /// Nothing sent yet.
    pub fn new(plan: &Plan) -> Schedule {
        let figures = Figures::of(plan.draft());
        let write = |step: &crate::model::plan::order::Step| Write {
            environment: step.environment.clone(),
            changes: step.changes.clone(),
            shifts: figures.net(&step.changes),
            state: State::Pending,
        };
        let writes: Vec<Write> = plan.steps().iter().map(write).collect();
        Schedule {
            holdings: figures.holdings(),
            pending: (0..writes.len()).collect(),
            writes,
            claims: BTreeMap::new(),
            busy: BTreeSet::new(),
            stopped: false,
            figures,
        }
    }

    /// Decides what may be sent now, and debits it. Writes go out in the plan's order; a later one overtakes only where
    /// what is free is enough for all that wait before it as well. When nothing is under way and the order cannot be kept,
    /// because something failed, whatever fits is sent, in part where it does not fit whole.
    pub fn next_move(&mut self) -> Next {
        if !self.stopped {
            if let Some(number) = self.in_order() {
                return Next::Send(number);
            }
            if self.claims.is_empty()
                && let Some(number) = self.out_of_order().or_else(|| self.in_part())
            {
                return Next::Send(number);
            }
        }
        if self.claims.is_empty() { Next::Done } else { Next::Wait }
    }

    /// The changes of a write, as indexes into the draft's.
    pub fn changes(&self, number: WriteNumber) -> &[usize] {
        self.writes.get(number.0).map_or(&[], |write| &write.changes)
    }

    /// Books what became of a write that was sent. What was settled before stays as it is.
    pub fn record(&mut self, number: WriteNumber, settled: Settled) {
        let (Some(claim), Some(write)) = (self.claims.remove(&number.0), self.writes.get_mut(number.0)) else { return };
        self.holdings.settle(claim, settled);
        write.state = State::Settled(settled);
        self.busy.remove(&write.environment);
        if settled != Settled::Confirmed {
            let environment = write.environment.clone();
            self.drop_rest_of(&environment);
        }
    }

    /// Whether a pool that a write takes from turned out to be overdrawn after the write was debited, because somebody else took
    /// units: then it must not go out.
    pub fn is_overdrawn(&self, number: WriteNumber) -> bool {
        let shifts = self.writes.get(number.0).map_or(&[][..], |write| &write.shifts);
        shifts.iter().any(|shift| shift.units > 0 && self.holdings.free(shift.pool) < 0)
    }

    /// A write that was debited and never sent waits again.
    pub fn take_back(&mut self, number: WriteNumber) {
        let (Some(claim), Some(write)) = (self.claims.remove(&number.0), self.writes.get_mut(number.0)) else { return };
        self.holdings.settle(claim, Settled::Failed);
        write.state = State::Pending;
        self.busy.remove(&write.environment);
        self.pending.insert(number.0);
    }

    /// Nothing new is sent from now on.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// How many writes wait.
    pub fn unsent(&self) -> usize {
        self.pending.len()
    }

    /// The most that a pool can hold now, whichever writes under way have taken effect.
    pub fn worst_case(&self, pool: &Pool) -> Units {
        self.holdings.worst_case(pool)
    }

    /// Units that turn out to be held besides all that the plan knew.
    pub fn also_held(&mut self, pool: &Pool, units: Units) {
        self.holdings.also_held(pool, units);
    }

    /// What became of each of the draft's changes.
    pub fn outcomes(&self) -> Vec<ChangeOutcome> {
        let mut outcomes = vec![ChangeOutcome::NotSent(NotSent::Stopped); self.figures.cells.len()];
        let mut holders = BTreeMap::new();
        for write in &self.writes {
            for &change in &write.changes {
                let outcome = match write.state {
                    State::Settled(Settled::Confirmed) => ChangeOutcome::Applied,
                    State::Settled(Settled::Failed) => ChangeOutcome::Failed,
                    State::Settled(Settled::Unknown) | State::InFlight => ChangeOutcome::Unknown,
                    State::Dropped => ChangeOutcome::NotSent(NotSent::EnvironmentFailed),
                    State::Pending => ChangeOutcome::NotSent(self.why_waiting(change, &mut holders)),
                };
                if let Some(slot) = outcomes.get_mut(change) {
                    *slot = outcome;
                }
            }
        }
        outcomes
    }

    fn in_order(&mut self) -> Option<WriteNumber> {
        let mut wanted: BTreeMap<usize, i128> = BTreeMap::new();
        let mut waiting: BTreeSet<&EnvironmentId> = BTreeSet::new();
        let mut found = None;
        for &number in self.pending.iter().take(LOOKAHEAD) {
            let Some(write) = self.writes.get(number) else { continue };
            let takes = || write.shifts.iter().filter(|shift| shift.units > 0);
            let left = |pool: usize| self.holdings.free(pool) - wanted.get(&pool).copied().unwrap_or(0);
            let is_turn = !self.busy.contains(&write.environment) && !waiting.contains(&write.environment);
            if is_turn && takes().all(|take| take.units <= left(take.pool)) {
                found = Some(number);
                break;
            }
            waiting.insert(&write.environment);
            for take in takes() {
                *wanted.entry(take.pool).or_default() += take.units;
            }
        }
        self.send(found?)
    }

    fn out_of_order(&mut self) -> Option<WriteNumber> {
        let mut waiting: BTreeSet<&EnvironmentId> = BTreeSet::new();
        let fits = |write: &&Write| {
            write.shifts.iter().all(|shift| shift.units <= 0 || shift.units <= self.holdings.free(shift.pool))
        };
        let found = self.pending.iter().copied().find(|&number| {
            self.writes.get(number).filter(|write| waiting.insert(&write.environment)).filter(fits).is_some()
        });
        self.send(found?)
    }

    /// Splits off what can be written of a write that does not fit whole: what gives back, and what still fits of the rest.
    fn in_part(&mut self) -> Option<WriteNumber> {
        let mut waiting: BTreeSet<&EnvironmentId> = BTreeSet::new();
        let (number, part) = self.pending.iter().find_map(|&number| {
            let write = self.writes.get(number).filter(|write| waiting.insert(&write.environment))?;
            let part = self.fitting_part(write);
            (!part.is_empty()).then_some((number, part))
        })?;
        let shifts = self.figures.net(&part);
        let write = self.writes.get_mut(number)?;
        write.changes.retain(|change| !part.contains(change));
        write.shifts = self.figures.net(&write.changes);
        let split = Write { environment: write.environment.clone(), changes: part, shifts, state: State::Pending };
        self.writes.push(split);
        self.send(self.writes.len() - 1)
    }

    fn fitting_part(&self, write: &Write) -> Vec<usize> {
        let takes = |change: &usize| self.figures.cell(*change).is_some_and(|cell| cell.units > 0);
        let (taking, mut part): (Vec<usize>, Vec<usize>) = write.changes.iter().partition(|change| takes(change));
        // Switches alone are no reason to split; they go with the rest, or stay with it.
        if part.iter().all(|&change| self.figures.cell(change).is_some_and(|cell| cell.units == 0)) && taking.is_empty()
        {
            return Vec::new();
        }
        for change in taking {
            part.push(change);
            let net = self.figures.net(&part);
            if net.iter().any(|shift| shift.units > 0 && shift.units > self.holdings.free(shift.pool)) {
                part.pop();
            }
        }
        part.sort_unstable();
        part
    }

    fn send(&mut self, number: usize) -> Option<WriteNumber> {
        let write = self.writes.get_mut(number)?;
        let claim = self.holdings.claim(&write.shifts)?;
        write.state = State::InFlight;
        self.busy.insert(write.environment.clone());
        self.claims.insert(number, claim);
        self.pending.remove(&number);
        Some(WriteNumber(number))
    }

    fn drop_rest_of(&mut self, environment: &EnvironmentId) {
        for number in self.pending.iter().copied().collect::<Vec<_>>() {
            if let Some(write) = self.writes.get_mut(number).filter(|write| write.environment == *environment) {
                write.state = State::Dropped;
                self.pending.remove(&number);
            }
        }
    }

    fn why_waiting(&self, change: usize, holders: &mut BTreeMap<usize, Arc<[EnvironmentId]>>) -> NotSent {
        let Some(cell) = self.figures.cell(change).filter(|_| !self.stopped && self.claims.is_empty()) else {
            return NotSent::Stopped;
        };
        let short = cell.units - self.holdings.free(cell.pool);
        let Some(pool) = self.holdings.pool(cell.pool).filter(|_| short > 0) else { return NotSent::Stopped };
        let held_by = holders.entry(cell.pool).or_insert_with(|| self.held_by(cell.pool)).clone();
        NotSent::Blocked { pool: pool.clone(), short_by: Units::new(u64::try_from(short).unwrap_or(u64::MAX)), held_by }
    }

    /// The environments that kept units of a pool that they were to give back, or may have taken some.
    fn held_by(&self, pool: usize) -> Arc<[EnvironmentId]> {
        let keeps = |write: &&Write| {
            let moved = write.shifts.iter().find(|shift| shift.pool == pool).map_or(0, |shift| shift.units);
            match write.state {
                State::Settled(Settled::Unknown) => moved != 0,
                State::Settled(Settled::Failed) | State::Dropped => moved < 0,
                State::Settled(Settled::Confirmed) | State::Pending | State::InFlight => false,
            }
        };
        let keeping: BTreeSet<EnvironmentId> =
            self.writes.iter().filter(keeps).map(|write| write.environment.clone()).collect();
        keeping.into_iter().collect()
    }
}
