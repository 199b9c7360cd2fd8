//! What a branch changes in the guards of a configuration.

use serde::Serialize;

/// A guard that a branch weakens, or something else that decides what plans may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GuardChange {
    /// The guard, such as `floor of hr-prod, App passes`.
    pub guard: String,
    /// What it was.
    pub before: String,
    /// What it is now.
    pub after: String,
}
