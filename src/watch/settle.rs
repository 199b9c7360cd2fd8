//! When a burst of events is over: a state machine over instants, with no file and no sleep in it.
//!
//! Programs save in several steps, and git writes many files; a change is reported once no event has come for a while.

use std::time::Duration;

use tokio::time::Instant;

/// The quiet time after which a burst is over.
pub(super) const QUIET: Duration = Duration::from_millis(150);
/// The longest time from the first event of a burst to its report.
pub(super) const AT_MOST: Duration = Duration::from_secs(2);
/// How often git's lock is checked while git holds its index.
const LOCK_POLL: Duration = Duration::from_millis(50);
/// The longest wait for a lock, which a dead git may have left behind.
pub(super) const LOCK_AT_MOST: Duration = Duration::from_secs(30);

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing happened; wait for an event.
    Idle,
    /// Wait for an event, and ask again then at the latest.
    WaitUntil(Instant),
    /// Look at the files.
    Fire,
}

/// The burst that is going on, if one is.
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

    /// What to do, where `locked` says whether git is at work. Firing ends the burst.
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

    /// Events at these milliseconds, with git at work until `unlocked`: the milliseconds at which it fires.
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
                    assert!(due > now, "waits for the past");
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
    fn while_git_is_at_work_it_waits_past_the_two_seconds() {
        check(&[0], 400, &[400]);
        check(&[0, 3000], 5010, &[5050]);
    }

    #[test]
    fn a_lock_left_behind_does_not_hold_for_ever() {
        check(&[0], u64::MAX, &[30_000]);
    }
}
