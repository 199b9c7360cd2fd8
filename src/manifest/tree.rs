//! The marked tree: a YAML document with the place of every key and value. It borrows from the text, because it lives no
//! longer than the reading of one file.

use std::borrow::Cow;

use crate::model::source::{Located, Span};

/// One value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'text> {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind<'text>,
}

/// What a value is. Only `true`, `false` and plain decimal integers are more than text; a scalar such as `012`, `1e3`
/// or `1_000` is unquoted text, and what wants an amount says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind<'text> {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// `0|[1-9][0-9]*`, at most 2^64 - 1; a longer one is text.
    Integer(u64),
    /// Everything else that is no collection.
    Text {
        /// The text.
        value: Cow<'text, str>,
        /// Whether it stands in quotes (or is a block scalar).
        quoted: bool,
    },
    /// A list.
    Sequence(Vec<Node<'text>>),
    /// Keys and values in the order in which they are written; no key twice.
    Mapping(Vec<Pair<'text>>),
}

impl NodeKind<'_> {
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
    /// The key and where it stands.
    pub key: Located<Cow<'text, str>>,
    /// The value.
    pub value: Node<'text>,
}
