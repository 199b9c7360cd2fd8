//! Each shortage with its own date and number, what can be given back, what is missing even then, and what to buy by when.

use jiff::civil::date;

use super::{outlook, unread};
use crate::model::forecast::{EventCause, PoolOutlook, RunOut, ShortPeriod};
use crate::model::observed::{ObservedState, Reading};
use crate::model::terms::Units;
use crate::planning::fixture::{Configuration, Retouch, TODAY, configuration, tenant, unknown};

const ROOT: &str = "
purchased:
  portal-page-views:
    - { units: 500000, until: 2026-12-31, agreement: EA-1 }
    - { units: 300000, from: 2027-01-01, until: 2027-12-31 }
  app-passes: 100
reserve: { portal-page-views: 5%, app-passes: 10 }
environments:
  a: { id(a), allocations: { portal-page-views: 260000, app-passes: 60 } }
  b:
    id(b)
    allocations: { portal-page-views: 140000, app-passes: { units: 30, grants: [{ add: 5, from: 2026-12-01, until: 2026-12-31 }] } }
";

/// A reading of this month's 22nd day.
fn read(units: u64) -> Reading<Units> {
    Reading::Known { value: Units::new(units), as_of: "2026-11-22T06:00:00Z".parse().unwrap() }
}

fn seen() -> ObservedState {
    let holds: [(char, &[(&str, u64)]); 2] = [
        ('a', &[("portal-page-views", 260_000), ("app-passes", 60)]),
        ('b', &[("portal-page-views", 140_000), ("app-passes", 30)]),
    ];
    let mut observed = tenant(&[("portal-page-views", 500_000), ("app-passes", 100)], &holds);
    observed.captured_at = "2026-11-24T09:30:00Z".parse().unwrap();
    observed.total("portal-page-views", |total| total.consumed = read(330_000))
}

fn of(configuration: &Configuration, observed: &ObservedState, slug: &str) -> PoolOutlook {
    let all = outlook(&configuration.desired, observed, TODAY);
    all.into_iter().find(|pool| pool.forecast.pool.to_string() == slug).unwrap()
}

fn words(period: &ShortPeriod) -> String {
    let ShortPeriod { from, until, short, can_give_back, unknown_holders, missing, packs, buy_by, .. } = period;
    let until = until.map_or("…".to_owned(), |until| until.to_string());
    format!(
        "{from} {until}: {short}, {can_give_back} back, {unknown_holders} unknown, {missing} missing, {packs:?} by {buy_by}"
    )
}

#[test]
fn each_shortage_has_its_own_date_and_number() {
    let configuration = configuration(ROOT);
    // 198,000 in 22 days are 270,000 in a month, and 66,000 are 90,000.
    let observed = seen().uses('a', "portal-page-views", read(198_000)).uses('b', "portal-page-views", read(66_000));
    let views = of(&configuration, &observed, "portal-page-views");
    let found: Vec<String> = views.shortages.iter().map(words).collect();
    assert_eq!(
        found,
        [
            "2027-01-01 2027-12-31: 115000, 50000 back, 0 unknown, 65000 missing, Some(1) by 2026-12-31",
            "2028-01-01 …: 400000, 50000 back, 0 unknown, 350000 missing, Some(4) by 2027-12-31",
        ]
    );
    let passes = of(&configuration, &seen(), "app-passes");
    let found: Vec<String> = passes.shortages.iter().map(words).collect();
    assert_eq!(found, ["2026-12-01 2026-12-31: 5, 0 back, 2 unknown, 5 missing, None by 2026-11-30"]);
    assert!(passes.shortages[0].of_reserve && !views.shortages[0].of_reserve);
    let today = outlook(&configuration.desired, &seen(), date(2026, 12, 1));
    assert_eq!(today[0].shortages[0].buy_by, date(2026, 12, 1), "a shortage of the first day is bought for at once");
}

#[test]
fn what_starts_and_ends_is_listed_by_date() {
    let configuration = configuration(ROOT);
    let all = outlook(&configuration.desired, &seen(), TODAY);
    let shown = |pool: &PoolOutlook| {
        let events = pool.events.iter().map(|event| {
            let what = match &event.cause {
                EventCause::Purchase(agreement) => agreement.clone().unwrap_or_default(),
                EventCause::Grant(environment) => environment.to_string(),
            };
            format!("{} {} {} {what}", event.date, if event.starts { "+" } else { "-" }, event.units)
        });
        events.collect::<Vec<_>>()
    };
    let all: Vec<Vec<String>> = all.iter().map(shown).collect();
    assert_eq!(all[0], ["2026-12-01 + 5 b", "2027-01-01 - 5 b"]);
    assert_eq!(all[1], ["2027-01-01 - 500000 EA-1", "2027-01-01 + 300000 ", "2028-01-01 - 300000 "]);
}

#[test]
fn a_month_has_the_pool_and_each_share() {
    let configuration = configuration(ROOT);
    let observed = seen().uses('a', "portal-page-views", read(220_000)).uses('b', "portal-page-views", unknown());
    let month = of(&configuration, &observed, "portal-page-views").month.unwrap();
    assert_eq!(month.resets_on, date(2026, 12, 1));
    assert_eq!(month.pool.runs_out, RunOut::Lasts, "330,000 in 22 days are 450,000 in a month");
    let shares: Vec<(&str, &RunOut)> =
        month.shares.iter().map(|(key, share)| (key.as_str(), &share.runs_out)).collect();
    assert_eq!(shares, [("a", &RunOut::On(date(2026, 11, 26))), ("b", &RunOut::Unknown("it answered 503".to_owned()))]);
    assert_eq!(of(&configuration, &observed, "app-passes").month, None, "passes do not reset");
}

#[test]
fn the_use_of_short_and_of_monthly_pools_is_read() {
    let configuration = configuration(ROOT);
    let asked = |observed: &ObservedState| {
        let unread = unread(&configuration.desired, observed, TODAY);
        unread.iter().map(|(id, add_on)| format!("{} {add_on}", &id.as_str()[34..])).collect::<Vec<_>>()
    };
    assert_eq!(
        asked(&seen()),
        ["61 portal-page-views", "62 portal-page-views", "61 app-passes", "62 app-passes"],
        "the largest amounts first"
    );
    let known = seen().uses('a', "portal-page-views", read(1)).uses('a', "app-passes", unknown());
    assert_eq!(asked(&known), ["62 portal-page-views", "62 app-passes"]);
}
