//! Mappings by add-on and by key.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::manifest::decode::other_names;
use crate::model::catalog::CATALOG;
use crate::model::terms::KEY_PATTERN;

/// A value for each of some add-ons.
pub struct ByAddOn<T>(PhantomData<T>);

/// Every word that names an add-on, the slugs first.
pub(super) fn add_on_words() -> Vec<&'static str> {
    CATALOG.iter().map(|entry| entry.slug).chain(CATALOG.iter().flat_map(other_names)).collect()
}

impl<T: JsonSchema> JsonSchema for ByAddOn<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByAddOn", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        // Editors offer what stands under `properties`; the other names are accepted and not offered.
        let property = |(slug, name, units): (&str, &str, &str)| {
            let described = json!({ "description": format!("{name}, in {units}."), "examples": [0], "allOf": [value] });
            (slug.to_owned(), described)
        };
        let rows = CATALOG.iter().map(|entry| (entry.slug, entry.display_name, entry.units));
        let properties: Map<String, Value> = rows.map(property).collect();
        json_schema!({
            "type": "object",
            "properties": properties,
            "propertyNames": { "enum": add_on_words() },
            "additionalProperties": value,
        })
    }
}

/// A value for each of some keys.
pub struct ByKey<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for ByKey<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByKey", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "propertyNames": { "pattern": KEY_PATTERN }, "additionalProperties": value })
    }
}
