use std::time::Duration;

use tokio::time::Instant;

use super::{CircuitChange, Pacing, ReadFailure, WriteRetry, confirm_backoff, write_backoff};
use crate::provider::fake::id;
use crate::provider::port::{ProviderError, ProviderErrorKind};

const SECOND: Duration = Duration::from_secs(1);
const BACKOFF: Option<Duration> = Some(SECOND);

fn error(kind: ProviderErrorKind) -> ProviderError {
    ProviderError::new(kind, "no")
}

#[test]
fn the_backoff_doubles_varies_with_the_seed_and_ends() {
    let delays: Vec<Duration> = write_backoff(7).collect();
    assert_eq!(delays, write_backoff(7).collect::<Vec<_>>(), "the same seed has the same delays");
    assert_ne!(delays, write_backoff(8).collect::<Vec<_>>());
    let least = [500, 1000, 2000, 4000, 8000].map(Duration::from_millis);
    assert_eq!(delays.len(), least.len());
    for (delay, least) in delays.into_iter().zip(least) {
        assert!(least <= delay && delay <= least * 2, "{delay:?} for {least:?}");
    }
    assert_eq!(confirm_backoff(1).take(1000).count(), 1000);
}

#[test]
fn all_requests_share_forty_retries_and_a_success_gives_one_back() {
    let now = Instant::now();
    let mut pacing = Pacing::new(now);
    pacing.write_succeeded();
    let retries = (0..100).filter(|_| pacing.retry_write(None, BACKOFF) == WriteRetry::After(SECOND)).count();
    assert_eq!(retries, 40, "a success does not raise the budget above its start");
    assert_eq!(pacing.retry_write(None, BACKOFF), WriteRetry::RunExhausted);
    assert_eq!(
        pacing.read_failed(&error(ProviderErrorKind::Unavailable), now, now),
        ReadFailure::GiveUp,
        "reads share the budget with writes"
    );
    pacing.write_succeeded();
    assert_eq!(pacing.retry_write(None, BACKOFF), WriteRetry::After(SECOND));
}

#[test]
fn a_write_without_retries_is_given_up_alone_and_takes_none_from_the_run() {
    let mut pacing = Pacing::new(Instant::now());
    for _ in 0..100 {
        assert_eq!(pacing.retry_write(None, None), WriteRetry::WriteExhausted);
    }
    assert_eq!(pacing.retry_write(None, BACKOFF), WriteRetry::After(SECOND));
}

#[test]
fn retry_after_outlasts_the_backoff_up_to_five_minutes() {
    let mut pacing = Pacing::new(Instant::now());
    for (seconds, expected) in
        [(0, WriteRetry::After(SECOND)), (300, WriteRetry::After(SECOND * 300)), (301, WriteRetry::RetryAfterTooLong)]
    {
        assert_eq!(pacing.retry_write(Some(SECOND * seconds), BACKOFF), expected);
    }
    let too_long = error(ProviderErrorKind::Throttled(Some(SECOND * 301)));
    assert_eq!(pacing.read_failed(&too_long, Instant::now(), Instant::now()), ReadFailure::GiveUp);
}

#[test]
fn a_throttled_write_pauses_writes_and_reads_until_the_longest_retry_after() {
    let now = Instant::now();
    let mut pacing = Pacing::new(now);
    pacing.throttle(Some(SECOND * 20), now);
    pacing.throttle(Some(SECOND * 5), now);
    pacing.throttle(None, now);
    let end = now + SECOND * 20;
    assert!(!pacing.may_send(now, 0));
    assert_eq!((pacing.sends_resume_at(now), pacing.earliest_read(now)), (Some(end), end));
    pacing.resume(end - SECOND);
    assert!(!pacing.may_send(end - SECOND, 0));
    pacing.resume(end);
    assert!(pacing.may_send(end, 7));
    assert_eq!((pacing.sends_resume_at(end), pacing.earliest_read(end)), (None, end));
}

