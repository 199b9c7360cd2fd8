//! Schema types of mappings by add-on and by key.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::add_on_names::{AddOnName, HeldAddOnName, NamedAddOnName, is_held};
use super::places::Place;
use crate::model::catalog::names::{UNCATALOGUED_PATTERN, other_names};
use crate::model::catalog::{CATALOG, CatalogEntry};
use crate::model::terms::KEY_PATTERN;

/// A mapping from add-ons to values.
pub struct ByAddOn<T>(PhantomData<T>);

/// A mapping from add-ons that environments can hold to values.
pub struct ByHeldAddOn<T>(PhantomData<T>);

/// A mapping from add-ons that environments can hold to values. An add-on that the catalog does not have is named by its API value, and
/// can only be unmanaged.
pub struct ByNamedAddOn<T>(PhantomData<T>);

impl<T: Place> JsonSchema for ByAddOn<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByAddOn", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        by_add_on::<T, AddOnName>(generator, |_| true)
    }
}

impl<T: Place> JsonSchema for ByHeldAddOn<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByHeldAddOn", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        by_add_on::<T, HeldAddOnName>(generator, is_held)
    }
}

/// Editors show titles and descriptions of `properties`, suggest these keys only, and insert the example as the value.
fn by_add_on<T: Place, N: JsonSchema>(generator: &mut SchemaGenerator, wanted: fn(&CatalogEntry) -> bool) -> Schema {
    let value = generator.subschema_for::<T>();
    let property = |entry: &CatalogEntry| {
        let description = format!("{}, in {}. {}", entry.display_name, entry.units, T::DESCRIPTION);
        let mut shown = json!({
            "title": format!("{}: {}", entry.display_name, T::TITLE),
            "description": description,
            "examples": [T::example(entry)],
            "allOf": [value],
        });
        if !is_held(entry) && !T::SUGGESTS_ALL {
            shown["doNotSuggest"] = true.into();
        }
        (entry.slug.to_owned(), shown)
    };
    let properties: Map<String, Value> = CATALOG.iter().filter(|entry| wanted(entry)).map(property).collect();
    let names = generator.subschema_for::<N>();
    json_schema!({
        "type": "object",
        "errorMessage": "Write add-ons with their values below this key, such as `app-passes: 10`.",
        "properties": properties,
        "propertyNames": names,
        "additionalProperties": value,
    })
}

impl<T: Place> JsonSchema for ByNamedAddOn<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByNamedAddOn", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = by_add_on::<T, NamedAddOnName>(generator, is_held);
        // The pattern also matches some catalog names, so they are excluded. They consist of letters and digits, so the
        // regex needs no escapes.
        let names = CATALOG.iter().filter(|entry| is_held(entry)).flat_map(|entry| {
            let has_form = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            std::iter::once(entry.slug).chain(other_names(entry)).filter(has_form)
        });
        let held: Vec<&str> = names.collect();
        let others = UNCATALOGUED_PATTERN.replacen('^', &format!("^(?!(?:{})$)", held.join("|")), 1);
        let message = "This version of allot does not know the add-on, so it can only be `unmanaged`.";
        let unmanaged = json!({ others: { "const": "unmanaged", "errorMessage": message } });
        schema.insert("patternProperties".to_owned(), unmanaged);
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
