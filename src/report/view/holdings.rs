//! A table of environments by add-on: the units that each holds now, and once the plan is applied. Empty environments are left out.
//!
//! The table is not part of the plan's JSON, which lists only changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::basics::AddOnView;
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{DesiredCell, DesiredEnvironment, DesiredState};
use crate::model::document::Entry;
use crate::model::observed::{EnvironmentState, Listing, ObservedEnvironment, ObservedState};
use crate::model::plan::change::{ChangeKind, PlannedChange};
use crate::model::plan::draft::Draft;
use crate::model::terms::{EnvironmentId, Units};

/// Lower bounds of steps 2 to 5 of the color ramp, in percent of a pool. Step 1 begins above zero.
pub const STEPS_FROM: [u64; 4] = [1, 5, 10, 25];

/// The groups of rows, in their order in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HolderGroup {
    /// The plan changes the environment.
    Changes,
    /// The environment is declared, and the plan does not change it.
    Stays,
    /// No configuration file names the environment.
    Undeclared,
    /// The tenant did not report what the environment holds.
    Unknown,
}

/// The units of one add-on in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldingView {
    /// The index of the column, from 0.
    pub column: usize,
    /// The units now.
    pub before: Units,
    /// The units once the plan is applied.
    pub after: Units,
    /// The kind of change; `None` if the cell does not change.
    pub change: Option<ChangeKind>,
    /// Whether the configuration manages the cell.
    pub is_managed: bool,
    /// The step of the color ramp for the units afterwards, from 1 (a small share of the pool) to 5. 0 for no units, and if
    /// the size of the pool is unknown.
    pub step: u8,
}

/// One environment and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderRow {
    /// The group of the row.
    pub group: HolderGroup,
    /// The name in the tenant, or else in the configuration, or else the id.
    pub name: String,
    /// The cells by column; empty cells are left out.
    pub cells: Vec<HoldingView>,
    /// The reason, if it is unknown what the environment holds.
    pub unknown: Option<String>,
    /// Whether the environment is deleted in the tenant; nothing is written to a deleted environment.
    pub is_deleted: bool,
}

/// What a holdings view is made from.
#[derive(Clone, Copy, Debug)]
pub struct HoldingsFacts<'a> {
    /// The state that the configuration declares.
    pub desired: &'a DesiredState,
    /// The state that was read from the tenant.
    pub observed: &'a ObservedState,
    /// The changes between the two.
    pub draft: &'a Draft,
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldingsView {
    /// The columns: add-ons that an environment holds or will hold, in the catalog's order.
    pub add_ons: Vec<AddOnView>,
    /// The rows, by group, then by name.
    pub rows: Vec<HolderRow>,
    /// The number of environments that hold nothing and are declared to hold nothing.
    pub empty: u64,
    /// The reason, if the tenant may have more environments than it listed.
    pub incomplete: Option<String>,
}

impl HoldingsView {
    /// The table.
    pub fn new(facts: &HoldingsFacts<'_>) -> HoldingsView {
        let holders = holders(facts);
        let columns: BTreeSet<&AddOn> =
            holders.iter().flat_map(|holder| holder.cells.iter().map(|cell| cell.add_on)).collect();
        let columns: Vec<&AddOn> = columns.into_iter().collect();
        let owned: BTreeMap<&Pool, Units> =
            facts.draft.pools.iter().filter_map(|pool| Some((&pool.pool, pool.owned.units()?))).collect();
        let of_column: Vec<Option<Units>> = columns.iter().map(|add_on| owned.get(&add_on.pool()).copied()).collect();
        let all = holders.len();
        let mut rows: Vec<HolderRow> = holders
            .into_iter()
            .filter(|holder| !holder.cells.is_empty() || holder.unknown.is_some() || holder.is_missed)
            .map(|holder| holder.row(&columns, &of_column))
            .collect();
        rows.sort_by_cached_key(|row| (row.group, row.name.to_lowercase()));
        HoldingsView {
            add_ons: columns.into_iter().map(AddOnView::new).collect(),
            empty: u64::try_from(all - rows.len()).unwrap_or(u64::MAX),
            rows,
            incomplete: match &facts.observed.listing {
                Listing::Complete => None,
                Listing::Incomplete(why) => Some(why.to_string()),
            },
        }
    }
}

/// An environment with its cells, before the columns are numbered.
struct EnvironmentHoldings<'a> {
    name: &'a str,
    is_declared: bool,
    cells: Vec<HeldCell<'a>>,
    unknown: Option<String>,
    is_deleted: bool,
    /// Whether the environment is deleted, although the configuration declares units for it.
    is_missed: bool,
}

struct HeldCell<'a> {
    add_on: &'a AddOn,
    before: Units,
    after: Units,
    change: Option<ChangeKind>,
    is_managed: bool,
}

