//! The changes of guards in a branch.

use serde::{Serialize, Serializer};

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
    /// What later plans may do, or what is different from now on.
    pub effect: Effect,
}

/// What the change of a guard means, for a reader who does not know the guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Another tenant is planned and written.
    OtherTenant,
    /// Days begin at another time.
    OtherDays,
    /// Other people may allocate in the tenant.
    OtherAllocators,
    /// The pool counts as larger.
    MoreToAllocate,
    /// Reserved units can be allocated.
    ReserveUsable,
    /// A pool may hold more than is owned.
    AboveOwned,
    /// Another cost center pays.
    OtherCostCenter,
    /// The environments of a budget may hold more.
    BudgetRaised,
    /// Less of what no file names is reported or refused.
    LessReported,
    /// The default environment may get units.
    DefaultEnvironment,
    /// One plan may take away more.
    LargerDecreases,
    /// One plan may change more environments.
    LargerPlans,
    /// Units in use may be taken away.
    BelowUse,
    /// Warnings come later.
    LaterWarnings,
    /// A coming shortage refuses later.
    LaterRefusals,
    /// A change needs no ticket.
    NoTicket,
    /// A key means another environment.
    OtherEnvironment,
    /// Something is no longer managed.
    NoLongerManaged,
    /// Decreases are no longer refused.
    NoProtection,
    /// Another owner.
    OtherOwner,
    /// Units count for another budget.
    OtherBudget,
    /// Other defaults apply.
    OtherDefaults,
    /// The environment may hold less.
    LowerFloor,
    /// A refusal is only a warning.
    Exception,
    /// Other files belong to the configuration.
    OtherFiles,
}

impl Effect {
    /// The effect, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Effect::OtherTenant => "another tenant is planned and changed",
            Effect::OtherDays => "days begin at another time",
            Effect::OtherAllocators => "other people may allocate in the tenant",
            Effect::MoreToAllocate => "more units can be allocated",
            Effect::ReserveUsable => "units that were kept back can be allocated",
            Effect::AboveOwned => "the pool may hold more than is owned",
            Effect::OtherCostCenter => "another cost center pays",
            Effect::BudgetRaised => "the environments of this budget may hold more",
            Effect::LessReported => "less is reported or refused",
            Effect::DefaultEnvironment => "the default environment may get units",
            Effect::LargerDecreases => "one plan may take away more",
            Effect::LargerPlans => "one plan may change more environments",
            Effect::BelowUse => "units that are in use can be taken away",
            Effect::LaterWarnings => "warnings come later",
            Effect::LaterRefusals => "a coming shortage refuses plans later",
            Effect::NoTicket => "changes need no ticket",
            Effect::OtherEnvironment => "the key means another environment",
            Effect::NoLongerManaged => "allot no longer manages this",
            Effect::NoProtection => "decreases are no longer refused",
            Effect::OtherOwner => "another owner is responsible",
            Effect::OtherBudget => "the units count for another budget",
            Effect::OtherDefaults => "other defaults apply",
            Effect::LowerFloor => "the environment may hold less",
            Effect::Exception => "this refusal is only a warning",
            Effect::OtherFiles => "other files belong to the configuration",
        }
    }
}

impl Serialize for Effect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.words())
    }
}
