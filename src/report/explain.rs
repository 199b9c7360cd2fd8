//! What a code means and what to do about it, what an add-on is, and why a cell has its value.
//!
//! `pages` holds a page for every code, as data; `page` shows one; `cell` shows the layers of a cell.

pub mod page;
pub mod pages;
pub mod cell;

use super::number::number;
use super::style::Style;
use super::wrap::behind;
use crate::model::catalog::{AddOn, Certainty, Reset};
use crate::model::code::Code;

/// The page about a code.
pub fn code(code: Code) -> String {
    pages::page(code).text(code)
}

/// The width of the column that names the facts about an add-on.
const MARGIN: usize = 13;

/// A page about an add-on.
pub fn add_on(add_on: &AddOn) -> String {
    let Some(entry) = add_on.entry() else {
        return format!("{add_on}\n\nThis version of allot does not know this add-on.\n");
    };
    let mut lines = vec![
        ("in YAML", entry.slug.to_owned()),
        ("in the API", entry.api_value.to_owned()),
        ("counted in", entry.units.to_owned()),
        (
            "resets",
            match entry.reset {
                Reset::Never => "never".to_owned(),
                Reset::Monthly => "on the first of every month; what was not used is lost".to_owned(),
            },
        ),
    ];
    if !entry.former_names.is_empty() {
        lines.push(("former names", entry.former_names.join(", ")));
    }
    if let Some(size) = entry.pack_size {
        lines.push(("one pack", format!("{} {}", number(size), entry.units)));
    }
    if add_on.pool().members().len() > 1 {
        lines.push(("shared pool", add_on.pool().display_name()));
    }
    lines.push(("allocatable", entry.not_allocatable.map_or_else(|| "yes".to_owned(), |why| format!("no: {why}"))));
    if entry.needs_dataverse {
        lines.push(("needs", "a Dataverse database in the environment".to_owned()));
    }
    lines.extend(entry.replaced_by.map(|successor| ("replaced by", successor.to_owned())));
    lines.extend(entry.end_of_sale.map(|end| ("end of sale", end.to_owned())));
    lines.push((
        "certainty",
        match entry.certainty {
            Certainty::Documented => "Microsoft documents it".to_owned(),
            Certainty::OneSource => "one community source".to_owned(),
            Certainty::Presumed => "inferred from the name".to_owned(),
        },
    ));
    lines.push(("source", entry.source.to_owned()));
    let row = |(name, value): &(&str, String)| {
        behind(&format!("  {name:<MARGIN$}"), 2 + MARGIN, value, 2 + MARGIN, Style::PLAIN.columns())
    };
    let rows: String = lines.iter().map(row).collect();
    format!("{}\n\n{rows}", entry.display_name)
}

/// Every code and every add-on in one line each.
pub fn index() -> String {
    let codes: String = Code::ALL.iter().map(|code| format!("  {code}  {}\n", code.title())).collect();
    let add_ons: String =
        AddOn::all().map(|add_on| format!("  {:<28}{}\n", add_on.slug(), add_on.display_name())).collect();
    let cells = "  allot explain hr-prod/app-passes    why a cell has its value, layer by layer\n";
    format!("Codes\n{codes}\nAdd-ons\n{add_ons}\nCells\n{cells}")
}
