//! Who may allocate: written last, so that it cannot lock the run itself out of what it still has to do.

use std::cell::Cell;
use std::sync::Arc;

use backon::{ExponentialBuilder, Retryable};
use tokio::time::{Instant, sleep};

use super::event::ApplyEvent;
use super::pass::{LAST_LOOK, Ports, STOPPED, refusal};
use super::patience::{LONGEST_WAIT, asked_to_wait, looks};
use crate::apply::stop::Urgency;
use crate::model::observed::Reading;
use crate::model::plan::change::SettingChange;
use crate::model::run::Outcome;
use crate::model::terms::WhoCanAllocate;
use crate::net::again;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// Writes the setting where the tenant still has it as the plan found it.
pub(super) async fn write(change: &SettingChange, ports: Ports<'_>, tell: &mut dyn FnMut(&ApplyEvent)) -> Outcome {
    let sent = Cell::new(false);
    let outcome = tokio::select! {
        biased;
        () = ports.stop.reached(Urgency::Now) => match sent.get() {
            true => Outcome::Unconfirmed { why: "the run was stopped before it showed".into() },
            false => Outcome::NotSent { why: STOPPED.into() },
        },
        outcome = attempt(change, ports, &sent, tell) => outcome,
        () = stopped_for_a_while(ports) => match sent.get() {
            true => Outcome::Unconfirmed { why: "the run was stopped before it showed".into() },
            false => Outcome::NotSent { why: STOPPED.into() },
        },
    };
    tell(&ApplyEvent::SettingSettled { at: (ports.options.clock)(), outcome: outcome.clone() });
    outcome
}

async fn attempt(
    change: &SettingChange,
    ports: Ports<'_>,
    sent: &Cell<bool>,
    tell: &mut dyn FnMut(&ApplyEvent),
) -> Outcome {
    match read(ports).await {
        Ok(Reading::Known { value, .. }) if value == change.after => return Outcome::Applied,
        Ok(Reading::Known { value, .. }) if Some(value) == change.before => {}
        Ok(Reading::Absent) if change.before.is_none() => {}
        Ok(Reading::Known { value, .. }) => {
            let before = name(change.before);
            return Outcome::Stale { why: format!("it is {value}, where the plan found {before}").into() };
        }
        Ok(Reading::Absent) => {
            let before = name(change.before);
            return Outcome::Stale { why: format!("it is not set any more, where the plan found {before}").into() };
        }
        Ok(Reading::Unknown { why }) => return Outcome::NotSent { why: format!("it could not be read: {why}").into() },
        Err(error) => return Outcome::NotSent { why: format!("it could not be read: {error}").into() },
    }
    sent.set(true);
    tell(&ApplyEvent::SettingSent { at: (ports.options.clock)(), setting: change.after });
    let send = || ports.writer.write_who_can_allocate(change.after);
    let written = send.retry(policy(ports)).when(|error| error.kind.is_transient()).adjust(wait).await;
    let doubt: Option<Arc<str>> = match written {
        Ok(()) => None,
        Err(error) if error.kind == ProviderErrorKind::OutcomeUnknown => Some(error.to_string().into()),
        Err(error) => return refusal(&error),
    };
    confirm(change.after, doubt, ports).await
}

/// Reads until the setting shows.
async fn confirm(wanted: WhoCanAllocate, doubt: Option<Arc<str>>, ports: Ports<'_>) -> Outcome {
    let deadline = Instant::now() + ports.options.confirm_timeout;
    let mut delays = looks(ports.options.jitter_seed);
    loop {
        let found = match read(ports).await {
            Ok(Reading::Known { value, .. }) if value == wanted => return Outcome::Applied,
            Ok(Reading::Known { value, .. }) => format!("reading still shows {value}"),
            Ok(Reading::Absent) => "reading does not show it".to_owned(),
            Ok(Reading::Unknown { why }) => format!("it could not be read: {why}"),
            Err(error) => format!("it could not be read: {error}"),
        };
        let now = Instant::now();
        if deadline <= now || ports.stop.urgency() >= Urgency::Finish {
            let doubt = doubt.as_deref().unwrap_or("the tenant took it");
            return Outcome::Unconfirmed { why: format!("{doubt}; {found}").into() };
        }
        sleep(delays.next().unwrap_or_default().min(deadline - now)).await;
    }
}

async fn read(ports: Ports<'_>) -> Result<Reading<WhoCanAllocate>, ProviderError> {
    let ask = || ports.reader.who_can_allocate();
    ask.retry(policy(ports)).when(|error: &ProviderError| error.kind.is_transient()).adjust(wait).await
}

fn policy(ports: Ports<'_>) -> ExponentialBuilder {
    again::delays(ports.options.jitter_seed)
}

/// The tenant's own wish, where it is longer than ours. `None` ends the tries.
fn wait(error: &ProviderError, ours: Option<std::time::Duration>) -> Option<std::time::Duration> {
    let asked = asked_to_wait(error).unwrap_or_default();
    ours.filter(|_| asked <= LONGEST_WAIT).map(|ours| ours.max(asked))
}

/// Somebody asked to stop, and what was sent had its time.
async fn stopped_for_a_while(ports: Ports<'_>) {
    ports.stop.reached(Urgency::Finish).await;
    sleep(LAST_LOOK).await;
}

fn name(setting: Option<WhoCanAllocate>) -> &'static str {
    setting.map_or("nothing", WhoCanAllocate::as_str)
}
