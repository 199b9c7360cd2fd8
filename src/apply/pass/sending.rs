//! Sending: which writes may go out, and what their answers mean.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{LAST_LOOK, Pass, STOPPED, refusal, said};
use crate::apply::breaker::Verdict;
use crate::apply::cells::{Standing, held, merged, standing};
use crate::apply::event::ApplyEvent;
use crate::apply::patience::{LONGEST_WAIT, asked_to_wait};
use crate::apply::work::{Phase, Showing, Work};
use crate::model::code::Code;
use crate::model::document::EnvironmentDocument;
use crate::model::run::Outcome;
use crate::model::terms::EnvironmentId;
use crate::planning::schedule::holdings::Settled;
use crate::planning::schedule::machine::{Next, WriteNumber};
use crate::provider::port::{ListingCost, ProviderError, ProviderErrorKind};

impl Pass<'_> {
    pub(super) fn admit(&mut self) {
        let places = self.ports.options.parallelism.get();
        while self.active.values().filter(|work| work.takes_a_place()).count() < places {
            let Next::Send(number) = self.schedule.next_move() else {
                return;
            };
            let indexes = self.schedule.changes(number).to_vec();
            let planned: Vec<_> = indexes.iter().filter_map(|&index| self.plan.draft().changes.get(index)).collect();
            let Some(environment) = planned.first().map(|planned| planned.environment.clone()) else {
                // A write without changes has nothing to do.
                self.schedule.record(number, Settled::Confirmed);
                continue;
            };
            let changes = planned.into_iter().map(|planned| planned.change.clone()).collect();
            let order = u64::try_from(self.outcomes.len() + self.active.len()).unwrap_or(u64::MAX);
            let seed = self.ports.options.jitter_seed.wrapping_add(order);
            self.others.begun(number, &indexes);
            self.active.insert(number, Work::new(environment, indexes, changes, seed));
        }
    }

    /// Writes that wait for nothing but a fresh read: no other write is on its way to their environment. Where the tenant may be
    /// out of order, those that were never sent come first: one that fails again and again says nothing of the others.
    pub(super) fn waiting_to_go(&self) -> impl Iterator<Item = WriteNumber> {
        let open: Vec<&EnvironmentId> =
            self.active.values().filter(|work| work.holds_environment()).map(|work| &work.environment.id).collect();
        let free = |work: &Work| !open.contains(&&work.environment.id);
        let waiting = self.active.iter().filter(|(_, work)| matches!(work.phase, Phase::Queued) && free(work));
        let tries = |work: &Work| if self.breaker.is_tripped() { work.attempts } else { 0 };
        let mut waiting: Vec<(u32, WriteNumber)> = waiting.map(|(number, work)| (tries(work), *number)).collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, number)| number)
    }

    /// Sends a write where its environment was read just now and is as the plan found it.
    pub(super) fn try_send(
        &mut self,
        number: WriteNumber,
    ) -> Option<(WriteNumber, EnvironmentId, EnvironmentDocument)> {
        let now = (self.ports.options.clock)();
        let work = self.active.get_mut(&number)?;
        let id = work.environment.id.clone();
        let reading = self.reads.fresh(&id, now)?;
        let document = match held(&reading) {
            Ok(document) => document,
            Err(why) => {
                let why = format!("what the environment holds could not be read: {why}").into();
                self.settle(number, Outcome::NotSent { why });
                return None;
            }
        };
        match standing(&work.changes, &document) {
            Standing::After => {
                self.settle(number, Outcome::Applied);
                return None;
            }
            Standing::Moved(found) => {
                self.settle(number, Outcome::Stale { why: found.into() });
                self.somebody_took(&id, &document);
                return None;
            }
            Standing::Before => {}
        }
        if self.schedule.is_overdrawn(number) {
            self.leave_to_others(number);
            return None;
        }
        let open = self.active.values().filter(|work| matches!(work.phase, Phase::Sending)).count();
        let sent_at = Instant::now();
        // What is sent again was out of its place in between, and another may have taken it.
        let has_place = open < self.ports.options.parallelism.get();
        if !has_place || self.paused_until.is_some() || !self.breaker.lets_through(sent_at, open) {
            return None;
        }
        let work = self.active.get_mut(&number)?;
        work.sent_at = sent_at;
        work.phase = Phase::Sending;
        let first_time = work.attempts == 0;
        work.attempts += 1;
        let document = merged(&work.changes, document);
        let event = ApplyEvent::Sent {
            at: now,
            environment: work.environment.clone(),
            changes: work.indexes.clone(),
            attempt: work.attempts,
        };
        self.reads.written(&id);
        if first_time {
            self.sent.push(number);
        }
        self.emit(&event);
        Some((number, id, document))
    }

    /// Somebody else took what a write was to have: it waits for other units, or was sent once too often already.
    fn leave_to_others(&mut self, number: WriteNumber) {
        if self.active.get(&number).is_some_and(|work| work.attempts > 0) {
            let why = "it is not sent again, because somebody else took its units since the plan was made".into();
            return self.settle(number, Outcome::NotSent { why });
        }
        self.active.remove(&number);
        self.schedule.take_back(number);
        self.others.taken_back(number);
    }

    /// An environment is not as the plan found it: what it holds more is not there for others.
    pub(super) fn somebody_took(&mut self, environment: &EnvironmentId, document: &EnvironmentDocument) {
        match self.ports.reader.listing_cost() {
            ListingCost::OneRequest => self.count_what_others_took(),
            ListingCost::OnePerEnvironment => self.count_what_others_took_of(environment, document),
        }
    }

    /// A write was answered.
    pub(super) fn answered(&mut self, number: WriteNumber, answer: Result<EnvironmentDocument, ProviderError>) {
        let Some(work) = self.active.get(&number) else {
            return;
        };
        let id = work.environment.id.clone();
        match answer {
            Ok(document) => {
                self.budget.give_back();
                self.breaker.worked();
                let doubt = work.doubt_of(&document);
                self.has_to_show(number, &id, doubt);
            }
            Err(error) if error.kind == ProviderErrorKind::OutcomeUnknown => {
                self.has_to_show(number, &id, Some(said(&error)));
                self.came_to_nothing(number, &error);
            }
            Err(error) if error.kind.is_transient() => {
                self.try_again_later(number, &error);
                if error.kind == ProviderErrorKind::Unavailable {
                    self.came_to_nothing(number, &error);
                }
            }
            // A service that refuses is in order.
            Err(error) => {
                self.breaker.worked();
                self.settle(number, refusal(&error));
            }
        }
    }

    /// The service may be out of order.
    fn came_to_nothing(&mut self, number: WriteNumber, error: &ProviderError) {
        let Some(work) = self.active.get(&number) else { return };
        match self.breaker.failed(&work.environment.id, work.sent_at, Instant::now()) {
            Verdict::GoOn => {}
            Verdict::Pause(_) if self.halted.is_some() => {}
            Verdict::Pause(after) => self.emit(&ApplyEvent::Retrying { environment: None, why: said(error), after }),
            Verdict::GiveUp => self.halt(&format!("the tenant is out of order: {error}")),
        }
    }

    pub(super) fn has_to_show(&mut self, number: WriteNumber, id: &EnvironmentId, doubt: Option<Arc<str>>) {
        let now = Instant::now();
        let turn = self.reads.written(id);
        let mut deadline = now + self.ports.options.confirm_timeout;
        if self.interrupted {
            deadline = deadline.min(now + LAST_LOOK);
        }
        if let Some(work) = self.active.get_mut(&number) {
            work.phase = Phase::Showing(Showing { since: now, turn, look_from: now, deadline, doubt });
        }
        self.look_soon();
    }

    pub(super) fn try_again_later(&mut self, number: WriteNumber, error: &ProviderError) {
        let now = Instant::now();
        let asked = asked_to_wait(error);
        if let Some(asked) = asked {
            self.paused_until = Some(self.paused_until.map_or(now + asked, |until| until.max(now + asked)));
        }
        let delay = self.active.get_mut(&number).and_then(Work::next_delay);
        let refused = |why: String| Outcome::Refused { code: Code::A504, why: why.into() };
        let attempts = self.active.get(&number).map_or(0, |work| work.attempts);
        if self.interrupted {
            return self.settle(number, refused(format!("{error}; not tried again, because {STOPPED}")));
        }
        if asked.is_some_and(|asked| asked > LONGEST_WAIT) {
            self.settle(number, refused(format!("{error}; it asks to wait for more than five minutes")));
            return self.halt("the tenant asks to wait for more than five minutes");
        }
        let Some(delay) = delay else {
            return self.settle(number, refused(format!("{error}, {attempts} times in a row")));
        };
        if !self.budget.take() {
            self.settle(number, refused(format!("{error}; the run had tried again too often already")));
            return self.halt("the tenant turned too many requests away");
        }
        let after = asked.unwrap_or_default().max(delay);
        let why = said(error);
        if let Some(work) = self.active.get_mut(&number) {
            work.phase = Phase::Parked { until: now + after, why: why.clone() };
            let environment = Some(work.environment.clone());
            self.emit(&ApplyEvent::Retrying { environment, why, after });
        }
    }

    /// Its fate was unknown, and reading shows that it did not take effect: amounts are absolute, so it may be sent again. The
    /// first time at once, after that later and later.
    pub(super) fn send_again(&mut self, number: WriteNumber) {
        let may = !self.interrupted && self.halted.is_none() && self.budget.take();
        let now = Instant::now();
        let Some(work) = self.active.get_mut(&number) else {
            return;
        };
        let before = work.doubted.take();
        work.doubted = work.showing().and_then(|showing| showing.doubt.clone());
        let delay = if before.is_none() { Some(Duration::ZERO) } else { work.next_delay() };
        match delay.filter(|_| may) {
            Some(Duration::ZERO) => work.phase = Phase::Queued,
            Some(delay) => {
                let why = work.doubted.clone().unwrap_or_default();
                work.phase = Phase::Parked { until: now + delay, why };
            }
            None => {
                work.is_last = true;
                work.look_later(now);
                self.look_later();
            }
        }
    }
}
