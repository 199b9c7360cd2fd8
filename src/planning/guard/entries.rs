//! `allow:` in the root file: an entry lets one refusal through until its day, and down to its amount.

use jiff::civil::Date;

use crate::model::allow::AllowEntry;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::{Allowance, Finding, Severity};
use crate::model::terms::Units;

/// Turns the errors that an entry lets through on a day into warnings. An entry with the same code and scope is shown
/// with the error if it does not let the error through: its day is over, or the amount is below its `to`.
pub fn apply(desired: &DesiredState, date: Date, findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().map(|finding| judged(desired, date, finding)).collect()
}

fn judged(desired: &DesiredState, date: Date, finding: Finding) -> Finding {
    let Some(allowance) = finding.allowance.clone().filter(|_| finding.is_error()) else { return finding };
    let same = || desired.allow.iter().filter(|entry| entry.allowance == allowance);
    if let Some(entry) = same().find(|entry| entry.counts_on(date) && reaches(desired, date, entry)) {
        let why = entry.ticket.iter().chain(&entry.reason).map(|why| format!(", {why}")).collect::<String>();
        return Finding { severity: Severity::Warning, allowance: None, ..finding }
            .see(entry.span, "allowed here")
            .note(format!("allowed by `allow` {entry}{why}"));
    }
    same().fold(finding, |finding, entry| finding.see(entry.span, format!("allows this only {entry}")))
}

/// Whether the amount of a day is not below the entry's `to`.
fn reaches(desired: &DesiredState, date: Date, entry: &AllowEntry) -> bool {
    match entry.to {
        None => true,
        Some(least) => held(desired, date, &entry.allowance.scope).is_some_and(|units| units >= least),
    }
}

/// How to allow an error, for a help: by `--allow`, or by an entry. If there is an entry already, the help says what to change in it.
pub(super) fn advice(desired: &DesiredState, date: Date, allowance: &Allowance) -> String {
    let same = || desired.allow.iter().filter(|entry| entry.allowance == *allowance);
    if same().next().is_none() {
        return format!("`--allow {allowance}`, or an entry of `allow` in allotment.yaml, allows only this");
    }
    let change = if same().any(|entry| entry.counts_on(date)) {
        "lower `to`"
    } else if same().any(|entry| reaches(desired, date, entry)) {
        "set a later `until`"
    } else {
        "lower `to` and set a later `until`"
    };
    format!("`--allow {allowance}` allows only this; or {change} in the entry of `allow`")
}

/// The declared units of a cell on a day.
fn held(desired: &DesiredState, date: Date, scope: &str) -> Option<Units> {
    let (key, slug) = scope.split_once('/')?;
    let (_, environment) = desired.environments.iter().find(|(declared, _)| declared.as_str() == key)?;
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
