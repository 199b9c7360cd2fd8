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

/// What is told of a plan where another branch makes of it what stands there.
#[track_caller]
fn check(owned: u64, ours: &str, together: &str, expected: &[&str]) {
    let observed = holding(owned);
    let (ours, together) = (configuration(ours), configuration(together));
    let (alone, both) = (ours.draft(&observed), together.draft(&observed));
    let found = shortages(&ours.desired, &alone, "#41 merges", &both);
    let told: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(told, expected);
    assert!(found.iter().all(|finding| !finding.is_error()), "another branch refuses nothing");
}

#[test]
fn what_fits_alone_and_not_together_is_told() {
    check(30, &root("", 20, 10), &root("", 20, 20), &["App passes would be short by 10 if #41 merges before this"]);
    check(40, &root("", 20, 10), &root("", 20, 20), &[]);
}

#[test]
fn what_is_short_already_is_told_only_where_it_gets_worse() {
    check(15, &root("", 20, 10), &root("", 20, 10), &[]);
    check(15, &root("", 20, 10), &root("", 20, 5), &[]);
    check(15, &root("", 20, 10), &root("", 20, 12), &["App passes would be short by 17 if #41 merges before this"]);
}

#[test]
fn the_reserve_and_later_days_count_too() {
    let reserve = "reserve: { app-passes: 5 }";
    let told = "App passes would break into the reserve by 5 if #41 merges before this";
    check(40, &root(reserve, 20, 10), &root(reserve, 20, 20), &[told]);
    let ends = "purchased: { app-passes: [{ units: 40, until: 2026-12-31 }, { units: 30, from: 2027-01-01 }] }";
    let told = "App passes would be short by 10 from 2027-01-01 if #41 merges before this";
    check(40, &root(ends, 20, 10), &root(ends, 20, 20), &[told]);
}
