//! Writes the tenant setting `whoCanAllocate`. This is the last write of a run, because afterwards the run itself may
//! not be allowed to allocate.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::errors::{describe, refused};
use super::event::ApplyEvent;
use super::options::Ports;
use super::pacing::{RENEWALS, confirm_backoff, setting_delay, write_backoff};
use super::stop::{GRACE_PERIOD, STOPPED, UNCONFIRMED_AT_STOP, Urgency};
use crate::model::observed::Reading;
use crate::model::plan::change::SettingChange;
use crate::model::roles::WhoCanAllocate;
use crate::model::run::Outcome;
use crate::net::bounds::SILENCE;
use crate::net::clock::later;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// What is known about the write of the setting.
enum Progress {
    /// It was not sent.
    NotSent,
    /// It was sent, and its result is unknown.
    Unknown,
    /// It was sent and refused, for this reason.
    Refused(ProviderError),
}

/// Writes the setting, unless it has changed since the plan was made. It is read before each attempt.
pub(super) async fn write(change: &SettingChange, ports: Ports<'_>, progress: &mut dyn FnMut(&ApplyEvent)) -> Outcome {
    let sent = RefCell::new(Progress::NotSent);
    let ended = tokio::select! {
        biased;
        () = ports.stop.reached(Urgency::Now) => None,
        outcome = attempt(change, ports, &sent, progress) => outcome,
        () = grace_period_after_stop(ports) => None,
    };
    ended.unwrap_or_else(|| not_again(&sent.borrow(), STOPPED))
}

/// The outcome of a write that is not sent, or not sent again.
fn not_again(sent: &Progress, why: &str) -> Outcome {
    match sent {
        Progress::NotSent => Outcome::NotSent { why: why.into() },
        Progress::Unknown => Outcome::Unconfirmed { why: UNCONFIRMED_AT_STOP.into() },
        Progress::Refused(error) => with_more(refused(error), &format!("not sent again, because {why}")),
    }
}

fn with_more(outcome: Outcome, more: &str) -> Outcome {
    match outcome {
        Outcome::Refused { code, why } => Outcome::Refused { code, why: format!("{why}; {more}").into() },
        other => other,
    }
}

/// Sends the setting, retries a refusal that may pass, and confirms the write. `None` if the run was asked to stop before an attempt.
async fn attempt(
    change: &SettingChange,
    ports: Ports<'_>,
    sent: &RefCell<Progress>,
    progress: &mut dyn FnMut(&ApplyEvent),
) -> Option<Outcome> {
    let mut delays = write_backoff(ports.options.jitter_seed);
    let mut renewals = 0;
    loop {
        match check(change, ports, progress).await {
            Ok(Some(outcome)) => return Some(outcome),
            Ok(None) => {}
            Err(why) => return Some(not_again(&sent.borrow(), &why)),
        }
        if ports.stop.urgency() > Urgency::None {
            return None;
        }
        sent.replace(Progress::Unknown);
        progress(&ApplyEvent::SettingSent);
        let doubt: Option<Arc<str>> = match ports.writer.write_who_can_allocate(change.after).await {
            Ok(()) => None,
            Err(error) if matches!(error.kind, ProviderErrorKind::OutcomeUnknown(_)) => Some(error.to_string().into()),
            Err(error) => {
                let may_succeed = match error.kind {
                    ProviderErrorKind::SignInRenewed => renewals < RENEWALS,
                    kind => kind.is_transient() || kind.needs_a_read(),
                };
                renewals += usize::from(error.kind == ProviderErrorKind::SignInRenewed);
                let Some(after) = setting_delay(&error, delays.next()).filter(|_| may_succeed) else {
                    return Some(refused(&error));
                };
                let why = describe(&error);
                sent.replace(Progress::Refused(error));
                retry(why, after, progress).await;
                continue;
            }
        };
        return Some(confirm(change.after, doubt, ports, progress).await);
    }
}

/// Reads the setting before it is written. Returns the outcome if there is nothing to write.
///
/// # Errors
///
/// Why it could not be read.
async fn check(
    change: &SettingChange,
    ports: Ports<'_>,
    progress: &mut dyn FnMut(&ApplyEvent),
) -> Result<Option<Outcome>, String> {
    let before = change.before.map_or("nothing", WhoCanAllocate::as_str);
    let why = match read(ports, progress).await? {
        Some(value) if value == change.after => return Ok(Some(Outcome::Applied)),
        found if found == change.before => return Ok(None),
        Some(value) => format!("`whoCanAllocate` is {value}, but the plan found {before}"),
        None => format!("`whoCanAllocate` no longer has a value, but the plan found {before}"),
    };
    Ok(Some(Outcome::Stale { why: why.into() }))
}

/// Reads until a reading shows the setting, the confirmation timeout is over, or the run is asked to stop.
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
    let unread = |why: &dyn std::fmt::Display| Err(format!("`whoCanAllocate` could not be read: {why}"));
    let mut delays = write_backoff(ports.options.jitter_seed);
    loop {
        let error = match ports.reader.who_can_allocate().await {
            Ok(Reading::Known { value, .. }) => return Ok(Some(value)),
            Ok(Reading::Absent) => return Ok(None),
            Ok(Reading::Unknown { why }) => return unread(&why),
            Err(error) if error.kind.is_transient() => error,
            Err(error) => return unread(&error),
        };
        let Some(after) = setting_delay(&error, delays.next()) else { return unread(&error) };
        retry(describe(&error), after, progress).await;
    }
}

/// Reports why the last attempt failed, and waits before the next.
async fn retry(why: Arc<str>, after: Duration, progress: &mut dyn FnMut(&ApplyEvent)) {
    progress(&ApplyEvent::Retrying { environment: None, why, after });
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
