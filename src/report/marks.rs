//! Signs and short words that all formats share, so that each thing looks and reads alike in all of them.

use std::fmt::Display;

use super::number::{count, number, signed};
use super::view::figure::FigureView;
use super::view::plan::{ChangeView, PlanView, SettingView, StepView};
use super::view::pool::PoolState;
use crate::model::finding::Severity;
use crate::model::plan::change::{ChangeKind, EnvironmentRef};
use crate::model::terms::Units;

/// The shape beside the word of a state; empty for "ok".
pub(super) fn of_state(state: PoolState) -> &'static str {
    match state {
        PoolState::Ok => "",
        PoolState::Near | PoolState::IntoReserve => "▲",
        PoolState::Over => "✖",
        PoolState::Unknown => "?",
    }
}

/// The shape and the word of a state.
pub(super) fn state(state: PoolState) -> String {
    format!("{} {}", of_state(state), state.word()).trim_start().to_owned()
}

/// The kinds of changes under the titles of their sections.
pub(super) const DIRECTIONS: [(&str, &[ChangeKind]); 3] = [
    ("Decreases", &[ChangeKind::Release, ChangeKind::Decrease]),
    ("Increases", &[ChangeKind::Assign, ChangeKind::Increase]),
    ("Switches", &[ChangeKind::Switch]),
];

/// The sign of a change.
pub(super) fn of_change(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Release | ChangeKind::Decrease => "−",
        ChangeKind::Assign | ChangeKind::Increase => "+",
        ChangeKind::Switch => "~",
    }
}

/// The shape beside a severity.
pub(super) fn of_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✖",
        Severity::Warning => "▲",
        Severity::Hint => "·",
    }
}

/// What a pool uses, or why that is unknown; `None` if nothing counts it.
pub(super) fn consumed(figure: &FigureView) -> Option<String> {
    match (figure.units, figure.as_of, &figure.unknown) {
        (Some(units), Some(as_of), _) => {
            Some(format!("{} consumed as of {}", number(units), as_of.strftime("%Y-%m-%d")))
        }
        (_, _, Some(why)) => Some(format!("consumption unknown: {why}")),
        _ => None,
    }
}

/// A switch in a word.
pub(super) fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// The short form of a commit's id.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// How many changes and findings of a branch its base has as well: `2 changes and 1 finding`. `None` if there are none.
pub(super) fn also_on_base(view: &PlanView) -> Option<String> {
    let base = view.base.as_ref()?;
    let setting = u64::from(view.setting.is_some() && view.own_setting().is_none());
    let parts = [(base.pending + setting, "change", "changes"), (view.findings_on_base, "finding", "findings")];
    let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, one, many)| count(number, one, many)).collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// The environment's name in the tenant, or else its key in the configuration.
pub(super) fn name_of(environment: &EnvironmentRef) -> &str {
    environment.name.as_deref().unwrap_or(environment.key.as_str())
}

/// A number, or "not set".
pub(super) fn or_unknown(amount: Option<impl Display>) -> String {
    amount.map_or_else(|| "unknown".to_owned(), number)
}

/// The allocations that a write changes, as they are after it.
pub(super) fn holds_then(view: &PlanView, step: &StepView) -> impl Iterator<Item = String> {
    let changes = step.changes.iter().filter_map(|at| view.changes.get(*at));
    changes.map(|change| held_after(change, &change.add_on.name))
}

fn held_after(change: &ChangeView, add_on: &str) -> String {
    let switches = change.after.when_exhausted.iter();
    let switches: Vec<String> = switches.map(|(switch, on)| format!("{} {}", switch.label(), on_or_off(on))).collect();
    let switches = if switches.is_empty() { String::new() } else { format!(" ({})", switches.join(", ")) };
    format!("{add_on} {}{switches}", number(change.units_after))
}

/// One line of a change: its units, or one of its switches.
pub(super) struct Movement {
    /// The direction.
    pub(super) sign: &'static str,
    /// The switch; `None` for the units.
    pub(super) switch: Option<&'static str>,
    /// The value before.
    pub(super) before: String,
    /// The value after.
    pub(super) after: String,
    /// The difference in units; empty for a switch.
    pub(super) difference: String,
}

/// The lines of a change: one for the units if they change, and one for every switch that changes.
pub(super) fn movements(change: &ChangeView) -> Vec<Movement> {
    let units = (change.kind != ChangeKind::Switch).then(|| Movement {
        sign: of_change(change.kind),
        switch: None,
        before: number(change.units_before),
        after: number(change.units_after),
        difference: signed(change.difference),
    });
    let switches = change.switches.iter().map(|switch| Movement {
        sign: of_change(ChangeKind::Switch),
        switch: Some(switch.label),
        before: switched_before(switch.before).to_owned(),
        after: on_or_off(switch.after).to_owned(),
        difference: String::new(),
    });
    units.into_iter().chain(switches).collect()
}

/// The switches that change, each with its values: `draw from tenant: on > off`.
pub(super) fn switches(change: &ChangeView, arrow: &str) -> impl Iterator<Item = String> {
    change.switches.iter().map(move |switch| {
        format!("{}: {} {arrow} {}", switch.label, switched_before(switch.before), on_or_off(switch.after))
    })
}

/// The movements of a change in words: `10 to 12, draw from tenant on to off`.
pub(super) fn moves(change: &ChangeView) -> String {
    let words = |it: Movement| {
        let switch = it.switch.map_or_else(String::new, |switch| format!("{switch} "));
        format!("{switch}{} to {}", it.before, it.after)
    };
    movements(change).into_iter().map(words).collect::<Vec<_>>().join(", ")
}

/// A change in words: `hr App passes, 10 to 12`.
pub(super) fn what(change: &ChangeView) -> String {
    format!("{} {}, {}", change.environment.key, change.add_on.name, moves(change))
}

/// The value of a setting before, or "not set".
pub(super) fn set_before(setting: &SettingView) -> &'static str {
    setting.before.map_or("not set", |before| before.as_str())
}

/// The value of a switch before, or "not set".
pub(super) fn switched_before(before: Option<bool>) -> &'static str {
    before.map_or("not set", on_or_off)
}

/// The ticket and the reason of a change, as far as they are given.
pub(super) fn why(change: &ChangeView) -> impl Iterator<Item = &str> {
    change.ticket.iter().chain(&change.reason).map(String::as_str)
}

/// Units that may lie in environments that could not be read, or are not listed, in words; `None` if there are none.
pub(super) fn unseen(unknown_environments: u64, unseen: Option<Units>) -> Option<String> {
    let environments = count(unknown_environments, "environment", "environments");
    Some(match (unseen, unknown_environments) {
        (Some(Units::ZERO), _) => return None,
        (Some(units), 0) => format!("{} of them in environments that are not listed", number(units)),
        (Some(units), _) => format!("{} of them in {environments} that could not be read", number(units)),
        (None, 0) => "and an unknown amount in environments that are not listed".to_owned(),
        (None, some) => {
            format!("and an unknown amount in {}", count(some, "environment", "environments"))
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::report::fixture;
    use crate::report::view::plan::ChangeView;

    #[test]
    fn switches_are_listed() {
        let change = fixture::draft().changes.iter().map(ChangeView::new).next_back().unwrap();
        assert_eq!(super::switches(&change, ">").collect::<Vec<_>>(), ["draw from tenant: on > off"]);
    }
}
