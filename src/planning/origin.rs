//! Compares a branch with its base. A change of a plan comes from the branch, or from a difference that existed before
//! the branch: the base was not applied, or an admin changed the tenant by hand. Pools and findings that the plan of
//! the base has too do not come from the branch. Environments and add-ons that the branch no longer manages are in no
//! plan, so they are listed separately.

use std::collections::BTreeMap;

use crate::model::catalog::AddOn;
use crate::model::desired::{DesiredEnvironment, DesiredState};
use crate::model::document::Entry;
use crate::model::finding::Finding;
use crate::model::plan::change::{ChangeOrigin, PlannedChange};
use crate::model::plan::comparison::Comparison;
use crate::model::plan::draft::{Draft, NotChecked};
use crate::model::terms::EnvironmentId;

/// The origin of each change of `head`, in the order of its changes. `base` is the draft of the earlier configuration: a change to the same
/// value there makes the origin [`ChangeOrigin::Pending`].
fn origins(head: &Draft, base: &Draft) -> Vec<ChangeOrigin> {
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

/// Compares a draft and its findings with those of the base. The lists have the order of the draft and of its findings.
/// `base` is `None` if the base has no plan to compare with; then everything comes from the branch.
pub fn compare((head, findings): (&Draft, &[Finding]), base: Option<(&Draft, &[Finding])>) -> Comparison {
    let Some((base, before)) = base else {
        return Comparison {
            changes: vec![ChangeOrigin::Branch; head.changes.len()],
            has_setting: false,
            pools: vec![false; head.pools.len()],
            findings: vec![false; findings.len()],
        };
    };
    // A message states all numbers of its problem, so an equal message is an equal problem. If the base has a message
    // fewer times than the branch, the surplus comes from the branch.
    let key = |finding: &Finding| (finding.code, finding.severity, finding.message.clone());
    let mut left: BTreeMap<_, usize> = BTreeMap::new();
    for finding in before {
        *left.entry(key(finding)).or_default() += 1;
    }
    let mut is_on_base = |finding: &Finding| match left.get_mut(&key(finding)) {
        Some(0) | None => false,
        Some(left) => {
            *left -= 1;
            true
        }
    };
    let after = |draft: &Draft| draft.setting.as_ref().map(|setting| setting.after);
    Comparison {
        changes: origins(head, base),
        has_setting: after(head) == after(base),
        pools: head.pools.iter().map(|pool| base.pools.contains(pool)).collect(),
        findings: findings.iter().map(&mut is_on_base).collect(),
    }
}

/// The most environments or add-ons that one entry names.
const MOST_NAMES: usize = 5;

/// The environments that `base` manages and `head` does not declare. Of the environments that both declare: the add-ons
/// that only `base` manages. No plan gives their units back.
pub fn no_longer_managed(base: &DesiredState, head: &DesiredState) -> Vec<NotChecked> {
    let declared: BTreeMap<&EnvironmentId, &DesiredEnvironment> =
        head.environments.values().map(|environment| (&environment.id.value, &**environment)).collect();
    let mut gone = Vec::new();
    let mut all = Vec::new();
    for environment in base.environments.values().filter(|environment| environment.managed().next().is_some()) {
        let Some(now) = declared.get(&environment.id.value) else {
            gone.push(environment.key.value.as_str());
            continue;
        };
        let is_managed = |add_on: &AddOn| now.managed().any(|(managed, _)| managed == add_on);
        let dropped = environment.managed().map(|(add_on, _)| add_on).filter(|add_on| !is_managed(add_on));
        let names: Vec<&str> = dropped.map(AddOn::display_name).collect();
        if !names.is_empty() {
            all.push(not_managed(format!("{} of {}", listed(&names), now.key.value)));
        }
    }
    if !gone.is_empty() {
        all.insert(0, not_managed(listed(&gone)));
    }
    all
}

fn not_managed(subject: String) -> NotChecked {
    NotChecked { subject, reason: "this branch no longer manages it, and what is allocated stays as it is".to_owned() }
}

fn listed(names: &[&str]) -> String {
    let some = names.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => some,
        more => format!("{some} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::{compare, no_longer_managed, origins};
    use crate::model::code::Code;
    use crate::model::finding::{Finding, Severity};
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

    #[test]
    fn a_finding_is_on_the_base_as_often_as_the_base_has_it() {
        let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 1)])]);
        let draft = configuration("environments: { a: { id(a), allocations: { app-passes: 5 } } }").draft(&observed);
        let finding = |message: &str| Finding::error(Code::A201, message);
        let (twice, worse) = ([finding("short by 5"), finding("short by 5")], finding("short by 6"));
        let findings = |head: &[Finding], base: &[Finding]| compare((&draft, head), Some((&draft, base))).findings;
        assert_eq!(findings(&twice, &twice[..1]), [true, false]);
        assert_eq!(findings(&twice, &twice), [true, true]);
        assert_eq!(findings(&[worse], &twice), [false]);
        let warning = Finding { severity: Severity::Warning, ..finding("short by 5") };
        assert_eq!(findings(&twice[..1], &[warning]), [false], "a warning on the base, an error here");
        assert_eq!(compare((&draft, &twice), None).findings, [false, false]);
    }

    #[test]
    fn what_a_branch_no_longer_manages_is_listed() {
        let base = "environments:\n  a: { id(a), allocations: { app-passes: 1, portal-logins: 2 } }\n  b: { id(b), allocations: { app-passes: 1 } }\n  c: { id(c) }\n";
        let subjects = |head: &str| -> Vec<String> {
            let left = no_longer_managed(&configuration(base).desired, &configuration(head).desired);
            left.into_iter().map(|left| left.subject).collect()
        };
        assert!(subjects(base).is_empty());
        assert_eq!(
            subjects("environments: { a: { id(a), allocations: { app-passes: 9 } } }"),
            ["b", "Portal logins of a"]
        );
        let renamed = "environments: { x: { id(a), allocations: { app-passes: 1, portal-logins: unmanaged } }, y: { id(b), allocations: { app-passes: 0 } } }";
        assert_eq!(subjects(renamed), ["Portal logins of x"]);
        assert_eq!(subjects("environments: {}"), ["a, b"]);
    }
}
