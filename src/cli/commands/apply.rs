//! `allot apply`: changes the tenant as planned.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{saved, status};
use crate::apply::executor::apply_and_list;
use crate::apply::options::{ApplyOptions, Baseline};
use crate::apply::stop::Stop;
use crate::cli::args::ApplyArgs;
use crate::cli::args::faces::Face;
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::exit::{Advised, Exit, leave_behind};
use crate::cli::faces::{Answer, Background};
use crate::cli::interrupt::Interrupts;
use crate::cli::progress::Progress;
use crate::cli::question::{Answer as Said, ask};
use crate::cli::stopped::Stopped;
use crate::cli::tenant::{self, Planned, Scope, block_on, near_from};
use crate::model::finding::{Finding, Severity};
use crate::model::observed::{Documents, ObservedState};
use crate::model::plan::{NotChecked, PlanId, PlannedPool};
use crate::model::run::{Outcome, Run};
use crate::model::terms::EnvironmentId;
use crate::planning::guard::{ApprovedPlan, Verdict};
use crate::planning::{aftermath, identity, planner};
use crate::provider::observe::observe;
use crate::provider::port::{Observe, Perform};
use crate::report::number::count;
use crate::report::tenant::shown as tenant_name;
use crate::report::text;
use crate::report::view::run::{RunFacts, RunView};

/// Plans or takes a plan that was saved, asks, and applies.
///
/// # Errors
///
/// Where the configuration is not valid, the tenant cannot be read, or the plan cannot be taken.
pub fn run(context: &Context, args: &ApplyArgs) -> Result<Exit, Stopped> {
    let (configuration, mut tenant) = tenant::open(context, &args.tenant)?;
    let saved = args.plan.as_ref().map(|path| saved::read(&context.working_folder, path)).transpose()?;
    // Also a plan that was saved: what it says has to hold on the day on which it is applied.
    let date = context.date(&configuration.desired, None);
    let planned = match &saved {
        None => Planned::make(context, &configuration, &mut tenant, &Scope::new(date, &args.scope))?,
        Some(saved) => {
            let observed = tenant.observe(context)?;
            let cells = saved::cells(&saved.plan);
            let draft = saved.plan.draft();
            let request = planner::Request { date, targets: &draft.targets, only: Some(&cells) };
            let fresh = planner::draft(&configuration.desired, &observed, configuration.sources(), &request);
            let moved = identity::stale(&saved.plan, &fresh);
            if !moved.is_empty() {
                let sources = Box::new(configuration.sources().clone());
                return Err(Stopped::Refused { sources, findings: moved });
            }
            let scope = Scope {
                date,
                targets: &draft.targets,
                only: Some(&cells),
                allowances: &saved.allowances,
                strict: false,
            };
            Planned::from(&configuration, observed, &scope)?
        }
    };
    let findings = planned.findings(&configuration);
    let view = planned.view("apply", &configuration, &findings);
    if args.faces.format == Face::Text {
        context.output.findings(&findings, configuration.sources());
        context.output.result(&text::plan::plan(&view, &context.output.stdout_style()))?;
    }
    let id = saved.as_ref().map_or_else(|| planned.id(), |saved| saved.id.clone());
    let empty = planned.draft().is_empty();
    if planned.is_refused() {
        // For people it stands there already.
        let background = Background { desired: &configuration.desired, planned: &planned };
        Answer::Plan(&view, background).tell(context, &args.faces, |_| Ok(()))?;
        return Ok(Exit::Refused);
    }
    let Planned { observed, verdict } = planned;
    let Verdict::Approved { plan: approved, .. } = verdict else { return Ok(Exit::Refused) };
    if empty {
        let draft = approved.into_plan().draft().clone();
        let run = Run { draft, outcomes: Vec::new(), setting: None, writes: Vec::new(), interrupted: false };
        let before = Before { observed, listed: None, id: &id };
        let exit =
            told(context, args, &configuration, tenant.reader.as_ref(), &run, before, &mut Interrupts::listen()?)?;
        leave_behind(configuration);
        return Ok(exit);
    }
    let mut interrupts = Interrupts::listen()?;
    let is_approved = args.auto_approve || saved.is_some();
    let said = if is_approved {
        Said::Yes
    } else {
        approval(context, args, &tenant_name(&view.tenant, view.provider), &mut interrupts)?
    };
    if said != Said::Yes {
        context.output.aside("Nothing was applied.\n");
        return Ok(if said == Said::Interrupted { Exit::Interrupted } else { Exit::Refused });
    }
    let writer = tenant.writer();
    let (run, listed) = carry_out(
        context,
        args,
        baseline(&observed, &approved),
        approved,
        tenant.reader.as_ref(),
        writer.as_ref(),
        &mut interrupts,
    )?;
    let before = Before { observed, listed, id: &id };
    let exit = told(context, args, &configuration, tenant.reader.as_ref(), &run, before, &mut interrupts)?;
    leave_behind(configuration);
    Ok(exit)
}

