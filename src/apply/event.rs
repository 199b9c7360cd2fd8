//! The events of a run, for progress displays.
//!
//! A run reports [`ApplyEvent::Sent`] before the request leaves, and [`ApplyEvent::Settled`] when the outcome is known,
//! before anything else is sent. So a fold of the events gives each pool's maximum allocation at every moment: the allocation
//! before the run, plus the units that sent writes take unless they were refused, minus the units that applied writes gave back.

use std::sync::Arc;
use std::time::Duration;

use crate::model::plan::change::EnvironmentRef;
use crate::model::run::Outcome;

/// An event of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyEvent {
    /// The run begins.
    Started {
        /// The number of writes in the plan.
        writes: usize,
    },
    /// A write is about to go out.
    Sent {
        /// The environment.
        environment: EnvironmentRef,
        /// Indexes of the draft's changes that the write makes.
        changes: Vec<usize>,
    },
    /// A write ended, sent or not.
    Settled {
        /// The environment.
        environment: EnvironmentRef,
        /// Indexes of the draft's changes that the write makes.
        changes: Vec<usize>,
        /// The outcome.
        outcome: Outcome,
    },
    /// A request will be sent again, or the run waits for another total of a pool.
    Retrying {
        /// The environment of the write; `None` for a read, a total, the setting, or a service that fails as a whole.
        environment: Option<EnvironmentRef>,
        /// Why.
        why: Arc<str>,
        /// The delay before the retry.
        after: Duration,
    },
    /// Nothing was reported for a while: the run waits for a response, the end of a pause, or its next read.
    Waiting {
        /// The time until then; zero if the run waits only for responses.
        left: Duration,
    },
    /// The setting is about to be written.
    SettingSent,
    /// The run was asked to stop, and confirms the writes that it has sent.
    Stopping {
        /// The number of writes that were sent and are not confirmed, answered or not.
        in_flight: usize,
    },
}
