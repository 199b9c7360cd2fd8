//! `allot apply`: changes the tenant as planned.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use clap::builder::{PathBufValueParser, TypedValueParser};

use crate::cli::application::{approve, show_plan, show_run};
use crate::cli::args::advice::FOLDER;
use crate::cli::args::formats::FormatArgs;
use crate::cli::args::numbers::parse_count;
use crate::cli::args::scope::ScopeArgs;
use crate::cli::args::tenant::TenantArgs;
use crate::cli::context::Context;
use crate::cli::interrupt::request_on_interrupt;
use crate::cli::progress::Progress;
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::model::source::is_yaml;
use crate::report::answer::Content;
use crate::report::format::Format;
use crate::report::number::count;
use crate::workflow::apply::{ApplyEvent, ApplyOptions, Guarded, Stop, propose};
use crate::workflow::failure::Stopped;

/// `allot apply`
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// A plan that `allot plan --out` saved; applied without a question
    #[arg(value_name = "PLAN", value_parser = parse_plan(), conflicts_with_all = ["targets", "allowances", "strict"])]
    pub plan: Option<PathBuf>,
    /// The environments
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Apply without a question
    #[arg(long)]
    pub auto_approve: bool,
    /// The maximum number of writes in flight
    #[arg(long, value_name = "N", default_value_t = ApplyOptions::PARALLELISM, value_parser = parse_count)]
    pub parallelism: NonZeroUsize,
    /// The longest wait until the tenant confirms a write.
    #[arg(long, value_name = "TIME", help = CONFIRM_HELP.as_str(), default_value = CONFIRM_TIMEOUT.as_str(), value_parser = parse_confirm_timeout)]
    pub confirm_timeout: Duration,
    /// The formats
    #[command(flatten)]
    pub formats: FormatArgs,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// The default of `--confirm-timeout`, as people write it.
static CONFIRM_TIMEOUT: LazyLock<String> = LazyLock::new(|| written(ApplyOptions::CONFIRM_TIMEOUT));

static CONFIRM_HELP: LazyLock<String> = LazyLock::new(|| {
    let longest = written(ApplyOptions::LONGEST_CONFIRM_TIMEOUT);
    format!("The longest wait until the tenant confirms a write, such as 2m or 90s; at most {longest}")
});

/// A time as people write it, such as `2m`.
fn written(time: Duration) -> String {
    format!("{:#}", jiff::SignedDuration::try_from(time).unwrap_or_default())
}

/// Reads the name of a saved plan. Other tools take a file of the configuration there.
fn parse_plan() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|file| match is_yaml(&file) {
        true => Err(format!("this is no saved plan\n\n  tip: {FOLDER}")),
        false => Ok(file),
    })
}

fn parse_confirm_timeout(text: &str) -> Result<Duration, String> {
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| "write a time such as 90s, 2m or 15m".to_owned())?;
    let duration = Duration::try_from(parsed).map_err(|_| "a time cannot be negative".to_owned())?;
    if duration > ApplyOptions::LONGEST_CONFIRM_TIMEOUT {
        Err(format!("at most {}", written(ApplyOptions::LONGEST_CONFIRM_TIMEOUT)))
    } else {
        Ok(duration)
    }
}

/// Applies.
///
/// # Errors
///
/// The errors of the three steps, and if stdout cannot be written to.
pub fn run(context: &Context, args: &ApplyArgs) -> Result<Ending, Stopped> {
    let options = ApplyOptions {
        plan: args.plan.clone(),
        scope: args.scope.scope(),
        auto_approve: args.auto_approve,
        parallelism: args.parallelism,
        confirm_timeout: args.confirm_timeout,
        checks_afterwards: args.formats.format != Format::Text || !args.formats.reports.is_empty(),
        tenant: args.tenant.options(),
    };
    let (output, ports, format, stop) = (&context.output, &context.ports, args.formats.format, Stop::default());
    let mut printed = Ok(());
    let answer = block_on(async {
        request_on_interrupt(stop.clone())?;
        let proposal = match propose(ports, &options, &stop).await? {
            Guarded::Refused(answer) => return Ok(*answer),
            Guarded::Approved(proposal) => proposal,
        };
        if format == Format::Text {
            show_plan(output, &proposal).context("the plan cannot be printed, so nothing was applied")?;
        }
        if !proposal.is_decided() {
            approve(output, format, &proposal, &stop).await?;
        }
        let mut progress = Progress::new(output);
        let mut follow = |event: &ApplyEvent| progress.show(event);
        let execution = match proposal.execute(ports, &options, &stop, &mut follow).await? {
            Guarded::Refused(answer) => return Ok(*answer),
            Guarded::Approved(execution) => execution,
        };
        drop(progress);
        if let Some(view) = execution.view().filter(|_| format == Format::Text) {
            printed = show_run(output, &view);
        }
        Ok::<_, Stopped>(execution.report(ports, &options, &stop).await)
    })??;
    let applied = match &answer.content {
        Content::Run(run) => {
            format!("{} of {} were applied", run.view.applied, count(run.view.total, "change", "changes"))
        }
        _ => "nothing was applied".to_owned(),
    };
    // The report files are written even if stdout cannot be.
    let ended = context.finish(answer, &args.formats);
    printed.context(applied.clone())?;
    ended.map_err(|stopped| match stopped {
        Stopped::Failed(error) => Stopped::Failed(error.context(applied)),
        stopped => stopped,
    })
}
