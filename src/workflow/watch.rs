//! Plans, or applies, at the start and whenever a file of the configuration is saved.

use std::path::Path;

use super::apply::{ApplyEvent, ApplyOptions, Guarded, Proposal, Stop, Urgency, propose};
use super::failure::{Stopped, until_stopped};
use super::plan::{PlanOptions, plan};
use super::ports::Ports;
use crate::load::configuration::load;
use crate::report::answer::Answer;
use crate::report::view::run::RunView;
use crate::watch::watcher::{Watcher, digest_of};

/// What to do at the start and after every save.
#[derive(Clone, Debug)]
pub enum WatchOptions {
    /// Plan.
    Plan(PlanOptions),
    /// Plan, and apply without a question.
    Apply(ApplyOptions),
}

/// Something that a watch reports.
pub enum WatchEvent<'a> {
    /// The watch of a folder begins.
    Watching(&'a Path),
    /// A plan is going to be applied.
    Applying(&'a Proposal),
    /// Something happened while the plan is applied.
    Progress(&'a ApplyEvent),
    /// The plan was applied; the tenant is going to be read again.
    Applied(&'a RunView),
    /// A plan or an apply ended. An error does not end the watch.
    Ended(Result<Answer, Stopped>),
}

/// Plans or applies at the start, and then after every save, until `stop` is requested.
///
/// # Errors
///
/// If there is no configuration, or its folder cannot be watched.
pub async fn watch(
    ports: &Ports,
    options: &WatchOptions,
    stop: &Stop,
    report: &mut dyn FnMut(WatchEvent<'_>),
) -> Result<(), Stopped> {
    let folder = ports.load()?.folder;
    let digest = || match load(&ports.start, ports.search, &ports.working_folder) {
        Ok(loaded) => digest_of(&loaded.inputs.sources),
        Err(error) => error.to_string(),
    };
    let mut watcher = Watcher::new(&folder, digest)?;
    let ended = once(ports, options, stop, report).await;
    report(WatchEvent::Ended(ended));
    report(WatchEvent::Watching(&folder));
    loop {
        tokio::select! {
            biased;
            // A stop request during an apply also ends the watch.
            () = stop.reached(Urgency::Finish) => return Ok(()),
            changed = watcher.next_change() => changed?,
        };
        let ended = once(ports, options, stop, report).await;
        report(WatchEvent::Ended(ended));
    }
}

async fn once(
    ports: &Ports,
    options: &WatchOptions,
    stop: &Stop,
    report: &mut dyn FnMut(WatchEvent<'_>),
) -> Result<Answer, Stopped> {
    let options = match options {
        WatchOptions::Plan(options) => return until_stopped(stop, plan(ports, options)).await,
        WatchOptions::Apply(options) => options,
    };
    let proposal = match propose(ports, options, stop).await? {
        Guarded::Refused(answer) => return Ok(*answer),
        Guarded::Approved(proposal) => proposal,
    };
    report(WatchEvent::Applying(&proposal));
    let mut follow = |event: &ApplyEvent| report(WatchEvent::Progress(event));
    let execution = match proposal.execute(ports, options, stop, &mut follow).await? {
        Guarded::Refused(answer) => return Ok(*answer),
        Guarded::Approved(execution) => execution,
    };
    if let Some(view) = execution.view() {
        report(WatchEvent::Applied(&view));
    }
    Ok(execution.report(ports, options, stop).await)
}
