//! A table of environments by add-on: the units that each holds now, and after the plan. Empty environments are left out.
//!
//! The table is not part of the plan's JSON, which lists only changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{DesiredCell, DesiredEnvironment, DesiredState};
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
    /// The units now.
    pub before: Units,
    /// The units after the plan.
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
    /// The cells that are not empty, and those that the plan changes.
    pub cells: BTreeMap<AddOn, HoldingView>,
    /// The reason, if it is unknown what the environment holds.
    pub unknown: Option<String>,
    /// Whether the environment is deleted in the tenant; nothing is written to a deleted environment.
    pub is_deleted: bool,
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldingsView {
    /// The columns: add-ons that an environment holds or will hold, in the catalog's order.
    pub add_ons: BTreeSet<AddOn>,
    /// The rows, by group, then by name.
    pub rows: Vec<HolderRow>,
    /// The number of environments that are left out, because they hold nothing and the plan does not change them.
    pub empty: usize,
    /// The reason, if the tenant may have more environments than it listed.
    pub incomplete: Option<String>,
}

impl HoldingsView {
    /// The table of every environment that the tenant lists or the configuration names.
    pub fn new(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> HoldingsView {
        let declared: BTreeMap<&EnvironmentId, &DesiredEnvironment> =
            desired.environments.values().map(|environment| (&environment.id.value, &**environment)).collect();
        let mut changes: BTreeMap<&EnvironmentId, Vec<&PlannedChange>> = BTreeMap::new();
        for planned in &draft.changes {
            changes.entry(&planned.environment.id).or_default().push(planned);
        }
        let owned: OwnedUnits<'_> =
            draft.pools.iter().filter_map(|pool| Some((&pool.pool, pool.owned.units()?))).collect();
        let seen = observed.environments.values().map(|seen| {
            let changes = changes.get(&seen.id).map_or(&[][..], Vec::as_slice);
            seen_row(seen, declared.get(&seen.id).copied(), changes, &owned, draft.date)
        });
        let unseen = declared.iter().filter(|(id, _)| !observed.environments.contains_key(**id));
        let unseen = unseen.map(|(_, environment)| unseen_row(environment, draft.date));
        let all: Vec<Option<HolderRow>> = seen.chain(unseen).collect();
        let empty = all.iter().filter(|row| row.is_none()).count();
        let mut rows: Vec<HolderRow> = all.into_iter().flatten().collect();
        rows.sort_by_cached_key(|row| (row.group, row.name.to_lowercase()));
        HoldingsView {
            add_ons: rows.iter().flat_map(|row| row.cells.keys().cloned()).collect(),
            empty,
            rows,
            incomplete: match &observed.listing {
                Listing::Complete => None,
                Listing::Incomplete(why) => Some(why.to_string()),
            },
        }
    }
}

/// The owned units of each pool whose size is known.
type OwnedUnits<'a> = BTreeMap<&'a Pool, Units>;

/// An environment that the tenant lists; `None` if it holds nothing and the plan does not change it. A deleted
/// environment that is declared to hold units is never left out.
fn seen_row(
    seen: &ObservedEnvironment,
    declared: Option<&DesiredEnvironment>,
    changes: &[&PlannedChange],
    owned: &OwnedUnits<'_>,
    date: Date,
) -> Option<HolderRow> {
    let cell = |add_on: &AddOn, before, after, change, is_managed| {
        let step = owned.get(&add_on.pool()).map_or(0, |owned| step(after, *owned));
        (add_on.clone(), HoldingView { before, after, change, is_managed, step })
    };
    let entries = seen.document.known().into_iter().flat_map(|document| &document.entries);
    let held = entries.filter(|(_, entry)| !entry.units.is_zero()).map(|(add_on, entry)| {
        let is_managed = matches!(declared.and_then(|it| it.cell(add_on)), Some(DesiredCell::Managed(_)));
        cell(add_on, entry.units, entry.units, None, is_managed)
    });
    let changed = changes.iter().map(|PlannedChange { change, .. }| {
        cell(change.add_on(), change.units_before(), change.after().units, Some(change.kind()), true)
    });
    // A cell that changes replaces what the environment holds now.
    let cells: BTreeMap<AddOn, HoldingView> = held.chain(changed).collect();
    let unknown = seen.document.unknown().map(ToString::to_string);
    let is_deleted = seen.state.known() == Some(&EnvironmentState::Deleted);
    let is_missed = is_deleted && declared.is_some_and(|it| is_to_hold(it, date));
    let group = match (&unknown, declared) {
        (Some(_), _) => HolderGroup::Unknown,
        (None, _) if !changes.is_empty() => HolderGroup::Changes,
        (None, Some(_)) => HolderGroup::Stays,
        (None, None) => HolderGroup::Undeclared,
    };
    let known_name = seen.name.known().map(AsRef::as_ref);
    let name = declared.map_or_else(|| known_name.unwrap_or(seen.id.as_str()), |it| name_of(it, known_name));
    let is_shown = !cells.is_empty() || unknown.is_some() || is_missed;
    is_shown.then(|| HolderRow { group, name: name.to_owned(), cells, unknown, is_deleted })
}

/// An environment that the configuration names and the tenant does not list; `None` if it is declared to hold nothing.
fn unseen_row(environment: &DesiredEnvironment, date: Date) -> Option<HolderRow> {
    is_to_hold(environment, date).then(|| HolderRow {
        group: HolderGroup::Unknown,
        name: name_of(environment, None).to_owned(),
        cells: BTreeMap::new(),
        unknown: Some("the tenant does not list it".to_owned()),
        is_deleted: false,
    })
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
