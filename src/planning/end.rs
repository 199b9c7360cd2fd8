//! Checks the last reading of a run: no pool may hold more than is owned, apart from declared debts, and the tenant
//! must hold what is desired.

use std::collections::BTreeSet;

use super::matching::Matching;
use super::planner::Request;
use super::words::{amount, be};
use crate::model::catalog::{AddOn, Pool};
use crate::model::code::Code;
use crate::model::desired::{DesiredEnvironment, DesiredState, ManagedCell};
use crate::model::document::{Entry, Switches};
use crate::model::finding::{Finding, Severity};
use crate::model::observed::{ObservedEnvironment, ObservedState, Reading};
use crate::model::plan::pool::{Owned, PlannedPool};
use crate::model::run::{Outcome, Run};
use crate::model::terms::Units;

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

/// An error for each cell in the scope of a run, and for the setting, that the last reading does not show as desired. A change that
/// was not applied is reported as such already.
pub fn not_as_desired(
    desired: &DesiredState,
    request: &Request<'_>,
    run: &Run,
    observed: &ObservedState,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (environment, seen) in Matching::of(desired, observed).declared {
        let id = &environment.id.value;
        let in_scope = |add_on: &AddOn| request.includes(environment) && request.includes_cell(id, add_on);
        let cells =
            environment.managed().filter(|(add_on, _)| in_scope(add_on) && !is_reported(run, environment, add_on));
        let seen = seen.map(|seen| (seen, observed.has_unknown_switches(seen)));
        findings.extend(cells.filter_map(|(add_on, cell)| difference(environment, add_on, cell, seen, request)));
    }
    findings.extend(setting(desired, request, run, observed));
    findings
}

/// An error for each pool whose owned or allocated units are unknown at the last reading: it could be over-allocated.
/// The pools are those that the scope of the run, the purchases or the debts name, and those whose purchase the plan
/// knew.
pub fn unknown(
    desired: &DesiredState,
    request: &Request<'_>,
    planned: &[PlannedPool],
    pools: &[PlannedPool],
) -> Vec<Finding> {
    let cells = desired
        .environments
        .values()
        .filter(|environment| request.includes(environment))
        .flat_map(|environment| environment.managed().map(move |(add_on, _)| (environment, add_on)))
        .filter(|(environment, add_on)| request.includes_cell(&environment.id.value, add_on))
        .map(|(_, add_on)| add_on.pool());
    let purchased = desired.purchased.keys().map(AddOn::pool);
    let known = planned.iter().filter(|pool| pool.owned.units().is_some()).map(|pool| pool.pool.clone());
    let named: BTreeSet<Pool> = cells.chain(purchased).chain(desired.debts.keys().cloned()).chain(known).collect();
    let finding = |pool: &PlannedPool| {
        let (what, why) = match &pool.owned {
            _ if pool.unseen.is_none() => {
                ("allocated", "the tenant's own count is unknown, and not every environment was read".to_owned())
            }
            Owned::Unknown { why, at_least } if pool.allocated_after > *at_least => ("owned", why.to_string()),
            Owned::Known { .. } | Owned::Unknown { .. } => return None,
        };
        let name = pool.pool.display_name();
        let message = format!("at the last reading of the run, it is unknown how many {name} are {what}: {why}");
        Some(Finding::error(Code::A507, message).help(PLAN_AGAIN))
    };
    pools.iter().filter(|pool| named.contains(&pool.pool)).filter_map(finding).collect()
}

/// The error if the tenant cannot be read at the end of a run.
pub fn not_read(why: &str) -> Finding {
    Finding::error(Code::A507, format!("the tenant could not be read at the end of the run: {why}")).help(PLAN_AGAIN)
}

const PLAN_AGAIN: &str = "`allot plan` reads the tenant again and shows what is left";

fn is_reported(run: &Run, environment: &DesiredEnvironment, add_on: &AddOn) -> bool {
    let changes = run.draft.changes.iter().zip(&run.outcomes).filter(|(_, outcome)| !outcome.is_applied());
    let mut cells = changes.map(|(planned, _)| (&planned.environment.id, planned.change.add_on()));
    cells.any(|cell| cell == (&environment.id.value, add_on))
}

fn difference(
    environment: &DesiredEnvironment,
    add_on: &AddOn,
    cell: &ManagedCell,
    seen: Option<(&ObservedEnvironment, bool)>,
    request: &Request<'_>,
) -> Option<Finding> {
    let (key, name) = (&environment.key.value, add_on.display_name());
    let wanted = cell.effective(request.date);
    let wants_nothing = wanted.is_none_or(|wanted| wanted.is_zero()) && cell.switches().is_empty();
    let has_unknown_switches = seen.is_some_and(|(_, hides)| hides);
    let nothing = Entry {
        when_exhausted: if has_unknown_switches { Switches::UNKNOWN } else { Switches::NONE },
        ..Entry::default()
    };
    // A deleted environment counts with what it still holds.
    let message = match seen.map(|(seen, _)| seen.cell(add_on)) {
        Some(Reading::Known { value, .. }) => differs(cell, wanted, value).map(|how| format!("{key} {how}"))?,
        Some(Reading::Absent) => differs(cell, wanted, &nothing).map(|how| format!("{key} {how}"))?,
        Some(Reading::Unknown { why }) => format!("{name} of {key} could not be read: {why}"),
        // A403 warns that the environment is gone.
        None if wants_nothing => return None,
        None => format!("the tenant does not show {key}, which should hold {name}"),
    };
    let message = format!("at the last reading of the run, {}", message.replace("{name}", name));
    Some(Finding::error(Code::A507, message).at_if(Some(cell.amount_span()), "declared here").help(PLAN_AGAIN))
}

/// How an entry differs from the desired one, with `{name}` in the place of the add-on's name.
fn differs(cell: &ManagedCell, wanted: Option<Units>, found: &Entry) -> Option<String> {
    if let Some(wanted) = wanted.filter(|wanted| *wanted != found.units) {
        return Some(format!("holds {} {{name}}, and {} are declared", amount(found.units), amount(wanted)));
    }
    let is_set = |(switch, value): (_, bool)| found.when_exhausted.get(switch) == Some(value);
    let switches = cell.switches().iter().map(|(switch, value)| (*switch, value.value));
    // Switches that the service does not show are in the list of subjects that were not checked.
    let differ = !found.when_exhausted.is_unknown() && !switches.into_iter().all(is_set);
    differ.then(|| "has other `whenExhausted` switches for {name} than declared".to_owned())
}

fn setting(desired: &DesiredState, request: &Request<'_>, run: &Run, observed: &ObservedState) -> Option<Finding> {
    let wanted = desired.tenant.who_can_allocate.as_ref().filter(|_| request.targets.is_empty())?;
    if run.setting.as_ref().is_some_and(|outcome| *outcome != Outcome::Applied) {
        return None;
    }
    let found = match &observed.who_can_allocate {
        Reading::Known { value, .. } if *value == wanted.value => return None,
        Reading::Known { value, .. } => format!("it is {value}"),
        Reading::Absent => "it is not set".to_owned(),
        Reading::Unknown { why } => format!("it could not be read: {why}"),
    };
    let message = format!("`whoCanAllocate` should be {}, and at the last reading of the run {found}", wanted.value);
    Some(Finding::error(Code::A507, message).at(wanted.span, "declared here").help(PLAN_AGAIN))
}

#[cfg(test)]
mod tests;
