//! The first step of an apply: reads the tenant, and makes a plan or plans the cells of a saved plan again.

use super::options::{ApplyOptions, Guarded};
use crate::apply::options::FirstReading;
use crate::apply::stop::Stop;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::finding::Finding;
use crate::model::observed::ObservedState;
use crate::model::plan::order::{Plan, PlanId};
use crate::model::source::Sources;
use crate::planning::guard::{ApprovedPlan, Verdict};
use crate::planning::identity;
use crate::planning::planner::{Request, Selection};
use crate::provider::observe::TenantReading;
use crate::report::answer::Answer;
use crate::report::saved::SavedPlan;
use crate::report::view::plan::PlanView;
use crate::workflow::configuration::Configuration;
use crate::workflow::failure::{Stopped, until_stopped};
use crate::workflow::planned::Planned;
use crate::workflow::ports::Ports;
use crate::workflow::tenant::Tenant;
use crate::workflow::{saved, tenant};

/// A plan that the guards approve, and the read of the tenant that it was made from.
pub struct Proposal {
    pub(super) configuration: Configuration,
    pub(super) tenant: Tenant,
    pub(super) id: PlanId,
    pub(super) reading: Reading,
    pub(super) approved: ApprovedPlan,
    view: PlanView,
    pub(super) findings: Vec<Finding>,
    pub(super) is_decided: bool,
}

/// A read of the tenant: the state, and the part that serves the first writes.
pub(super) struct Reading {
    pub(super) state: ObservedState,
    pub(super) first: FirstReading,
}

/// Makes a plan, or plans the cells of a saved one again.
///
/// # Errors
///
/// If the configuration is invalid, the tenant or the saved plan cannot be read, the saved plan is stale, or `stop` is requested.
pub async fn propose(ports: &Ports, options: &ApplyOptions, stop: &Stop) -> Result<Guarded<Proposal>, Stopped> {
    let (configuration, tenant) = tenant::open(ports, &options.tenant)?;
    propose_opened(ports, options, configuration, tenant, stop).await
}

/// Makes a plan for a tenant that was opened: see [`propose`].
///
/// # Errors
///
/// If the tenant or the saved plan cannot be read, the saved plan is stale, or `stop` is requested.
pub(in crate::workflow) async fn propose_opened(
    ports: &Ports,
    options: &ApplyOptions,
    configuration: Configuration,
    mut tenant: Tenant,
    stop: &Stop,
) -> Result<Guarded<Proposal>, Stopped> {
    let saved = options.plan.as_ref().map(|path| saved::read(&ports.working_folder, path)).transpose()?;
    let reading = until_stopped(stop, tenant.read(ports)).await?;
    let first = first_reading(&reading);
    let planning = plan(ports, options, &configuration, saved.as_ref(), (&tenant, reading.into_state()));
    let planned = until_stopped(stop, planning).await?;
    let findings = planned.findings(&configuration);
    let view = planned.view(&configuration, &findings);
    let (id, state, approved) = match planned {
        Planned { id, observed, verdict: Verdict::Approved { plan, .. } } => (id, observed, plan),
        refusal => return Ok(Guarded::Refused(Box::new(refused(refusal, configuration, view)))),
    };
    let is_decided = approved.plan().draft().is_empty() || options.auto_approve || saved.is_some();
    let id = saved.map_or(id, |saved| saved.id);
    let reading = Reading { state, first };
    let proposal = Proposal { configuration, tenant, id, reading, approved, view, findings, is_decided };
    Ok(Guarded::Approved(Box::new(proposal)))
}

impl Proposal {
    /// The plan.
    pub fn view(&self) -> &PlanView {
        &self.view
    }

    /// The findings about the configuration and the plan.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The files that the findings point into.
    pub fn sources(&self) -> &Sources {
        self.configuration.sources()
    }

    /// Whether the plan needs no decision: it is empty, was saved, or is applied without a question.
    pub fn is_decided(&self) -> bool {
        self.is_decided
    }
}

/// Plans, or plans the cells of a saved plan again.
///
/// # Errors
///
/// If a target is not declared, or the saved plan is stale.
async fn plan(
    ports: &Ports,
    options: &ApplyOptions,
    configuration: &Configuration,
    saved: Option<&SavedPlan>,
    (tenant, observed): (&Tenant, ObservedState),
) -> Result<Planned, Stopped> {
    match saved {
        // A saved plan is checked for the day on which it is applied, not for the day for which it was made.
        Some(SavedPlan { plan, .. }) => planned_again(ports, configuration, (tenant, observed), plan).await,
        None => {
            let date = ports.date(&configuration.desired, None);
            Ok(Planned::make(configuration, Some(tenant.reader()), observed, &options.scope, date).await?)
        }
    }
}

/// The answer about a plan that is refused.
pub(super) fn refused(planned: Planned, configuration: Configuration, view: PlanView) -> Answer {
    let findings = planned.findings(&configuration);
    let content = planned.content(view, configuration.desired);
    let sources = configuration.loaded.inputs.sources;
    Answer { command: CommandName::Apply, content, findings, sources, ending: Ending::Refused }
}

/// Makes a new plan for the cells of a reviewed plan, and compares the two.
///
/// # Errors
///
/// If the reviewed plan is stale.
pub(super) async fn planned_again(
    ports: &Ports,
    configuration: &Configuration,
    (tenant, observed): (&Tenant, ObservedState),
    reviewed: &Plan,
) -> Result<Planned, Stopped> {
    let date = ports.date(&configuration.desired, None);
    let draft = reviewed.draft();
    let cells = saved::cells(draft);
    let request = Request {
        date,
        targets: &draft.targets,
        selection: Selection::Cells(&cells),
        allowances: &draft.allowances,
        strict: draft.strict,
    };
    let planned = Planned::of(configuration, Some(tenant.reader()), observed, &request).await?;
    let differences = identity::stale(reviewed, planned.draft());
    if differences.is_empty() {
        return Ok(planned);
    }
    Err(Stopped::Refused { sources: Box::new(configuration.sources().clone()), findings: differences })
}

/// The part of a read that serves the first writes of a run.
pub(super) fn first_reading(reading: &TenantReading) -> FirstReading {
    FirstReading { at: reading.began(), documents: reading.documents().clone(), totals: reading.totals().clone() }
}
