//! Checks the state of a tenant at the end of a run: the pools, and the cells that the run was to change.

use super::words::{amount, be};
use crate::model::code::Code;
use crate::model::finding::{Finding, Severity};
use crate::model::observed::{ObservedState, Reading};
use crate::model::plan::change::{Change, PlannedChange};
use crate::model::plan::pool::PlannedPool;
use crate::model::run::{Outcome, Run};

/// A finding for each pool that holds more than is owned: an error if it also holds more than its declared debt covers.
pub fn overdrawn(pools: &[PlannedPool]) -> Vec<Finding> {
    let finding = |pool: &PlannedPool| {
        let owned = pool.owned.units()?;
        let short = pool.allocated_after.checked_sub(owned).filter(|short| !short.is_zero())?;
        let name = pool.pool.display_name();
        let message = format!("{name} {} short by {}", be(&name), amount(short));
        let is_covered = pool.debt.is_some_and(|debt| short <= debt);
        let (code, severity) = if is_covered { (Code::A207, Severity::Warning) } else { (Code::A201, Severity::Error) };
        let finding = Finding::new(code, severity, message).note(format!(
            "at the last reading {} were allocated, of {} owned{}",
            amount(pool.allocated_after),
            amount(owned),
            pool.debt.map_or_else(String::new, |debt| format!("; the declared debt is {}", amount(debt)))
        ));
        Some(finding.help("give units back, or buy more; `allot plan` shows who holds most"))
    };
    pools.iter().filter_map(finding).collect()
}

/// An error for each change that counts as applied, and that the last reading does not show.
pub fn not_as_applied(run: &Run, observed: &ObservedState) -> Vec<Finding> {
    let applied = run.draft.changes.iter().zip(&run.outcomes).filter(|(_, outcome)| outcome.is_applied());
    let cells = applied.filter_map(|(planned, _)| Some(differs(planned, &cell(planned, observed)?)));
    let setting = run.draft.setting.iter().filter(|_| run.setting == Some(Outcome::Applied)).filter_map(|setting| {
        let found = match &observed.who_can_allocate {
            Reading::Known { value, .. } if *value == setting.after => return None,
            Reading::Known { value, .. } => format!("it is {value}"),
            Reading::Absent => "it is not set".to_owned(),
            Reading::Unknown { why } => format!("it could not be read: {why}"),
        };
        let message = format!("who may allocate was set to {}, and at the last reading {found}", setting.after);
        Some(Finding::error(Code::A507, message).help(PLAN_AGAIN))
    });
    cells.chain(setting).collect()
}

/// The error if the tenant cannot be read at the end of a run.
pub fn not_read(why: &str) -> Finding {
    Finding::error(Code::A507, format!("the tenant could not be read at the end of the run: {why}")).help(PLAN_AGAIN)
}

const PLAN_AGAIN: &str = "`allot plan` reads the tenant again and shows what is left";

/// What the last reading shows instead of the target of a change.
fn cell(planned: &PlannedChange, observed: &ObservedState) -> Option<String> {
    let change = &planned.change;
    let Some(environment) = observed.environments.get(&planned.environment.id) else {
        return Some("the tenant does not show the environment".to_owned());
    };
    match environment.cell(change.add_on()) {
        Reading::Known { value, .. } if change.is_made_in(value) => None,
        Reading::Known { value, .. } if value.units == change.after().units => {
            Some("what happens when they are used up differs".to_owned())
        }
        Reading::Known { value, .. } => Some(format!("it held {}", amount(value.units))),
        Reading::Absent if is_release(change) => None,
        Reading::Absent => Some("it held none".to_owned()),
        Reading::Unknown { why } => Some(format!("what it held could not be read: {why}")),
    }
}

fn is_release(change: &Change) -> bool {
    change.after().units.is_zero() && change.after().when_exhausted.is_empty()
}

fn differs(planned: &PlannedChange, found: &str) -> Finding {
    let (key, change) = (&planned.environment.key, &planned.change);
    let (target, name) = (amount(change.after().units), change.add_on().display_name());
    let message = format!("{key} was to hold {target} {name}, and at the last reading {found}");
    Finding::error(Code::A507, message).help(PLAN_AGAIN)
}

#[cfg(test)]
mod tests;
