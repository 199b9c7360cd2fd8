//! The tables of `status --by` in words: each group with a heading, and cells that every format shows alike.

use super::marks;
use super::number::{count, number};
use super::view::breakdown::BreakdownView;
use super::view::budget::{BudgetCellView, BudgetView, SumView};
use super::view::environment::{CellView, EnvironmentView};

/// The headings of the columns of numbers, by environment.
const OF_ENVIRONMENT: [&str; 3] = ["Declared", "Observed", "Consumed"];
/// The headings of the columns of numbers, by budget.
const OF_BUDGET: [&str; 5] = ["Limit", "Declared", "Left", "Observed", "Consumed"];

/// A table. Names in it are as people wrote them.
pub(super) struct Groups {
    /// The heading of the first column.
    pub(super) what: &'static str,
    /// The headings of the columns of numbers.
    pub(super) columns: &'static [&'static str],
    pub(super) groups: Vec<Group>,
}

/// An environment or a budget.
pub(super) struct Group {
    /// The key, or else the name or the id.
    pub(super) name: String,
    /// Who owns it: names with commas between them, or "unknown"; `None` if no owner is declared.
    pub(super) owner: Option<String>,
    pub(super) cost_center: Option<String>,
    /// Other facts, each in a few words.
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<GroupRow>,
}

/// One add-on.
pub(super) struct GroupRow {
    pub(super) add_on: String,
    /// The numbers, as many as there are columns.
    pub(super) numbers: Vec<String>,
    /// The agreements, with commas between them.
    pub(super) agreements: String,
}

impl Groups {
    /// The tables of a status in words.
    pub(super) fn new(view: &BreakdownView) -> Groups {
        match view {
            BreakdownView::ByEnvironment(all) => Groups {
                what: "Environment",
                columns: &OF_ENVIRONMENT,
                groups: all.iter().map(of_environment).collect(),
            },
            BreakdownView::ByBudget(all) => {
                Groups { what: "Budget", columns: &OF_BUDGET, groups: all.iter().map(of_budget).collect() }
            }
        }
    }
}

impl Group {
    /// All facts, each in a few words.
    pub(super) fn facts(&self) -> Vec<String> {
        let owner = self.owner.as_ref().map(|owner| format!("owner {owner}"));
        let center = self.cost_center.as_ref().map(|center| format!("cost center {center}"));
        owner.into_iter().chain(center).chain(self.notes.iter().cloned()).collect()
    }
}

fn of_environment(view: &EnvironmentView) -> Group {
    let key = view.environment.as_ref().map(|key| key.as_str());
    let notes = [
        key.is_none().then(|| "not declared".to_owned()),
        view.budget.as_ref().map(|budget| format!("budget {budget}")),
        view.unknown.as_ref().map(|why| format!("holdings unknown: {why}")),
    ];
    let row = |cell: &CellView| GroupRow {
        add_on: cell.add_on.name.clone(),
        numbers: vec![
            if cell.is_unmanaged { "unmanaged".to_owned() } else { declared(cell.declared) },
            marks::or_unknown(cell.observed.units),
            marks::or_unknown(cell.consumed.units),
        ],
        agreements: cell.agreements.join(", "),
    };
    Group {
        name: key.or(view.name.as_deref()).unwrap_or(view.id.as_str()).to_owned(),
        owner: view.owner.clone().or_else(|| key.is_none().then(|| "unknown".to_owned())),
        cost_center: view.cost_center.clone(),
        notes: notes.into_iter().flatten().collect(),
        rows: view.add_ons.iter().map(row).collect(),
    }
}

fn of_budget(view: &BudgetView) -> Group {
    let undeclared = view.undeclared_environments;
    let notes = [
        Some(count(view.environments, "environment", "environments")),
        (undeclared > 0).then(|| format!("{} of them not declared", number(undeclared))),
    ];
    let row = |cell: &BudgetCellView| GroupRow {
        add_on: cell.add_on.name.clone(),
        numbers: vec![
            declared(cell.limit),
            declared(cell.declared),
            declared(cell.left),
            sum(&cell.observed),
            sum(&cell.consumed),
        ],
        agreements: cell.agreements.join(", "),
    };
    Group {
        name: view.budget.as_ref().map_or_else(|| "no budget".to_owned(), ToString::to_string),
        owner: (!view.owners.is_empty()).then(|| view.owners.join(", ")),
        cost_center: view.cost_center.clone(),
        notes: notes.into_iter().flatten().collect(),
        rows: view.add_ons.iter().map(row).collect(),
    }
}

/// A number of the files, or "none".
fn declared(amount: Option<impl std::fmt::Display>) -> String {
    amount.map_or_else(|| "none".to_owned(), number)
}

/// A sum. If a part is unknown: the sum of the known parts, after a `≥`, or "unknown" if no part is known.
fn sum(sum: &SumView) -> String {
    match (sum.units, sum.at_least) {
        (Some(units), _) => number(units),
        (None, Some(least)) => format!("≥ {}", number(least)),
        (None, None) => "unknown".to_owned(),
    }
}
