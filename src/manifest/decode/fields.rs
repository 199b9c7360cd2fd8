//! Mappings, lists, and the keys that a mapping may have.

use std::fmt::Display;

use super::reader::{KeyedNode, Reader};
use crate::manifest::near::did_you_mean;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::{Located, Span};

/// A mapping whose keys are known.
pub(super) struct Fields<'node> {
    /// Where the mapping stands, for what is missing.
    pub(super) span: Span,
    what: &'static str,
    entries: Vec<KeyedNode<'node>>,
}

impl<'node> Fields<'node> {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'node Node<'node>> {
        self.entry(key).map(|(_, node)| node)
    }

    /// A key and its value.
    pub(super) fn entry(&self, key: &str) -> Option<KeyedNode<'node>> {
        self.entries.iter().find(|(name, _)| name.value == key).copied()
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }
}

impl Reader {
    /// A mapping with these keys; any other is complained about, and so is what is no mapping.
    pub(super) fn fields<'node>(
        &mut self,
        node: &'node Node<'node>,
        what: &'static str,
        known: &[&str],
    ) -> Option<Fields<'node>> {
        let entries = self.entries(node, what)?;
        for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.value)) {
            self.unknown_key(*key, what, known);
        }
        let span = entries.first().map_or(node.span, |(key, _)| key.span);
        Some(Fields { span, what, entries })
    }

    /// The value of a key that must be there.
    pub(super) fn required<'node>(
        &mut self,
        fields: &Fields<'node>,
        key: &str,
        example: &str,
    ) -> Option<&'node Node<'node>> {
        let found = fields.get(key);
        if found.is_none() {
            let finding = Finding::error(Code::A105, format!("{} lacks `{key}`", fields.what))
                .at(fields.span, format!("`{key}` is required here"));
            self.complain(finding.help(format!("write `{key}: {example}`")));
        }
        found
    }

    /// The entries of a mapping of any keys.
    pub(super) fn entries<'node>(
        &mut self,
        node: &'node Node<'node>,
        what: impl Display + Copy,
    ) -> Option<Vec<KeyedNode<'node>>> {
        match &node.kind {
            NodeKind::Mapping(pairs) => {
                let entry = |pair: &'node crate::manifest::tree::Pair<'node>| {
                    (Located::new(pair.key.value.as_ref(), pair.key.span), &pair.value)
                };
                Some(pairs.iter().map(entry).collect())
            }
            _ => self.wrong(node, what, "keys with values below it"),
        }
    }

    /// The items of a list.
    pub(super) fn items<'node>(
        &mut self,
        node: &'node Node<'node>,
        what: impl Display + Copy,
    ) -> Option<&'node [Node<'node>]> {
        match &node.kind {
            NodeKind::Sequence(items) => Some(items),
            _ => self.wrong(node, what, "a list"),
        }
    }

    /// Complains that a value is of the wrong type.
    pub(super) fn wrong<T>(&mut self, node: &Node<'_>, what: impl Display + Copy, wanted: &str) -> Option<T> {
        let finding = match &node.kind {
            NodeKind::Null => {
                Finding::error(Code::A104, format!("{what} has no value")).help("give it one, or delete the line")
            }
            _ => Finding::error(Code::A104, format!("{what} must be {wanted}, and this is {}", node.kind.describe())),
        };
        self.complain(finding.at(node.span, format!("expected {wanted}")));
        None
    }

    fn unknown_key(&mut self, key: Located<&str>, what: &str, known: &[&str]) {
        let finding =
            Finding::error(Code::A103, format!("{what} has no key `{}`", key.value)).at(key.span, "not known here");
        let finding = match did_you_mean(key.value, known.iter().copied()) {
            Some(meant) => finding.help(meant),
            None => finding.note(format!("known here: {}", known.join(", "))),
        };
        self.complain(finding);
    }
}
