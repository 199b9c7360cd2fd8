//! The tables of a comment: pools, and changes.

use std::fmt::Write as _;

use super::cut::Shown;
use super::sections::fold;
use crate::model::plan::change::{ChangeKind, ChangeOrigin};
use crate::model::plan::guards::GuardChange;
use crate::report::bar::bar;
use crate::report::marks::{self, Movement};
use crate::report::number::{count, number, signed};
use crate::report::origin::Frame;
use crate::report::safe::markdown::{code, escape};
use crate::report::view::plan::{ChangeView, PlanView, SettingView};
use crate::report::view::pool::{FutureLevel, Level, PoolState, PoolView};

/// The length limit of a name, ticket or reason in a cell, in characters.
pub(super) const LONGEST_CELL: usize = 120;

/// The headings of the pools of a plan.
pub(super) const PLANNED: [&str; 2] = ["Allocated now → after", "Free after"];
/// The headings of the pools after an apply.
pub(super) const REACHED: [&str; 2] = ["Allocated before → now", "Free"];

/// The pools and their headroom, which approvers look for first.
pub(super) fn pools(pools: &[PoolView], columns: [&str; 2], shown: &Shown) -> String {
    let is_worth_showing = |pool: &&PoolView| {
        shown.unchanged_pools || pool.before.allocated != pool.after.allocated || pool.after.state != PoolState::Ok
    };
    let kept: Vec<&PoolView> = pools.iter().filter(is_worth_showing).take(shown.pools).collect();
    let mut text = String::new();
    if !kept.is_empty() {
        let [allocated, free] = columns;
        let _ = writeln!(text, "| Add-on | {allocated} | Owned | Reserve | {free} | State |");
        text.push_str("|:--|--:|--:|--:|--:|:--|\n");
    }
    for pool in &kept {
        text.push_str(&pool_row(pool));
        for FutureLevel { from, level } in pool.future.iter().filter(|_| shown.forecast) {
            text.push_str(&level_row(&format!("↳ from {from}"), &number(level.allocated), level));
        }
    }
    if kept.len() < pools.len() {
        let (shown, all) = (number(kept.len()), count(pools.len() as u64, "add-on", "add-ons"));
        let _ = writeln!(text, "\nShowing {shown} of {all}.");
    }
    if !shown.forecast && pools.iter().any(|pool| !pool.future.is_empty()) {
        text.push_str("\nLater dates are left out; `allot forecast` shows them.\n");
    }
    text
}

/// The guards that the pull request weakens or changes. They are cut as late as errors are.
pub(super) fn guards(guards: &[GuardChange], shown: &Shown) -> String {
    const MOST: usize = 50;
    if guards.is_empty() {
        return String::new();
    }
    let most = shown.errors.min(MOST);
    let mut text = "**This pull request changes guards**\n\n| Guard | Before | After |\n|:--|:--|:--|\n".to_owned();
    for GuardChange { guard, before, after } in guards.iter().take(most) {
        let cell = |text: &str| escape(text, LONGEST_CELL);
        let _ = writeln!(text, "| {} | {} | {} |", cell(guard), cell(before), cell(after));
    }
    if guards.len() > most {
        let _ = writeln!(text, "\nAnd {} more.", number(guards.len() - most));
    }
    text
}

fn pool_row(pool: &PoolView) -> String {
    let (before, after) = (pool.before.allocated, pool.after.allocated);
    let allocated = if before == after {
        number(after)
    } else {
        format!("{} → **{}** ({})", number(before), number(after), signed(after.difference(before)))
    };
    let unseen = marks::unseen(pool.unknown_environments, pool.unseen);
    let unseen = unseen.map_or_else(String::new, |words| format!(", {words}"));
    level_row(&escape(&pool.pool.name, LONGEST_CELL), &format!("{allocated}{unseen}"), &pool.after)
}

pub(super) fn level_row(name: &str, allocated: &str, level: &Level) -> String {
    let (owned, free) = (marks::or_unknown(level.owned), marks::or_unknown(level.free));
    let (reserve, state) = (number(level.reserve), state(level));
    format!("| {name} | {allocated} | {owned} | {reserve} | **{free}** | {state} |\n")
}

/// The gauge, the percentage and the word. The gauge of an over-allocated pool is longer than the others.
fn state(level: &Level) -> String {
    let (mark, word) = (marks::of_state(level.state), level.state.word());
    let word = if mark.is_empty() { word.to_owned() } else { format!("{mark} {word}") };
    let Some(percent) = level.percent else { return word };
    let past = if percent > 100 { "▌" } else { "" };
    format!("`{}{past}` {percent}% {word}", bar(percent))
}

