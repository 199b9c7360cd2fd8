//! Mappings, lists, and the keys that a mapping may have.

use std::fmt::Display;

use super::reader::{KeyedNode, Reader};
use crate::manifest::mistakes;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::near::{closest, did_you_mean};
use crate::model::source::{Located, Span};

/// What a mapping is called in messages.
const MAPPING: &str = "keys with values below it";

/// A mapping with a fixed set of keys.
pub(super) struct Fields<'node> {
    /// The place at which missing keys are reported.
    pub(super) span: Span,
    what: &'static str,
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
    pub(super) fn first_unknown(&self, known: &[&str]) -> Option<&'node str> {
        let is_other = |key: &str| closest(key, known.iter().copied()).is_none();
        let has_keys = |node: &Node<'_>| matches!(node.kind, NodeKind::Mapping(_));
        self.entries.iter().find(|(key, node)| is_other(key.value) && has_keys(node)).map(|(key, _)| key.value)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }
}

impl Reader {
    /// Reads a mapping. A key that is not `known` is an error, and so is any value but a mapping.
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
        if found.is_none() {
            let finding = Finding::error(Code::A105, format!("{} lacks `{key}`", fields.what))
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
            _ => self.wrong(node, what, "a list"),
        }
    }

    /// Reports a value of the wrong type. Always returns `None`.
    pub(super) fn wrong<T>(&mut self, node: &Node<'_>, what: impl Display + Copy, wanted: &str) -> Option<T> {
        let finding = match &node.kind {
            NodeKind::Null => {
                Finding::error(Code::A104, format!("{what} has no value")).help("give it one, or delete the line")
            }
            _ => Finding::error(Code::A104, format!("{what} must be {wanted}, and this is {}", node.kind.describe())),
        };
        let example = || example(&what.to_string()).filter(|_| !matches!(node.kind, NodeKind::Null));
        let finding = match meant(node, wanted).or_else(|| Some(format!("for example: `{}`", example()?))) {
            Some(help) => finding.help(help),
            None => finding,
        };
        self.report(finding.at(node.span, format!("expected {wanted}")));
        None
    }

    fn unknown_key(&mut self, key: Located<&str>, what: &str, known: &[&str]) {
        let finding =
            Finding::error(Code::A103, format!("{what} has no key `{}`", key.value)).at(key.span, "not known here");
        let dated = || known.contains(&"grants") && ["from", "until", "to", "expires"].contains(&key.value);
        let grant =
            || "units that begin or end on a day are a grant: `grants: [{ add: 5, until: 2027-06-30 }]`".to_owned();
        let meant = dated().then(grant).or_else(|| did_you_mean(key.value, known.iter().copied()));
        let finding = match meant {
            Some(meant) => finding.help(meant),
            None => finding.note(format!("known here: {}", known.join(", "))),
        };
        self.report(finding);
    }
}

/// An example of a mapping, by its name in messages.
fn example(what: &str) -> Option<&'static str> {
    Some(match what {
        "`tenant`" => "tenant: { name: contoso }",
        "`purchased`" => "purchased: { app-passes: 100 }",
        "`reserve`" => "reserve: { app-passes: 5% }",
        "`debts`" => "debts: { app-passes: 10 }",
        "`allocations`" => "allocations: { app-passes: 10 }",
        "`limits`" => "limits: { app-passes: 100 }",
        "`budgets`" => "budgets: { hr: { limits: { app-passes: 100 } } }",
        "`floors`" => "floors: { hr-prod: { app-passes: 10 } }",
        "`defaults`" => "defaults: { sandbox: { app-passes: 0 } }",
        "`rules`" => "rules: { neverBelowConsumption: true }",
        "`maxDecrease`" => "maxDecrease: { percent: 25 }",
        "`whenExhausted`" => "whenExhausted: { alert: true }",
        _ => return None,
    })
}

/// What was probably meant by a value of the wrong type.
fn meant(node: &Node<'_>, wanted: &str) -> Option<String> {
    match (&node.kind, wanted) {
        (NodeKind::Text { value, quoted: false }, MAPPING) => {
            let meant = mistakes::without_space(value)?;
            Some(format!("write a space after the colon: `{meant}`"))
        }
        (NodeKind::Sequence(items), MAPPING) => {
            let first = items.first()?;
            let NodeKind::Mapping(pairs) = &first.kind else { return None };
            Some(match pairs.as_slice() {
                [_] => "delete the `- ` at the beginning of each line".to_owned(),
                _ => "write a key and a colon instead of each `- `, such as `hr-prod:`, and indent its fields below"
                    .to_owned(),
            })
        }
        (NodeKind::Mapping(pairs), "a text") => {
            let [pair] = pairs.as_slice() else { return None };
            let id = mistakes::id_within(&pair.key.value)?;
            Some(format!("write it without the braces: {id}"))
        }
        _ => None,
    }
}
