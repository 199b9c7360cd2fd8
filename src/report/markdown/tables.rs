//! The tables of a comment: pools, and changes.

use std::fmt::Write as _;

use super::cut::Shown;
use super::sections::fold;
use crate::model::plan::change::{ChangeKind, ChangeOrigin};
use crate::report::bar::bar;
use crate::report::frame::Frame;
use crate::report::marks;
use crate::report::number::{count, number, signed};
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
        let later = pool.future.iter().filter(|_| shown.forecast);
        text.extend(later.map(future_row));
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

fn pool_row(pool: &PoolView) -> String {
    let (before, after) = (pool.before.allocated, pool.after.allocated);
    let allocated = if before == after {
        number(after)
    } else {
        format!("{} → **{}** ({})", number(before), number(after), signed(after.difference(before)))
    };
    let unseen = marks::unseen(pool.unknown_environments, pool.unseen);
    let unseen = unseen.map_or_else(String::new, |words| format!(", {words}"));
    let level = &pool.after;
    format!(
        "| {} | {allocated}{unseen} | {} | {} | **{}** | {} |\n",
        escape(&pool.pool.name, LONGEST_CELL),
        marks::or_unknown(level.owned),
        number(level.reserve),
        marks::or_unknown(level.free),
        state(level)
    )
}

fn future_row(future: &FutureLevel) -> String {
    let level = &future.level;
    format!(
        "| ↳ from {} | {} | {} | {} | **{}** | {} |\n",
        future.from,
        number(level.allocated),
        marks::or_unknown(level.owned),
        number(level.reserve),
        marks::or_unknown(level.free),
        state(level)
    )
}

/// The gauge, the percentage and the word. The gauge of a pool that is over is longer than the others.
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
    let of_kind = |kinds: &[ChangeKind], most| largest(&view.changes, kinds, most);
    let groups = [
        ("decreases", of_kind(&[ChangeKind::Release, ChangeKind::Decrease], shown.decreases)),
        ("increases", of_kind(&[ChangeKind::Assign, ChangeKind::Increase], shown.increases)),
        ("changes of switches", of_kind(&[ChangeKind::Switch], shown.switches)),
    ];
    let kept: Vec<&ChangeView> = groups.iter().flat_map(|(_, group)| group.kept.iter().copied()).collect();
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
    let left_out = groups.iter().filter(|(_, group)| group.kept.len() < group.all);
    let left_out: Vec<String> = left_out
        .map(|(name, group)| match group.kept.len() {
            0 => format!("none of {} {name}", number(group.all)),
            kept => format!("the {kept} largest of {} {name}", number(group.all)),
        })
        .collect();
    if !left_out.is_empty() {
        let whole = frame.report.map_or("`allot plan` shows all.".to_owned(), |at| format!("[The whole plan]({at})."));
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
    text.extend(setting.map(setting_row));
    text
}

struct Group<'a> {
    kept: Vec<&'a ChangeView>,
    all: usize,
}

/// The largest changes of some kinds; or all of them, in the plan's order, if they fit.
fn largest<'a>(changes: &'a [ChangeView], kinds: &[ChangeKind], most: usize) -> Group<'a> {
    let mut kept: Vec<&ChangeView> = changes.iter().filter(|change| kinds.contains(&change.kind)).collect();
    let all = kept.len();
    if all > most {
        kept.sort_by_key(|change| std::cmp::Reverse(change.difference.unsigned_abs()));
        kept.truncate(most);
    }
    Group { kept, all }
}

/// The environment of a change, as a link to the place that declares the amount.
pub(super) fn environment(change: &ChangeView, frame: &Frame<'_>) -> String {
    let name = escape(marks::name_of(&change.environment), LONGEST_CELL);
    match change.declared_at.as_ref().zip(frame.links).and_then(|(place, links)| links.to(place)) {
        Some(address) => format!("[{name}]({address})"),
        None => name,
    }
}

fn change_row(change: &ChangeView, frame: &Frame<'_>) -> String {
    let (sign, environment) = (code(marks::of_change(change.kind)), environment(change, frame));
    let until = change.until.map_or_else(String::new, |until| until.to_string());
    let why = change.ticket.iter().chain(&change.reason).chain(&change.owner);
    let mut why: Vec<String> = why.map(|text| escape(text, LONGEST_CELL)).collect();
    let mut row = String::new();
    if change.kind != ChangeKind::Switch {
        row = format!(
            "| {sign} | {environment} | {} | {} | **{}** | {} | {until} | {} |\n",
            escape(&change.add_on.name, LONGEST_CELL),
            number(change.units_before),
            number(change.units_after),
            signed(change.difference),
            why.join(" · ")
        );
        why.clear();
    }
    for switch in &change.switches {
        let before = marks::switched_before(switch.before);
        let _ = writeln!(
            row,
            "| `~` | {environment} | {}: {} | {before} | **{}** | | | {} |",
            escape(&change.add_on.name, LONGEST_CELL),
            switch.label,
            marks::on_or_off(switch.after),
            std::mem::take(&mut why).join(" · ")
        );
    }
    row
}

fn setting_row(setting: &SettingView) -> String {
    let before = marks::set_before(setting);
    format!("| `~` | the tenant | who can allocate | {before} | **{}** | | | |\n", setting.after)
}

/// A folded section with every write and the resulting allocation of its environment.
pub(super) fn writes(view: &PlanView) -> String {
    if view.steps.is_empty() {
        return String::new();
    }
    let summary = format!("Exact writes ({})", number(view.steps.len()));
    let mut rows = "| # | Environment | Holds then |\n|--:|:--|:--|\n".to_owned();
    for step in &view.steps {
        let held = step
            .changes
            .iter()
            .filter_map(|at| view.changes.get(*at))
            .map(|change| marks::held_after(change, &escape(&change.add_on.name, LONGEST_CELL)));
        let held: Vec<String> = held.collect();
        let _ = writeln!(rows, "| {} | {} | {} |", step.number, code(step.environment.as_str()), held.join(" · "));
    }
    fold(&summary, &rows)
}