/// The changes, grouped by direction.
pub(super) fn changes(view: &PlanView, frame: &Frame<'_>, shown: &Shown) -> String {
    if view.changes.is_empty() && view.setting.is_none() {
        return String::new();
    }
    let group = |name: &'static str, kinds: &[ChangeKind], most| {
        let mut kept: Vec<&ChangeView> = view.changes.iter().filter(|change| kinds.contains(&change.kind)).collect();
        let all = kept.len();
        keep_largest(&mut kept, most, |change| change);
        (name, kept, all)
    };
    let groups = [
        group("decreases", &[ChangeKind::Release, ChangeKind::Decrease], shown.decreases),
        group("increases", &[ChangeKind::Assign, ChangeKind::Increase], shown.increases),
        group("changes of switches", &[ChangeKind::Switch], shown.switches),
    ];
    let kept: Vec<&ChangeView> = groups.iter().flat_map(|(_, kept, _)| kept.iter().copied()).collect();
    let of = |origin| kept.iter().filter(move |change| change.origin == origin).copied().collect::<Vec<_>>();
    let mut text = String::new();
    match &view.base {
        None => text.push_str(&table(&kept, view.setting.as_ref(), frame)),
        Some(base) => {
            let (branch, pending) = (of(Some(ChangeOrigin::Branch)), of(Some(ChangeOrigin::Pending)));
            let commit = marks::short(&base.commit);
            if branch.is_empty() && view.setting.is_none() {
                text.push_str("**This pull request changes** nothing in the tenant.\n");
            } else {
                let _ =
                    write!(text, "**This pull request changes**\n\n{}", table(&branch, view.setting.as_ref(), frame));
            }
            if !pending.is_empty() {
                let since = format!("{} ({})", code(&base.reference), code(commit));
                let _ = write!(text, "\n**Pending before it**, since {since} or by hand, and applied with it\n\n");
                text.push_str(&table(&pending, None, frame));
            }
        }
    }
    let left_out = groups.iter().filter(|(_, kept, all)| kept.len() < *all);
    let left_out: Vec<String> = left_out
        .map(|(name, kept, all)| match kept.len() {
            0 => format!("none of {} {name}", number(*all)),
            kept => format!("the {kept} largest of {} {name}", number(*all)),
        })
        .collect();
    if !left_out.is_empty() {
        let page = frame.origin.page.as_ref();
        let whole = page.map_or("`allot plan` shows all.".to_owned(), |at| format!("[The whole plan]({at})."));
        let _ = writeln!(text, "\nShowing {}. {whole}", left_out.join(", "));
    }
    text
}

/// Changes with a heading; empty if there are none.
fn table(changes: &[&ChangeView], setting: Option<&SettingView>, frame: &Frame<'_>) -> String {
    if changes.is_empty() && setting.is_none() {
        return String::new();
    }
    let mut text = "| | Environment | Add-on | Now | After | Change | Until | Why |\n".to_owned();
    text.push_str("|:-:|:--|:--|--:|--:|--:|:--|:--|\n");
    text.extend(changes.iter().map(|change| change_row(change, frame)));
    text.extend(setting.map(|it| format!("| {} | **{}** | | | |\n", setting_cells(it), it.after)));
    text
}

/// Keeps the largest changes; or all of them, in the plan's order, if they fit.
pub(super) fn keep_largest<T>(rows: &mut Vec<&T>, most: usize, change: impl Fn(&T) -> &ChangeView) {
    if rows.len() > most {
        rows.sort_by_key(|row| std::cmp::Reverse(change(row).difference.unsigned_abs()));
        rows.truncate(most);
    }
}

/// The environment of a change, as a link to the place that declares the amount.
fn environment(change: &ChangeView, frame: &Frame<'_>) -> String {
    let name = escape(marks::name_of(&change.environment), LONGEST_CELL);
    match change.declared_at.as_ref().and_then(|place| frame.address(place)) {
        Some(address) => format!("[{name}]({address})"),
        None => name,
    }
}

/// The first cells of a row: sign, environment, the add-on or one of its switches, and the value before.
pub(super) fn cells(change: &ChangeView, movement: &Movement, frame: &Frame<'_>) -> String {
    let add_on = escape(&change.add_on.name, LONGEST_CELL);
    let what = movement.switch.map_or(add_on.clone(), |switch| format!("{add_on}: {switch}"));
    format!("{} | {} | {what} | {}", code(movement.sign), environment(change, frame), movement.before)
}

/// The first cells of the row of a setting, as [`cells`].
pub(super) fn setting_cells(setting: &SettingView) -> String {
    format!("`~` | the tenant | who can allocate | {}", marks::set_before(setting))
}

/// The ticket, reason and owner of a change.
pub(super) fn why(change: &ChangeView) -> String {
    marks::why(change).map(|text| escape(text, LONGEST_CELL)).collect::<Vec<_>>().join(" · ")
}

/// A row for the units if they change, and a row for every switch that changes. The first row states why.
fn change_row(change: &ChangeView, frame: &Frame<'_>) -> String {
    let until = change.until.map_or_else(String::new, |until| until.to_string());
    let mut why = why(change);
    let row = |movement: Movement| {
        let Movement { switch, after, difference, .. } = &movement;
        let rest = if switch.is_none() { format!("{difference} | {until}") } else { "|".to_owned() };
        let (cells, why) = (cells(change, &movement, frame), std::mem::take(&mut why));
        format!("| {cells} | **{after}** | {rest} | {why} |\n")
    };
    marks::movements(change).into_iter().map(row).collect()
}

/// A folded section with every write and the resulting allocation of its environment.
pub(super) fn writes(view: &PlanView) -> String {
    if view.steps.is_empty() {
        return String::new();
    }
    let summary = format!("Exact writes ({})", number(view.steps.len()));
    let mut rows = "| # | Environment | Holds then |\n|--:|:--|:--|\n".to_owned();
    for step in &view.steps {
        let holds = marks::holds_then(view, step, |name| escape(name, LONGEST_CELL));
        let _ = writeln!(rows, "| {} | {} | {holds} |", step.number, code(step.environment.as_str()));
    }
    fold(&summary, &rows)
}
