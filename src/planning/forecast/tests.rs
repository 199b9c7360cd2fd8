//! The pools on later dates, and the units that can be given back.

use jiff::civil::date;

use super::{forecast, holders};
use crate::model::observed::{ObservedEnvironment, Reading};
use crate::model::terms::Units;
use crate::planning::fixture::{Retouch, TODAY, add_on, configuration, id, known, tenant};

const TEXT: &str = "
purchased:
  app-passes:
    - { units: 100, until: 2026-12-31 }
    - { units: 40, from: 2027-01-01 }
environments:
  a: { ID_A, allocations: { app-passes: { units: 30, grants: [{ add: 5, from: 2026-12-01, until: 2026-12-31 }] } } }
  b: { ID_B, allocations: { app-passes: 20 } }
";

fn text() -> String {
    TEXT.replace("ID_A", &format!("id: \"{}\"", id('a'))).replace("ID_B", &format!("id: \"{}\"", id('b')))
}

/// One line a day: date, owned, allocated.
fn points(observed: Option<&crate::model::observed::ObservedState>) -> Vec<String> {
    let configuration = configuration(&text());
    let pools = forecast(&configuration.desired, observed, TODAY);
    let pool = pools.iter().find(|pool| pool.pool == add_on("app-passes").pool()).unwrap();
    let line = |point: &crate::model::plan::pool::FuturePool| {
        let owned = point.owned.map_or("?".to_owned(), |owned| owned.to_string());
        format!("{} {owned} {}", point.from, point.allocated)
    };
    pool.points.iter().map(line).collect()
}

#[test]
fn a_pool_has_a_point_for_every_day_on_which_something_begins_or_has_ended() {
    assert_eq!(points(None), ["2026-11-24 100 50", "2026-12-01 100 55", "2027-01-01 40 50"]);
}

#[test]
fn with_a_tenant_undeclared_and_unseen_units_count_as_well() {
    let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 1)]), ('c', &[("app-passes", 7)])])
        .total("app-passes", |total| total.allocated = known(Units::new(10)));
    assert_eq!(points(Some(&observed)), ["2026-11-24 100 59", "2026-12-01 100 64", "2027-01-01 40 59"]);
}

#[test]
fn an_environment_that_could_not_be_read_counts_once() {
    let unread = |seen: &mut ObservedEnvironment| seen.document = Reading::Unknown { why: "odd".into() };
    let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 30)]), ('b', &[])])
        .with('b', unread)
        .total("app-passes", |total| total.allocated = known(Units::new(57)));
    assert_eq!(points(Some(&observed))[0], "2026-11-24 100 57", "27 are not seen, and 20 of them may be those of b");
}

#[test]
fn a_pool_that_is_held_has_an_unknown_size_if_nobody_says_how_much_is_owned() {
    let text = text();
    let configuration = configuration(&text[text.find("environments:").unwrap()..]);
    let mut observed = tenant(&[], &[('a', &[("app-passes", 30)]), ('b', &[])]);
    observed.totals.clear();
    let pools = forecast(&configuration.desired, Some(&observed), TODAY);
    assert_eq!(
        pools.iter().map(|pool| (pool.points[0].owned, pool.points[0].allocated.get())).collect::<Vec<_>>(),
        [(None, 50)]
    );
}

#[test]
fn the_largest_holder_comes_first_with_the_units_that_it_can_give_back() {
    let configuration = configuration(&text());
    let observed = tenant(&[("app-passes", 100)], &[('a', &[]), ('b', &[])])
        .uses('a', "app-passes", known(Units::new(12)))
        .uses('b', "app-passes", known(Units::new(25)));
    let pool = add_on("app-passes").pool();
    let on = |day| {
        let found = holders(&configuration.desired, Some(&observed), &pool, day);
        let line = |holder: &crate::model::forecast::Holder| {
            (holder.environment.to_string(), holder.units.get(), holder.can_give_back.map(Units::get))
        };
        found.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(on(TODAY), [("a".to_owned(), 30, Some(18)), ("b".to_owned(), 20, Some(0))]);
    assert_eq!(on(date(2026, 12, 31))[0].1, 35, "with the grant");
    let unread = holders(&configuration.desired, None, &pool, TODAY);
    assert!(
        unread.iter().all(|holder| holder.can_give_back.is_none()),
        "if the consumption is unknown, so are the units that can be given back"
    );
}

#[test]
fn the_pressing_day_is_the_first_that_is_short() {
    let configuration = configuration(&text());
    let pools = forecast(&configuration.desired, None, TODAY);
    assert_eq!(pools[0].pressing(), Some(date(2027, 1, 1)));
}
