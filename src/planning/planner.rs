//! Drafts a plan: the changes from the observed to the desired state of a day, and the pools before and after.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::matching::{Matching, usable};
use super::pools;
use crate::model::catalog::AddOn;
use crate::model::desired::{DesiredEnvironment, DesiredState, ManagedCell};
use crate::model::document::{Entry, Switches};
use crate::model::finding::Allowance;
use crate::model::observed::{Listing, ObservedEnvironment, ObservedState, Reading};
use crate::model::plan::change::{Change, ChangeKind, EnvironmentRef, PlannedChange, SettingChange};
use crate::model::plan::draft::{Basis, Draft, NotChecked};
use crate::model::rules::Unmanaged;
use crate::model::source::Sources;
use crate::model::terms::{EnvironmentId, EnvironmentKey, Units};

/// The cells that a plan may change.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'a> {
    /// Every cell.
    All,
    /// These cells: those of a saved plan.
    Cells(&'a BTreeSet<(EnvironmentId, AddOn)>),
    /// No cell: the draft shows the tenant as it is.
    NoCells,
}

/// The scope of a plan.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The day to plan for.
    pub date: Date,
    /// Only these environments; empty for all.
    pub targets: &'a [EnvironmentKey],
    /// The cells that may change. The tenant's setting is compared whenever `targets` is empty.
    pub selection: Selection<'a>,
    /// The refusals that `--allow` lets through.
    pub allowances: &'a [Allowance],
    /// Whether warnings refuse the plan too.
    pub strict: bool,
}

impl Request<'_> {
    /// All environments and cells on a day; nothing is allowed.
    pub const fn of(date: Date) -> Request<'static> {
        Request { date, targets: &[], selection: Selection::All, allowances: &[], strict: false }
    }

    pub(super) fn includes(&self, environment: &DesiredEnvironment) -> bool {
        self.targets.is_empty() || self.targets.contains(&environment.key.value)
    }

    pub(super) fn includes_cell(&self, environment: &EnvironmentId, add_on: &AddOn) -> bool {
        match self.selection {
            Selection::All => true,
            Selection::Cells(cells) => cells.contains(&(environment.clone(), add_on.clone())),
            Selection::NoCells => false,
        }
    }
}

/// Drafts every change that makes the tenant hold what is desired. [`super::guard`] decides whether the draft may be applied.
pub fn draft(desired: &DesiredState, observed: &ObservedState, sources: &Sources, request: &Request<'_>) -> Draft {
    let matching = Matching::of(desired, observed);
    let mut changes = Vec::new();
    for (environment, seen) in &matching.declared {
        if let Some(seen) = usable(*seen).filter(|_| request.includes(environment)) {
            let has_unknown_switches = observed.has_unknown_switches(seen);
            changes.extend(changes_of(environment, (seen, has_unknown_switches), sources, request));
        }
    }
    changes.sort_by_key(|planned| rank(planned.change.kind()));
    let setting = setting(desired, observed, sources);
    Draft {
        date: request.date,
        tenant: desired.tenant.name.value.clone(),
        provider: desired.tenant.provider(),
        targets: request.targets.to_vec(),
        allowances: request.allowances.to_vec(),
        strict: request.strict,
        pools: pools::planned(desired, observed, &changes, request.date),
        setting: setting.filter(|_| request.targets.is_empty()),
        not_checked: not_checked(desired, observed, &matching, request),
        basis: basis(desired, observed, &changes),
        changes,
    }
}

/// Decreases, then increases, then switches. Within a rank, the stable sort keeps the order of keys and of the catalog.
fn rank(kind: ChangeKind) -> u8 {
    match kind {
        ChangeKind::Release | ChangeKind::Decrease => 0,
        ChangeKind::Assign | ChangeKind::Increase => 1,
        ChangeKind::Switch => 2,
    }
}

