//! What became of each change of a plan, as the schedule knows it.

use std::sync::Arc;

use crate::model::catalog::Pool;
use crate::model::terms::{EnvironmentId, Units};

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// Written and confirmed.
    Applied,
    /// Sent or about to be sent; nothing changed.
    Failed,
    /// Sent; it may have taken effect or not.
    Unknown,
    /// Never sent.
    NotSent(NotSent),
}

/// Why a change was never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// Its pool has too few units, because others did not give theirs back, or may have taken some.
    Blocked {
        /// The pool; a change takes from one only.
        pool: Pool,
        /// How many units it is short by, whatever has become of the unknown writes.
        short_by: Units,
        /// The environments whose writes failed or are unknown and that may hold the units; shared by all changes that
        /// wait for the pool.
        held_by: Arc<[EnvironmentId]>,
    },
    /// The run was stopped, or is not at its end.
    Stopped,
    /// An earlier write of the same environment failed or is unknown.
    EnvironmentFailed,
}
