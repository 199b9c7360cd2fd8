//! Debounces events: a state machine over instants that reads no files and never sleeps.
//!
//! Programs save in several steps, and git writes many files, so the files are read only after a quiet time without events.

use std::time::Duration;

use tokio::time::Instant;

/// The quiet time after which a burst is over.
pub(super) const QUIET: Duration = Duration::from_millis(150);
/// The longest time from the first event of a burst to its report.
pub(super) const AT_MOST: Duration = Duration::from_secs(2);
/// How often git's lock is checked while git holds its index.
const LOCK_POLL: Duration = Duration::from_millis(50);
/// The longest time from the first event to the report while git holds its lock. A killed git leaves its lock behind.
pub(super) const LOCK_AT_MOST: Duration = Duration::from_secs(30);

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing happened; wait for an event.
    Idle,
    /// Wait for an event, but call `decide` again at this time at the latest.
    WaitUntil(Instant),
    /// The burst is over: read the files.
    Fire,
}

/// The debouncer, with the current burst of events if there is one.
#[derive(Debug, Default)]
pub(super) struct Settling {
    burst: Option<Burst>,
}

#[derive(Debug)]
struct Burst {
    first: Instant,
    last: Instant,
}

impl Settling {
    /// An event came.
    pub(super) fn event(&mut self, now: Instant) {
        match &mut self.burst {
            Some(burst) => burst.last = now,
            None => self.burst = Some(Burst { first: now, last: now }),
        }
    }

    /// Decides what to do now. `locked` returns whether git holds its lock. [`Decision::Fire`] ends the burst.
    pub(super) fn decide(&mut self, now: Instant, locked: impl FnOnce() -> bool) -> Decision {
        let Some(burst) = &self.burst else {
            return Decision::Idle;
        };
        let due = (burst.last + QUIET).min(burst.first + AT_MOST);
        if now < due {
            return Decision::WaitUntil(due);
        }
        if now < burst.first + LOCK_AT_MOST && locked() {
            return Decision::WaitUntil(now + LOCK_POLL);
        }
        self.burst = None;
        Decision::Fire
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Decision, Settling};

    /// Checks at which milliseconds the debouncer fires, for these events and a lock of git until `unlocked`.
    fn check(events: &[u64], unlocked: u64, expected: &[u64]) {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut settling = Settling::default();
        let mut events = events.iter().copied().peekable();
        let mut fired = Vec::new();
        let mut now = 0;
        loop {
            while events.next_if(|event| *event <= now).is_some() {
                settling.event(at(now));
            }
            let next_event = events.peek().copied();
            now = match (settling.decide(at(now), || now < unlocked), next_event) {
                (Decision::Fire, _) => {
                    fired.push(now);
                    continue;
                }
                (Decision::Idle, None) => break,
                (Decision::Idle, Some(event)) => event,
                (Decision::WaitUntil(due), event) => {
                    let due = u64::try_from((due - start).as_millis()).unwrap();
                    assert!(due > now, "the debouncer waits for a time in the past");
                    event.unwrap_or(due).min(due)
                }
            };
        }
        assert_eq!(fired, expected);
    }

    #[test]
    fn nothing_fires_without_an_event() {
        check(&[], 0, &[]);
    }

    #[test]
    fn a_burst_fires_once_it_has_been_quiet() {
        check(&[10], 0, &[160]);
        check(&[10, 60, 200], 0, &[350]);
        check(&[10, 160, 161], 0, &[311]);
    }

    #[test]
    fn two_bursts_fire_twice() {
        check(&[0, 1000], 0, &[150, 1150]);
    }

    #[test]
    fn a_burst_without_end_fires_every_two_seconds() {
        let steady: Vec<u64> = (0..50).map(|number| number * 100).collect();
        check(&steady, 0, &[2000, 4100, 5050]);
    }

    #[test]
    fn a_lock_of_git_delays_a_burst_beyond_two_seconds() {
        check(&[0], 400, &[400]);
        check(&[0, 3000], 5010, &[5050]);
    }

    #[test]
    fn a_stale_lock_delays_for_a_limited_time() {
        check(&[0], u64::MAX, &[30_000]);
    }
}
