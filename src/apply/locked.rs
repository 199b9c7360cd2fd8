//! Refusals by a policy that owns a switch. Whether the service refuses a write that only carries such a switch is not documented. If it does,
//! the write is sent once more without the switch.

use std::time::Duration;

use super::errors::{describe, refused};
use super::event::ApplyEvent;
use super::left_out::LeftOut;
use super::sender::Sender;
use super::stop::STOPPED;
use super::writes::Phase;
use crate::model::code::Code;
use crate::model::run::Outcome;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::port::{ProviderError, ProviderErrorKind};

impl Sender<'_> {
    /// Takes in a permanent refusal: queues the write again if it only carried a switch that a policy owns, and ends it otherwise.
    pub(super) fn refused(&mut self, number: WriteNumber, error: &ProviderError) {
        if let Some(outcome) = self.resend_without_switch(number, error) {
            self.end(number, outcome);
        }
    }

    fn resend_without_switch(&mut self, number: WriteNumber, error: &ProviderError) -> Option<Outcome> {
        let ProviderErrorKind::SwitchLocked(switch) = error.kind else { return Some(refused(error)) };
        let is_over = self.interrupted || self.halted.is_some();
        let write = self.writes.get_mut(number)?;
        let with = |more: &str| {
            Some(Outcome::Refused { code: Code::A407, why: format!("{}; {more}", describe(error)).into() })
        };
        if write.left_out.is_some() {
            return with("the write was refused without this switch too");
        }
        let Some(left_out) = LeftOut::of(switch, &write.changes, &write.read) else { return Some(refused(error)) };
        if is_over {
            return with(&format!("not sent again without this switch, because {STOPPED}"));
        }
        write.left_out = Some(left_out);
        write.phase = Phase::Queued;
        let why = format!("{error}; this time without this switch, which the plan does not change").into();
        let environment = Some(write.environment.clone());
        self.events.push(ApplyEvent::Retrying { environment, why, after: Duration::ZERO });
        None
    }
}