impl EnvironmentHoldings<'_> {
    fn row(self, columns: &[&AddOn], owned: &[Option<Units>]) -> HolderRow {
        let changes = self.cells.iter().any(|cell| cell.change.is_some());
        let group = match (&self.unknown, self.is_declared) {
            (Some(_), _) => HolderGroup::Unknown,
            (None, _) if changes => HolderGroup::Changes,
            (None, true) => HolderGroup::Stays,
            (None, false) => HolderGroup::Undeclared,
        };
        let cell = |cell: &HeldCell<'_>| {
            let column = columns.binary_search(&cell.add_on).ok()?;
            let owned = owned.get(column).copied().flatten();
            Some(HoldingView {
                column,
                before: cell.before,
                after: cell.after,
                change: cell.change,
                is_managed: cell.is_managed,
                step: owned.map_or(0, |owned| step(cell.after, owned)),
            })
        };
        let mut cells: Vec<HoldingView> = self.cells.iter().filter_map(cell).collect();
        cells.sort_by_key(|cell| cell.column);
        HolderRow { group, name: self.name.to_owned(), cells, unknown: self.unknown, is_deleted: self.is_deleted }
    }
}

/// Every environment that the tenant lists or the configuration names.
fn holders<'a>(facts: &HoldingsFacts<'a>) -> Vec<EnvironmentHoldings<'a>> {
    let HoldingsFacts { desired, observed, draft } = *facts;
    let declared: BTreeMap<&EnvironmentId, &DesiredEnvironment> =
        desired.environments.values().map(|environment| (&environment.id.value, &**environment)).collect();
    let mut changes: BTreeMap<&EnvironmentId, Vec<&PlannedChange>> = BTreeMap::new();
    for planned in &draft.changes {
        changes.entry(&planned.environment.id).or_default().push(planned);
    }
    let seen = observed.environments.values().map(|seen| {
        let changes = changes.get(&seen.id).map_or(&[][..], Vec::as_slice);
        seen_holder(seen, declared.get(&seen.id).copied(), changes, draft.date)
    });
    let unseen = declared.iter().filter(|(id, _)| !observed.environments.contains_key(**id));
    let unseen = unseen.map(|(_, environment)| EnvironmentHoldings {
        name: name_of(environment, None),
        is_declared: true,
        cells: Vec::new(),
        unknown: is_to_hold(environment, draft.date).then(|| "the tenant does not list it".to_owned()),
        is_deleted: false,
        is_missed: false,
    });
    seen.chain(unseen).collect()
}

fn seen_holder<'a>(
    seen: &'a ObservedEnvironment,
    declared: Option<&'a DesiredEnvironment>,
    changes: &[&'a PlannedChange],
    date: Date,
) -> EnvironmentHoldings<'a> {
    let known_name = seen.name.known().map(AsRef::as_ref);
    let name = declared.map_or_else(|| known_name.unwrap_or(seen.id.as_str()), |it| name_of(it, known_name));
    let is_deleted = seen.state.known() == Some(&EnvironmentState::Deleted);
    let unknown = seen.document.unknown().map(ToString::to_string);
    let entries = seen.document.known().into_iter().flat_map(|document| &document.entries);
    let mut cells: Vec<HeldCell<'a>> = entries
        .filter(|(add_on, entry)| !entry.units.is_zero() && !is_changed(changes, add_on))
        .map(|(add_on, entry)| stays(add_on, entry, declared))
        .collect();
    cells.extend(changes.iter().map(|planned| HeldCell {
        add_on: planned.change.add_on(),
        before: planned.change.units_before(),
        after: planned.change.after().units,
        change: Some(planned.change.kind()),
        is_managed: true,
    }));
    let is_missed = is_deleted && declared.is_some_and(|it| is_to_hold(it, date));
    EnvironmentHoldings { name, is_declared: declared.is_some(), cells, unknown, is_deleted, is_missed }
}

fn stays<'a>(add_on: &'a AddOn, entry: &Entry, declared: Option<&DesiredEnvironment>) -> HeldCell<'a> {
    let is_managed = matches!(declared.and_then(|it| it.cell(add_on)), Some(DesiredCell::Managed(_)));
    HeldCell { add_on, before: entry.units, after: entry.units, change: None, is_managed }
}

fn is_changed(changes: &[&PlannedChange], add_on: &AddOn) -> bool {
    changes.iter().any(|planned| planned.change.add_on() == add_on)
}

fn name_of<'a>(environment: &'a DesiredEnvironment, seen: Option<&'a str>) -> &'a str {
    let declared = environment.name.as_ref().map(|name| name.value.as_str());
    seen.or(declared).unwrap_or(environment.key.value.as_str())
}

/// Whether the configuration declares units for an environment on `date`.
fn is_to_hold(environment: &DesiredEnvironment, date: Date) -> bool {
    environment.managed().any(|(_, cell)| cell.effective(date).is_some_and(|units| !units.is_zero()))
}

/// The step of the color ramp for a cell.
fn step(units: Units, owned: Units) -> u8 {
    if units.is_zero() || owned.is_zero() {
        return 0;
    }
    let (units, owned) = (u128::from(units.get()), u128::from(owned.get()));
    let reached = STEPS_FROM.iter().filter(|from| units * 100 >= owned * u128::from(**from)).count();
    u8::try_from(reached + 1).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::step;
    use crate::model::terms::Units;

    #[test]
    fn the_ramp_begins_above_nothing_and_has_five_steps() {
        for (units, owned, expected) in [
            (0, 100, 0),
            (5, 0, 0),
            (1, 1_000, 1),
            (9, 1_000, 1),
            (10, 1_000, 2),
            (50, 1_000, 3),
            (100, 1_000, 4),
            (249, 1_000, 4),
            (250, 1_000, 5),
            (u64::MAX, 1, 5),
        ] {
            assert_eq!(step(Units::new(units), Units::new(owned)), expected, "{units} of {owned}");
        }
    }
}
