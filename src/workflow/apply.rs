//! Applies a plan, made now or saved before.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::configuration::Configuration;
use super::failure::Stopped;
use super::planned::{Planned, Scope, near_from};
use super::ports::{Ports, TenantOptions};
use super::status::gauges;
use super::tenant::Tenant;
use super::{saved, tenant};
pub use crate::apply::event::ApplyEvent;
use crate::apply::executor;
use crate::apply::options::{Baseline, ExecutorOptions};
pub use crate::apply::stop::{Stop, Urgency};
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::finding::{Finding, Severity};
use crate::model::observed::{Documents, ObservedState};
use crate::model::plan::draft::NotChecked;
use crate::model::plan::order::PlanId;
use crate::model::run::{Outcome, Run};
use crate::model::source::Sources;
use crate::model::terms::EnvironmentId;
use crate::net::limits;
use crate::planning::guard::{ApprovedPlan, Verdict};
use crate::planning::planner::{self, Selection};
use crate::planning::{after_apply, identity};
use crate::provider::observe::observe;
use crate::report::answer::{Answer, Content, RunContent};
use crate::report::number::count;
use crate::report::saved::SavedPlan;
use crate::report::view::plan::PlanView;
use crate::report::view::run::{Afterwards, RunView};

/// A reading that is older than this is not shown as the state after a run.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

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
    pub const PARALLELISM: NonZeroUsize = limits::PARALLELISM;
    /// The default of [`ApplyOptions::confirm_timeout`].
    pub const CONFIRM_TIMEOUT: Duration = limits::CONFIRM_TIMEOUT;
    /// The maximum of [`ApplyOptions::confirm_timeout`].
    pub const LONGEST_CONFIRM_TIMEOUT: Duration = limits::LONGEST_CONFIRM_TIMEOUT;

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
    // A saved plan is checked for the day on which it is applied, not for the day for which it was made.
    let date = ports.date(&configuration.desired, None);
    let observed = tenant.observe(ports).await?;
    let planned = match &saved {
        None => Planned::make(&configuration, observed, &options.scope, date)?,
        Some(saved) => planned_again(&configuration, observed, saved, date)?,
    };
    let findings = planned.findings(&configuration);
    let view = planned.view(&configuration, &findings);
    let id = saved.as_ref().map_or_else(|| planned.id(), |saved| saved.id.clone());
    let Planned { observed, verdict } = planned;
    let approved = match verdict {
        Verdict::Approved { plan, .. } => plan,
        verdict @ Verdict::Refused { .. } => {
            let content = Planned { observed, verdict }.content(view, configuration.desired);
            let sources = configuration.loaded.inputs.sources;
            return Ok(Answer { command: CommandName::Apply, content, findings, sources, ending: Ending::Refused });
        }
    };
    let is_empty = approved.plan().draft().is_empty();
    let is_decided = is_empty || options.auto_approve || saved.is_some();
    match operator.review(&view, &findings, configuration.sources(), is_decided).await? {
        Approval::Approved => {}
        Approval::Declined => return Err(Stopped::Declined(Ending::Refused)),
        Approval::Interrupted => return Err(Stopped::Declined(Ending::Interrupted)),
    }
    if is_empty {
        let draft = approved.into_plan().into_draft();
        let run = Run { draft, outcomes: Vec::new(), setting: None, writes: Vec::new(), interrupted: false };
        return report(ports, options, configuration, &run, &id, Some(observed));
    }
    let (run, listing) = execute(ports, options, &tenant, &observed, approved, stop, operator).await;
    let known = known_after(observed, listing.as_ref(), &run, (ports.clock)());
    operator.done(&run_view(&configuration, &run, &id, &Afterwards::default()));
    let after = read_again(ports, &tenant, &run, known, stop).await;
    report(ports, options, configuration, &run, &id, after)
}

/// Makes a new plan for the cells of a saved plan, and compares the two.
///
/// # Errors
///
/// If the saved plan is stale.
fn planned_again(
    configuration: &Configuration,
    observed: ObservedState,
    saved: &SavedPlan,
    date: jiff::civil::Date,
) -> Result<Planned, Stopped> {
    let cells = saved::cells(&saved.plan);
    let request = planner::Request { date, targets: &saved.plan.draft().targets, selection: Selection::Cells(&cells) };
    let planned = Planned::of(configuration, observed, &request, &saved.allowances, false);
    let moved = identity::stale(&saved.plan, planned.draft());
    if moved.is_empty() {
        return Ok(planned);
    }
    Err(Stopped::Refused { sources: Box::new(configuration.sources().clone()), findings: moved })
}

