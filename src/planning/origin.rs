//! Where each change of a plan comes from: from this branch, or from before it, because nobody applied what was declared or somebody
//! changed the tenant by hand.

use std::collections::BTreeMap;

use crate::model::catalog::AddOn;
use crate::model::document::Entry;
use crate::model::plan::change::{ChangeOrigin, PlannedChange};
use crate::model::plan::draft::Draft;
use crate::model::terms::EnvironmentId;

/// The origin of each change of a draft, in its order, held against the draft of the configuration before.
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
    fn what_was_to_be_done_before_is_none_of_this_branch() {
        let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 1)]), ('b', &[("app-passes", 1)])]);
        let text = |a: u64, b: u64| {
            format!(
                "environments: {{ a: {{ id(a), allocations: {{ app-passes: {a} }} }}, b: {{ id(b), allocations: {{ app-passes: {b} }} }} }}"
            )
        };
        let draft = |a, b| configuration(&text(a, b)).draft(&observed);
        for (before, after, expected) in [
            // `b` was drifted before; only `a` is new.
            ((1, 5), (9, 5), vec![ChangeOrigin::Branch, ChangeOrigin::Pending]),
            // It was to change before as well, to something else.
            ((5, 1), (9, 1), vec![ChangeOrigin::Branch]),
            ((5, 5), (5, 5), vec![ChangeOrigin::Pending, ChangeOrigin::Pending]),
        ] {
            let (base, head) = (draft(before.0, before.1), draft(after.0, after.1));
            assert_eq!(origins(&head, &base), expected, "{before:?} {after:?}");
        }
    }
}
