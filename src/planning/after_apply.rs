//! The state of a tenant after a run, without another reading: the earlier reading with the confirmed changes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use litemap::LiteMap;

use crate::model::catalog::AddOn;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::{Documents, ObservedState, Reading};
use crate::model::plan::change::Change;
use crate::model::run::Run;
use crate::model::terms::{EnvironmentId, Units};

/// The tenant after a run that applied its whole plan; `None` after any other run, which needs a new reading. `listed` is the last listing
/// of the run; it contains the changes that others made until then.
pub fn after(
    mut observed: ObservedState,
    listed: Option<&Documents>,
    run: &Run,
    now: Timestamp,
) -> Option<ObservedState> {
    if !run.is_complete() {
        return None;
    }
    if let Some(listed) = listed {
        let before = held(&observed);
        for (id, environment) in &mut observed.environments {
            environment.document = listed.get(id).cloned().unwrap_or(Reading::Absent);
        }
        move_totals(&mut observed, &before);
    }
    let before = held(&observed);
    for planned in &run.draft.changes {
        set_entry(&mut observed, &planned.environment.id, &planned.change, now);
    }
    move_totals(&mut observed, &before);
    if let Some(setting) = &run.draft.setting {
        observed.who_can_allocate = Reading::Known { value: setting.after, as_of: now };
    }
    observed.captured_at = now;
    Some(observed)
}

fn held(observed: &ObservedState) -> BTreeMap<AddOn, Units> {
    let mut held: BTreeMap<AddOn, Units> = BTreeMap::new();
    let documents = observed.environments.values().filter_map(|environment| environment.document.known());
    for (add_on, entry) in documents.flat_map(|document| &document.entries) {
        match held.get_mut(add_on) {
            Some(sum) => *sum = [*sum, entry.units].into_iter().sum(),
            None => {
                held.insert(add_on.clone(), entry.units);
            }
        }
    }
    held
}

/// Changes the tenant's own totals by as much as its environments' holdings changed.
fn move_totals(observed: &mut ObservedState, before: &BTreeMap<AddOn, Units>) {
    let after = held(observed);
    for (add_on, total) in &mut observed.totals {
        let of = |held: &BTreeMap<AddOn, Units>| held.get(add_on).copied().unwrap_or_default();
        if let Reading::Known { value, .. } = &mut total.allocated {
            *value = [value.remaining_after(of(before)), of(&after)].into_iter().sum::<Units>();
        }
    }
}

fn set_entry(observed: &mut ObservedState, id: &EnvironmentId, change: &Change, now: Timestamp) {
    let Some(environment) = observed.environments.get_mut(id) else { return };
    let (add_on, entry) = (change.add_on().clone(), *change.after());
    match &mut environment.document {
        Reading::Known { value, as_of } => {
            value.entries.insert(add_on, entry);
            *as_of = now;
        }
        Reading::Absent => {
            let value = EnvironmentDocument { entries: LiteMap::from_iter([(add_on, entry)]) };
            environment.document = Reading::Known { value, as_of: now };
        }
        // No plan changes a document that could not be read.
        Reading::Unknown { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::after;
    use crate::model::run::{Outcome, Run};
    use crate::model::terms::Units;
    use crate::planning::fixture::{add_on, configuration, id, tenant};

    #[test]
    fn changes_of_others_until_the_last_listing_are_included() {
        let configuration = configuration("environments: { a: { id(a), allocations: { app-passes: 15 } } }");
        let before = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 10)]), ('b', &[])]);
        let draft = configuration.draft(&before);
        let outcomes = vec![Outcome::Applied; draft.changes.len()];
        let run = Run { draft, outcomes, setting: None, writes: Vec::new(), interrupted: false };
        // Another admin gave `b` 70 meanwhile; the listing is older than our write.
        let seen = tenant(&[], &[('a', &[("app-passes", 10)]), ('b', &[("app-passes", 70)])]);
        let listed: BTreeMap<_, _> = seen.environments.into_iter().map(|(id, seen)| (id, seen.document)).collect();
        let passes = add_on("app-passes");
        for (listed, [a, b]) in [(None, [15, 0]), (Some(&listed), [15, 70])] {
            let known = after(before.clone(), listed, &run, Timestamp::UNIX_EPOCH).unwrap();
            let held =
                ['a', 'b'].map(|letter| known.environments[&id(letter)].document.known().unwrap().units(&passes));
            assert_eq!(held, [a, b].map(Units::new));
            assert_eq!(known.totals[&passes].allocated.known().copied(), Some(Units::new(a + b)));
        }
        let cut = Run { outcomes: vec![Outcome::NotSent { why: "stopped".into() }], ..run };
        assert_eq!(after(before, None, &cut, Timestamp::UNIX_EPOCH), None);
    }
}
