//! How long to wait before trying again, and when to give up.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::net::again;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// So many tries again a run has for all its requests; each write that goes through gives one back.
const BUDGET: u32 = 40;

/// A tenant that asks to wait for longer is not waited for.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The waiting times of one request: half a second, doubled each time, with a random part on top.
pub(super) fn delays(seed: u64) -> ExponentialBackoff {
    again::delays(seed).build()
}

/// The waiting times between looks at something that does not show yet. They do not end; a deadline does.
pub(super) fn looks(seed: u64) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(250))
        .with_max_delay(Duration::from_secs(15))
        .without_max_times()
        .with_jitter()
        .with_jitter_seed(seed)
        .build()
}

/// How long the tenant wants not to be asked, where it said.
pub(super) fn asked_to_wait(error: &ProviderError) -> Option<Duration> {
    match error.kind {
        ProviderErrorKind::Throttled(after) => after,
        _ => None,
    }
}

/// The tries again that a run has left.
#[derive(Debug)]
pub(super) struct Budget(u32);

impl Budget {
    /// All of them.
    pub(super) fn new() -> Budget {
        Budget(BUDGET)
    }

    /// Takes one; `false` where none is left.
    pub(super) fn take(&mut self) -> bool {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }

    /// Something went through.
    pub(super) fn give_back(&mut self) {
        self.0 = (self.0 + 1).min(BUDGET);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Budget, delays, looks};

    #[test]
    fn waiting_doubles_varies_with_the_seed_and_ends() {
        let waits: Vec<Duration> = delays(7).collect();
        assert_eq!(waits, delays(7).collect::<Vec<_>>(), "the same seed waits the same");
        assert_ne!(waits, delays(8).collect::<Vec<_>>());
        let least = [500, 1000, 2000, 4000, 8000].map(Duration::from_millis);
        assert_eq!(waits.len(), least.len());
        for (wait, least) in waits.into_iter().zip(least) {
            assert!(least <= wait && wait <= least * 2, "{wait:?} for {least:?}");
        }
        assert_eq!(looks(1).take(1000).count(), 1000);
    }

    #[test]
    fn the_budget_is_for_all_and_grows_no_further_than_it_was() {
        let mut budget = Budget::new();
        budget.give_back();
        assert_eq!((0..100).filter(|_| budget.take()).count(), 40);
        budget.give_back();
        assert!(budget.take());
        assert!(!budget.take());
    }
}
