//! The schedule of a run, a state machine that decides which write may be sent next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::holdings::{Claim, Holdings, InTotals, Shift, WriteResult};
use super::not_sent::NotSentReason;
use super::numbers::DraftNumbers;
use crate::model::catalog::Pool;
use crate::model::plan::order::Plan;
use crate::model::terms::{EnvironmentId, Units};

/// How many pending writes a call examines to find one that may overtake the others. The limit is above any sensible
/// parallelism.
const LOOKAHEAD: usize = 64;

/// The number of a write in a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteNumber(usize);

/// The next move of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this write, whose units are debited.
    Send(WriteNumber),
    /// Send nothing until a write in flight ends, or until the tenant's totals are read again.
    Wait,
    /// Nothing is in flight, and nothing more may be sent.
    Done,
}

/// The progress of a write through a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteProgress {
    /// Not handed out yet, or taken back with [`Schedule::take_back`].
    Pending,
    /// Handed out and debited, sent or not.
    Claimed,
    /// Ended with this result.
    Ended(WriteResult),
    /// Never to be sent, because an earlier write to the same environment failed or has an unknown result.
    Dropped,
}

#[derive(Debug)]
struct Write {
    environment: EnvironmentId,
    changes: Vec<usize>,
    shifts: Vec<Shift>,
    progress: WriteProgress,
}

/// The writes of a plan during a run.
#[derive(Debug)]
pub struct Schedule {
    numbers: DraftNumbers,
    holdings: Holdings,
    writes: Vec<Write>,
    /// The write of each of the draft's changes.
    write_of: Vec<usize>,
    pending: BTreeSet<usize>,
    claims: BTreeMap<usize, Claim>,
    busy: BTreeSet<EnvironmentId>,
    stopped: bool,
}

impl Schedule {
    /// A schedule before its first write.
    pub fn new(plan: &Plan) -> Schedule {
        let numbers = DraftNumbers::of(plan.draft());
        let write = |step: &crate::model::plan::order::Step| Write {
            environment: step.environment.clone(),
            changes: step.changes.clone(),
            shifts: numbers.net(&step.changes),
            progress: WriteProgress::Pending,
        };
        let writes: Vec<Write> = plan.steps().iter().map(write).collect();
        let mut write_of = vec![usize::MAX; numbers.shifts.len()];
        for (number, write) in writes.iter().enumerate() {
            assign(&mut write_of, &write.changes, number);
        }
        Schedule {
            holdings: numbers.holdings(),
            pending: (0..writes.len()).collect(),
            writes,
            write_of,
            claims: BTreeMap::new(),
            busy: BTreeSet::new(),
            stopped: false,
            numbers,
        }
    }

    /// Decides which write may be sent now, and debits its units.
    ///
    /// Writes go out in the plan's order. A write overtakes earlier ones only if the free units are enough for them as well. If a failure
    /// makes the order impossible and nothing is in flight, the schedule sends what fits, and splits a write that does not fit whole.
    pub fn next_move(&mut self) -> Next {
        if !self.stopped {
            if let Some(number) = self.in_order(Holdings::free).and_then(|number| self.send(number)) {
                return Next::Send(number);
            }
            if self.awaited_total().is_some() {
                return Next::Wait;
            }
            if self.claims.is_empty()
                && let Some(number) = self.out_of_order().or_else(|| self.in_part())
            {
                return Next::Send(number);
            }
        }
        if self.claims.is_empty() { Next::Done } else { Next::Wait }
    }

    /// The changes of a write, as indexes into the draft's changes.
    pub fn changes(&self, number: WriteNumber) -> &[usize] {
        self.writes.get(number.0).map_or(&[], |write| &write.changes)
    }

    /// Books the result of a write in flight. A write that already ended does not change.
    pub fn record(&mut self, number: WriteNumber, result: WriteResult) {
        let (Some(claim), Some(write)) = (self.claims.remove(&number.0), self.writes.get_mut(number.0)) else { return };
        self.holdings.settle(claim, result);
        write.progress = WriteProgress::Ended(result);
        self.busy.remove(&write.environment);
        if result != WriteResult::Confirmed {
            let environment = write.environment.clone();
            self.drop_rest_of(&environment);
        }
    }

    /// Whether a pool that the write takes from is overdrawn, because others have allocated units since the write was debited. Such a write
    /// must not be sent.
    pub fn is_overdrawn(&self, number: WriteNumber) -> bool {
        self.lacks_units(number, Holdings::free)
    }

    /// Whether a pool that the write takes from is overdrawn only by the tenant's totals. Newer totals may no longer
    /// show that.
    pub fn is_overdrawn_by_totals(&self, number: WriteNumber) -> bool {
        self.is_overdrawn(number) && !self.lacks_units(number, Holdings::free_by_readings)
    }

