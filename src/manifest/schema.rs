//! The JSON Schemas, and the validation of the marked tree.

mod instance;

use std::sync::OnceLock;

use jsonschema::Validator;
use jsonschema::paths::LocationSegment;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use self::instance::Tree;
use super::documents::{Environments, Root, lists_of_names};
use super::tree::{Node, NodeKind};
use crate::model::code::Code;
use crate::model::finding::Finding;

/// The file name of the root's schema in `schemas/`.
pub const ROOT_FILE: &str = "allotment.schema.json";
/// The file name of the environment files' schema in `schemas/`.
pub const ENVIRONMENTS_FILE: &str = "environments.schema.json";
/// The address below which the schemas are published.
pub const PUBLISHED_AT: &str = "https://raw.githubusercontent.com/allotment-dev/allotment/main/schemas/";

/// The JSON Schema (draft-07) of the root file.
pub fn schema_root() -> Value {
    schema::<Root>(ROOT_FILE)
}

/// The JSON Schema (draft-07) of environment files.
pub fn schema_environments() -> Value {
    schema::<Environments>(ENVIRONMENTS_FILE)
}

/// The text of `schemas/allotment.schema.json`.
pub fn root_text() -> String {
    text(&schema_root())
}

/// The text of `schemas/environments.schema.json`.
pub fn environments_text() -> String {
    text(&schema_environments())
}

fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

fn schema<T: JsonSchema>(file: &str) -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.transforms.insert(0, Box::new(WithoutNull)));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), format!("{PUBLISHED_AT}{file}").into());
    schema.to_value()
}

/// Removes `null` from the schemas: an optional key is absent or has a value.
#[derive(Clone, Debug)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            let before = types.len();
            types.retain(|name| name != "null");
            if let [only] = types.as_slice()
                && before > 1
            {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(words)) = object.get_mut("enum") {
            words.retain(|word| !word.is_null());
        }
        let null = |schema: &Value| schema.get("type").is_some_and(|name| name == "null");
        if let Some(Value::Array(choices)) = object.get("anyOf")
            && choices.iter().any(null)
        {
            let rest: Vec<Value> = choices.iter().filter(|choice| !null(choice)).cloned().collect();
            object.remove("anyOf");
            object.insert(if rest.len() == 1 { "allOf" } else { "anyOf" }.to_owned(), rest.into());
        }
    }
}

/// Both validators. Each is compiled on first use, so that reading other files does not wait for it.
pub(super) struct Validators {
    root: OnceLock<Option<Validator<Tree>>>,
    environments: OnceLock<Option<Validator<Tree>>>,
}

impl Validators {
    pub(super) const fn new() -> Validators {
        Validators { root: OnceLock::new(), environments: OnceLock::new() }
    }

    pub(super) fn root(&self, node: &Node<'_>) -> Vec<Finding> {
        refusals(self.root.get_or_init(|| validator(with_lists(schema_root()))).as_ref(), node)
    }

    pub(super) fn environments(&self, node: &Node<'_>) -> Vec<Finding> {
        refusals(self.environments.get_or_init(|| validator(with_lists(schema_environments()))).as_ref(), node)
    }
}

/// Compiles a schema. Tests ensure that both compile; with `None`, only the decoder checks files.
fn validator(schema: Value) -> Option<Validator<Tree>> {
    jsonschema::options_for::<Tree>().with_draft(jsonschema::Draft::Draft7).build(&schema).ok()
}

/// The schema with lists of names instead of patterns. Every command compiles it; the verdicts are the same.
fn with_lists(mut schema: Value) -> Value {
    if let Some(definitions) = schema.get_mut("definitions").and_then(Value::as_object_mut) {
        for (name, list) in lists_of_names() {
            if let Some(definition) = definitions.get_mut(name.as_ref()) {
                *definition = list;
            }
        }
    }
    schema
}

fn refusals(validator: Option<&Validator<Tree>>, node: &Node<'_>) -> Vec<Finding> {
    let Some(validator) = validator else { return Vec::new() };
    if validator.is_valid(&node.kind) {
        return Vec::new();
    }
    let refusal = |error: jsonschema::ValidationError<'_>| {
        let place = error.instance_path().iter().fold(node, |node, segment| match (&node.kind, segment) {
            (NodeKind::Mapping(pairs), LocationSegment::Property(name)) => {
                pairs.iter().find(|pair| *pair.key.value == *name).map_or(node, |pair| &pair.value)
            }
            (NodeKind::Sequence(items), LocationSegment::Index(at)) => items.get(at).unwrap_or(node),
            _ => node,
        });
        Finding::error(Code::A120, format!("the schema refuses this: {}", error.masked())).at(place.span, "refused")
    };
    validator.iter_errors(&node.kind).map(refusal).collect()
}

#[cfg(test)]
mod tests;
