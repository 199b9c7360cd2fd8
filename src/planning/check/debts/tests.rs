//! Debts: units above those owned may move and shrink. They may grow only within a declared debt, and only with an
//! allowance for the pool.

use proptest::prelude::*;

use crate::model::observed::ObservedState;
use crate::model::plan::pool::PlannedPool;
use crate::model::terms::Units;
use crate::planning::check::headroom::{check_declared, check_draft};
use crate::planning::fixture::{Retouch, TODAY, configuration, known, tenant, unknown, words};
use crate::planning::guard::{Verdict, approve};

const FIVE: &str = "debts: { app-passes: 5 }";
const RESERVE: &str = "reserve: { app-passes: 5 }";
const MEMBERS: &str =
    "debts: { unattended-rpa: 2 }\nenvironments: { a: { id(a), allocations: { unattended-rpa: 7 } } }";

/// A root file in which environment `a` is to hold this many app passes.
fn root(rules: &str, units: u64) -> String {
    format!("{rules}\nenvironments: {{ a: {{ id(a), name: a, allocations: {{ app-passes: {units} }} }} }}\n")
}

/// A tenant that owns 100 app passes, of which `a` holds some.
fn holding(held: u64) -> ObservedState {
    tenant(&[("app-passes", 100)], &[('a', &[("app-passes", held)])])
}

/// Findings about a plan that changes `a` from one amount to another.
fn planned(rules: &str, before: u64, after: u64, allow: &[&str]) -> Vec<String> {
    let rules = format!("{rules}\nrules: {{ warnAtPercent: [], maxDecrease: {{ percent: 100 }} }}");
    let mut found = configuration(&root(&rules, after)).guarded(&holding(before), allow);
    found.retain(|word| !word.starts_with("A402") && !word.starts_with("A311"));
    found
}

#[test]
fn only_a_declared_debt_lets_a_pool_grow_above_owned_and_only_by_name() {
    assert_eq!(planned(FIVE, 90, 105, &[]), ["A207!"]);
    assert_eq!(planned(FIVE, 90, 105, &["A207:app-passes"]), ["A207?"]);
    assert_eq!(planned(FIVE, 102, 105, &["A207:app-passes"]), ["A207?"]);
    assert_eq!(planned(FIVE, 90, 106, &["A207:app-passes"]), ["A201!"], "beyond owned and debt");
    assert_eq!(planned("", 90, 101, &["A207:app-passes"]), ["A201!"], "no debt is declared");
    assert_eq!(planned(FIVE, 90, 105, &["A207:portal-logins", "A203:app-passes"]), ["A207!"]);
    assert!(planned(FIVE, 90, 100, &[]).iter().all(|word| word == "A207."), "within owned");
}

#[test]
fn existing_over_allocation_needs_no_debt_and_no_allowance() {
    for rules in ["", FIVE] {
        assert_eq!(planned(rules, 120, 120, &[]), ["A207?"]);
        assert_eq!(planned(rules, 120, 110, &[]), ["A207?"]);
        assert_eq!(planned(rules, 120, 121, &["A207:app-passes"]), ["A201!"]);
    }
}

#[test]
fn the_reserve_may_be_used_by_name_but_never_more_than_is_owned() {
    assert_eq!(planned(RESERVE, 48, 98, &[]), ["A203!"]);
    assert_eq!(planned(RESERVE, 48, 98, &["A203:app-passes"]), ["A203?"]);
    assert_eq!(planned(RESERVE, 48, 100, &["A203:app-passes"]), ["A203?"]);
    assert_eq!(planned(RESERVE, 48, 101, &["A203:app-passes"]), ["A201!"]);
}

#[test]
fn a_debt_counts_offline_too() {
    let declared = |rules: &str, units| {
        let purchased = format!("purchased: {{ app-passes: 100 }}\n{rules}");
        words(&check_declared(&configuration(&root(&purchased, units)).desired, TODAY))
    };
    assert_eq!(declared("", 101), ["A201!"]);
    assert_eq!(declared(FIVE, 101), ["A207?"]);
    assert_eq!(declared(FIVE, 105), ["A207?"]);
    assert_eq!(declared(FIVE, 106), ["A201!"]);
    assert!(declared(FIVE, 100).is_empty());
}

#[test]
fn a_debt_belongs_to_the_pool() {
    let observed = tenant(&[("process", 3), ("unattended-rpa", 2)], &[('a', &[("unattended-rpa", 4)])]);
    assert_eq!(configuration(MEMBERS).guarded(&observed, &[])[0], "A207!");
    assert_eq!(configuration(MEMBERS).guarded(&observed, &["A207:process"])[0], "A207?");
}

#[test]
fn a_shortage_of_today_is_not_reported_again_unless_it_grows() {
    let renewed = |later| {
        let purchased = format!(
            "purchased: {{ app-passes: [{{ units: 100, until: 2026-12-31 }}, {{ units: {later}, from: 2027-01-01 }}] }}"
        );
        let declared = configuration(&root(&format!("{FIVE}\n{purchased}"), 105));
        let draft = declared.draft(&holding(105));
        assert_eq!(
            words(&check_declared(&declared.desired, TODAY)),
            words(&check_draft(&declared.desired, &holding(105), &draft))
        );
        words(&check_declared(&declared.desired, TODAY))
    };
    assert_eq!(renewed(100), ["A207?"]);
    assert_eq!(renewed(101), ["A207?"]);
    assert_eq!(renewed(99), ["A207?", "A202?"]);
}

