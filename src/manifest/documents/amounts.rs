//! Schema types of amounts, purchases, grants and switches.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::scalars::{Day, Limit, Text, Units};

/// What an editor says about a value that has none of the accepted forms.
const NO_CELL: &str = "Write the amount in digits only, such as 500000, or `unmanaged`.";
const NO_PURCHASE: &str = "Write the amount in digits only, such as 500000, or purchases with `units` or `packs`.";
const NO_LIMIT: &str = "Write the amount in digits only, such as 500000, or dated limits with `units` or `packs`.";
const NO_RESERVE: &str = "Write the amount in digits only, such as 500000, or a share such as 3%.";

/// A purchase, and the days on which its units are owned.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, transform = without_description)]
#[schemars(extend("oneOf" = [{ "required": ["units"] }, { "required": ["packs"] }]))]
pub struct Purchase {
    /// The units purchased.
    #[schemars(example = 500000)]
    pub units: Option<Limit>,
    /// The packs purchased, for add-ons that are sold in packs; multiplied by the pack size.
    #[schemars(example = 2)]
    pub packs: Option<Limit>,
    /// The first day on which the units are owned.
    #[schemars(example = &"2027-01-01")]
    pub from: Option<Day>,
    /// The last day on which the units are owned.
    #[schemars(example = &"2027-12-31")]
    pub until: Option<Day>,
    /// The agreement under which the units were purchased.
    #[schemars(example = &"EA-77310")]
    pub agreement: Option<Text>,
}

/// Units of a limit, and the days on which they count.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, transform = without_description)]
#[schemars(extend("oneOf" = [{ "required": ["units"] }, { "required": ["packs"] }]))]
pub struct DatedLimit {
    /// The most units.
    #[schemars(example = 400000)]
    pub units: Option<Limit>,
    /// The most packs, for add-ons that are sold in packs; multiplied by the pack size.
    #[schemars(example = 4)]
    pub packs: Option<Limit>,
    /// The first day on which the units count.
    #[schemars(example = &"2027-01-01")]
    pub from: Option<Day>,
    /// The last day on which the units count.
    #[schemars(example = &"2026-12-31")]
    pub until: Option<Day>,
}

/// An allocation in the long form, which can also set switches and grants.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, transform = without_description)]
#[schemars(extend(
    "anyOf" = [{ "required": ["units"] }, { "required": ["packs"] }, { "required": ["whenExhausted"] }, { "required": ["grants"] }],
    "not" = { "required": ["units", "packs"] }
))]
pub struct Allocation {
    /// The units held, without grants.
    #[schemars(example = 20000)]
    pub units: Option<Units>,
    /// The packs held, for add-ons that are sold in packs; multiplied by the pack size.
    #[schemars(example = 2)]
    pub packs: Option<Units>,
    /// What happens when the units are used up. An absent switch is unmanaged.
    #[schemars(example = serde_json::json!({ "drawFromTenant": false, "alert": true }))]
    pub when_exhausted: Option<WhenExhausted>,
    /// Additional units for a limited time.
    #[schemars(example = serde_json::json!([{ "add": 10, "from": "2026-12-01", "until": "2027-03-31" }]))]
    pub grants: Option<Vec<Grant>>,
    /// The ticket that asked for the amount.
    #[schemars(example = &"CHG0048211")]
    pub ticket: Option<Text>,
    /// The reason for the amount.
    #[schemars(example = &"Two more teams since May")]
    pub reason: Option<Text>,
}

/// What happens when an environment has used up its units.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct WhenExhausted {
    /// The environment may use unallocated units of the tenant.
    #[schemars(example = false)]
    pub draw_from_tenant: Option<bool>,
    /// Use beyond the allocation is billed to Azure.
    #[schemars(example = true)]
    pub pay_as_you_go: Option<bool>,
    /// The service sends an alert.
    #[schemars(example = true)]
    pub alert: Option<bool>,
    /// The service refuses further consumption.
    #[schemars(example = false)]
    pub deny: Option<bool>,
}