async fn execute(
    ports: &Ports,
    options: &ApplyOptions,
    tenant: &Tenant,
    observed: &ObservedState,
    approved: ApprovedPlan,
    stop: &Stop,
    operator: &mut dyn Operator,
) -> (Run, Option<Documents>) {
    let options = ExecutorOptions {
        parallelism: options.parallelism,
        confirm_timeout: options.confirm_timeout,
        baseline: Arc::new(baseline(observed, &approved)),
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

/// The tenant after a run, computed from the run without another read. `None` if that is not possible or the result would be too old.
fn known_after(
    observed: ObservedState,
    listing: Option<&Documents>,
    run: &Run,
    now: Timestamp,
) -> Option<ObservedState> {
    // Without a listing the reading is as old as the plan, and the operator may have taken long to approve it.
    let is_fresh = listing.is_some() || now.duration_since(observed.captured_at) <= FRESH;
    after_apply::after(observed, listing, run, now).filter(|_| is_fresh)
}

/// The tenant after a run: the `known` state, or the state read again. `None` if the run was stopped or the tenant cannot be read.
async fn read_again(
    ports: &Ports,
    tenant: &Tenant,
    run: &Run,
    known: Option<ObservedState>,
    stop: &Stop,
) -> Option<ObservedState> {
    if known.is_some() || run.interrupted {
        return known;
    }
    let read = tokio::select! {
        observed = observe(tenant.reader(), &ports.clock) => observed.map_err(|error| error.to_string()),
        () = stop.reached(Urgency::Finish) => Err("Ctrl-C".to_owned()),
        () = tokio::time::sleep(limits::REQUEST_BUDGET) => Err("it takes too long".to_owned()),
    };
    read.inspect_err(|why| (ports.note)(&format!("no gauges, because the tenant could not be read again: {why}"))).ok()
}

/// The answer about a run.
fn report(
    ports: &Ports,
    options: &ApplyOptions,
    configuration: Configuration,
    run: &Run,
    id: &PlanId,
    after: Option<ObservedState>,
) -> Result<Answer, Stopped> {
    let read_at = after.as_ref().map(|after| after.captured_at);
    let gauges = after.as_ref().map(|after| gauges(ports, &configuration, after));
    let afterwards = match options.checks_afterwards {
        true => check_afterwards(&configuration, after, run),
        false => Afterwards::default(),
    };
    let view = run_view(&configuration, run, id, &afterwards);
    Ok(Answer {
        command: CommandName::Apply,
        content: Content::Run(Box::new(RunContent { view, read_at, gauges })),
        findings: Vec::new(),
        sources: configuration.into_sources(),
        ending: ending(run),
    })
}

fn run_view(configuration: &Configuration, run: &Run, id: &PlanId, afterwards: &Afterwards) -> RunView {
    RunView::new(run, id, afterwards, configuration.sources(), near_from(&configuration.desired))
}

/// The pools and the findings after a run, from a new plan that selects no cells.
fn check_afterwards(configuration: &Configuration, after: Option<ObservedState>, run: &Run) -> Afterwards {
    let Some(after) = after else {
        let unread = NotChecked {
            subject: "the pools afterwards".to_owned(),
            reason: "the tenant was not read again".to_owned(),
        };
        let not_checked = run.draft.not_checked.iter().cloned().chain([unread]).collect();
        return Afterwards { not_checked, findings: configuration.findings.clone(), pools: Vec::new() };
    };
    let request = planner::Request { date: run.draft.date, targets: &run.draft.targets, selection: Selection::NoCells };
    let planned = Planned::of(configuration, after, &request, &[], false);
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

fn ending(run: &Run) -> Ending {
    match (run.is_complete(), run.interrupted, run.may_have_changed()) {
        (true, ..) => Ending::Fine,
        (false, true, _) => Ending::Interrupted,
        (false, false, false) => Ending::Failed,
        (false, false, true) => Ending::Partial,
    }
}
