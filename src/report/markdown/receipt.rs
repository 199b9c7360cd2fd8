//! The comment of an apply, on the pull request that reviewed the plan: first the changes that were not applied, then those that
//! were, then the pools.

use super::cut::{Shown, fit};
use super::owners::Owners;
use super::sections::{
    LONGEST_CELL, LONGEST_SENTENCE, comment, findings, fold, footer, left_out, not_checked, opening, ran, warnings,
};
use super::tables;
use crate::report::counts::Counts;
use crate::report::marks;
use crate::report::number::number;
use crate::report::origin::Frame;
use crate::report::safe::comment::{Markdown, md};
use crate::report::safe::markdown::{code, escape, sentence as safe_sentence, words};
use crate::report::verdict;
use crate::report::view::run::{OutcomeView, RunView, SettledChange};

/// The comment of an apply.
pub(in crate::report) fn receipt(view: &RunView, frame: &Frame<'_>) -> Markdown {
    let verdict = verdict::of_run(view);
    let plan = view.plan_id.as_deref();
    // The table of the missing changes counts those that it leaves out.
    let frame = &Frame { more: Counts::default(), ..*frame };
    let did = if view.applied > 0 { "Applied" } else { "Run" };
    fit(frame.budget, |shown| {
        let sections = [
            missing(view, frame, shown),
            applied(view, frame, shown),
            allowed(view, frame, shown),
            tables::pools(view.pools.iter(), tables::REACHED, shown),
            warnings(view.findings.iter(), shown),
            findings(view.findings.iter(), frame, shown),
            writes(view, shown),
            not_checked(&view.not_checked),
            footer(Some(ran(did, frame)), view.date, plan.map(|id| md!["plan ", code(id)]), frame),
        ];
        comment(opening(&verdict, plan, frame), sections)
    })
}

/// The changes that were not applied, each with its reason.
fn missing(view: &RunView, frame: &Frame<'_>, shown: &Shown) -> Markdown {
    let (failed, setting) = view.settled(false);
    if failed.is_empty() && setting.is_none() {
        return Markdown::default();
    }
    let mut text = md!["**", words(view.missing_words()), "**\n\n"];
    let owners = Owners::of(failed.iter().map(|settled| &settled.change));
    text.push(&md!["| | Environment | Add-on | Before | Wanted | Outcome |", owners.heading(), "\n"]);
    text.push(&md!["|:-:|:--|:--|--:|--:|:--|", owners.rule(), "\n"]);
    for SettledChange { change, outcome } in failed.iter().take(shown.errors) {
        let place = change.declared_at.as_ref().map(|place| md![" at ", frame.place(place)]).unwrap_or_default();
        for movement in marks::movements(change) {
            let became = md![outcome_text(outcome), place, owners.cell(change)];
            text.push(&row([tables::cells(change, &movement, frame), words(&movement.after), became]));
        }
    }
    if let Some(setting) = setting {
        let after = words(&setting.setting.after.to_string());
        let became = md![outcome_text(&setting.outcome), owners.no_cell()];
        text.push(&row([tables::setting_cells(&setting.setting), after, became]));
    }
    if failed.len() > shown.errors {
        text.push(&"\n");
        text.push(&left_out("more changes", failed.len() - shown.errors, "`--report json=FILE` lists them"));
    }
    text
}

/// A row of a table.
fn row<const MANY: usize>(cells: [Markdown; MANY]) -> Markdown {
    md!["| ", Markdown::join(cells, " | "), " |\n"]
}

fn outcome_text(outcome: &OutcomeView) -> Markdown {
    let code = outcome.code.map(|code| md![" (", code, ")"]).unwrap_or_default();
    let why = outcome.why.as_deref().map(|why| md![": ", safe_sentence(why, LONGEST_SENTENCE)]).unwrap_or_default();
    md!["**", words(outcome.result.words()), "**", code, why]
}

/// The applied changes; only the largest if there is no room for all.
fn applied(view: &RunView, frame: &Frame<'_>, shown: &Shown) -> Markdown {
    let (mut done, setting) = view.settled(true);
    if done.is_empty() && setting.is_none() {
        return Markdown::default();
    }
    let all = done.len();
    tables::keep_largest(&mut done, shown.increases, |settled| &settled.change);
    if done.is_empty() && setting.is_none() {
        return left_out("applied changes", all, "`--report json=FILE` lists them");
    }
    let owners = Owners::of(done.iter().map(|settled| &settled.change));
    let mut text =
        md!["**Applied**\n\n| | Environment | Add-on | Before | Now | Change | Why |", owners.heading(), "\n"];
    text.push(&md!["|:-:|:--|:--|--:|--:|--:|:--|", owners.rule(), "\n"]);
    for SettledChange { change, .. } in &done {
        let mut why = md![tables::why(change), owners.cell(change)];
        for movement in marks::movements(change) {
            let now = md!["**", words(&movement.after), "**"];
            let cells = tables::cells(change, &movement, frame);
            let why = std::mem::replace(&mut why, owners.no_cell());
            text.push(&row([cells, now, words(&movement.difference), why]));
        }
    }
    if let Some(setting) = setting {
        let (cells, after) = (tables::setting_cells(&setting.setting), setting.setting.after);
        text.push(&md!["| ", cells, " | **", words(&after.to_string()), "** | | |", owners.end(), "\n"]);
    }
    if all > done.len() {
        text.push(&"\n");
        text.push(&left_out("more applied changes", all - done.len(), "`--report json=FILE` lists them"));
    }
    text
}

/// The refusals that were allowed, and what allowed each.
fn allowed(view: &RunView, frame: &Frame<'_>, shown: &Shown) -> Markdown {
    if view.allowed.is_empty() {
        return Markdown::default();
    }
    let mut text = md!["**Refusals that were allowed**\n\n"];
    for allowed in view.allowed.iter().take(shown.errors) {
        let place = allowed.place.as_ref().map(|place| md![" at ", frame.place(place)]).unwrap_or_default();
        let safe = |words: &str| safe_sentence(words, LONGEST_SENTENCE);
        let what = md![code(&allowed.refusal), ": ", safe(&allowed.message)];
        text.push(&md!["- ", what, "; allowed by ", safe(&allowed.by), place, "\n"]);
    }
    if view.allowed.len() > shown.errors {
        text.push(&"\n");
        text.push(&left_out(
            "more allowed refusals",
            view.allowed.len() - shown.errors,
            "`--report json=FILE` lists them",
        ));
    }
    text
}

/// A folded section with the writes, in the order in which they were sent.
fn writes(view: &RunView, shown: &Shown) -> Markdown {
    if !shown.writes {
        return left_out("writes", view.writes.len(), "`--report json=FILE` lists them");
    }
    if view.writes.is_empty() {
        return Markdown::default();
    }
    let mut rows = md!["| # | Environment | Add-ons | Outcome |\n|--:|:--|:--|:--|\n"];
    for (number, write) in (1..).zip(&view.writes) {
        let add_ons = write.add_ons.iter().map(|add_on| escape(add_on.display_name(), LONGEST_CELL));
        let (environment, number) = (code(write.environment.id.as_str()), words(&u64::to_string(&number)));
        rows.push(&row([number, environment, Markdown::join(add_ons, " · "), outcome_text(&write.outcome)]));
    }
    fold(&format!("Writes as they were sent ({})", number(view.writes.len())), &rows)
}
