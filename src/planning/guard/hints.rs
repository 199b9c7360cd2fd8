//! Hints about environments: what their users still need, and what no file names. The same hint about several environments is one hint with a
//! list.

use std::collections::BTreeMap;

use super::add_ons::how_to_name;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::{DesiredEnvironment, DesiredState};
use crate::model::finding::Finding;
use crate::model::observed::{EnvironmentState, ObservedEnvironment, ObservedState, Reading};
use crate::model::plan::change::{ChangeKind, PlannedChange};
use crate::model::plan::draft::Draft;
use crate::model::rules::Unmanaged;
use crate::model::source::Span;
use crate::model::terms::{EnvironmentId, EnvironmentKey, Units};
use crate::planning::matching::{Matching, held};
use crate::planning::words::amount;

/// The most environments that a hint lists.
const MOST: usize = 25;

/// Lists at most [`MOST`] environments, each in a note, and counts the others.
fn list(hint: Finding, notes: Vec<String>) -> Finding {
    let more = notes.len().saturating_sub(MOST);
    let hint = notes.into_iter().take(MOST).fold(hint, Finding::note);
    if more > 0 { hint.note(format!("and {more} more")) } else { hint }
}

/// An environment that gets its first units of an add-on.
struct Newcomer<'a> {
    key: &'a EnvironmentKey,
    /// The membership that its users need.
    group: Option<String>,
}

/// What users still need when their environment gets its first units.
pub(super) fn first_assignments(observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    let mut alike: BTreeMap<(&AddOn, String), Vec<Newcomer<'_>>> = BTreeMap::new();
    for planned in draft.changes.iter().filter(|planned| planned.change.kind() == ChangeKind::Assign) {
        let Some(seen) = observed.environments.get(&planned.environment.id) else { continue };
        let group = match &seen.security_group {
            Reading::Known { value, .. } => Some(format!("membership of the security group {value:?}")),
            Reading::Absent => None,
            Reading::Unknown { .. } => Some("membership of a security group, if there is one".to_owned()),
        };
        let newcomers = alike.entry((planned.change.add_on(), needs(planned, seen))).or_default();
        newcomers.push(Newcomer { key: &planned.environment.key, group });
    }
    alike.into_iter().map(|((add_on, needs), newcomers)| first_units(add_on, &needs, &newcomers)).collect()
}

fn first_units(add_on: &AddOn, needs: &str, newcomers: &[Newcomer<'_>]) -> Finding {
    let name = add_on.display_name();
    if let [Newcomer { key, group }] = newcomers {
        let group = group.as_ref().map(|group| format!("{group}, and ")).unwrap_or_default();
        let message = format!("{key} gets its first {name}; to use them, its users also need {group}{needs}");
        return Finding::hint(Code::A402, message);
    }
    let number = newcomers.len();
    let message = format!("{number} environments get their first {name}; to use them, their users also need {needs}");
    let note = |Newcomer { key, group }: &Newcomer<'_>| match group {
        Some(group) => format!("{key}, also {group}"),
        None => key.to_string(),
    };
    list(Finding::hint(Code::A402, message), newcomers.iter().map(note).collect())
}

/// What users need beside the membership of a security group.
fn needs(planned: &PlannedChange, seen: &ObservedEnvironment) -> String {
    let mut needs = Vec::new();
    let wants_dataverse = planned.change.add_on().entry().is_some_and(|entry| entry.needs_dataverse);
    if wants_dataverse && seen.dataverse.known() == Some(&false) {
        needs.push("a Dataverse database in the environment".to_owned());
    }
    if let Some(state) = seen.state.known().filter(|state| **state != EnvironmentState::Ready) {
        needs.push(format!("the environment to be ready (it is {})", state.as_str()));
    }
    needs.push("a security role in the environment".to_owned());
    needs.join(", and ")
}

/// Environments and amounts that no file names.
pub(super) fn unmanaged(desired: &DesiredState, matching: &Matching<'_>) -> Vec<Finding> {
    let mut findings = undeclared_environments(desired, matching);
    findings.extend(undeclared_amounts(desired, matching));
    findings
}

