//! The circuit breaker: a service that fails again and again is left alone for a while, then tried with one write at a time,
//! and given up in the end. One environment that fails is none of its business: only several of them tell of the service.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::terms::EnvironmentId;

/// So many environments of which a write came to nothing, and none in between of which one did not, open the circuit.
const FAILED_IN_A_ROW: usize = 5;
/// How long it stays open: the first time, and after each single write that failed, too. After the last the run gives up.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(40),
    Duration::from_secs(60),
];

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet.
    GoOn,
    /// Nothing is sent for so long.
    Pause(Duration),
    /// The service is down.
    GiveUp,
}

/// The circuit between a run and its tenant.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failed: BTreeSet<EnvironmentId>,
    pauses: usize,
    opened: Option<Instant>,
    open_until: Option<Instant>,
}

impl Breaker {
    /// A write was answered as it should, or reading shows that it took effect.
    pub(super) fn worked(&mut self) {
        // What was sent before it opened may still be answered.
        *self = Breaker { opened: self.opened, ..Breaker::default() };
    }

    /// A write that was sent then failed in a way that says that the service may be out of order.
    pub(super) fn failed(&mut self, environment: &EnvironmentId, sent_at: Instant, now: Instant) -> Verdict {
        self.failed.insert(environment.clone());
        // What was under way when the circuit opened says nothing new, however late it is answered.
        let is_old = self.opened.is_some_and(|opened| sent_at < opened);
        let is_open = self.open_until.is_some_and(|until| now < until);
        if is_old || is_open || (self.pauses == 0 && self.failed.len() < FAILED_IN_A_ROW) {
            return Verdict::GoOn;
        }
        let Some(pause) = PAUSES.get(self.pauses).copied() else { return Verdict::GiveUp };
        self.pauses += 1;
        self.opened = Some(now);
        self.open_until = Some(now + pause);
        Verdict::Pause(pause)
    }

    /// Whether one more write may go out beside those that are open.
    pub(super) fn lets_through(&self, now: Instant, open: usize) -> bool {
        self.open_until.is_none_or(|until| until <= now && open == 0)
    }

    /// Whether the service is suspected to be out of order.
    pub(super) fn is_tripped(&self) -> bool {
        self.open_until.is_some()
    }

    /// When the next write may be tried, where it is waited for.
    pub(super) fn closes_at(&self, now: Instant) -> Option<Instant> {
        self.open_until.filter(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Breaker, Verdict};
    use crate::provider::fake::id;

    #[test]
    fn five_environments_in_a_row_open_it_and_a_success_closes_it() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        for number in 0..4 {
            assert_eq!(breaker.failed(&id(number), now, now), Verdict::GoOn);
        }
        breaker.worked();
        for number in 0..4 {
            assert_eq!(breaker.failed(&id(number), now, now), Verdict::GoOn);
            assert!(breaker.lets_through(now, 7));
        }
        assert_eq!(breaker.failed(&id(3), now, now), Verdict::GoOn, "it failed already");
        assert_eq!(breaker.failed(&id(4), now, now), Verdict::Pause(Duration::from_secs(5)));
        assert!(!breaker.lets_through(now, 0));
        let later = now + Duration::from_secs(5);
        assert_eq!((breaker.closes_at(now), breaker.closes_at(later)), (Some(later), None));
        assert_eq!(breaker.failed(&id(5), now - Duration::from_secs(1), later), Verdict::GoOn, "it was under way");
        assert!(breaker.lets_through(later, 0) && !breaker.lets_through(later, 1), "one at a time");
        breaker.worked();
        assert!(breaker.lets_through(later, 7));
    }

    #[test]
    fn a_service_that_stays_down_is_given_up() {
        let (mut breaker, mut now) = (Breaker::default(), Instant::now());
        let mut pauses = Vec::new();
        for number in 0..100 {
            match breaker.failed(&id(number), now, now) {
                Verdict::GoOn => {}
                Verdict::Pause(pause) => {
                    pauses.push(pause.as_secs());
                    now += pause;
                }
                Verdict::GiveUp => break,
            }
        }
        assert_eq!(pauses, [5, 10, 20, 40, 60]);
    }
}
