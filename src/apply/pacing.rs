//! The pace of a run: retries, the circuit breaker and pauses.
//!
//! All rules by which a run gives up are here:
//!
//! | rule | limit | when the limit is reached |
//! | --- | --- | --- |
//! | retry budget of the run | [`RUN_RETRIES`]; accepting or confirming a write gives one back | the run halts |
//! | retries of one write | `bounds::RETRIES`, with back-off | the write is refused, the run goes on |
//! | new tokens of one write in a row | [`RENEWALS`] | the write is refused, the run goes on |
//! | other reasons to put one write off, in a row | `bounds::RETRIES` | the write is refused, the run goes on |
//! | longest `Retry-After` | `bounds::PAUSE_OF_A_RUN` | the run halts |
//! | circuit breaker | [`FAILING_ENVIRONMENTS`] in a row open the circuit, [`PAUSES`] between trials | the run halts |
//! | failing reads in a row | [`FAILING_READS`]; reads that fail together count once | the run halts |
//! | denied reads in a row | [`DENIED_READS`]; with fewer, only the writes to their environments end | the run halts |
//! | permanent error of a listing, or of the totals | the first one | the run halts |
//!
//! A run that halts sends nothing more, and still confirms the writes in flight.

use std::collections::BTreeSet;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

use crate::model::terms::EnvironmentId;
use crate::net::bounds::PAUSE_OF_A_RUN;
use crate::net::clock::later;
use crate::net::retry;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// Retries that the reads and writes of a run share. The setting has its own.
const RUN_RETRIES: u32 = 40;

/// How many times in a row a write, or the setting, is sent again because its token was not accepted.
pub(super) const RENEWALS: usize = 1;

/// Consecutive failing environments that open the circuit breaker. One environment alone never does.
const FAILING_ENVIRONMENTS: usize = 5;

/// How long the circuit stays open: the first time, and after each trial write that fails.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(40),
    Duration::from_secs(60),
];

/// Consecutive failing reads that end a run.
const FAILING_READS: u32 = 6;

/// Consecutive denied reads that end a run. One environment may be forbidden; three in a row point at the caller.
const DENIED_READS: u32 = 3;

/// The retries, the circuit breaker and the pauses of one run.
#[derive(Debug)]
pub(super) struct Pacing {
    retries_left: u32,
    pub(super) circuit: CircuitBreaker,
    /// The end of the longest `Retry-After` of a write. Reads wait for it too.
    throttled_until: Option<Instant>,
    /// The earliest time of the next read.
    reads_from: Instant,
    failed_reads: u32,
    last_failed_read: Option<Instant>,
    denied_reads: u32,
}

/// The decision on a write that failed with a transient error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteRetry {
    /// Send the write again after this time.
    After(Duration),
    /// Give up the run: `Retry-After` is too long.
    RetryAfterTooLong,
    /// Give up the write: it has no retries left.
    WriteExhausted,
    /// Give up the run: it has no retries left.
    RunExhausted,
}

/// The decision after a read that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadFailure {
    /// Read again, `retry_after` later at the earliest.
    Retry {
        /// `Retry-After`, or zero.
        retry_after: Duration,
    },
    /// Do nothing: a read that was in flight at the same time failed before.
    Repeated,
    /// Give up the environments that the read covers: the error is permanent.
    Permanent,
    /// Give up the run.
    GiveUp,
}

/// The effect of a failing write on the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CircuitChange {
    /// The circuit does not change.
    None,
    /// The circuit is open for this time.
    Opened(Duration),
    /// Give up the run.
    GiveUp,
}

impl Pacing {
    /// The pace of a run that begins now.
    pub(super) fn new(now: Instant) -> Pacing {
        Pacing {
            retries_left: RUN_RETRIES,
            circuit: CircuitBreaker::default(),
            throttled_until: None,
            reads_from: now,
            failed_reads: 0,
            last_failed_read: None,
            denied_reads: 0,
        }
    }

    /// Ends a pause that is over.
    pub(super) fn resume(&mut self, now: Instant) {
        self.throttled_until = self.throttled_until.filter(|until| now < *until);
    }

    /// Whether another write may be sent beside those in flight.
    pub(super) fn may_send(&self, now: Instant, in_flight: usize) -> bool {
        self.throttled_until.is_none() && self.circuit.lets_through(now, in_flight)
    }

    /// When writes may be sent again, if they are paused.
    pub(super) fn sends_resume_at(&self, now: Instant) -> Option<Instant> {
        self.throttled_until.max(self.circuit.pause_ends_at(now))
    }

    /// The earliest time of a read that is due at `due`.
    pub(super) fn earliest_read(&self, due: Instant) -> Instant {
        due.max(self.reads_from).max(self.throttled_until.unwrap_or(due))
    }

    /// The service accepted a write, or a read confirmed one.
    pub(super) fn write_succeeded(&mut self) {
        self.retries_left = (self.retries_left + 1).min(RUN_RETRIES);
        self.circuit.close();
    }

    /// Pauses all writes and reads for `retry_after`. Ignores a `Retry-After` above `PAUSE_OF_A_RUN`: the callers then
    /// halt the run, and the writes in flight are confirmed without waiting for it.
    pub(super) fn throttle(&mut self, retry_after: Option<Duration>, now: Instant) {
        let retry_after = retry_after.filter(|after| *after <= PAUSE_OF_A_RUN);
        self.throttled_until = self.throttled_until.max(retry_after.map(|after| later(now, after)));
    }

