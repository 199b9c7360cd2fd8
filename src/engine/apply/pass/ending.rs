//! Ending before everything is done.

use tokio::time::Instant;

use super::{LAST_LOOK, Pass, STOPPED};
use crate::engine::apply::event::ApplyEvent;
use crate::engine::apply::work::{Phase, Work};
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
