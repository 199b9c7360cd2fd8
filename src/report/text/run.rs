//! What became of an apply.

use unicode_width::UnicodeWidthStr;

use crate::report::clean::clean;
use crate::report::number::{count, number};
use crate::report::style::{Style, Tone};
use crate::report::view::run::{Fate, OutcomeView, RunVerdict, RunView};
use crate::report::wrap::behind;

/// What was not applied and why, and the count.
pub fn run(view: &RunView, style: &Style) -> String {
    let mut text = String::new();
    for settled in view.changes.iter().filter(|settled| settled.outcome.result != Fate::Applied) {
        let change = &settled.change;
        let (before, after) = (number(change.units_before), number(change.units_after));
        let what = format!("{} {}, {before} to {after}", change.environment.key, change.add_on.name);
        text.push_str(&not_applied(&settled.outcome, &what, style));
    }
    if let Some(setting) = view.setting.as_ref().filter(|setting| setting.outcome.result != Fate::Applied) {
        text.push_str(&not_applied(&setting.outcome, "who can allocate", style));
    }
    let changes = count(view.total, "change", "changes");
    let writes = count(u64::try_from(view.writes.len()).unwrap_or(u64::MAX), "write", "writes");
    text.push_str(&match view.verdict {
        RunVerdict::Applied => format!("{} {changes} in {writes}.\n", style.paint(Tone::Good, "Applied")),
        RunVerdict::AppliedInPart => format!(
            "{} {} of {changes}. `allot plan` shows what is left.\n",
            style.paint(Tone::Near, "Applied in part:"),
            view.applied
        ),
        RunVerdict::NotApplied => format!("{} None of {changes}.\n", style.paint(Tone::Bad, "Not applied:")),
        RunVerdict::Interrupted => format!(
            "{} {} of {changes} applied. `allot plan` shows what is left.\n",
            style.paint(Tone::Near, "Interrupted:"),
            view.applied
        ),
    });
    text
}

fn not_applied(outcome: &OutcomeView, what: &str, style: &Style) -> String {
    let why = outcome.why.as_deref().unwrap_or("no reason was given");
    let word = match outcome.code {
        Some(code) => format!("{} [{code}]", outcome.result.words()),
        None => outcome.result.words().to_owned(),
    };
    let head = format!("  {} ", style.paint(Tone::Bad, &word));
    behind(&head, word.width() + 3, &format!("{}: {}", clean(what), clean(why)), 6, style.columns())
}
