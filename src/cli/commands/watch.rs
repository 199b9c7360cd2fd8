//! `allot watch`: plans, or applies, at the start and whenever the files change.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::cli::application::{approve_for_good, show_plan};
use crate::cli::args::scope::ScopeArgs;
use crate::cli::args::tenant::TenantArgs;
use crate::cli::context::Context;
use crate::cli::interrupt::request_on_interrupt;
use crate::cli::progress::Progress;
use crate::cli::runtime::block_on;
use crate::cli::watching::{Lines, WatchFormat};
use crate::files::shown::slashed;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::workflow::apply::{ApplyEvent, ApplyOptions, Proposal, Stop};
use crate::workflow::failure::{Advised, Stopped};
use crate::workflow::plan::PlanOptions;
use crate::workflow::watch::{Pass, Then, Trigger, WatchEvent, WatchOptions, Watching};

/// `allot watch`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Apply the plan when the files change; asks before the first apply
    #[arg(long)]
    pub apply: bool,
    /// Apply without a question
    #[arg(long, requires = "apply")]
    pub auto_approve: bool,
    /// The time between two looks for changes in the tenant, such as 5m; `off` for none
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_interval)]
    pub interval: Interval,
    /// The format of the lines
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: WatchFormat,
    /// The environments
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// The time between two looks at the tenant; `None` for no such looks.
#[derive(Clone, Copy, Debug)]
pub struct Interval(Option<Duration>);

/// The shortest interval: a service counts requests.
const SHORTEST: Duration = Duration::from_secs(10);

fn parse_interval(text: &str) -> Result<Interval, String> {
    if text == "off" {
        return Ok(Interval(None));
    }
    let parsed: SignedDuration = text.parse().map_err(|_| "write a time such as 90s or 5m, or off".to_owned())?;
    match Duration::try_from(parsed) {
        Ok(interval) if interval >= SHORTEST => Ok(Interval(Some(interval))),
        _ => Err(format!("at least {} s", SHORTEST.as_secs())),
    }
}

impl WatchArgs {
    fn options(&self) -> WatchOptions {
        let (scope, tenant) = (self.scope.scope(), self.tenant.options());
        let then = match self.apply {
            true => Then::Apply(ApplyOptions::unattended(scope, tenant)),
            false => Then::Plan(PlanOptions::preview(scope, tenant)),
        };
        WatchOptions { then, interval: self.interval.0 }
    }
}

/// Watches until Ctrl-C, or until the program that reads stdout has ended.
///
/// # Errors
///
/// If there is no configuration, it cannot be watched, stdout cannot be written to, or an apply is not approved.
pub fn run(context: &Context, args: &WatchArgs) -> Result<Ending, Stopped> {
    let (stop, options) = (Stop::default(), args.options());
    if args.apply && !args.auto_approve && !context.output.can_ask() {
        let message = "this is not a terminal, so allot cannot ask whether to apply";
        let help = "`--auto-approve` applies without a question; without `--apply`, a watch only plans";
        context.output.error(&Advised::error(message, help));
        return Ok(Ending::Refused);
    }
    block_on(async {
        request_on_interrupt(stop.clone())?;
        let watching = Watching::start(&context.ports, &options, &stop)?;
        follow(context, args, watching, &stop).await
    })??;
    Ok(if context.output.reader_ended() { Ending::Fine } else { Ending::Interrupted })
}

async fn follow(context: &Context, args: &WatchArgs, mut watching: Watching<'_>, stop: &Stop) -> Result<(), Stopped> {
    let lines = Lines::new(&context.output, args.format, context.is_verbose, TimeZone::system());
    let now = || (context.ports.clock)();
    let mut is_approved = args.auto_approve;
    lines.watching(&slashed(watching.folder()), watching.polls_because()).context("the result cannot be printed")?;
    while !context.output.reader_ended() {
        lines.status(watching.status());
        let event = watching.next().await;
        lines.hide_status();
        let Some(event) = event? else { break };
        match event {
            WatchEvent::Note(note) => lines.note(now(), &note)?,
            WatchEvent::Ended(pass) => show(context, &lines, pass)?,
            WatchEvent::Proposed(trigger, proposal) => {
                if !is_approved {
                    show_plan(&context.output, &proposal)?;
                    approve_for_good(&context.output, &proposal, stop).await?;
                    is_approved = true;
                }
                if let Some(pass) = apply(context, &mut watching, (trigger, *proposal)).await {
                    show(context, &lines, pass)?;
                }
            }
        }
    }
    Ok(())
}

async fn apply(context: &Context, watching: &mut Watching<'_>, proposed: (Trigger, Proposal)) -> Option<Pass> {
    let mut progress = Progress::new(&context.output);
    let mut show = |event: &ApplyEvent| progress.show(event);
    watching.apply(proposed, &mut show).await
}

fn show(context: &Context, lines: &Lines<'_>, pass: Pass) -> anyhow::Result<()> {
    let Pass { trigger, ended, again_in } = pass;
    let answer = match ended {
        Ok(answer) => Some(answer),
        Err(stopped) => stopped.answer(CommandName::Watch),
    };
    let Some(answer) = answer else { return Ok(()) };
    lines.pass((context.ports.clock)(), &trigger, &answer, again_in).context("the result cannot be printed")
}
