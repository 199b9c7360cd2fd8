//! From a configuration to a plan for its tenant: the part that `plan`, `apply`, `drift` and `watch` share.

use anyhow::Context as _;
use jiff::civil::Date;

use super::configuration::Configuration;
use super::failure::Advised;
use crate::model::desired::{DesiredEnvironment, DesiredState};
use crate::model::finding::{Allowance, Finding};
use crate::model::near::did_you_mean;
use crate::model::observed::ObservedState;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::PlanId;
use crate::model::terms::{EnvironmentKey, Percent};
use crate::planning::guard::{self, Verdict, rules};
use crate::planning::identity;
use crate::planning::planner::{self, Request, Selection};
use crate::provider::observe;
use crate::provider::port::Observe;
use crate::report::answer::{Content, PlanContent};
use crate::report::view::plan::PlanView;

/// What a plan is restricted to, and what it may do.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only the environments with these keys; empty for all.
    pub targets: Vec<String>,
    /// The refusals that are allowed.
    pub allowances: Vec<Allowance>,
    /// Whether warnings refuse the plan too.
    pub strict: bool,
}

/// A plan, approved or refused, and the state of the tenant that it was made from.
pub struct Planned {
    /// The digest that identifies the plan.
    pub id: PlanId,
    /// The tenant, as it was read.
    pub observed: ObservedState,
    /// Whether the plan may be applied.
    pub verdict: Verdict,
}

impl Planned {
    /// Plans for a day. Without a reader, uses only the consumption that `observed` already contains.
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
        let targets = targets(&configuration.desired, &scope.targets)?;
        let (allowances, strict) = (scope.allowances.as_slice(), scope.strict);
        let request = Request { targets: &targets, allowances, strict, ..Request::of(date) };
        Planned::of(configuration, reader, observed, &request).await
    }

    /// Plans what a request selects. With a reader, and if `neverBelowConsumption` is on, reads the consumption of the
    /// environments that give units back.
    pub async fn of(
        configuration: &Configuration,
        reader: Option<&dyn Observe>,
        mut observed: ObservedState,
        request: &Request<'_>,
    ) -> anyhow::Result<Planned> {
        let desired = &configuration.desired;
        let mut draft = planner::draft(desired, &observed, configuration.sources(), request);
        if let Some(reader) = reader.filter(|_| desired.rules.never_below_consumption.value) {
            observe::read_consumption(reader, &mut observed, &draft).await;
            draft.not_checked.extend(rules::uncounted(desired, &observed, &draft));
        }
        Planned::judged(desired, observed, draft)
    }

    fn judged(desired: &DesiredState, observed: ObservedState, draft: Draft) -> anyhow::Result<Planned> {
        let id = identity::plan_id(&draft).context("the id of the plan cannot be computed")?;
        let verdict = guard::approve(desired, &observed, draft);
        Ok(Planned { id, observed, verdict })
    }

    /// The tenant as it is, in a plan that selects no cells.
    ///
    /// # Errors
    ///
    /// If the plan cannot be given an id.
    pub fn nothing(
        configuration: &Configuration,
        observed: ObservedState,
        request: &Request<'_>,
    ) -> anyhow::Result<Planned> {
        let desired = &configuration.desired;
        let request = Request { selection: Selection::NoCells, ..*request };
        let draft = planner::draft(desired, &observed, configuration.sources(), &request);
        Planned::judged(desired, observed, draft)
    }

    /// The changes.
    pub fn draft(&self) -> &Draft {
        self.verdict.draft()
    }

    /// Whether the plan may not be applied.
    pub fn is_refused(&self) -> bool {
        matches!(self.verdict, Verdict::Refused { .. })
    }

    /// The findings about the configuration, and then those about the plan.
    pub fn findings(&self, configuration: &Configuration) -> Vec<Finding> {
        configuration.findings.iter().chain(self.verdict.findings()).cloned().collect()
    }

    /// The view of the plan.
    pub fn view(&self, configuration: &Configuration, findings: &[Finding]) -> PlanView {
        let approved = match &self.verdict {
            Verdict::Approved { plan, .. } => Some((&self.id, plan.plan().steps())),
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

/// The keys of declared environments. A target that is the name or id of an environment is an error that suggests the
/// key.
fn targets(desired: &DesiredState, written: &[String]) -> anyhow::Result<Vec<EnvironmentKey>> {
    let key = |written: &String| {
        let environments = || desired.environments.values();
        if let Some(environment) = environments().find(|environment| environment.key.value.as_str() == written) {
            return Ok(environment.key.value.clone());
        }
        let is_meant = |environment: &DesiredEnvironment| {
            let is_name = environment.name.as_ref().is_some_and(|name| name.value.eq_ignore_ascii_case(written));
            is_name || environment.id.value.as_str().eq_ignore_ascii_case(written)
        };
        let keys = || environments().map(|environment| environment.key.value.as_str());
        let help = match environments().find(|environment| is_meant(environment)) {
            Some(meant) => format!("a target is a key: write `--target {}`", meant.key.value),
            None => {
                did_you_mean(written, keys()).unwrap_or_else(|| "a target is a key under `environments:`".to_owned())
            }
        };
        Err(Advised::error(format!("no environment has the key `{written}`"), help))
    };
    written.iter().map(key).collect()
}
