//! The signs and short words that faces have in common, so that none of them says the same thing in another way.

use std::fmt::Display;

use super::number::{count, number, signed};
use super::view::plan::{ChangeView, SettingView};
use super::view::pool::PoolState;
use crate::model::finding::Severity;
use crate::model::plan::change::ChangeKind;
use crate::model::plan::change::EnvironmentRef;
use crate::model::terms::Units;

/// The shape that goes with the word of a state; none where all is well.
pub(super) fn of_state(state: PoolState) -> &'static str {
    match state {
        PoolState::Ok => "",
        PoolState::Near | PoolState::IntoReserve => "▲",
        PoolState::Over => "✖",
        PoolState::Unknown => "?",
    }
}

/// The sign of a change.
pub(super) fn of_change(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Release | ChangeKind::Decrease => "−",
        ChangeKind::Assign | ChangeKind::Increase => "+",
        ChangeKind::Switch => "~",
    }
}

/// The shape that goes with a severity.
pub(super) fn of_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✖",
        Severity::Warning => "▲",
        Severity::Hint => "·",
    }
}

/// A switch in a word.
pub(super) fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// A commit as people name it.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// What an environment is called: by the tenant, or else by the configuration.
pub(super) fn name_of(environment: &EnvironmentRef) -> &str {
    environment.name.as_deref().unwrap_or(environment.key.as_str())
}

/// A number, or that it is unknown.
pub(super) fn or_unknown(amount: Option<impl Display>) -> String {
    amount.map_or_else(|| "unknown".to_owned(), number)
}

/// What an environment holds of an add-on, called so, once a change is applied.
pub(super) fn held_after(change: &ChangeView, add_on: &str) -> String {
    let switches = change.after.when_exhausted.iter();
    let switches: Vec<String> = switches.map(|(switch, on)| format!("{} {}", switch.label(), on_or_off(on))).collect();
    let switches = if switches.is_empty() { String::new() } else { format!(" ({})", switches.join(", ")) };
    format!("{add_on} {}{switches}", number(change.units_after))
}

/// One line of a change: its units, or one of its switches.
pub(super) struct Movement {
    /// The direction.
    pub(super) sign: &'static str,
    /// Which switch; `None` for the units.
    pub(super) switch: Option<&'static str>,
    /// What was there.
    pub(super) before: String,
    /// What is to be there.
    pub(super) after: String,
    /// By how much the units differ; empty for a switch.
    pub(super) difference: String,
}

/// The lines of a change: the units where they change, and every switch that does.
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

/// What a change moves, in words: `10 to 12, draw from tenant on to off`.
pub(super) fn moves(change: &ChangeView) -> String {
    let told = |it: Movement| {
        let switch = it.switch.map_or_else(String::new, |switch| format!("{switch} "));
        format!("{switch}{} to {}", it.before, it.after)
    };
    movements(change).into_iter().map(told).collect::<Vec<_>>().join(", ")
}

/// What a change is about, in words: `hr App passes, 10 to 12`.
pub(super) fn what(change: &ChangeView) -> String {
    format!("{} {}, {}", change.environment.key, change.add_on.name, moves(change))
}

/// What a setting was, in a word.
pub(super) fn set_before(setting: &SettingView) -> &'static str {
    setting.before.map_or("not set", |before| before.as_str())
}

/// What a switch was, in words.
pub(super) fn switched_before(before: Option<bool>) -> &'static str {
    before.map_or("not stated", on_or_off)
}

/// Why a change is wanted: ticket, reason, and who to ask.
pub(super) fn why(change: &ChangeView) -> impl Iterator<Item = &str> {
    change.ticket.iter().chain(&change.reason).chain(&change.owner).map(String::as_str)
}

/// What is held where nobody could look, in words; nothing where everything was seen.
pub(super) fn unseen(unknown_environments: u64, unseen: Option<Units>) -> Option<String> {
    let environments = count(unknown_environments, "environment", "environments");
    Some(match (unseen, unknown_environments) {
        (Some(Units::ZERO), _) => return None,
        (Some(units), 0) => format!("{} of them in environments that are not listed", number(units)),
        (Some(units), _) => format!("{} of them in {environments} that could not be read", number(units)),
        (None, 0) => "and what environments hold that are not listed, which is unknown".to_owned(),
        (None, 1) => "and what 1 environment holds, which is unknown".to_owned(),
        (None, _) => format!("and what {environments} hold, which is unknown"),
    })
}
