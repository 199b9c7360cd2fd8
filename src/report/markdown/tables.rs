//! The tables of a comment: pools, and changes.

use super::cut::Shown;
use super::owners::Owners;
use super::sections::{LONGEST_CELL, fold};
use crate::model::plan::change::{ChangeKind, ChangeOrigin};
use crate::model::plan::guards::GuardChange;
use crate::report::bar::bar;
use crate::report::marks::{self, Movement};
use crate::report::number::{count, number, signed};
use crate::report::origin::Frame;
use crate::report::safe::comment::{Markdown, md};
use crate::report::safe::markdown::{code, escape, link, words};
use crate::report::view::plan::{BaseView, ChangeView, PlanView, SettingView};
use crate::report::view::pool::{FutureLevel, Level, PoolState, PoolView};

/// The headings of the pools of a plan.
pub(super) const PLANNED: [&str; 2] = ["Allocated now → after", "Free after"];
/// The headings of the pools after an apply.
pub(super) const REACHED: [&str; 2] = ["Allocated before → now", "Free"];

/// The pools and their headroom.
pub(super) fn pools<'a>(
    pools: impl Iterator<Item = &'a PoolView>,
    columns: [&'static str; 2],
    shown: &Shown,
) -> Markdown {
    let is_worth_showing = |pool: &&&PoolView| {
        shown.unchanged_pools || pool.before.allocated != pool.after.allocated || pool.after.state != PoolState::Ok
    };
    let pools: Vec<&PoolView> = pools.collect();
    let kept: Vec<&PoolView> = pools.iter().filter(is_worth_showing).take(shown.pools).copied().collect();
    let mut text = Markdown::default();
    if !kept.is_empty() {
        let [allocated, free] = columns;
        text.push(&md!["| Add-on | ", allocated, " | Owned | Reserve | ", free, " | State |\n"]);
        text.push(&"|:--|--:|--:|--:|--:|:--|\n");
    }
    for pool in &kept {
        text.push(&pool_row(pool));
        for FutureLevel { from, level } in pool.future.iter().filter(|_| shown.forecast) {
            text.push(&level_row(md!["↳ from ", *from], words(&number(level.allocated)), level));
        }
    }
    if kept.len() < pools.len() {
        let (shown, all) = (number(kept.len()), count(pools.len() as u64, "pool", "pools"));
        text.push(&md!["\nShowing ", words(&shown), " of ", words(&all), ".\n"]);
    }
    if !shown.forecast && pools.iter().any(|pool| !pool.future.is_empty()) {
        text.push(&"\nLater dates are left out; `allot forecast` shows them.\n");
    }
    text
}

/// The guards that the pull request weakens or changes. They are cut as late as errors are.
pub(super) fn guards(guards: &[GuardChange], shown: &Shown) -> Markdown {
    const MOST: usize = 50;
    if guards.is_empty() {
        return Markdown::default();
    }
    let most = shown.errors.min(MOST);
    let mut text =
        md!["**This pull request changes guards**\n\n| Guard | Before | After | Effect |\n|:--|:--|:--|:--|\n"];
    for GuardChange { guard, before, after, effect } in guards.iter().take(most) {
        let cell = |text: &str| escape(text, LONGEST_CELL);
        let cells = [cell(guard), cell(before), cell(after), words(effect.words())];
        text.push(&md!["| ", Markdown::join(cells, " | "), " |\n"]);
    }
    if guards.len() > most {
        text.push(&md!["\nAnd ", words(&number(guards.len() - most)), " more.\n"]);
    }
    text
}

fn pool_row(pool: &PoolView) -> Markdown {
    let (before, after) = (pool.before.allocated, pool.after.allocated);
    let mut allocated = if before == after {
        words(&number(after))
    } else {
        let difference = words(&signed(after.difference(before)));
        md![words(&number(before)), " → **", words(&number(after)), "** (", difference, ")"]
    };
    if let Some(unseen) = marks::unseen(pool.unknown_environments, pool.unseen) {
        allocated.push(&md![", ", words(&unseen)]);
    }
    level_row(escape(&pool.pool.name, LONGEST_CELL), allocated, &pool.after)
}