#[test]
fn a_raise_within_the_debt_is_also_checked_for_later_dates() {
    let rules = format!(
        "{FIVE}\npurchased: {{ app-passes: [{{ units: 100, until: 2026-12-31 }}, {{ units: 90, from: 2027-01-01 }}] }}"
    );
    assert_eq!(planned(&rules, 90, 105, &["A207:app-passes"]), ["A207?", "A202?"]);
}

#[test]
fn a_debt_higher_than_needed_is_a_hint_with_the_number() {
    let hints = |rules: &str, before, after| -> Vec<String> {
        let configuration = configuration(&root(rules, after));
        let found = check_draft(&configuration.desired, &holding(before), &configuration.draft(&holding(before)));
        found.into_iter().filter(|finding| !finding.is_error()).flat_map(|finding| finding.help).collect()
    };
    let give_back = "give units back, or buy more; until then, a plan can move units but not add any";
    assert_eq!(hints("debts: { app-passes: 20 }", 110, 105), [give_back, "write 5"]);
    assert_eq!(hints(FIVE, 110, 105), [give_back]);
    assert_eq!(hints(FIVE, 110, 100), ["delete it"]);
    assert_eq!(hints(FIVE, 90, 105), [""; 0], "an interrupted move still needs the debt");
}

#[test]
fn no_debt_is_called_too_high_if_it_is_unknown_what_the_pool_holds() {
    let configuration = configuration(&root("debts: { app-passes: 20 }", 105));
    let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 105)]), ('b', &[])]);
    let hints = |observed: &ObservedState| {
        let draft = configuration.draft(observed);
        words(&check_draft(&configuration.desired, observed, &draft)).iter().filter(|word| *word == "A207.").count()
    };
    assert_eq!(hints(&observed), 1);
    assert_eq!(hints(&observed.clone().with('b', |seen| seen.document = unknown())), 0);
    assert_eq!(hints(&observed.clone().total("app-passes", |total| total.purchased = unknown())), 0);
    let counted = observed.total("app-passes", |total| total.allocated = known(Units::new(125)));
    assert_eq!(hints(&counted), 0, "units that only the tenant counts need the debt");
}

#[test]
fn a_plan_that_only_gives_back_is_not_refused() {
    let soon = "rules: { failBeforeExpiryDays: 90, warnAtPercent: [] }\npurchased: { app-passes: [{ units: 100, until: 2026-12-31 }, { units: 50, from: 2027-01-01 }] }";
    let found = |rules: &str, before, after| {
        let configuration = configuration(&root(rules, after));
        words(&check_draft(&configuration.desired, &holding(before), &configuration.draft(&holding(before))))
    };
    assert_eq!(found(soon, 90, 80), ["A202?"]);
    assert_eq!(found(soon, 70, 80), ["A202!"]);
    assert_eq!(found(soon, 80, 80), ["A202!"], "an empty plan shows what has to change");
    let reserve = format!("{soon}\nreserve: {{ app-passes: 60 }}");
    assert!(found(&reserve, 90, 30).iter().all(|word| !word.ends_with('!')));
    let budget = "budgets: { hr: { limits: { app-passes: 10 } } }\nenvironments: { a: { id(a), budget: hr, allocations: { app-passes: 20 } } }";
    for (before, expected) in [(30, "A204?"), (10, "A204!")] {
        let configuration = configuration(budget);
        let draft = configuration.draft(&holding(before));
        assert_eq!(words(&check_draft(&configuration.desired, &holding(before), &draft)), [expected]);
    }
}

/// Plans for the draft, and returns the pool if the plan is approved.
fn approved(rules: &str, before: u64, after: u64) -> Option<PlannedPool> {
    let configuration = configuration(&root(&format!("{rules}\nrules: {{ maxDecrease: {{ percent: 100 }} }}"), after));
    let observed = holding(before);
    let draft = configuration.draft_allowing(&observed, &["A207:app-passes", "A203:app-passes"]);
    match approve(&configuration.desired, &observed, draft) {
        Verdict::Approved { plan, .. } => plan.plan().draft().pools.first().cloned(),
        Verdict::Refused { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_every_allowance_a_pool_goes_from_anywhere_to_owned_plus_debt_and_no_further(
        (debt, before, after) in (0..20_u64, 0..140_u64, 0..140_u64)
    ) {
        let rules = format!("debts: {{ app-passes: {debt} }}\nreserve: {{ app-passes: 10 }}");
        let pool = approved(&rules, before, after);
        prop_assert_eq!(pool.is_some(), after <= 100 + debt || after <= before);
        prop_assert!(pool.is_none_or(|pool| pool.ceiling().get() <= (100 + debt).max(before)));
    }
}
