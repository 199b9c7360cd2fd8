//! Schema types of mappings by add-on and by key.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::model::catalog::names::{UNCATALOGUED_PATTERN, other_names};
use crate::model::catalog::{CATALOG, CatalogEntry};
use crate::model::terms::KEY_PATTERN;

/// A mapping from add-ons to values.
pub struct ByAddOn<T>(PhantomData<T>);

/// A mapping from add-ons that environments can hold to values.
pub struct ByHeldAddOn<T>(PhantomData<T>);

/// Every word that names an add-on, the slugs first.
pub(super) fn add_on_words() -> Vec<&'static str> {
    words(|_| true)
}

fn words(wanted: fn(&CatalogEntry) -> bool) -> Vec<&'static str> {
    let rows = || CATALOG.iter().filter(|entry| wanted(entry));
    rows().map(|entry| entry.slug).chain(rows().flat_map(other_names)).collect()
}

fn is_held(entry: &CatalogEntry) -> bool {
    entry.not_allocatable.is_none()
}

impl<T: JsonSchema> JsonSchema for ByAddOn<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByAddOn", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        by_add_on::<T>(generator, |_| true)
    }
}

impl<T: JsonSchema> JsonSchema for ByHeldAddOn<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByHeldAddOn", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        by_add_on::<T>(generator, is_held)
    }
}

fn by_add_on<T: JsonSchema>(generator: &mut SchemaGenerator, wanted: fn(&CatalogEntry) -> bool) -> Schema {
    let value = generator.subschema_for::<T>();
    // Editors show the descriptions under `properties`, and suggest these keys before those of `propertyNames`.
    let property = |entry: &CatalogEntry| {
        let description = format!("{}, in {}.", entry.display_name, entry.units);
        (entry.slug.to_owned(), json!({ "description": description, "examples": [0], "allOf": [value] }))
    };
    let properties: Map<String, Value> = CATALOG.iter().filter(|entry| wanted(entry)).map(property).collect();
    json_schema!({
        "type": "object",
        "properties": properties,
        "propertyNames": { "enum": words(wanted) },
        "additionalProperties": value,
    })
}

/// A mapping from add-ons that environments can hold to values. An add-on that the catalog does not have is named by its API value, and
/// can only be unmanaged.
pub struct ByNamedAddOn<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for ByNamedAddOn<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByNamedAddOn", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = by_add_on::<T>(generator, is_held);
        let not_held: Vec<&str> = CATALOG.iter().filter(|entry| !is_held(entry)).flat_map(other_names).collect();
        let uncatalogued = json!({ "pattern": UNCATALOGUED_PATTERN, "not": { "enum": not_held } });
        schema.insert("propertyNames".to_owned(), json!({ "anyOf": [{ "enum": words(is_held) }, uncatalogued] }));
        // The pattern also matches some catalog names, so they are excluded. They consist of letters and digits, so the
        // regex needs no escapes.
        let has_form = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let held: Vec<&str> = words(is_held).into_iter().filter(has_form).collect();
        let others = UNCATALOGUED_PATTERN.replacen('^', &format!("^(?!(?:{})$)", held.join("|")), 1);
        schema.insert("patternProperties".to_owned(), json!({ others: { "const": "unmanaged" } }));
        schema
    }
}

/// A mapping from keys to values.
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
