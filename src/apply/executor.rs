//! Runs an approved plan: reads before every write, and confirms each write by a later read. No pool can exceed its ceiling,
//! whichever of the writes in flight take effect.
//!
//! The executor is a plain loop and decides nothing. The plan lists the writes, the schedule decides which may be sent next,
//! the sender interprets responses, and the confirmer interprets readings. Every change has its outcome in the [`Run`].

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::confirmer::{Confirmation, Confirmer, NextRead};
use super::errors::describe;
use super::event::ApplyEvent;
use super::options::{ExecutorOptions, Ports};
use super::others::Others;
use super::outcomes::{outcomes, sent_writes};
use super::pacing::{Pacing, ReadFailure};
use super::sender::{Outgoing, SendDecision, Sender};
use super::setting;
use super::snapshots::{FRESH, FinishedRead, ReadScope, read};
use super::stop::{Stop, Urgency};
use crate::model::catalog::Pool;
use crate::model::document::EnvironmentDocument;
use crate::model::plan::order::Plan;
use crate::model::run::{Outcome, Run};
use crate::net::bounds::{ATTEMPT, SILENCE};
use crate::net::clock::later;
use crate::planning::guard::ApprovedPlan;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::port::{Documents, ListingCost, Observe, Perform, ProviderError, ProviderErrorKind};

/// Why a read that took too long counts as failed.
const LATE: &str =
    "the tenant takes longer than ten seconds to answer, and a write needs a reading of the last ten seconds";

/// Applies a plan, and uses it up.
///
/// After one stop request, the run finishes the writes in flight. After two, it returns at once, and those writes are
/// [`Outcome::Unconfirmed`]. If the future is dropped, the results of those writes stay unknown, and a new plan of the same
/// configuration contains the changes that are still needed.
pub async fn apply(
    approved: ApprovedPlan,
    reader: &dyn Observe,
    writer: &dyn Perform,
    options: &ExecutorOptions,
    stop: &Stop,
    progress: &mut dyn FnMut(&ApplyEvent),
) -> Run {
    let (plan, limits) = approved.into_parts();
    run(&plan, Ports { reader, writer, options, limits: &limits, stop }, progress).await
}

pub(super) async fn run(plan: &Plan, ports: Ports<'_>, progress: &mut dyn FnMut(&ApplyEvent)) -> Run {
    progress(&ApplyEvent::Started { writes: plan.steps().len() });
    let mut executor = Executor {
        ports,
        progress,
        sender: Sender::new(plan, ports.options),
        confirmer: Confirmer::new(ports.options),
        pacing: Pacing::new(Instant::now()),
        others: Others::new(plan, &ports.options.baseline),
        totals_waits: BTreeMap::new(),
        reported: Instant::now(),
    };
    executor.take_in_first_reading();
    executor.run().await;
    let Executor { sender, confirmer, .. } = executor;
    let outcomes = outcomes(plan.draft(), &sender, &confirmer.snapshots);
    let writes = sent_writes(plan.draft(), &sender);
    let setting = match (&plan.draft().setting, &sender.halted) {
        (None, _) => None,
        (Some(_), Some(why)) => Some(Outcome::NotSent { why: why.clone() }),
        (Some(change), None) => Some(setting::write(change, ports, progress).await),
    };
    let cut_short = |outcome: &Outcome| !outcome.is_applied() && ports.stop.urgency() > Urgency::None;
    let interrupted = sender.interrupted || setting.as_ref().is_some_and(cut_short);
    Run { draft: plan.draft().clone(), outcomes, setting, writes, interrupted }
}

async fn write(writer: &dyn Perform, outgoing: Outgoing) -> Result<EnvironmentDocument, ProviderError> {
    let Outgoing { environment, before, document, without } = outgoing;
    match without {
        None => writer.write_document(&environment, &before, &document).await,
        Some(switch) => writer.write_document_without(switch, &environment, &before, &document).await,
    }
}

