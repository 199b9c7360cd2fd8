//! Mappings whose keys are add-ons, and the names of add-ons.

use std::fmt::Display;

use std::collections::BTreeMap;

use super::reader::Reader;
use crate::manifest::near::closest;
use crate::manifest::tree::Node;
use crate::model::catalog::{AddOn, CATALOG, CatalogEntry};
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::Located;
use crate::model::terms::Units;

/// The accepted names of an add-on besides its slug: API value, display name, former names. Slugs, and names that another add-on
/// shares, are left out. Each name occurs once, because some validators do not compile an `enum` with a duplicate value.
pub(in crate::manifest) fn other_names(entry: &CatalogEntry) -> impl Iterator<Item = &'static str> {
    let is_its_own = |name: &str| AddOn::from_other_name(name).is_some_and(|add_on| add_on.slug() == entry.slug);
    let mut names = Vec::with_capacity(2 + entry.former_names.len());
    for name in [entry.api_value, entry.display_name].into_iter().chain(entry.former_names.iter().copied()) {
        if AddOn::from_slug(name).is_none() && is_its_own(name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter()
}

impl Reader {
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
        let near = AddOn::from_other_name(name.value).and_then(|add_on| add_on.entry()).map(|entry| entry.slug);
        let near = near.or_else(|| {
            let words = CATALOG.iter().flat_map(|entry| std::iter::once(entry.slug).chain(other_names(entry)));
            let word = closest(name.value, words)?;
            CATALOG
                .iter()
                .find(|entry| entry.slug == word || other_names(entry).any(|other| other == word))
                .map(|entry| entry.slug)
        });
        let finding =
            Finding::error(Code::A113, format!("no add-on is called `{}`", name.value)).at(name.span, "unknown");
        self.report(match near {
            Some(slug) => finding.help(format!("did you mean `{slug}`?")),
            None => finding.help("`allot explain` lists every add-on"),
        });
        None
    }

    /// The entries of a mapping whose keys are add-ons. A duplicate add-on is an error.
    pub(super) fn by_add_on<'node>(
        &mut self,
        node: &'node Node<'node>,
        what: impl Display + Copy,
    ) -> Option<Vec<(Located<AddOn>, &'node Node<'node>)>> {
        let entries = self.entries(node, what)?;
        let mut found: Vec<(Located<AddOn>, &Node<'_>)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let before = self.findings.len();
            let Some(add_on) = self.add_on(key) else { continue };
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
