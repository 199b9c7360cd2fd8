//! Mappings, lists, and the keys that a mapping may have.

use std::fmt::Display;

use super::keys::Keys;
use super::reader::{KeyedNode, Reader};
use super::wrong::{LIST, MAPPING};
use crate::manifest::shortened::shortened;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::near::closest;
use crate::model::source::{Located, Span};

/// A mapping with a fixed set of keys.
pub(super) struct Fields<'node> {
    /// The place at which missing keys are reported.
    pub(super) span: Span,
    keys: &'static Keys,
    entries: Vec<KeyedNode<'node>>,
}

impl<'node> Fields<'node> {
    pub(super) fn get(&self, key: &str) -> Option<&'node Node<'node>> {
        self.entry(key).map(|(_, node)| node)
    }

    pub(super) fn entry(&self, key: &str) -> Option<KeyedNode<'node>> {
        self.entries.iter().find(|(name, _)| name.value == key).copied()
    }

    /// The first key that has keys below it, and is neither known nor a misspelling of a known key.
    pub(super) fn first_unknown(&self) -> Option<&'node str> {
        let is_other = |key: &str| closest(key, self.keys.keys.iter().copied()).is_none();
        let has_keys = |node: &Node<'_>| matches!(node.kind, NodeKind::Mapping(_));
        self.entries.iter().find(|(key, node)| is_other(key.value) && has_keys(node)).map(|(key, _)| key.value)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Whether a known key is missing because an unknown one is in its place, which is reported.
    pub(super) fn is_misnamed(&self, key: &str) -> bool {
        let present = self.present();
        let is_unknown = |other: &str| !self.keys.keys.contains(&other);
        self.entries.iter().any(|(other, _)| is_unknown(other.value) && self.meant(&present, other.value) == Some(key))
    }

    /// The known keys that the mapping has.
    fn present(&self) -> Vec<&'node str> {
        self.entries.iter().map(|(key, _)| key.value).filter(|key| self.keys.keys.contains(key)).collect()
    }

    /// The known key that was meant by an unknown one, if it is not there already.
    fn meant(&self, present: &[&str], unknown: &str) -> Option<&'static str> {
        let is_free = |key: &str| !present.contains(&key);
        closest(unknown, self.keys.keys.iter().copied().filter(|key| is_free(key)))
            .and_then(|meant| self.keys.keys.iter().copied().find(|key| *key == meant))
            .or_else(|| self.keys.other_word(unknown, is_free))
            .or_else(|| self.keys.begun(unknown).filter(|key| is_free(key)))
    }
}

impl Reader<'_> {
    /// Reads a mapping. A key that it may not have is an error, and so is any value but a mapping.
    pub(super) fn fields<'node>(&mut self, node: &'node Node<'node>, keys: &'static Keys) -> Option<Fields<'node>> {
        let entries = self.entries(node, keys.what)?;
        let span = entries.first().map_or(node.span, |(key, _)| key.span);
        let fields = Fields { span, keys, entries };
        if fields.entries.iter().any(|(key, _)| !keys.keys.contains(&key.value)) {
            let present = fields.present();
            for (key, value) in fields.entries.iter().filter(|(key, _)| !keys.keys.contains(&key.value)) {
                self.unknown_key(&fields, &present, *key, value);
            }
        }
        Some(fields)
    }

    /// The value of a key. A missing key is an error, whose help gives an example of a value.
    pub(super) fn required<'node>(
        &mut self,
        fields: &Fields<'node>,
        key: &str,
        example: &str,
    ) -> Option<&'node Node<'node>> {
        self.required_with(fields, key, || format!("write `{key}: {example}`, for example"))
    }

    /// The value of a key. A missing key is an error with this help.
    pub(super) fn required_with<'node>(
        &mut self,
        fields: &Fields<'node>,
        key: &str,
        help: impl FnOnce() -> String,
    ) -> Option<&'node Node<'node>> {
        let found = fields.get(key);
        if found.is_none() && !fields.is_misnamed(key) {
            let finding = Finding::error(Code::A105, format!("{} lacks `{key}`", fields.keys.what))
                .at(fields.span, format!("`{key}` is required here"));
            self.report(finding.help(help()));
        }
        found
    }

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
            _ => self.wrong(node, what, MAPPING),
        }
    }

    pub(super) fn items<'node>(
        &mut self,
        node: &'node Node<'node>,
        what: impl Display + Copy,
    ) -> Option<&'node [Node<'node>]> {
        match &node.kind {
            NodeKind::Sequence(items) => Some(items),
            _ => self.wrong(node, what, LIST),
        }
    }

    fn unknown_key(&mut self, fields: &Fields<'_>, present: &[&str], key: Located<&str>, value: &Node<'_>) {
        let keys = fields.keys;
        let finding = Finding::error(Code::A103, format!("{} has no key `{}`", keys.what, shortened(key.value)))
            .at(key.span, "not known here");
        let help = if self.keeps(Code::A103) && !self.is_long(key.span) {
            place_of(fields, present, key.value, value)
        } else {
            None
        };
        self.report(match help {
            Some(help) => finding.help(help),
            None => finding.note(format!("known here: {}", keys.keys.join(", "))),
        });
    }
}

/// What was meant by an unknown key, or where it belongs.
fn place_of(fields: &Fields<'_>, present: &[&str], key: &str, value: &Node<'_>) -> Option<String> {
    let keys = fields.keys;
    let is_dated = keys.keys.contains(&"grants") && ["from", "until", "to", "expires"].contains(&key);
    if is_dated {
        let grant = "units that begin or end on a day are a grant: `grants: [{ add: …, until: 2027-06-30 }]`";
        return Some(grant.to_owned());
    }
    if let Some(meant) = fields.meant(present, key) {
        return Some(format!("did you mean `{meant}`?"));
    }
    let add_on = || {
        let named = AddOn::from_slug(key).or_else(|| AddOn::from_other_name(key))?;
        keys.of_add_on(named.slug())
    };
    let there = || {
        let meant = closest(key, keys.keys.iter().copied())?;
        Some(format!("`{meant}` is there already: correct this key, or delete it"))
    };
    keys.elsewhere(key).or_else(add_on).or_else(|| environment(fields, key, value)).or_else(there)
}

/// The help for an environment in a mapping that has `environments`.
fn environment(fields: &Fields<'_>, key: &str, value: &Node<'_>) -> Option<String> {
    let NodeKind::Mapping(pairs) = &value.kind else { return None };
    let is_environment = pairs.iter().any(|pair| ["id", "allocations"].contains(&pair.key.value.as_ref()));
    if !is_environment || !fields.keys.keys.contains(&"environments") {
        return None;
    }
    let key = shortened(key);
    Some(match fields.has("environments") {
        true => format!("an environment is a key of `environments`: indent `{key}` and what is below it"),
        false => format!("write `environments:` above `{key}`, and indent `{key}` and what is below it"),
    })
}
