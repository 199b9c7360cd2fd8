//! The tables of a status: by environment or by budget.
//!
//! A number that is unknown is `null` and never zero, and a sum with an unknown part is `null` as well.

use clap::ValueEnum;
use jiff::civil::Date;
use serde::Serialize;

use super::budget::{BudgetView, budgets};
use super::environment::{EnvironmentView, environments};
use crate::model::desired::DesiredState;
use crate::model::observed::ObservedState;

/// What a status is broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BreakdownBy {
    /// Each environment and add-on
    Environment,
    /// Each budget and add-on, with the limit and what is left of it
    Budget,
}

/// The tables of a status. In JSON a field of the status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BreakdownView {
    /// A group for each environment.
    ByEnvironment(Vec<EnvironmentView>),
    /// A group for each budget.
    ByBudget(Vec<BudgetView>),
}

impl BreakdownView {
    /// The tables on a date.
    pub fn new(by: BreakdownBy, desired: &DesiredState, observed: &ObservedState, date: Date) -> BreakdownView {
        match by {
            BreakdownBy::Environment => BreakdownView::ByEnvironment(environments(desired, observed, date)),
            BreakdownBy::Budget => BreakdownView::ByBudget(budgets(desired, observed, date)),
        }
    }
}