pub(super) fn level_row(name: Markdown, allocated: Markdown, level: &Level) -> Markdown {
    let (owned, free) = (words(&marks::or_unknown(level.owned)), words(&marks::or_unknown(level.free)));
    let (reserve, state) = (words(&number(level.reserve)), state(level));
    md!["| ", name, " | ", allocated, " | ", owned, " | ", reserve, " | **", free, "** | ", state, " |\n"]
}

/// The gauge, the percentage and the word. The gauge of an over-allocated pool is longer than the others.
fn state(level: &Level) -> Markdown {
    let (mark, word) = (marks::of_state(level.state), level.state.word());
    let word = if mark.is_empty() { md![word] } else { md![mark, " ", word] };
    let Some(percent) = level.percent else { return word };
    let past = if percent > 100 { "▌" } else { "" };
    md![code(&format!("{}{past}", bar(percent))), " ", percent, "% ", word]
}

/// The changes, or those of this branch if the plan was compared with a base.
pub(super) fn changes(view: &PlanView, frame: &Frame<'_>, shown: &Shown) -> Markdown {
    let Kept { rows, left_out } = kept(view.own_changes(), frame, shown);
    let table = table(&rows, view.own_setting(), frame);
    match &view.base {
        None => md![table, left_out],
        Some(_) if view.own_changes().next().is_none() && view.own_setting().is_none() => {
            md!["**This pull request changes** nothing in the tenant.\n"]
        }
        Some(_) => md!["**This pull request changes**\n\n", table, left_out],
    }
}

/// The changes that were pending before this branch.
pub(super) fn pending(view: &PlanView, base: &BaseView, frame: &Frame<'_>, shown: &Shown) -> Markdown {
    let pending = view.changes.iter().filter(|change| change.origin == Some(ChangeOrigin::Pending));
    let setting = view.setting.as_ref().filter(|setting| setting.origin == Some(ChangeOrigin::Pending));
    if pending.clone().next().is_none() && setting.is_none() {
        return Markdown::default();
    }
    let Kept { rows, left_out } = kept(pending, frame, shown);
    let since = md![code(&base.reference), " (", code(marks::short(&base.commit)), ")"];
    let table = table(&rows, setting, frame);
    md![
        "**Pending before this pull request**, on ",
        since,
        " or by hand, and applied with it\n\n",
        table,
        left_out,
        "\n"
    ]
}

/// The changes that there is room for, and a line that counts the others.
struct Kept<'a> {
    rows: Vec<&'a ChangeView>,
    left_out: Markdown,
}

/// The largest changes of each direction.
fn kept<'a>(changes: impl Iterator<Item = &'a ChangeView> + Clone, frame: &Frame<'_>, shown: &Shown) -> Kept<'a> {
    let group = |name: &'static str, kinds: &[ChangeKind], most| {
        let mut kept: Vec<&ChangeView> = changes.clone().filter(|change| kinds.contains(&change.kind)).collect();
        let all = kept.len();
        keep_largest(&mut kept, most, |change| change);
        (name, kept, all)
    };
    let groups = [
        group("decreases", &[ChangeKind::Release, ChangeKind::Decrease], shown.decreases),
        group("increases", &[ChangeKind::Assign, ChangeKind::Increase], shown.increases),
        group("changes of switches", &[ChangeKind::Switch], shown.switches),
    ];
    let left_out = groups.iter().filter(|(_, kept, all)| kept.len() < *all);
    let left_out: Vec<Markdown> = left_out
        .map(|(name, kept, all)| match kept.len() {
            0 => md!["none of ", words(&number(*all)), " ", *name],
            kept => md!["the ", kept, " largest of ", words(&number(*all)), " ", *name],
        })
        .collect();
    let left_out = match left_out.is_empty() {
        true => Markdown::default(),
        false => {
            let whole = match &frame.origin.page {
                Some(at) => md![link(&md!["The whole plan"], at), "."],
                None => md!["`allot plan` shows all."],
            };
            md!["\nShowing ", Markdown::join(left_out, ", "), ". ", whole, "\n"]
        }
    };
    Kept { rows: groups.into_iter().flat_map(|(_, kept, _)| kept).collect(), left_out }
}

