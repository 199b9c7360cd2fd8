//! The confirmer decides when to read which environments, and judges the readings.
//!
//! A write is sent only if its environment was read in the last ten seconds, and is applied if a later reading shows
//! it. If one listing reads all environments, the confirmer waits until a listing serves many writes, and reads each
//! environment that the listing lacks with a request of its own. If each environment costs a request, it reads only the
//! environments that the run writes.
//!
//! If no response of the service reports that a write succeeded, the write is applied only if the tenant's own totals
//! agree with the reading.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use backon::ExponentialBackoff;
use tokio::time::Instant;

use super::comparison::Comparison;
use super::options::ExecutorOptions;
use super::others::Others;
use super::pacing::{Pacing, confirm_backoff};
use super::snapshots::{FRESH, ReadScope, Seen, Snapshots};
use super::totals::{Agreement, NewestTotals};
use super::writes::{ActiveWrite, Confirming, Writes};
use crate::model::plan::change::Change;
use crate::model::run::Outcome;
use crate::model::terms::EnvironmentId;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::port::{DocumentReading, ListingCost};

/// The maximum age of the tenant's totals when a write that takes units is sent. Twice [`FRESH`], because a read of the
/// totals and a read of the environment can follow each other.
const TOTALS_AGE: Duration = Duration::from_secs(20);

/// How long answered writes wait for one listing that confirms them together, if other writes are in flight and pending writes
/// wait for units. If no pending write waits for units, answered writes wait for `FRESH`, because the next write needs a new
/// listing after that time anyway.
const COMMON_LISTING: Duration = Duration::from_secs(2);

/// The verdict of a reading on a write that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// The write took effect.
    Confirmed,
    /// The reading still shows the old values, and the write may be sent again.
    Resend,
    /// The reading does not show the write yet.
    Pending,
    /// The reading shows the target of a write whose result is unknown, and the tenant's totals have to agree.
    NeedsTotals,
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

