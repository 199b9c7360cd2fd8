//! `allot watch`: plans, or applies, at the start and whenever a file is saved.

use clap::Args;

use crate::cli::application::{show_plan, show_run};
use crate::cli::args::formats::FormatArgs;
use crate::cli::args::scope::ScopeArgs;
use crate::cli::args::tenant::TenantArgs;
use crate::cli::context::Context;
use crate::cli::interrupt::request_on_interrupt;
use crate::cli::progress::Progress;
use crate::cli::runtime::block_on;
use crate::files::shown::slashed;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::report::answer::Answer;
use crate::report::format::Format;
use crate::report::render;
use crate::workflow::apply::{ApplyOptions, Stop};
use crate::workflow::failure::Stopped;
use crate::workflow::plan::PlanOptions;
use crate::workflow::watch::{WatchEvent, WatchOptions, watch};

/// `allot watch`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Apply the plan after every save, without a question
    #[arg(long)]
    pub apply: bool,
    /// The environments
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

impl WatchArgs {
    fn options(&self) -> WatchOptions {
        let (scope, tenant) = (self.scope.scope(), self.tenant.options());
        if self.apply {
            return WatchOptions::Apply(ApplyOptions::unattended(scope, tenant));
        }
        WatchOptions::Plan(PlanOptions {
            command: CommandName::Watch,
            scope,
            at: None,
            save_to: None,
            ends_with_changes: false,
            base: None,
            with: Vec::new(),
            tenant,
        })
    }
}

/// Watches until Ctrl-C, or until the program that reads stdout has ended.
///
/// # Errors
///
/// The errors of [`watch`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &WatchArgs) -> Result<Ending, Stopped> {
    let stop = Stop::default();
    let output = &context.output;
    let mut progress = None;
    let mut printed = Ok(());
    let mut report = |event: WatchEvent<'_>| match event {
        WatchEvent::Watching(folder) if !context.output.reader_ended() => {
            context.output.chatter(&format!("watching {}; Ctrl-C ends it\n", slashed(folder)));
        }
        WatchEvent::Watching(_) => {}
        // Nothing is applied that was not shown.
        WatchEvent::Applying(proposal) => {
            printed = show_plan(output, proposal);
            if printed.is_err() {
                stop.request();
            }
        }
        WatchEvent::Progress(event) => progress.get_or_insert_with(|| Progress::new(output)).show(event),
        WatchEvent::Applied(view) => {
            // Dropping the bar clears its line.
            progress = None;
            let shown = show_run(output, view);
            // The first failure is the one to report.
            if printed.is_ok() {
                printed = shown;
            }
        }
        WatchEvent::Ended(ended) => {
            show(context, ended);
            if context.output.reader_ended() {
                stop.request();
            }
        }
    };
    block_on(async {
        request_on_interrupt(stop.clone())?;
        watch(&context.ports, &args.options(), &stop, &mut report).await
    })??;
    printed?;
    Ok(if context.output.reader_ended() { Ending::Fine } else { Ending::Interrupted })
}

/// Shows how a plan or an apply ended; the watch goes on.
fn show(context: &Context, ended: Result<Answer, Stopped>) {
    let text = FormatArgs::only(Format::Text);
    match ended.and_then(|answer| Ok(context.present(&answer, &text, render::terminal)?)) {
        Ok(_) => {}
        Err(stopped @ Stopped::Invalid { .. }) => {
            context.output.stopped(&stopped);
            context.output.aside("The configuration is invalid, so nothing was changed.\n");
        }
        Err(stopped) => context.output.stopped(&stopped),
    }
}
