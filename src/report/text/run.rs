//! What became of an apply.

use unicode_width::UnicodeWidthStr;

use crate::report::clean::clean;
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::style::{Style, Tone};
use crate::report::view::run::{Fate, OutcomeView, RunVerdict, RunView};
use crate::report::wrap::behind;

/// What was not applied and why, and the count.
pub fn run(view: &RunView, style: &Style) -> String {
    let mut text = String::new();
    for settled in view.changes.iter().filter(|settled| settled.outcome.result != Fate::Applied) {
        let change = &settled.change;
        let what = format!("{} {}, {}", change.environment.key, change.add_on.name, marks::moves(change));
        text.push_str(&not_applied(&settled.outcome, &what, style));
    }
    if let Some(setting) = view.setting.as_ref().filter(|setting| setting.outcome.result != Fate::Applied) {
        text.push_str(&not_applied(&setting.outcome, "who can allocate", style));
    }
    let changes = count(view.total, "change", "changes");
    let of = || format!("{} of {changes}", number(view.applied));
    let left = "`allot plan` shows what is left.";
    text.push_str(&match view.verdict {
        RunVerdict::NothingToApply => format!("{}\n", style.paint(Tone::Good, "Nothing to apply.")),
        // A setting alone is no write to an environment.
        RunVerdict::Applied if view.writes.is_empty() => format!("{} {changes}.\n", style.paint(Tone::Good, "Applied")),
        RunVerdict::Applied => {
            let writes = count(view.writes.len() as u64, "write", "writes");
            format!("{} {changes} in {writes}.\n", style.paint(Tone::Good, "Applied"))
        }
        RunVerdict::AppliedInPart => format!("{} {}. {left}\n", style.paint(Tone::Near, "Applied in part:"), of()),
        RunVerdict::NotApplied => format!("{} {changes}. {left}\n", style.paint(Tone::Bad, "Not applied:")),
        RunVerdict::Interrupted => {
            format!("{} {} applied. {left}\n", style.paint(Tone::Near, "Interrupted:"), of())
        }
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
