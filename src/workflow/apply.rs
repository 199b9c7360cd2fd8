//! Applies a plan, made now or saved before.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::configuration::Configuration;
use super::failure::Stopped;
use super::planned::{Planned, Scope, near_from};
use super::ports::{Ports, TenantOptions};
use super::status::gauges;
use super::tenant::Tenant;
use super::{saved, tenant};
pub use crate::apply::event::ApplyEvent;
use crate::apply::executor;
use crate::apply::options::{Baseline, ExecutorOptions, FirstReading};
pub use crate::apply::stop::{Stop, Urgency};
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::finding::{Finding, Severity};
use crate::model::observed::ObservedState;
use crate::model::plan::draft::NotChecked;
use crate::model::plan::order::{Plan, PlanId};
use crate::model::run::{Outcome, Run};
use crate::model::source::Sources;
use crate::model::terms::EnvironmentId;
use crate::net::bounds;
use crate::planning::guard::{ApprovedPlan, Verdict};
use crate::planning::planner::{Request, Selection};
use crate::planning::{end, identity};
use crate::provider::observe::TenantReading;
use crate::report::answer::{Answer, Content, RunContent};
use crate::report::number::count;
use crate::report::saved::SavedPlan;
use crate::report::view::plan::PlanView;
use crate::report::view::run::{Afterwards, RunView};

/// What to apply.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// A saved plan; `None` to plan now.
    pub plan: Option<PathBuf>,
    /// The environments, and what the plan may do. A saved plan has its own scope.
    pub scope: Scope,
    /// Whether the plan is approved without a question. A saved plan is.
    pub auto_approve: bool,
    /// The maximum number of writes in flight.
    pub parallelism: NonZeroUsize,
    /// The longest time to wait for a read that confirms a write.
    pub confirm_timeout: Duration,
    /// Whether the answer lists the pools and the findings after the run. The lists cost another
    /// plan of all environments, and a terminal, which shows only gauges, does not need them.
    pub checks_afterwards: bool,
    /// How to reach the tenant.
    pub tenant: TenantOptions,
}

impl ApplyOptions {
    /// The default of [`ApplyOptions::parallelism`].
    pub const PARALLELISM: NonZeroUsize = bounds::PARALLELISM;
    /// The default of [`ApplyOptions::confirm_timeout`].
    pub const CONFIRM_TIMEOUT: Duration = bounds::CONFIRM_TIMEOUT;
    /// The maximum of [`ApplyOptions::confirm_timeout`].
    pub const LONGEST_CONFIRM_TIMEOUT: Duration = bounds::LONGEST_CONFIRM_TIMEOUT;

    /// An apply of everything without a question, at the default pace.
    pub fn unattended(scope: Scope, tenant: TenantOptions) -> ApplyOptions {
        ApplyOptions {
            plan: None,
            scope,
            auto_approve: true,
            parallelism: ApplyOptions::PARALLELISM,
            confirm_timeout: ApplyOptions::CONFIRM_TIMEOUT,
            checks_afterwards: false,
            tenant,
        }
    }
}

/// The operator's decision about a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// Apply the plan.
    Approved,
    /// Do not apply the plan.
    Declined,
    /// The operator interrupted the question.
    Interrupted,
}

/// The person or program that runs an apply.
#[async_trait(?Send)]
pub trait Operator {
    /// Shows an approved plan with the findings and the files that they point into, and decides about it. If `is_decided`,
    /// the plan needs no decision and is only shown.
    ///
    /// # Errors
    ///
    /// If the plan cannot be shown, or a decision is needed and cannot be asked for.
    async fn review(
        &mut self,
        plan: &PlanView,
        findings: &[Finding],
        sources: &Sources,
        is_decided: bool,
    ) -> anyhow::Result<Approval>;

    /// Follows the run.
    fn follow(&mut self, event: &ApplyEvent);

    /// Shows what was done, before the tenant is read again.
    fn done(&mut self, view: &RunView);
}

