//! `allow:` in the root file: an entry lets one refusal through until its day, and down to its amount.

use std::collections::HashMap;

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::model::allow::AllowEntry;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::{Allowance, Finding, Permission};
use crate::model::terms::Units;

/// A warning notes that its exception ends soon if the last day of the exception is less than this time away.
const NOTICE: SignedDuration = SignedDuration::from_hours(24 * 14);

/// The entries of each code and scope.
pub(super) fn by_allowance(desired: &DesiredState) -> HashMap<&Allowance, Vec<&AllowEntry>> {
    let mut entries: HashMap<&Allowance, Vec<&AllowEntry>> = HashMap::new();
    for entry in &desired.allow {
        entries.entry(&entry.allowance).or_default().push(entry);
    }
    entries
}

/// Turns the errors that an entry lets through on a day into warnings. An entry with the same code and scope is shown
/// with the error if it does not let the error through: its day is over, or the amount is below its `to`.
pub fn apply(desired: &DesiredState, date: Date, findings: Vec<Finding>) -> Vec<Finding> {
    let entries = by_allowance(desired);
    let judged = |finding: Finding| {
        let allowance = finding.allowance.as_ref().filter(|_| finding.is_error());
        match allowance.and_then(|allowance| entries.get(allowance)) {
            Some(same) => judged(desired, date, finding, same),
            None => finding,
        }
    };
    findings.into_iter().map(judged).collect()
}

/// Judges an error by the entries with its code and scope.
fn judged(desired: &DesiredState, date: Date, finding: Finding, same: &[&AllowEntry]) -> Finding {
    let Some(entry) = same
        .iter()
        .filter(|entry| entry.counts_on(date) && reaches(desired, date, entry))
        .max_by_key(|entry| entry.until.value)
    else {
        return same
            .iter()
            .fold(finding, |finding, entry| finding.see(entry.span, format!("allows this only {entry}")));
    };
    let why = entry.ticket.iter().chain(&entry.reason).map(|why| format!(", {why}")).collect::<String>();
    let by = format!("`allow` {entry}{why}");
    let allowance = entry.allowance.clone();
    let allowed = finding.let_through(Permission { allowance, by, span: Some(entry.span) });
    match date.duration_until(entry.until.value) < NOTICE {
        true => allowed.note("the exception ends soon; after its last day, a plan that still needs it is refused"),
        false => allowed,
    }
}

/// Whether the declared amount of a day is at least the entry's `to`, if it has one.
fn reaches(desired: &DesiredState, date: Date, entry: &AllowEntry) -> bool {
    match entry.to {
        None => true,
        Some(least) => held(desired, date, &entry.allowance.scope).is_some_and(|units| units >= least),
    }
}

/// How to allow an error, for a help: by `--allow`, or by an entry. If there are entries for it already, the help says what to change.
pub(super) fn advice(desired: &DesiredState, date: Date, allowance: &Allowance, same: &[&AllowEntry]) -> String {
    if same.is_empty() {
        return format!("`--allow {allowance}`, or an entry of `allow` in allotment.yaml, allows only this");
    }
    let change = if same.iter().any(|entry| entry.counts_on(date)) {
        "lower `to`"
    } else if same.iter().any(|entry| reaches(desired, date, entry)) {
        "set a later `until`"
    } else {
        "lower `to` and set a later `until`"
    };
    format!("`--allow {allowance}` allows only this; or {change} in the entry of `allow`")
}

/// The declared units of a cell on a day.
fn held(desired: &DesiredState, date: Date, scope: &str) -> Option<Units> {
    let (key, slug) = scope.split_once('/')?;
    let environment = desired.environments.get(&key.parse().ok()?)?;
    let add_on = AddOn::from_scope(slug)?;
    let (_, cell) = environment.managed().find(|(name, _)| **name == add_on)?;
    cell.effective(date)
}

/// A warning for each entry whose day is over.
pub fn over(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let over = desired.allow.iter().filter(|entry| !entry.counts_on(date));
    let finding = |entry: &AllowEntry| {
        let message = format!("the exception {} has expired", entry.allowance);
        Finding::warning(Code::A312, message)
            .at(entry.until.span, format!("the last day was before {date}"))
            .help("delete the entry, or set a later day")
    };
    over.map(finding).collect()
}

#[cfg(test)]
mod tests;
