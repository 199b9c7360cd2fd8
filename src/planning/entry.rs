//! An amount of the configuration, and the one that a plan raises most.

use jiff::civil::Date;

use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{DesiredEnvironment, DesiredState, ManagedCell};
use crate::model::plan::change::Change;
use crate::model::plan::draft::Draft;

/// An amount of the configuration: one environment and one add-on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) environment: &'a DesiredEnvironment,
    pub(super) add_on: &'a AddOn,
    pub(super) cell: &'a ManagedCell,
}

impl<'a> Entry<'a> {
    /// Every managed amount of an environment.
    pub(super) fn of(environment: &'a DesiredEnvironment) -> impl Iterator<Item = Entry<'a>> {
        let entry = move |(add_on, cell)| Entry { environment, add_on, cell };
        environment.managed().filter(|(_, cell)| cell.units.is_some()).map(entry)
    }

    /// The largest amount of an environment in a pool on a date.
    pub(super) fn largest(environment: &'a DesiredEnvironment, pool: &Pool, date: Date) -> Option<Entry<'a>> {
        // The first of equal amounts.
        let entries: Vec<_> = Entry::of(environment).filter(|entry| entry.add_on.pool() == *pool).collect();
        entries.into_iter().rev().max_by_key(|entry| entry.cell.effective(date))
    }

    /// The amount that a plan raises most, among those that a condition selects.
    pub(super) fn most_raised(
        desired: &'a DesiredState,
        draft: &Draft,
        counts: impl Fn(&DesiredEnvironment, &AddOn) -> bool,
    ) -> Option<Entry<'a>> {
        let raised = draft.changes.iter().filter(|planned| planned.change.takes()).filter_map(|planned| {
            let environment = desired.environments.get(&planned.environment.key)?;
            counts(environment, planned.change.add_on()).then_some((planned, environment))
        });
        let difference = |change: &Change| change.after().units.difference(change.units_before());
        let (planned, environment) = raised.max_by_key(|(planned, _)| difference(&planned.change))?;
        Entry::of(environment).find(|entry| entry.add_on == planned.change.add_on())
    }
}
