//! What the plan of a branch has in common with the plan of its base.

use super::change::ChangeOrigin;

/// What a plan has in common with the plan of its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The origin of each change.
    pub changes: Vec<ChangeOrigin>,
    /// Whether both plans change the setting `whoCanAllocate` to the same value, or neither changes it.
    pub has_setting: bool,
    /// Whether the base gives each pool the same figures, today and later.
    pub pools: Vec<bool>,
    /// Whether the base has each finding too, with the same severity and numbers.
    pub findings: Vec<bool>,
}
