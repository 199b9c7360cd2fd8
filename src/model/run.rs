//! What became of a plan: one outcome for each write.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::code::Code;
use super::plan::change::EnvironmentRef;
use super::plan::draft::Draft;

/// What became of one change of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "result", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// Written, and the tenant confirmed it.
    Applied,
    /// The tenant refused it; nothing changed.
    Refused {
        /// The finding's code.
        code: Code,
        /// Why, in the tenant's words.
        why: Arc<str>,
    },
    /// Sent; whether it took effect could not be found out.
    Unconfirmed {
        /// Why.
        why: Arc<str>,
    },
    /// The environment moved since the plan was made, so it was left alone.
    Stale {
        /// What was found.
        why: Arc<str>,
    },
    /// Never sent.
    NotSent {
        /// What it waited for, or that the run was stopped.
        why: Arc<str>,
    },
}

impl Outcome {
    /// Whether the tenant now holds what the plan wanted.
    pub fn is_applied(&self) -> bool {
        matches!(self, Outcome::Applied)
    }
}

/// One write that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentWrite {
    /// Where.
    pub environment: EnvironmentRef,
    /// Which add-ons changed with it.
    pub add_ons: Vec<AddOn>,
    /// What became of it.
    pub outcome: Outcome,
}

/// A whole apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// What was to be done.
    pub draft: Draft,
    /// The outcome of each of the draft's changes, in their order.
    pub outcomes: Vec<Outcome>,
    /// The outcome of the setting, where one was to change.
    pub setting: Option<Outcome>,
    /// The writes, in the order in which they were sent.
    pub writes: Vec<SentWrite>,
    /// Whether somebody stopped it.
    pub interrupted: bool,
}

impl Run {
    /// Whether everything was applied.
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().chain(&self.setting).all(Outcome::is_applied)
    }

    /// How many of the planned changes were applied, settings included.
    pub fn applied(&self) -> usize {
        self.outcomes.iter().chain(&self.setting).filter(|outcome| outcome.is_applied()).count()
    }
}
