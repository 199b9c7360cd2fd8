//! The types from which the JSON Schemas are generated.
//!
//! Files are read by `decode`, which keeps places; a test compares it with these types. Only `decode` and `resolve` check what a
//! schema cannot express: names across files, days that do not exist.

use schemars::JsonSchema;

mod add_on_names;
mod amounts;
mod keyed;
mod places;
mod rules;
mod scalars;

pub use add_on_names::{AddOnName, HeldAddOnName, NamedAddOnName, lists_of_names};
pub use amounts::{Allocation, Cell, DatedLimit, Grant, Limits, Purchase, Purchases, Reserve, WhenExhausted};
pub use keyed::{ByAddOn, ByHeldAddOn, ByKey, ByNamedAddOn};
pub use places::{DefaultCell, Place};
pub use rules::{MaxDecrease, Rules};
pub use scalars::{
    AllowableCode, BudgetName, Class, CloudWord, Day, Debt, EnvironmentGuid, Floor, LargestDecrease, Limit,
    ProviderWord, TenantGuid, Text, Units, VersionNumber, WhoWord,
};

/// The root of a configuration: the tenant, what was purchased, and the rules for dividing it among environments.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Root {
    /// The version of the configuration language: always 1.
    #[schemars(example = 1)]
    pub version: VersionNumber,
    /// The tenant whose add-on capacity this is.
    #[schemars(example = serde_json::json!({ "name": "contoso", "timeZone": "Europe/Berlin" }))]
    pub tenant: Tenant,
    /// Patterns of environment files below this folder. Default: `environments/**/*.yaml`.
    #[schemars(example = ["environments/**/*.yaml"])]
    pub include: Option<Vec<Text>>,
    /// The units purchased of each add-on. For an absent add-on, the figure of the tenant counts.
    #[schemars(example = serde_json::json!({ "app-passes": 1200 }))]
    pub purchased: Option<ByAddOn<Purchases>>,
    /// Units that no plan may allocate: a number, or a share of what was purchased, rounded up.
    #[schemars(example = serde_json::json!({ "app-passes": "3%", "copilot-credits": 10000 }))]
    pub reserve: Option<ByAddOn<Reserve>>,
    /// Limits for business units. Environment files name the budget they belong to.
    #[schemars(example = serde_json::json!({ "hr": { "costCenter": "CC-4711", "limits": { "app-passes": 400 } } }))]
    pub budgets: Option<ByKey<Budget>>,
    /// Units that a pool may hold above those owned, by add-on. Meant for over-allocation that existed at the start; lower the number when
    /// units are given back.
    #[schemars(example = serde_json::json!({ "app-passes": 20 }))]
    pub debts: Option<ByAddOn<Debt>>,
    /// Allocations by environment class, for declared environments without a value of their own.
    #[schemars(example = serde_json::json!({ "developer": { "app-passes": 0 } }))]
    pub defaults: Option<Defaults>,
    /// The rules that every plan is checked against.
    #[schemars(example = serde_json::json!({ "neverBelowConsumption": true }))]
    pub rules: Option<Rules>,
    /// Amounts below which no plan goes, by environment. Kept apart from the environments, so that another team can own them.
    #[schemars(example = serde_json::json!({ "hr-prod": { "app-passes": 100 } }))]
    pub floors: Option<ByKey<ByHeldAddOn<Floor>>>,
    /// Exceptions: each turns a refusal into a warning until a day. They are reviewed like the rest of the configuration.
    #[schemars(example = serde_json::json!([{ "code": "A304", "scope": "hr-prod/app-passes", "to": 80, "until": "2026-12-15" }]))]
    pub allow: Option<Vec<AllowEntry>>,
    /// Environments by key, for a tenant so small that it needs no other file. Plans and messages use the key.
    #[schemars(example = serde_json::json!({ "hr-prod": { "id": "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55" } }))]
    pub environments: Option<ByKey<Environment>>,
}

/// A file of environments, included by the root.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environments {
    /// The version of the configuration language: always 1.
    #[schemars(example = 1)]
    pub version: VersionNumber,
    /// The budget of the environments in this file that name none.
    #[schemars(example = &"hr")]
    pub budget: Option<BudgetName>,
    /// Whom to ask about the environments in this file.
    #[schemars(example = &"hr-platform@contoso.com")]
    pub owner: Option<Text>,
    /// The environments by key. Plans and messages use the key.
    #[schemars(example = serde_json::json!({ "hr-prod": { "id": "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55" } }))]
    pub environments: ByKey<Environment>,
}

