//! What is known of a tenant after a run, without reading it once more: what was read before, with what reading confirmed.

use jiff::Timestamp;
use litemap::LiteMap;

use crate::model::document::EnvironmentDocument;
use crate::model::observed::{ObservedState, Reading};
use crate::model::plan::Change;
use crate::model::run::{Outcome, Run};
use crate::model::terms::{EnvironmentId, Units};

/// The tenant after a run that applied all of its plan; `None` after any other, because only reading tells what holds then.
pub fn after(mut observed: ObservedState, run: &Run, now: Timestamp) -> Option<ObservedState> {
    if !run.is_complete() {
        return None;
    }
    let applied = run.draft.changes.iter().zip(&run.outcomes).filter(|(_, outcome)| Outcome::is_applied(outcome));
    for (planned, _) in applied {
        holds(&mut observed, &planned.environment.id, &planned.change, now);
        counts(&mut observed, &planned.change);
    }
    if let Some(setting) = &run.draft.setting {
        observed.who_can_allocate = Reading::Known { value: setting.after, as_of: now };
    }
    observed.captured_at = now;
    Some(observed)
}

fn holds(observed: &mut ObservedState, id: &EnvironmentId, change: &Change, now: Timestamp) {
    let Some(environment) = observed.environments.get_mut(id) else { return };
    let (add_on, entry) = (change.add_on().clone(), change.after().clone());
    match &mut environment.document {
        Reading::Known { value, as_of } => {
            value.entries.insert(add_on, entry);
            *as_of = now;
        }
        Reading::Absent => {
            let value = EnvironmentDocument { entries: LiteMap::from_iter([(add_on, entry)]) };
            environment.document = Reading::Known { value, as_of: now };
        }
        // Nothing is planned over it.
        Reading::Unknown { .. } => {}
    }
}

/// The tenant's own count goes along: what it counts beyond what is listed stays the same.
fn counts(observed: &mut ObservedState, change: &Change) {
    let Some(total) = observed.totals.get_mut(change.add_on()) else { return };
    if let Reading::Known { value, .. } = &mut total.allocated {
        let before = value.remaining_after(change.units_before());
        *value = [before, change.after().units].into_iter().sum::<Units>();
    }
}
