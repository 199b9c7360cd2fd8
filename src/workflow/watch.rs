//! Plans, or applies, whenever a file of the configuration is saved.

use std::path::Path;

use super::apply::{ApplyOptions, Operator, Stop, Urgency, apply, until_stopped};
use super::failure::Stopped;
use super::plan::{PlanOptions, plan};
use super::ports::Ports;
use crate::load::configuration::load;
use crate::report::answer::Answer;
use crate::watch::watcher::{Watcher, digest_of};

/// What to do after every save.
#[derive(Clone, Debug)]
pub enum WatchOptions {
    /// Plan.
    Plan(PlanOptions),
    /// Plan and apply.
    Apply(ApplyOptions),
}

/// Something that a watch reports.
pub enum WatchEvent<'a> {
    /// The watch of a folder begins.
    Watching(&'a Path),
    /// A plan or an apply ended. An error does not end the watch.
    Ended(Result<Answer, Stopped>),
}

/// Plans or applies once, and then after every save, until `stop` is requested.
///
/// # Errors
///
/// If there is no configuration, or its folder cannot be watched.
pub async fn watch(
    ports: &Ports,
    options: &WatchOptions,
    stop: &Stop,
    operator: &mut dyn Operator,
    report: &mut dyn FnMut(WatchEvent<'_>),
) -> Result<(), Stopped> {
    let folder = ports.load()?.folder;
    let digest = || match load(&ports.start, ports.search, &ports.working_folder) {
        Ok(loaded) => digest_of(&loaded.inputs.sources),
        Err(error) => error.to_string(),
    };
    let mut watcher = Watcher::new(&folder, digest)?;
    report(WatchEvent::Ended(once(ports, options, stop, operator).await));
    report(WatchEvent::Watching(&folder));
    loop {
        tokio::select! {
            biased;
            // A stop request during an apply also ends the watch.
            () = stop.reached(Urgency::Finish) => return Ok(()),
            changed = watcher.next_change() => changed?,
        };
        report(WatchEvent::Ended(once(ports, options, stop, operator).await));
    }
}

async fn once(
    ports: &Ports,
    options: &WatchOptions,
    stop: &Stop,
    operator: &mut dyn Operator,
) -> Result<Answer, Stopped> {
    match options {
        WatchOptions::Plan(options) => until_stopped(stop, plan(ports, options)).await,
        WatchOptions::Apply(options) => apply(ports, options, stop, operator).await,
    }
}
