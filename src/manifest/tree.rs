//! The marked tree: the YAML of a file with the place of every key and value. It borrows from the text of the file.

use std::borrow::Cow;

use crate::model::source::{Located, Span};

/// One value of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'text> {
    /// The place of the value.
    pub span: Span,
    /// The type and content.
    pub kind: NodeKind<'text>,
}

/// The type and content of a value. A scalar such as `012`, `1e3` or `1_000` is unquoted text, which is refused as an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind<'text> {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// `0|[1-9][0-9]*`, at most 2^64 - 1; a larger one is text.
    Integer(u64),
    /// Any other scalar.
    Text {
        /// The text.
        value: Cow<'text, str>,
        /// Whether the text is in quotes or a block scalar.
        quoted: bool,
    },
    /// A list.
    Sequence(Vec<Node<'text>>),
    /// Keys and values in the order of the file, without duplicate keys.
    Mapping(Vec<Pair<'text>>),
}

impl NodeKind<'_> {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            NodeKind::Text { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The type of the value, as it completes "this is …".
    pub fn describe(&self) -> &'static str {
        match self {
            NodeKind::Null => "empty",
            NodeKind::Bool(_) => "true or false",
            NodeKind::Integer(_) => "a number",
            NodeKind::Text { .. } => "text",
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
        }
    }
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair<'text> {
    /// The key and its place.
    pub key: Located<Cow<'text, str>>,
    /// The value.
    pub value: Node<'text>,
}