    /// The clause of a message about a pause that is too long for a run; `None` if it is not.
    pub(super) fn too_long(retry_after: Option<Duration>) -> Option<String> {
        let asked = retry_after.filter(|asked| *asked > PAUSE_OF_A_RUN)?;
        let most = retry::seconds(PAUSE_OF_A_RUN);
        Some(format!("the tenant asks for a pause of {}, and a run waits {most} at most", retry::seconds(asked)))
    }

    /// Decides on a write that failed with a transient error. `backoff` is the write's own next delay, if one is left.
    pub(super) fn retry_write(&mut self, retry_after: Option<Duration>, backoff: Option<Duration>) -> WriteRetry {
        let retry_after = retry_after.unwrap_or_default();
        match backoff {
            _ if retry_after > PAUSE_OF_A_RUN => WriteRetry::RetryAfterTooLong,
            None => WriteRetry::WriteExhausted,
            Some(_) if !self.take_retry() => WriteRetry::RunExhausted,
            Some(backoff) => WriteRetry::After(backoff.max(retry_after)),
        }
    }

    /// Takes one retry from the budget of the run; `false` if none is left.
    pub(super) fn take_retry(&mut self) -> bool {
        let left = self.retries_left.checked_sub(1);
        self.retries_left = left.unwrap_or(0);
        left.is_some()
    }

    /// A read succeeded.
    pub(super) fn read_succeeded(&mut self) {
        self.failed_reads = 0;
        self.denied_reads = 0;
    }

    /// Decides on a failed read. Reads that were in flight together count as one failure.
    pub(super) fn read_failed(&mut self, error: &ProviderError, began: Instant, now: Instant) -> ReadFailure {
        if !error.kind.is_transient() {
            self.denied_reads += u32::from(error.kind == ProviderErrorKind::Denied);
            return if self.denied_reads >= DENIED_READS { ReadFailure::GiveUp } else { ReadFailure::Permanent };
        }
        let retry_after = retry_after(error).unwrap_or_default();
        let is_repeated = self.last_failed_read.is_some_and(|failed_at| began < failed_at);
        if !is_repeated {
            self.failed_reads += 1;
            self.last_failed_read = Some(now);
        }
        if retry_after > PAUSE_OF_A_RUN || self.failed_reads >= FAILING_READS {
            return ReadFailure::GiveUp;
        }
        if is_repeated {
            self.reads_from = self.reads_from.max(later(now, retry_after));
            return ReadFailure::Repeated;
        }
        if self.take_retry() { ReadFailure::Retry { retry_after } } else { ReadFailure::GiveUp }
    }

    /// Allows no read before `until`.
    pub(super) fn pause_reads(&mut self, until: Instant) {
        self.reads_from = until;
    }
}

/// The circuit breaker. An open circuit lets no write through for a while, and then one at a time until one succeeds.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    failing: BTreeSet<EnvironmentId>,
    pauses: usize,
    opened_at: Option<Instant>,
    open_until: Option<Instant>,
}

impl CircuitBreaker {
    /// The service answered, so it works.
    pub(super) fn close(&mut self) {
        // Responses to writes that were in flight when the circuit opened can still arrive.
        *self = CircuitBreaker { opened_at: self.opened_at, ..CircuitBreaker::default() };
    }

    /// A write failed in a way that suggests an outage.
    pub(super) fn failed(&mut self, environment: &EnvironmentId, sent_at: Instant, now: Instant) -> CircuitChange {
        self.failing.insert(environment.clone());
        // The failure of a write that was in flight when the circuit opened proves nothing new.
        let is_old = self.opened_at.is_some_and(|opened| sent_at < opened);
        let is_open = self.open_until.is_some_and(|until| now < until);
        if is_old || is_open || (self.pauses == 0 && self.failing.len() < FAILING_ENVIRONMENTS) {
            return CircuitChange::None;
        }
        let Some(pause) = PAUSES.get(self.pauses).copied() else { return CircuitChange::GiveUp };
        self.pauses += 1;
        self.opened_at = Some(now);
        self.open_until = Some(now + pause);
        CircuitChange::Opened(pause)
    }

    fn lets_through(&self, now: Instant, in_flight: usize) -> bool {
        self.open_until.is_none_or(|until| until <= now && in_flight == 0)
    }

    /// Whether the circuit has opened and no write has succeeded since.
    pub(super) fn is_tripped(&self) -> bool {
        self.open_until.is_some()
    }

    fn pause_ends_at(&self, now: Instant) -> Option<Instant> {
        self.open_until.filter(|until| now < *until)
    }
}

/// The delays before the retries of one write, or of the setting: half a second at first, then doubled each time, with jitter.
pub(super) fn write_backoff(seed: u64) -> ExponentialBackoff {
    retry::delays(seed).build()
}

/// The delay before the setting is read or written again: the longer of the back-off and `Retry-After`. `None` if `Retry-After` is
/// too long, or if no retry is left.
pub(super) fn setting_delay(error: &ProviderError, backoff: Option<Duration>) -> Option<Duration> {
    let retry_after = retry_after(error).unwrap_or_default();
    backoff.filter(|_| retry_after <= PAUSE_OF_A_RUN).map(|backoff| backoff.max(retry_after))
}

/// The delays between reads of a pending write. Their number has no limit: the deadline of the write ends the reads.
pub(super) fn confirm_backoff(seed: u64) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(250))
        .with_max_delay(Duration::from_secs(15))
        .without_max_times()
        .with_jitter()
        .with_jitter_seed(seed)
        .build()
}

/// `Retry-After`, if the service sent one.
pub(super) fn retry_after(error: &ProviderError) -> Option<Duration> {
    match error.kind {
        ProviderErrorKind::Throttled(after) | ProviderErrorKind::OutcomeUnknown(after) => after,
        _ => None,
    }
}

#[cfg(test)]
mod tests;
