//! Writes the tenant setting that says who may allocate. This is the last write of a run, because afterwards the run itself
//! may not be allowed to allocate.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use backon::BackoffBuilder;
use tokio::time::{Instant, sleep};

use super::errors::{describe, refused};
use super::event::ApplyEvent;
use super::options::Ports;
use super::pacing::{confirm_backoff, setting_backoff, setting_delay};
use super::stop::{GRACE_PERIOD, STOPPED, UNCONFIRMED_AT_STOP, Urgency};
use crate::model::code::Code;
use crate::model::observed::Reading;
use crate::model::plan::change::SettingChange;
use crate::model::roles::WhoCanAllocate;
use crate::model::run::Outcome;
use crate::net::bounds::SILENCE;
use crate::net::clock::later;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// Writes the setting, unless it has changed since the plan was made. It is read before each attempt.
pub(super) async fn write(change: &SettingChange, ports: Ports<'_>, progress: &mut dyn FnMut(&ApplyEvent)) -> Outcome {
    let sent = Cell::new(false);
    tokio::select! {
        biased;
        () = ports.stop.reached(Urgency::Now) => stopped(sent.get()),
        outcome = attempt(change, ports, &sent, progress) => outcome,
        () = grace_period_after_stop(ports) => stopped(sent.get()),
    }
}

fn stopped(is_sent: bool) -> Outcome {
    match is_sent {
        true => Outcome::Unconfirmed { why: UNCONFIRMED_AT_STOP.into() },
        false => Outcome::NotSent { why: STOPPED.into() },
    }
}

async fn attempt(
    change: &SettingChange,
    ports: Ports<'_>,
    sent: &Cell<bool>,
    progress: &mut dyn FnMut(&ApplyEvent),
) -> Outcome {
    let mut delays = setting_backoff(ports.options.jitter_seed).build();
    let mut last: Option<ProviderError> = None;
    loop {
        match (check(change, ports, progress).await, &last) {
            (None, _) => {}
            (Some(Outcome::NotSent { why }), Some(error)) => {
                return Outcome::Refused { code: Code::A504, why: format!("{error}; then: {why}").into() };
            }
            (Some(outcome), _) => return outcome,
        }
        sent.set(true);
        progress(&ApplyEvent::SettingSent);
        let doubt: Option<Arc<str>> = match ports.writer.write_who_can_allocate(change.after).await {
            Ok(()) => None,
            Err(error) if error.kind == ProviderErrorKind::OutcomeUnknown => Some(error.to_string().into()),
            Err(error) => {
                let was_renewed = last.is_some_and(|last| last.kind == ProviderErrorKind::SignInRenewed);
                let may_succeed = match error.kind {
                    ProviderErrorKind::SignInRenewed => !was_renewed,
                    kind => kind.is_transient() || kind.needs_a_read(),
                };
                let delay = setting_delay(&error, delays.next()).filter(|_| may_succeed);
                let Some(after) = delay else { return refused(&error) };
                retry(&error, after, progress).await;
                last = Some(error);
                continue;
            }
        };
        return confirm(change.after, doubt, ports, progress).await;
    }
}

/// Reads the setting before it is written. Returns the outcome if there is nothing to write.
async fn check(change: &SettingChange, ports: Ports<'_>, progress: &mut dyn FnMut(&ApplyEvent)) -> Option<Outcome> {
    let before = change.before.map_or("nothing", WhoCanAllocate::as_str);
    match read(ports, progress).await {
        Ok(Some(value)) if value == change.after => Some(Outcome::Applied),
        Ok(found) if found == change.before => None,
        Ok(Some(value)) => {
            Some(Outcome::Stale { why: format!("the setting is {value}, where the plan found {before}").into() })
        }
        Ok(None) => {
            let why = format!("the setting has no value any more, where the plan found {before}");
            Some(Outcome::Stale { why: why.into() })
        }
        Err(why) => Some(Outcome::NotSent { why: why.into() }),
    }
}

/// Reads until a reading shows the setting.
async fn confirm(
    wanted: WhoCanAllocate,
    doubt: Option<Arc<str>>,
    ports: Ports<'_>,
    progress: &mut dyn FnMut(&ApplyEvent),
) -> Outcome {
    let deadline = later(Instant::now(), ports.options.confirm_timeout);
    let mut delays = confirm_backoff(ports.options.jitter_seed);
    loop {
        let found = match read(ports, progress).await {
            Ok(Some(value)) if value == wanted => return Outcome::Applied,
            Ok(Some(value)) => format!("the last read still shows {value}"),
            Ok(None) => "the last read still shows no value".to_owned(),
            Err(why) => why,
        };
        let now = Instant::now();
        if deadline <= now || ports.stop.urgency() >= Urgency::Finish {
            let doubt = doubt.as_deref().unwrap_or("the tenant accepted the write");
            return Outcome::Unconfirmed { why: format!("{doubt}; {found}").into() };
        }
        pause(delays.next().unwrap_or_default().min(deadline - now), progress).await;
    }
}

/// The setting, if the tenant has one. Reads again after a transient error, and reports that.
///
/// # Errors
///
/// Why it could not be read.
async fn read(ports: Ports<'_>, progress: &mut dyn FnMut(&ApplyEvent)) -> Result<Option<WhoCanAllocate>, String> {
    let unread = |why: &dyn std::fmt::Display| Err(format!("the setting could not be read: {why}"));
    let mut delays = setting_backoff(ports.options.jitter_seed).build();
    loop {
        let error = match ports.reader.who_can_allocate().await {
            Ok(Reading::Known { value, .. }) => return Ok(Some(value)),
            Ok(Reading::Absent) => return Ok(None),
            Ok(Reading::Unknown { why }) => return unread(&why),
            Err(error) if error.kind.is_transient() => error,
            Err(error) => return unread(&error),
        };
        let Some(after) = setting_delay(&error, delays.next()) else { return unread(&error) };
        retry(&error, after, progress).await;
    }
}

/// Reports an error, and waits before the retry.
async fn retry(error: &ProviderError, after: Duration, progress: &mut dyn FnMut(&ApplyEvent)) {
    progress(&ApplyEvent::Retrying { environment: None, why: describe(error), after });
    pause(after, progress).await;
}

/// Waits, and reports every [`SILENCE`] how much is left.
async fn pause(length: Duration, progress: &mut dyn FnMut(&ApplyEvent)) {
    let mut left = length;
    while left > SILENCE {
        sleep(SILENCE).await;
        left = left.saturating_sub(SILENCE);
        progress(&ApplyEvent::Waiting { left });
    }
    sleep(left).await;
}

/// Ends when the grace period after the first stop request is over.
async fn grace_period_after_stop(ports: Ports<'_>) {
    ports.stop.reached(Urgency::Finish).await;
    sleep(GRACE_PERIOD).await;
}
