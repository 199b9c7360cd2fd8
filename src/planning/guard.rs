//! The checks of a draft: [`approve`] runs them. Only a plan that it returns may be applied.

mod add_ons;
mod allowance;
pub mod entries;
mod hints;
pub mod rules;
pub mod tenant;
mod usage;

use super::check::headroom;
use super::limits::Limits;
use super::schedule::order::order;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::{Finding, Severity};
use crate::model::observed::ObservedState;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::Plan;

/// A plan that passed every check. Only [`approve`] makes one, and applying consumes it.
#[derive(Debug, PartialEq, Eq)]
pub struct ApprovedPlan {
    plan: Plan,
    limits: Limits,
}

impl ApprovedPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The plan and its limits during the run.
    pub fn into_parts(self) -> (Plan, Limits) {
        (self.plan, self.limits)
    }
}

/// Whether a draft may be applied.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The draft may be applied.
    Approved {
        /// The plan.
        plan: ApprovedPlan,
        /// Warnings and hints, no errors.
        findings: Vec<Finding>,
    },
    /// The draft may not be applied.
    Refused {
        /// The draft.
        draft: Draft,
        /// The errors first, then warnings and hints.
        findings: Vec<Finding>,
    },
}

impl Verdict {
    /// The draft that was checked.
    pub fn draft(&self) -> &Draft {
        match self {
            Verdict::Approved { plan, .. } => plan.plan().draft(),
            Verdict::Refused { draft, .. } => draft,
        }
    }

    /// The findings.
    pub fn findings(&self) -> &[Finding] {
        let (Verdict::Approved { findings, .. } | Verdict::Refused { findings, .. }) = self;
        findings
    }
}

/// Checks a draft against headroom, rules and tenant, and orders its writes. An allowance of the draft turns the one error that it names
/// into a warning.
pub fn approve(desired: &DesiredState, observed: &ObservedState, draft: Draft) -> Verdict {
    let mut findings = headroom::check_draft(desired, observed, &draft);
    findings.extend(rules::findings(desired, observed, &draft));
    findings.extend(tenant_findings(desired, observed, &draft));
    let findings = entries::apply(desired, draft.date, findings);
    let unused = allowance::unused(desired, &findings, &draft.allowances);
    let judged = allowance::apply(desired, &draft, findings).into_iter().chain(unused);
    let mut findings: Vec<Finding> =
        judged.map(|finding| if draft.strict { deny_warnings(finding) } else { finding }).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    if findings.iter().any(Finding::is_error) {
        return Verdict::Refused { draft, findings };
    }
    let steps = order(&draft);
    match Plan::try_new(draft.clone(), steps) {
        Ok(plan) => {
            let limits = Limits::of(desired, plan.draft());
            Verdict::Approved { plan: ApprovedPlan { plan, limits }, findings }
        }
        // The headroom check covers the end state; `Plan::try_new` also checks the state after every write.
        Err(error) => {
            let finding = Finding::error(
                Code::A201,
                format!("no order of writes keeps every pool within what is owned: {error}"),
            );
            findings.insert(0, finding.help("give units back first, and plan again"));
            Verdict::Refused { draft, findings }
        }
    }
}

/// Findings about the caller, the listing and the environments.
pub fn tenant_findings(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    tenant::findings(desired, observed, draft)
}

/// Turns a warning into an error, for `--strict`.
pub fn deny_warnings(finding: Finding) -> Finding {
    if finding.severity != Severity::Warning {
        return finding;
    }
    Finding { severity: Severity::Error, ..finding }.note("a warning; --strict refuses on warnings too")
}

#[cfg(test)]
mod tests;