    fn lacks_units(&self, number: WriteNumber, free: impl Fn(&Holdings, usize) -> i128) -> bool {
        self.shifts(number).iter().any(|shift| shift.units > 0 && free(&self.holdings, shift.pool) < 0)
    }

    fn shifts(&self, number: WriteNumber) -> &[Shift] {
        self.writes.get(number.0).map_or(&[], |write| &write.shifts)
    }

    /// The units that each pool of a write holds at most, counted as if the write had taken effect.
    pub fn held_if_confirmed(&self, number: WriteNumber) -> Vec<(Pool, Units)> {
        let shifts = self.shifts(number);
        let held = |shift: &Shift| {
            let (pool, held) = self.holdings.held(shift.pool)?;
            Some((pool.clone(), Units::new(u64::try_from(held + shift.units.min(0)).unwrap_or(0))))
        };
        shifts.iter().filter_map(held).collect()
    }

    /// Sets the units that a pool may hold, because a purchase or a date has changed.
    pub fn set_ceiling(&mut self, pool: &Pool, ceiling: Units) {
        self.holdings.set_ceiling(pool, ceiling);
    }

    /// Takes in the tenant's own totals of pools. `in_totals` says whether they include a claimed write.
    pub fn count<'a>(
        &mut self,
        totals: impl Iterator<Item = (&'a Pool, Units)>,
        in_totals: impl Fn(WriteNumber) -> InTotals,
    ) {
        for (pool, total) in totals {
            let claims = self.claims.iter_mut().map(|(number, claim)| (claim, in_totals(WriteNumber(*number))));
            self.holdings.count(pool, total, claims);
        }
    }

    /// The pool whose newer total the next write waits for, with the pool's units by the total and by the readings.
    /// `None` if the schedule is stopped, if a write is in flight or can be sent now, or if a newer total alone cannot
    /// help. Totals may lag behind our own writes.
    pub fn awaited_total(&self) -> Option<(&Pool, Units, Units)> {
        if self.stopped || !self.claims.is_empty() || self.in_order(Holdings::free).is_some() {
            return None;
        }
        let number = self.in_order(Holdings::hoped_for)?;
        let shifts = self.writes.get(number).map_or(&[][..], |write| &write.shifts);
        let (pool, (counted, seen)) = shifts.iter().find_map(|shift| {
            let is_short = shift.units > 0 && self.holdings.free(shift.pool) < self.holdings.hoped_for(shift.pool);
            Some((shift.pool, self.holdings.excess(shift.pool).filter(|_| is_short)?))
        })?;
        Some((self.holdings.pool(pool)?, counted, seen))
    }

    /// Treats an excess of this pool's total as units of others from now on.
    pub fn trust_total(&mut self, pool: &Pool) {
        self.holdings.trust_total(pool);
    }

    /// Takes a write back that was debited and never sent. The write is pending again.
    pub fn take_back(&mut self, number: WriteNumber) {
        let (Some(claim), Some(write)) = (self.claims.remove(&number.0), self.writes.get_mut(number.0)) else { return };
        self.holdings.settle(claim, WriteResult::Failed);
        write.progress = WriteProgress::Pending;
        self.busy.remove(&write.environment);
        self.pending.insert(number.0);
    }

    /// Hands out no more writes.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// The number of pending writes.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Adds units that others allocated since the plan was made.
    pub fn add_foreign(&mut self, pool: &Pool, units: Units) {
        self.holdings.add_foreign(pool, units);
    }

    /// The progress of a change, which is that of its write.
    pub fn progress(&self, change: usize) -> WriteProgress {
        let write = self.write_of.get(change).and_then(|&number| self.writes.get(number));
        write.map_or(WriteProgress::Dropped, |write| write.progress)
    }

    /// The changes that were not sent, with the reasons.
    pub fn not_sent(&self) -> BTreeMap<usize, NotSentReason> {
        let mut holders = BTreeMap::new();
        let mut not_sent = BTreeMap::new();
        for write in &self.writes {
            for &change in &write.changes {
                let reason = match write.progress {
                    WriteProgress::Dropped => NotSentReason::EnvironmentFailed,
                    WriteProgress::Pending => self.why_pending(change, &mut holders),
                    WriteProgress::Claimed | WriteProgress::Ended(_) => continue,
                };
                not_sent.insert(change, reason);
            }
        }
        not_sent
    }

