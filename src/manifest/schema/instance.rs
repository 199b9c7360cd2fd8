//! Lets the schema validator read the marked tree without a copy.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use serde_json::{Map, Number, Value};

use crate::manifest::core_type::core_type;
use crate::manifest::tree::{Node, NodeKind, Pair};

/// The marked tree as a representation of JSON.
pub(in crate::manifest) enum Tree {}

impl Json for Tree {
    type Node<'a> = &'a NodeKind<'a>;
    type PreparedKey = String;
    type StringBuffer = ();

    /// How many keys an iteration visits at the cost of one lookup. A lookup is a linear search.
    const KEYS_PER_LOOKUP: usize = 2;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl for<'a> FnOnce(&'a NodeKind<'a>) -> T) -> T {
        f(&NodeKind::Text { value: Cow::Borrowed(string), quoted: true })
    }
}

/// A number. The tree has no other numbers than unsigned integers.
pub(in crate::manifest) struct Amount(u64);

impl JsonNumber for Amount {
    fn as_u64(&self) -> Option<u64> {
        Some(self.0)
    }

    fn as_i64(&self) -> Option<i64> {
        i64::try_from(self.0).ok()
    }

    fn as_f64(&self) -> Option<f64> {
        Number::from(self.0).as_f64()
    }

    fn as_str(&self) -> Cow<'_, str> {
        self.0.to_string().into()
    }

    fn to_number(&self) -> Cow<'_, Number> {
        Cow::Owned(self.0.into())
    }

    fn is_integer(&self) -> bool {
        true
    }

    fn is_written_as_integer(&self) -> bool {
        true
    }
}

/// Whether YAML takes a text without quotes for a number, a boolean or null. No place of a file accepts such a scalar, so it is null for
/// the schema, which accepts no null either.
fn is_mistaken(kind: &NodeKind<'_>) -> bool {
    matches!(kind, NodeKind::Text { value, quoted: false } if core_type(value).is_some())
}

impl<'a> JsonNode<'a, Tree> for &'a NodeKind<'a> {
    type Object = &'a [Pair<'a>];
    type Array = &'a [Node<'a>];
    type Number = Amount;

    fn as_object(&self) -> Option<&'a [Pair<'a>]> {
        match self {
            NodeKind::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<&'a [Node<'a>]> {
        match self {
            NodeKind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            NodeKind::Text { value, .. } if !is_mistaken(self) => Some(Cow::Borrowed(value)),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<Amount> {
        match **self {
            NodeKind::Integer(number) => Some(Amount(number)),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match **self {
            NodeKind::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, NodeKind::Null) || is_mistaken(self)
    }

    fn json_type(&self) -> JsonType {
        match **self {
            NodeKind::Null => JsonType::Null,
            _ if is_mistaken(self) => JsonType::Null,
            NodeKind::Bool(_) => JsonType::Boolean,
            NodeKind::Integer(_) => JsonType::Number,
            NodeKind::Text { .. } => JsonType::String,
            NodeKind::Sequence(_) => JsonType::Array,
            NodeKind::Mapping(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self, expected) {
            (NodeKind::Text { value, .. }, Value::String(expected)) => value == expected,
            (NodeKind::Text { .. }, _) | (_, Value::String(_)) => false,
            _ => *self.to_value() == *expected,
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(value(self))
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref::<NodeKind<'_>>(self).addr()))
    }
}

fn value(kind: &NodeKind<'_>) -> Value {
    match kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Integer(number) => Value::from(*number),
        NodeKind::Text { value, .. } => Value::from(value.as_ref()),
        NodeKind::Sequence(items) => items.iter().map(|item| value(&item.kind)).collect(),
        NodeKind::Mapping(pairs) => {
            let pair = |pair: &Pair<'_>| (pair.key.value.as_ref().to_owned(), value(&pair.value.kind));
            pairs.iter().map(pair).collect::<Map<String, Value>>().into()
        }
    }
}

pub(in crate::manifest) struct Members<'a>(std::slice::Iter<'a, Pair<'a>>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a NodeKind<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|pair| (pair.key.value.as_ref(), &pair.value.kind))
    }
}

impl<'a> Object<'a, Tree> for &'a [Pair<'a>] {
    type Node = &'a NodeKind<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        <[Pair<'_>]>::len(self)
    }

    fn get(&self, key: &String) -> Option<&'a NodeKind<'a>> {
        self.iter().find(|pair| pair.key.value == *key).map(|pair| &pair.value.kind)
    }

    fn members(&self) -> Members<'a> {
        Members(self.iter())
    }
}

pub(in crate::manifest) struct Elements<'a>(std::slice::Iter<'a, Node<'a>>);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a NodeKind<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|item| &item.kind)
    }
}

impl<'a> Array<'a, Tree> for &'a [Node<'a>] {
    type Node = &'a NodeKind<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        <[Node<'_>]>::len(self)
    }

    fn elements(&self) -> Elements<'a> {
        Elements(self.iter())
    }
}
