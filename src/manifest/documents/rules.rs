//! Schema types of the rules.

use schemars::JsonSchema;

use super::keyed::ByAddOn;
use super::scalars::{AddOnWord, Count, DefaultEnvironmentWord, LargestDecrease, PercentNumber, UnmanagedWord};

/// The rules that every plan is checked against.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rules {
    /// What to do about environments that hold units and that no file names. Default: `report`.
    #[schemars(example = &"report")]
    pub unmanaged_environments: Option<UnmanagedWord>,
    /// What to do about add-ons that an environment holds and its file does not name. Default: `report`.
    #[schemars(example = &"report")]
    pub unmanaged_add_ons: Option<UnmanagedWord>,
    /// Whether the default environment may hold an allocation. Default: `deny`.
    #[schemars(example = &"deny")]
    pub default_environment: Option<DefaultEnvironmentWord>,
    /// The most that one plan may take away of an add-on.
    #[schemars(example = serde_json::json!({ "percent": 30, "units": { "app-passes": 200 } }))]
    pub max_decrease: Option<MaxDecrease>,
    /// The most environments that one plan may change. Default: no limit.
    #[schemars(example = 50)]
    pub max_environments_changed: Option<Count>,
    /// Whether plans refuse amounts below what is consumed. Default: `true`.
    #[schemars(example = true)]
    pub never_below_consumption: Option<bool>,
    /// A plan warns if the allocated share of a pool reaches one of these percentages. Default: 90.
    #[schemars(example = [80, 90, 100])]
    pub warn_at_percent: Option<Vec<PercentNumber>>,
    /// A future shortage is an error if it begins within this number of days, else a warning. Default: always a warning.
    #[schemars(example = 30)]
    pub fail_before_expiry_days: Option<Count>,
    /// Add-ons whose changes need a ticket.
    #[schemars(example = ["app-passes"])]
    pub require_ticket: Option<Vec<AddOnWord>>,
}

/// The most that one plan may take away of an add-on.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct MaxDecrease {
    /// In percent of the units of the add-on that are allocated before the plan. Applies if 100 units or more are allocated. Default: 30.
    #[schemars(example = 30)]
    pub percent: Option<PercentNumber>,
    /// In units, by add-on.
    #[schemars(example = serde_json::json!({ "app-passes": 200 }))]
    pub units: Option<ByAddOn<LargestDecrease>>,
}
