//! One apply on its way: takes writes from the schedule, reads before each, sends, and looks until each shows.
//!
//! A plain loop over what is ready. It decides nothing about amounts: the schedule says what may be sent, and an
//! environment that is not as the plan found it is left alone.

mod ending;
mod looking;
mod sending;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBackoff;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

use self::looking::Due;
use super::breaker::Breaker;
use super::cells::{Standing, standing};
use super::event::ApplyEvent;
use super::executor::Listing;
use super::options::ApplyOptions;
use super::others::Others;
use super::patience::{Budget, looks};
use super::reads::{Reads, Scope, Seen, look};
use super::work::{Phase, Work};
use crate::apply::stop::{Stop, Urgency};
use crate::model::code::Code;
use crate::model::document::EnvironmentDocument;
use crate::model::plan::change::PlannedChange;
use crate::model::plan::order::Plan;
use crate::model::run::Outcome;
use crate::model::terms::EnvironmentId;
use crate::planning::schedule::holdings::Settled;
use crate::planning::schedule::machine::{Schedule, WriteNumber};
use crate::provider::port::{Observe, Perform, ProviderError, ProviderErrorKind};

/// Once somebody asked to stop, what was sent is waited for no longer than this.
pub(super) const LAST_LOOK: Duration = Duration::from_secs(10);

/// Why a run that was stopped did not send something.
pub(super) const STOPPED: &str = "the run was stopped";

type Answer = (WriteNumber, Result<EnvironmentDocument, ProviderError>);

/// The ports and wishes of a run.
#[derive(Clone, Copy)]
pub(super) struct Ports<'a> {
    pub(super) reader: &'a dyn Observe,
    pub(super) writer: &'a dyn Perform,
    pub(super) options: &'a ApplyOptions,
    pub(super) stop: &'a Stop,
}

/// One apply on its way.
pub(super) struct Pass<'a> {
    plan: &'a Plan,
    ports: Ports<'a>,
    tell: &'a mut dyn FnMut(&ApplyEvent),
    pub(super) schedule: Schedule,
    active: BTreeMap<WriteNumber, Work>,
    reads: Reads,
    /// What is being read.
    reading: BTreeSet<Scope>,
    budget: Budget,
    breaker: Breaker,
    paused_until: Option<Instant>,
    /// What has to show is not looked at before.
    look_from: Instant,
    /// Nothing is read before: reading failed.
    read_from: Instant,
    look_delays: ExponentialBackoff,
    reads_failed: u32,
    /// When the last of them was counted.
    failed_at: Option<Instant>,
    /// Single reads that were refused, and none in between that was not.
    denied: u32,
    told_waiting: bool,
    /// What others were seen to hold where each environment is read by itself.
    others: Others,
    /// The outcome of every write that was taken from the schedule.
    pub(super) outcomes: BTreeMap<WriteNumber, Outcome>,
    /// The writes in the order in which they were first sent.
    pub(super) sent: Vec<WriteNumber>,
    /// Why nothing more is sent, where that is so.
    pub(super) halted: Option<Arc<str>>,
    /// Whether somebody asked to stop.
    pub(super) interrupted: bool,
}