/// Makes a plan or reads a saved one, asks the operator, and applies the plan, until `stop` is requested.
///
/// # Errors
///
/// If the configuration is invalid, the tenant or the saved plan cannot be read, the saved plan is stale, or the operator declines.
pub async fn apply(
    ports: &Ports,
    options: &ApplyOptions,
    stop: &Stop,
    operator: &mut dyn Operator,
) -> Result<Answer, Stopped> {
    let (configuration, mut tenant) = tenant::open(ports, &options.tenant)?;
    let saved = options.plan.as_ref().map(|path| saved::read(&ports.working_folder, path)).transpose()?;
    let mut reading = until_stopped(stop, tenant.read(ports)).await?;
    let mut first = first_reading(&reading);
    let planning = plan(ports, options, &configuration, saved.as_ref(), (&tenant, reading.into_state()));
    let planned = until_stopped(stop, planning).await?;
    let findings = planned.findings(&configuration);
    let view = planned.view(&configuration, &findings);
    let (id, mut observed, mut approved) = match planned {
        Planned { id, observed, verdict: Verdict::Approved { plan, .. } } => (id, observed, plan),
        refusal => return Ok(refused(refusal, configuration, view)),
    };
    let id = saved.as_ref().map_or(id, |saved| saved.id.clone());
    let is_empty = approved.plan().draft().is_empty();
    let is_decided = is_empty || options.auto_approve || saved.is_some();
    match operator.review(&view, &findings, configuration.sources(), is_decided).await? {
        Approval::Approved => {}
        Approval::Declined => return Err(Stopped::Declined(Ending::Refused)),
        Approval::Interrupted => return Err(Stopped::Declined(Ending::Interrupted)),
    }
    if is_empty {
        let draft = approved.into_parts().0.into_draft();
        let run = Run { draft, outcomes: Vec::new(), setting: None, writes: Vec::new(), interrupted: false };
        return report(ports, options, configuration, &run, &id, Ok(observed));
    }
    if !is_decided {
        // The operator may have taken long to decide, so totals, cells and the date are checked again.
        reading = until_stopped(stop, tenant.read_again(ports)).await?;
        first = first_reading(&reading);
        let planning = planned_again(ports, &configuration, (&tenant, reading.into_state()), approved.plan());
        let again = until_stopped(stop, planning).await?;
        let findings = again.findings(&configuration);
        let view = again.view(&configuration, &findings);
        match again {
            Planned { observed: now, verdict: Verdict::Approved { plan, .. }, .. } => {
                (observed, approved) = (now, plan)
            }
            refusal => return Ok(refused(refusal, configuration, view)),
        }
    }
    let run = execute(ports, options, &tenant, (&observed, first), approved, stop, operator).await;
    operator.done(&run_view(&configuration, &run, &id, &Afterwards::default()));
    let after = look_again(ports, &tenant, &run, stop).await;
    report(ports, options, configuration, &run, &id, after)
}

