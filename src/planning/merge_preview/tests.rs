use super::shortages;
use crate::model::observed::ObservedState;
use crate::planning::fixture::{configuration, tenant};

fn holding(owned: u64) -> ObservedState {
    tenant(&[("app-passes", owned)], &[('a', &[("app-passes", 10)]), ('b', &[("app-passes", 10)])])
}

fn root(top: &str, a: u64, b: u64) -> String {
    format!(
        "{top}\nenvironments:\n  a: {{ id: id(a), allocations: {{ app-passes: {a} }} }}\n  b: {{ id: id(b), allocations: {{ app-passes: {b} }} }}\n"
    )
    .replace("id: id", "id")
}

/// Asserts the warnings about the plan of `ours` if another branch changes the configuration to `together`.
#[track_caller]
fn check(owned: u64, ours: &str, together: &str, expected: &[&str]) {
    let observed = holding(owned);
    let (ours, together) = (configuration(ours), configuration(together));
    let (alone, both) = (ours.draft(&observed), together.draft(&observed));
    let found = shortages(&ours.desired, &alone, "#41 merges", &both);
    let messages: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, expected);
    assert!(found.iter().all(|finding| !finding.is_error()), "another branch only causes warnings");
}

#[test]
fn a_plan_that_fits_only_alone_is_reported() {
    check(
        30,
        &root("", 20, 10),
        &root("", 20, 20),
        &["App passes would be short by 10 if #41 merges before this branch"],
    );
    check(40, &root("", 20, 10), &root("", 20, 20), &[]);
}

#[test]
fn an_existing_shortage_is_reported_only_if_it_gets_worse() {
    check(15, &root("", 20, 10), &root("", 20, 10), &[]);
    check(15, &root("", 20, 10), &root("", 20, 5), &[]);
    check(
        15,
        &root("", 20, 10),
        &root("", 20, 12),
        &["App passes would be short by 17 if #41 merges before this branch"],
    );
}

#[test]
fn the_reserve_and_later_days_count_too() {
    let reserve = "reserve: { app-passes: 5 }";
    let warning = "App passes would use 5 units of the reserve if #41 merges before this branch";
    check(40, &root(reserve, 20, 10), &root(reserve, 20, 20), &[warning]);
    let ends = "purchased: { app-passes: [{ units: 40, until: 2026-12-31 }, { units: 30, from: 2027-01-01 }] }";
    let warning = "App passes would be short by 10 from 2027-01-01 if #41 merges before this branch";
    check(40, &root(ends, 20, 10), &root(ends, 20, 20), &[warning]);
}