    /// The first pending write that fits what is free beside all pending writes before it.
    fn in_order(&self, free: impl Fn(&Holdings, usize) -> i128) -> Option<usize> {
        let mut wanted: BTreeMap<usize, i128> = BTreeMap::new();
        let mut waiting: BTreeSet<&EnvironmentId> = BTreeSet::new();
        for &number in self.pending.iter().take(LOOKAHEAD) {
            let Some(write) = self.writes.get(number) else { continue };
            let takes = || write.shifts.iter().filter(|shift| shift.units > 0);
            let left = |pool: usize| free(&self.holdings, pool) - wanted.get(&pool).copied().unwrap_or(0);
            let is_turn = !self.busy.contains(&write.environment) && !waiting.contains(&write.environment);
            if is_turn && takes().all(|take| take.units <= left(take.pool)) {
                return Some(number);
            }
            waiting.insert(&write.environment);
            for take in takes() {
                *wanted.entry(take.pool).or_default() += take.units;
            }
        }
        None
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

    /// Splits a write that does not fit whole. The part contains all changes that give back, and those that take as far
    /// as they fit.
    fn in_part(&mut self) -> Option<WriteNumber> {
        let mut waiting: BTreeSet<&EnvironmentId> = BTreeSet::new();
        let (number, part) = self.pending.iter().find_map(|&number| {
            let write = self.writes.get(number).filter(|write| waiting.insert(&write.environment))?;
            let part = self.fitting_part(write);
            (!part.is_empty()).then_some((number, part))
        })?;
        let shifts = self.numbers.net(&part);
        let write = self.writes.get_mut(number)?;
        write.changes.retain(|change| !part.contains(change));
        write.shifts = self.numbers.net(&write.changes);
        let split =
            Write { environment: write.environment.clone(), changes: part, shifts, progress: WriteProgress::Pending };
        let split_number = self.writes.len();
        assign(&mut self.write_of, &split.changes, split_number);
        self.writes.push(split);
        self.send(split_number)
    }

    fn fitting_part(&self, write: &Write) -> Vec<usize> {
        let takes = |change: &usize| self.numbers.shift(*change).is_some_and(|shift| shift.units > 0);
        let (taking, mut part): (Vec<usize>, Vec<usize>) = write.changes.iter().partition(|change| takes(change));
        // A write of switches alone fits whole, so it is not split.
        if part.iter().all(|&change| self.numbers.shift(change).is_some_and(|shift| shift.units == 0))
            && taking.is_empty()
        {
            return Vec::new();
        }
        for change in taking {
            part.push(change);
            let net = self.numbers.net(&part);
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
        write.progress = WriteProgress::Claimed;
        self.busy.insert(write.environment.clone());
        self.claims.insert(number, claim);
        self.pending.remove(&number);
        Some(WriteNumber(number))
    }

    fn drop_rest_of(&mut self, environment: &EnvironmentId) {
        for number in self.pending.iter().copied().collect::<Vec<_>>() {
            if let Some(write) = self.writes.get_mut(number).filter(|write| write.environment == *environment) {
                write.progress = WriteProgress::Dropped;
                self.pending.remove(&number);
            }
        }
    }

    fn why_pending(&self, change: usize, holders: &mut BTreeMap<usize, Arc<[EnvironmentId]>>) -> NotSentReason {
        let Some(shift) = self.numbers.shift(change).filter(|_| !self.stopped && self.claims.is_empty()) else {
            return NotSentReason::Stopped;
        };
        let short = shift.units - self.holdings.free(shift.pool);
        let Some(pool) = self.holdings.pool(shift.pool).filter(|_| short > 0) else { return NotSentReason::Stopped };
        let held_by = holders.entry(shift.pool).or_insert_with(|| self.held_by(shift.pool)).clone();
        let short_by = Units::new(u64::try_from(short).unwrap_or(u64::MAX));
        let unseen = self.holdings.excess(shift.pool).map_or(0, |(counted, seen)| counted.get() - seen.get());
        NotSentReason::Blocked { pool: pool.clone(), short_by, held_by, unseen: Units::new(unseen) }
    }

    /// The environments that failed to give units of a pool back, or that may have taken some.
    fn held_by(&self, pool: usize) -> Arc<[EnvironmentId]> {
        let keeps = |write: &&Write| {
            let moved = write.shifts.iter().find(|shift| shift.pool == pool).map_or(0, |shift| shift.units);
            match write.progress {
                WriteProgress::Ended(WriteResult::Unknown) => moved != 0,
                WriteProgress::Ended(WriteResult::Failed) | WriteProgress::Dropped => moved < 0,
                WriteProgress::Ended(WriteResult::Confirmed) | WriteProgress::Pending | WriteProgress::Claimed => false,
            }
        };
        let keeping: BTreeSet<EnvironmentId> =
            self.writes.iter().filter(keeps).map(|write| write.environment.clone()).collect();
        keeping.into_iter().collect()
    }
}

fn assign(write_of: &mut [usize], changes: &[usize], number: usize) {
    for &change in changes {
        if let Some(slot) = write_of.get_mut(change) {
            *slot = number;
        }
    }
}
