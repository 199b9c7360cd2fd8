//! The outcome of an apply on a terminal.

use unicode_width::UnicodeWidthStr;

use super::lines;
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::view::run::{OutcomeView, RunVerdict, RunView};
use crate::report::wrap::behind;

/// The whole report, for readers who have not seen the plan: the pools, the applied changes, the allowed refusals, the other changes, and
/// what was not checked.
pub fn report(view: &RunView, style: &Style) -> String {
    let mut text = lines::opening("Apply", &view.tenant, view.provider, &format!("on {}", view.date), style);
    for pool in &view.pools {
        text.push_str(&lines::pool(pool, style));
    }
    text.push('\n');
    let (changes, setting) = view.settled(true);
    for settled in changes {
        text.push_str(&behind("  applied ", 10, &clean(&marks::what(&settled.change)), 6, style.columns()));
    }
    if let Some(setting) = setting {
        let before = marks::set_before(&setting.setting);
        let what = format!("who can allocate, {before} to {}", setting.setting.after);
        text.push_str(&behind("  applied ", 10, &what, 6, style.columns()));
    }
    for allowed in &view.allowed {
        let what = format!("{} {}, by {}", allowed.refusal, allowed.message, allowed.by);
        text.push_str(&behind("  allowed ", 10, &clean(&what), 6, style.columns()));
    }
    text.push_str(&run(view, style));
    text.push_str(&lines::not_checked(&view.not_checked, style));
    text
}

/// The changes that were not applied, each with its reason, then the count.
pub fn run(view: &RunView, style: &Style) -> String {
    let mut text = String::new();
    let (changes, setting) = view.settled(false);
    for settled in changes {
        text.push_str(&not_applied(&settled.outcome, &marks::what(&settled.change), style));
    }
    if let Some(setting) = setting {
        text.push_str(&not_applied(&setting.outcome, "who can allocate", style));
    }
    let changes = count(view.total, "change", "changes");
    let of = || format!("{} of {changes}", number(view.applied));
    let left = "`allot plan` shows what is left.";
    text.push_str(&match view.verdict {
        RunVerdict::NothingToApply => format!("{}\n", style.paint(Tone::Good, "Nothing to apply.")),
        // A setting is changed without a write to an environment.
        RunVerdict::Applied if view.writes.is_empty() => format!("{} {changes}.\n", style.paint(Tone::Good, "Applied")),
        RunVerdict::Applied => {
            let writes = count(view.writes.len() as u64, "write", "writes");
            format!("{} {changes} in {writes}.\n", style.paint(Tone::Good, "Applied"))
        }
        RunVerdict::AppliedInPart => format!("{} {}. {left}\n", style.paint(Tone::Near, "Applied in part:"), of()),
        RunVerdict::NotApplied => {
            format!("{} {changes}. {left}\n", style.paint(Tone::Bad, &format!("{}:", view.missing_words())))
        }
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
