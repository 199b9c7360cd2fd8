//! Deserializes YAML into any type of serde with the parser of the configuration: errors have places, anchors and aliases are refused,
//! and numbers are plain integers.

use std::fmt::Display;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use super::parse::{MOST_NODES_OF_SEED, parse_up_to};
use super::tree::{Node, NodeKind, Pair};
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::{SourceId, Span};

/// Deserializes the text of a seed.
///
/// # Errors
///
/// All findings of the parser, or the first value that does not fit the type.
pub fn read<T: DeserializeOwned>(source: SourceId, text: &str) -> Result<T, Vec<Finding>> {
    let parsed = parse_up_to(MOST_NODES_OF_SEED, source, text);
    let (Some(root), false) = (parsed.root, parsed.findings.iter().any(Finding::is_error)) else {
        return Err(parsed.findings);
    };
    T::deserialize(NodeValue(&root)).map_err(|Mismatch { message, span }| {
        vec![Finding::error(Code::A104, message).at(span.unwrap_or(root.span), "here")]
    })
}

/// A value that does not fit the type, and its place.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Mismatch {
    message: String,
    span: Option<Span>,
}

impl Mismatch {
    /// Adds a place, unless an inner value has added its own.
    fn at(self, span: Span) -> Mismatch {
        Mismatch { span: self.span.or(Some(span)), ..self }
    }
}

impl serde::de::Error for Mismatch {
    fn custom<T: Display>(message: T) -> Mismatch {
        Mismatch { message: message.to_string(), span: None }
    }
}

struct NodeValue<'tree>(&'tree Node<'tree>);

impl<'de> Deserializer<'de> for NodeValue<'_> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let read = match &self.0.kind {
            NodeKind::Null => visitor.visit_unit(),
            NodeKind::Bool(value) => visitor.visit_bool(*value),
            NodeKind::Integer(value) => visitor.visit_u64(*value),
            NodeKind::Text { value, .. } => visitor.visit_str(value),
            NodeKind::Sequence(items) => visitor.visit_seq(Items(items.iter())),
            NodeKind::Mapping(pairs) => visitor.visit_map(Entries { pairs: pairs.iter(), value: None }),
        };
        read.map_err(|error| error.at(self.0.span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match &self.0.kind {
            NodeKind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    // A key without a value, such as `purchased:`, is an empty mapping.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match &self.0.kind {
            NodeKind::Null => visitor.visit_map(Entries { pairs: [].iter(), value: None }),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match &self.0.kind {
            NodeKind::Null => visitor.visit_seq(Items([].iter())),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let NodeValue(node) = self;
        let read = match &node.kind {
            NodeKind::Text { value, .. } => {
                let word: StrDeserializer<'_, Mismatch> = value.as_ref().into_deserializer();
                visitor.visit_enum(word)
            }
            NodeKind::Mapping(pairs) => {
                visitor.visit_enum(MapAccessDeserializer::new(Entries { pairs: pairs.iter(), value: None }))
            }
            _ => return self.deserialize_any(visitor),
        };
        read.map_err(|error| error.at(node.span))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct struct identifier ignored_any
    }
}

struct Items<'tree>(std::slice::Iter<'tree, Node<'tree>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        self.0.next().map(|node| seed.deserialize(NodeValue(node)).map_err(|error| error.at(node.span))).transpose()
    }
}

struct Entries<'tree> {
    pairs: std::slice::Iter<'tree, Pair<'tree>>,
    value: Option<&'tree Node<'tree>>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        let Some(pair) = self.pairs.next() else { return Ok(None) };
        self.value = Some(&pair.value);
        let key: StrDeserializer<'_, Mismatch> = pair.key.value.as_ref().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|error| error.at(pair.key.span))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        let Some(node) = self.value.take() else {
            return Err(serde::de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(NodeValue(node)).map_err(|error| error.at(node.span))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::read;
    use crate::model::source::Sources;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Thing {
        name: String,
        #[serde(default)]
        amounts: BTreeMap<String, u64>,
        word: Option<Word>,
        #[serde(default)]
        list: Vec<bool>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        One,
        Two,
    }

    fn thing(text: &str) -> Result<Thing, String> {
        let mut sources = Sources::new();
        let source = sources.add("f", text);
        read(source, text).map_err(|findings| {
            let first = &findings[0];
            format!("{}: {}", sources.place(first.primary.as_ref().unwrap().span), first.message)
        })
    }

    #[test]
    fn values_are_read_and_faults_have_places() {
        let whole = "name: a\namounts: { x: 1, y: 2 }\nword: two\nlist:\n  - true\n  - false\n";
        let amounts = BTreeMap::from([("x".to_owned(), 1), ("y".to_owned(), 2)]);
        let expected = Thing { name: "a".to_owned(), amounts, word: Some(Word::Two), list: vec![true, false] };
        assert_eq!(thing(whole), Ok(expected));
        let empty = Thing { name: "a".to_owned(), amounts: BTreeMap::new(), word: None, list: Vec::new() };
        assert_eq!(thing("name: a\namounts:\nword:\nlist:\n"), Ok(empty));
        for (text, expected) in [
            ("name: a\nother: 1\n", "f:2:1: unknown field `other`, expected one of"),
            ("name: a\namounts:\n  x: 1\n  y: 1_000\n", "f:4:6: invalid type: string \"1_000\", expected u64"),
            ("name: a\nlist: [true, 2]\n", "f:2:14: invalid type: integer `2`, expected a boolean"),
            ("name: a\nword: three\n", "f:2:7: unknown variant `three`, expected `one` or `two`"),
            ("amounts: {}\n", "f:1:1: missing field `name`"),
            ("name: a\nname: b\n", "f:2:1: duplicate key `name`"),
            ("name: &x a\n", "f:1:10: an anchor is not part of the language"),
            ("name: [\n", "f:1:7: this is not valid YAML"),
            ("", "f:1:1: the file is empty"),
        ] {
            let message = thing(text).unwrap_err();
            assert!(message.starts_with(expected), "{text:?}: {message}");
        }
    }
}
