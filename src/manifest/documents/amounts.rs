//! Schema types of amounts, purchases, grants and switches.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalars::{Day, Limit, Text, Units};

/// A purchase, and the days on which its units are owned.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
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
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
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
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
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

/// Units, one purchase, or a list of purchases.
pub struct Purchases;

impl JsonSchema for Purchases {
    fn schema_name() -> Cow<'static, str> {
        "Purchases".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let units = generator.subschema_for::<Limit>();
        let one = generator.subschema_for::<Purchase>();
        json_schema!({ "anyOf": [units, one, { "type": "array", "items": one, "minItems": 1 }] })
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
        json_schema!({ "anyOf": [units, one, { "type": "array", "items": one, "minItems": 1 }] })
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
        json_schema!({ "anyOf": [units, { "type": "string", "pattern": "^(100|[1-9]?[0-9])%$" }] })
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
        json_schema!({ "anyOf": [units, { "type": "string", "enum": ["unmanaged"] }, more] })
    }
}
