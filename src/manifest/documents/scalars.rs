//! Schema types of numbers, words and texts.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::add_on_names::{AddOnName, NO_NAME, is_held};
use crate::model::catalog::CATALOG;
use crate::model::code::Code;
use crate::model::terms::{KEY_PATTERN, Units as Amount};

/// What an editor says of a value that is no amount.
pub(super) const DIGITS_ONLY: &str = "Write the amount in digits only, such as 500000.";

macro_rules! scalars {
    ($($(#[$doc:meta])* $name:ident = $schema:tt;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn inline_schema() -> bool {
                    true
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!($schema)
                }
            }
        )+
    };
}

scalars! {
    /// The version of the language.
    VersionNumber = { "type": "integer", "enum": [1] };
    /// Units that an environment can hold.
    Units = {
        "type": "integer", "minimum": 0, "maximum": (Amount::MAX_ALLOCATION.get()), "errorMessage": DIGITS_ONLY
    };
    /// Units that can be purchased.
    Limit = { "type": "integer", "minimum": 0, "maximum": (Amount::MAX_PURCHASE.get()), "errorMessage": DIGITS_ONLY };
    /// Units by which a pool may exceed those owned.
    Debt = { "type": "integer", "minimum": 0, "maximum": (Amount::MAX_PURCHASE.get()), "errorMessage": DIGITS_ONLY };
    /// The most units that one plan may take away.
    LargestDecrease = { "type": "integer", "minimum": 0, "maximum": (Amount::MAX_PURCHASE.get()), "errorMessage": DIGITS_ONLY };
    /// Units below which no plan goes.
    Floor = {
        "type": "integer", "minimum": 0, "maximum": (Amount::MAX_ALLOCATION.get()), "errorMessage": DIGITS_ONLY
    };
    /// A count of days or environments.
    Count = { "type": "integer", "minimum": 0, "maximum": 1_000_000 };
    /// A percentage.
    PercentNumber = { "type": "integer", "minimum": 0, "maximum": 100 };
    /// A text that is not blank.
    Text = { "type": "string", "pattern": "\\S" };
    /// A calendar date.
    Day = { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" };
    /// The id of an environment.
    EnvironmentGuid = {
        "type": "string",
        "pattern": "^([A-Za-z]{6,7}-[A-Za-z0-9-]{1,64}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$"
    };
    /// The id of a tenant.
    TenantGuid = { "type": "string", "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$" };
    /// The key of a budget.
    BudgetName = { "type": "string", "pattern": KEY_PATTERN };
    /// The code of a refusal that can be allowed.
    AllowableCode = { "type": "string", "enum": (Code::allowable().map(Code::as_str).collect::<Vec<_>>()) };
    /// Where a tenant lives.
    ProviderWord = { "type": "string", "enum": ["local", "power-platform"] };
    /// One of Microsoft's clouds.
    CloudWord = { "type": "string", "enum": ["public", "gcc", "gcc-high", "dod", "china"] };
    /// Who may allocate capacity.
    WhoWord = { "type": "string", "enum": ["only-specific-admins", "environment-admins"] };
    /// The class of an environment.
    Class = { "type": "string", "enum": ["production", "sandbox", "developer", "trial", "teams", "default"] };
    /// What to do about unmanaged environments or add-ons.
    UnmanagedWord = { "type": "string", "enum": ["ignore", "report", "fail"] };
    /// Whether the default environment may hold allocations.
    DefaultEnvironmentWord = { "type": "string", "enum": ["allow", "deny"] };
}

/// The name of an add-on as a value.
pub struct AddOnWord;

impl JsonSchema for AddOnWord {
    fn schema_name() -> Cow<'static, str> {
        "AddOnWord".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = generator.subschema_for::<AddOnName>();
        let slugs: Vec<&str> = CATALOG.iter().filter(|entry| is_held(entry)).map(|entry| entry.slug).collect();
        // Every text satisfies the `anyOf`. It only makes editors suggest the slugs.
        json_schema!({
            "type": "string",
            "errorMessage": NO_NAME,
            "allOf": [name],
            "anyOf": [
                { "type": ["string"], "errorMessage": NO_NAME, "enum": slugs },
                { "type": ["string"], "errorMessage": NO_NAME }
            ],
        })
    }
}