fn changes_of(
    environment: &DesiredEnvironment,
    (seen, has_unknown_switches): (&ObservedEnvironment, bool),
    sources: &Sources,
    request: &Request<'_>,
) -> Vec<PlannedChange> {
    let id = &environment.id.value;
    let reference =
        || EnvironmentRef { key: environment.key.value.clone(), id: id.clone(), name: seen.name.known().cloned() };
    let cells = environment.managed().filter(|(add_on, _)| request.includes_cell(id, add_on));
    let planned = cells.filter_map(|(add_on, cell)| {
        let change = change(add_on, cell, &seen.cell(add_on), has_unknown_switches, request.date)?;
        let grant = cell.active_grants(request.date).last();
        Some(PlannedChange {
            environment: reference(),
            change,
            until: cell.active_grants(request.date).filter_map(|grant| grant.interval.until).min(),
            ticket: grant.and_then(|grant| grant.ticket.clone()).or_else(|| cell.details().ticket.clone()),
            reason: grant.and_then(|grant| grant.reason.clone()).or_else(|| cell.details().reason.clone()),
            owner: environment.owner.clone(),
            declared_at: Some(sources.place(cell.amount_span())),
        })
    });
    planned.collect()
}

/// The change of a cell; `None` if it needs none or could not be read. Only managed fields change. If a document has
/// unknown switches, no switch changes: a write of switches could undo those that were not read, or be refused.
fn change(
    add_on: &AddOn,
    cell: &ManagedCell,
    reading: &Reading<&Entry>,
    has_unknown_switches: bool,
    date: Date,
) -> Option<Change> {
    let before = match reading {
        Reading::Known { value, .. } => Some(*value),
        Reading::Absent => None,
        Reading::Unknown { .. } => return None,
    };
    let wanted = cell.effective(date);
    let held = before.map_or(Units::ZERO, |entry| entry.units);
    if cell.switches().is_empty() && wanted.is_none_or(|wanted| wanted == held) {
        return None;
    }
    let mut after = before.cloned().unwrap_or_default();
    after.units = wanted.unwrap_or(held);
    if has_unknown_switches {
        after.when_exhausted = before.map_or(Switches::UNKNOWN, |entry| entry.when_exhausted);
    } else {
        after.when_exhausted.extend(cell.switches().iter().map(|(switch, value)| (*switch, value.value)));
    }
    Change::between(add_on.clone(), before.cloned(), after)
}

fn setting(desired: &DesiredState, observed: &ObservedState, sources: &Sources) -> Option<SettingChange> {
    let wanted = desired.tenant.who_can_allocate.as_ref()?;
    let before = match &observed.who_can_allocate {
        Reading::Known { value, .. } => Some(*value),
        Reading::Absent => None,
        Reading::Unknown { .. } => return None,
    };
    let differs = before != Some(wanted.value);
    differs.then(|| SettingChange { before, after: wanted.value, declared_at: Some(sources.place(wanted.span)) })
}

fn basis(desired: &DesiredState, observed: &ObservedState, changes: &[PlannedChange]) -> Basis {
    let touched: BTreeSet<&AddOn> = changes.iter().map(|planned| planned.change.add_on()).collect();
    let live = |add_on: &AddOn| observed.totals.get(add_on).and_then(|total| total.purchased.known().copied());
    Basis {
        tenant: observed.tenant.clone(),
        configuration: desired.digests.clone(),
        live_totals: touched.into_iter().filter_map(|add_on| Some((add_on.clone(), live(add_on)?))).collect(),
    }
}

