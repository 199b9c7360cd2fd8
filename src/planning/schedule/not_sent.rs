//! The reasons why a schedule does not send a change.

use std::sync::Arc;

use crate::model::catalog::Pool;
use crate::model::terms::{EnvironmentId, Units};

/// Why a change was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSentReason {
    /// The pool is short of units, because other environments did not give theirs back or may have taken some.
    Blocked {
        /// The pool. A change takes from one pool only.
        pool: Pool,
        /// The shortage if every unknown write took effect.
        short_by: Units,
        /// Environments that may hold the units, because their writes failed or are unknown. All changes that wait for the same pool share
        /// this list.
        held_by: Arc<[EnvironmentId]>,
        /// Units that the tenant's own total counts as allocated, beyond those that the readings of environments show.
        unseen: Units,
    },
    /// The run was stopped or has not ended yet.
    Stopped,
    /// An earlier write to the same environment failed or is unknown.
    EnvironmentFailed,
}