/// The tenant whose add-on capacity this is.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tenant {
    /// The name of the tenant in plans and messages.
    #[schemars(example = &"contoso")]
    pub name: Text,
    /// Where the tenant lives: a file on this machine, or Microsoft's licensing service. Default: `local`. Required in CI.
    #[schemars(example = &"power-platform")]
    pub provider: Option<ProviderWord>,
    /// The directory id of the tenant.
    #[schemars(example = &"8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10")]
    pub id: Option<TenantGuid>,
    /// The Microsoft cloud that the tenant lives in. Default: the one in POWER_PLATFORM_CLOUD or AZURE_AUTHORITY_HOST, else `public`.
    #[schemars(example = &"public")]
    pub cloud: Option<CloudWord>,
    /// The time zone in which days begin and end, as the IANA database names it. Default: UTC.
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<Text>,
    /// Who may allocate add-on capacity. If absent, the setting is unmanaged.
    #[schemars(example = &"only-specific-admins")]
    pub who_can_allocate: Option<WhoWord>,
}

/// An exception: lets one refusal through until a day.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowEntry {
    /// The code of the refusal.
    #[schemars(example = &"A304")]
    pub code: AllowableCode,
    /// What the refusal is about, as its message says: `ENVIRONMENT/ADD-ON`, an environment, an add-on, or `tenant`.
    #[schemars(example = &"hr-prod/app-passes")]
    pub scope: Text,
    /// The least units that the environment must keep. Required for A303, A304 and A305, and only for these.
    #[schemars(example = 80)]
    pub to: Option<Units>,
    /// The last day on which the exception counts.
    #[schemars(example = &"2026-12-15")]
    pub until: Day,
    /// The ticket of the exception.
    #[schemars(example = &"CHG0048222")]
    pub ticket: Option<Text>,
    /// Why the exception is needed.
    #[schemars(example = &"the team moved to another tenant")]
    pub reason: Option<Text>,
}

/// Limits of a business unit.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Budget {
    /// The cost center that pays.
    #[schemars(example = &"CC-4711")]
    pub cost_center: Option<Text>,
    /// The most that the environments of this budget may hold together. A limit may be dated, as a purchase may: parts in force on a day
    /// are added up, and on a day without any the limit is 0.
    #[schemars(example = serde_json::json!({
        "app-passes": 400,
        "portal-page-views": [{ "units": 400000, "until": "2026-12-31" }, { "units": 280000, "from": "2027-01-01" }]
    }))]
    pub limits: Option<ByAddOn<Limits>>,
}

/// Allocations by environment class.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Defaults {
    /// For production environments.
    #[schemars(example = serde_json::json!({ "portal-logins": "unmanaged" }))]
    pub production: Option<ByNamedAddOn<DefaultCell>>,
    /// For sandboxes.
    #[schemars(example = serde_json::json!({ "copilot-credits": 0 }))]
    pub sandbox: Option<ByNamedAddOn<DefaultCell>>,
    /// For developer environments.
    #[schemars(example = serde_json::json!({ "app-passes": 0 }))]
    pub developer: Option<ByNamedAddOn<DefaultCell>>,
    /// For trials.
    #[schemars(example = serde_json::json!({ "app-passes": 0 }))]
    pub trial: Option<ByNamedAddOn<DefaultCell>>,
    /// For Dataverse for Teams.
    #[schemars(example = serde_json::json!({ "app-passes-teams": 0 }))]
    pub teams: Option<ByNamedAddOn<DefaultCell>>,
    /// For the default environment.
    #[schemars(example = serde_json::json!({ "app-passes": 0 }))]
    pub default: Option<ByNamedAddOn<DefaultCell>>,
}

/// One environment and its allocations.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environment {
    /// The id of the environment: a GUID, or `Default-` and the tenant's GUID.
    #[schemars(example = &"3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55")]
    pub id: EnvironmentGuid,
    /// The name of the environment in the tenant. A plan warns if the tenant reports another.
    #[schemars(example = &"HR (Prod)")]
    pub name: Option<Text>,
    /// The class, which selects the defaults.
    #[schemars(example = &"production")]
    pub class: Option<Class>,
    /// Whether every decrease needs its own allowance: `--allow`, or an entry of `allow:`.
    #[schemars(example = true)]
    pub protect: Option<bool>,
    /// The budget that this environment counts against.
    #[schemars(example = &"hr")]
    pub budget: Option<BudgetName>,
    /// Whom to ask about this environment.
    #[schemars(example = &"hr-platform@contoso.com")]
    pub owner: Option<Text>,
    /// The units that this environment holds. An absent add-on is unmanaged; 0 means none. An add-on of the tenant that this version of
    /// allot does not know can only be `unmanaged`, under its API value.
    #[schemars(example = serde_json::json!({ "app-passes": 120, "portal-logins": "unmanaged" }))]
    pub allocations: Option<ByNamedAddOn<Cell>>,
}