/// Does work that writes nothing, unless the user asks to stop before it ends.
///
/// # Errors
///
/// If the work fails, or the user asks to stop.
pub(super) async fn until_stopped<T, E>(stop: &Stop, work: impl Future<Output = Result<T, E>>) -> Result<T, Stopped>
where
    Stopped: From<E>,
{
    tokio::select! {
        biased;
        () = stop.reached(Urgency::Finish) => Err(Stopped::Declined(Ending::Interrupted)),
        done = work => Ok(done?),
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
fn refused(planned: Planned, configuration: Configuration, view: PlanView) -> Answer {
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
async fn planned_again(
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

/// The part of a reading that serves the first writes of a run.
fn first_reading(reading: &TenantReading) -> FirstReading {
    FirstReading { at: reading.began(), documents: reading.documents().clone(), totals: reading.totals().clone() }
}

async fn execute(
    ports: &Ports,
    options: &ApplyOptions,
    tenant: &Tenant,
    (observed, first): (&ObservedState, FirstReading),
    approved: ApprovedPlan,
    stop: &Stop,
    operator: &mut dyn Operator,
) -> Run {
    let options = ExecutorOptions {
        parallelism: options.parallelism,
        confirm_timeout: options.confirm_timeout,
        baseline: Arc::new(baseline(observed, &approved)),
        first_reading: Some(Arc::new(first)),
        clock: Arc::clone(&ports.clock),
        jitter_seed: ports.jitter_seed,
    };
    let writer = tenant.writer();
    let mut progress = |event: &ApplyEvent| operator.follow(event);
    executor::apply(approved, tenant.reader(), writer.as_ref(), &options, stop, &mut progress).await
}

/// The documents of the environments that a plan changes, as they were when the plan was made.
fn baseline(observed: &ObservedState, approved: &ApprovedPlan) -> Baseline {
    let changed = approved.plan().draft().changes.iter().map(|planned| &planned.environment.id);
    let document = |id: &EnvironmentId| Some((id.clone(), observed.environments.get(id)?.document.known()?.clone()));
    changed.filter_map(document).collect()
}

/// Why there is no reading at the end of a run.
enum NoReading {
    /// The run was asked to stop.
    Stopped,
    /// The tenant could not be read.
    Failed(String),
}

/// Reads the tenant at the end of a run.
///
/// # Errors
///
/// Why there is no reading.
async fn look_again(ports: &Ports, tenant: &Tenant, run: &Run, stop: &Stop) -> Result<ObservedState, NoReading> {
    if run.interrupted {
        return Err(NoReading::Stopped);
    }
    tokio::select! {
        reading = tenant.read_again(ports) => {
            reading.map(TenantReading::into_state).map_err(|error| NoReading::Failed(error.to_string()))
        }
        () = stop.reached(Urgency::Finish) => Err(NoReading::Stopped),
    }
}

/// The answer about a run.
fn report(
    ports: &Ports,
    options: &ApplyOptions,
    configuration: Configuration,
    run: &Run,
    id: &PlanId,
    after: Result<ObservedState, NoReading>,
) -> Result<Answer, Stopped> {
    let read_at = after.as_ref().ok().map(|after| after.captured_at);
    let gauges = after.as_ref().ok().map(|after| gauges(ports, &configuration, after));
    let date = ports.date(&configuration.desired, None);
    let targets = &run.draft.targets;
    // The last read is compared with the configuration: for a saved plan its own cells, otherwise all cells of the
    // targets.
    let saved = options.plan.is_some().then(|| saved::cells(&run.draft));
    let selection = saved.as_ref().map_or(Selection::All, Selection::Cells);
    let desired = &configuration.desired;
    let (found, last) = match after {
        Ok(after) => {
            let request = Request { targets, selection, ..Request::of(date) };
            let mut found = end::not_as_desired(desired, &request, run, &after);
            let last = Planned::nothing(&configuration, after, &request).map_err(|error| format!("{error:#}"));
            match &last {
                Ok(last) => {
                    found.extend(end::overdrawn(&last.draft().pools));
                    found.extend(end::unknown(desired, &request, &run.draft.pools, &last.draft().pools));
                }
                Err(why) => found.push(end::not_read(why)),
            }
            (found, last)
        }
        Err(NoReading::Failed(why)) => (vec![end::not_read(&why)], Err(why)),
        Err(NoReading::Stopped) => (Vec::new(), Err("the run was stopped".to_owned())),
    };
    let mut afterwards = match options.checks_afterwards {
        true => check_afterwards(&configuration, &last, run),
        false => Afterwards::default(),
    };
    // `check_afterwards` has added these warnings already, so only errors are added here.
    let is_new = |finding: &&Finding| finding.is_error() || !options.checks_afterwards;
    afterwards.findings.extend(found.iter().filter(is_new).cloned());
    let view = run_view(&configuration, run, id, &afterwards);
    Ok(Answer {
        command: CommandName::Apply,
        content: Content::Run(Box::new(RunContent { view, read_at, gauges })),
        ending: ending(run, found.iter().any(Finding::is_error), last.is_ok()),
        findings: found,
        sources: configuration.into_sources(),
    })
}

fn run_view(configuration: &Configuration, run: &Run, id: &PlanId, afterwards: &Afterwards) -> RunView {
    RunView::new(run, id, afterwards, configuration.sources(), near_from(&configuration.desired))
}

/// The pools and the findings after a run.
fn check_afterwards(configuration: &Configuration, last: &Result<Planned, String>, run: &Run) -> Afterwards {
    let planned = match last {
        Ok(planned) => planned,
        Err(why) => {
            let unread = NotChecked { subject: "the pools afterwards".to_owned(), reason: why.clone() };
            let not_checked = run.draft.not_checked.iter().cloned().chain([unread]).collect();
            return Afterwards { not_checked, findings: configuration.findings.clone(), pools: Vec::new() };
        }
    };
    // An error refuses a plan. After a run there is nothing left to refuse, so errors become warnings.
    let as_warning = |finding: Finding| match finding.severity {
        Severity::Error => Finding { severity: Severity::Warning, allowance: None, ..finding },
        Severity::Warning | Severity::Hint => finding,
    };
    let draft = planned.draft();
    Afterwards {
        pools: draft.pools.clone(),
        not_checked: draft.not_checked.iter().cloned().chain(unconfirmed(run)).collect(),
        findings: planned.findings(configuration).into_iter().map(as_warning).collect(),
    }
}

/// The writes that may still take effect, although no reading shows them yet.
fn unconfirmed(run: &Run) -> Option<NotChecked> {
    let open = run.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unconfirmed { .. })).count();
    let changes = count(open as u64, "change", "changes");
    (open > 0).then(|| NotChecked {
        subject: format!("whether {changes} took effect after all"),
        reason: "the tenant did not confirm it in time; a new plan shows it".to_owned(),
    })
}

/// How an apply ends. `has_errors`: the last read contradicts the run, or failed. `was_read`: the tenant was read after
/// the run.
fn ending(run: &Run, has_errors: bool, was_read: bool) -> Ending {
    let wrote = !run.writes.is_empty() || run.setting.is_some();
    match (run.is_complete(), run.interrupted, run.may_have_changed()) {
        (true, ..) if has_errors && wrote => Ending::Partial,
        (true, ..) if has_errors => Ending::Refused,
        (true, ..) if was_read => Ending::Fine,
        (true, ..) | (false, true, _) => Ending::Interrupted,
        (false, false, false) => Ending::Failed,
        (false, false, true) => Ending::Partial,
    }
}
