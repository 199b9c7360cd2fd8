//! From a configuration to a plan for its tenant: the part that `plan`, `apply`, `drift` and `watch` share.

use jiff::civil::Date;

use super::configuration::Configuration;
use super::failure::Advised;
use crate::model::desired::DesiredState;
use crate::model::finding::{Allowance, Finding};
use crate::model::near::did_you_mean;
use crate::model::observed::ObservedState;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::PlanId;
use crate::model::terms::{EnvironmentKey, Percent};
use crate::planning::guard::{self, Verdict, rules};
use crate::planning::identity;
use crate::planning::planner::{self, Selection};
use crate::provider::observe;
use crate::provider::port::Observe;
use crate::report::answer::{Content, PlanContent};
use crate::report::view::plan::PlanView;

/// What a plan is restricted to, and what it may do.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only these environments; empty for all.
    pub targets: Vec<EnvironmentKey>,
    /// The refusals that are allowed.
    pub allowances: Vec<Allowance>,
    /// Whether warnings refuse the plan too.
    pub strict: bool,
}

/// A plan, approved or refused, and the state of the tenant that it was made from.
pub struct Planned {
    /// The tenant, as it was read.
    pub observed: ObservedState,
    /// Whether the plan may be applied.
    pub verdict: Verdict,
}

impl Planned {
    /// Plans for a day. Without a reader, what environments use is not read beyond what was.
    ///
    /// # Errors
    ///
    /// If a target is not declared.
    pub async fn make(
        configuration: &Configuration,
        reader: Option<&dyn Observe>,
        observed: ObservedState,
        scope: &Scope,
        date: Date,
    ) -> anyhow::Result<Planned> {
        refuse_unknown_targets(&configuration.desired, &scope.targets)?;
        let request = planner::Request { date, targets: &scope.targets, selection: Selection::All };
        Ok(Planned::of(configuration, reader, observed, &request, (&scope.allowances, scope.strict)).await)
    }

    /// Plans what a request selects. With a reader, reads what the environments use that give units back.
    pub async fn of(
        configuration: &Configuration,
        reader: Option<&dyn Observe>,
        mut observed: ObservedState,
        request: &planner::Request<'_>,
        (allowances, strict): (&[Allowance], bool),
    ) -> Planned {
        let desired = &configuration.desired;
        let mut draft = planner::draft(desired, &observed, configuration.sources(), request);
        if let Some(reader) = reader.filter(|_| desired.rules.never_below_consumption.value) {
            observe::read_consumption(reader, &mut observed, &draft).await;
            draft.not_checked.extend(rules::uncounted(desired, &observed, &draft));
        }
        let verdict = guard::approve(desired, &observed, draft, allowances, strict);
        Planned { observed, verdict }
    }

    /// The tenant as it is, in a plan that selects no cells.
    pub fn nothing(configuration: &Configuration, observed: ObservedState, request: &planner::Request<'_>) -> Planned {
        let desired = &configuration.desired;
        let request = planner::Request { selection: Selection::NoCells, ..*request };
        let draft = planner::draft(desired, &observed, configuration.sources(), &request);
        let verdict = guard::approve(desired, &observed, draft, &[], false);
        Planned { observed, verdict }
    }

    /// The changes.
    pub fn draft(&self) -> &Draft {
        match &self.verdict {
            Verdict::Approved { plan, .. } => plan.plan().draft(),
            Verdict::Refused { draft, .. } => draft,
        }
    }

    /// The digest that identifies the plan.
    pub fn id(&self) -> PlanId {
        identity::plan_id(self.draft())
    }

    /// Whether the plan may not be applied.
    pub fn is_refused(&self) -> bool {
        matches!(self.verdict, Verdict::Refused { .. })
    }

    /// The findings about the configuration, and then those about the plan.
    pub fn findings(&self, configuration: &Configuration) -> Vec<Finding> {
        let (Verdict::Approved { findings, .. } | Verdict::Refused { findings, .. }) = &self.verdict;
        configuration.findings.iter().chain(findings).cloned().collect()
    }

    /// The view of the plan.
    pub fn view(&self, configuration: &Configuration, findings: &[Finding]) -> PlanView {
        let id = self.id();
        let approved = match &self.verdict {
            Verdict::Approved { plan, .. } => Some((&id, plan.plan().steps())),
            Verdict::Refused { .. } => None,
        };
        PlanView::new(self.draft(), approved, findings, configuration.sources(), near_from(&configuration.desired))
    }

    /// The content of an answer, with a view of this plan.
    pub fn content(self, view: PlanView, desired: Box<DesiredState>) -> Content {
        let draft = match self.verdict {
            Verdict::Approved { plan, .. } => plan.into_parts().0.into_draft(),
            Verdict::Refused { draft, .. } => draft,
        };
        Content::Plan(Box::new(PlanContent { view, draft, desired, observed: self.observed }))
    }
}

/// The share from which a pool counts as nearly full.
pub fn near_from(desired: &DesiredState) -> Percent {
    let least = desired.rules.warn_at_percent.value.iter().copied().min();
    least.or(Percent::new(100)).unwrap_or(const { Percent::new(0).expect("0 is a percentage") })
}

fn refuse_unknown_targets(desired: &DesiredState, targets: &[EnvironmentKey]) -> anyhow::Result<()> {
    let Some(unknown) = targets.iter().find(|target| !desired.environments.contains_key(target)) else {
        return Ok(());
    };
    let keys = desired.environments.keys().map(EnvironmentKey::as_str);
    let help =
        did_you_mean(unknown.as_str(), keys).unwrap_or_else(|| "a target is a key under `environments:`".to_owned());
    Err(Advised::error(format!("no environment is called `{unknown}`"), help))
}