/// Changes with a heading; empty if there are none.
fn table(changes: &[&ChangeView], setting: Option<&SettingView>, frame: &Frame<'_>) -> Markdown {
    if changes.is_empty() && setting.is_none() {
        return Markdown::default();
    }
    let owners = Owners::of(changes.iter().copied());
    let mut text = md!["| | Environment | Add-on | Now | After | Change | Until | Why |", owners.heading(), "\n"];
    text.push(&md!["|:-:|:--|:--|--:|--:|--:|:--|:--|", owners.rule(), "\n"]);
    text.extend(changes.iter().map(|change| change_row(change, owners, frame)));
    let row = |it: &SettingView| {
        md!["| ", setting_cells(it), " | **", words(&it.after.to_string()), "** | | | |", owners.end(), "\n"]
    };
    text.extend(setting.map(row));
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
fn environment(change: &ChangeView, frame: &Frame<'_>) -> Markdown {
    let name = escape(marks::name_of(&change.environment), LONGEST_CELL);
    match change.declared_at.as_ref().and_then(|place| frame.address(place)) {
        Some(address) => link(&name, &address),
        None => name,
    }
}

/// The first cells of a row: sign, environment, the add-on or one of its switches, and the value before.
pub(super) fn cells(change: &ChangeView, movement: &Movement, frame: &Frame<'_>) -> Markdown {
    let mut what = escape(&change.add_on.name, LONGEST_CELL);
    if let Some(switch) = movement.switch {
        what.push(&md![": ", switch]);
    }
    let (environment, before) = (environment(change, frame), words(&movement.before));
    md![code(movement.sign), " | ", environment, " | ", what, " | ", before]
}

/// The first cells of the row of a setting, as [`cells`].
pub(super) fn setting_cells(setting: &SettingView) -> Markdown {
    md!["`~` | the tenant | who can allocate | ", marks::set_before(setting)]
}

/// The ticket and the reason of a change.
pub(super) fn why(change: &ChangeView) -> Markdown {
    Markdown::join(marks::why(change).map(|text| escape(text, LONGEST_CELL)), " · ")
}

/// A row for the units if they change, and a row for every switch that changes. The first row states why, and who owns it.
fn change_row(change: &ChangeView, owners: Owners, frame: &Frame<'_>) -> Markdown {
    let until = change.until.map(|until| md![until]).unwrap_or_default();
    let mut why = md![why(change), owners.cell(change)];
    let row = |movement: Movement| {
        let rest = match movement.switch {
            None => md![words(&movement.difference), " | ", until],
            Some(_) => md!["|"],
        };
        let (cells, why) = (cells(change, &movement, frame), std::mem::replace(&mut why, owners.no_cell()));
        md!["| ", cells, " | **", words(&movement.after), "** | ", rest, " | ", why, " |\n"]
    };
    marks::movements(change).into_iter().map(row).collect()
}

/// A folded section with every write and the resulting allocation of its environment.
pub(super) fn writes(view: &PlanView) -> Markdown {
    if view.steps.is_empty() {
        return Markdown::default();
    }
    let summary = format!("Exact writes ({})", number(view.steps.len()));
    let mut rows = md!["| # | Environment | Holds then |\n|--:|:--|:--|\n"];
    for step in &view.steps {
        let holds = Markdown::join(marks::holds_then(view, step).map(|held| escape(&held, usize::MAX)), " · ");
        rows.push(&md!["| ", step.number, " | ", code(step.environment.as_str()), " | ", holds, " |\n"]);
    }
    fold(&summary, &rows)
}
