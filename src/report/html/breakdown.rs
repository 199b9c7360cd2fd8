//! The table of environments or of budgets on the page of a status.

use crate::report::groups::{Group, GroupRow, Groups};
use crate::report::safe::html::name;
use crate::report::view::breakdown::BreakdownView;

/// A table with a row for each add-on of an environment or a budget.
pub(super) struct Breakdown {
    pub(super) what: String,
    pub(super) columns: &'static [&'static str],
    pub(super) groups: Vec<BreakdownGroup>,
}

/// An environment or a budget.
pub(super) struct BreakdownGroup {
    pub(super) name: String,
    pub(super) facts: String,
    pub(super) rows: Vec<BreakdownRow>,
}

/// One add-on.
pub(super) struct BreakdownRow {
    pub(super) add_on: String,
    pub(super) numbers: Vec<String>,
    pub(super) agreements: String,
}

impl Breakdown {
    /// The table, with every name made visible.
    pub(super) fn new(view: &BreakdownView) -> Breakdown {
        let table = Groups::new(view);
        let groups = table.groups.into_iter().map(group).collect();
        Breakdown { what: table.what.to_lowercase(), columns: table.columns, groups }
    }
}

fn group(group: Group) -> BreakdownGroup {
    BreakdownGroup {
        facts: name(&group.facts().join(" · ")).into_owned(),
        name: name(&group.name).into_owned(),
        rows: group.rows.into_iter().map(row).collect(),
    }
}

fn row(row: GroupRow) -> BreakdownRow {
    BreakdownRow {
        add_on: name(&row.add_on).into_owned(),
        agreements: name(&row.agreements).into_owned(),
        numbers: row.numbers,
    }
}
