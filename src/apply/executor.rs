//! Runs an approved plan: every write read afresh before, confirmed by reading after, and none sent that the pools could
//! not bear whichever of the open ones took effect.
//!
//! There is no choice left here. What to do stands in the plan, what may be sent next the schedule says, and where the
//! tenant is not as the plan found it, it is left alone. Nothing is silent: every change has its outcome in the [`Run`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::grouped;
use super::event::ApplyEvent;
use super::options::ApplyOptions;
use super::pass::{Pass, Ports, STOPPED};
use super::stop::Stop;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::Reading;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::Plan;
use crate::model::run::{Outcome, Run, SentWrite};
use crate::model::terms::EnvironmentId;
use crate::planning::guard::ApprovedPlan;
use crate::planning::schedule::outcome::{ChangeOutcome, NotSent};
use crate::provider::port::{Observe, Perform};

/// What every environment holds; one that is missing has no document.
pub type Listing = BTreeMap<EnvironmentId, Reading<EnvironmentDocument>>;

/// Applies a plan, once.
///
/// Asked once to stop, it finishes what is in flight; asked twice, it returns at once, and what is in flight is
/// [`Outcome::Unconfirmed`]. Dropping the future ends it in the same way without a word; reading tells what took effect,
/// and the same configuration planned anew does the rest.
pub async fn apply(
    approved: ApprovedPlan,
    reader: &dyn Observe,
    writer: &dyn Perform,
    options: &ApplyOptions,
    stop: Stop,
    progress: &mut dyn FnMut(&ApplyEvent),
) -> Run {
    apply_and_list(approved, reader, writer, options, stop, progress).await.0
}

/// The same, with the last listing that was read for it, where there was one: what others do meanwhile is in it.
pub async fn apply_and_list(
    approved: ApprovedPlan,
    reader: &dyn Observe,
    writer: &dyn Perform,
    options: &ApplyOptions,
    stop: Stop,
    progress: &mut dyn FnMut(&ApplyEvent),
) -> (Run, Option<Listing>) {
    run(&approved.into_plan(), Ports { reader, writer, options, stop: &stop }, progress).await
}

pub(super) async fn run(
    plan: &Plan,
    ports: Ports<'_>,
    progress: &mut dyn FnMut(&ApplyEvent),
) -> (Run, Option<Listing>) {
    progress(&ApplyEvent::Started { writes: plan.steps().len() });
    let mut pass = Pass::new(plan, ports, progress);
    pass.run().await;
    let (outcomes, writes) = (outcomes(plan.draft(), &pass), writes(plan.draft(), &pass));
    let (halted, mut interrupted) = (pass.halted.clone(), pass.interrupted);
    let listing = pass.into_listing();
    let setting = match (&plan.draft().setting, halted) {
        (None, _) => None,
        (Some(_), Some(why)) => Some(Outcome::NotSent { why }),
        (Some(change), None) => Some(super::setting::write(change, ports, progress).await),
    };
    let cut_short = |outcome: &Outcome| !outcome.is_applied() && ports.stop.urgency() > super::stop::Urgency::None;
    interrupted |= setting.as_ref().is_some_and(cut_short);
    (Run { draft: plan.draft().clone(), outcomes, setting, writes, interrupted }, listing)
}

/// The outcome of every change, in the draft's order.
fn outcomes(draft: &Draft, pass: &Pass<'_>) -> Vec<Outcome> {
    let never_sent = |(index, outcome): (usize, ChangeOutcome)| match outcome {
        ChangeOutcome::NotSent(reason) => {
            let is_blocked = matches!(reason, NotSent::Blocked { .. });
            match draft.changes.get(index).filter(|_| is_blocked).and_then(|planned| pass.moved(planned)) {
                Some(found) => Outcome::Stale { why: found },
                None => Outcome::NotSent { why: why_not_sent(draft, &reason, pass.halted.as_ref()) },
            }
        }
        // A change that the schedule knows an outcome of belongs to a write that has one, below.
        ChangeOutcome::Applied | ChangeOutcome::Failed | ChangeOutcome::Unknown => {
            Outcome::NotSent { why: STOPPED.into() }
        }
    };
    let mut outcomes: Vec<Outcome> = pass.schedule.outcomes().into_iter().enumerate().map(never_sent).collect();
    for (&number, outcome) in &pass.outcomes {
        for &index in pass.schedule.changes(number) {
            if let Some(slot) = outcomes.get_mut(index) {
                slot.clone_from(outcome);
            }
        }
    }
    outcomes
}

/// The writes that went out, in that order.
fn writes(draft: &Draft, pass: &Pass<'_>) -> Vec<SentWrite> {
    let write = |number| {
        let changes: Vec<_> =
            pass.schedule.changes(number).iter().filter_map(|&index| draft.changes.get(index)).collect();
        let environment = changes.first()?.environment.clone();
        let add_ons = changes.iter().map(|planned| planned.change.add_on().clone()).collect();
        let outcome = pass.outcomes.get(&number)?.clone();
        Some(SentWrite { environment, add_ons, outcome })
    };
    pass.sent.iter().filter_map(|&number| write(number)).collect()
}

fn why_not_sent(draft: &Draft, reason: &NotSent, halted: Option<&Arc<str>>) -> Arc<str> {
    match reason {
        NotSent::Stopped => halted.cloned().unwrap_or_else(|| STOPPED.into()),
        NotSent::EnvironmentFailed => "an earlier write to the same environment did not go through".into(),
        NotSent::Blocked { pool, short_by, held_by } => {
            let (pool, short_by) = (pool.display_name(), grouped(*short_by));
            let who = match held_by.as_ref() {
                [] => "somebody else took them since the plan was made".to_owned(),
                [one] => format!("{} may still hold them", key(draft, one)),
                [one, two] => format!("{} and {} may still hold them", key(draft, one), key(draft, two)),
                [one, two, rest @ ..] => {
                    let (one, two, more) = (key(draft, one), key(draft, two), rest.len());
                    format!("{one}, {two} and {more} more may still hold them")
                }
            };
            format!("{pool}: short by {short_by}; {who}").into()
        }
    }
}

/// What the configuration calls an environment; its id where the draft does not name it.
fn key<'a>(draft: &'a Draft, id: &'a EnvironmentId) -> &'a str {
    let named = draft.changes.iter().find(|planned| planned.environment.id == *id);
    named.map_or(id.as_str(), |planned| planned.environment.key.as_str())
}
