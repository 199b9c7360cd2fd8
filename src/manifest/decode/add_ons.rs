//! Mappings whose keys are add-ons, and the names of add-ons.

use std::fmt::Display;

use std::collections::BTreeMap;

use super::keys;
use super::reader::Reader;
use crate::manifest::mistakes;
use crate::manifest::shortened::shortened;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::catalog::names::other_names;
use crate::model::catalog::{AddOn, CATALOG};
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::Located;
use crate::model::terms::Units;

fn unknown(name: Located<&str>) -> Finding {
    Finding::error(Code::A113, format!("no add-on is called `{}`", shortened(name.value))).at(name.span, "unknown")
}

/// Whether a cell is the word `unmanaged`.
pub(super) fn is_unmanaged(node: &Node<'_>) -> bool {
    matches!(&node.kind, NodeKind::Text { value, .. } if value.as_ref() == "unmanaged")
}

impl Reader<'_> {
    /// Resolves the name of an add-on. A name other than the slug is a hint, an unknown name is an error.
    pub(super) fn add_on(&mut self, name: Located<&str>) -> Option<AddOn> {
        if let Some(add_on) = AddOn::from_slug(name.value) {
            return Some(add_on);
        }
        let other = CATALOG.iter().find(|entry| other_names(entry).any(|other| other == name.value));
        if let Some(entry) = other {
            let finding = Finding::hint(Code::A118, format!("`{}` is called `{}` here", name.value, entry.slug))
                .at(name.span, "another name of this add-on");
            self.report(finding.help(format!("write `{}`", entry.slug)));
            return AddOn::from_slug(entry.slug);
        }
        if !self.keeps(Code::A113) {
            self.report(unknown(name));
            return None;
        }
        let is_add_on = name.value.split_once(':').is_some_and(|(slug, _)| AddOn::from_slug(slug).is_some());
        let meant = mistakes::without_space(name.value).filter(|_| is_add_on);
        let equals = || {
            let (key, _) = name.value.split_once('=')?;
            AddOn::from_slug(key.trim())?;
            mistakes::without_colon(name.value).map(|meant| format!("write a colon after the key: `{meant}`"))
        };
        let help = meant
            .map(|meant| format!("write a space after the colon: `{meant}`"))
            .or_else(equals)
            .or_else(|| keys::in_place_of_add_on(name.value))
            .or_else(|| AddOn::did_you_mean(name.value));
        self.report(unknown(name).help(help.unwrap_or_else(|| "`allot explain` lists every add-on".to_owned())));
        None
    }

    /// Resolves the name of an add-on whose cell is `value`. An API value that the catalog does not have can only be unmanaged.
    pub(super) fn add_on_of_cell(&mut self, name: Located<&str>, value: &Node<'_>) -> Option<AddOn> {
        let Some(add_on) = AddOn::uncatalogued(name.value) else { return self.add_on(name) };
        if is_unmanaged(value) {
            return Some(add_on);
        }
        if !AddOn::near(name.value).is_empty() {
            return self.add_on(name);
        }
        let help = "`allot explain` lists every add-on; one that this version does not know can only be `unmanaged`";
        self.report(unknown(name).help(help));
        None
    }

    /// The entries of a mapping whose keys are add-ons of the catalog. A duplicate add-on is an error.
    pub(super) fn by_add_on<'node>(
        &mut self,
        node: &'node Node<'node>,
        what: impl Display + Copy,
    ) -> Option<Vec<(Located<AddOn>, &'node Node<'node>)>> {
        self.by_resolved_add_on(node, what, |reader, name, _| reader.add_on(name))
    }

    /// The entries of a mapping whose keys `resolve` turns into add-ons. A duplicate add-on is an error.
    pub(super) fn by_resolved_add_on<'node>(
        &mut self,
        node: &'node Node<'node>,
        what: impl Display + Copy,
        resolve: fn(&mut Self, Located<&str>, &Node<'_>) -> Option<AddOn>,
    ) -> Option<Vec<(Located<AddOn>, &'node Node<'node>)>> {
        let entries = self.entries(node, what)?;
        let mut found: Vec<(Located<AddOn>, &Node<'_>)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let before = self.findings.len();
            let Some(add_on) = resolve(self, key, value) else { continue };
            // There are few add-ons, so an index would cost more than it saves.
            if let Some((first, _)) = found.iter().find(|(name, _)| name.value == add_on) {
                // The error replaces the hint about another name.
                self.findings.truncate(before);
                let finding = Finding::error(Code::A122, format!("{} is named twice in {what}", add_on.display_name()))
                    .at(key.span, "named again")
                    .see(first.span, "named here before");
                self.report(finding.help(format!("keep one, as `{}`", add_on.slug())));
                continue;
            }
            found.push((Located::new(add_on, key.span), value));
        }
        Some(found)
    }

    /// Whether environments can hold an add-on; reports an error if not.
    pub(super) fn allocatable(&mut self, add_on: &Located<AddOn>) -> bool {
        let Some(reason) = add_on.value.entry().and_then(|entry| entry.not_allocatable) else { return true };
        let message = format!("{} cannot be allocated to environments", add_on.value.display_name());
        self.report(Finding::error(Code::A117, message).at(add_on.span, "cannot be allocated").note(reason));
        false
    }

    /// Plain amounts of at most `max` by add-on.
    pub(super) fn amounts(
        &mut self,
        node: &Node<'_>,
        what: impl Display + Copy,
        max: Units,
        allocatable: bool,
    ) -> BTreeMap<AddOn, Located<Units>> {
        let mut amounts = BTreeMap::new();
        for (add_on, value) in self.by_add_on(node, what).unwrap_or_default() {
            if allocatable && !self.allocatable(&add_on) {
                continue;
            }
            if let Some(units) = self.units(value, format_args!("`{}`", add_on.value.slug()), max) {
                amounts.insert(add_on.value, units);
            }
        }
        amounts
    }
}
