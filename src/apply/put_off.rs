//! Puts a write off until its environment was read again. There are four reasons: a sign-in took time, the token was
//! renewed, another surface is tried, or a policy owns a switch that the write contains but does not change. The
//! documentation does not say whether the service refuses a write that contains such a switch.

use std::time::Duration;

use super::errors::{describe, refused};
use super::event::ApplyEvent;
use super::left_out::LeftOut;
use super::pacing::RENEWALS;
use super::sender::Sender;
use super::stop::STOPPED;
use super::writes::Phase;
use crate::model::code::Code;
use crate::model::run::Outcome;
use crate::net::bounds::RETRIES;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::port::{ProviderError, ProviderErrorKind};

impl Sender<'_> {
    /// Takes in a permanent error: puts the write off if it may succeed after a fresh reading, and ends it otherwise.
    pub(super) fn refused(&mut self, number: WriteNumber, error: &ProviderError) {
        let outcome = match error.kind.needs_a_read() {
            true => self.put_off(number, error),
            false => self.resend_without_switch(number, error),
        };
        if let Some(outcome) = outcome {
            self.end(number, outcome);
        }
    }

    fn put_off(&mut self, number: WriteNumber, error: &ProviderError) -> Option<Outcome> {
        let is_over = self.interrupted || self.halted.is_some();
        let write = self.writes.get_mut(number)?;
        let (times, most) = match error.kind {
            ProviderErrorKind::SignInRenewed => (&mut write.put_off.renewals, RENEWALS),
            _ => (&mut write.put_off.other_reasons, RETRIES),
        };
        if is_over || *times >= most {
            return Some(refused(error));
        }
        *times += 1;
        if error.kind == ProviderErrorKind::SignInRenewed {
            write.put_off.refusal = Some((Code::A401, describe(error)));
        }
        write.phase = Phase::Queued;
        None
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
        write.put_off.refusal = Some((Code::A407, describe(error)));
        write.phase = Phase::Queued;
        let why =
            format!("{error}; sending the write again without this switch, because the plan does not change it").into();
        let environment = Some(write.environment.clone());
        self.events.push(ApplyEvent::Retrying { environment, why, after: Duration::ZERO });
        None
    }
}
