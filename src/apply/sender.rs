//! The sender decides which writes may go out, and what their responses mean.
//!
//! The schedule decides about amounts, [`Pacing`] about time. The sender compares each environment with the plan just
//! before the write, and skips an environment that has changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::comparison::{Comparison, merged};
use super::errors::describe;
use super::event::ApplyEvent;
use super::options::ExecutorOptions;
use super::pacing::{CircuitChange, Pacing, WriteRetry, retry_after};
use super::snapshots::{ReadScope, Snapshots};
use super::stop::{GRACE_PERIOD, STOPPED};
use super::writes::{ActiveWrite, Confirming, Phase, PutOff, Writes};
use crate::model::code::Code;
use crate::model::document::{EnvironmentDocument, Switch};
use crate::model::plan::order::Plan;
use crate::model::run::Outcome;
use crate::model::terms::EnvironmentId;
use crate::net::clock::later;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::port::{DocumentReading, KnownDocument, ProviderError, ProviderErrorKind};

/// The clause of a message about a write that the service accepted.
pub(super) const ACCEPTED: &str = "the tenant accepted the write";

/// The clause of a message about a write that turned out not to be needed.
const IN_PLACE: &str = "the environment holds the target already";

/// The writes of a run, and whether more of them may be sent.
pub(super) struct Sender<'a> {
    plan: &'a Plan,
    options: &'a ExecutorOptions,
    pub(super) writes: Writes,
    /// Why the run sends nothing more.
    pub(super) halted: Option<Arc<str>>,
    /// Whether the run was asked to stop.
    pub(super) interrupted: bool,
    /// Events that were not reported yet.
    pub(super) events: Vec<ApplyEvent>,
    /// Environments with a write that ended without being applied. `count_after_failures` has not yet recounted their
    /// units.
    pub(super) not_applied: Vec<EnvironmentId>,
}

/// The result of trying to send a queued write.
#[derive(Debug, PartialEq)]
pub(super) enum SendDecision {
    /// Send this document to this environment.
    Send(Outgoing),
    /// The environment changed since the plan was made, and holds this document now.
    Changed(EnvironmentId, EnvironmentDocument),
    /// The environment holds the target already. The tenant's totals have to agree.
    InPlace,
    /// Nothing to send: the write waits, or ended.
    Nothing,
}

/// One write on its way to the tenant.
#[derive(Debug, PartialEq)]
pub(super) struct Outgoing {
    pub(super) environment: EnvironmentId,
    /// The document that was read.
    pub(super) before: KnownDocument,
    /// The document to write.
    pub(super) document: EnvironmentDocument,
    /// The switch that the request leaves out.
    pub(super) without: Option<Switch>,
}

