//! What the environments of each budget declare, hold and use together, and what its limits leave.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::basics::AddOnView;
use super::environment::{Agreements, all};
use crate::model::catalog::AddOn;
use crate::model::desired::DesiredState;
use crate::model::observed::{Listing, ObservedState, Reading};
use crate::model::terms::{BudgetKey, Units};

/// A budget, or all environments that draw from none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BudgetView {
    /// The budget; `null` for the environments that draw from none.
    pub budget: Option<BudgetKey>,
    /// The cost center; `null` if none is declared.
    pub cost_center: Option<String>,
    /// The owners of its environments, each once, in the order of the alphabet.
    pub owners: Vec<String>,
    /// The number of its environments.
    pub environments: u64,
    /// How many of them no file names.
    pub undeclared_environments: u64,
    /// The add-ons, in the catalog's order.
    pub add_ons: Vec<BudgetCellView>,
}

/// One add-on of one budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BudgetCellView {
    /// The add-on.
    pub add_on: AddOnView,
    /// The agreements of the purchases that are in force.
    pub agreements: Vec<String>,
    /// The most units that the environments may hold together; `null` without a limit.
    pub limit: Option<Units>,
    /// The sum of the declared units; `null` if no environment declares any.
    pub declared: Option<Units>,
    /// `limit - declared`; negative if more is declared than the limit. `null` without a limit.
    pub left: Option<i128>,
    /// The units that the environments hold now.
    pub observed: SumView,
    /// The units that the environments used.
    pub consumed: SumView,
}

/// The sum of numbers that the tenant reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SumView {
    /// The sum; `null` if a part of it is unknown.
    pub units: Option<Units>,
    /// The sum of the known parts; `null` if none is known.
    pub at_least: Option<Units>,
    /// The number of environments whose part is unknown.
    pub unknown_environments: u64,
    /// The oldest time among the known parts.
    pub as_of: Option<Timestamp>,
}

impl SumView {
    fn add(&mut self, part: &Reading<Units>) {
        match part {
            Reading::Known { value, as_of } => {
                self.at_least = Some(self.at_least.into_iter().chain([*value]).sum());
                self.as_of = self.as_of.into_iter().chain([*as_of]).min();
            }
            Reading::Absent | Reading::Unknown { .. } => self.unknown_environments += 1,
        }
    }

    /// The finished sum: zero if nothing was added. The sum is unknown if a part of it is unknown, or may be missing
    /// (`may_lack`).
    fn finished(mut self, may_lack: bool) -> SumView {
        if self.unknown_environments == 0 && !may_lack {
            self.at_least = Some(self.at_least.unwrap_or_default());
            self.units = self.at_least;
        }
        self
    }
}

#[derive(Default)]
struct Group<'a> {
    owners: BTreeSet<&'a str>,
    environments: u64,
    undeclared: u64,
    /// The number of environments whose holdings are unknown.
    unread: u64,
    cells: BTreeMap<&'a AddOn, Cell>,
}

#[derive(Default)]
struct Cell {
    declared: Option<Units>,
    observed: SumView,
    consumed: SumView,
    /// The number of unread environments that the sums already count.
    of_unread: u64,
}

/// The budgets by key, then the environments without one.
pub(super) fn budgets(desired: &DesiredState, observed: &ObservedState, date: Date) -> Vec<BudgetView> {
    let mut groups: BTreeMap<Option<&BudgetKey>, Group<'_>> = BTreeMap::new();
    for (key, budget) in &desired.budgets {
        let group = groups.entry(Some(key)).or_default();
        group.cells.extend(budget.limits.keys().map(|add_on| (add_on, Cell::default())));
    }
    for known in all(desired, observed) {
        let budget = known.declared.and_then(|environment| environment.budget.as_ref()).map(|budget| &budget.value);
        let (add_ons, is_unread) = (known.add_ons(), known.unknown().is_some());
        // An environment that is declared nowhere and holds nothing is left out.
        if known.declared.is_none() && add_ons.is_empty() && !is_unread {
            continue;
        }
        let group = groups.entry(budget).or_default();
        group.environments += 1;
        group.undeclared += u64::from(known.declared.is_none());
        group.unread += u64::from(is_unread);
        group.owners.extend(known.declared.and_then(|environment| environment.owner.as_deref()));
        for add_on in add_ons {
            let (cell, figures) =
                (group.cells.entry(add_on).or_default(), known.figures(add_on, date, observed.captured_at));
            cell.declared =
                cell.declared.into_iter().chain(figures.declared).reduce(|sum, units| [sum, units].iter().sum());
            cell.observed.add(&figures.observed);
            cell.consumed.add(&figures.consumed);
            cell.of_unread += u64::from(is_unread);
        }
    }
    let mut agreements = Agreements::on(desired, date);
    let is_listed = observed.listing == Listing::Complete;
    // The environments without a budget come last.
    let (without, with): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(key, _)| key.is_none());
    let of = |(key, group)| view(key, group, desired, date, is_listed, &mut agreements);
    with.into_iter().chain(without).map(of).collect()
}

fn view(
    key: Option<&BudgetKey>,
    group: Group<'_>,
    desired: &DesiredState,
    date: Date,
    is_listed: bool,
    agreements: &mut Agreements<'_>,
) -> BudgetView {
    let budget = key.and_then(|key| desired.budgets.get(key));
    let cell = |(add_on, cell): (&AddOn, Cell)| {
        let limit = budget.and_then(|budget| budget.limits.get(add_on)).map(|limit| limit.on(date));
        let sum = |mut sum: SumView| {
            // An environment that could not be read may hold any add-on.
            sum.unknown_environments += group.unread - cell.of_unread;
            // An incomplete listing can hide environments that no file names. They have no budget.
            sum.finished(key.is_none() && !is_listed)
        };
        BudgetCellView {
            add_on: AddOnView::new(add_on),
            agreements: agreements.of(add_on),
            limit,
            declared: cell.declared,
            left: limit.map(|limit| limit.difference(cell.declared.unwrap_or_default())),
            observed: sum(cell.observed),
            consumed: sum(cell.consumed),
        }
    };
    BudgetView {
        budget: key.cloned(),
        cost_center: budget.and_then(|budget| budget.cost_center.clone()),
        owners: group.owners.into_iter().map(str::to_owned).collect(),
        environments: group.environments,
        undeclared_environments: group.undeclared,
        add_ons: group.cells.into_iter().map(cell).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::SumView;
    use crate::model::observed::Reading;
    use crate::model::terms::Units;

    #[test]
    fn a_sum_with_an_unknown_part_is_unknown_and_never_zero() {
        let seven = Reading::Known { value: Units::new(7), as_of: "2026-11-20T00:00:00Z".parse().unwrap() };
        let unknown = Reading::Unknown { why: "503".into() };
        for (parts, may_lack, units, at_least) in [
            (vec![&seven, &seven], false, Some(14), Some(14)),
            (vec![&seven, &unknown], false, None, Some(7)),
            (vec![&unknown], false, None, None),
            (vec![&seven], true, None, Some(7)),
            (vec![], true, None, None),
            (vec![], false, Some(0), Some(0)),
        ] {
            let mut sum = SumView::default();
            parts.iter().for_each(|part| sum.add(part));
            let sum = sum.finished(may_lack);
            assert_eq!((sum.units, sum.at_least), (units.map(Units::new), at_least.map(Units::new)));
        }
    }
}
