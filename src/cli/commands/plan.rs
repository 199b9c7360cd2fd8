//! `allot plan`: what would change, and the pools before and after.

use std::path::PathBuf;

use anyhow::Context as _;

use super::saved;
use crate::cli::args::faces::is_yaml;
use crate::cli::args::{PlanArgs, ScopeArgs, TenantArgs};
use crate::cli::branches;
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, leave_behind};
use crate::cli::faces::{Answer, Background, says_what_was_found};
use crate::cli::stopped::Stopped;
use crate::cli::tenant::{self, Planned, Scope, Tenant};
use crate::files::typed;
use crate::model::finding::Finding;
use crate::planning::guard::Verdict;
use crate::report::tenant::shown as tenant_name;
use crate::report::view::plan::PlanView;
use crate::report::{diff, text};

/// Plans. Opens the tenant for reading only.
///
/// # Errors
///
/// Where the configuration is not valid, the tenant cannot be read, or the plan cannot be saved.
pub fn run(context: &Context, args: &PlanArgs) -> Result<Exit, Stopped> {
    if let Some(path) = args.out.as_ref().filter(|path| !is_yaml(path)) {
        // A plan of an earlier run, or of a checkout, is not this one. What cannot be removed cannot be written either.
        let _ = typed::remove(&context.working_folder, path);
    }
    let (configuration, mut tenant) = tenant::open(context, &args.tenant)?;
    let date = context.date(&configuration.desired, args.at);
    let planned = Planned::make(context, &configuration, &mut tenant, &Scope::new(date, &args.scope))?;
    let mut findings = planned.findings(&configuration);
    let others = branches::merged_first(context, args, &configuration, &planned)?;
    findings.extend(others.findings);
    // Saved first: where that fails, the failure is the one answer.
    let saved = save(context, args, &planned)?;
    let view = branches::held_against_base(
        context,
        args,
        &configuration,
        &planned,
        planned.view("plan", &configuration, &findings),
    )?;
    let view = others.not_checked.into_iter().fold(view, PlanView::without);
    let all_written = show(context, args, &configuration, &planned, &view, &findings)?;
    if let Some(path) = saved {
        let tenant = tenant_name(&view.tenant, view.provider);
        context.output.chatter(&format!("saved the plan for {tenant}: allot apply {}\n", path.display()));
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
    let text = saved::write(plan.plan(), &planned.id(), &args.scope.allowances);
    typed::replace(&context.working_folder, path, text.as_bytes())
        .with_context(|| format!("the plan cannot be saved to {}", path.display()))?;
    Ok(Some(context.working_folder.join(path)))
}

fn show(
    context: &Context,
    args: &PlanArgs,
    configuration: &Configuration,
    planned: &Planned,
    view: &PlanView,
    findings: &[Finding],
) -> anyhow::Result<bool> {
    if !says_what_was_found(args.faces.format) {
        context.output.findings(findings, configuration.sources());
    }
    let background = Background { desired: &configuration.desired, planned };
    Answer::Plan(view, background).tell(context, &args.faces, |output| {
        let style = output.stdout_style();
        output.result(&if args.diff {
            diff::documents(planned.draft(), &style)
        } else {
            text::plan::plan(view, &style)
        })
    })
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