impl<'a> Sender<'a> {
    /// A sender that has sent nothing yet.
    pub(super) fn new(plan: &'a Plan, options: &'a ExecutorOptions) -> Sender<'a> {
        Sender {
            plan,
            options,
            writes: Writes::new(plan),
            halted: None,
            interrupted: false,
            events: Vec::new(),
            not_applied: Vec::new(),
        }
    }

    /// Takes the events since the last call.
    pub(super) fn take_events(&mut self) -> Vec<ApplyEvent> {
        std::mem::take(&mut self.events)
    }

    /// Takes writes from the schedule while the parallelism allows.
    pub(super) fn admit(&mut self) {
        self.writes.admit(self.plan, self.options.parallelism.get(), self.options.jitter_seed);
    }

    /// Ends a write with this outcome.
    pub(super) fn end(&mut self, number: WriteNumber, outcome: Outcome) {
        if let Some((write, outcome)) = self.writes.end(number, outcome) {
            let (environment, changes) = (write.environment, write.indexes);
            if !outcome.is_applied() {
                self.not_applied.push(environment.id.clone());
            }
            self.events.push(ApplyEvent::Settled { environment, changes, outcome });
        }
    }

    /// Ends the active writes for which `outcome` returns an outcome.
    pub(super) fn end_where(&mut self, outcome: impl Fn(&ActiveWrite) -> Option<Outcome>) {
        let active = self.writes.active();
        let ended: Vec<_> = active.filter_map(|(number, write)| Some((number, outcome(write)?))).collect();
        for (number, outcome) in ended {
            self.end(number, outcome);
        }
    }

    /// Tries to send a queued write to an environment that was read just now.
    pub(super) fn try_send(&mut self, number: WriteNumber, reading: DocumentReading, pacing: &Pacing) -> SendDecision {
        let Some(write) = self.writes.get(number) else { return SendDecision::Nothing };
        let id = write.environment.id.clone();
        let before = match reading {
            Ok(document) => document,
            Err(why) => {
                let unread = write.not_sent(&format!("the allocations of the environment could not be read: {why}"));
                self.end(number, unread);
                return SendDecision::Nothing;
            }
        };
        match write.compare(before.contents()) {
            Comparison::After => return SendDecision::InPlace,
            Comparison::SwitchLost(lost) => {
                self.end(number, Outcome::Unconfirmed { why: lost.into() });
                return SendDecision::Nothing;
            }
            Comparison::Changed(found) => {
                self.end(number, Outcome::Stale { why: found.into() });
                return SendDecision::Changed(id, before.contents().clone());
            }
            Comparison::Before => {}
        }
        if self.writes.schedule.is_overdrawn(number) {
            self.yield_to_others(number);
            return SendDecision::Nothing;
        }
        if let Some(write) = self.writes.get_mut(number) {
            write.no_room_since = None;
        }
        let in_flight = self.writes.in_flight();
        // A write that waits to be resent does not count as in flight, so another write may have taken its place.
        let has_place = in_flight < self.options.parallelism.get();
        if !has_place || !pacing.may_send(Instant::now(), in_flight) {
            return SendDecision::Nothing;
        }
        self.send(number, id, before)
    }

    fn send(&mut self, number: WriteNumber, environment: EnvironmentId, before: KnownDocument) -> SendDecision {
        self.writes.send(number, before.contents());
        let Some(write) = self.writes.get(number) else { return SendDecision::Nothing };
        let document = merged(&write.changes, before.contents().clone());
        let changes = write.indexes.clone();
        self.events.push(ApplyEvent::Sent { environment: write.environment.clone(), changes });
        let without = write.left_out.as_ref().map(|left_out| left_out.switch);
        SendDecision::Send(Outgoing { environment, before, document, without })
    }

    /// Makes a write wait for the tenant's totals. Its environment already holds the target, but the run never sent the
    /// write, or the result of an earlier attempt is unknown.
    pub(super) fn await_totals(&mut self, number: WriteNumber, turn: u64) {
        let now = Instant::now();
        let deadline = now + self.options.confirm_timeout;
        if let Some(write) = self.writes.get_mut(number) {
            let doubt = Some(write.earlier_doubt.clone().unwrap_or_else(|| IN_PLACE.into()));
            write.phase =
                Phase::Confirming(Confirming { since: now, turn, read_from: now, deadline, doubt, needs_totals: true });
        }
    }

    /// Handles a write whose pool others have overdrawn. A write that was never sent goes back to the schedule. A
    /// resend ends: at once if readings of environments show the shortage, after the confirmation timeout if only the
    /// totals show it, because the totals may include the earlier attempt.
    fn yield_to_others(&mut self, number: WriteNumber) {
        let now = Instant::now();
        let is_by_totals = self.writes.schedule.is_overdrawn_by_totals(number);
        let Some(write) = self.writes.get_mut(number) else { return };
        if write.attempts == 0 {
            return self.writes.give_back(number);
        }
        let since = *write.no_room_since.get_or_insert(now);
        if !is_by_totals || later(since, self.options.confirm_timeout) <= now {
            let why = match is_by_totals {
                true => "not resent, because the tenant counts more units as allocated than its environments show",
                false => "not resent, because others allocated its units since the plan was made",
            };
            self.end(number, Outcome::NotSent { why: why.into() });
        }
    }

    /// Schedules a read of the tenant's totals for a write of unknown result whose target a reading shows: at once, or
    /// after a delay.
    pub(super) fn needs_totals(&mut self, number: WriteNumber, at_once: bool) {
        let now = Instant::now();
        let Some(write) = self.writes.get_mut(number) else { return };
        if !at_once {
            write.read_later(now);
        }
        if let Phase::Confirming(confirming) = &mut write.phase {
            confirming.needs_totals = true;
            if at_once {
                confirming.read_from = now;
            }
        }
    }

    /// Takes in the response to a write. Returns whether the write now has to be confirmed.
    pub(super) fn answered(
        &mut self,
        number: WriteNumber,
        answer: Result<EnvironmentDocument, ProviderError>,
        snapshots: &mut Snapshots,
        pacing: &mut Pacing,
    ) -> bool {
        let Some(write) = self.writes.get_mut(number) else {
            return false;
        };
        if !answer.as_ref().is_err_and(|error| error.kind.needs_a_read()) {
            write.put_off = PutOff::default();
        }
        match answer {
            Ok(document) => {
                pacing.write_succeeded();
                let doubt = match write.compare(&document) {
                    // A read decides whether the switch is lost.
                    Comparison::After | Comparison::SwitchLost(_) => None,
                    Comparison::Before => Some("the tenant answered with the old values".into()),
                    Comparison::Changed(found) => {
                        Some(format!("the tenant answered with other values ({found})").into())
                    }
                };
                self.confirm(number, doubt, snapshots);
                true
            }
            Err(error) if matches!(error.kind, ProviderErrorKind::OutcomeUnknown(_)) => {
                self.confirm(number, Some(describe(&error)), snapshots);
                self.suspect_outage(number, &error, pacing);
                pacing.throttle(retry_after(&error), Instant::now());
                if let Some(why) = Pacing::too_long(retry_after(&error)) {
                    self.halt(&why);
                }
                true
            }
            Err(error) if error.kind.is_transient() => {
                self.back_off(number, &error, pacing);
                if error.kind == ProviderErrorKind::Unavailable {
                    self.suspect_outage(number, &error, pacing);
                }
                false
            }
            Err(error) => {
                pacing.circuit.close();
                self.refused(number, &error);
                false
            }
        }
    }

    fn confirm(&mut self, number: WriteNumber, doubt: Option<Arc<str>>, snapshots: &mut Snapshots) {
        let now = Instant::now();
        let mut deadline = later(now, self.options.confirm_timeout);
        if self.interrupted {
            deadline = deadline.min(now + GRACE_PERIOD);
        }
        if let Some(write) = self.writes.get_mut(number) {
            let turn = snapshots.written(&write.environment.id);
            write.phase = Phase::Confirming(Confirming {
                since: now,
                turn,
                read_from: now,
                deadline,
                doubt,
                needs_totals: false,
            });
        }
    }

    fn suspect_outage(&mut self, number: WriteNumber, error: &ProviderError, pacing: &mut Pacing) {
        let Some(write) = self.writes.get(number) else { return };
        match pacing.circuit.failed(&write.environment.id, write.sent_at, Instant::now()) {
            CircuitChange::None => {}
            CircuitChange::Opened(_) if self.halted.is_some() => {}
            CircuitChange::Opened(after) => {
                self.events.push(ApplyEvent::Retrying { environment: None, why: describe(error), after });
            }
            CircuitChange::GiveUp => self.halt(&format!("the service keeps failing; giving up: {error}")),
        }
    }

    fn back_off(&mut self, number: WriteNumber, error: &ProviderError, pacing: &mut Pacing) {
        let now = Instant::now();
        let Some(write) = self.writes.get_mut(number) else { return };
        let (attempts, backoff) = (write.attempts, write.backoff.next());
        pacing.throttle(retry_after(error), now);
        let refused = |why: String| Outcome::Refused { code: Code::A504, why: why.into() };
        if self.interrupted {
            return self.end(number, refused(format!("{error}; not retried, because {STOPPED}")));
        }
        match pacing.retry_write(retry_after(error), backoff) {
            WriteRetry::After(after) => {
                let why = describe(error);
                write.phase = Phase::BackingOff { until: now + after, why: why.clone() };
                let environment = Some(write.environment.clone());
                self.events.push(ApplyEvent::Retrying { environment, why, after });
            }
            WriteRetry::RetryAfterTooLong => {
                let why = Pacing::too_long(retry_after(error)).unwrap_or_default();
                self.end(number, refused(format!("{error}; {why}")));
                self.halt(&why);
            }
            WriteRetry::WriteExhausted => self.end(number, refused(format!("{error}, {attempts} times in a row"))),
            WriteRetry::RunExhausted => {
                self.end(number, refused(format!("{error}; the run has no retries left")));
                self.halt("too many requests failed, and the run has no retries left");
            }
        }
    }

    /// Queues a write of unknown result again after a read that shows the old values: at once the first time, then after
    /// a back-off. Writes are idempotent. A write that was never sent (its environment seemed to hold the target already)
    /// only goes back to the queue. Returns `false` if the write waits for another read instead.
    pub(super) fn resend(&mut self, number: WriteNumber, pacing: &mut Pacing) -> bool {
        let may_resend = !self.interrupted && self.halted.is_none() && pacing.take_retry();
        let now = Instant::now();
        let Some(write) = self.writes.get_mut(number) else {
            return true;
        };
        if write.attempts == 0 {
            write.phase = Phase::Queued;
            return true;
        }
        let doubt = write.confirming().and_then(|confirming| confirming.doubt.clone());
        let is_first = std::mem::replace(&mut write.earlier_doubt, doubt).is_none();
        let delay = if is_first { Some(Duration::ZERO) } else { write.backoff.next() };
        if let Some(after) = delay.filter(|_| may_resend) {
            let (environment, why) = (Some(write.environment.clone()), write.earlier_doubt.clone().unwrap_or_default());
            self.events.push(ApplyEvent::Retrying { environment, why, after });
        }
        match delay.filter(|_| may_resend) {
            Some(Duration::ZERO) => write.phase = Phase::Queued,
            Some(delay) => {
                let why = write.earlier_doubt.clone().unwrap_or_default();
                write.phase = Phase::BackingOff { until: now + delay, why };
            }
            None => {
                write.is_last_attempt = true;
                write.read_later(now);
                return false;
            }
        }
        true
    }

    /// Ends the writes that depended on a read that failed: all of them if the error is permanent, and otherwise those
    /// past their deadlines.
    pub(super) fn read_failed(&mut self, error: &ProviderError, is_permanent: bool, scope: &ReadScope) {
        let now = Instant::now();
        let depends = |write: &ActiveWrite| match scope {
            ReadScope::Totals => write.confirming().is_some_and(|confirming| confirming.needs_totals),
            ReadScope::All | ReadScope::One(_) => scope.covers(&write.environment.id),
        };
        self.end_where(|write| match &write.phase {
            _ if !depends(write) => None,
            Phase::Confirming(confirming) if is_permanent || confirming.deadline <= now => {
                let why = confirming.doubt.as_deref().unwrap_or(ACCEPTED);
                let why = format!("{why}; the tenant could not be read afterwards: {error}").into();
                Some(write.unconfirmed(why))
            }
            Phase::Queued if is_permanent => {
                Some(write.not_sent(&format!("the allocations of the environment could not be read: {error}")))
            }
            Phase::Queued | Phase::BackingOff { .. } | Phase::InFlight | Phase::Confirming(_) => None,
        });
    }
}

#[cfg(test)]
mod tests;
