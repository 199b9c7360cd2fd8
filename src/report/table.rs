//! The changes of a plan or their outcomes as comma-separated values, one cell a row: for spreadsheets and other programs.

pub(super) mod groups;
pub(super) mod pools;

use jiff::civil::Date;
use serde::Serialize;

use super::marks;
use super::safe;
use super::safe::csv::{cell, writer};
use super::view::plan::{ChangeView, PlanVerdict, PlanView, SettingView};
use super::view::run::{OutcomeView, RunView, SettledChange};
use crate::model::desired::Provider;

type Rows = csv::Writer<Vec<u8>>;

const HEAD: [&str; 19] = [
    "tenant",
    "provider",
    "date",
    "environment",
    "environmentId",
    "environmentName",
    "addOn",
    "kind",
    "unitsBefore",
    "unitsAfter",
    "difference",
    "switches",
    "until",
    "ticket",
    "reason",
    "declaredAt",
    "result",
    "why",
    "owner",
];

/// The changes of a plan, after a heading.
pub(super) fn changes(view: &PlanView) -> Result<String, csv::Error> {
    let tenant = (view.tenant.as_str(), view.provider);
    let result = if view.verdict == PlanVerdict::Refused { "blocked" } else { "planned" };
    written(|writer| {
        for change in &view.changes {
            writer.serialize((cells(tenant, view.date, change), result, "", owner(change)))?;
        }
        view.setting.iter().try_for_each(|it| writer.serialize((setting(tenant, view.date, it), result, "", "")))
    })
}

/// The changes with their outcomes, after a heading.
pub(super) fn settled(view: &RunView) -> Result<String, csv::Error> {
    let tenant = (view.tenant.as_str(), view.provider);
    let why = |outcome: &OutcomeView| cell(outcome.why.as_deref().unwrap_or_default());
    written(|writer| {
        for SettledChange { change, outcome } in &view.changes {
            writer.serialize((cells(tenant, view.date, change), outcome.result, why(outcome), owner(change)))?;
        }
        view.setting.iter().try_for_each(|it| {
            let row = setting(tenant, view.date, &it.setting);
            writer.serialize((row, it.outcome.result, why(&it.outcome), ""))
        })
    })
}

/// Only the heading, for an answer that has no table.
pub(super) fn heading() -> Result<String, csv::Error> {
    written(|_| Ok(()))
}

/// The heading, and the rows that `rows` writes.
fn written(rows: impl FnOnce(&mut Rows) -> csv::Result<()>) -> csv::Result<String> {
    collected(&HEAD, rows)
}

/// A heading, and the rows that `rows` writes.
fn collected(head: &[&str], rows: impl FnOnce(&mut Rows) -> csv::Result<()>) -> csv::Result<String> {
    let mut writer = writer();
    writer.write_record(head)?;
    rows(&mut writer)?;
    safe::csv::written(writer)
}

fn cells((tenant, provider): (&str, Provider), date: Date, change: &ChangeView) -> impl Serialize + use<> {
    let text = |text: Option<&str>| cell(text.unwrap_or_default());
    (
        cell(tenant),
        provider,
        date,
        cell(change.environment.key.as_str()),
        cell(change.environment.id.as_str()),
        text(change.environment.name.as_deref()),
        cell(&change.add_on.slug),
        change.kind,
        change.units_before,
        change.units_after,
        change.difference,
        marks::switches(change, ">").collect::<Vec<_>>().join("; "),
        change.until,
        text(change.ticket.as_deref()),
        text(change.reason.as_deref()),
        text(change.declared_at.as_ref().map(ToString::to_string).as_deref()),
    )
}

/// The last cell: it was added after the others, and a program may count on their order.
fn owner(change: &ChangeView) -> String {
    cell(change.owner.as_deref().unwrap_or_default())
}

/// A setting of the tenant: it belongs to no environment and has no units.
fn setting((tenant, provider): (&str, Provider), date: Date, setting: &SettingView) -> impl Serialize + use<> {
    let before = marks::set_before(setting);
    let moved = format!("{}: {before} > {}", setting.setting, setting.after);
    let place = setting.declared_at.as_ref().map(ToString::to_string).unwrap_or_default();
    (cell(tenant), provider, date, "", "", "", "", "setting", "", "", "", moved, "", "", "", cell(&place))
}

#[cfg(test)]
mod tests {
    use super::changes;
    use crate::report::fixture;
    use crate::report::view::plan::PlanView;

    #[test]
    fn each_change_is_a_row() {
        let (plan, sources) = (fixture::plan(), fixture::sources());
        let view = PlanView::new(plan.draft(), None, &[], &sources, fixture::ninety());
        let text = changes(&view).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1 + plan.draft().changes.len() + usize::from(plan.draft().setting.is_some()));
        assert_eq!(
            lines[2],
            r#""contoso","power-platform","2026-11-23","supplier-portal","bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb","Supplier Portal","portal-page-views","decrease",400000,250000,-150000,"","","","FY27 renewal","environments/portals.yaml:9:26","planned","","service-owners@contoso.com""#
        );
    }
}
