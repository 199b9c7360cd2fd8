//! The tables of `status --by` as comma-separated values: a row for each add-on of an environment or a budget. An empty number is unknown,
//! or not declared.

use super::{Rows, collected};
use crate::report::safe::csv::cell;
use crate::report::view::breakdown::BreakdownView;
use crate::report::view::budget::{BudgetView, SumView};
use crate::report::view::environment::EnvironmentView;
use crate::report::view::status::StatusView;

const ENVIRONMENTS: [&str; 17] = [
    "tenant",
    "provider",
    "date",
    "environment",
    "environmentId",
    "environmentName",
    "owner",
    "budget",
    "costCenter",
    "addOn",
    "agreement",
    "declared",
    "observed",
    "observedUnknown",
    "consumed",
    "consumedAsOf",
    "consumedUnknown",
];

const BUDGETS: [&str; 17] = [
    "tenant",
    "provider",
    "date",
    "budget",
    "costCenter",
    "owner",
    "environments",
    "undeclaredEnvironments",
    "addOn",
    "agreement",
    "limit",
    "declared",
    "left",
    "observed",
    "observedAtLeast",
    "consumed",
    "consumedAtLeast",
];

/// The rows of a table, after a heading.
pub(in crate::report) fn groups(view: &StatusView, breakdown: &BreakdownView) -> Result<String, csv::Error> {
    match breakdown {
        BreakdownView::ByEnvironment(all) => {
            collected(&ENVIRONMENTS, |writer| all.iter().try_for_each(|one| environment(view, one, writer)))
        }
        BreakdownView::ByBudget(all) => {
            collected(&BUDGETS, |writer| all.iter().try_for_each(|one| budget(view, one, writer)))
        }
    }
}

fn text(text: Option<&str>) -> String {
    cell(text.unwrap_or_default())
}

fn environment(view: &StatusView, one: &EnvironmentView, writer: &mut Rows) -> csv::Result<()> {
    let named = (
        (cell(&view.tenant), view.provider, view.date),
        text(one.environment.as_ref().map(|key| key.as_str())),
        cell(one.id.as_str()),
        text(one.name.as_deref()),
        text(one.owner.as_deref()),
        text(one.budget.as_ref().map(|key| key.as_str())),
        text(one.cost_center.as_deref()),
    );
    if one.add_ons.is_empty() {
        let nothing = ("", "", "", "", text(one.unknown.as_deref()), "", "", "");
        writer.serialize((&named, nothing))?;
    }
    one.add_ons.iter().try_for_each(|it| {
        let (observed, consumed) = (&it.observed, &it.consumed);
        writer.serialize((
            &named,
            (cell(&it.add_on.slug), cell(&it.agreements.join(" "))),
            it.declared,
            (observed.units, text(observed.unknown.as_deref())),
            (consumed.units, consumed.as_of.map(|at| at.to_string()), text(consumed.unknown.as_deref())),
        ))
    })
}

fn budget(view: &StatusView, one: &BudgetView, writer: &mut Rows) -> csv::Result<()> {
    let named = (
        (cell(&view.tenant), view.provider, view.date),
        text(one.budget.as_ref().map(|key| key.as_str())),
        text(one.cost_center.as_deref()),
        cell(&one.owners.join(" ")),
        (one.environments, one.undeclared_environments),
    );
    let sum = |sum: &SumView| (sum.units, sum.at_least);
    one.add_ons.iter().try_for_each(|it| {
        writer.serialize((
            &named,
            (cell(&it.add_on.slug), cell(&it.agreements.join(" "))),
            (it.limit, it.declared, it.left.and_then(|left| i64::try_from(left).ok())),
            sum(&it.observed),
            sum(&it.consumed),
        ))
    })
}