fn undeclared_environments(desired: &DesiredState, matching: &Matching<'_>) -> Vec<Finding> {
    let described = |seen: &ObservedEnvironment| {
        let amounts: Vec<String> =
            held(seen).map(|(add_on, entry)| format!("{} {}", amount(entry.units), add_on.display_name())).collect();
        let name = seen.name.known().map_or_else(|| seen.id.to_string(), ToString::to_string);
        (!amounts.is_empty()).then(|| (seen.id.clone(), name, amounts.join(", ")))
    };
    let found: Vec<_> = matching.undeclared.iter().filter_map(|seen| described(seen)).collect();
    let one = |(id, name, amounts): (EnvironmentId, String, String)| {
        let message = format!("no file names {name:?}, which holds {amounts}");
        let finding = match desired.rules.unmanaged_environments.value {
            Unmanaged::Fail => Finding::error(Code::A309, message),
            Unmanaged::Report | Unmanaged::Ignore => Finding::hint(Code::A309, message),
        };
        finding.note(format!("its id is {id}")).help("declare it in a file to manage it").allowable(id.to_string())
    };
    match (desired.rules.unmanaged_environments.value, found.len()) {
        (Unmanaged::Ignore, _) => Vec::new(),
        (Unmanaged::Fail, _) | (Unmanaged::Report, 0 | 1) => found.into_iter().map(one).collect(),
        (Unmanaged::Report, many) => {
            let hint = Finding::hint(Code::A309, format!("{many} environments hold units, and no file names them"));
            let notes = found.into_iter().map(|(id, name, amounts)| format!("{name:?}, id {id}: {amounts}"));
            vec![list(hint, notes.collect()).help("declare them in a file to manage them")]
        }
    }
}

/// An add-on that an environment holds and its file does not name.
struct Unnamed<'a> {
    environment: &'a DesiredEnvironment,
    units: Units,
}

impl Unnamed<'_> {
    fn key(&self) -> &EnvironmentKey {
        &self.environment.key.value
    }

    fn place(&self) -> Span {
        self.environment.key.span
    }
}

fn undeclared_amounts(desired: &DesiredState, matching: &Matching<'_>) -> Vec<Finding> {
    let mut by_add_on: BTreeMap<&AddOn, Vec<Unnamed<'_>>> = BTreeMap::new();
    for (environment, seen) in &matching.declared {
        let unnamed = seen.iter().flat_map(|seen| held(seen));
        for (add_on, entry) in unnamed.filter(|(add_on, _)| environment.cell(add_on).is_none()) {
            by_add_on.entry(add_on).or_default().push(Unnamed { environment, units: entry.units });
        }
    }
    let treatment = desired.rules.unmanaged_add_ons.value;
    let findings = |(add_on, found): (&AddOn, Vec<Unnamed<'_>>)| match (treatment, &found[..]) {
        (Unmanaged::Ignore, _) => Vec::new(),
        (Unmanaged::Report, [first, more @ ..]) if !more.is_empty() => vec![several(add_on, first, &found)],
        (Unmanaged::Report, found) => found.iter().map(|found| unnamed(Finding::hint, add_on, found)).collect(),
        (Unmanaged::Fail, found) => found.iter().map(|found| unnamed(Finding::error, add_on, found)).collect(),
    };
    by_add_on.into_iter().flat_map(findings).collect()
}

fn unnamed(new: fn(Code, String) -> Finding, add_on: &AddOn, found: &Unnamed<'_>) -> Finding {
    let (key, name) = (found.key(), add_on.display_name());
    let message = format!("{key} holds {} {name}, which its file does not name", amount(found.units));
    let finding = new(Code::A310, message).at(found.place(), "not named here").help(how_to_name(add_on));
    finding.allowable(format!("{key}/{add_on}"))
}

fn several(add_on: &AddOn, first: &Unnamed<'_>, all: &[Unnamed<'_>]) -> Finding {
    let (number, name) = (all.len(), add_on.display_name());
    let message = format!("{number} environments hold {name}, which their files do not name");
    let notes = all.iter().map(|found| format!("{} holds {}", found.key(), amount(found.units)));
    let hint = Finding::hint(Code::A310, message).at(first.place(), "not named here");
    list(hint, notes.collect()).help(how_to_name(add_on))
}

#[cfg(test)]
mod tests;