impl<'a> Pass<'a> {
    pub(super) fn new(plan: &'a Plan, ports: Ports<'a>, tell: &'a mut dyn FnMut(&ApplyEvent)) -> Pass<'a> {
        Pass {
            plan,
            ports,
            tell,
            schedule: Schedule::new(plan),
            active: BTreeMap::new(),
            reads: Reads::default(),
            reading: BTreeSet::new(),
            budget: Budget::new(),
            breaker: Breaker::default(),
            paused_until: None,
            look_from: Instant::now(),
            read_from: Instant::now(),
            look_delays: looks(ports.options.jitter_seed),
            reads_failed: 0,
            failed_at: None,
            denied: 0,
            told_waiting: false,
            others: Others::of(plan, &ports.options.found),
            outcomes: BTreeMap::new(),
            sent: Vec::new(),
            halted: None,
            interrupted: false,
        }
    }

    /// What somebody else made of a cell that was never written, as the last listing shows it.
    pub(super) fn moved(&self, planned: &PlannedChange) -> Option<Arc<str>> {
        let reading = self.reads.last_listing()?.get(&planned.environment.id)?;
        match standing(std::slice::from_ref(&planned.change), reading.known()?) {
            Standing::Moved(found) => Some(found.into()),
            Standing::Before | Standing::After => None,
        }
    }

    /// The last listing that was read.
    pub(super) fn into_listing(self) -> Option<Listing> {
        self.reads.into_listing()
    }

    /// Runs until every write that can be done is settled, or somebody asks twice to stop.
    pub(super) async fn run(&mut self) {
        let ports = self.ports;
        let mut sending: FuturesUnordered<BoxFuture<'a, Answer>> = FuturesUnordered::new();
        let mut looking: FuturesUnordered<BoxFuture<'a, Seen>> = FuturesUnordered::new();
        loop {
            self.leave_what_is_late();
            for (number, environment, document) in self.ready() {
                sending.push(Box::pin(
                    async move { (number, ports.writer.write_document(&environment, &document).await) },
                ));
            }
            if self.active.is_empty() {
                break;
            }
            let mut wake = self.next_wake();
            match self.look_due(!sending.is_empty()) {
                Due::Now(scopes) => {
                    for scope in scopes {
                        self.reading.insert(scope.clone());
                        looking.push(Box::pin(look(ports.reader, scope, self.reads.turn())));
                    }
                }
                Due::At(instant) => wake = Some(wake.map_or(instant, |wake| wake.min(instant))),
                Due::Never => {}
            }
            tokio::select! {
                biased;
                () = ports.stop.reached(Urgency::Now) => break self.abandon(),
                () = ports.stop.reached(Urgency::Finish), if !self.interrupted => self.finish_what_is_open(),
                Some((number, answer)) = sending.next(), if !sending.is_empty() => self.answered(number, answer),
                Some(seen) = looking.next(), if !looking.is_empty() => {
                    self.reading.remove(&seen.scope);
                    self.seen(seen);
                }
                () = at(wake) => {}
            }
        }
    }

    fn emit(&mut self, event: &ApplyEvent) {
        (self.tell)(event);
    }

    /// Takes writes from the schedule while there are places, and returns those that can go out now.
    fn ready(&mut self) -> Vec<(WriteNumber, EnvironmentId, EnvironmentDocument)> {
        let now = Instant::now();
        if self.paused_until.is_some_and(|until| until <= now) {
            self.paused_until = None;
        }
        for work in self.active.values_mut() {
            if matches!(work.phase, Phase::Parked { until, .. } if until <= now) {
                work.phase = Phase::Queued;
            }
        }
        let mut out = Vec::new();
        loop {
            self.admit();
            let queued: Vec<WriteNumber> = self.waiting_to_go().collect();
            let settled_before = self.outcomes.len();
            for number in queued {
                out.extend(self.try_send(number));
            }
            // A write that turned out to be done or stale frees a place, and may free units.
            if self.outcomes.len() == settled_before {
                return out;
            }
        }
    }

    fn next_wake(&self) -> Option<Instant> {
        let parked = self.active.values().filter_map(|work| match work.phase {
            Phase::Parked { until, .. } => Some(until),
            Phase::Queued | Phase::Sending | Phase::Showing(_) => None,
        });
        parked.chain(self.left_alone_until()).chain(self.last_deadline()).min()
    }

    /// Until when nothing is written, because the tenant said so or is out of order.
    fn left_alone_until(&self) -> Option<Instant> {
        self.paused_until.max(self.breaker.closes_at(Instant::now()))
    }

    fn settle(&mut self, number: WriteNumber, outcome: Outcome) {
        let Some(work) = self.active.remove(&number) else {
            return;
        };
        let outcome = work.with_doubt(outcome);
        let settled = match &outcome {
            Outcome::Applied => Settled::Confirmed,
            Outcome::Unconfirmed { .. } => Settled::Unknown,
            // It was sent, and then somebody else's amounts were found: what is held is in nobody's books.
            Outcome::Stale { .. } if work.attempts > 0 => Settled::Unknown,
            Outcome::Stale { .. } | Outcome::Refused { .. } | Outcome::NotSent { .. } => Settled::Failed,
        };
        self.schedule.record(number, settled);
        self.others.ended(number, settled);
        self.outcomes.insert(number, outcome.clone());
        let at = (self.ports.options.clock)();
        self.emit(&ApplyEvent::Settled { at, environment: work.environment, changes: work.indexes, outcome });
    }
}

fn said(error: &ProviderError) -> Arc<str> {
    match &error.help {
        Some(help) => format!("{error}; {help}").into(),
        None => error.to_string().into(),
    }
}

/// What it comes to that the tenant refused a write for good.
pub(super) fn refusal(error: &ProviderError) -> Outcome {
    let code = match error.kind {
        ProviderErrorKind::Denied => Code::A401,
        ProviderErrorKind::Locked => Code::A407,
        _ => Code::A504,
    };
    Outcome::Refused { code, why: said(error) }
}

async fn at(wake: Option<Instant>) {
    match wake {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
