//! Allocations: an amount, `unmanaged`, or an amount with switches and grants.

use std::fmt::Display;

use std::collections::BTreeMap;

use super::add_ons::is_unmanaged;
use super::fields::Fields;
use super::keys;
use super::reader::Reader;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::Grant;
use crate::model::document::Switch;
use crate::model::finding::Finding;
use crate::model::source::Located;
use crate::model::terms::Units;

/// The cell of one add-on, as a file declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum CellText {
    Unmanaged,
    /// A bare amount: the common case, stored without a box.
    Amount(Located<Units>),
    /// A mapping with an amount, grants or switches.
    Managed(Box<CellEntry>),
}

/// The fields of a managed cell. Each may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::manifest) struct CellEntry {
    pub(in crate::manifest) units: Option<Located<Units>>,
    /// Additional units for a limited time, with the place of their list.
    pub(in crate::manifest) grants: Option<Located<Vec<Grant>>>,
    pub(in crate::manifest) switches: BTreeMap<Switch, Located<bool>>,
    pub(in crate::manifest) ticket: Option<String>,
    pub(in crate::manifest) reason: Option<String>,
}

impl CellText {
    /// The fields of the cell; `None` if it is unmanaged.
    pub(in crate::manifest) fn entry(self) -> Option<CellEntry> {
        match self {
            CellText::Unmanaged => None,
            CellText::Amount(units) => Some(CellEntry { units: Some(units), ..CellEntry::default() }),
            CellText::Managed(entry) => Some(*entry),
        }
    }
}

/// The cells of one layer, in the order of the file.
pub(in crate::manifest) type Cells = Vec<(Located<AddOn>, CellText)>;

impl Reader<'_> {
    /// The allocations of an environment, or the defaults of a class.
    pub(super) fn cells(&mut self, node: &Node<'_>, what: impl Display + Copy) -> Cells {
        let entries = self.by_resolved_add_on(node, what, Self::add_on_of_cell).unwrap_or_default();
        let mut cells = Vec::with_capacity(entries.len());
        for (add_on, value) in entries {
            if !self.allocatable(&add_on) {
                continue;
            }
            if let Some(cell) = self.cell(&add_on.value, value) {
                cells.push((add_on, cell));
            }
        }
        cells
    }

    fn cell(&mut self, add_on: &AddOn, node: &Node<'_>) -> Option<CellText> {
        let slug = add_on.slug();
        match &node.kind {
            _ if is_unmanaged(node) => Some(CellText::Unmanaged),
            NodeKind::Text { value, .. } if is_word(value) => {
                let finding = Finding::error(Code::A120, format!("`{slug}` cannot be `{value}`"))
                    .at(node.span, "expected an amount or `unmanaged`");
                self.report(finding.help("write a number, or `unmanaged` so that plans skip it"));
                None
            }
            NodeKind::Mapping(_) => self.cell_entry(add_on, node),
            _ => {
                let units = self.units(node, format_args!("`{slug}`"), Units::MAX_ALLOCATION)?;
                Some(CellText::Amount(units))
            }
        }
    }

    fn cell_entry(&mut self, add_on: &AddOn, node: &Node<'_>) -> Option<CellText> {
        let fields = self.fields(node, &keys::ALLOCATION)?;
        let is_there = |key: &&str| fields.has(key) || fields.is_misnamed(key);
        if !["units", "packs", "whenExhausted", "grants"].iter().any(is_there) {
            let finding = Finding::error(Code::A105, "an allocation lacks its amount")
                .at(fields.span, "neither `units` nor `whenExhausted`");
            self.report(finding.help("write `units:` with the amount, or `unmanaged` so that plans skip it"));
            return None;
        }
        let stated = fields.has("units") || fields.has("packs");
        let units = self.units_or_packs(&fields, add_on, Units::MAX_ALLOCATION);
        let switches = fields.get("whenExhausted").map(|node| self.switches(node)).unwrap_or_default();
        let grants = fields.get("grants").map(|node| Located::new(self.grants(node), node.span));
        let ticket = self.optional_text(&fields, "ticket").map(owned);
        let reason = self.optional_text(&fields, "reason").map(owned);
        if stated && units.is_none() {
            return None;
        }
        Some(CellText::Managed(Box::new(CellEntry { units, grants, switches, ticket, reason })))
    }

    /// `units`, or `packs` times the pack size. Both together are an error.
    pub(super) fn units_or_packs(&mut self, fields: &Fields<'_>, add_on: &AddOn, max: Units) -> Option<Located<Units>> {
        match (fields.entry("units"), fields.entry("packs")) {
            (Some((units, _)), Some((packs, _))) => {
                let finding = Finding::error(Code::A120, "`units` and `packs` both set the amount")
                    .at(packs.span, "the amount again")
                    .see(units.span, "the amount");
                self.report(finding.help("keep one of them"));
                None
            }
            (Some((_, node)), None) => self.units(node, "`units`", max),
            (None, Some((key, node))) => {
                let Some(size) = add_on.entry().and_then(|entry| entry.pack_size) else {
                    let message = format!("no pack size is known for {}", add_on.display_name());
                    self.report(
                        Finding::error(Code::A120, message)
                            .at(key.span, "`packs` needs a pack size")
                            .help("write `units`"),
                    );
                    return None;
                };
                let packs = self.units(node, "`packs`", Units::new(max.get() / size))?;
                Some(packs.map(|packs| Units::new(packs.get().saturating_mul(size))))
            }
            (None, None) => None,
        }
    }

    fn switches(&mut self, node: &Node<'_>) -> BTreeMap<Switch, Located<bool>> {
        let Some(fields) = self.fields(node, &keys::SWITCHES) else { return BTreeMap::new() };
        let mut switches = BTreeMap::new();
        for switch in Switch::ALL {
            let Some(node) = fields.get(switch.as_str()) else { continue };
            if let Some(value) = self.boolean(node, format_args!("`{}`", switch.as_str())) {
                switches.insert(switch, value);
            }
        }
        switches
    }

    fn grants(&mut self, node: &Node<'_>) -> Vec<Grant> {
        let items = self.items(node, "`grants`").unwrap_or_default();
        items.iter().filter_map(|item| self.grant(item)).collect()
    }

    fn grant(&mut self, node: &Node<'_>) -> Option<Grant> {
        let fields = self.fields(node, &keys::GRANT)?;
        let add = self.required(&fields, "add", "10");
        let add = add.and_then(|node| self.units(node, "`add`", Units::MAX_ALLOCATION));
        let interval = self.interval(&fields);
        let ticket = self.optional_text(&fields, "ticket").map(owned);
        let reason = self.optional_text(&fields, "reason").map(owned);
        Some(Grant { add: add?, interval: interval?, ticket, reason, span: node.span })
    }
}

/// Whether a text has no digit and no sign of a formula or a variable, such as `none` and `n/a`.
fn is_word(text: &str) -> bool {
    !text.contains(|letter: char| letter.is_ascii_digit() || "=${.%".contains(letter))
}

pub(super) fn owned(text: Located<&str>) -> String {
    text.value.to_owned()
}