/// Additional units for a limited time: a loan that ends by itself.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// The units added.
    #[schemars(example = 10)]
    pub add: Units,
    /// The first day on which the units are added.
    #[schemars(example = &"2026-12-01")]
    pub from: Option<Day>,
    /// The last day on which the units are added.
    #[schemars(example = &"2027-03-31")]
    pub until: Option<Day>,
    /// The ticket that asked for the units.
    #[schemars(example = &"CHG0048211")]
    pub ticket: Option<Text>,
    /// The reason for the grant.
    #[schemars(example = &"Contractor team")]
    pub reason: Option<Text>,
}

/// Units as the first choice of an `anyOf`. Where no choice fits, an editor says what is wrong with the first.
fn amount(mut units: Schema, message: &str) -> Schema {
    units.insert("errorMessage".to_owned(), message.into());
    units
}

/// A choice that recognizes a long form by its type alone. The fields of the form are checked separately, so that an
/// editor reports what is wrong inside the form. The type is a list of one type: editors merge the errors about
/// types that are not in a list into one message of their own.
fn long_form(kind: &str, message: &str, (label, body): (&str, Value)) -> Value {
    json!({
        "type": [kind],
        "errorMessage": message,
        "defaultSnippets": [{ "label": label, "type": kind, "body": body }],
    })
}

/// Units, one dated part, or a list of dated parts.
fn dated(units: Schema, one: &Schema, message: &str) -> Schema {
    let part = json!({ "units": "^${1:10}", "until": "^${2:2027-12-31}" });
    json_schema!({
        "anyOf": [
            amount(units, message),
            long_form("object", message, ("units until a day", part)),
            { "type": ["array"] }
        ],
        "allOf": [
            { "if": { "type": "object" }, "then": one },
            { "if": { "type": "array" }, "then": { "type": "array", "items": one, "minItems": 1 } }
        ]
    })
}

/// Removes the description of a form: an editor would show it instead of the description of the add-on.
fn without_description(schema: &mut Schema) {
    schema.remove("description");
}

/// Units, one purchase, or a list of purchases.
pub struct Purchases;

impl JsonSchema for Purchases {
    fn schema_name() -> Cow<'static, str> {
        "Purchases".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let units = generator.subschema_for::<Limit>();
        let one = generator.subschema_for::<Purchase>();
        dated(units, &one, NO_PURCHASE)
    }
}

/// Units, one dated limit, or a list of dated limits.
pub struct Limits;

impl JsonSchema for Limits {
    fn schema_name() -> Cow<'static, str> {
        "Limits".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let units = generator.subschema_for::<Limit>();
        let one = generator.subschema_for::<DatedLimit>();
        dated(units, &one, NO_LIMIT)
    }
}

/// Units, or a share such as `3%`.
pub struct Reserve;

impl JsonSchema for Reserve {
    fn schema_name() -> Cow<'static, str> {
        "Reserve".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let units = generator.subschema_for::<Limit>();
        let share = json!({ "type": "string", "pattern": "^(100|[1-9]?[0-9])%$", "patternErrorMessage": NO_RESERVE });
        json_schema!({
            "anyOf": [amount(units, NO_RESERVE), { "type": ["string"] }],
            "if": { "type": "string" },
            "then": share,
        })
    }
}

/// Units, `unmanaged`, or an allocation in the long form.
pub struct Cell;

impl JsonSchema for Cell {
    fn schema_name() -> Cow<'static, str> {
        "Cell".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let units = generator.subschema_for::<Units>();
        let more = generator.subschema_for::<Allocation>();
        let allocation = json!({ "units": "^${1:10}", "whenExhausted": { "alert": "^${2:true}" } });
        let long = long_form("object", NO_CELL, ("units and switches", allocation));
        let unmanaged = json!({ "type": ["string"], "enum": ["unmanaged"] });
        json_schema!({
            "anyOf": [amount(units, NO_CELL), long, unmanaged],
            "if": { "type": "object" },
            "then": more,
        })
    }
}
