//! The writes of a run: those that the schedule handed out, their progress, and the outcomes of those that ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use backon::ExponentialBackoff;
use tokio::time::Instant;

use super::comparison::{Comparison, compare};
use super::left_out::LeftOut;
use super::pacing::{confirm_backoff, write_backoff};
use crate::model::catalog::Pool;
use crate::model::code::Code;
use crate::model::document::EnvironmentDocument;
use crate::model::plan::change::{Change, EnvironmentRef};
use crate::model::plan::order::Plan;
use crate::model::run::Outcome;
use crate::model::terms::{EnvironmentId, Units};
use crate::planning::schedule::holdings::{InTotals, WriteResult};
use crate::planning::schedule::machine::{Next, Schedule, WriteNumber};

/// The progress of one write.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// To be sent after its environment was read.
    Queued,
    /// To be queued again later, after a transient error.
    BackingOff { until: Instant, why: Arc<str> },
    /// Sent, and not answered yet.
    InFlight,
    /// Answered, or of unknown result: a read decides.
    Confirming(Confirming),
}

/// The confirmation of one write.
#[derive(Clone, Debug)]
pub(super) struct Confirming {
    /// When the service answered.
    pub(super) since: Instant,
    /// The turn of the response: reads of earlier turns prove nothing about the write.
    pub(super) turn: u64,
    /// The earliest time of the next read of this environment alone.
    pub(super) read_from: Instant,
    /// When the run stops waiting for the confirmation.
    pub(super) deadline: Instant,
    /// Why the result is unknown; `None` if the service answered that the write took effect.
    pub(super) doubt: Option<Arc<str>>,
    /// Whether a reading shows the target, and only the tenant's totals are needed. If no response of the service reports
    /// that the write succeeded, a reading alone does not confirm it.
    pub(super) needs_totals: bool,
}

/// How often a write was put off until another read.
#[derive(Default)]
pub(super) struct PutOff {
    /// Because the token was not accepted, and there is a new one.
    pub(super) renewals: usize,
    /// Because a sign-in took time, or another surface is tried.
    pub(super) other_reasons: usize,
    /// The last refusal, as the outcome of the write if it is not sent again.
    pub(super) refusal: Option<(Code, Arc<str>)>,
}

/// One write that the schedule handed out and that has not ended.
pub(super) struct ActiveWrite {
    pub(super) environment: EnvironmentRef,
    /// Indexes of the draft's changes that the write makes.
    pub(super) indexes: Vec<usize>,
    /// The changes themselves.
    pub(super) changes: Vec<Change>,
    pub(super) phase: Phase,
    /// When the write was last sent.
    pub(super) sent_at: Instant,
    /// How many times the write was sent.
    pub(super) attempts: u32,
    /// Why the result of an earlier attempt was unknown, if the write was resent for this reason.
    pub(super) earlier_doubt: Option<Arc<str>>,
    /// The document that was read before the last attempt.
    pub(super) read: EnvironmentDocument,
    /// The switch that the write leaves out, because a policy owns it.
    pub(super) left_out: Option<LeftOut>,
    /// How often the write was put off. Reset by every response that does not ask for another read.
    pub(super) put_off: PutOff,
    /// Since when the tenant's totals leave no units for another attempt.
    pub(super) no_room_since: Option<Instant>,
    /// Whether the write is never resent, whatever a read shows.
    pub(super) is_last_attempt: bool,
    /// The delays before retries.
    pub(super) backoff: ExponentialBackoff,
    confirm_backoff: ExponentialBackoff,
}

impl ActiveWrite {
    /// A write that was not sent yet.
    pub(super) fn new(
        environment: EnvironmentRef,
        indexes: Vec<usize>,
        changes: Vec<Change>,
        seed: u64,
    ) -> ActiveWrite {
        ActiveWrite {
            environment,
            indexes,
            changes,
            phase: Phase::Queued,
            sent_at: Instant::now(),
            attempts: 0,
            earlier_doubt: None,
            read: EnvironmentDocument::default(),
            left_out: None,
            put_off: PutOff::default(),
            no_room_since: None,
            is_last_attempt: false,
            backoff: write_backoff(seed),
            confirm_backoff: confirm_backoff(seed),
        }
    }

    /// Compares a document with the changes of this write.
    pub(super) fn compare(&self, document: &EnvironmentDocument) -> Comparison {
        match &self.left_out {
            None => compare(&self.changes, document),
            Some(left_out) => left_out.compare(&self.changes, document),
        }
    }

    /// Schedules the next read of this environment alone: after the back-off, or at the deadline if that is earlier.
    pub(super) fn read_later(&mut self, now: Instant) {
        let after = self.confirm_backoff.next().unwrap_or_default();
        if let Phase::Confirming(confirming) = &mut self.phase {
            confirming.read_from = confirming.deadline.min(now + after);
        }
    }