/// Asks whether to apply the plan that was shown.
fn approval(context: &Context, args: &ApplyArgs, tenant: &str, interrupts: &mut Interrupts) -> Result<Said, Stopped> {
    let why = match args.faces.format {
        Face::Text if context.output.can_ask() => {
            let question = format!("\nApply this plan to {tenant}? Only `yes` is accepted: ");
            return Ok(ask(&context.output, interrupts, &question)?);
        }
        Face::Text => "nobody can be asked whether to apply: this is no terminal",
        _ => "nobody is asked whether to apply under a `--format` other than text",
    };
    let help = "`--auto-approve` applies without a question, and so does a plan that was saved";
    Err(Advised::error(why, help).into())
}

/// The documents of the environments that a plan changes, as they were when it was made.
fn baseline(observed: &ObservedState, approved: &ApprovedPlan) -> Baseline {
    let changed = approved.plan().draft().changes.iter().map(|planned| &planned.environment.id);
    let document = |id: &EnvironmentId| Some((id.clone(), observed.environments.get(id)?.document.known()?.clone()));
    changed.filter_map(document).collect()
}

/// Applies, with Ctrl-C once to finish what is under way and twice to leave at once.
///
/// # Errors
///
/// Where the machine gives no event loop.
pub fn carry_out(
    context: &Context,
    args: &ApplyArgs,
    baseline: Baseline,
    approved: ApprovedPlan,
    reader: &dyn Observe,
    writer: &dyn Perform,
    interrupts: &mut Interrupts,
) -> anyhow::Result<(Run, Option<Documents>)> {
    let options = ApplyOptions {
        parallelism: args.parallelism,
        confirm_timeout: args.confirm_timeout,
        baseline: Arc::new(baseline),
        clock: context.clock.clone(),
        jitter_seed: u64::from(std::process::id()),
    };
    let stop = Stop::new();
    let mut progress = Progress::new(&context.output);
    block_on(async {
        let mut told = |event: &_| progress.show(event);
        let applying = apply_and_list(approved, reader, writer, &options, stop.clone(), &mut told);
        tokio::pin!(applying);
        loop {
            tokio::select! {
                run = &mut applying => break run,
                () = interrupts.next() => stop.request(),
            }
        }
    })
}

/// What was read longer ago than this is read again before it is shown.
const FRESH: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);

/// What was done is told without a last look where that takes longer.
const LONGEST_LOOK: std::time::Duration = std::time::Duration::from_secs(120);

/// What a run began with.
struct Before<'a> {
    observed: ObservedState,
    /// What was listed last while it ran.
    listed: Option<Documents>,
    id: &'a PlanId,
}

fn told(
    context: &Context,
    args: &ApplyArgs,
    configuration: &Configuration,
    reader: &dyn Observe,
    run: &Run,
    before: Before<'_>,
    interrupts: &mut Interrupts,
) -> Result<Exit, Stopped> {
    let Before { observed, listed, id } = before;
    let (sources, near_from) = (configuration.sources(), near_from(&configuration.desired));
    let now = (context.clock)();
    // Without a listing it is as old as the plan, and somebody may have thought long before a yes.
    let is_fresh = listed.is_some() || now.duration_since(observed.captured_at) <= FRESH;
    let known = if run.draft.is_empty() {
        Some(observed)
    } else {
        aftermath::after(observed, listed.as_ref(), run, now).filter(|_| is_fresh)
    };
    let style = context.output.stdout_style();
    let mut printed = Ok(());
    if args.faces.format == Face::Text && !run.draft.is_empty() {
        // Before anything is read: whatever comes of that, this was done.
        let (id, findings, not_checked) = (Some(id), &[][..], &[][..]);
        let facts = RunFacts { command: "apply", run, id, pools_after: &[], findings, not_checked, sources, near_from };
        printed = context.output.result(&format!("\n{}", text::run::run(&RunView::new(&facts), &style)));
    }
    let after = last_look(context, reader, run, known, interrupts)?;
    // For people the plan and its findings stand there already.
    let is_wanted = args.faces.format != Face::Text || !args.faces.reports.is_empty();
    let held = if is_wanted { Held::of(configuration, after, run)? } else { Held { after, ..Held::default() } };
    let Held { after, .. } = &held;
    let view = RunView::new(&RunFacts {
        command: "apply",
        run,
        id: Some(id),
        pools_after: &held.pools,
        findings: &held.findings,
        not_checked: &held.not_checked,
        sources,
        near_from,
    });
    let read_at = after.as_ref().map(|after| after.captured_at);
    let all_written = Answer::Run(&view, read_at).tell(context, &args.faces, |output| {
        let gauges = after.as_ref().map(|after| format!("\n{}", status::gauges(context, configuration, after)));
        printed.and_then(|()| output.result(&gauges.unwrap_or_default()))
    })?;
    match exit_of(run) {
        Exit::Fine if !all_written => Ok(Exit::Failed),
        exit => Ok(exit),
    }
}

