//! The options of a run.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::model::document::EnvironmentDocument;
use crate::model::terms::EnvironmentId;
use crate::provider::port::Clock;

/// The documents of environments when the plan was made, as far as they were known.
pub type Baseline = BTreeMap<EnvironmentId, EnvironmentDocument>;

/// The options of a run.
#[derive(Clone)]
pub struct ExecutorOptions {
    /// The most writes in flight at one time.
    pub parallelism: NonZeroUsize,
    /// How long a run waits until a reading shows a write. Zero allows one read.
    pub confirm_timeout: Duration,
    /// The documents of the environments that the plan changes. Whatever they hold beyond that later, except for the plan's
    /// own changes, belongs to others.
    pub baseline: Arc<Baseline>,
    /// The clock.
    pub clock: Clock,
    /// The seed of the jitter of all delays.
    pub jitter_seed: u64,
}
