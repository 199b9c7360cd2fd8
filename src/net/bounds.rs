//! The bounds of requests: how many at once, how often, and how long. Each has its one definition here.

use std::num::NonZeroUsize;
use std::time::Duration;

/// The most requests in flight at one time: the default of `--parallelism`, and the limit for reads of single
/// environments.
pub const PARALLELISM: NonZeroUsize = const { NonZeroUsize::new(8).expect("8 is not zero") };

/// The longest time for one attempt of a request, from connecting to the last byte of the response.
pub const ATTEMPT: Duration = Duration::from_secs(30);

/// The longest time to connect.
pub const CONNECTION: Duration = Duration::from_secs(10);

/// Retries of one request.
pub const RETRIES: usize = 5;

/// Retries of a request for a token. Microsoft's library makes them.
pub const SIGN_IN_RETRIES: u32 = 2;

/// The longest time for one request that reads (all its attempts, and the pauses between them), and for one sign-in.
pub const REQUEST_BUDGET: Duration = Duration::from_secs(120);

/// The longest `Retry-After` that an apply obeys. A longer one ends the run.
pub const PAUSE_OF_A_RUN: Duration = Duration::from_secs(300);

/// The longest `Retry-After` that a sign-in obeys.
pub const PAUSE_OF_A_SIGN_IN: Duration = Duration::from_secs(30);

/// A wait of this length is reported.
pub const SILENCE: Duration = Duration::from_secs(10);

/// The default of `--confirm-timeout`.
pub const CONFIRM_TIMEOUT: Duration = Duration::from_mins(2);
/// The maximum of `--confirm-timeout`.
pub const LONGEST_CONFIRM_TIMEOUT: Duration = Duration::from_mins(15);