/// The readings of a run, the reads in flight, and the time of the next one.
pub(super) struct Confirmer<'a> {
    options: &'a ExecutorOptions,
    pub(super) snapshots: Snapshots,
    /// The reads in flight.
    reading: BTreeSet<ReadScope>,
    /// The earliest time of the next listing, if it is read only to confirm writes.
    listing_from: Instant,
    backoff: ExponentialBackoff,
    pub(super) totals: NewestTotals,
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
            totals: NewestTotals::default(),
        }
    }

    /// The reading of the environment of a write, if there is one that is recent enough to send the write.
    pub(super) fn fresh(&self, write: &ActiveWrite) -> Option<DocumentReading> {
        match self.freshness(&write.environment.id) {
            Seen::Reading(reading) if !self.lacks_totals(write, TOTALS_AGE) => Some(reading),
            Seen::Reading(_) | Seen::NotListed | Seen::Nothing => None,
        }
    }

    /// Whether a write takes units and the tenant's totals are older than `most`.
    fn lacks_totals(&self, write: &ActiveWrite, most: Duration) -> bool {
        let takes = write.changes.iter().any(Change::takes);
        takes && self.totals.read_at().is_some_and(|at| at.elapsed() > most)
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

    /// Makes the next listing due now, and restarts its back-off.
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

    /// Decides when to read, and what. `is_sending` says whether writes are in flight.
    pub(super) fn next_read(&self, writes: &Writes, pacing: &Pacing, cost: ListingCost, is_sending: bool) -> NextRead {
        // A listing in flight serves every environment, even if the reader now needs one request for each.
        let of_documents = match cost {
            _ if self.reading.contains(&ReadScope::All) => NextRead::Never,
            ListingCost::OneRequest => {
                let not_listed = self.next_single_reads(writes, pacing, |fresh| *fresh == Seen::NotListed);
                not_listed.or(self.next_listing(writes, pacing, is_sending))
            }
            ListingCost::OnePerEnvironment => self.next_single_reads(writes, pacing, |_| true),
        };
        self.next_totals(writes, pacing, cost).or(of_documents)
    }

    /// Decides when to read the totals alone. A write that lacks only the totals needs this read. If a listing costs one
    /// request for each environment, unsent writes need this read every ten seconds, and writes that wait for newer
    /// totals need it too.
    fn next_totals(&self, writes: &Writes, pacing: &Pacing, cost: ListingCost) -> NextRead {
        if self.reading.contains(&ReadScope::Totals) || self.reading.contains(&ReadScope::All) {
            return NextRead::Never;
        }
        let wanted = writes.confirming().filter(|(_, write, confirming)| self.needs_only_totals(write, confirming));
        let wanted = wanted.map(|(.., confirming)| confirming.read_from).min();
        let is_unsent = writes.schedule.pending() > 0 || !writes.queued(false).is_empty();
        let is_alone = cost == ListingCost::OnePerEnvironment;
        let awaited = (is_alone && writes.awaits_totals()).then_some(self.listing_from);
        let age_matters = is_alone && is_unsent;
        let outdated = self.totals.read_at().filter(|_| age_matters).map(|at| at + FRESH.unsigned_abs());
        match wanted.into_iter().chain(outdated).chain(awaited).min().map(|at| pacing.earliest_read(at)) {
            Some(at) if at <= Instant::now() => NextRead::Now(vec![ReadScope::Totals]),
            Some(at) => NextRead::At(at),
            None => NextRead::Never,
        }
    }

    /// Whether a reading shows a write, and only the totals are missing.
    fn needs_only_totals(&self, write: &ActiveWrite, confirming: &Confirming) -> bool {
        confirming.needs_totals && matches!(self.snapshots.newest(&write.environment.id), Seen::Reading(_))
    }

    /// The queued writes that cannot be sent before another read. Either the environment has no fresh reading and
    /// `is_wanted` accepts what was seen of it, or the write takes units and the totals are older than `totals_age`.
    fn unread(
        &self,
        writes: &Writes,
        pacing: &Pacing,
        is_wanted: impl Fn(&Seen) -> bool,
        totals_age: Duration,
    ) -> Vec<WriteNumber> {
        let is_unread = |number: &WriteNumber| {
            writes.get(*number).is_some_and(|write| {
                let fresh = self.freshness(&write.environment.id);
                let is_unread = !matches!(fresh, Seen::Reading(_)) && is_wanted(&fresh);
                is_unread || self.lacks_totals(write, totals_age)
            })
        };
        writes.queued(pacing.circuit.is_tripped()).into_iter().filter(is_unread).collect()
    }

    fn freshness(&self, environment: &EnvironmentId) -> Seen {
        self.snapshots.fresh(environment, (self.options.clock)())
    }

    /// Decides which environments to read alone: those of queued writes without a fresh reading, and those of
    /// unconfirmed writes. Reads only environments for which `is_wanted` accepts what was last seen.
    fn next_single_reads(&self, writes: &Writes, pacing: &Pacing, is_wanted: impl Fn(&Seen) -> bool) -> NextRead {
        let now = Instant::now();
        let unread = self.unread(writes, pacing, &is_wanted, Duration::MAX);
        let before = unread.iter().filter_map(|number| Some((writes.get(*number)?, now)));
        let after = writes.confirming().map(|(_, write, confirming)| (write, confirming.read_from));
        let after = after.filter(|(write, _)| is_wanted(&self.snapshots.newest(&write.environment.id)));
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
        let unread = self.unread(writes, pacing, |fresh| *fresh == Seen::Nothing, TOTALS_AGE);
        let is_open = |write: &ActiveWrite, confirming: &Confirming| {
            let seen = self.snapshots.newest(&write.environment.id);
            seen != Seen::NotListed && !self.needs_only_totals(write, confirming)
        };
        let open = || writes.confirming().filter(|(_, write, confirming)| is_open(write, confirming));
        let first_answer = open().map(|(_, _, confirming)| confirming.since).min();
        let is_wanted = !unread.is_empty() || writes.awaits_totals();
        let Some(since) = first_answer.or(is_wanted.then_some(now)) else {
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
        let unconfirmed: Vec<WriteNumber> = open().map(|(number, ..)| number).collect();
        let scope = match (unread.as_slice(), unconfirmed.as_slice()) {
            ([one], []) | ([], [one]) => self.single_or_all(*one, writes),
            _ => ReadScope::All,
        };
        if self.reading.contains(&scope) { NextRead::Never } else { NextRead::Now(vec![scope]) }
    }

    /// One listing or one single read, whichever takes fewer requests in the end. A listing serves all reads and writes
    /// of the next ten seconds, so a single read is cheaper only for the last environment of the run. Only a listing
    /// comes with the tenant's totals, which a write that takes units needs.
    fn single_or_all(&self, number: WriteNumber, writes: &Writes) -> ReadScope {
        let is_last = |write: &&ActiveWrite| {
            let is_queued = write.confirming().is_none();
            writes.schedule.pending() == 0 && !(is_queued && self.lacks_totals(write, FRESH.unsigned_abs()))
        };
        match writes.get(number).filter(is_last) {
            Some(write) => ReadScope::One(write.environment.id.clone()),
            None => ReadScope::All,
        }
    }

    /// How long answered writes wait for a common listing while others are in flight.
    fn common_listing_delay(&self, writes: &Writes) -> Duration {
        let some_wait_for_units = writes.has_place(self.options.parallelism.get()) && writes.schedule.pending() > 0;
        if some_wait_for_units { COMMON_LISTING } else { FRESH.unsigned_abs() }
    }

    /// Judges the writes that a read covers.
    pub(super) fn judge(
        &self,
        writes: &Writes,
        others: &Others<'_>,
        scope: &ReadScope,
        turn: u64,
    ) -> Vec<(WriteNumber, Confirmation)> {
        let now = Instant::now();
        let covered = writes.confirming().filter(|(_, write, confirming)| {
            let is_covered = match scope {
                ReadScope::Totals => confirming.needs_totals,
                ReadScope::All | ReadScope::One(_) => scope.covers(&write.environment.id),
            };
            // A read that began before the response proves nothing about the write.
            confirming.turn < turn && is_covered
        });
        let judged = covered.filter_map(|(number, write, confirming)| {
            let Seen::Reading(reading) = self.snapshots.newest(&write.environment.id) else { return None };
            let agreement = self.totals.agreement(&self.snapshots, writes, others, number, confirming);
            Some((number, confirmation(write, confirming, &reading, agreement, now)))
        });
        judged.collect()
    }
}

impl NextRead {
    /// Returns a read that is due now; if both are, `self`. If neither is due now, returns the earlier time.
    fn or(self, other: NextRead) -> NextRead {
        match (self, other) {
            (now @ NextRead::Now(_), _) | (_, now @ NextRead::Now(_)) => now,
            (NextRead::At(one), NextRead::At(other)) => NextRead::At(one.min(other)),
            (at @ NextRead::At(_), NextRead::Never) | (NextRead::Never, at @ NextRead::At(_)) => at,
            (NextRead::Never, NextRead::Never) => NextRead::Never,
        }
    }
}

/// Judges one write by one reading.
fn confirmation(
    write: &ActiveWrite,
    confirming: &Confirming,
    reading: &DocumentReading,
    agreement: Agreement,
    now: Instant,
) -> Confirmation {
    let found = match reading.as_ref().map(|document| write.compare(document.contents())) {
        Ok(Comparison::After) => match (&confirming.doubt, agreement) {
            (None, _) | (Some(_), Agreement::Agrees) => return Confirmation::Confirmed,
            (Some(_), Agreement::NotRead) => return Confirmation::NeedsTotals,
            (Some(_), Agreement::Differs(_)) if now < confirming.deadline => return Confirmation::NeedsTotals,
            (Some(_), Agreement::Differs(how)) => how,
        },
        Ok(Comparison::Before) if confirming.doubt.is_some() && !write.is_last_attempt => return Confirmation::Resend,
        Ok(Comparison::Before) => "the last read still shows the old values".to_owned(),
        // A stale response may show this, so the run waits until the deadline.
        Ok(Comparison::SwitchLost(lost)) => lost,
        Ok(Comparison::Changed(found)) => match &confirming.doubt {
            Some(_) if write.attempts == 0 => return Confirmation::Final(Outcome::Stale { why: found.into() }),
            // The write may have taken effect before the change of the others.
            Some(doubt) => {
                let why = format!("{doubt}; others changed the environment meanwhile ({found})").into();
                return Confirmation::Final(Outcome::Unconfirmed { why });
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
    Confirmation::Final(write.unconfirmed(why.into()))
}

#[cfg(test)]
mod tests;
