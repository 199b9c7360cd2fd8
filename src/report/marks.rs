//! The signs and short words that faces have in common, so that none of them says the same thing in another way.

use std::fmt::Display;

use super::number::{count, number};
use super::view::basics::EnvironmentView;
use super::view::plan::ChangeView;
use super::view::pool::PoolState;
use crate::model::finding::Severity;
use crate::model::plan::ChangeKind;
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
pub(super) fn name_of(environment: &EnvironmentView) -> &str {
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

/// What a change moves: units, switches, or both.
pub(super) fn moves(change: &ChangeView) -> String {
    let units = (change.kind != ChangeKind::Switch)
        .then(|| format!("{} to {}", number(change.units_before), number(change.units_after)));
    let switches = change.switches.iter().map(|switch| {
        let before = switch.before.map_or("not stated", on_or_off);
        format!("{} {before} to {}", switch.label, on_or_off(switch.after))
    });
    units.into_iter().chain(switches).collect::<Vec<_>>().join(", ")
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
