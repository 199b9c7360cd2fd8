//! Why a cell has its value: the value and place of every layer, overridden ones included, and the guards of the cell.

use jiff::civil::Date;
use unicode_width::UnicodeWidthStr;

use crate::model::catalog::AddOn;
use crate::model::desired::{DesiredCell, DesiredEnvironment, DesiredState, Grant, ManagedCell};
use crate::model::document::Switch;
use crate::model::rules::Unmanaged;
use crate::model::source::{Located, Sources, Span};
use crate::model::terms::{BudgetKey, Interval, Units};
use crate::report::number::number;
use crate::report::style::Style;
use crate::report::wrap::{behind, wrap};

/// Renders the page about a cell on a day.
pub fn cell(
    desired: &DesiredState,
    environment: &DesiredEnvironment,
    add_on: &AddOn,
    date: Date,
    sources: &Sources,
) -> String {
    let layers = Layers {
        class: environment.class.map_or_else(String::new, |class| class.value.to_string()),
        own: environment.cell(add_on),
        default: desired.class_default(environment, add_on),
        date,
    };
    let groups = [
        ("Amount", layers.amount()),
        ("When it is used up", layers.switches()),
        ("Guards", guards(desired, environment, add_on, date)),
    ];
    let (name, key) = (add_on.display_name(), &environment.key.value);
    let answer = format!("{name} of {key} on {date}: {}", answer(desired, layers.own, date));
    let mut text = format!("{}\n", wrap(&answer, Style::PLAIN.columns()));
    for (heading, rows) in groups.iter().filter(|(_, rows)| !rows.is_empty()) {
        text.push_str(&format!("\n{heading}\n{}", table(rows, sources)));
    }
    text
}

fn answer(desired: &DesiredState, cell: Option<&DesiredCell>, date: Date) -> String {
    match cell {
        None => match desired.rules.unmanaged_add_ons.value {
            Unmanaged::Ignore => "not declared, so plans skip it".to_owned(),
            Unmanaged::Report => "not declared, so plans skip it, and report it if the tenant holds some".to_owned(),
            Unmanaged::Fail => "not declared, so a plan is refused if the tenant holds some".to_owned(),
        },
        Some(DesiredCell::Unmanaged(_)) => "unmanaged, so plans skip it and do not report it".to_owned(),
        Some(DesiredCell::Managed(cell)) => match cell.effective(date) {
            Some(units) => number(units),
            None => "the amount is not managed, only switches are".to_owned(),
        },
    }
}

struct FactRow {
    value: String,
    what: String,
    place: Span,
}

/// The rows of a group, with places beside them. If the places do not fit, they go below. If that does not fit either,
/// each value gets a line of its own.
fn table(rows: &[FactRow], sources: &Sources) -> String {
    let columns = Style::PLAIN.columns();
    let places: Vec<String> = rows.iter().map(|row| sources.place(row.place).to_string()).collect();
    let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
    let value_width = widest(&mut rows.iter().map(|row| row.value.width()));
    let what_width = widest(&mut rows.iter().map(|row| row.what.width()));
    let place_width = widest(&mut places.iter().map(|place| place.width()));
    let word_width = widest(&mut rows.iter().flat_map(|row| row.what.split(' ')).map(UnicodeWidthStr::width));
    let margin = 2 + value_width + 2;
    let is_beside = margin + what_width + 2 + place_width <= columns;
    let is_below = margin + word_width.max(place_width) <= columns;
    let mut text = String::new();
    for (row, place) in rows.iter().zip(&places) {
        let (value, what) = (&row.value, &row.what);
        let before = " ".repeat(value_width - value.width());
        text.push_str(&match (is_beside, is_below) {
            (true, _) => format!("  {before}{value}  {what}{}  {place}\n", " ".repeat(what_width - what.width())),
            (false, true) => {
                behind(&format!("  {before}{value}  "), margin, &format!("{what}\n{place}"), margin, columns)
            }
            (false, false) => format!("  {value}\n{}", behind("      ", 6, &format!("{what}\n{place}"), 6, columns)),
        });
    }
    text
}

/// The cell of an environment and the default of its class.
struct Layers<'a> {
    class: String,
    /// The cell in force: the environment's own fields over those of its class.
    own: Option<&'a DesiredCell>,
    default: Option<&'a DesiredCell>,
    date: Date,
}

fn managed(cell: Option<&DesiredCell>) -> Option<&ManagedCell> {
    match cell {
        Some(DesiredCell::Managed(cell)) => Some(cell),
        Some(DesiredCell::Unmanaged(_)) | None => None,
    }
}

fn unmanaged(cell: Option<&DesiredCell>) -> Option<Span> {
    match cell {
        Some(DesiredCell::Unmanaged(span)) => Some(*span),
        Some(DesiredCell::Managed(_)) | None => None,
    }
}

/// The layer of a value, and whether another layer overrides it.
#[derive(Clone, Copy)]
enum ValueSource {
    Own,
    Default,
    Overridden,
}

