//! The clock.

use std::sync::Arc;

use jiff::Timestamp;

/// A function that returns the current time. Tests pass a clock of their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
