//! Merges the cells of an environment with the defaults of its class, and groups amounts of add-ons by pool.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::manifest::decode::{CellEntry, CellText, Cells};
use crate::model::catalog::{AddOn, Pool};
use crate::model::code::Code;
use crate::model::desired::{AmountOrigin, DesiredCell, Details, ManagedCell};
use crate::model::digits::grouped;
use crate::model::finding::Finding;
use crate::model::source::{Located, Span};
use crate::model::terms::Units;

/// Cells in catalog order.
pub(super) type DesiredCells = Vec<(AddOn, DesiredCell)>;

/// Findings about the amounts of cells. A class default reaches many environments and is reported once.
#[derive(Default)]
pub(super) struct Reports {
    pub(super) findings: Vec<Finding>,
    /// What was reported: the code, the grants, and the cell.
    reported: BTreeSet<(Code, Span, Span)>,
}

/// Merges own cells with the class defaults by add-on and field. Own fields take precedence.
pub(super) fn cells(mut own: Cells, class: Option<&Cells>, reports: &mut Reports) -> DesiredCells {
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
            (Some(own), None) => managed(&add_on, own, AmountOrigin::Environment, reports),
            (Some(own), Some(class)) => managed(&add_on, over(own, class), AmountOrigin::Environment, reports),
        };
        cells.push((add_on.value, cell));
    }
    for (add_on, text) in missing {
        let cell = match text.entry() {
            None => DesiredCell::Unmanaged(add_on.span),
            Some(entry) => managed(&add_on, entry, AmountOrigin::ClassDefault, reports),
        };
        let at = cells.partition_point(|(name, _)| *name < add_on.value);
        cells.insert(at, (add_on.value, cell));
    }
    cells
}

/// A managed cell. Grants without an amount, and sums above the maximum, are errors.
fn managed(add_on: &Located<AddOn>, entry: CellEntry, origin: AmountOrigin, reports: &mut Reports) -> DesiredCell {
    let grants_span = entry.grants.as_ref().map(|grants| grants.span);
    let CellEntry { units, grants, switches, ticket, reason } = entry;
    let grants = grants.map(|grants| grants.value).unwrap_or_default();
    let cell = ManagedCell::new(add_on.span, units, Details { grants, switches, ticket, reason }, origin);
    if let Some(grants) = grants_span {
        let finding = grant_without_amount(&cell, grants).or_else(|| sum_too_large(&add_on.value, &cell, grants));
        reports.findings.extend(finding.filter(|finding| reports.reported.insert((finding.code, grants, cell.span))));
    }
    DesiredCell::Managed(cell)
}

fn grant_without_amount(cell: &ManagedCell, grants: Span) -> Option<Finding> {
    if cell.units.is_some() {
        return None;
    }
    let finding = Finding::error(Code::A105, "a grant adds to an amount, and there is none")
        .at(grants, "no amount to add to")
        .see(cell.span, "no `units` here");
    Some(finding.help("write `units:` with the amount that is held without the grant"))
}

/// The first day on which the amount and its grants together exceed the maximum of an environment.
fn sum_too_large(add_on: &AddOn, cell: &ManagedCell, grants: Span) -> Option<Finding> {
    // What is added on each day, less what ends; a grant without `from` has no start date. One pass, because a cell can have very many grants.
    let mut added: BTreeMap<Date, i128> = BTreeMap::new();
    for grant in cell.grants().iter().filter(|grant| !grant.interval.is_empty()) {
        let units = i128::from(grant.add.value.get());
        *added.entry(grant.interval.from.unwrap_or(Date::MIN)).or_default() += units;
        if let Some(after) = grant.interval.until.and_then(|until| until.tomorrow().ok()) {
            *added.entry(after).or_default() -= units;
        }
    }
    let mut held = i128::from(cell.units?.value.get());
    let is_too_large = |(_, added): &(Date, i128)| {
        held += added;
        held > i128::from(Units::MAX_ALLOCATION.get())
    };
    let (day, _) = added.into_iter().find(is_too_large)?;
    let when = if day == Date::MIN { String::new() } else { format!(" from {day}") };
    let held = cell.effective(day).unwrap_or_default();
    let (sum, most) = (grouped(&held.to_string()), grouped(&Units::MAX_ALLOCATION.to_string()));
    let message = format!("`{}` with its grants is {sum}{when}; the maximum is {most}", add_on.slug());
    let finding =
        Finding::error(Code::A107, message).at(grants, "too large together").see(cell.amount_span(), "the amount");
    Some(finding.help("lower the amount or a grant"))
}

/// Merges two cells. Grants, ticket and reason belong to their amount, so an own amount drops those of the default.
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

/// The cells of an environment without own cells. Findings are dropped, because `cells` reports them for each environment.
pub(super) fn defaults(class: &Cells) -> DesiredCells {
    cells(Cells::new(), Some(class), &mut Reports::default())
}

/// Amounts by pool. Amounts of two add-ons of one pool are an error. `what` is the name of one amount.
pub(super) fn by_pool<T>(
    declared: Vec<(Located<AddOn>, Located<T>)>,
    what: &str,
    findings: &mut Vec<Finding>,
) -> BTreeMap<Pool, Located<T>> {
    let mut amounts: BTreeMap<Pool, (Span, Located<T>)> = BTreeMap::new();
    for (add_on, amount) in declared {
        let pool = add_on.value.pool();
        if let Some((first, _)) = amounts.get(&pool) {
            let message = format!("{} share a pool, and its {what} is declared twice", pool.display_name());
            let finding =
                Finding::error(Code::A122, message).at(add_on.span, "named again").see(*first, "named here before");
            findings.push(finding.help(format!("keep one, under `{}`", pool.leader().slug())));
            continue;
        }
        amounts.insert(pool, (add_on.span, amount));
    }
    amounts.into_iter().map(|(pool, (_, amount))| (pool, amount)).collect()
}
