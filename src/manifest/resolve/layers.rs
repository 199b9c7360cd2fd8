//! An environment's own entries over the defaults of its class, and the reserve by pool.

use std::collections::BTreeMap;

use super::Resolver;
use crate::manifest::decode::{CellEntry, CellText, Cells};
use crate::model::catalog::{AddOn, Pool};
use crate::model::code::Code;
use crate::model::desired::{DesiredCell, ManagedCell, Origin, Reserve};
use crate::model::finding::Finding;
use crate::model::source::{Located, Span};

/// Cells in catalog order.
pub(super) type DesiredCells = Vec<(AddOn, DesiredCell)>;

/// What stands for one add-on, and where: the own entry, the default of the class.
type Layers<'class> = (Option<(Span, CellText)>, Option<(Span, &'class CellText)>);

/// Lays own entries over the class default, add-on by add-on and field by field.
pub(super) fn cells(own: Cells, class: Option<&Cells>, findings: &mut Vec<Finding>) -> DesiredCells {
    let mut layers: BTreeMap<AddOn, Layers<'_>> = BTreeMap::new();
    for (add_on, text) in own {
        layers.entry(add_on.value).or_default().0 = Some((add_on.span, text));
    }
    for (add_on, text) in class.into_iter().flatten() {
        layers.entry(add_on.value.clone()).or_default().1 = Some((add_on.span, text));
    }
    let cell = |(add_on, (own, class))| lay(own, class, findings).map(|cell| (add_on, cell));
    layers.into_iter().filter_map(cell).collect()
}

fn lay(
    own: Option<(Span, CellText)>,
    class: Option<(Span, &CellText)>,
    findings: &mut Vec<Finding>,
) -> Option<DesiredCell> {
    let (span, entry, origin) = match (own, class) {
        (Some((span, CellText::Unmanaged)), _) | (None, Some((span, CellText::Unmanaged))) => {
            return Some(DesiredCell::Unmanaged(span));
        }
        (Some((span, CellText::Managed(own))), Some((_, CellText::Managed(class)))) => {
            (span, over(*own, class), Origin::Environment)
        }
        (Some((span, CellText::Managed(own))), _) => (span, *own, Origin::Environment),
        (None, Some((span, CellText::Managed(class)))) => (span, class.as_ref().clone(), Origin::ClassDefault),
        (None, None) => return None,
    };
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
    Some(DesiredCell::Managed(Box::new(managed(span, entry, origin))))
}

/// Own fields first. Grants, ticket and reason belong to the amount that they are written with, so an own amount
/// leaves those of the default behind.
fn over(own: CellEntry, class: &CellEntry) -> CellEntry {
    let mut switches = class.switches.clone();
    switches.extend(own.switches);
    if own.units.is_some() {
        return CellEntry { switches, ..own };
    }
    CellEntry {
        units: class.units,
        grants: own.grants.or_else(|| class.grants.clone()),
        switches,
        ticket: own.ticket.or_else(|| class.ticket.clone()),
        reason: own.reason.or_else(|| class.reason.clone()),
    }
}

fn managed(span: Span, entry: CellEntry, origin: Origin) -> ManagedCell {
    let CellEntry { units, grants, switches, ticket, reason } = entry;
    let grants = grants.map(|grants| grants.value).unwrap_or_default();
    ManagedCell { span, units, grants, switches, ticket, reason, origin }
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
