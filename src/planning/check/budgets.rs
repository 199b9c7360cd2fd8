//! Checks each budget against its environments, and all budgets together against the purchases, on every date.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::budget_use::{BudgetUse, days, uses};
use super::pool_check::{SHOWN_HOLDERS, severity};
use super::rooms::Rooms;
use crate::model::budget::Limit;
use crate::model::catalog::Pool;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::{Finding, Severity};
use crate::model::plan::draft::Draft;
use crate::model::terms::Units;
use crate::planning::entry::Entry;
use crate::planning::forecast::forecast;
use crate::planning::pools;
use crate::planning::words::amount;

/// Findings about budgets that are exceeded by the declared amounts, today or from a later date on, and about pools whose budget limits
/// together exceed what is available.
pub fn budgets(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let uses = uses(desired, date, None);
    let pools = if uses.is_empty() { Vec::new() } else { forecast(desired, None, date) };
    findings(desired, date, &uses, &Rooms::declared(date, &pools, &uses), None)
}

/// As [`budgets`], with the rooms that were computed already, and the plan if there is one. A budget or pool that the plan does not raise
/// gets a warning, so that no decrease is refused because of a budget.
pub(super) fn findings(
    desired: &DesiredState,
    date: Date,
    uses: &[BudgetUse<'_>],
    rooms: &Rooms<'_>,
    draft: Option<&Draft>,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        uses.iter().filter_map(|used| exceeded(desired, date, used, rooms, draft)).collect();
    findings.extend(limits_above_available(desired, date, draft));
    findings
}

fn exceeded(
    desired: &DesiredState,
    date: Date,
    used: &BudgetUse<'_>,
    rooms: &Rooms<'_>,
    draft: Option<&Draft>,
) -> Option<Finding> {
    let BudgetUse { key, add_on, limit, entries, held, growth } = used;
    let (day, held) = *held.iter().find(|(day, held)| *held > limit.on(*day))?;
    let over = held.remaining_after(limit.on(day));
    let raised = growth.is_some_and(|growth| growth > 0).then_some(draft).flatten().and_then(|draft| {
        Entry::most_raised(desired, draft, |environment, raised| {
            raised == *add_on && environment.budget.as_ref().is_some_and(|budget| budget.value == **key)
        })
    });
    let fit = raised.and_then(|entry| rooms.fit(entry, true));
    let fits = fit.map_or_else(String::new, |fit| format!("; {}", fit.words(Some(key))));
    let message = format!(
        "the budget {key} is exceeded by {} {}{}{fits}",
        amount(over),
        add_on.unit(over.get()),
        from(day, date)
    );
    let mut finding = Finding::new(Code::A204, not_worse(severity(desired, date, day), *growth), message);
    let place = limit.place(day);
    let the_limit = format!("the limit is {}", amount(limit.on(day)));
    finding = match raised {
        Some(entry) => {
            finding.at(entry.cell.amount_span(), "the largest increase under this budget").see(place, the_limit)
        }
        None => finding.at(place, the_limit),
    };
    finding = finding.note(format!("its environments hold {} {} together", amount(held), add_on.display_name()));
    let mut largest = entries.clone();
    largest.sort_by_key(|entry| std::cmp::Reverse(entry.cell.effective(day)));
    let raised = raised.map(|entry| entry.cell.amount_span());
    for entry in largest.into_iter().filter(|entry| Some(entry.cell.amount_span()) != raised).take(SHOWN_HOLDERS) {
        let label = format!("holds {}", amount(entry.cell.effective(day).unwrap_or_default()));
        let most = rooms.fit(entry, false).and_then(|fit| fit.label());
        finding = finding.see(entry.cell.amount_span(), [label].into_iter().chain(most).collect::<Vec<_>>().join("; "));
    }
    Some(match fit {
        Some(fit) => fit.explain(finding, Some(key), day),
        None => finding.help("lower an amount, or agree on a higher limit with the owner of the budget"),
    })
}

/// A warning instead of an error if there is a plan, and it does not raise what is exceeded.
fn not_worse(severity: Severity, growth: Option<i128>) -> Severity {
    if growth.is_some_and(|growth| growth <= 0) { severity.min(Severity::Warning) } else { severity }
}

fn from(day: Date, today: Date) -> String {
    if day > today { format!(" from {day}") } else { String::new() }
}

fn limits_above_available(desired: &DesiredState, date: Date, draft: Option<&Draft>) -> Vec<Finding> {
    let mut limits: BTreeMap<Pool, Vec<&Limit>> = BTreeMap::new();
    for (add_on, limit) in desired.budgets.values().flat_map(|budget| &budget.limits) {
        limits.entry(add_on.pool()).or_default().push(limit);
    }
    let days = days(desired, date);
    let mut findings = Vec::new();
    for (pool, limits) in limits {
        let promised = |day: Date| limits.iter().map(|limit| limit.on(day)).sum::<Units>();
        let short = |day: Date| {
            let owned = desired.purchased_on(&pool, day)?;
            let reserve = pools::reserve(desired, &pool, owned);
            let over = promised(day).remaining_after(owned.remaining_after(reserve));
            // If nothing is owned on a later day, no limit fits, so the limits are not the problem.
            let counts = day == date || !owned.is_zero();
            (counts && !over.is_zero()).then_some((day, over, owned, reserve))
        };
        let Some((day, over, owned, reserve)) = days.iter().copied().find_map(short) else { continue };
        let Some(largest) = limits.iter().max_by_key(|limit| limit.on(day)) else { continue };
        let growth = draft.map(|draft| {
            draft.pool(&pool).map_or(0, |planned| planned.allocated_after.difference(planned.allocated_before))
        });
        let message = format!(
            "the limits of all budgets exceed what is available by {} {}{}",
            amount(over),
            pool.display_name(),
            from(day, date)
        );
        let mut finding = Finding::new(Code::A205, not_worse(severity(desired, date, day), growth), message)
            .at(largest.place(day), "the largest limit")
            .note(format!("limits {}, owned {}, reserve {}", amount(promised(day)), amount(owned), amount(reserve)));
        let most =
            days.iter().copied().filter_map(short).max_by_key(|(day, over, ..)| (*over, std::cmp::Reverse(*day)));
        if let Some((later, most, ..)) = most.filter(|(_, most, ..)| *most > over) {
            finding = finding.note(format!("exceeded by {}{}", amount(most), from(later, date)));
        }
        findings.push(finding.help(if day > date {
            format!("lower the limits from {day} on: `{{ units: …, from: {day} }}`; or lower the reserve, or buy more")
        } else {
            "lower the limits until they fit, lower the reserve, or buy more".to_owned()
        }));
    }
    findings
}