/// What the tenant holds at the end. After a run that applied everything it is known; after any other the tenant is read once more,
/// and what was applied stands, whether or not it can be.
fn last_look(
    context: &Context,
    reader: &dyn Observe,
    run: &Run,
    known: Option<ObservedState>,
    interrupts: &mut Interrupts,
) -> anyhow::Result<Option<ObservedState>> {
    // Whoever asked to stop waits for nothing more.
    if known.is_some() || run.interrupted {
        return Ok(known);
    }
    let looked = block_on(async {
        tokio::select! {
            observed = observe(reader, &context.clock) => observed.map_err(|error| error.to_string()),
            () = interrupts.next() => Err("Ctrl-C".to_owned()),
            () = tokio::time::sleep(LONGEST_LOOK) => Err("it takes too long".to_owned()),
        }
    })?;
    match looked {
        Ok(observed) => Ok(Some(observed)),
        Err(why) => {
            context
                .output
                .chatter(&format!("note: no gauges, because the tenant could not be read once more: {why}\n"));
            Ok(None)
        }
    }
}

/// What is to be said of the tenant as it is after a run.
#[derive(Default)]
struct Held {
    /// As it was read.
    after: Option<ObservedState>,
    pools: Vec<PlannedPool>,
    findings: Vec<Finding>,
    not_checked: Vec<NotChecked>,
}

impl Held {
    /// As a plan that changes nothing would find it.
    fn of(configuration: &Configuration, after: Option<ObservedState>, run: &Run) -> anyhow::Result<Held> {
        let Some(after) = after else {
            let unread = NotChecked {
                subject: "the pools afterwards".to_owned(),
                reason: "the tenant was not read once more".to_owned(),
            };
            let not_checked = run.draft.not_checked.iter().cloned().chain([unread]).collect();
            return Ok(Held { not_checked, findings: configuration.findings.clone(), ..Held::default() });
        };
        let nothing = BTreeSet::new();
        let scope = Scope {
            date: run.draft.date,
            targets: &run.draft.targets,
            only: Some(&nothing),
            allowances: &[],
            strict: false,
        };
        let as_it_is = Planned::from(configuration, after, &scope)?;
        let draft = as_it_is.draft();
        let findings = as_it_is.findings(configuration);
        // What would refuse a plan is no refusal of what was done.
        let told = |finding: Finding| match finding.severity {
            Severity::Error => Finding { severity: Severity::Warning, allowance: None, ..finding },
            Severity::Warning | Severity::Hint => finding,
        };
        Ok(Held {
            pools: draft.pools.clone(),
            not_checked: draft.not_checked.iter().cloned().chain(unconfirmed(run)).collect(),
            findings: findings.into_iter().map(told).collect(),
            after: Some(as_it_is.observed),
        })
    }
}

/// Writes that may take effect yet, which no reading rules out.
fn unconfirmed(run: &Run) -> Option<NotChecked> {
    let open = run.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unconfirmed { .. })).count();
    let changes = count(open as u64, "change", "changes");
    (open > 0).then(|| NotChecked {
        subject: format!("whether {changes} took effect after all"),
        reason: "the tenant did not confirm it in time; a new plan shows it".to_owned(),
    })
}

/// How a run ends.
pub fn exit_of(run: &Run) -> Exit {
    match (run.is_complete(), run.interrupted, run.applied()) {
        (true, ..) => Exit::Fine,
        (false, true, _) => Exit::Interrupted,
        (false, false, 0) => Exit::Failed,
        (false, false, _) => Exit::Partial,
    }
}
