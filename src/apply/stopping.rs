//! Stops a run early: the run sends nothing more, and each write that was sent is confirmed or stays of unknown result.

use std::time::Duration;

use tokio::time::Instant;

use super::event::ApplyEvent;
use super::sender::{ACCEPTED, Sender};
use super::stop::{GRACE_PERIOD, STOPPED, UNCONFIRMED_AT_STOP};
use super::writes::Phase;
use crate::model::code::Code;
use crate::model::run::Outcome;

impl Sender<'_> {
    /// Sends nothing more for this reason. Writes in flight still have to be confirmed.
    pub(super) fn halt(&mut self, why: &str) {
        self.halted.get_or_insert_with(|| why.into());
        self.writes.schedule.stop();
        self.end_where(|write| match &write.phase {
            Phase::Queued => Some(write.not_sent(why)),
            Phase::BackingOff { why: turned_away, .. } => {
                let why = format!("{turned_away}; not retried, because {why}").into();
                Some(Outcome::Refused { code: Code::A504, why })
            }
            Phase::InFlight | Phase::Confirming(_) => None,
        });
    }

    /// The run was asked to stop: sends nothing more, and gives the writes in flight a grace period.
    pub(super) fn stop(&mut self) {
        self.interrupted = true;
        let is_open = |phase: &Phase| matches!(phase, Phase::InFlight | Phase::Confirming(_));
        let in_flight = self.writes.active().filter(|(_, write)| is_open(&write.phase)).count();
        self.events.push(ApplyEvent::Stopping { in_flight });
        self.halt(STOPPED);
        let now = Instant::now();
        for write in self.writes.active_mut() {
            if let Phase::Confirming(confirming) = &mut write.phase {
                confirming.deadline = confirming.deadline.min(now + GRACE_PERIOD);
                confirming.read_from = now;
            }
        }
    }

    /// After a stop request, drops unconfirmed writes past their deadlines, even while the service throttles.
    pub(super) fn drop_overdue(&mut self) {
        if !self.interrupted {
            return;
        }
        let now = Instant::now();
        self.end_where(|write| {
            let overdue = write.confirming().filter(|confirming| confirming.deadline < now)?;
            let doubt = overdue.doubt.as_deref().unwrap_or(ACCEPTED);
            Some(write.unconfirmed(format!("{doubt}; {UNCONFIRMED_AT_STOP}").into()))
        });
    }

    /// When to call [`Sender::drop_overdue`], if the run was asked to stop.
    pub(super) fn next_overdue(&self) -> Option<Instant> {
        // Later than the deadline, so that a read at the deadline still counts.
        self.writes.first_deadline().filter(|_| self.interrupted).map(|deadline| deadline + Duration::from_millis(1))
    }

    /// The run was asked to end at once: ends all active writes. The results of those that were sent stay unknown.
    pub(super) fn abandon(&mut self) {
        self.interrupted = true;
        self.halt(STOPPED);
        self.end_where(|write| {
            let why = match write.confirming() {
                Some(_) => UNCONFIRMED_AT_STOP,
                None => "the run was stopped before the tenant answered",
            };
            Some(write.unconfirmed(why.into()))
        });
    }
}
