//! `--allow CODE:SCOPE`: each allowance lets one refusal through. An unused allowance is reported.

use super::entries;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::{Allowance, Finding, Permission};
use crate::model::near::did_you_mean;
use crate::model::plan::draft::Draft;

/// The allowance that lets this error through. `None` if the finding is no error, or cannot be allowed.
fn needed(finding: &Finding) -> Option<&Allowance> {
    finding.allowance.as_ref().filter(|_| finding.is_error())
}

/// Turns the errors that the draft's allowances name into warnings. Adds advice to the other errors that can be
/// allowed.
pub(super) fn apply(desired: &DesiredState, draft: &Draft, findings: Vec<Finding>) -> Vec<Finding> {
    let entries = entries::by_allowance(desired);
    let judged = |finding: Finding| match needed(&finding).cloned() {
        None => Finding { allowance: None, ..finding },
        Some(allowance) if draft.allowances.contains(&allowance) => {
            let by = format!("`--allow {allowance}`");
            finding.let_through(Permission { allowance, by, span: None })
        }
        Some(allowance) => {
            let same = entries.get(&allowance).map_or(&[][..], Vec::as_slice);
            finding.help(entries::advice(desired, draft.date, &allowance, same))
        }
    };
    findings.into_iter().map(judged).collect()
}

/// A warning for each allowance that none of these findings needs.
pub(super) fn unused(desired: &DesiredState, findings: &[Finding], allowances: &[Allowance]) -> Vec<Finding> {
    let is_unused = |allowance: &&Allowance| !findings.iter().any(|finding| needed(finding) == Some(allowance));
    let report = |allowance: &Allowance| {
        let message = format!("`--allow {allowance}` has no effect");
        let help = meant(desired, findings, allowance);
        Finding::warning(Code::A311, message)
            .help(help.unwrap_or_else(|| "remove it: this plan has no such error".to_owned()))
    };
    allowances.iter().filter(is_unused).map(report).collect()
}

/// A suggestion for a misspelled allowance: a refusal of this plan, or the key of an environment.
fn meant(desired: &DesiredState, findings: &[Finding], allowance: &Allowance) -> Option<String> {
    let needed = || findings.iter().filter_map(needed);
    let refusals: Vec<String> =
        needed().filter(|refusal| refusal.code == allowance.code).map(ToString::to_string).collect();
    if let Some(question) = did_you_mean(&allowance.to_string(), refusals.iter().map(String::as_str)) {
        return Some(question);
    }
    if let Some(other) = needed().find(|refusal| refusal.scope == allowance.scope) {
        return Some(format!("did you mean `{other}`?"));
    }
    let (key, add_on) = allowance.scope.split_once('/')?;
    let keys = || desired.environments.keys().map(|key| key.as_str());
    if keys().any(|declared| declared == key) {
        return None;
    }
    let scopes: Vec<String> = keys().map(|key| format!("{}:{key}/{add_on}", allowance.code)).collect();
    did_you_mean(&allowance.to_string(), scopes.iter().map(String::as_str))
}
