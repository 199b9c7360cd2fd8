//! Finds the origin of each change of a plan: this branch, or a difference that existed before it, because the base was not applied or an
//! admin changed the tenant by hand.

use std::collections::BTreeMap;

use crate::model::catalog::AddOn;
use crate::model::document::Entry;
use crate::model::plan::change::{ChangeOrigin, PlannedChange};
use crate::model::plan::draft::Draft;
use crate::model::terms::EnvironmentId;

/// The origin of each change of `head`, in the order of its changes. `base` is the draft of the earlier configuration: a change to the same
/// value there makes the origin [`ChangeOrigin::Pending`].
pub fn origins(head: &Draft, base: &Draft) -> Vec<ChangeOrigin> {
    let key = |environment: &EnvironmentId, add_on: &AddOn| (environment.clone(), add_on.clone());
    let before: BTreeMap<(EnvironmentId, AddOn), &Entry> = base
        .changes
        .iter()
        .map(|planned| (key(&planned.environment.id, planned.change.add_on()), planned.change.after()))
        .collect();
    let origin = |planned: &PlannedChange| match before.get(&key(&planned.environment.id, planned.change.add_on())) {
        Some(after) if *after == planned.change.after() => ChangeOrigin::Pending,
        _ => ChangeOrigin::Branch,
    };
    head.changes.iter().map(origin).collect()
}

#[cfg(test)]
mod tests {
    use super::origins;
    use crate::model::plan::change::ChangeOrigin;
    use crate::planning::fixture::{configuration, tenant};

    #[test]
    fn a_change_that_the_base_makes_as_well_is_pending() {
        let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 1)]), ('b', &[("app-passes", 1)])]);
        let text = |a: u64, b: u64| {
            format!(
                "environments: {{ a: {{ id(a), allocations: {{ app-passes: {a} }} }}, b: {{ id(b), allocations: {{ app-passes: {b} }} }} }}"
            )
        };
        let draft = |a, b| configuration(&text(a, b)).draft(&observed);
        for (before, after, expected) in [
            // `b` differed before; only `a` is new.
            ((1, 5), (9, 5), vec![ChangeOrigin::Branch, ChangeOrigin::Pending]),
            // `a` was to change before as well, to another amount.
            ((5, 1), (9, 1), vec![ChangeOrigin::Branch]),
            ((5, 5), (5, 5), vec![ChangeOrigin::Pending, ChangeOrigin::Pending]),
        ] {
            let (base, head) = (draft(before.0, before.1), draft(after.0, after.1));
            assert_eq!(origins(&head, &base), expected, "{before:?} {after:?}");
        }
    }
}
