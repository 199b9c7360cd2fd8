//! No plan allocates more than is owned, or takes from an unknown amount.

use jiff::civil::date;

use super::check_declared;
use crate::model::observed::{Listing, ObservedState, Reading};
use crate::model::terms::Units;
use crate::planning::fixture::{Retouch, TODAY, configuration, tenant, unknown, words};

/// Findings about headroom if one environment is to hold this many app passes.
fn planned(root: &str, units: u64, observed: &ObservedState) -> Vec<String> {
    let text = format!("{root}\nenvironments: {{ a: {{ id(a), allocations: {{ app-passes: {units} }} }} }}\n");
    let configuration = configuration(&text);
    words(&super::check_draft(&configuration.desired, observed, &configuration.draft(observed)))
}

fn holding(owned: u64, held: u64) -> ObservedState {
    tenant(&[("app-passes", owned)], &[('a', &[("app-passes", held)])])
}

#[test]
fn exactly_what_is_owned_fits_and_one_more_does_not() {
    assert!(planned("", 100, &holding(100, 0)).is_empty());
    assert_eq!(planned("", 101, &holding(100, 0)), ["A201!"]);
}

#[test]
fn a_purchase_that_ends_soon_is_reported_if_it_causes_no_shortage() {
    // TODAY is 24 November 2026; the 60th day after it is 23 January 2027.
    for (purchased, units, expected) in [
        ("[{ units: 100, until: 2026-11-24 }, { units: 50, from: 2026-11-25 }]", 10, vec!["A308."]),
        ("[{ units: 100, until: 2027-01-23 }, { units: 50, from: 2027-01-24 }]", 10, vec!["A308."]),
        ("[{ units: 100, until: 2027-01-24 }, { units: 50, from: 2027-01-25 }]", 10, vec![]),
        ("[{ units: 100, until: 2026-12-31 }, { units: 100, from: 2027-01-01 }]", 10, vec![]),
        ("[{ units: 60, until: 2026-12-31 }, { units: 40, until: 2026-12-31 }, { units: 50 }]", 10, vec!["A308."]),
        ("[{ units: 100, until: 2026-12-31 }, { units: 50, from: 2027-01-01 }]", 51, vec!["A202?"]),
        ("[{ units: 100, until: 2026-12-31 }]", 0, vec!["A308."]),
    ] {
        let text = format!(
            "purchased: {{ app-passes: {purchased} }}\nenvironments: {{ a: {{ id(a), allocations: {{ app-passes: {units} }} }} }}\n"
        );
        let configuration = configuration(&text);
        assert_eq!(words(&check_declared(&configuration.desired, TODAY)), expected, "{text}");
        let observed = tenant(&[("app-passes", 150)], &[('a', &[("app-passes", units)])]);
        let draft = configuration.draft(&observed);
        let of_plan = words(&super::check_draft(&configuration.desired, &observed, &draft));
        let of_plan: Vec<&str> = of_plan.iter().map(String::as_str).filter(|word| !word.starts_with("A206")).collect();
        assert_eq!(of_plan, expected, "{text}");
    }
}

#[test]
fn the_lower_of_declared_and_live_counts() {
    assert_eq!(planned("purchased: { app-passes: 100 }", 90, &holding(80, 0)), ["A206?", "A201!"]);
    assert_eq!(planned("purchased: { app-passes: 80 }", 90, &holding(100, 0)), ["A206?", "A201!"]);
    assert_eq!(planned("purchased: { app-passes: 100 }", 80, &holding(80, 0)), ["A206?"]);
}

/// A figure that the tenant does not report may be lower than the declared one.
#[test]
fn a_figure_that_the_tenant_does_not_report_stops_only_its_own_pool() {
    let others = tenant(&[("portal-logins", 100)], &[('a', &[("app-passes", 5)])]);
    let purchased = "purchased: { app-passes: 100, portal-logins: 100 }";
    assert_eq!(planned(purchased, 6, &others), ["A208!"]);
    assert_eq!(planned(purchased, 5, &others), ["A208?"]);
    assert_eq!(planned(purchased, 4, &others), ["A208?"], "units can be given back");
    let text = format!("{purchased}\nenvironments: {{ a: {{ id(a), allocations: {{ portal-logins: 5 }} }} }}\n");
    let configuration = configuration(&text);
    let findings = super::check_draft(&configuration.desired, &others, &configuration.draft(&others));
    assert_eq!(words(&findings), ["A208?"], "logins go on");
    assert_eq!(findings[0].notes, ["the tenant does not report App passes, but a purchase is declared"]);
}

