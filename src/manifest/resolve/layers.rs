//! An environment's own entries over the defaults of its class, those defaults themselves, and the reserve by pool.

use std::collections::BTreeMap;

use super::Resolver;
use crate::manifest::decode::{CellEntry, CellText, Cells};
use crate::model::catalog::{AddOn, Pool};
use crate::model::code::Code;
use crate::model::desired::{DesiredCell, Details, ManagedCell, Origin, Reserve};
use crate::model::finding::Finding;
use crate::model::source::{Located, Span};

/// Cells in catalog order.
pub(super) type DesiredCells = Vec<(AddOn, DesiredCell)>;

/// Lays own entries over the class default, add-on by add-on and field by field.
pub(super) fn cells(mut own: Cells, class: Option<&Cells>, findings: &mut Vec<Finding>) -> DesiredCells {
    own.sort_unstable_by(|(left, _), (right, _)| left.value.cmp(&right.value));
    let default_of = |add_on: &AddOn| {
        let mut defaults = class.into_iter().flatten();
        defaults.find(|(name, _)| name.value == *add_on).map(|(_, text)| text)
    };
    let missing = class.into_iter().flatten().filter(|(name, _)| own.iter().all(|(own, _)| own.value != name.value));
    let missing: Vec<_> = missing.cloned().collect();
    let mut cells = DesiredCells::with_capacity(own.len() + missing.len());
    for (add_on, text) in own {
        let default = default_of(&add_on.value);
        let cell = match (text.entry(), default.cloned().and_then(CellText::entry)) {
            (None, _) => DesiredCell::Unmanaged(add_on.span),
            (Some(own), None) => managed(add_on.span, own, Origin::Environment, findings),
            (Some(own), Some(class)) => managed(add_on.span, over(own, class), Origin::Environment, findings),
        };
        cells.push((add_on.value, cell));
    }
    for (add_on, text) in missing {
        let cell = match text.entry() {
            None => DesiredCell::Unmanaged(add_on.span),
            Some(entry) => managed(add_on.span, entry, Origin::ClassDefault, findings),
        };
        let at = cells.partition_point(|(name, _)| *name < add_on.value);
        cells.insert(at, (add_on.value, cell));
    }
    cells
}

/// A cell with what stands in it.
fn managed(span: Span, entry: CellEntry, origin: Origin, findings: &mut Vec<Finding>) -> DesiredCell {
    if let (None, Some(grants)) = (&entry.units, &entry.grants) {
        let finding = Finding::error(Code::A105, "a grant adds to an amount, and there is none")
            .at(grants.span, "added to what?")
            .see(span, "no `units` here");
        let finding = finding.help("write `units: 0`, or the amount that is held without the grant");
        // A default reaches many environments; once is enough.
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    let CellEntry { units, grants, switches, ticket, reason } = entry;
    let grants = grants.map(|grants| grants.value).unwrap_or_default();
    DesiredCell::Managed(ManagedCell::new(span, units, Details { grants, switches, ticket, reason }, origin))
}

/// Own fields first. Grants, ticket and reason belong to the amount that they are written with, so an own amount
/// leaves those of the default behind.
fn over(own: CellEntry, class: CellEntry) -> CellEntry {
    let mut switches = class.switches;
    switches.extend(own.switches);
    if own.units.is_some() {
        return CellEntry { switches, ..own };
    }
    CellEntry {
        units: class.units,
        grants: own.grants.or(class.grants),
        switches,
        ticket: own.ticket.or(class.ticket),
        reason: own.reason.or(class.reason),
    }
}

/// What a class says by itself: the cells of an environment that says nothing. What is wrong with them is told for the
/// environments that they reach.
pub(super) fn defaults(class: &Cells) -> DesiredCells {
    cells(Cells::new(), Some(class), &mut Vec::new())
}

impl Resolver {
    /// The reserve by pool; two members of one pool cannot both name it.
    pub(super) fn reserve(
        &mut self,
        declared: Vec<(Located<AddOn>, Located<Reserve>)>,
    ) -> BTreeMap<Pool, Located<Reserve>> {
        let mut reserve: BTreeMap<Pool, (Span, Located<Reserve>)> = BTreeMap::new();
        for (add_on, amount) in declared {
            let pool = add_on.value.pool();
            if let Some((first, _)) = reserve.get(&pool) {
                let message = format!("{} have one pool, and its reserve is named twice", pool.display_name());
                let finding =
                    Finding::error(Code::A122, message).at(add_on.span, "named again").see(*first, "named here before");
                self.findings.push(finding.help(format!("keep one, under `{}`", pool.leader().slug())));
                continue;
            }
            reserve.insert(pool, (add_on.span, amount));
        }
        reserve.into_iter().map(|(pool, (_, amount))| (pool, amount)).collect()
    }
}
