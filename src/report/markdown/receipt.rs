//! The comment of an apply, on the pull request that reviewed the plan: first the changes that were not applied, then those that
//! were, then the pools.

use std::fmt::Write as _;

use super::cut::{Shown, fit};
use super::sections::{LONGEST_SENTENCE, findings, fold, footer, left_out, not_checked, opening, warnings};
use super::tables::{self, LONGEST_CELL};
use crate::model::run::OutcomeKind;
use crate::report::frame::Frame;
use crate::report::marks::{self, Movement};
use crate::report::number::number;
use crate::report::safe::markdown::{code, escape, sentence as safe_sentence};
use crate::report::verdict;
use crate::report::view::plan::ChangeView;
use crate::report::view::run::{OutcomeView, RunView, SettledChange};

/// The comment of an apply.
pub fn receipt(view: &RunView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_run(view);
    fit(frame.budget, |shown| {
        let sections = [
            missing(view, frame, shown),
            applied(view, frame, shown),
            tables::pools(&view.pools, tables::REACHED, shown),
            warnings(&view.findings, shown),
            findings(&view.findings, frame, shown),
            writes(view, shown),
            not_checked(&view.not_checked),
        ];
        let mut text = opening(&verdict, view.plan_id.as_deref(), frame);
        for section in sections.iter().filter(|section| !section.is_empty()) {
            let _ = write!(text, "\n{section}");
        }
        let _ = write!(text, "\n{}", footer(view.date, view.plan_id.as_deref().map(labelled_id), frame));
        text
    })
}

fn labelled_id(id: &str) -> String {
    format!("plan {}", code(id))
}

/// The changes that were not applied, each with its reason.
fn missing(view: &RunView, frame: &Frame<'_>, shown: &Shown) -> String {
    let failed: Vec<&SettledChange> =
        view.changes.iter().filter(|settled| settled.outcome.result != OutcomeKind::Applied).collect();
    let setting = view.setting.as_ref().filter(|setting| setting.outcome.result != OutcomeKind::Applied);
    if failed.is_empty() && setting.is_none() {
        return String::new();
    }
    let heading = view.missing_words();
    let mut text = format!("**{heading}**\n\n| | Environment | Add-on | Before | Wanted | Outcome |\n");
    text.push_str("|:-:|:--|:--|--:|--:|:--|\n");
    for SettledChange { change, outcome } in failed.iter().take(shown.errors) {
        let place = change.declared_at.as_ref().map_or_else(String::new, |place| format!(" at {}", frame.place(place)));
        for movement in marks::movements(change) {
            let became = format!("{}{place}", outcome_text(outcome));
            let row = [cells(change, &movement, frame), movement.before, movement.after, became];
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
    }
    if let Some(setting) = setting {
        let before = marks::set_before(&setting.setting);
        let row = format!("| `~` | the tenant | who can allocate | {before} | {} |", setting.setting.after);
        let _ = writeln!(text, "{row} {} |", outcome_text(&setting.outcome));
    }
    if failed.len() > shown.errors {
        text.push('\n');
        text.push_str(&left_out("more changes", failed.len() - shown.errors, "the JSON of the run shows them"));
    }
    text
}

/// The first cells of a row: sign, environment, and the add-on or one of its switches.
fn cells(change: &ChangeView, movement: &Movement, frame: &Frame<'_>) -> String {
    let add_on = escape(&change.add_on.name, LONGEST_CELL);
    let what = movement.switch.map_or(add_on.clone(), |switch| format!("{add_on}: {switch}"));
    [code(movement.sign), tables::environment(change, frame), what].join(" | ")
}

fn outcome_text(outcome: &OutcomeView) -> String {
    let code = outcome.code.map_or_else(String::new, |code| format!(" ({code})"));
    let why =
        outcome.why.as_deref().map_or_else(String::new, |why| format!(": {}", safe_sentence(why, LONGEST_SENTENCE)));
    format!("**{}**{code}{why}", outcome.result.words())
}

/// The applied changes; only the largest if there is no room for all.
fn applied(view: &RunView, frame: &Frame<'_>, shown: &Shown) -> String {
    let mut done: Vec<&SettledChange> =
        view.changes.iter().filter(|settled| settled.outcome.result == OutcomeKind::Applied).collect();
    let setting = view.setting.as_ref().filter(|setting| setting.outcome.result == OutcomeKind::Applied);
    if done.is_empty() && setting.is_none() {
        return String::new();
    }
    let all = done.len();
    let most = shown.increases;
    if all > most {
        done.sort_by_key(|settled| std::cmp::Reverse(settled.change.difference.unsigned_abs()));
        done.truncate(most);
    }
    if done.is_empty() && setting.is_none() {
        return left_out("applied changes", all, "the JSON of the run shows them");
    }
    let mut text = "**Applied**\n\n| | Environment | Add-on | Before | Now | Change | Why |\n".to_owned();
    text.push_str("|:-:|:--|:--|--:|--:|--:|:--|\n");
    for SettledChange { change, .. } in &done {
        let why: Vec<String> = marks::why(change).map(|text| escape(text, LONGEST_CELL)).collect();
        let mut why = why.join(" · ");
        for movement in marks::movements(change) {
            let cells = cells(change, &movement, frame);
            let now = format!("**{}**", movement.after);
            let row = [cells, movement.before, now, movement.difference, std::mem::take(&mut why)];
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
    }
    if let Some(setting) = setting {
        let before = marks::set_before(&setting.setting);
        let _ =
            writeln!(text, "| `~` | the tenant | who can allocate | {before} | **{}** | | |", setting.setting.after);
    }
    if all > most {
        text.push('\n');
        text.push_str(&left_out("more applied changes", all - done.len(), "the JSON of the run shows them"));
    }
    text
}

/// A folded section with the writes, in the order in which they were sent.
fn writes(view: &RunView, shown: &Shown) -> String {
    if !shown.writes {
        return left_out("writes", view.writes.len(), "the JSON of the run shows them");
    }
    if view.writes.is_empty() {
        return String::new();
    }
    let mut rows = "| # | Environment | Add-ons | Outcome |\n|--:|:--|:--|:--|\n".to_owned();
    for (number, write) in (1..).zip(&view.writes) {
        let add_ons: Vec<String> =
            write.add_ons.iter().map(|add_on| escape(add_on.display_name(), LONGEST_CELL)).collect();
        let environment = code(write.environment.id.as_str());
        let _ =
            writeln!(rows, "| {number} | {environment} | {} | {} |", add_ons.join(" · "), outcome_text(&write.outcome));
    }
    fold(&format!("Writes as they were sent ({})", number(view.writes.len())), &rows)
}
