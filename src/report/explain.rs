//! What a code means and what to do about it, what an add-on is, and why a cell has its value.

pub mod cell;

use super::number::number;
use crate::model::catalog::{AddOn, Certainty, Reset};
use crate::model::code::Code;

/// A page about a code.
pub fn code(code: Code) -> String {
    let (meaning, remedy) = group(code);
    let allow = if code.can_be_allowed() {
        format!("\nWhere it is meant, `--allow {code}:SCOPE` lets one case through; the message names the scope.\n")
    } else {
        String::new()
    };
    format!("{code}: {}\n\n{meaning}\n\nWhat to do: {remedy}\n{allow}", code.title())
}

/// What a group of codes is about, and what to do.
fn group(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::A201 => (
            "Environments would hold more units of a pool than the organisation owns today.\nExample: 1,200 app passes are owned, 1,180 are allocated, and one environment is raised\nfrom 100 to 150. The plan would need 1,230: short by 30.",
            "lower the amount at the place shown, give units back in one of the environments\nlisted, or buy more and change `purchased:`. Headroom cannot be allowed away.",
        ),
        Code::A202 => (
            "From a later date on less is owned than environments hold then, because a purchase ends\nor is renewed smaller, or a grant begins.\nExample: page views go from 500,000 to 300,000 on 1 January, and 470,000 are allocated.",
            "agree with the environments listed who gives back, and lower their amounts before\nthat day; or renew with more. `failBeforeExpiryDays` says when this becomes an error.",
        ),
        Code::A203 => (
            "The plan fits what is owned only by using units that `reserve:` keeps back.\nExample: 1,200 owned, 36 kept back, 1,170 allocated: the reserve is short by 6.",
            "lower an amount, or lower the reserve with whoever asked for it.",
        ),
        _ => match code.as_str().get(..2) {
            Some("A1") => (
                "The configuration could not be read as it was meant. The message shows the file, the\nline and the column, and what would be right.",
                "correct the line. `allot schema` gives editors what they need to check while you type.",
            ),
            Some("A2") => (
                "More is promised than there is, or it is not known how much there is. Figures of the\nconfiguration and of the tenant are compared, and the lower one counts.",
                "correct the figure, lower amounts, or buy more. Headroom cannot be allowed away.",
            ),
            Some("A3") => (
                "A rule of the configuration stands against the plan. The message names the rule and\nthe numbers.",
                "change the amount, or the rule with whoever owns it.",
            ),
            Some("A4") => (
                "Something about the tenant or about who is asking. What could not be read is never\ntaken for zero.",
                "the message says what helps; most of these need a look at the admin center.",
            ),
            _ => (
                "Something about this run: the plan, the writes, or another run.",
                "make a new plan and apply that; `allot plan` shows what is left.",
            ),
        },
    }
}

/// A page about an add-on.
pub fn add_on(add_on: &AddOn) -> String {
    let Some(entry) = add_on.entry() else { return format!("{add_on}\n\nThis version does not know it.\n") };
    let mut lines = vec![
        ("in YAML", entry.slug.to_owned()),
        ("in the service", entry.api_value.to_owned()),
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
        lines.push(("once called", entry.former_names.join(", ")));
    }
    if let Some(size) = entry.pack_size {
        lines.push(("one pack", format!("{} {}", number(size), entry.units)));
    }
    if add_on.pool().members().len() > 1 {
        lines.push(("one pool", add_on.pool().display_name()));
    }
    lines.push(("allocatable", entry.not_allocatable.map_or_else(|| "yes".to_owned(), |why| format!("no: {why}"))));
    if entry.needs_dataverse {
        lines.push(("needs", "a Dataverse database in the environment".to_owned()));
    }
    lines.extend(entry.replaced_by.map(|successor| ("replaced by", successor.to_owned())));
    lines.extend(entry.end_of_sale.map(|end| ("end of sale", end.to_owned())));
    lines.push((
        "how sure",
        match entry.certainty {
            Certainty::Documented => "Microsoft documents it".to_owned(),
            Certainty::OneSource => "one community source".to_owned(),
            Certainty::Presumed => "our reading of the name".to_owned(),
        },
    ));
    lines.push(("source", entry.source.to_owned()));
    let rows: String = lines.iter().map(|(name, value)| format!("  {name:<15}{value}\n")).collect();
    format!("{}\n\n{rows}", entry.display_name)
}

/// Every code and every add-on in one line each.
pub fn index() -> String {
    let codes: String = Code::ALL.iter().map(|code| format!("  {code}  {}\n", code.title())).collect();
    let add_ons: String =
        AddOn::all().map(|add_on| format!("  {:<28}{}\n", add_on.slug(), add_on.display_name())).collect();
    format!("Codes\n{codes}\nAdd-ons\n{add_ons}")
}
