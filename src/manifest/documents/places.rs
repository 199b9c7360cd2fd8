//! The places of a file that hold a value for each add-on, and what editors show there.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::amounts::{Cell, Limits, Purchases, Reserve};
use super::scalars::{Debt, Floor, LargestDecrease};
use crate::model::catalog::CatalogEntry;

/// A value of a mapping by add-on, as editors explain and complete it.
pub trait Place: JsonSchema {
    /// What the value is, after the name of the add-on.
    const TITLE: &'static str;
    /// A sentence about the value.
    const DESCRIPTION: &'static str;

    /// Whether editors suggest add-ons that environments cannot hold, too.
    const SUGGESTS_ALL: bool = false;

    /// The value that an editor inserts. Never 0: in an allocation, 0 gives all units back.
    fn example(entry: &CatalogEntry) -> Value {
        json!(entry.pack_size.unwrap_or(10))
    }
}

impl Place for Cell {
    const TITLE: &'static str = "allocation";
    const DESCRIPTION: &'static str =
        "The amount that this environment holds: 0 takes all units away, `unmanaged` leaves them as they are.";
}

/// A cell among the defaults of a class.
pub struct DefaultCell;

impl JsonSchema for DefaultCell {
    fn schema_name() -> Cow<'static, str> {
        "DefaultCell".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Cell>()
    }
}

impl Place for DefaultCell {
    const TITLE: &'static str = "default of a class";
    const DESCRIPTION: &'static str =
        "The amount of each declared environment of this class without a value of its own.";
}

impl Place for Purchases {
    const TITLE: &'static str = "purchased";
    const DESCRIPTION: &'static str =
        "The amount purchased: units, one purchase, or a list of purchases with their days.";
    const SUGGESTS_ALL: bool = true;
}

impl Place for Reserve {
    const TITLE: &'static str = "reserve";
    const DESCRIPTION: &'static str =
        "The amount that no plan may allocate: units, or a share of what was purchased, such as `3%`.";

    fn example(_: &CatalogEntry) -> Value {
        json!("3%")
    }
}

impl Place for Limits {
    const TITLE: &'static str = "limit of a budget";
    const DESCRIPTION: &'static str = "The most that the environments of this budget may hold together.";
}

impl Place for Debt {
    const TITLE: &'static str = "debt";
    const DESCRIPTION: &'static str = "The amount by which the pool may exceed what is owned.";
}

impl Place for Floor {
    const TITLE: &'static str = "floor";
    const DESCRIPTION: &'static str = "The amount below which no plan goes in this environment.";
}

impl Place for LargestDecrease {
    const TITLE: &'static str = "largest decrease";
    const DESCRIPTION: &'static str = "The most that one plan may take away.";
}
