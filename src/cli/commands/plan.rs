//! `allot plan`: what would change, and the pools before and after.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use crate::cli::args::day::parse_day;
use crate::cli::args::formats::FormatArgs;
use crate::cli::args::scope::ScopeArgs;
use crate::cli::args::tenant::TenantArgs;
use crate::cli::context::{Context, leak_at_exit};
use crate::cli::interrupt::end_on_interrupt;
use crate::cli::runtime::block_on;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::source::is_yaml;
use crate::report::answer::{Answer, Content};
use crate::report::render;
use crate::report::tenant::shown;
use crate::workflow::failure::Stopped;
use crate::workflow::plan::{PlanOptions, plan};
use crate::workflow::ports::remove_temporary_folders;

/// `allot plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The environments
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The day to plan for [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub at: Option<Date>,
    /// Save the plan, for `allot apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit 2 if there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Mark the changes that come from the checked-out branch and are not pending at REF, such as origin/main
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Warn of shortages if this branch or commit is merged first, such as origin/other; repeatable
    #[arg(long = "with", value_name = "REF")]
    pub with: Vec<String>,
    /// Show the environments' documents as a unified diff
    #[arg(long, conflicts_with = "format")]
    pub diff: bool,
    /// The formats
    #[command(flatten)]
    pub formats: FormatArgs,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Plans.
///
/// # Errors
///
/// The errors of [`plan`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &PlanArgs) -> Result<Ending, Stopped> {
    if let Some(path) = args.out.as_ref().filter(|path| !is_yaml(path)) {
        // Removes a plan that an earlier run or the checkout left, so that the file can only hold the plan of this run. If the file
        // cannot be removed, it cannot be written either, and that is reported.
        let _ = typed::remove(&context.ports.working_folder, path);
    }
    let options = PlanOptions {
        command: CommandName::Plan,
        scope: args.scope.scope(),
        at: args.at,
        save_to: args.out.clone(),
        ends_with_changes: args.detailed_exitcode,
        base: args.base.clone(),
        with: args.with.clone(),
        tenant: args.tenant.options(),
    };
    if options.base.is_some() || !options.with.is_empty() {
        end_on_interrupt(remove_temporary_folders)?;
    }
    let answer = block_on(plan(&context.ports, &options))??;
    let for_terminal = if args.diff { render::documents } else { render::terminal };
    let ending = context.present(&answer, &args.formats, for_terminal)?;
    if let Some(note) = saved(context, args, &answer) {
        context.output.chatter(&note);
    }
    leak_at_exit(answer);
    Ok(ending)
}

/// The note about a saved plan.
fn saved(context: &Context, args: &PlanArgs, answer: &Answer) -> Option<String> {
    let (path, Content::Plan(plan)) = (args.out.as_ref()?, &answer.content) else { return None };
    let tenant = shown(&plan.view.tenant, plan.view.provider);
    let path = context.ports.working_folder.join(path);
    (answer.ending != Ending::Refused).then(|| format!("saved the plan for {tenant}: allot apply {}\n", slashed(&path)))
}
