//! The confirmer decides when to read which environments, and judges the readings.
//!
//! A write is sent only if its environment was read in the last ten seconds, and is applied once a later reading shows it. If one
//! listing reads all environments, the confirmer waits until a listing serves many writes. If each environment costs a
//! request, it reads only the environments that the run writes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use backon::ExponentialBackoff;
use tokio::time::Instant;

use super::comparison::{Comparison, compare, held};
use super::options::ExecutorOptions;
use super::pacing::{Pacing, confirm_backoff};
use super::snapshots::{FRESH, ReadScope, Snapshots};
use super::writes::{ActiveWrite, Confirming, Writes};
use crate::model::document::EnvironmentDocument;
use crate::model::observed::Reading;
use crate::model::run::Outcome;
use crate::model::terms::EnvironmentId;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::port::ListingCost;

/// How long answered writes wait for one listing that confirms them together, if other writes are in flight and pending writes
/// wait for units. If no pending write waits for units, answered writes wait for `FRESH`, because the next write needs a new
/// listing after that time anyway.
const COMMON_LISTING: Duration = Duration::from_secs(2);

/// The verdict of a reading on a write that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// The write took effect.
    Confirmed,
    /// The write took no effect, and may be sent again.
    Resend,
    /// The reading does not show the write yet.
    Pending,
    /// The write ends with this outcome.
    Final(Outcome),
}

/// When to read next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextRead {
    /// Read now.
    Now(Vec<ReadScope>),
    /// Read at this time.
    At(Instant),
    /// Do not read before something else happens.
    Never,
}

/// The readings of a run, the reads under way, and the time of the next one.
pub(super) struct Confirmer<'a> {
    options: &'a ExecutorOptions,
    pub(super) snapshots: Snapshots,
    /// The reads under way.
    reading: BTreeSet<ReadScope>,
    /// The earliest time of the next listing that only confirms.
    listing_from: Instant,
    backoff: ExponentialBackoff,
}

