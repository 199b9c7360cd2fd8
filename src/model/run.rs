//! A run of a plan: the outcome of each change and of each write.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::code::Code;
use super::plan::change::EnvironmentRef;
use super::plan::draft::Draft;

/// The outcome of one change of a plan, or of one write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "result", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// The tenant holds the target.
    Applied,
    /// The tenant refused the write; nothing changed.
    Refused {
        /// The finding's code.
        code: Code,
        /// The reason, in the tenant's words.
        why: Arc<str>,
    },
    /// The write was sent, and whether it took effect is unknown.
    Unconfirmed {
        /// The reason.
        why: Arc<str>,
    },
    /// The environment changed since the plan was made, and was skipped.
    Stale {
        /// The amounts that were found.
        why: Arc<str>,
    },
    /// The write was not sent.
    NotSent {
        /// The reason: a shortage, a stop request, or an error.
        why: Arc<str>,
    },
}

impl Outcome {
    /// Whether the tenant now holds the target.
    pub fn is_applied(&self) -> bool {
        matches!(self, Outcome::Applied)
    }

    /// The outcome without its reason.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Outcome::Applied => OutcomeKind::Applied,
            Outcome::Refused { .. } => OutcomeKind::Refused,
            Outcome::Unconfirmed { .. } => OutcomeKind::Unconfirmed,
            Outcome::Stale { .. } => OutcomeKind::Stale,
            Outcome::NotSent { .. } => OutcomeKind::NotSent,
        }
    }

    /// The reason, unless the change was applied.
    pub fn why(&self) -> Option<&Arc<str>> {
        match self {
            Outcome::Applied => None,
            Outcome::Refused { why, .. }
            | Outcome::Unconfirmed { why }
            | Outcome::Stale { why }
            | Outcome::NotSent { why } => Some(why),
        }
    }
}

/// An [`Outcome`] without its reason, as reports show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// See [`Outcome::Applied`].
    Applied,
    /// See [`Outcome::Refused`].
    Refused,
    /// See [`Outcome::Unconfirmed`].
    Unconfirmed,
    /// See [`Outcome::Stale`].
    Stale,
    /// See [`Outcome::NotSent`].
    NotSent,
}

impl OutcomeKind {
    /// The words for people.
    pub const fn words(self) -> &'static str {
        match self {
            OutcomeKind::Applied => "applied",
            OutcomeKind::Refused => "refused",
            OutcomeKind::Unconfirmed => "not confirmed",
            OutcomeKind::Stale => "stale",
            OutcomeKind::NotSent => "not sent",
        }
    }
}

/// One write that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentWrite {
    /// The environment.
    pub environment: EnvironmentRef,
    /// The add-ons that the write changes.
    pub add_ons: Vec<AddOn>,
    /// The outcome.
    pub outcome: Outcome,
}

/// A run of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The draft of the plan.
    pub draft: Draft,
    /// The outcome of each of the draft's changes, in the draft's order.
    pub outcomes: Vec<Outcome>,
    /// The outcome of the setting, if the plan changes it.
    pub setting: Option<Outcome>,
    /// The writes, in the order in which they were sent.
    pub writes: Vec<SentWrite>,
    /// Whether the run was asked to stop.
    pub interrupted: bool,
}

impl Run {
    /// Whether everything was applied.
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().chain(&self.setting).all(Outcome::is_applied)
    }

    /// Whether the tenant may hold something else than before: a change was applied, or may have been.
    pub fn may_have_changed(&self) -> bool {
        let may = |outcome: &Outcome| matches!(outcome, Outcome::Applied | Outcome::Unconfirmed { .. });
        self.outcomes.iter().chain(&self.setting).any(may)
    }

    /// The number of applied changes, including the setting.
    pub fn applied(&self) -> usize {
        self.outcomes.iter().chain(&self.setting).filter(|outcome| outcome.is_applied()).count()
    }
}