/// The tenant reports only one of two declared add-ons of a pool: a plan may use what it reports of that one.
#[test]
fn a_pool_of_two_add_ons_goes_on_within_what_is_reported_of_one() {
    let observed = tenant(&[("process", 100)], &[('a', &[("process", 20)])]);
    let plan = |units: u64, more: &str| {
        let text = format!(
            "purchased: {{ process: 100, unattended-rpa: 100 }}\n{more}\n\
             environments: {{ a: {{ id(a), allocations: {{ process: {units} }} }} }}\n"
        );
        let configuration = configuration(&text);
        let draft = configuration.draft(&observed);
        (words(&super::check_draft(&configuration.desired, &observed, &draft)), draft.pools[0].ceiling())
    };
    assert_eq!(plan(100, ""), (vec!["A208?".to_owned()], Units::new(100)));
    assert_eq!(plan(101, ""), (vec!["A208!".to_owned()], Units::new(100)));
    assert_eq!(plan(100, "reserve: { process: 1 }").0, ["A208!"]);
}

#[test]
fn nothing_is_added_to_a_pool_of_unknown_size() {
    let unread = holding(100, 10).total("app-passes", |total| total.purchased = unknown());
    assert_eq!(planned("", 11, &unread), ["A208!"]);
    assert_eq!(planned("", 9, &unread), ["A208?"]);
    assert_eq!(planned("purchased: { app-passes: 100 }", 11, &unread), ["A208!"], "the tenant's may be the lower one");
    assert_eq!(planned("purchased: { app-passes: 100 }", 10, &unread), ["A208?"]);
}

#[test]
fn no_plan_takes_from_the_reserve() {
    let root = "reserve: { app-passes: 3% }";
    assert!(planned(root, 97, &holding(100, 0)).is_empty());
    assert_eq!(planned(root, 98, &holding(100, 0)), ["A203!"]);
    assert_eq!(planned(root, 98, &holding(100, 98)), ["A203?"], "this plan does not make the shortage worse");
    assert_eq!(planned(root, 99, &holding(100, 98)), ["A203!"]);
    assert_eq!(planned("reserve: { app-passes: 34% }", 1, &holding(2, 0)), Vec::<String>::new(), "34 % of 2 is 1");
    assert_eq!(planned("reserve: { app-passes: 51% }", 1, &holding(2, 0)), ["A203!"], "51 % of 2 is 2, rounded up");
}

#[test]
fn over_allocation_is_a_warning_and_only_its_growth_is_refused() {
    assert_eq!(planned("", 120, &holding(100, 120)), ["A207?"]);
    assert_eq!(planned("", 110, &holding(100, 120)), ["A207?"]);
    assert_eq!(planned("", 121, &holding(100, 120)), ["A201!"]);
    assert!(planned("", 100, &holding(100, 120)).is_empty());
}

#[test]
fn units_that_the_tenant_counts_and_no_environment_shows_are_held() {
    let counts = |units| {
        holding(100, 10)
            .total("app-passes", |total| total.allocated = crate::planning::fixture::known(Units::new(units)))
    };
    assert!(planned("", 60, &counts(50)).is_empty(), "40 are unseen, and 60 fit beside them");
    assert_eq!(planned("", 61, &counts(50)), ["A201!"]);
    assert!(planned("", 100, &counts(5)).is_empty(), "a stale count does not lower what was seen");
}

#[test]
fn nothing_is_added_if_it_is_unknown_how_much_is_held() {
    let blind = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 10)]), ('b', &[])])
        .with('b', |seen| seen.document = unknown());
    let uncounted = blind.clone().total("app-passes", |total| total.allocated = Reading::Absent);
    assert_eq!(planned("", 11, &uncounted), ["A210!"]);
    assert_eq!(planned("", 9, &uncounted), ["A210?"], "giving back is safe, with a warning");
    let unread = blind.clone().total("app-passes", |total| total.allocated = unknown());
    assert_eq!(planned("", 11, &unread), ["A210!"]);
    assert!(planned("", 11, &blind).is_empty(), "the tenant's own count shows that no other environment holds any");
    let mut partial = holding(100, 10).total("app-passes", |total| total.allocated = Reading::Absent);
    assert!(planned("", 11, &partial).is_empty(), "everything was seen");
    partial.listing = Listing::Incomplete("page 2 is missing".into());
    assert_eq!(planned("", 11, &partial), ["A210!"]);
}

#[test]
fn pools_that_the_service_counts_together_are_added_up() {
    let observed =
        tenant(&[("process", 6), ("unattended-rpa", 4)], &[('a', &[("process", 5)]), ('b', &[("unattended-rpa", 4)])]);
    let with = |units: u64| {
        let text = format!("environments: {{ a: {{ id(a), allocations: {{ process: {units} }} }} }}");
        let configuration = configuration(&text);
        words(&super::check_draft(&configuration.desired, &observed, &configuration.draft(&observed)))
    };
    assert!(with(6).is_empty());
    assert_eq!(with(7), ["A201!"]);
}

