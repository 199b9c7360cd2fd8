use super::{not_as_desired, overdrawn};
use crate::model::document::{Switch, Switches};
use crate::model::finding::Finding;
use crate::model::observed::{ObservedState, Reading};
use crate::model::plan::draft::Draft;
use crate::model::roles::WhoCanAllocate;
use crate::model::run::{Outcome, Run};
use crate::planning::fixture::{Retouch, TODAY, configuration, id, known, tenant, unknown, words};
use crate::planning::planner::Request;

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

fn findings(text: &str, run: &Run, observed: &ObservedState) -> Vec<Finding> {
    let request = Request::of(TODAY);
    not_as_desired(&configuration(text).desired, &request, run, observed)
}

fn messages(run: &Run, observed: &ObservedState) -> Vec<String> {
    let prefix = "at the last reading of the run, ";
    let message = |finding: Finding| finding.message.strip_prefix(prefix).expect("when it was").to_owned();
    findings(RAISE, run, observed).into_iter().map(message).collect()
}

#[test]
fn a_cell_that_the_last_reading_does_not_show_as_desired_is_an_error() {
    let run = applied();
    let after = |a, b| tenant(&[("app-passes", 100)], &[('a', a), ('b', b)]);
    assert_eq!(
        messages(&run, &after(&[("app-passes", 15)], &[])),
        [""; 0],
        "an environment without an entry holds none"
    );
    let changed = after(&[("app-passes", 11)], &[("app-passes", 5)]);
    let expected = ["a holds 11 App passes, and 15 are declared", "b holds 5 App passes, and 0 are declared"];
    assert_eq!(messages(&run, &changed), expected);
    let mut gone = after(&[("app-passes", 15)], &[]).with('b', |b| b.document = unknown());
    gone.environments.remove(&id('a'));
    let expected = [
        "the tenant does not show a, which should hold App passes",
        "App passes of b could not be read: it answered 503",
    ];
    assert_eq!(messages(&run, &gone), expected);
    let not_sent = Run { outcomes: vec![Outcome::NotSent { why: "stopped".into() }; 2], ..run.clone() };
    assert_eq!(messages(&not_sent, &changed), [""; 0], "it is reported as not applied already");
    let nothing_planned = Run { draft: Draft { changes: Vec::new(), ..run.draft }, outcomes: Vec::new(), ..not_sent };
    assert_eq!(
        messages(&nothing_planned, &changed).len(),
        2,
        "others changed cells that the plan did not have to change"
    );
}

#[test]
fn a_switch_that_differs_is_an_error() {
    let text =
        "environments: { a: { id(a), allocations: { app-passes: { units: 5, whenExhausted: { deny: true } } } } }";
    let seen = |switches: Switches| {
        tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 5)])]).switched('a', "app-passes", switches)
    };
    let run = Run { outcomes: Vec::new(), draft: Draft { changes: Vec::new(), ..applied().draft }, ..applied() };
    assert_eq!(words(&findings(text, &run, &seen(Switches::NONE))), ["A507!"]);
    assert_eq!(words(&findings(text, &run, &seen([(Switch::Deny, true)].into_iter().collect()))), [""; 0]);
}

#[test]
fn a_setting_that_the_last_reading_does_not_show_is_an_error() {
    let text = "tenant: { name: t, whoCanAllocate: environment-admins }\n";
    let before = tenant(&[], &[]);
    let draft = configuration(text).draft(&before);
    let run =
        Run { draft, outcomes: Vec::new(), setting: Some(Outcome::Applied), writes: Vec::new(), interrupted: false };
    for (found, errors) in [
        (known(WhoCanAllocate::EnvironmentAdmins), 0),
        (known(WhoCanAllocate::OnlySpecificAdmins), 1),
        (Reading::Absent, 1),
        (unknown(), 1),
    ] {
        let after = ObservedState { who_can_allocate: found, ..before.clone() };
        assert_eq!(words(&findings(text, &run, &after)), vec!["A507!"; errors]);
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

/// If the last reading lacks a figure, that is an error: nothing shows that the figure is good.
#[test]
fn a_pool_whose_units_the_last_reading_does_not_show_is_an_error() {
    let text = "environments: { a: { id(a), allocations: { app-passes: 5 } } }";
    let (managing, nothing) = (configuration(text), configuration("environments: { a: { id(a) } }"));
    let found = |observed: &ObservedState| {
        let request = Request::of(TODAY);
        words(&super::unknown(&managing.desired, &request, &[], &nothing.draft(observed).pools))
    };
    let seen = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 5)])]);
    assert_eq!(found(&seen), [""; 0]);
    assert_eq!(found(&tenant(&[], &[('a', &[("app-passes", 5)])])), ["A507!"], "the row is lost");
    assert_eq!(found(&tenant(&[], &[('a', &[("app-passes", 0)])])), [""; 0], "nothing is held");
    let unread = seen.clone().total("app-passes", |total| total.purchased = unknown());
    assert_eq!(found(&unread), ["A507!"]);
    let uncounted = seen.clone().total("app-passes", |total| total.allocated = unknown());
    assert_eq!(found(&uncounted), [""; 0], "every environment was read");
    assert_eq!(found(&uncounted.with('a', |a| a.document = unknown())), ["A507!"]);
    let others = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 5), ("portal-logins", 3)])]);
    assert_eq!(found(&others), [""; 0], "no file says anything about logins");
    let known =
        tenant(&[("app-passes", 100), ("portal-logins", 9)], &[('a', &[("app-passes", 5), ("portal-logins", 3)])]);
    let planned = nothing.draft(&known).pools;
    let request = Request::of(TODAY);
    let lost = super::unknown(&managing.desired, &request, &planned, &nothing.draft(&others).pools);
    assert_eq!(words(&lost), ["A507!"], "the plan knew how many logins are owned");
    let short = tenant(&[("process", 10)], &[('a', &[("process", 30)])]);
    let declared =
        self::configuration("purchased: { process: 10, unattended-rpa: 10 }\nenvironments: { a: { id(a) } }");
    let request = Request::of(TODAY);
    let pools = declared.draft(&short).pools;
    assert_eq!(words(&super::unknown(&declared.desired, &request, &[], &pools)), ["A507!"], "a purchase is declared");
}