fn not_checked(
    desired: &DesiredState,
    observed: &ObservedState,
    matching: &Matching<'_>,
    request: &Request<'_>,
) -> Vec<NotChecked> {
    let mut all = Vec::new();
    let mut add = |subject: String, reason: &str| all.push(NotChecked { subject, reason: reason.to_owned() });
    if !request.targets.is_empty() {
        let others = desired.environments.len().saturating_sub(request.targets.len());
        if others > 0 {
            add(counted(others, "environment", "environments"), "--target leaves them out");
        }
    }
    if let Some(why) = observed.who_can_allocate.unknown()
        && desired.tenant.who_can_allocate.is_some()
        && request.targets.is_empty()
    {
        add("who can allocate".to_owned(), why);
    }
    if let Listing::Incomplete(why) = &observed.listing {
        add("environments beyond those listed".to_owned(), why);
    }
    let holds = |environment: &&&ObservedEnvironment| {
        environment
            .document
            .known()
            .is_some_and(|document| document.entries.values().any(|entry| !entry.units.is_zero()))
    };
    let undeclared = matching.undeclared.iter().filter(holds).count();
    if undeclared > 0 && desired.rules.unmanaged_environments.value != Unmanaged::Ignore {
        let they = if undeclared == 1 { "it" } else { "them" };
        let why = format!("no file names {they}, so the plan skips {they}");
        add(counted(undeclared, "environment", "environments"), &why);
    }
    for (add_on, total) in &observed.totals {
        if let Some(why) = total.purchased.unknown() {
            add(format!("the tenant's figure for purchased {}", add_on.display_name()), why);
        }
    }
    for (whose, why) in unread_documents(observed) {
        add(format!("the allocations of {whose}"), why);
    }
    let unlisted = matching.declared.iter().filter(|(_, seen)| usable(*seen).is_none_or(|seen| !seen.listed)).count();
    if unlisted > 0 {
        let they = if unlisted == 1 { "it" } else { "them" };
        add(
            counted(unlisted, "declared environment", "declared environments"),
            &format!("the tenant does not list {they}, or has deleted {they}"),
        );
    }
    for (add_on, count) in unknown_switches(observed, matching, request) {
        let places = counted(count, "environment", "environments");
        add(format!("the `whenExhausted` switches of {}, in {places}", add_on.display_name()), UNKNOWN_SWITCHES);
    }
    let undeclared_cells = undeclared_cells(matching);
    if undeclared_cells > 0 && desired.rules.unmanaged_add_ons.value != Unmanaged::Ignore {
        let (whose, they) = match undeclared_cells {
            1 => ("the environment's file does not name this add-on", "it"),
            _ => ("the environments' files do not name these add-ons", "them"),
        };
        add(counted(undeclared_cells, "amount", "amounts"), &format!("{whose}, so the plan skips {they}"));
    }
    all
}

/// The environments whose allocations could not be read, for each reason. A single one is named.
fn unread_documents(observed: &ObservedState) -> Vec<(String, &str)> {
    let mut unknown: BTreeMap<&str, Vec<&ObservedEnvironment>> = BTreeMap::new();
    for environment in observed.environments.values() {
        if let Some(why) = environment.document.unknown() {
            unknown.entry(why).or_default().push(environment);
        }
    }
    let whose = |environments: &[&ObservedEnvironment]| match environments {
        [one] => one.name.known().map_or_else(|| one.id.to_string(), |name| format!("{name} ({})", one.id)),
        some => counted(some.len(), "environment", "environments"),
    };
    unknown.into_iter().map(|(why, environments)| (whose(&environments), why)).collect()
}

/// Why switches are neither compared nor changed.
pub(super) const UNKNOWN_SWITCHES: &str =
    "the service does not show them here, so they are neither compared nor changed";

/// For each add-on, the number of environments in which declared switches could not be read.
fn unknown_switches<'a>(
    observed: &ObservedState,
    matching: &Matching<'a>,
    request: &Request<'_>,
) -> BTreeMap<&'a AddOn, usize> {
    let mut all: BTreeMap<&AddOn, usize> = BTreeMap::new();
    for (environment, seen) in matching.declared.iter().filter(|(environment, _)| request.includes(environment)) {
        if !usable(*seen).is_some_and(|seen| observed.has_unknown_switches(seen)) {
            continue;
        }
        for (add_on, _) in environment.managed().filter(|(_, cell)| !cell.switches().is_empty()) {
            *all.entry(add_on).or_default() += 1;
        }
    }
    all
}

fn undeclared_cells(matching: &Matching<'_>) -> usize {
    let of = |(environment, seen): &(&DesiredEnvironment, Option<&ObservedEnvironment>)| {
        let document = seen.and_then(|seen| seen.document.known());
        let entries = document.into_iter().flat_map(|document| &document.entries);
        entries.filter(|(add_on, entry)| !entry.units.is_zero() && environment.cell(add_on).is_none()).count()
    };
    matching.declared.iter().map(of).sum()
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        super::words::thousands(i128::try_from(count).unwrap_or(i128::MAX)),
        if count == 1 { one } else { many }
    )
}

#[cfg(test)]
mod tests;
