use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::Limits;
use crate::model::terms::Units;
use crate::planning::fixture::{Configuration, Retouch, add_on, configuration, known, tenant, unknown};

/// 100 passes until the end of the day of the tests, then 40; `b` has a grant that ends with the day.
const DATED: &str = "
purchased: { app-passes: [{ units: 100, until: 2026-11-24 }, { units: 40, from: 2026-11-25 }] }
environments:
  a: { id(a), allocations: { app-passes: 30 } }
  b: { id(b), allocations: { app-passes: { units: 5, grants: [{ add: 10, until: 2026-11-24 }] } } }
";

fn at(time: &str) -> Timestamp {
    format!("2026-11-{time}Z").parse().unwrap()
}

/// The period in which a write that is sent at this time may take effect.
fn period(time: &str) -> RangeInclusive<Timestamp> {
    at(time)..=at(time) + jiff::SignedDuration::from_secs(30)
}

fn limits(configuration: &Configuration, held: u64) -> Limits {
    let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", held)]), ('b', &[])]);
    Limits::of(&configuration.desired, &configuration.draft(&observed))
}

#[test]
fn within_thirty_seconds_of_a_date_both_dates_count() {
    let limits = limits(&configuration(DATED), 10);
    for (time, ceiling, is_wanted) in
        [("24T12:00:00", 100, true), ("24T23:59:29", 100, true), ("24T23:59:30", 40, false), ("25T00:00:01", 40, false)]
    {
        let ceilings: Vec<_> = limits.ceilings(None, period(time)).collect();
        assert_eq!(ceilings, [(&add_on("app-passes").pool(), Units::new(ceiling))], "{time}");
        // The first change is the raise of `a`, which has no grant; the second the grant of `b`.
        assert_eq!(limits.unwanted_from(0, *period(time).end()), None);
        assert_eq!(limits.unwanted_from(1, *period(time).end()).is_none(), is_wanted, "{time}");
    }
}

#[test]
fn a_fallen_purchase_lowers_the_ceiling_and_a_risen_one_does_not_raise_it() {
    let raise = configuration("environments: { a: { id(a), allocations: { app-passes: 90 } }, b: { id(b) } }");
    let limits = limits(&raise, 30);
    for (live, ceiling) in [(known(Units::new(85)), 85), (known(Units::new(500)), 100), (unknown(), 30)] {
        let now = tenant(&[("app-passes", 100)], &[]).total("app-passes", |total| total.purchased = live);
        let ceilings: Vec<_> =
            limits.ceilings(Some(&now.totals), period("24T12:00:00")).map(|(_, units)| units).collect();
        assert_eq!(ceilings, [Units::new(ceiling)]);
    }
}

#[test]
fn what_is_owned_in_any_case_falls_with_the_reported_figure() {
    let both = "purchased: { process: 100, unattended-rpa: 100 }\n\
        environments: { a: { id(a), allocations: { process: 90 } } }";
    let raise = configuration(both);
    let observed = tenant(&[("process", 100)], &[('a', &[("process", 20)])]);
    let limits = Limits::of(&raise.desired, &raise.draft(&observed));
    for (live, ceiling) in [(known(Units::new(100)), 100), (known(Units::new(85)), 85), (unknown(), 20)] {
        let now = tenant(&[("process", 100)], &[]).total("process", |total| total.purchased = live);
        let ceilings: Vec<_> =
            limits.ceilings(Some(&now.totals), period("24T12:00:00")).map(|(_, units)| units).collect();
        assert_eq!(ceilings, [Units::new(ceiling)]);
    }
}

#[test]
fn units_move_within_what_an_over_allocated_pool_holds() {
    let shrink = configuration("environments: { a: { id(a), allocations: { app-passes: 110 } }, b: { id(b) } }");
    let limits = limits(&shrink, 120);
    let now = tenant(&[("app-passes", 60)], &[]);
    let ceilings: Vec<_> = limits.ceilings(Some(&now.totals), period("24T12:00:00")).map(|(_, units)| units).collect();
    assert_eq!(ceilings, [Units::new(120)]);
}

#[test]
fn a_fallen_purchase_lowers_owned_plus_debts() {
    let root =
        "debts: { app-passes: 5 }\nenvironments: { a: { id(a), allocations: { app-passes: 105 } }, b: { id(b) } }";
    let limits = limits(&configuration(root), 90);
    for (live, ceiling) in [(100, 105), (80, 85), (200, 105)] {
        let now = tenant(&[("app-passes", live)], &[]);
        let ceilings: Vec<_> =
            limits.ceilings(Some(&now.totals), period("24T12:00:00")).map(|(_, units)| units).collect();
        assert_eq!(ceilings, [Units::new(ceiling)], "{live}");
    }
}
