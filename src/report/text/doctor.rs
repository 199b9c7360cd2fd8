//! The answer of `doctor` on a terminal.

use unicode_width::UnicodeWidthStr;

use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::view::doctor::{CheckUp, DoctorView, Health};
use crate::report::wrap::behind;

/// The width of the longest word for a result.
const HEALTH: usize = 7;

/// The facts, then the checks.
pub fn doctor(view: &DoctorView, style: &Style) -> String {
    let width = view.facts.iter().map(|fact| fact.subject.width()).max().unwrap_or(0);
    let facts = view.facts.iter().map(|fact| {
        let head = format!("{:width$}  ", fact.subject);
        behind(&head, width + 2, &clean(&fact.value), width + 2, style.columns())
    });
    let mut text: String = facts.collect();
    text.push('\n');
    text.extend(view.checks.iter().map(|check| check_line(check, style)));
    text
}

fn check_line(check: &CheckUp, style: &Style) -> String {
    let word = check.health.as_str();
    let padding = " ".repeat(HEALTH.saturating_sub(word.width()));
    let head = format!("  {}{padding}  ", style.paint(tone(check.health), word));
    let indent = HEALTH + 4;
    let line = format!("{}: {}", check.subject, clean(&check.detail));
    let mut text = behind(&head, indent, &line, indent, style.columns());
    if let Some(help) = &check.help {
        let head = format!("{}help: ", " ".repeat(indent));
        text.push_str(&behind(&head, indent + 6, &clean(help), indent + 6, style.columns()));
    }
    text
}

const fn tone(health: Health) -> Tone {
    match health {
        Health::Ok => Tone::Good,
        Health::Unknown => Tone::Faint,
        Health::Warning => Tone::Near,
        Health::Failed => Tone::Bad,
    }
}
