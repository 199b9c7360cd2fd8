//! Ending before everything is done.

use tokio::time::Instant;

use super::{LAST_LOOK, Pass, STOPPED};
use crate::apply::event::ApplyEvent;
use crate::apply::work::{Phase, Work};
use crate::model::code::Code;
use crate::model::run::Outcome;
use crate::planning::schedule::machine::WriteNumber;

impl Pass<'_> {
    /// Sends nothing more, for this reason.
    pub(super) fn halt(&mut self, why: &str) {
        if self.halted.is_none() {
            self.halted = Some(why.into());
        }
        self.schedule.stop();
        let waiting: Vec<WriteNumber> = self
            .active
            .iter()
            .filter(|(_, work)| matches!(work.phase, Phase::Queued | Phase::Parked { .. }))
            .map(|(number, _)| *number)
            .collect();
        for number in waiting {
            let outcome = match self.active.get(&number).map(|work| &work.phase) {
                Some(Phase::Parked { why: turned_away, .. }) => {
                    let why = format!("{turned_away}; not tried again, because {why}").into();
                    Outcome::Refused { code: Code::A504, why }
                }
                _ => Outcome::NotSent { why: why.into() },
            };
            self.settle(number, outcome);
        }
    }

    /// Somebody asked once: nothing new is sent, and what is open is finished.
    pub(super) fn finish_what_is_open(&mut self) {
        self.interrupted = true;
        let open = |work: &&Work| matches!(work.phase, Phase::Sending | Phase::Showing(_));
        let in_flight = self.active.values().filter(open).count();
        self.emit(&ApplyEvent::Stopping { in_flight });
        self.halt(STOPPED);
        let latest = Instant::now() + LAST_LOOK;
        for work in self.active.values_mut() {
            if let Phase::Showing(showing) = &mut work.phase {
                showing.deadline = showing.deadline.min(latest);
                showing.look_from = Instant::now();
            }
        }
        self.look_soon();
    }

    /// Once somebody asked to stop, what does not show in time is left, also where the tenant wants not to be asked.
    pub(super) fn leave_what_is_late(&mut self) {
        let now = Instant::now();
        let is_late = |work: &Work| work.showing().is_some_and(|showing| showing.deadline < now);
        let late: Vec<WriteNumber> = self
            .active
            .iter()
            .filter(|(_, work)| self.interrupted && is_late(work))
            .map(|(number, _)| *number)
            .collect();
        for number in late {
            let showing = self.active.get(&number).and_then(Work::showing);
            let doubt = showing.and_then(|showing| showing.doubt.clone());
            let took = doubt.unwrap_or_else(|| "the tenant took it".into());
            let why = format!("{took}; the run was stopped before it showed").into();
            self.settle(number, Outcome::Unconfirmed { why });
        }
    }

    /// When the first of what is open is left, once somebody asked to stop.
    pub(super) fn last_deadline(&self) -> Option<Instant> {
        let deadlines = self.active.values().filter_map(|work| Some(work.showing()?.deadline));
        // A moment later than the last look.
        deadlines.min().filter(|_| self.interrupted).map(|deadline| deadline + std::time::Duration::from_millis(1))
    }

    /// Somebody asked twice: what is open stays unknown.
    pub(super) fn abandon(&mut self) {
        self.interrupted = true;
        self.halt(STOPPED);
        let open: Vec<WriteNumber> = self.active.keys().copied().collect();
        for number in open {
            let why = match self.active.get(&number).and_then(Work::showing) {
                Some(_) => "the run was stopped before it showed",
                None => "the run was stopped before the tenant answered",
            };
            self.settle(number, Outcome::Unconfirmed { why: why.into() });
        }
    }
}