type AnsweredWrite = (WriteNumber, Result<EnvironmentDocument, ProviderError>);

/// A wait for another total of a pool.
pub(super) struct TotalsWait {
    pub(super) since: Instant,
    /// Whether the run has reported it.
    pub(super) is_reported: bool,
}

/// The parts of one run.
pub(super) struct Executor<'a, 'p> {
    pub(super) ports: Ports<'a>,
    progress: &'p mut dyn FnMut(&ApplyEvent),
    pub(super) sender: Sender<'a>,
    pub(super) confirmer: Confirmer<'a>,
    pacing: Pacing,
    pub(super) others: Others<'a>,
    /// The waits for another total of a pool, since the last write was sent.
    pub(super) totals_waits: BTreeMap<Pool, TotalsWait>,
    /// When the run last reported something.
    reported: Instant,
}

impl<'a> Executor<'a, '_> {
    /// Runs until every write has ended, or until the second stop request.
    async fn run(&mut self) {
        let Ports { reader, writer, stop, .. } = self.ports;
        let mut sending: FuturesUnordered<BoxFuture<'a, AnsweredWrite>> = FuturesUnordered::new();
        let mut reading: FuturesUnordered<BoxFuture<'a, FinishedRead>> = FuturesUnordered::new();
        loop {
            if stop.urgency() >= Urgency::Finish && !self.sender.interrupted {
                self.sender.stop();
                self.confirmer.read_soon();
            }
            self.sender.drop_overdue();
            self.await_totals();
            for (number, outgoing) in self.sendable() {
                sending.push(Box::pin(async move { (number, write(writer, outgoing).await) }));
            }
            self.report();
            if self.sender.writes.is_idle() && self.sender.writes.schedule.awaited_total().is_none() {
                break;
            }
            let mut wake = self.next_wake();
            let (writes, cost) = (&self.sender.writes, reader.listing_cost());
            match self.confirmer.next_read(writes, &self.pacing, cost, !sending.is_empty()) {
                NextRead::Now(scopes) => {
                    for scope in scopes {
                        let turn = self.confirmer.begin(&scope);
                        reading.push(Box::pin(read(reader, &self.ports.options.clock, scope, turn)));
                    }
                }
                NextRead::At(instant) => wake = Some(wake.map_or(instant, |wake| wake.min(instant))),
                NextRead::Never => {}
            }
            let silent_until = self.reported + patience(sending.len() + reading.len());
            tokio::select! {
                biased;
                () = stop.reached(Urgency::Now) => break self.sender.abandon(),
                () = stop.reached(Urgency::Finish), if !self.sender.interrupted => {}
                Some((number, answer)) = sending.next(), if !sending.is_empty() => self.answered(number, answer),
                Some(read) = reading.next(), if !reading.is_empty() => self.read_ended(read),
                () = sleep_until_some(wake) => {}
                () = sleep_until(silent_until) => {
                    let left = wake.map_or(Duration::ZERO, |wake| wake.saturating_duration_since(Instant::now()));
                    self.report_event(&ApplyEvent::Waiting { left });
                }
            }
        }
        self.report();
    }

    /// Reports the events of the sender.
    fn report(&mut self) {
        for event in self.sender.take_events() {
            self.report_event(&event);
        }
    }

    pub(super) fn report_event(&mut self, event: &ApplyEvent) {
        self.reported = Instant::now();
        (self.progress)(event);
    }

    /// Takes writes from the schedule while the parallelism allows, and returns those that can be sent now.
    fn sendable(&mut self) -> Vec<(WriteNumber, Outgoing)> {
        let now = Instant::now();
        self.limit();
        self.pacing.resume(now);
        self.sender.writes.requeue(now);
        let mut sendable = Vec::new();
        loop {
            self.count_after_failures();
            self.sender.admit();
            let before = self.sender.writes.active().count();
            for number in self.sender.writes.queued(self.pacing.circuit.is_tripped()) {
                sendable.extend(self.try_send(number));
            }
            // A write that ended without being sent, or that went back to the schedule, makes room for another.
            if self.sender.writes.active().count() == before {
                return sendable;
            }
        }
    }

    /// Sets the ceiling of each pool for writes that are sent now.
    fn limit(&mut self) {
        let now = (self.ports.options.clock)();
        for (pool, ceiling) in self.ports.limits.ceilings(self.confirmer.totals.newest(), now..=end_of_attempt(now)) {
            self.sender.writes.schedule.set_ceiling(pool, ceiling);
        }
    }

    fn try_send(&mut self, number: WriteNumber) -> Option<(WriteNumber, Outgoing)> {
        let write = self.sender.writes.get(number)?;
        let (environment, reading) = (write.environment.id.clone(), self.confirmer.fresh(write)?);
        let now = (self.ports.options.clock)();
        let unwanted = |index: &usize| self.ports.limits.unwanted_from(*index, end_of_attempt(now));
        if let Some(day) = self.sender.writes.get(number)?.indexes.iter().find_map(unwanted) {
            let why = format!("the configuration wants another amount from {day} on; plan again").into();
            self.sender.end(number, Outcome::NotSent { why });
            return None;
        }
        match self.sender.try_send(number, reading, &self.pacing) {
            SendDecision::Send(outgoing) => {
                self.confirmer.snapshots.written(&outgoing.environment);
                self.totals_waits.clear();
                return Some((number, outgoing));
            }
            SendDecision::Changed(environment, document) => match self.ports.reader.listing_cost() {
                ListingCost::OneRequest => self.count_listing(),
                ListingCost::OnePerEnvironment => self.count_environment(&environment, &document),
            },
            SendDecision::InPlace => {
                self.sender.await_totals(number, self.confirmer.snapshots.written_turn(&environment));
                self.judge(&ReadScope::One(environment), u64::MAX);
            }
            SendDecision::Nothing => {}
        }
        None
    }

    fn next_wake(&self) -> Option<Instant> {
        let resume = self.pacing.sends_resume_at(Instant::now());
        let now = Instant::now();
        let ends = self.totals_waits.values().map(|wait| later(wait.since, self.ports.options.confirm_timeout));
        let awaited = ends.filter(|end| now < *end).min();
        let wakes = [self.sender.writes.first_backoff_end(), resume, self.sender.next_overdue(), awaited];
        wakes.into_iter().flatten().min()
    }

    fn answered(&mut self, number: WriteNumber, answer: Result<EnvironmentDocument, ProviderError>) {
        if self.sender.answered(number, answer, &mut self.confirmer.snapshots, &mut self.pacing) {
            self.confirmer.read_soon();
        }
    }

    /// Stores the reading that the plan was made from.
    fn take_in_first_reading(&mut self) {
        let Some(first) = &self.ports.options.first_reading else { return };
        let turn = self.confirmer.snapshots.turn();
        self.confirmer.snapshots.take_in(&ReadScope::All, turn, first.at, first.documents.clone());
        let age = (self.ports.options.clock)().duration_since(first.at).unsigned_abs();
        let began = Instant::now().checked_sub(age).unwrap_or_else(Instant::now);
        self.confirmer.totals.take_in(turn, began, first.totals.clone());
        self.count_totals(turn);
    }

    fn read_ended(&mut self, read: FinishedRead) {
        self.confirmer.end(&read.scope);
        match read.result {
            Ok(found) => {
                let turn = read.turn;
                let totals = found.totals.map(|totals| self.confirmer.totals.take_in(turn, read.began, totals));
                self.read_succeeded(&read.scope, turn, read.at, found.documents, totals == Some(true));
                if self.sender.writes.awaits_totals() {
                    self.confirmer.read_later(&self.sender.writes);
                }
                if self.is_late(&read.scope, read.began) {
                    let error = ProviderError::new(ProviderErrorKind::Unavailable, LATE);
                    self.read_failed(&read.scope, read.began, &error);
                } else {
                    self.pacing.read_succeeded();
                }
            }
            Err(error) => self.read_failed(&read.scope, read.began, &error),
        }
    }

    fn read_succeeded(&mut self, scope: &ReadScope, turn: u64, at: Timestamp, documents: Documents, has_totals: bool) {
        let single = match scope {
            ReadScope::One(id) => documents.known(id).map(|held| (id, held.clone())),
            ReadScope::All | ReadScope::Totals => None,
        };
        self.confirmer.snapshots.take_in(scope, turn, at, documents);
        match single {
            Some((environment, document)) => self.count_environment(environment, &document),
            None if *scope == ReadScope::All => self.count_listing(),
            None => {}
        }
        if has_totals {
            self.count_totals(turn);
        }
        self.judge(scope, turn);
    }

    /// Judges the writes that a read covers.
    fn judge(&mut self, scope: &ReadScope, turn: u64) {
        let confirmations = self.confirmer.judge(&self.sender.writes, &self.others, scope, turn);
        let is_any_pending = confirmations.iter().any(|(_, confirmation)| *confirmation == Confirmation::Pending);
        for (number, confirmation) in confirmations {
            match confirmation {
                Confirmation::Confirmed => {
                    self.pacing.write_succeeded();
                    self.sender.end(number, Outcome::Applied);
                }
                Confirmation::Final(outcome) => self.sender.end(number, outcome),
                Confirmation::Resend => {
                    if !self.sender.resend(number, &mut self.pacing) {
                        self.confirmer.read_later(&self.sender.writes);
                    }
                }
                Confirmation::NeedsTotals => self.sender.needs_totals(number, *scope != ReadScope::Totals),
                Confirmation::Pending => {
                    if let Some(write) = self.sender.writes.get_mut(number) {
                        write.read_later(Instant::now());
                    }
                }
            }
        }
        if is_any_pending {
            self.confirmer.read_later(&self.sender.writes);
        }
    }

    /// Whether a finished read took longer than [`FRESH`] and covers a queued write.
    fn is_late(&self, scope: &ReadScope, began: Instant) -> bool {
        let waits = |number: &WriteNumber| {
            self.sender.writes.get(*number).is_some_and(|write| scope.covers(&write.environment.id))
        };
        began.elapsed() > FRESH.unsigned_abs() && self.sender.writes.queued(false).iter().any(waits)
    }

    fn read_failed(&mut self, scope: &ReadScope, began: Instant, error: &ProviderError) {
        let now = Instant::now();
        let failure = self.pacing.read_failed(error, began, now);
        let is_permanent = matches!(failure, ReadFailure::Permanent | ReadFailure::GiveUp);
        self.sender.read_failed(error, is_permanent, scope);
        match failure {
            ReadFailure::Permanent if matches!(scope, ReadScope::One(_)) => {}
            ReadFailure::Permanent | ReadFailure::GiveUp => {
                self.sender.halt(&format!("the tenant could not be read: {error}"));
            }
            ReadFailure::Repeated => {}
            ReadFailure::Retry { retry_after } => {
                let after = self.confirmer.next_delay().max(retry_after);
                self.pacing.pause_reads(later(now, after));
                self.report();
                self.report_event(&ApplyEvent::Retrying { environment: None, why: describe(error), after });
            }
        }
    }
}

/// The longest time without a report. Twice as long while requests are in flight, because a slow request reports itself
/// (`net/patience.rs`).
fn patience(requests: usize) -> Duration {
    if requests == 0 { SILENCE } else { 2 * SILENCE }
}

/// The time at which the attempt of a request that is sent now has certainly ended. The limits until then apply to the request.
/// Without a response, a write may still take effect later.
fn end_of_attempt(now: Timestamp) -> Timestamp {
    now.checked_add(ATTEMPT).unwrap_or(Timestamp::MAX)
}

async fn sleep_until_some(wake: Option<Instant>) {
    match wake {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
