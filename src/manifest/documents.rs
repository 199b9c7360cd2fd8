//! The documents as people write them: the types from which the JSON Schemas are generated.
//!
//! Reading is done over the marked tree, which keeps places; these types say the same to editors. The tests hold both
//! against each other. What a schema cannot say (names across files, days that do not exist) only the reader says.

use schemars::JsonSchema;

mod amounts;
mod keyed;
mod rules;
mod scalars;

pub use amounts::{Allocation, Cell, Grant, Purchase, Purchases, Reserve, WhenExhausted};
pub use keyed::{ByAddOn, ByHeldAddOn, ByKey};
pub use rules::{MaxDecrease, Rules};
pub use scalars::{
    AddOnWord, BudgetName, Class, CloudWord, Day, EnvironmentGuid, Limit, ProviderWord, TenantGuid, Text, Units,
    VersionNumber, WhoWord,
};

/// The root of a configuration: the tenant, what was purchased, and the rules for dividing it among environments.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Root {
    /// The version of the language. There is one.
    #[schemars(example = 1)]
    pub version: VersionNumber,
    /// The tenant whose add-on capacity this is.
    #[schemars(example = serde_json::json!({ "name": "contoso", "timeZone": "Europe/Berlin" }))]
    pub tenant: Tenant,
    /// Patterns of environment files below this folder; `environments/**/*.yaml` where absent.
    #[schemars(example = ["environments/**/*.yaml"])]
    pub include: Option<Vec<Text>>,
    /// What was purchased of each add-on. An add-on that is absent counts as the tenant reports it.
    #[schemars(example = serde_json::json!({ "app-passes": 1200 }))]
    pub purchased: Option<ByAddOn<Purchases>>,
    /// What nobody may plan with: units, or a share of what was purchased, rounded up.
    #[schemars(example = serde_json::json!({ "app-passes": "3%", "copilot-credits": 10000 }))]
    pub reserve: Option<ByAddOn<Reserve>>,
    /// Limits for business units. Environment files name the budget they belong to.
    #[schemars(example = serde_json::json!({ "hr": { "costCenter": "CC-4711", "limits": { "app-passes": 400 } } }))]
    pub budgets: Option<ByKey<Budget>>,
    /// Allocations by environment class, for declared environments that say nothing else.
    #[schemars(example = serde_json::json!({ "developer": { "app-passes": 0 } }))]
    pub defaults: Option<Defaults>,
    /// The rules that every plan is held against.
    #[schemars(example = serde_json::json!({ "neverBelowConsumption": true }))]
    pub rules: Option<Rules>,
    /// Amounts below which no plan goes, by environment. Kept apart so that another person can own them.
    #[schemars(example = serde_json::json!({ "hr-prod": { "app-passes": 100 } }))]
    pub floors: Option<ByKey<ByHeldAddOn<Units>>>,
    /// Environments by key, for a tenant so small that it needs no other file.
    #[schemars(example = serde_json::json!({ "hr-prod": { "id": "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55" } }))]
    pub environments: Option<ByKey<Environment>>,
}

/// A file of environments, included by the root.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environments {
    /// The version of the language. There is one.
    #[schemars(example = 1)]
    pub version: VersionNumber,
    /// The budget of every environment in this file that names none of its own.
    #[schemars(example = &"hr")]
    pub budget: Option<BudgetName>,
    /// Whom to ask about the environments in this file.
    #[schemars(example = &"hr-platform@contoso.com")]
    pub owner: Option<Text>,
    /// The environments by key. The key is what plans and messages call them.
    #[schemars(example = serde_json::json!({ "hr-prod": { "id": "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55" } }))]
    pub environments: ByKey<Environment>,
}

/// The tenant whose add-on capacity this is.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tenant {
    /// What people call the tenant.
    #[schemars(example = &"contoso")]
    pub name: Text,
    /// Where the tenant lives: a file on this machine, or Microsoft's licensing service. CI wants it written; `local` where absent.
    #[schemars(example = &"power-platform")]
    pub provider: Option<ProviderWord>,
    /// The directory id of the tenant.
    #[schemars(example = &"8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10")]
    pub id: Option<TenantGuid>,
    /// Which of Microsoft's clouds the tenant lives in. Where absent, POWER_PLATFORM_CLOUD or AZURE_AUTHORITY_HOST counts, else `public`.
    #[schemars(example = &"public")]
    pub cloud: Option<CloudWord>,
    /// The zone in which days begin and end, as the IANA database names it. UTC where absent.
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<Text>,
    /// Who may allocate add-on capacity. The setting is left alone where absent.
    #[schemars(example = &"only-specific-admins")]
    pub who_can_allocate: Option<WhoWord>,
}

/// Limits of a business unit.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Budget {
    /// The cost centre that pays.
    #[schemars(example = &"CC-4711")]
    pub cost_center: Option<Text>,
    /// The most that the environments of this budget may hold together.
    #[schemars(example = serde_json::json!({ "app-passes": 400 }))]
    pub limits: Option<ByAddOn<Limit>>,
}

/// Allocations by environment class.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Defaults {
    /// For production environments.
    #[schemars(example = serde_json::json!({ "portal-logins": "unmanaged" }))]
    pub production: Option<ByHeldAddOn<Cell>>,
    /// For sandboxes.
    #[schemars(example = serde_json::json!({ "copilot-credits": 0 }))]
    pub sandbox: Option<ByHeldAddOn<Cell>>,
    /// For developer environments.
    #[schemars(example = serde_json::json!({ "app-passes": 0 }))]
    pub developer: Option<ByHeldAddOn<Cell>>,
    /// For trials.
    #[schemars(example = serde_json::json!({ "app-passes": 0 }))]
    pub trial: Option<ByHeldAddOn<Cell>>,
    /// For Dataverse for Teams.
    #[schemars(example = serde_json::json!({ "app-passes-teams": 0 }))]
    pub teams: Option<ByHeldAddOn<Cell>>,
    /// For the default environment.
    #[schemars(example = serde_json::json!({ "app-passes": 0 }))]
    pub default: Option<ByHeldAddOn<Cell>>,
}

/// One environment and what it is to hold.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environment {
    /// The id of the environment: a GUID, or `Default-` and the tenant's GUID.
    #[schemars(example = &"3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55")]
    pub id: EnvironmentGuid,
    /// The name that the tenant shows; a plan warns where it shows another.
    #[schemars(example = &"HR (Prod)")]
    pub name: Option<Text>,
    /// The class, which decides about defaults.
    #[schemars(example = &"production")]
    pub class: Option<Class>,
    /// Whether every decrease must be allowed by name.
    #[schemars(example = true)]
    pub protect: Option<bool>,
    /// The budget that this environment counts against.
    #[schemars(example = &"hr")]
    pub budget: Option<BudgetName>,
    /// Whom to ask about it.
    #[schemars(example = &"hr-platform@contoso.com")]
    pub owner: Option<Text>,
    /// What it is to hold. An add-on that is absent is unmanaged; 0 means none.
    #[schemars(example = serde_json::json!({ "app-passes": 120, "portal-logins": "unmanaged" }))]
    pub allocations: Option<ByHeldAddOn<Cell>>,
}
