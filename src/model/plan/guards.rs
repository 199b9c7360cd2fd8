//! The changes of guards in a branch.

use serde::Serialize;

/// A guard that a branch weakens, or something else that a branch changes and that decides what plans may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GuardChange {
    /// The guard, such as `floor of hr-prod, App passes`.
    pub guard: String,
    /// The value in the base.
    pub before: String,
    /// The value in the branch.
    pub after: String,
}
