//! The rules, as people write them.

use schemars::JsonSchema;

use super::keyed::ByAddOn;
use super::scalars::{AddOnWord, Count, DefaultEnvironmentWord, Limit, PercentNumber, UnmanagedWord};

/// The rules that every plan is held against.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rules {
    /// What to do about environments that hold units and that no file names. `report` where absent.
    #[schemars(example = &"report")]
    pub unmanaged_environments: Option<UnmanagedWord>,
    /// What to do about add-ons that an environment holds and its file does not name. `report` where absent.
    #[schemars(example = &"report")]
    pub unmanaged_add_ons: Option<UnmanagedWord>,
    /// Whether the default environment may hold an allocation. `deny` where absent.
    #[schemars(example = &"deny")]
    pub default_environment: Option<DefaultEnvironmentWord>,
    /// How much one plan may take away of an add-on.
    #[schemars(example = serde_json::json!({ "percent": 30, "units": { "app-passes": 200 } }))]
    pub max_decrease: Option<MaxDecrease>,
    /// How many environments one plan may change. Any number where absent.
    #[schemars(example = 50)]
    pub max_environments_changed: Option<Count>,
    /// Whether no amount may go below what is consumed. `true` where absent.
    #[schemars(example = true)]
    pub never_below_consumption: Option<bool>,
    /// From which shares of a pool on it is worth a warning, in percent. 90 where absent.
    #[schemars(example = [80, 90, 100])]
    pub warn_at_percent: Option<Vec<PercentNumber>>,
    /// Within how many days a shortfall that a purchase's end brings is an error; a later one is a warning.
    #[schemars(example = 30)]
    pub fail_before_expiry_days: Option<Count>,
    /// Add-ons whose changes need a ticket.
    #[schemars(example = ["app-passes"])]
    pub require_ticket: Option<Vec<AddOnWord>>,
}

/// How much one plan may take away of an add-on.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct MaxDecrease {
    /// In percent of what is allocated of the add-on before the plan, from 100 units on. 30 where absent.
    #[schemars(example = 30)]
    pub percent: Option<PercentNumber>,
    /// In units, by add-on.
    #[schemars(example = serde_json::json!({ "app-passes": 200 }))]
    pub units: Option<ByAddOn<Limit>>,
}
