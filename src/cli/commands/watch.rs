//! `allot watch`: validates and plans, or applies, whenever a file is saved.

use super::apply;
use crate::apply::options::ApplyOptions;
use crate::cli::args::faces::{Face, FaceArgs};
use crate::cli::args::{ApplyArgs, WatchArgs};
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, tell};
use crate::cli::interrupt::Interrupts;
use crate::cli::stopped::Stopped;
use crate::cli::tenant::block_on;
use crate::load::configuration::load;
use crate::watch::watcher::{Watcher, digest_of};

/// Runs until Ctrl-C. A save that does not validate changes nothing, and says so.
///
/// # Errors
///
/// Where there is no configuration to watch.
pub fn run(context: &Context, args: &WatchArgs) -> Result<Exit, Stopped> {
    let (start, search, shown_from) = (context.start.clone(), context.search, context.working_folder.clone());
    let folder = context.load()?.folder;
    let digest = move || match load(&start, search, &shown_from) {
        Ok(loaded) => digest_of(&loaded.inputs.sources),
        Err(error) => error.to_string(),
    };
    let mut watcher = Watcher::new(&folder, digest)?;
    let mut interrupts = Interrupts::listen()?;
    pass(context, args);
    context.output.chatter(&format!("watching {}; Ctrl-C ends it\n", folder.display()));
    loop {
        let change = block_on(async {
            tokio::select! {
                biased;
                // Also a Ctrl-C that came during a pass, which ended what that pass applied.
                () = interrupts.next() => None,
                change = watcher.next_change() => Some(change),
            }
        })?;
        match change.transpose()? {
            None => return Ok(Exit::Interrupted),
            Some(_) => pass(context, args),
        }
    }
}

/// One save: everything that goes wrong is told, and the watch goes on.
fn pass(context: &Context, args: &WatchArgs) {
    let ended = if args.apply { applied(context, args) } else { planned(context, args) };
    match ended {
        Ok(_) => {}
        Err(Stopped::Invalid { sources, findings }) => {
            context.output.findings(&findings, &sources);
            context.output.aside("The configuration is not valid, so nothing was changed.\n");
        }
        Err(Stopped::Refused { sources, findings }) => context.output.findings(&findings, &sources),
        Err(Stopped::Failed(error)) => context.output.aside(&tell(&error).text(&context.output.stderr_style())),
    }
}

fn applied(context: &Context, args: &WatchArgs) -> Result<Exit, Stopped> {
    let options = ApplyOptions::new(context.clock.clone());
    apply::run(
        context,
        &ApplyArgs {
            plan: None,
            scope: args.scope.clone(),
            auto_approve: true,
            parallelism: options.parallelism,
            confirm_timeout: options.confirm_timeout,
            faces: FaceArgs::only(Face::Text),
            tenant: args.tenant.clone(),
        },
    )
}

fn planned(context: &Context, args: &WatchArgs) -> Result<Exit, Stopped> {
    let configuration = Configuration::read(context)?;
    super::plan::once(context, &configuration, &args.scope, &args.tenant)
}
