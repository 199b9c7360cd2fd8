//! The comment of an apply, on the pull request that reviewed the plan: first the changes that were not applied, then those that
//! were, then the pools.

use std::fmt::Write as _;

use super::cut::{Shown, fit};
use super::sections::{LONGEST_SENTENCE, comment, findings, fold, footer, left_out, not_checked, opening, warnings};
use super::tables::{self, LONGEST_CELL};
use crate::report::marks;
use crate::report::number::number;
use crate::report::origin::Frame;
use crate::report::safe::markdown::{code, escape, sentence as safe_sentence};
use crate::report::verdict;
use crate::report::view::run::{OutcomeView, RunView, SettledChange};

/// The comment of an apply.
pub(in crate::report) fn receipt(view: &RunView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_run(view);
    let plan = view.plan_id.as_deref();
    fit(frame.budget, |shown| {
        let sections = [
            missing(view, frame, shown),
            applied(view, frame, shown),
            tables::pools(view.pools.iter(), tables::REACHED, shown),
            warnings(view.findings.iter(), shown),
            findings(view.findings.iter(), frame, shown),
            writes(view, shown),
            not_checked(&view.not_checked),
            footer(view.date, plan.map(|id| format!("plan {}", code(id))), frame),
        ];
        comment(opening(&verdict, plan, frame), sections)
    })
}

/// The changes that were not applied, each with its reason.
fn missing(view: &RunView, frame: &Frame<'_>, shown: &Shown) -> String {
    let (failed, setting) = view.settled(false);
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
            let row = [tables::cells(change, &movement, frame), movement.after, became];
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
    }
    if let Some(setting) = setting {
        let (cells, after) = (tables::setting_cells(&setting.setting), setting.setting.after);
        let _ = writeln!(text, "| {cells} | {after} | {} |", outcome_text(&setting.outcome));
    }
    if failed.len() > shown.errors {
        text.push('\n');
        text.push_str(&left_out("more changes", failed.len() - shown.errors, "the JSON of the run shows them"));
    }
    text
}

fn outcome_text(outcome: &OutcomeView) -> String {
    let code = outcome.code.map_or_else(String::new, |code| format!(" ({code})"));
    let why =
        outcome.why.as_deref().map_or_else(String::new, |why| format!(": {}", safe_sentence(why, LONGEST_SENTENCE)));
    format!("**{}**{code}{why}", outcome.result.words())
}

/// The applied changes; only the largest if there is no room for all.
fn applied(view: &RunView, frame: &Frame<'_>, shown: &Shown) -> String {
    let (mut done, setting) = view.settled(true);
    if done.is_empty() && setting.is_none() {
        return String::new();
    }
    let all = done.len();
    tables::keep_largest(&mut done, shown.increases, |settled| &settled.change);
    if done.is_empty() && setting.is_none() {
        return left_out("applied changes", all, "the JSON of the run shows them");
    }
    let mut text = "**Applied**\n\n| | Environment | Add-on | Before | Now | Change | Why |\n".to_owned();
    text.push_str("|:-:|:--|:--|--:|--:|--:|:--|\n");
    for SettledChange { change, .. } in &done {
        let mut why = tables::why(change);
        for movement in marks::movements(change) {
            let now = format!("**{}**", movement.after);
            let cells = tables::cells(change, &movement, frame);
            let row = [cells, now, movement.difference, std::mem::take(&mut why)];
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
    }
    if let Some(setting) = setting {
        let (cells, after) = (tables::setting_cells(&setting.setting), setting.setting.after);
        let _ = writeln!(text, "| {cells} | **{after}** | | |");
    }
    if all > done.len() {
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
