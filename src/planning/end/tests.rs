use super::{not_as_applied, overdrawn};
use crate::model::observed::{ObservedState, Reading};
use crate::model::roles::WhoCanAllocate;
use crate::model::run::{Outcome, Run};
use crate::planning::fixture::{Retouch, configuration, id, known, tenant, unknown, words};

const RAISE: &str =
    "environments: { a: { id(a), allocations: { app-passes: 15 } }, b: { id(b), allocations: { app-passes: 0 } } }";

/// A run of `RAISE` that counts as applied.
fn applied() -> Run {
    let before = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 10)]), ('b', &[("app-passes", 5)])]);
    let draft = configuration(RAISE).draft(&before);
    assert_eq!(draft.changes.len(), 2);
    let outcomes = vec![Outcome::Applied; 2];
    Run { draft, outcomes, setting: None, writes: Vec::new(), interrupted: false }
}

fn messages(run: &Run, observed: &ObservedState) -> Vec<String> {
    not_as_applied(run, observed).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn a_change_that_the_last_reading_does_not_show_is_an_error() {
    let run = applied();
    let after = |a, b| tenant(&[("app-passes", 100)], &[('a', a), ('b', b)]);
    assert_eq!(
        messages(&run, &after(&[("app-passes", 15)], &[])),
        [""; 0],
        "an environment without an entry holds none"
    );
    let changed = after(&[("app-passes", 11)], &[("app-passes", 5)]);
    let expected = [
        "b was to hold 0 App passes, and at the last reading it held 5",
        "a was to hold 15 App passes, and at the last reading it held 11",
    ];
    assert_eq!(messages(&run, &changed), expected);
    let mut gone = after(&[("app-passes", 15)], &[]).with('b', |b| b.document = unknown());
    gone.environments.remove(&id('a'));
    let expected = [
        "b was to hold 0 App passes, and at the last reading what it held could not be read: it answered 503",
        "a was to hold 15 App passes, and at the last reading the tenant does not show the environment",
    ];
    assert_eq!(messages(&run, &gone), expected);
    let not_sent = Run { outcomes: vec![Outcome::NotSent { why: "stopped".into() }; 2], ..run };
    assert_eq!(messages(&not_sent, &changed), [""; 0], "it is reported as not applied already");
}

#[test]
fn a_setting_that_the_last_reading_does_not_show_is_an_error() {
    let wanted = configuration("tenant: { name: t, whoCanAllocate: environment-admins }\n");
    let before = tenant(&[], &[]);
    let draft = wanted.draft(&before);
    let run =
        Run { draft, outcomes: Vec::new(), setting: Some(Outcome::Applied), writes: Vec::new(), interrupted: false };
    for (found, errors) in [
        (known(WhoCanAllocate::EnvironmentAdmins), 0),
        (known(WhoCanAllocate::OnlySpecificAdmins), 1),
        (Reading::Absent, 1),
        (unknown(), 1),
    ] {
        let after = ObservedState { who_can_allocate: found, ..before.clone() };
        assert_eq!(words(&not_as_applied(&run, &after)), vec!["A507!"; errors]);
    }
}

#[test]
fn a_pool_above_what_it_may_hold_is_an_error_and_a_declared_debt_is_a_warning() {
    let debt = "debts: { app-passes: 5 }\n";
    for (debts, held, expected) in [
        ("", 100, vec![]),
        ("", 101, vec!["A201!"]),
        (debt, 100, vec![]),
        (debt, 101, vec!["A207?"]),
        (debt, 105, vec!["A207?"]),
        (debt, 106, vec!["A201!"]),
    ] {
        let configuration = configuration(&format!("{debts}environments: {{ a: {{ id(a) }} }}"));
        let draft = configuration.draft(&tenant(&[("app-passes", 100)], &[('a', &[("app-passes", held)])]));
        assert_eq!(words(&overdrawn(&draft.pools)), expected, "{debts}{held}");
    }
}
