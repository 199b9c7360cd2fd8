//! Plans: what would change, and the pools before and after. Opens the tenant for reading only.

use std::path::PathBuf;

use anyhow::Context as _;
use jiff::civil::Date;

use super::configuration::Configuration;
use super::failure::Stopped;
use super::planned::{Planned, Scope};
use super::ports::{Ports, TenantOptions};
use super::tenant::Tenant;
use super::{merge_preview, tenant};
use crate::files::shown::slashed;
use crate::files::typed;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::planning::guard::Verdict;
use crate::report::answer::Answer;
use crate::report::saved::saved_plan_json;

/// What to plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// The command that plans: `plan` or `watch`.
    pub command: CommandName,
    /// The environments, and what the plan may do.
    pub scope: Scope,
    /// The day; `None` for today in the tenant's time zone.
    pub at: Option<Date>,
    /// The file that an approved plan is saved to.
    pub save_to: Option<PathBuf>,
    /// Whether changes end the command with [`Ending::Changes`].
    pub ends_with_changes: bool,
    /// The branch or commit to compare with, to find the changes that this branch adds.
    pub base: Option<String>,
    /// The branches that may be merged first.
    pub with: Vec<String>,
    /// How to reach the tenant.
    pub tenant: TenantOptions,
}

impl PlanOptions {
    /// A plan for today that is only shown, as a watch makes it.
    pub fn preview(scope: Scope, tenant: TenantOptions) -> PlanOptions {
        PlanOptions {
            command: CommandName::Watch,
            scope,
            at: None,
            save_to: None,
            ends_with_changes: false,
            base: None,
            with: Vec::new(),
            tenant,
        }
    }
}

/// Plans, and saves the plan if that was asked for.
///
/// # Errors
///
/// If the configuration is invalid, the tenant cannot be read, git does not know a branch, or the plan cannot be saved.
pub async fn plan(ports: &Ports, options: &PlanOptions) -> Result<Answer, Stopped> {
    let (configuration, tenant) = tenant::open(ports, &options.tenant)?;
    plan_opened(ports, options, configuration, tenant).await
}

/// Plans for a tenant that was opened: see [`plan`].
///
/// # Errors
///
/// If the tenant cannot be read, git does not know a branch, or the plan cannot be saved.
pub(super) async fn plan_opened(
    ports: &Ports,
    options: &PlanOptions,
    configuration: Configuration,
    mut tenant: Tenant,
) -> Result<Answer, Stopped> {
    let date = ports.date(&configuration.desired, options.at);
    let observed = tenant.observe(ports).await?;
    let planned = Planned::make(&configuration, Some(tenant.reader()), observed, &options.scope, date).await?;
    let mut findings = planned.findings(&configuration);
    let preview = merge_preview::preview(&options.with, &configuration, &planned)?;
    findings.extend(preview.findings);
    let mut view = planned.view(&configuration, &findings);
    merge_preview::compare_with_base(options.base.as_deref(), &configuration, &planned, &findings, &mut view)?;
    view.not_checked.extend(preview.not_checked);
    save(ports, options, &planned)?;
    // Problems that the base also has do not refuse this branch. But a plan with such problems cannot be saved.
    let ending = match view.is_refused_by_branch() || (planned.is_refused() && options.save_to.is_some()) {
        true => Ending::Refused,
        false if options.ends_with_changes && !planned.draft().is_empty() => Ending::Changes,
        false => Ending::Fine,
    };
    let sources = configuration.loaded.inputs.sources;
    Ok(Answer {
        command: options.command,
        content: planned.content(view, configuration.desired),
        findings,
        sources,
        ending,
    })
}

/// Saves an approved plan.
fn save(ports: &Ports, options: &PlanOptions, planned: &Planned) -> anyhow::Result<()> {
    let (Some(path), Verdict::Approved { plan, .. }) = (&options.save_to, &planned.verdict) else { return Ok(()) };
    let text = saved_plan_json(plan.plan(), &planned.id);
    typed::replace(&ports.working_folder, path, text.as_bytes())
        .with_context(|| format!("the plan cannot be saved to {}", slashed(path)))
}
