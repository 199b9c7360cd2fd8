//! `allot apply`: changes the tenant as planned.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{saved, status};
use crate::cli::args::{ApplyArgs, TextOrJson};
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::exit::{Advised, Exit, leave_behind};
use crate::cli::interrupt::Interrupts;
use crate::cli::progress::Progress;
use crate::cli::question::{Answer, ask};
use crate::cli::stopped::Stopped;
use crate::cli::tenant::{self, Planned, Scope, block_on, near_from};
use crate::engine::apply::options::ApplyOptions;
use crate::engine::apply::{Listing, apply_and_list};
use crate::engine::observe::observe;
use crate::engine::stop::Stop;
use crate::model::document::EnvironmentDocument;
use crate::model::finding::Finding;
use crate::model::observed::ObservedState;
use crate::model::plan::PlanId;
use crate::model::run::Run;
use crate::model::terms::EnvironmentId;
use crate::planning::guard::{ApprovedPlan, Verdict};
use crate::planning::{aftermath, identity, planner};
use crate::provider::port::{Observe, Perform};
use crate::report::view::run::{RunFacts, RunView};
use crate::report::{json, text};

/// Plans or takes a plan that was saved, asks, and applies.
///
/// # Errors
///
/// Where the configuration is not valid, the tenant cannot be read, or the plan cannot be taken.
pub fn run(context: &Context, args: &ApplyArgs) -> Result<Exit, Stopped> {
    let (configuration, mut tenant) = tenant::open(context, &args.tenant)?;
    let saved = args.plan.as_ref().map(|path| saved::read(&context.working_folder.join(path))).transpose()?;
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
    if args.format == TextOrJson::Text {
        context.output.findings(&findings, configuration.sources());
        context.output.result(&text::plan::plan(&view, &context.output.stdout_style()))?;
    }
    let id = saved.as_ref().map_or_else(|| planned.id(), |saved| saved.id.clone());
    let empty = planned.draft().is_empty();
    let Planned { observed, verdict } = planned;
    let Verdict::Approved { plan: approved, .. } = verdict else {
        if args.format == TextOrJson::Json {
            context.output.result(&json::json(&view))?;
        }
        return Ok(Exit::Refused);
    };
    if empty {
        let exit = nothing_to_do(context, args, &configuration, approved, &id, &findings, &observed)?;
        leave_behind((observed, configuration));
        return Ok(exit);
    }
    let mut interrupts = Interrupts::listen()?;
    let is_approved = args.auto_approve || saved.is_some();
    let answer = if is_approved { Answer::Yes } else { approval(context, args, &mut interrupts)? };
    if answer != Answer::Yes {
        context.output.aside("Nothing was applied.\n");
        return Ok(if answer == Answer::Interrupted { Exit::Interrupted } else { Exit::Refused });
    }
    let writer = tenant.writer();
    let (run, listed) = carry_out(
        context,
        args,
        found(&observed, &approved),
        approved,
        tenant.reader.as_ref(),
        writer.as_ref(),
        &mut interrupts,
    )?;
    let before = Before { observed, listed, id: &id, findings: &findings };
    let exit = told(context, args, &configuration, tenant.reader.as_ref(), &run, before)?;
    leave_behind(configuration);
    Ok(exit)
}

fn nothing_to_do(
    context: &Context,
    args: &ApplyArgs,
    configuration: &Configuration,
    approved: ApprovedPlan,
    id: &PlanId,
    findings: &[Finding],
    observed: &ObservedState,
) -> Result<Exit, Stopped> {
    match args.format {
        TextOrJson::Text => {
            context.output.result(&format!("\n{}", status::gauges(context, configuration, observed)))?
        }
        TextOrJson::Json => {
            let draft = approved.into_plan().draft().clone();
            let run = Run { draft, outcomes: Vec::new(), setting: None, writes: Vec::new(), interrupted: false };
            context.output.result(&json::json(&view(configuration, &run, id, findings)))?;
        }
    }
    Ok(Exit::Fine)
}

/// Asks whether to apply the plan that was shown.
fn approval(context: &Context, args: &ApplyArgs, interrupts: &mut Interrupts) -> Result<Answer, Stopped> {
    let why = match args.format {
        TextOrJson::Json => "nobody is asked whether to apply under `--format json`",
        TextOrJson::Text if context.output.can_ask() => {
            let question = "\nApply this plan? Only `yes` is accepted: ";
            return Ok(ask(&context.output, interrupts, question)?);
        }
        TextOrJson::Text => "nobody can be asked whether to apply: this is no terminal",
    };
    let help = "`--auto-approve` applies without a question, and so does a plan that was saved";
    Err(Advised::error(why, help).into())
}

type Found = BTreeMap<EnvironmentId, EnvironmentDocument>;

/// What the environments that a plan changes held when it was made.
fn found(observed: &ObservedState, approved: &ApprovedPlan) -> Found {
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
    found: Found,
    approved: ApprovedPlan,
    reader: &dyn Observe,
    writer: &dyn Perform,
    interrupts: &mut Interrupts,
) -> anyhow::Result<(Run, Option<Listing>)> {
    let options = ApplyOptions {
        parallelism: args.parallelism,
        confirm_timeout: args.confirm_timeout,
        found: Arc::new(found),
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

fn view(configuration: &Configuration, run: &Run, id: &PlanId, findings: &[Finding]) -> RunView {
    RunView::new(&RunFacts {
        command: "apply",
        run,
        id: Some(id),
        pools_after: &[],
        findings,
        sources: configuration.sources(),
        near_from: near_from(&configuration.desired),
    })
}

/// What was read longer ago than this is read again before it is shown.
const FRESH: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);

/// What a run began with.
struct Before<'a> {
    observed: ObservedState,
    /// What was listed last while it ran.
    listed: Option<Listing>,
    id: &'a PlanId,
    findings: &'a [Finding],
}

fn told(
    context: &Context,
    args: &ApplyArgs,
    configuration: &Configuration,
    reader: &dyn Observe,
    run: &Run,
    before: Before<'_>,
) -> Result<Exit, Stopped> {
    let view = view(configuration, run, before.id, before.findings);
    match args.format {
        TextOrJson::Json => context.output.result(&json::json(&view))?,
        TextOrJson::Text => {
            context.output.result(&format!("\n{}", text::run::run(&view, &context.output.stdout_style())))?;
            // Whoever asked to stop waits for nothing more.
            if !run.interrupted {
                let now = (context.clock)();
                // Without a listing it is as old as the plan, and somebody may have thought long before a yes.
                let is_fresh = before.listed.is_some() || now.duration_since(before.observed.captured_at) <= FRESH;
                let known = aftermath::after(before.observed, before.listed.as_ref(), run, now).filter(|_| is_fresh);
                last_look(context, configuration, reader, known)?;
            }
        }
    }
    Ok(exit_of(run))
}

/// The gauges at the end. After a run that applied everything they are known; after any other the tenant is read once more,
/// and what was applied stands, whether or not it can be.
fn last_look(
    context: &Context,
    configuration: &Configuration,
    reader: &dyn Observe,
    known: Option<ObservedState>,
) -> Result<(), Stopped> {
    let observed = match known {
        Some(observed) => Ok(observed),
        None => block_on(observe(reader, &context.clock))?,
    };
    match observed {
        Ok(observed) => {
            let gauges = status::gauges(context, configuration, &observed);
            context.output.result(&format!("\n{gauges}"))?;
        }
        Err(error) => {
            let why = "note: no gauges, because the tenant could not be read once more";
            context.output.chatter(&format!("{why}: {error}\n"));
        }
    }
    Ok(())
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
