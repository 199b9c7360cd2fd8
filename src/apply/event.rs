//! What an apply tells while it runs: for whoever watches, and for the record.
//!
//! [`ApplyEvent::Sent`] is told before the request goes out, and [`ApplyEvent::Settled`] once its outcome is known and
//! before anything else is sent. So folding the events over the plan gives, at every moment, the most that each pool can
//! hold: what it held, plus what sent writes take, less what applied writes gave back.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::plan::change::EnvironmentRef;
use crate::model::run::Outcome;
use crate::model::terms::WhoCanAllocate;

/// Something that happened during an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyEvent {
    /// It begins.
    Started {
        /// How many writes there are to do.
        writes: usize,
    },
    /// A write is about to go out.
    Sent {
        /// When.
        at: Timestamp,
        /// Where.
        environment: EnvironmentRef,
        /// Indexes of the draft's changes that go with it.
        changes: Vec<usize>,
        /// Which try it is, from 1.
        attempt: u32,
    },
    /// It is known what became of a write, sent or not.
    Settled {
        /// When.
        at: Timestamp,
        /// Where.
        environment: EnvironmentRef,
        /// Indexes of the draft's changes that went with it.
        changes: Vec<usize>,
        /// What became of it.
        outcome: Outcome,
    },
    /// Something did not work for now and is tried again.
    Retrying {
        /// Where; `None` where all of the tenant could not be read.
        environment: Option<EnvironmentRef>,
        /// Why.
        why: Arc<str>,
        /// After so long.
        after: Duration,
    },
    /// Nothing can be sent until what was sent shows.
    Waiting {
        /// How many writes do not show yet.
        unconfirmed: usize,
    },
    /// The setting is about to be written.
    SettingSent {
        /// When.
        at: Timestamp,
        /// The value.
        setting: WhoCanAllocate,
    },
    /// It is known what became of the setting.
    SettingSettled {
        /// When.
        at: Timestamp,
        /// What became of it.
        outcome: Outcome,
    },
    /// Somebody asked to stop; what is in flight is finished.
    Stopping {
        /// How many writes are in flight.
        in_flight: usize,
    },
}
