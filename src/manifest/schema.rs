//! The JSON Schemas, and the tree held against them.

use jsonschema::Validator;
use jsonschema::paths::LocationSegment;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

use super::documents::{Environments, Root};
use super::tree::{Node, NodeKind};
use crate::model::code::Code;
use crate::model::finding::Finding;

/// The name of the root's schema in `schemas/`.
pub const ROOT_FILE: &str = "allotment.schema.json";
/// The name of the environment files' schema in `schemas/`.
pub const ENVIRONMENTS_FILE: &str = "environments.schema.json";
/// Where the schemas are published.
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

/// A key is left out or has a value; null is not a third way.
#[derive(Clone, Debug)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
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

/// Both schemas, ready to be asked.
pub(super) struct Validators {
    root: Option<Validator>,
    environments: Option<Validator>,
}

impl Validators {
    /// Compiles both. The tests make sure that they can be; a schema that could not would leave the decoder alone in charge.
    pub(super) fn new() -> Validators {
        Validators {
            root: jsonschema::draft7::new(&schema_root()).ok(),
            environments: jsonschema::draft7::new(&schema_environments()).ok(),
        }
    }

    /// What the schema of the root says against a tree.
    pub(super) fn root(&self, node: &Node) -> Vec<Finding> {
        refusals(self.root.as_ref(), node)
    }

    /// What the schema of environment files says against a tree.
    pub(super) fn environments(&self, node: &Node) -> Vec<Finding> {
        refusals(self.environments.as_ref(), node)
    }
}

fn refusals(validator: Option<&Validator>, node: &Node) -> Vec<Finding> {
    let Some(validator) = validator else { return Vec::new() };
    let value = value(node);
    if validator.is_valid(&value) {
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
        Finding::error(Code::A120, format!("the schema refuses this: {error}")).at(place.span, "refused")
    };
    validator.iter_errors(&value).map(refusal).collect()
}

/// The tree without places.
pub(super) fn value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Integer(number) => Value::from(*number),
        NodeKind::Text { value, .. } => Value::from(value.as_ref()),
        NodeKind::Sequence(items) => items.iter().map(value).collect(),
        NodeKind::Mapping(pairs) => {
            let pair = |pair: &super::tree::Pair| (pair.key.value.as_ref().to_owned(), value(&pair.value));
            pairs.iter().map(pair).collect::<Map<String, Value>>().into()
        }
    }
}

#[cfg(test)]
mod tests;