impl Layers<'_> {
    /// The layer of the value in force, which is at `mine`. Two layers never share a place, so a value at the place of the default is
    /// the default.
    fn source_of(&self, mine: Span, default: Option<Span>) -> ValueSource {
        if default == Some(mine) { ValueSource::Default } else { ValueSource::Own }
    }

    fn entry(&self, source: ValueSource) -> String {
        match source {
            ValueSource::Own => "own entry".to_owned(),
            ValueSource::Default => format!("default of {}", self.class),
            ValueSource::Overridden => format!("default of {}, overridden", self.class),
        }
    }

    fn amount(&self) -> Vec<FactRow> {
        let mut rows = Vec::new();
        if let Some(span) = unmanaged(self.own) {
            rows.push(self.unmanaged(span, self.source_of(span, unmanaged(self.default))));
        }
        let (cell, default) = (managed(self.own), managed(self.default));
        let units = cell.and_then(|cell| cell.units);
        let default_units = default.and_then(|default| default.units);
        rows.extend(units.map(|units| {
            row(units, self.entry(self.source_of(units.span, default_units.map(|default| default.span))))
        }));
        let grants = cell.map_or(&[][..], ManagedCell::grants);
        let default_grants = default.map_or(&[][..], ManagedCell::grants);
        for grant in grants {
            let source = if default_grants.contains(grant) { ValueSource::Default } else { ValueSource::Own };
            rows.push(self.grant(grant, source));
        }
        // The overridden defaults, in the same order.
        let lost = unmanaged(self.default).filter(|span| unmanaged(self.own) != Some(*span));
        rows.extend(lost.map(|span| self.unmanaged(span, ValueSource::Overridden)));
        let lost = default_units.filter(|lost| units.is_none_or(|units| units.span != lost.span));
        rows.extend(lost.map(|lost| row(lost, self.entry(ValueSource::Overridden))));
        let lost = default_grants.iter().filter(|grant| !grants.contains(grant));
        rows.extend(lost.map(|grant| self.grant(grant, ValueSource::Overridden)));
        rows
    }

    fn unmanaged(&self, span: Span, source: ValueSource) -> FactRow {
        FactRow { value: "unmanaged".to_owned(), what: self.entry(source), place: span }
    }

    fn grant(&self, grant: &Grant, source: ValueSource) -> FactRow {
        let Interval { from, until } = grant.interval;
        let days = match (from, until) {
            (Some(from), Some(until)) => format!(", {from} to {until}"),
            (Some(from), None) => format!(", from {from}"),
            (None, Some(until)) => format!(", until {until}"),
            (None, None) => String::new(),
        };
        let state = match (from, until) {
            (Some(from), _) if self.date < from => ", not yet",
            (_, Some(until)) if until < self.date => ", over",
            _ => "",
        };
        let (who, lost) = match source {
            ValueSource::Own => ("own", ""),
            ValueSource::Default => (self.class.as_str(), ""),
            ValueSource::Overridden => (self.class.as_str(), ", overridden"),
        };
        let what = format!("{who} grant{days}{state}{lost}");
        FactRow { value: format!("+{}", number(grant.add.value)), what, place: grant.span }
    }

    fn switches(&self) -> Vec<FactRow> {
        let of =
            |cell: Option<&ManagedCell>, switch: Switch| cell.and_then(|cell| cell.switches().get(&switch).copied());
        let mut rows = Vec::new();
        for switch in Switch::ALL {
            let (mine, default) = (of(managed(self.own), switch), of(managed(self.default), switch));
            let state = |value: Located<bool>, source: ValueSource| FactRow {
                value: (if value.value { "on" } else { "off" }).to_owned(),
                what: format!("{}: {}", switch.label(), self.entry(source)),
                place: value.span,
            };
            rows.extend(mine.map(|mine| state(mine, self.source_of(mine.span, default.map(|default| default.span)))));
            let lost = default.filter(|default| mine.is_none_or(|mine| mine.span != default.span));
            rows.extend(lost.map(|lost| state(lost, ValueSource::Overridden)));
        }
        rows
    }
}

fn row(units: Located<Units>, what: String) -> FactRow {
    FactRow { value: number(units.value), what, place: units.span }
}

/// The floor, the protection and the budget of a cell. Only a managed amount is guarded.
fn guards(desired: &DesiredState, environment: &DesiredEnvironment, add_on: &AddOn, date: Date) -> Vec<FactRow> {
    let floor = desired.floors.get(&(environment.key.value.clone(), add_on.clone()));
    if managed(environment.cell(add_on)).is_none_or(|cell| cell.units.is_none()) {
        let idle = |floor: &Located<Units>| row(*floor, "floor, without effect: the amount is not managed".to_owned());
        return floor.map(idle).into_iter().collect();
    }
    let mut rows: Vec<FactRow> =
        floor.map(|floor| row(*floor, "floor: no plan goes below it".to_owned())).into_iter().collect();
    if let Some(span) = environment.protect {
        let what = "a decrease needs `--allow` or `allow:`".to_owned();
        rows.push(FactRow { value: "protected".to_owned(), what, place: span });
    }
    let Some(name) = &environment.budget else { return rows };
    let limit = desired.budgets.get(&name.value).and_then(|budget| budget.limits.get(add_on));
    let what = match limit {
        Some(_) => name.value.to_string(),
        None => format!("{}, without a limit for {}", name.value, add_on.display_name()),
    };
    rows.push(FactRow { value: "budget".to_owned(), what, place: name.span });
    rows.extend(limit.map(|limit| {
        let taken = number(planned(desired, &name.value, add_on, date));
        row(Located::new(limit.on(date), limit.place(date)), format!("its limit, {taken} planned"))
    }));
    rows
}

/// The units that the environments of a budget are to hold together.
fn planned(desired: &DesiredState, budget: &BudgetKey, add_on: &AddOn, date: Date) -> Units {
    let counts =
        |environment: &&DesiredEnvironment| environment.budget.as_ref().is_some_and(|name| name.value == *budget);
    let members = desired.environments.values().map(AsRef::as_ref).filter(counts);
    members.filter_map(|member| managed(member.cell(add_on))?.effective(date)).sum()
}
