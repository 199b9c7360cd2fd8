//! The clock, and a function that adds any duration to an instant without a panic.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// A function that returns the current time. Tests pass a clock of their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// 30 years: longer than any process runs, and short enough for `Instant` on every platform.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Adds `after` to `now`. If no instant can hold the sum, returns an instant far in the future instead of a panic.
pub fn later(now: Instant, after: Duration) -> Instant {
    now.checked_add(after).unwrap_or_else(|| now + FAR)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{FAR, later};

    #[test]
    fn a_sum_that_no_instant_can_hold_is_far_in_the_future() {
        let now = Instant::now();
        assert_eq!(later(now, Duration::from_secs(5)), now + Duration::from_secs(5));
        for seconds in [1 << 63, u64::MAX] {
            assert_eq!(later(now, Duration::from_secs(seconds)), now + FAR);
        }
    }
}