#[test]
fn five_environments_in_a_row_open_the_circuit_and_a_success_closes_it() {
    let now = Instant::now();
    let mut pacing = Pacing::new(now);
    for number in 0..4 {
        assert_eq!(pacing.circuit.failed(&id(number), now, now), CircuitChange::None);
    }
    pacing.circuit.close();
    for number in 0..4 {
        assert_eq!(pacing.circuit.failed(&id(number), now, now), CircuitChange::None);
        assert!(pacing.may_send(now, 7));
    }
    assert_eq!(pacing.circuit.failed(&id(3), now, now), CircuitChange::None, "this environment failed before");
    assert_eq!(pacing.circuit.failed(&id(4), now, now), CircuitChange::Opened(SECOND * 5));
    assert!(!pacing.may_send(now, 0) && pacing.circuit.is_tripped());
    let later = now + SECOND * 5;
    assert_eq!((pacing.sends_resume_at(now), pacing.sends_resume_at(later)), (Some(later), None));
    let in_flight = pacing.circuit.failed(&id(5), now - SECOND, later);
    assert_eq!(in_flight, CircuitChange::None, "the write was in flight when the circuit opened");
    assert!(pacing.may_send(later, 0) && !pacing.may_send(later, 1), "one trial write at a time");
    pacing.write_succeeded();
    assert!(pacing.may_send(later, 7) && !pacing.circuit.is_tripped());
}

#[test]
fn a_service_that_stays_down_is_given_up_after_five_pauses() {
    let mut now = Instant::now();
    let mut pacing = Pacing::new(now);
    let mut pauses = Vec::new();
    for number in 0..100 {
        match pacing.circuit.failed(&id(number), now, now) {
            CircuitChange::None => {}
            CircuitChange::Opened(pause) => {
                pauses.push(pause.as_secs());
                now += pause;
            }
            CircuitChange::GiveUp => break,
        }
    }
    assert_eq!(pauses, [5, 10, 20, 40, 60]);
}

#[test]
fn six_failing_reads_in_a_row_end_the_run_and_those_that_fail_together_count_once() {
    let start = Instant::now();
    let mut pacing = Pacing::new(start);
    let unavailable = error(ProviderErrorKind::Unavailable);
    let retry = ReadFailure::Retry { retry_after: Duration::ZERO };
    assert_eq!(pacing.read_failed(&unavailable, start, start + SECOND), retry);
    for _ in 0..7 {
        assert_eq!(pacing.read_failed(&unavailable, start, start + SECOND), ReadFailure::Repeated);
    }
    for number in 2..6 {
        let began = start + SECOND * number;
        assert_eq!(pacing.read_failed(&unavailable, began, began), retry, "{number}");
    }
    let began = start + SECOND * 6;
    assert_eq!(pacing.read_failed(&unavailable, began, began), ReadFailure::GiveUp);
    pacing.read_succeeded();
    assert_eq!(pacing.read_failed(&unavailable, began, began), retry);
}

#[test]
fn reads_that_fail_together_wait_for_the_longest_retry_after() {
    let start = Instant::now();
    let mut pacing = Pacing::new(start);
    let throttled = |seconds| error(ProviderErrorKind::Throttled(Some(SECOND * seconds)));
    let end = start + SECOND;
    assert_eq!(pacing.read_failed(&throttled(3), start, end), ReadFailure::Retry { retry_after: SECOND * 3 });
    pacing.pause_reads(end + SECOND * 3);
    assert_eq!(pacing.read_failed(&throttled(65), start, end), ReadFailure::Repeated);
    assert_eq!(pacing.earliest_read(end), end + SECOND * 65);
}

#[test]
fn three_denied_reads_in_a_row_end_the_run_and_fewer_cost_only_their_environments() {
    let now = Instant::now();
    let mut pacing = Pacing::new(now);
    let (denied, malformed) = (error(ProviderErrorKind::Denied), error(ProviderErrorKind::Malformed));
    for _ in 0..2 {
        assert_eq!(pacing.read_failed(&denied, now, now), ReadFailure::Permanent);
    }
    pacing.read_succeeded();
    for _ in 0..2 {
        assert_eq!(pacing.read_failed(&denied, now, now), ReadFailure::Permanent);
    }
    for _ in 0..9 {
        assert_eq!(pacing.read_failed(&malformed, now, now), ReadFailure::Permanent);
    }
    assert_eq!(pacing.read_failed(&denied, now, now), ReadFailure::GiveUp);
}
