//! The tables of `status --by` on a terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr as _;

use crate::report::groups::{Group, GroupRow, Groups};
use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::view::breakdown::BreakdownView;
use crate::report::wrap::{Indent, behind, enumeration, prose};

/// The blanks before a row.
const BELOW: usize = 1;

/// Every group with its heading and its rows; then the agreements, once for each add-on.
pub(super) fn groups(view: &BreakdownView, style: &Style) -> String {
    let table = Groups::new(view);
    if table.groups.is_empty() {
        return "Nothing is declared, held or used.\n".to_owned();
    }
    let rows: Vec<&GroupRow> = table.groups.iter().flat_map(|group| &group.rows).collect();
    let aligned = aligned(table.columns, &rows);
    let fits = aligned.iter().all(|line| BELOW + line.width() <= style.columns());
    let (heads, lines) = aligned.split_at(1.min(aligned.len()));
    let mut text = String::new();
    if let Some(head) = heads.first().filter(|_| fits && !rows.is_empty()) {
        text.push_str(&format!("{}{}\n", " ".repeat(BELOW), style.paint(Tone::Faint, head)));
    }
    let mut lines = lines.iter();
    for group in &table.groups {
        text.push_str(&heading(group, style));
        for row in &group.rows {
            let line = lines.next().map(|line| format!("{}{line}\n", " ".repeat(BELOW)));
            text.push_str(&line.filter(|_| fits).unwrap_or_else(|| folded(table.columns, row, style)));
        }
    }
    text + &agreements(&rows, style)
}

fn heading(group: &Group, style: &Style) -> String {
    let name = clean(&group.name);
    let facts: Vec<String> = group.facts().iter().map(|fact| clean(fact).into_owned()).collect();
    let head = style.paint(Tone::Strong, &name);
    // Behind a long name there is no room for the facts.
    if name.width() > style.columns() / 2 && !facts.is_empty() {
        let lines = prose(&name, style.columns(), Indent { first: 0, rest: 2 });
        let lines: String = lines.lines().map(|line| format!("{}\n", style.paint(Tone::Strong, line))).collect();
        return lines + &prose(&facts.join(", "), style.columns(), Indent { first: 4, rest: 4 });
    }
    match facts.is_empty() {
        true => format!("{head}\n"),
        false => behind(&format!("{head}: "), name.width() + 2, &facts.join(", "), 4, style.columns()),
    }
}

/// The headings of the columns and the rows, with every column as wide as its widest cell.
fn aligned(columns: &[&str], rows: &[&GroupRow]) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.add_row(std::iter::once("").chain(columns.iter().copied()));
    for row in rows {
        table.add_row(std::iter::once(clean(&row.add_on).into_owned()).chain(row.numbers.iter().cloned()));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// A row that is too wide for one line.
fn folded(columns: &[&str], row: &GroupRow, style: &Style) -> String {
    let name = prose(&clean(&row.add_on), style.columns(), Indent { first: 2, rest: 4 });
    let numbers =
        columns.iter().zip(&row.numbers).map(|(column, number)| format!("{} {number}", column.to_lowercase()));
    let numbers: Vec<String> = numbers.collect();
    name + &enumeration(&numbers, style.columns(), Indent { first: 4, rest: 4 })
}

/// The agreements in force: they belong to an add-on, not to its holders.
fn agreements(rows: &[&GroupRow], style: &Style) -> String {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for row in rows.iter().filter(|row| !row.agreements.is_empty()) {
        let one = (row.add_on.as_str(), row.agreements.as_str());
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    if seen.is_empty() {
        return String::new();
    }
    let parts: Vec<String> =
        seen.iter().map(|(add_on, agreements)| format!("{} {}", clean(add_on), clean(agreements))).collect();
    let text = format!("Agreements in force: {}", parts.join("; "));
    prose(&text, style.columns(), Indent { first: 0, rest: 2 })
}
