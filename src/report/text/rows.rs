//! Changes in rows, each followed by its notes.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr;

use crate::model::plan::change::{ChangeKind, ChangeOrigin};
use crate::report::marks;
use crate::report::number::{number, signed};
use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::view::plan::ChangeView;
use crate::report::wrap::{Indent, prose};

/// The width of the sign before a row, with a blank on both sides.
const SIGN: usize = 3;
/// The indentation of lines that belong to the row above.
const BELOW: usize = 6;

/// Changes in rows. If the rows do not fit, the environment gets its own line; if that is not enough, so does the add-on.
/// All rows of a section have the same layout.
pub(super) fn changes<'a>(changes: impl Iterator<Item = &'a ChangeView>, style: &Style) -> String {
    let rows: Vec<Row> = changes.map(Row::new).collect();
    let one = table(&rows, |row| [&[row.key.clone(), row.add_on.clone()], row.amounts.as_slice()].concat());
    if fits(&one, SIGN, style) {
        return with_notes(&rows, style, |at, row| format!(" {} {}\n", row.sign(style), one[at]));
    }
    let headed = |row: &Row| format!(" {}  {}\n", row.sign(style), row.key);
    let two = table(&rows, |row| [std::slice::from_ref(&row.add_on), row.amounts.as_slice()].concat());
    if fits(&two, BELOW - 1, style) {
        return with_notes(&rows, style, |at, row| format!("{}{}{}\n", headed(row), " ".repeat(BELOW - 1), two[at]));
    }
    with_notes(&rows, style, |_, row| {
        let name = prose(&row.add_on, style.columns(), Indent { first: BELOW, rest: BELOW + 2 });
        let amounts = prose(&row.amounts.join(" "), style.columns(), Indent { first: BELOW + 2, rest: BELOW + 4 });
        format!("{}{name}{amounts}", headed(row))
    })
}

struct Row<'a> {
    change: &'a ChangeView,
    key: String,
    add_on: String,
    /// Before, arrow, after, difference.
    amounts: [String; 4],
}

impl Row<'_> {
    fn new(change: &ChangeView) -> Row<'_> {
        let amounts = match change.kind {
            ChangeKind::Switch => [number(change.units_after), String::new(), String::new(), String::new()],
            _ => [number(change.units_before), "→".to_owned(), number(change.units_after), signed(change.difference)],
        };
        let key = clean(change.environment.key.as_str()).into_owned();
        Row { change, key, add_on: clean(&change.add_on.name).into_owned(), amounts }
    }

    fn sign(&self, style: &Style) -> String {
        let (sign, tone) = match self.change.kind {
            ChangeKind::Release | ChangeKind::Decrease => ("-", Tone::Removed),
            ChangeKind::Assign | ChangeKind::Increase => ("+", Tone::Added),
            ChangeKind::Switch => ("~", Tone::Switched),
        };
        style.paint(tone, sign)
    }
}

/// Rows with every column as wide as its widest cell. The last four columns, the amounts, are aligned to the right.
fn table(rows: &[Row<'_>], cells: impl Fn(&Row<'_>) -> Vec<String>) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let columns = rows.first().map_or(0, |row| cells(row).len());
    for row in rows {
        table.add_row(cells(row));
    }
    for from_the_end in [4, 2, 1] {
        if let Some(column) = columns.checked_sub(from_the_end).and_then(|at| table.column_mut(at)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
}

fn fits(lines: &[String], before: usize, style: &Style) -> bool {
    lines.iter().all(|line| before + line.width() <= style.columns())
}

/// Each row, followed by its notes.
fn with_notes(rows: &[Row<'_>], style: &Style, row: impl Fn(usize, &Row<'_>) -> String) -> String {
    let one = |(at, of): (usize, &Row<'_>)| format!("{}{}", row(at, of), about(of.change, style));
    (0..).zip(rows).map(one).collect()
}

fn about(change: &ChangeView, style: &Style) -> String {
    let mut notes: Vec<String> = marks::switches(change, "→").collect();
    let until = change.until.map(|until| format!("until {until}"));
    let pending = (change.origin == Some(ChangeOrigin::Pending)).then(|| "pending before this branch".to_owned());
    // A line of its own for the owner of each change would double the length of a plan.
    let has_room = change.until.is_some() || change.ticket.is_some() || change.reason.is_some();
    let owner = change.owner.as_ref().filter(|_| has_room).map(|owner| format!("owner {owner}"));
    let details = [until, change.ticket.clone(), change.reason.clone(), owner, pending];
    let details: Vec<String> = details.into_iter().flatten().map(|text| clean(&text).into_owned()).collect();
    if !details.is_empty() {
        notes.push(details.join(", "));
    }
    let indent = Indent { first: BELOW, rest: BELOW + 2 };
    let text: String = notes.iter().map(|note| prose(note, style.columns(), indent)).collect();
    text.lines().map(|line| format!("{}\n", style.paint(Tone::Faint, line))).collect()
}