    /// The confirmation, if the write has come that far.
    pub(super) fn confirming(&self) -> Option<&Confirming> {
        match &self.phase {
            Phase::Confirming(confirming) => Some(confirming),
            Phase::Queued | Phase::BackingOff { .. } | Phase::InFlight => None,
        }
    }

    /// The outcome of a write that nothing confirms: unconfirmed, if it was ever sent.
    pub(super) fn unconfirmed(&self, why: Arc<str>) -> Outcome {
        if self.attempts == 0 { Outcome::NotSent { why } } else { Outcome::Unconfirmed { why } }
    }

    /// The outcome of a queued write that is not sent, or not sent again.
    pub(super) fn not_sent(&self, why: &str) -> Outcome {
        match &self.put_off.refusal {
            Some((code, refusal)) => {
                Outcome::Refused { code: *code, why: format!("{refusal}; not sent again, because {why}").into() }
            }
            None => Outcome::NotSent { why: why.into() },
        }
    }

    /// Whether the write counts towards the parallelism of the run.
    fn takes_a_place(&self) -> bool {
        match self.phase {
            Phase::InFlight | Phase::BackingOff { .. } => true,
            // A queued write that was sent before does not count. It gave up its place when its confirmation
            // began, when it was put off, or when its back-off ended.
            Phase::Queued => self.attempts == 0,
            Phase::Confirming(_) => false,
        }
    }

    /// Adds the doubt of an earlier attempt: that attempt may still take effect, whatever the service answers later.
    fn with_earlier_doubt(&self, outcome: Outcome) -> Outcome {
        match (&self.earlier_doubt, outcome) {
            (Some(doubt), Outcome::Refused { why, .. } | Outcome::NotSent { why } | Outcome::Stale { why }) => {
                Outcome::Unconfirmed { why: format!("{doubt}; then: {why}").into() }
            }
            (_, outcome) => outcome,
        }
    }
}

/// The writes of a run.
pub(super) struct Writes {
    pub(super) schedule: Schedule,
    active: BTreeMap<WriteNumber, ActiveWrite>,
    /// The outcomes of the writes that ended.
    pub(super) outcomes: BTreeMap<WriteNumber, Outcome>,
    /// The writes that were sent, in the order of their first attempts.
    pub(super) sent: Vec<WriteNumber>,
}

impl Writes {
    /// The writes of a plan, none of them handed out yet.
    pub(super) fn new(plan: &Plan) -> Writes {
        Writes { schedule: Schedule::new(plan), active: BTreeMap::new(), outcomes: BTreeMap::new(), sent: Vec::new() }
    }

    /// Whether no write is active.
    pub(super) fn is_idle(&self) -> bool {
        self.active.is_empty()
    }

    pub(super) fn get(&self, number: WriteNumber) -> Option<&ActiveWrite> {
        self.active.get(&number)
    }

    pub(super) fn get_mut(&mut self, number: WriteNumber) -> Option<&mut ActiveWrite> {
        self.active.get_mut(&number)
    }

    /// The active writes, by number.
    pub(super) fn active(&self) -> impl ExactSizeIterator<Item = (WriteNumber, &ActiveWrite)> {
        self.active.iter().map(|(number, write)| (*number, write))
    }

    pub(super) fn active_mut(&mut self) -> impl Iterator<Item = &mut ActiveWrite> {
        self.active.values_mut()
    }

    /// The writes that wait for their confirmation, by number.
    pub(super) fn confirming(&self) -> impl Iterator<Item = (WriteNumber, &ActiveWrite, &Confirming)> {
        self.active.iter().filter_map(|(number, write)| Some((*number, write, write.confirming()?)))
    }

    /// The deadline of the first write that stops waiting for its confirmation.
    pub(super) fn first_deadline(&self) -> Option<Instant> {
        self.confirming().map(|(_, _, confirming)| confirming.deadline).min()
    }

    /// The number of writes that were sent and not answered.
    pub(super) fn in_flight(&self) -> usize {
        self.active.values().filter(|write| matches!(write.phase, Phase::InFlight)).count()
    }

    /// Whether a write other than this one was sent and may still change a pool.
    pub(super) fn is_sending_elsewhere(&self, number: WriteNumber, pool: &Pool) -> bool {
        let others = self.active.iter().filter(|(other, write)| **other != number && write.attempts > 0);
        others.flat_map(|(_, write)| &write.changes).any(|change| change.add_on().pool() == *pool)
    }

    /// Whether the parallelism allows another write.
    pub(super) fn has_place(&self, parallelism: usize) -> bool {
        self.active.values().filter(|write| write.takes_a_place()).count() < parallelism
    }

