//! Writes the tenant setting that says who may allocate. This is the last write of a run, because afterwards the run itself
//! may not be allowed to allocate.

use std::cell::Cell;
use std::sync::Arc;

use backon::Retryable;
use tokio::time::{Instant, sleep};

use super::errors::refused;
use super::event::ApplyEvent;
use super::options::Ports;
use super::pacing::{confirm_backoff, setting_backoff, setting_delay};
use super::stop::{GRACE_PERIOD, STOPPED, UNCONFIRMED_AT_STOP, Urgency};
use crate::model::observed::Reading;
use crate::model::plan::change::SettingChange;
use crate::model::roles::WhoCanAllocate;
use crate::model::run::Outcome;
use crate::net::clock::later;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// Writes the setting, unless it has changed since the plan was made.
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
    let before = change.before.map_or("nothing", WhoCanAllocate::as_str);
    match read(ports).await {
        Ok(Some(value)) if value == change.after => return Outcome::Applied,
        Ok(found) if found == change.before => {}
        Ok(Some(value)) => {
            return Outcome::Stale { why: format!("the setting is {value}, where the plan found {before}").into() };
        }
        Ok(None) => {
            let why = format!("the setting has no value any more, where the plan found {before}");
            return Outcome::Stale { why: why.into() };
        }
        Err(why) => return Outcome::NotSent { why: why.into() },
    }
    sent.set(true);
    progress(&ApplyEvent::SettingSent);
    let send = || ports.writer.write_who_can_allocate(change.after);
    let written = send.retry(setting_backoff(ports.options.jitter_seed)).when(is_transient).adjust(setting_delay).await;
    let doubt: Option<Arc<str>> = match written {
        Ok(()) => None,
        Err(error) if error.kind == ProviderErrorKind::OutcomeUnknown => Some(error.to_string().into()),
        Err(error) => return refused(&error),
    };
    confirm(change.after, doubt, ports).await
}

/// Reads until a reading shows the setting.
async fn confirm(wanted: WhoCanAllocate, doubt: Option<Arc<str>>, ports: Ports<'_>) -> Outcome {
    let deadline = later(Instant::now(), ports.options.confirm_timeout);
    let mut delays = confirm_backoff(ports.options.jitter_seed);
    loop {
        let found = match read(ports).await {
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
        sleep(delays.next().unwrap_or_default().min(deadline - now)).await;
    }
}

/// The setting, if the tenant has one.
///
/// # Errors
///
/// Why it could not be read.
async fn read(ports: Ports<'_>) -> Result<Option<WhoCanAllocate>, String> {
    let ask = || ports.reader.who_can_allocate();
    let read = ask.retry(setting_backoff(ports.options.jitter_seed)).when(is_transient).adjust(setting_delay).await;
    match read {
        Ok(Reading::Known { value, .. }) => Ok(Some(value)),
        Ok(Reading::Absent) => Ok(None),
        Ok(Reading::Unknown { why }) => Err(format!("the setting could not be read: {why}")),
        Err(error) => Err(format!("the setting could not be read: {error}")),
    }
}

fn is_transient(error: &ProviderError) -> bool {
    error.kind.is_transient()
}

/// Ends when the grace period after the first stop request is over.
async fn grace_period_after_stop(ports: Ports<'_>) {
    ports.stop.reached(Urgency::Finish).await;
    sleep(GRACE_PERIOD).await;
}
