//! An apply in its three steps, as a caller without a command line makes it.

use allotment::report::answer::Answer;
use allotment::workflow::apply::{ApplyEvent, ApplyOptions, Guarded, Proposal, Stop, propose};
use allotment::workflow::failure::Stopped;
use allotment::workflow::ports::Ports;

/// What a caller of the three steps sees.
pub(crate) enum Seen<'a> {
    Event(&'a ApplyEvent),
    Run,
}

/// Applies in three steps. `decide` sees every approved plan, and ends the apply with an error.
pub(crate) async fn in_steps(
    ports: &Ports,
    options: &ApplyOptions,
    stop: &Stop,
    decide: impl AsyncFnOnce(&Proposal) -> Result<(), Stopped>,
    mut see: impl FnMut(Seen<'_>),
) -> Result<Answer, Stopped> {
    let proposal = match propose(ports, options, stop).await? {
        Guarded::Refused(answer) => return Ok(*answer),
        Guarded::Approved(proposal) => proposal,
    };
    decide(&proposal).await?;
    let mut follow = |event: &ApplyEvent| see(Seen::Event(event));
    let execution = match proposal.execute(ports, options, stop, &mut follow).await? {
        Guarded::Refused(answer) => return Ok(*answer),
        Guarded::Approved(execution) => execution,
    };
    if execution.view().is_some() {
        see(Seen::Run);
    }
    Ok(execution.report(ports, options, stop).await)
}