impl<'a> Confirmer<'a> {
    /// A confirmer that has read nothing yet.
    pub(super) fn new(options: &'a ExecutorOptions) -> Confirmer<'a> {
        Confirmer {
            options,
            snapshots: Snapshots::default(),
            reading: BTreeSet::new(),
            listing_from: Instant::now(),
            backoff: confirm_backoff(options.jitter_seed),
        }
    }

    /// The reading of an environment, if it is recent enough for a write.
    pub(super) fn fresh(&self, environment: &EnvironmentId) -> Option<Reading<EnvironmentDocument>> {
        self.snapshots.fresh(environment, (self.options.clock)())
    }

    /// Notes that a read begins. Returns its turn.
    pub(super) fn begin(&mut self, scope: &ReadScope) -> u64 {
        self.reading.insert(scope.clone());
        self.snapshots.turn()
    }

    /// Notes that a read ended.
    pub(super) fn end(&mut self, scope: &ReadScope) {
        self.reading.remove(scope);
    }

    /// A new write has to be confirmed: the next listing is due, and its back-off begins anew.
    pub(super) fn read_soon(&mut self) {
        self.listing_from = Instant::now();
        self.backoff = confirm_backoff(self.options.jitter_seed);
    }

    /// Schedules the next listing: after the back-off, or at the first deadline if that is earlier.
    pub(super) fn read_later(&mut self, writes: &Writes) {
        let later = Instant::now() + self.next_delay();
        self.listing_from = writes.first_deadline().map_or(later, |deadline| deadline.min(later));
    }

    /// The delay before the next read.
    pub(super) fn next_delay(&mut self) -> Duration {
        self.backoff.next().unwrap_or(COMMON_LISTING)
    }

    /// Decides when to read, and which environments. `is_sending` says whether writes are in flight.
    pub(super) fn next_read(&self, writes: &Writes, pacing: &Pacing, cost: ListingCost, is_sending: bool) -> NextRead {
        match cost {
            ListingCost::OneRequest if self.reading.is_empty() => self.next_listing(writes, pacing, is_sending),
            ListingCost::OneRequest => NextRead::Never,
            // The listing under way began before its cost was known, and serves every environment.
            ListingCost::OnePerEnvironment if self.reading.contains(&ReadScope::All) => NextRead::Never,
            ListingCost::OnePerEnvironment => self.next_single_reads(writes, pacing),
        }
    }

    /// Queued writes that wait only for a fresh reading.
    fn unread(&self, writes: &Writes, pacing: &Pacing) -> Vec<WriteNumber> {
        let now = (self.options.clock)();
        let is_unread = |number: &WriteNumber| {
            writes.get(*number).is_some_and(|write| self.snapshots.fresh(&write.environment.id, now).is_none())
        };
        writes.queued(pacing.circuit.is_tripped()).into_iter().filter(is_unread).collect()
    }

    /// Reads each environment by itself, before its write and until the write is confirmed.
    fn next_single_reads(&self, writes: &Writes, pacing: &Pacing) -> NextRead {
        let now = Instant::now();
        let unread = self.unread(writes, pacing);
        let before = unread.iter().filter_map(|number| Some((writes.get(*number)?, now)));
        let after = writes.confirming().map(|(_, write, confirming)| (write, confirming.read_from));
        let wanted: BTreeMap<EnvironmentId, Instant> = before
            .chain(after)
            .map(|(write, at)| (write.environment.id.clone(), pacing.earliest_read(at.max(now))))
            .filter(|(id, _)| !self.reading.contains(&ReadScope::One(id.clone())))
            .collect();
        let places = self.options.parallelism.get().saturating_sub(self.reading.len());
        let mut due: Vec<(&Instant, &EnvironmentId)> =
            wanted.iter().filter(|(_, at)| **at <= now).map(|(id, at)| (at, id)).collect();
        due.sort();
        let scopes: Vec<ReadScope> = due.into_iter().take(places).map(|(_, id)| ReadScope::One(id.clone())).collect();
        if !scopes.is_empty() {
            return NextRead::Now(scopes);
        }
        wanted.values().min().filter(|_| places > 0).map_or(NextRead::Never, |at| NextRead::At(*at))
    }

    /// Decides when to read if one listing serves all environments: at once for a queued write. For unconfirmed writes alone, the
    /// read waits until no write is in flight, or until the first of them has waited for the common listing delay.
    fn next_listing(&self, writes: &Writes, pacing: &Pacing, is_sending: bool) -> NextRead {
        let now = Instant::now();
        let unread = self.unread(writes, pacing);
        let first_answer = writes.confirming().map(|(_, _, confirming)| confirming.since).min();
        let Some(since) = first_answer.or((!unread.is_empty()).then_some(now)) else {
            return NextRead::Never;
        };
        let due = match (unread.is_empty(), is_sending) {
            (false, _) => since,
            (true, false) => self.listing_from,
            (true, true) => self.listing_from.max(since + self.common_listing_delay(writes)),
        };
        let due = pacing.earliest_read(due);
        if now < due {
            return NextRead::At(due);
        }
        let unconfirmed: Vec<WriteNumber> = writes.confirming().map(|(number, ..)| number).collect();
        let scope = match (unread.as_slice(), unconfirmed.as_slice()) {
            ([one], []) | ([], [one]) => single_or_all(*one, writes),
            _ => ReadScope::All,
        };
        NextRead::Now(vec![scope])
    }

    /// How long answered writes wait for a common listing while others are in flight.
    fn common_listing_delay(&self, writes: &Writes) -> Duration {
        let some_wait_for_units = writes.has_place(self.options.parallelism.get()) && writes.schedule.pending() > 0;
        if some_wait_for_units { COMMON_LISTING } else { FRESH.unsigned_abs() }
    }

    /// Judges the writes that a read covers.
    pub(super) fn judge(&self, writes: &Writes, scope: &ReadScope, turn: u64) -> Vec<(WriteNumber, Confirmation)> {
        let (now, clock_now) = (Instant::now(), (self.options.clock)());
        let covered = writes.confirming().filter(|(_, write, confirming)| {
            // A read that began before the answer shows nothing of the write.
            confirming.turn < turn && scope.covers(&write.environment.id)
        });
        let judged = covered.filter_map(|(number, write, confirming)| {
            let reading = self.snapshots.fresh(&write.environment.id, clock_now)?;
            Some((number, confirmation(write, confirming, &reading, now)))
        });
        judged.collect()
    }
}

/// One listing or one single read, whichever takes fewer requests in the end. A listing serves all reads and writes of the
/// next ten seconds, so a single read is cheaper only for the last environment of the run.
fn single_or_all(number: WriteNumber, writes: &Writes) -> ReadScope {
    match writes.get(number).filter(|_| writes.schedule.pending() == 0) {
        Some(write) => ReadScope::One(write.environment.id.clone()),
        None => ReadScope::All,
    }
}

/// Judges one write by one reading.
fn confirmation(
    write: &ActiveWrite,
    confirming: &Confirming,
    reading: &Reading<EnvironmentDocument>,
    now: Instant,
) -> Confirmation {
    let found = match held(reading).map(|document| compare(&write.changes, &document)) {
        Ok(Comparison::After) => return Confirmation::Confirmed,
        Ok(Comparison::Before) if confirming.doubt.is_some() && !write.is_last_attempt => return Confirmation::Resend,
        Ok(Comparison::Before) => "the last read still shows the old values".to_owned(),
        Ok(Comparison::Changed(found)) => match &confirming.doubt {
            Some(doubt) => {
                let why = format!("{doubt}; others changed the environment meanwhile ({found})").into();
                return Confirmation::Final(Outcome::Stale { why });
            }
            None => format!("others changed the environment afterwards ({found})"),
        },
        Err(unknown) => format!("the environment could not be read ({unknown})"),
    };
    if now < confirming.deadline {
        return Confirmation::Pending;
    }
    let why = match &confirming.doubt {
        Some(doubt) => format!("{doubt}; {found}"),
        None => format!("the tenant accepted the write, but {found}"),
    };
    Confirmation::Final(Outcome::Unconfirmed { why: why.into() })
}

#[cfg(test)]
mod tests;
