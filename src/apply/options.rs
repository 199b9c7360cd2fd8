//! How an apply goes about its work.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::model::document::EnvironmentDocument;
use crate::model::terms::EnvironmentId;
use crate::provider::port::Clock;

/// How an apply goes about its work.
#[derive(Clone)]
pub struct ApplyOptions {
    /// How many writes may be open at one time.
    pub parallelism: NonZeroUsize,
    /// How long a write may take until reading shows it. Zero: it is read once.
    pub confirm_timeout: Duration,
    /// What the plan found in the environments that it changes, where that is known: whatever they hold more of the plan's pools
    /// later is somebody else's.
    pub found: Arc<BTreeMap<EnvironmentId, EnvironmentDocument>>,
    /// The time.
    pub clock: Clock,
    /// What the random part of waiting times grows from; the same seed waits the same.
    pub jitter_seed: u64,
}

impl ApplyOptions {
    /// How many writes are open at one time where nobody says otherwise.
    pub const PARALLELISM: NonZeroUsize = const { NonZeroUsize::new(8).expect("8 is not zero") };
    /// How long a write may take until reading shows it where nobody says otherwise.
    pub const CONFIRM_TIMEOUT: Duration = Duration::from_secs(60);

    /// The options where nobody says otherwise.
    pub fn new(clock: Clock) -> ApplyOptions {
        ApplyOptions {
            parallelism: ApplyOptions::PARALLELISM,
            confirm_timeout: ApplyOptions::CONFIRM_TIMEOUT,
            found: Arc::default(),
            clock,
            jitter_seed: 0,
        }
    }
}
