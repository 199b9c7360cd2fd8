//! Where the time comes from.

use std::sync::Arc;

use jiff::Timestamp;

/// What time it is: passed in, so that tests can hold it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
