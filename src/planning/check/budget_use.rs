//! The limits of budgets, and what is held under them on every date.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::model::budget::Limit;
use crate::model::catalog::AddOn;
use crate::model::desired::DesiredState;
use crate::model::observed::ObservedState;
use crate::model::plan::draft::Draft;
use crate::model::terms::{BudgetKey, Interval, Units};
use crate::planning::day_sums::day_sums;
use crate::planning::entry::Entry;

/// The limit of a budget for one add-on, and what its environments hold.
pub(super) struct BudgetUse<'a> {
    pub(super) key: &'a BudgetKey,
    pub(super) add_on: &'a AddOn,
    pub(super) limit: &'a Limit,
    /// The amounts that count against the limit.
    pub(super) entries: Vec<Entry<'a>>,
    /// The sum of the amounts, today and on each later day on which something changes.
    pub(super) held: Vec<(Date, Units)>,
    /// The sum of the amounts today, less the units that the tenant shows for them; 0 if the plan raises none of them.
    /// `None` without a plan.
    pub(super) growth: Option<i128>,
}

/// Every limit of a budget, with what is held under it.
pub(super) fn uses<'a>(
    desired: &'a DesiredState,
    date: Date,
    plan: Option<(&Draft, &ObservedState)>,
) -> Vec<BudgetUse<'a>> {
    if desired.budgets.values().all(|budget| budget.limits.is_empty()) {
        return Vec::new();
    }
    let days: Vec<Date> = days(desired, date).into_iter().collect();
    let mut drawing: BTreeMap<(&BudgetKey, &AddOn), Vec<Entry<'_>>> = BTreeMap::new();
    for environment in desired.environments.values() {
        let Some(budget) = &environment.budget else { continue };
        for entry in Entry::of(environment) {
            drawing.entry((&budget.value, entry.add_on)).or_default().push(entry);
        }
    }
    let mut raised: BTreeSet<(&BudgetKey, &AddOn)> = BTreeSet::new();
    let changes = plan.into_iter().flat_map(|(draft, _)| &draft.changes);
    for planned in changes.filter(|planned| planned.change.takes()) {
        let environment = desired.environments.get(&planned.environment.key);
        let budget = environment.and_then(|environment| environment.budget.as_ref());
        raised.extend(budget.map(|budget| (&budget.value, planned.change.add_on())));
    }
    let budgets = desired.budgets.iter().flat_map(|(key, budget)| budget.limits.iter().map(move |limit| (key, limit)));
    let used = |(key, (add_on, limit))| {
        let entries = drawing.remove(&(key, add_on)).unwrap_or_default();
        let held = held(&entries, &days);
        let wanted = held.first().map_or(Units::ZERO, |(_, units)| *units);
        let growth = plan.map(|(_, observed)| match raised.contains(&(key, add_on)) {
            true => wanted.difference(seen(&entries, observed)),
            false => 0,
        });
        BudgetUse { key, add_on, limit, entries, held, growth }
    };
    budgets.map(used).collect()
}

/// The units that the tenant shows for these amounts. An amount that could not be read may be lower than desired, so it
/// counts as zero.
fn seen(entries: &[Entry<'_>], observed: &ObservedState) -> Units {
    let of = |entry: &Entry<'_>| {
        let environment = observed.environments.get(&entry.environment.id.value)?;
        Some(environment.document.known()?.units(entry.add_on))
    };
    entries.iter().filter_map(of).sum()
}

/// The date, and every later day on which a purchase, a limit or a grant starts or ends.
pub(super) fn days(desired: &DesiredState, date: Date) -> BTreeSet<Date> {
    desired.edges().into_iter().filter(|edge| *edge > date).chain([date]).collect()
}

/// The sum of amounts on each day. Only amounts with grants differ from day to day.
fn held(entries: &[Entry<'_>], days: &[Date]) -> Vec<(Date, Units)> {
    let (dated, constant): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) =
        entries.iter().partition(|entry| !entry.cell.grants().is_empty());
    let constant: Units = constant.iter().filter_map(|entry| Some(entry.cell.units?.value)).sum();
    // A grant adds to an amount, and counts for nothing without one.
    let dated = dated.iter().filter_map(|entry| Some((entry.cell.units?.value, entry.cell.grants())));
    let amounts = dated.flat_map(|(amount, grants)| {
        let grants = grants.iter().map(|grant| (grant.interval, grant.add.value));
        grants.chain([(Interval::ALWAYS, amount)])
    });
    let sums = day_sums(days, amounts.chain([(Interval::ALWAYS, constant)]));
    let units = |sum: i128| Units::new(u64::try_from(sum).unwrap_or(u64::MAX));
    days.iter().copied().zip(sums.into_iter().map(units)).collect()
}
