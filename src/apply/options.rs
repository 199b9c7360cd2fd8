//! The options and the dependencies of a run.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::stop::Stop;
use crate::model::catalog::AddOn;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::ObservedTotal;
use crate::model::terms::EnvironmentId;
use crate::planning::limits::Limits;
use crate::provider::port::{Clock, Documents, Observe, Perform};

/// The documents of environments when the plan was made, as far as they were known.
pub type Baseline = BTreeMap<EnvironmentId, EnvironmentDocument>;

/// The reading that a plan was made from.
#[derive(Clone, Debug)]
pub struct FirstReading {
    /// When the reading was requested.
    pub at: Timestamp,
    /// The documents.
    pub documents: Documents,
    /// The tenant's totals.
    pub totals: BTreeMap<AddOn, ObservedTotal>,
}

/// The options of a run.
#[derive(Clone)]
pub struct ExecutorOptions {
    /// The most writes in flight at one time.
    pub parallelism: NonZeroUsize,
    /// How long a run waits until a reading shows a write. Zero allows one read.
    pub confirm_timeout: Duration,
    /// The documents of the environments that the plan changes, when the plan was made. Units that appear in them later, and
    /// that are no change of the plan, belong to others.
    pub baseline: Arc<Baseline>,
    /// The reading that the plan was made from, which serves the first writes while it is fresh.
    pub first_reading: Option<Arc<FirstReading>>,
    /// The clock.
    pub clock: Clock,
    /// The seed of the jitter of all delays.
    pub jitter_seed: u64,
}

/// The dependencies of a run.
#[derive(Clone, Copy)]
pub(super) struct Ports<'a> {
    pub(super) reader: &'a dyn Observe,
    pub(super) writer: &'a dyn Perform,
    pub(super) options: &'a ExecutorOptions,
    pub(super) limits: &'a Limits,
    pub(super) stop: &'a Stop,
}
