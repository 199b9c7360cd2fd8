//! `allot plan`: what would change, and the pools before and after.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;

use super::saved;
use crate::cli::args::{PlanArgs, ScopeArgs, TenantArgs};
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::exit::{Advised, Exit, leave_behind};
use crate::cli::faces::{Answer, Background, says_what_was_found};
use crate::cli::stopped::Stopped;
use crate::cli::tenant::{self, Planned, Scope, Tenant};
use crate::engine::base::{BaseError, load_base};
use crate::manifest::check::{self, Checked};
use crate::model::finding::Finding;
use crate::planning::guard::Verdict;
use crate::planning::origin::origins;
use crate::planning::planner;
use crate::report::view::plan::PlanView;
use crate::report::{diff, text};

/// Plans. Opens the tenant for reading only.
///
/// # Errors
///
/// Where the configuration is not valid, the tenant cannot be read, or the plan cannot be saved.
pub fn run(context: &Context, args: &PlanArgs) -> Result<Exit, Stopped> {
    let (configuration, mut tenant) = tenant::open(context, &args.tenant)?;
    let date = context.date(&configuration.desired, args.at);
    let planned = Planned::make(context, &configuration, &mut tenant, &Scope::new(date, &args.scope))?;
    let findings = planned.findings(&configuration);
    // Saved first: where that fails, the failure is the one answer.
    let saved = save(context, args, &planned)?;
    let all_written = show(context, args, &configuration, &planned, &findings)?;
    if let Some(path) = saved {
        context.output.chatter(&format!("saved the plan: allot apply {}\n", path.display()));
    }
    let exit = match &planned.verdict {
        Verdict::Refused { .. } => Exit::Refused,
        Verdict::Approved { .. } if !all_written => Exit::Failed,
        Verdict::Approved { plan, .. } if args.detailed_exitcode && !plan.plan().draft().is_empty() => Exit::Changes,
        Verdict::Approved { .. } => Exit::Fine,
    };
    leave_behind((planned, configuration));
    Ok(exit)
}

/// Saves an approved plan where that was asked for, and says where.
fn save(context: &Context, args: &PlanArgs, planned: &Planned) -> anyhow::Result<Option<PathBuf>> {
    let (Some(path), Verdict::Approved { plan, .. }) = (&args.out, &planned.verdict) else { return Ok(None) };
    let path = context.working_folder.join(path);
    let text = saved::write(plan.plan(), &planned.id(), &args.scope.allowances);
    fs::write(&path, text).with_context(|| format!("the plan cannot be saved to {}", path.display()))?;
    Ok(Some(path))
}

fn show(
    context: &Context,
    args: &PlanArgs,
    configuration: &Configuration,
    planned: &Planned,
    findings: &[Finding],
) -> anyhow::Result<bool> {
    let view = held_against_base(context, args, configuration, planned, planned.view("plan", configuration, findings))?;
    if !says_what_was_found(args.faces.format) {
        context.output.findings(findings, configuration.sources());
    }
    let background = Background { desired: &configuration.desired, planned };
    Answer::Plan(&view, background).tell(context, &args.faces, |output| {
        let style = output.stdout_style();
        output.result(&if args.diff {
            diff::documents(planned.draft(), &style)
        } else {
            text::plan::plan(&view, &style)
        })
    })
}

/// The view with where each change comes from, where that was asked for.
fn held_against_base(
    context: &Context,
    args: &PlanArgs,
    configuration: &Configuration,
    planned: &Planned,
    view: PlanView,
) -> anyhow::Result<PlanView> {
    let Some(reference) = &args.base else { return Ok(view) };
    let base = match load_base(reference, &configuration.loaded.root_file) {
        Ok(base) => base,
        Err(error @ (BaseError::NotThere { .. } | BaseError::NotLoaded { .. })) => {
            return Ok(view.without_base(reference, &error.to_string()));
        }
        Err(error) => {
            let help = error.help();
            return Err(Advised::error(error.to_string(), help));
        }
    };
    let Checked::Valid { desired, .. } = check::check(&base.loaded.inputs) else {
        let why = format!("the configuration at {} is not valid", base.commit);
        return Ok(view.without_base(reference, &why));
    };
    // Environments that were declared then and are not now have targets that nobody knows any more.
    let targets: Vec<_> =
        args.scope.targets.iter().filter(|target| desired.environments.contains_key(*target)).cloned().collect();
    let date = context.date(&configuration.desired, args.at);
    let request = planner::Request { date, targets: &targets, only: None };
    let before = planner::draft(&desired, &planned.observed, &base.loaded.inputs.sources, &request);
    Ok(view.held_against(reference, &base.commit, &origins(planned.draft(), &before)))
}

/// Plans once and shows it, as `watch` does after every save.
///
/// # Errors
///
/// Where the tenant cannot be read.
pub fn once(
    context: &Context,
    configuration: &Configuration,
    scope: &ScopeArgs,
    tenant: &TenantArgs,
) -> Result<Exit, Stopped> {
    let mut tenant = Tenant::new(context.open(tenant, &configuration.loaded, &configuration.desired)?);
    let date = context.date(&configuration.desired, None);
    let planned = Planned::make(context, configuration, &mut tenant, &Scope::new(date, scope))?;
    let findings = planned.findings(configuration);
    let view = planned.view("watch", configuration, &findings);
    context.output.findings(&findings, configuration.sources());
    context.output.result(&text::plan::plan(&view, &context.output.stdout_style()))?;
    Ok(Exit::Fine)
}
