//! The second step of an apply: the writes.

use std::sync::Arc;

use super::options::{ApplyOptions, Guarded};
use super::proposal::{Proposal, Reading, first_reading, planned_again, refused};
use crate::apply::event::ApplyEvent;
use crate::apply::executor;
use crate::apply::options::{Baseline, ExecutorOptions};
use crate::apply::stop::Stop;
use crate::model::finding::Finding;
use crate::model::observed::ObservedState;
use crate::model::plan::order::PlanId;
use crate::model::run::Run;
use crate::model::terms::EnvironmentId;
use crate::planning::guard::{ApprovedPlan, Verdict};
use crate::report::view::run::{Afterwards, RunView};
use crate::workflow::configuration::Configuration;
use crate::workflow::failure::{Stopped, until_stopped};
use crate::workflow::planned::{Planned, near_from};
use crate::workflow::ports::Ports;
use crate::workflow::tenant::Tenant;

/// A run that ended, before the tenant is read again.
pub struct Execution {
    pub(super) configuration: Configuration,
    pub(super) tenant: Tenant,
    pub(super) id: PlanId,
    /// The findings of the plan.
    findings: Vec<Finding>,
    pub(super) run: Run,
    /// The state that the plan was made from, if nothing was to be written.
    pub(super) unchanged: Option<ObservedState>,
}

impl Proposal {
    /// Writes the plan, until `stop` is requested. A plan that needed a decision is first compared with the tenant again, because the
    /// decision may have taken long.
    ///
    /// # Errors
    ///
    /// If the tenant cannot be read again, the plan is stale by then, or `stop` is requested before the first write.
    pub async fn execute(
        mut self,
        ports: &Ports,
        options: &ApplyOptions,
        stop: &Stop,
        follow: &mut dyn FnMut(&ApplyEvent),
    ) -> Result<Guarded<Execution>, Stopped> {
        if self.approved.plan().draft().is_empty() {
            return Ok(Guarded::Approved(Box::new(Execution::of_nothing(self))));
        }
        if !self.is_decided {
            let reading = until_stopped(stop, self.tenant.read_again(ports)).await?;
            let first = first_reading(&reading);
            let (tenant, reviewed) = (&self.tenant, self.approved.plan());
            let planning = planned_again(ports, &self.configuration, (tenant, reading.into_state()), reviewed);
            let again = until_stopped(stop, planning).await?;
            self.findings = again.findings(&self.configuration);
            let view = again.view(&self.configuration, &self.findings);
            (self.reading, self.approved) = match again {
                Planned { observed: state, verdict: Verdict::Approved { plan, .. }, .. } => {
                    (Reading { state, first }, plan)
                }
                refusal => return Ok(Guarded::Refused(Box::new(refused(refusal, self.configuration, view)))),
            };
        }
        Ok(Guarded::Approved(Box::new(Execution::of(self, ports, options, stop, follow).await)))
    }
}

impl Execution {
    /// The run of an empty plan.
    fn of_nothing(proposal: Proposal) -> Execution {
        let Proposal { configuration, tenant, id, reading, approved, findings, .. } = proposal;
        let draft = approved.into_parts().0.into_draft();
        let run = Run { draft, outcomes: Vec::new(), setting: None, writes: Vec::new(), interrupted: false };
        Execution { configuration, tenant, id, findings, run, unchanged: Some(reading.state) }
    }

    /// Runs a plan.
    async fn of(
        proposal: Proposal,
        ports: &Ports,
        options: &ApplyOptions,
        stop: &Stop,
        follow: &mut dyn FnMut(&ApplyEvent),
    ) -> Execution {
        let Proposal { configuration, tenant, id, reading: Reading { state, first }, approved, findings, .. } =
            proposal;
        let options = ExecutorOptions {
            parallelism: options.parallelism,
            confirm_timeout: options.confirm_timeout,
            baseline: Arc::new(baseline(&state, &approved)),
            first_reading: Some(Arc::new(first)),
            clock: Arc::clone(&ports.clock),
            jitter_seed: ports.jitter_seed,
        };
        let writer = tenant.writer();
        let run = executor::apply(approved, tenant.reader(), writer.as_ref(), &options, stop, follow).await;
        Execution { configuration, tenant, id, findings, run, unchanged: None }
    }

    /// The run, without the state of the tenant after it; `None` if there was nothing to write.
    pub fn view(&self) -> Option<RunView> {
        self.unchanged.is_none().then(|| self.view_with(&Afterwards::default()))
    }

    /// The run, and the state of the tenant after it.
    pub(super) fn view_with(&self, afterwards: &Afterwards) -> RunView {
        let near_from = near_from(&self.configuration.desired);
        RunView::new(&self.run, (&self.id, &self.findings), afterwards, self.configuration.sources(), near_from)
    }
}

/// The documents of the environments that a plan changes, as they were when the plan was made.
fn baseline(observed: &ObservedState, approved: &ApprovedPlan) -> Baseline {
    let changed = approved.plan().draft().changes.iter().map(|planned| &planned.environment.id);
    let document = |id: &EnvironmentId| Some((id.clone(), observed.environments.get(id)?.document.known()?.clone()));
    changed.filter_map(document).collect()
}
