//! Checks each budget against its environments, and all budgets together against the purchases.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::pool_check::SHOWN_HOLDERS;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::{DesiredState, ManagedCell};
use crate::model::finding::Finding;
use crate::model::terms::{BudgetKey, Units};
use crate::planning::forecast::forecast;
use crate::planning::words::amount;

/// Findings about budgets that are exceeded on a date or later, and about pools whose budget limits together exceed what is available.
pub fn budgets(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    if desired.budgets.values().all(|budget| budget.limits.is_empty()) {
        return findings;
    }
    let dates: Vec<Date> =
        std::iter::once(date).chain(desired.edges().into_iter().filter(|edge| *edge > date)).collect();
    let mut drawing: BTreeMap<(&BudgetKey, &AddOn), Vec<&ManagedCell>> = BTreeMap::new();
    for environment in desired.environments.values() {
        let Some(budget) = &environment.budget else { continue };
        for (add_on, cell) in environment.managed() {
            drawing.entry((&budget.value, add_on)).or_default().push(cell);
        }
    }
    for (key, budget) in &desired.budgets {
        for (add_on, limit) in &budget.limits {
            let cells = drawing.remove(&(key, add_on)).unwrap_or_default();
            let sum = |day: Date| cells.iter().filter_map(|cell| cell.effective(day)).sum::<Units>();
            let Some((day, held)) = dates.iter().map(|day| (*day, sum(*day))).find(|(_, held)| *held > limit.value)
            else {
                continue;
            };
            let when = if day > date { format!(" from {day}") } else { String::new() };
            let short = held.remaining_after(limit.value);
            let unit = add_on.unit(short.get());
            let message = format!("the budget {key} is exceeded by {} {unit}{when}", amount(short));
            let mut finding = Finding::error(Code::A204, message)
                .at(limit.span, format!("the limit is {}", amount(limit.value)))
                .note(format!("its environments hold {} {} together", amount(held), add_on.display_name()));
            let mut largest = cells.clone();
            largest.sort_by_key(|cell| std::cmp::Reverse(cell.effective(day)));
            for cell in largest.iter().take(SHOWN_HOLDERS) {
                finding = finding
                    .see(cell.amount_span(), format!("holds {}", amount(cell.effective(day).unwrap_or_default())));
            }
            findings.push(finding.help("lower an amount, or agree on a higher limit with the owner of the budget"));
        }
    }
    findings.extend(limits_above_available(desired, date));
    findings
}

fn limits_above_available(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pool in forecast(desired, None, date) {
        let Some(owned) = pool.points.first().and_then(|point| point.owned) else { continue };
        let reserve = pool.points.first().map_or(Units::ZERO, |point| point.reserve);
        let members = pool.pool.members();
        let limits: Vec<_> = desired
            .budgets
            .values()
            .flat_map(|budget| &budget.limits)
            .filter(|(add_on, _)| members.contains(add_on))
            .map(|(_, limit)| limit)
            .collect();
        let total: Units = limits.iter().map(|limit| limit.value).sum();
        let available = owned.remaining_after(reserve);
        let Some(largest) = limits.iter().max_by_key(|limit| limit.value).filter(|_| total > available) else {
            continue;
        };
        let short = amount(total.remaining_after(available));
        let finding = Finding::error(
            Code::A205,
            format!("the limits of all budgets exceed what is available by {short} {}", pool.pool.display_name()),
        )
        .at(largest.span, "the largest limit")
        .note(format!("limits {}, owned {}, reserve {}", amount(total), amount(owned), amount(reserve)));
        findings.push(finding.help("lower the limits until they fit, lower the reserve, or buy more"));
    }
    findings
}
