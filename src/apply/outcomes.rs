//! The outcome of every change at the end of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::comparison::{Comparison, compare, grouped};
use super::sender::Sender;
use super::snapshots::Snapshots;
use super::stop::STOPPED;
use crate::model::plan::change::PlannedChange;
use crate::model::plan::draft::Draft;
use crate::model::run::{Outcome, SentWrite};
use crate::model::terms::EnvironmentId;
use crate::planning::schedule::machine::WriteNumber;
use crate::planning::schedule::not_sent::NotSentReason;

/// The outcomes of the draft's changes, in the draft's order. A change that was not sent for lack of units is stale if the last
/// reading shows that others changed its cell.
pub(super) fn outcomes(draft: &Draft, sender: &Sender<'_>, snapshots: &Snapshots) -> Vec<Outcome> {
    let mut reasons = sender.writes.schedule.not_sent();
    let keys = keys(draft);
    let not_sent = |(index, planned): (usize, &PlannedChange)| {
        let Some(reason) = reasons.remove(&index) else {
            // A placeholder: the outcome of the change's write replaces it.
            return Outcome::NotSent { why: STOPPED.into() };
        };
        let is_blocked = matches!(reason, NotSentReason::Blocked { .. });
        match difference(planned, snapshots).filter(|_| is_blocked) {
            Some(found) => Outcome::Stale { why: found },
            None => Outcome::NotSent { why: why_not_sent(&keys, &reason, sender.halted.as_ref()) },
        }
    };
    let mut outcomes: Vec<Outcome> = draft.changes.iter().enumerate().map(not_sent).collect();
    for (&number, outcome) in &sender.writes.outcomes {
        for &index in sender.writes.schedule.changes(number) {
            if let Some(slot) = outcomes.get_mut(index) {
                slot.clone_from(outcome);
            }
        }
    }
    outcomes
}

/// The writes that were sent, in the order of their first attempts.
pub(super) fn sent_writes(draft: &Draft, sender: &Sender<'_>) -> Vec<SentWrite> {
    let write = |number: WriteNumber| {
        let indexes = sender.writes.schedule.changes(number);
        let changes: Vec<&PlannedChange> = indexes.iter().filter_map(|&index| draft.changes.get(index)).collect();
        let environment = changes.first()?.environment.clone();
        let add_ons = changes.iter().map(|planned| planned.change.add_on().clone()).collect();
        let outcome = sender.writes.outcomes.get(&number)?.clone();
        Some(SentWrite { environment, add_ons, outcome })
    };
    sender.writes.sent.iter().filter_map(|&number| write(number)).collect()
}

/// The difference that the last reading shows between a change and its environment, if others have changed the environment.
fn difference(planned: &PlannedChange, snapshots: &Snapshots) -> Option<Arc<str>> {
    let document = snapshots.last_known(&planned.environment.id)?;
    match compare(std::slice::from_ref(&planned.change), document) {
        Comparison::Changed(found) => Some(found.into()),
        Comparison::Before | Comparison::After | Comparison::SwitchLost(_) => None,
    }
}

fn why_not_sent(keys: &Keys<'_>, reason: &NotSentReason, halted: Option<&Arc<str>>) -> Arc<str> {
    match reason {
        NotSentReason::Stopped => halted.cloned().unwrap_or_else(|| STOPPED.into()),
        NotSentReason::EnvironmentFailed => {
            "an earlier write to the same environment failed or was not confirmed".into()
        }
        NotSentReason::Blocked { pool, short_by, held_by, unseen } => {
            let (pool, short_by) = (pool.display_name(), grouped(*short_by));
            let who = match held_by.as_ref() {
                [] if unseen.get() > 0 => {
                    let units = if unseen.get() == 1 { "unit" } else { "units" };
                    format!(
                        "the tenant's total is {} {units} higher than the sum of its environments",
                        grouped(*unseen)
                    )
                }
                [] => "others allocated them since the plan was made".to_owned(),
                [one] => format!("{} may still hold them", key(keys, one)),
                [one, two] => format!("{} and {} may still hold them", key(keys, one), key(keys, two)),
                [one, two, rest @ ..] => {
                    let (one, two, more) = (key(keys, one), key(keys, two), rest.len());
                    format!("{one}, {two} and {more} more may still hold them")
                }
            };
            format!("{pool}: {short_by} too few; {who}").into()
        }
    }
}

/// The keys of the environments that a draft changes.
type Keys<'a> = BTreeMap<&'a EnvironmentId, &'a str>;

fn keys(draft: &Draft) -> Keys<'_> {
    draft.changes.iter().map(|planned| (&planned.environment.id, planned.environment.key.as_str())).collect()
}

/// The key of an environment; its id if the draft does not change it.
fn key<'a>(keys: &Keys<'a>, id: &'a EnvironmentId) -> &'a str {
    keys.get(id).copied().unwrap_or(id.as_str())
}

#[cfg(test)]
mod tests {
    use super::{keys, why_not_sent};
    use crate::apply::tests::harness::{MOVE, OWNED, PASSES, full_pool, plan};
    use crate::model::terms::Units;
    use crate::planning::schedule::not_sent::NotSentReason;
    use crate::provider::fake::{add_on, id};

    #[test]
    fn a_blocked_change_says_who_has_the_units() {
        let plan = plan(&full_pool(), OWNED, MOVE);
        let why = |held_by: &[usize], unseen| {
            let held_by = held_by.iter().map(|&number| id(number)).collect();
            let (pool, short_by) = (add_on(PASSES).pool(), Units::new(5));
            let reason = NotSentReason::Blocked { pool, short_by, held_by, unseen: Units::new(unseen) };
            why_not_sent(&keys(plan.draft()), &reason, None).to_string()
        };
        assert_eq!(why(&[], 0), "App passes: 5 too few; others allocated them since the plan was made");
        assert_eq!(
            why(&[], 7),
            "App passes: 5 too few; the tenant's total is 7 units higher than the sum of its environments"
        );
        assert_eq!(why(&[1], 7), "App passes: 5 too few; team-1 may still hold them");
    }
}