const DATED: &str = "
purchased:
  app-passes:
    - { units: 100, until: 2026-12-31 }
    - { units: 60, from: 2027-01-01, until: 2027-06-30 }
environments:
  a:
    ID
    allocations:
      app-passes: { units: UNITS, grants: [{ add: 20, from: 2026-12-10, until: 2026-12-20 }] }
";

fn declared(units: u64, rules: &str) -> Vec<String> {
    let id = format!("id: \"{}\"", crate::planning::fixture::id('a'));
    let text = format!("{rules}{}", DATED.replace("ID", &id).replace("UNITS", &units.to_string()));
    words(&check_declared(&configuration(&text).desired, TODAY))
}

#[test]
fn every_date_on_which_something_changes_is_checked() {
    assert_eq!(declared(0, ""), ["A308."], "a purchase ends without a shortage");
    assert_eq!(declared(50, ""), ["A202?", "A308."], "nothing is owned from July on, and less from January on");
    assert_eq!(declared(81, ""), ["A202?"], "the grant of December does not fit");
    assert_eq!(declared(101, ""), ["A201!"], "one message for what is short today and worse in December");
}

#[test]
fn a_shortage_within_the_days_of_the_rule_is_an_error() {
    // The grant begins in 16 days, and the smaller renewal in 38.
    for (units, days, expected) in [(81, 15, "A202?"), (81, 16, "A202!"), (61, 37, "A202?"), (61, 38, "A202!")] {
        assert_eq!(
            declared(units, &format!("rules: {{ failBeforeExpiryDays: {days} }}\n")),
            [expected],
            "{units} {days}"
        );
    }
}

#[test]
fn a_later_shortage_does_not_hide_a_broken_reserve() {
    assert_eq!(declared(95, "reserve: { app-passes: 10 }\n"), ["A203!", "A202?"]);
}

#[test]
fn budgets_are_checked_on_every_date_and_against_what_is_available() {
    let text = |limit: u64, units: u64| {
        let id = format!("id: \"{}\"", crate::planning::fixture::id('a'));
        format!(
            "purchased: {{ app-passes: 100 }}\nreserve: {{ app-passes: 10 }}\nbudgets: {{ hr: {{ limits: {{ app-passes: {limit} }} }} }}\nenvironments:\n  a:\n    {id}\n    budget: hr\n    allocations:\n      app-passes: {{ units: {units}, grants: [{{ add: 5, from: 2027-01-01 }}] }}\n"
        )
    };
    let found = |limit, units| words(&check_declared(&configuration(&text(limit, units)).desired, date(2026, 11, 24)));
    assert!(found(45, 40).is_empty());
    assert_eq!(found(44, 40), ["A204?"], "from January on");
    assert_eq!(found(39, 40), ["A204!"]);
    assert!(found(90, 40).is_empty());
    assert_eq!(found(91, 40), ["A205!"], "100 less the reserve of 10");
}

#[test]
fn a_budget_refuses_what_raises_it_and_counts_nothing_that_was_not_read() {
    let text = "
purchased: { app-passes: 500 }
budgets: { hr: { limits: { app-passes: 80 } } }
environments:
  a: { id(a), budget: hr, allocations: { app-passes: 50 } }
  b: { id(b), budget: hr, allocations: { app-passes: 20 } }
  c: { id(c), budget: hr, allocations: { app-passes: 15 } }
";
    let configuration = configuration(text);
    let found = |held: [u64; 3], is_read: bool| {
        let [a, b, c] = held.map(|units| [("app-passes", units)]);
        let observed = tenant(&[("app-passes", 500)], &[('a', &a), ('b', &b), ('c', &c)]);
        let observed = observed.with('a', |seen| {
            if !is_read {
                seen.document = unknown();
            }
        });
        words(&super::check_draft(&configuration.desired, &observed, &configuration.draft(&observed)))
    };
    assert_eq!(found([50, 30, 10], true), ["A204?"], "units move, and the budget holds less than before");
    assert_eq!(found([50, 20, 10], true), ["A204!"], "the budget holds more than before");
    assert_eq!(found([50, 30, 15], true), ["A204?"], "a decrease");
    assert_eq!(found([50, 30, 10], false), ["A204!"], "what `a` holds is unknown, and may be less than 50");
    assert_eq!(found([50, 30, 15], false), ["A204?"], "a decrease is not refused");
}
