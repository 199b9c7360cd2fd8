//! The third step of an apply: reads the tenant again, and reports what was done and what it holds now.

use super::execution::Execution;
use super::options::ApplyOptions;
use crate::apply::stop::{Stop, Urgency};
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::finding::{Finding, Severity};
use crate::model::observed::ObservedState;
use crate::model::plan::draft::NotChecked;
use crate::model::run::{Outcome, Run};
use crate::planning::end;
use crate::planning::planner::{Request, Selection};
use crate::provider::observe::TenantReading;
use crate::report::answer::{Answer, Content, RunContent};
use crate::report::number::count;
use crate::report::view::run::Afterwards;
use crate::workflow::configuration::Configuration;
use crate::workflow::planned::Planned;
use crate::workflow::ports::Ports;
use crate::workflow::saved;
use crate::workflow::status::gauges;
use crate::workflow::tenant::Tenant;

/// Why there is no read at the end of a run.
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
/// Why there is no read.
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

impl Execution {
    /// Reads the tenant again, and reports the run. The answer says so if the tenant cannot be read.
    pub async fn report(mut self, ports: &Ports, options: &ApplyOptions, stop: &Stop) -> Answer {
        let after = match self.unchanged.take() {
            Some(state) => Ok(state),
            None => look_again(ports, &self.tenant, &self.run, stop).await,
        };
        let Execution { configuration, run, .. } = &self;
        let read_at = after.as_ref().ok().map(|after| after.captured_at);
        let gauges = after.as_ref().ok().map(|after| gauges(ports, configuration, after));
        let Last { found, plan } = self.compare(ports, options, after);
        let mut afterwards = match options.checks_afterwards {
            true => check_afterwards(configuration, &plan, run),
            false => Afterwards::default(),
        };
        // `check_afterwards` has added these warnings already, so only errors are added here.
        let is_new = |finding: &&Finding| finding.is_error() || !options.checks_afterwards;
        afterwards.findings.extend(found.iter().filter(is_new).cloned());
        let view = self.view_with(&afterwards);
        Answer {
            command: CommandName::Apply,
            content: Content::Run(Box::new(RunContent { view, read_at, gauges })),
            ending: ending(run, found.iter().any(Finding::is_error), plan.is_ok()),
            findings: found,
            sources: self.configuration.into_sources(),
        }
    }

    /// Compares the last read with the configuration: for a saved plan its own cells, otherwise all cells of the targets.
    fn compare(&self, ports: &Ports, options: &ApplyOptions, after: Result<ObservedState, NoReading>) -> Last {
        let Execution { configuration, run, .. } = self;
        let after = match after {
            Ok(after) => after,
            Err(NoReading::Failed(why)) => return Last { found: vec![end::not_read(&why)], plan: Err(why) },
            Err(NoReading::Stopped) => return Last { found: Vec::new(), plan: Err("the run was stopped".to_owned()) },
        };
        let desired = &configuration.desired;
        let saved = options.plan.is_some().then(|| saved::cells(&run.draft));
        let selection = saved.as_ref().map_or(Selection::All, Selection::Cells);
        let request = Request { targets: &run.draft.targets, selection, ..Request::of(ports.date(desired, None)) };
        let mut found = end::not_as_desired(desired, &request, run, &after);
        let plan = Planned::nothing(configuration, after, &request).map_err(|error| format!("{error:#}"));
        match &plan {
            Ok(plan) => {
                found.extend(end::overdrawn(&plan.draft().pools));
                found.extend(end::unknown(desired, &request, &run.draft.pools, &plan.draft().pools));
            }
            Err(why) => found.push(end::not_read(why)),
        }
        Last { found, plan }
    }
}

/// The last read, compared with the configuration.
struct Last {
    /// What is not as desired.
    found: Vec<Finding>,
    /// The tenant in a plan that selects no cells; otherwise why there is none.
    plan: Result<Planned, String>,
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

/// The writes that may still take effect, although no read shows them yet.
fn unconfirmed(run: &Run) -> Option<NotChecked> {
    let open = run.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unconfirmed { .. })).count();
    let changes = count(open as u64, "change", "changes");
    (open > 0).then(|| NotChecked {
        subject: format!("whether {changes} took effect after all"),
        reason: "the tenant did not confirm it in time; a new plan shows it".to_owned(),
    })
}

/// How an apply ends. `has_errors`: the last read does not show what is declared, shows an over-allocation, or failed. `was_read`: the
/// tenant was read after the run.
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