    /// The queued writes whose environment has no active write in another phase.
    ///
    /// During a suspected outage, writes with fewer attempts come first: one environment that keeps failing proves
    /// nothing about the service.
    pub(super) fn queued(&self, suspects_outage: bool) -> Vec<WriteNumber> {
        let is_queued = |write: &ActiveWrite| matches!(write.phase, Phase::Queued);
        let busy: Vec<&EnvironmentId> =
            self.active.values().filter(|write| !is_queued(write)).map(|write| &write.environment.id).collect();
        let mut queued: Vec<(u32, WriteNumber)> = self
            .active
            .iter()
            .filter(|(_, write)| is_queued(write) && !busy.contains(&&write.environment.id))
            .map(|(number, write)| (if suspects_outage { write.attempts } else { 0 }, *number))
            .collect();
        queued.sort_unstable();
        queued.into_iter().map(|(_, number)| number).collect()
    }

    /// Queues writes whose back-off is over.
    pub(super) fn requeue(&mut self, now: Instant) {
        for write in self.active.values_mut() {
            if matches!(write.phase, Phase::BackingOff { until, .. } if until <= now) {
                write.phase = Phase::Queued;
            }
        }
    }

    /// When the first back-off ends.
    pub(super) fn first_backoff_end(&self) -> Option<Instant> {
        let ends = self.active.values().filter_map(|write| match write.phase {
            Phase::BackingOff { until, .. } => Some(until),
            Phase::Queued | Phase::InFlight | Phase::Confirming(_) => None,
        });
        ends.min()
    }

    /// Takes writes from the schedule while the parallelism allows. Each write has its own jitter.
    pub(super) fn admit(&mut self, plan: &Plan, parallelism: usize, seed: u64) {
        while self.has_place(parallelism) {
            let Next::Send(number) = self.schedule.next_move() else {
                return;
            };
            let indexes = self.schedule.changes(number).to_vec();
            let planned: Vec<_> = indexes.iter().filter_map(|&index| plan.draft().changes.get(index)).collect();
            let Some(environment) = planned.first().map(|planned| planned.environment.clone()) else {
                // A write without changes is confirmed from the start.
                self.schedule.record(number, WriteResult::Confirmed);
                continue;
            };
            let changes = planned.into_iter().map(|planned| planned.change.clone()).collect();
            let order = u64::try_from(self.outcomes.len() + self.active.len()).unwrap_or(u64::MAX);
            self.active.insert(number, ActiveWrite::new(environment, indexes, changes, seed.wrapping_add(order)));
        }
    }

    /// Whether a write waits for newer totals.
    pub(super) fn awaits_totals(&self) -> bool {
        let lacks_room = |write: &ActiveWrite| matches!(write.phase, Phase::Queued) && write.no_room_since.is_some();
        self.schedule.awaited_total().is_some() || self.active.values().any(lacks_room)
    }

    /// Books the tenant's totals of pools. Their read began at this turn. `shown` returns the last known document of an
    /// environment.
    pub(super) fn count<'a>(
        &mut self,
        totals: Vec<(&Pool, Units)>,
        turn: u64,
        shown: impl Fn(&EnvironmentId) -> Option<&'a EnvironmentDocument>,
    ) {
        let active = &self.active;
        let in_totals = |number| match active.get(&number) {
            Some(write)
                if shown(&write.environment.id)
                    .is_some_and(|document| write.compare(document) == Comparison::After) =>
            {
                InTotals::Shown
            }
            Some(ActiveWrite { phase: Phase::Confirming(confirming), .. }) if confirming.turn < turn => {
                InTotals::Answered
            }
            Some(ActiveWrite { phase: Phase::InFlight | Phase::Confirming(_), .. }) => InTotals::Maybe,
            Some(ActiveWrite { phase: Phase::Queued | Phase::BackingOff { .. }, .. }) | None => InTotals::No,
        };
        self.schedule.count(totals.into_iter(), in_totals);
    }

    /// Notes that a write goes out. `read` is the document of its environment that was read before.
    pub(super) fn send(&mut self, number: WriteNumber, read: &EnvironmentDocument) {
        let Some(write) = self.active.get_mut(&number) else { return };
        write.read.clone_from(read);
        write.sent_at = Instant::now();
        write.phase = Phase::InFlight;
        write.attempts += 1;
        if write.attempts == 1 {
            self.sent.push(number);
        }
    }

    /// Gives a write that was never sent back to the schedule.
    pub(super) fn give_back(&mut self, number: WriteNumber) {
        self.active.remove(&number);
        self.schedule.take_back(number);
    }

    /// Ends a write and books its outcome. Returns the write and the outcome, with the doubt of earlier attempts.
    pub(super) fn end(&mut self, number: WriteNumber, outcome: Outcome) -> Option<(ActiveWrite, Outcome)> {
        let write = self.active.remove(&number)?;
        let outcome = write.with_earlier_doubt(outcome);
        let result = match &outcome {
            Outcome::Applied => WriteResult::Confirmed,
            Outcome::Unconfirmed { .. } => WriteResult::Unknown,
            Outcome::Stale { .. } | Outcome::Refused { .. } | Outcome::NotSent { .. } => WriteResult::Failed,
        };
        self.schedule.record(number, result);
        self.outcomes.insert(number, outcome.clone());
        Some((write, outcome))
    }
}
