//! Amounts for a date: right on both ends of every interval, in every time zone, across changes of the clock.

use allotment::manifest::check::{Checked, check};
use allotment::manifest::inputs::Inputs;
use allotment::model::catalog::AddOn;
use allotment::model::desired::DesiredState;
use allotment::model::source::Sources;
use allotment::model::terms::Units;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

fn desired(zone: &str, from: Date, until: Date) -> DesiredState {
    let text = format!(
        "version: 1\ntenant: {{ name: dates, timeZone: {zone} }}\npurchased: {{ app-passes: [{{ units: 100, until: {until} }}, {{ units: 40, from: {from} }}] }}\nenvironments:\n  a:\n    id: \"00000000-0000-4000-8000-00000000000a\"\n    allocations: {{ app-passes: {{ units: 5, grants: [{{ add: 10, from: {from}, until: {until} }}] }} }}\n"
    );
    let mut sources = Sources::new();
    let root = sources.add("allotment.yaml", text);
    match check(&Inputs { sources, root, files: Vec::new(), findings: Vec::new() }) {
        Checked::Valid { desired, .. } => *desired,
        Checked::Invalid { findings } => panic!("{findings:?}"),
    }
}

/// The purchased and the wanted units on a date.
fn on(desired: &DesiredState, date: Date) -> (u64, u64) {
    let passes = AddOn::from_slug("app-passes").expect("a slug");
    let environment = desired.environments.values().next().expect("one environment");
    let (_, cell) = environment.managed().next().expect("one cell");
    let owned = desired.purchased_on(&passes.pool(), date).map_or(0, Units::get);
    (owned, cell.effective(date).map_or(0, Units::get))
}

fn days() -> impl Strategy<Value = Date> {
    (0..3_000_i32).prop_map(|days| "2024-01-01".parse::<Date>().expect("a date").saturating_add(days.days()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Both ends of an interval are inside; the days around it are not.
    #[test]
    fn both_ends_are_inside(start in days(), length in 0..400_i32) {
        let until = start.saturating_add(length.days());
        let desired = desired("Europe/Berlin", start, until);
        let (before, after) = (start.yesterday().expect("a day"), until.tomorrow().expect("a day"));
        prop_assert_eq!(on(&desired, before), (100, 5));
        prop_assert_eq!(on(&desired, start), (140, 15));
        prop_assert_eq!(on(&desired, until), (140, 15));
        prop_assert_eq!(on(&desired, after), (40, 5));
        prop_assert_eq!(desired.edges().into_iter().collect::<Vec<_>>(), vec![start, after]);
    }

    /// A day begins and ends at midnight of the tenant's zone, also where the clock changes on it.
    #[test]
    fn days_turn_at_local_midnight(day in days(), zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata", "Australia/Lord_Howe"])) {
        let desired = desired(zone, day, day);
        let first = desired.tenant.time_zone.to_timestamp(day.at(0, 0, 0, 0)).expect("a moment");
        let next = desired.tenant.time_zone.to_timestamp(day.tomorrow().expect("a day").at(0, 0, 0, 0)).expect("a moment");
        let just_before = |moment: Timestamp| Timestamp::from_second(moment.as_second() - 1).expect("a moment");
        prop_assert_eq!(desired.tenant.date_at(first), day);
        prop_assert_eq!(desired.tenant.date_at(just_before(first)), day.yesterday().expect("a day"));
        prop_assert_eq!(desired.tenant.date_at(just_before(next)), day);
    }
}

#[track_caller]
fn check_day(zone: &str, moment: &str, expected: &str) {
    let any = expected.parse().expect("a date");
    let moment: Timestamp = moment.parse().expect("a moment");
    assert_eq!(desired(zone, any, any).tenant.date_at(moment).to_string(), expected, "{moment} in {zone}");
}

#[test]
fn days_of_twenty_three_and_twenty_five_hours() {
    check_day("Europe/Berlin", "2027-03-27T22:59:59Z", "2027-03-27");
    check_day("Europe/Berlin", "2027-03-27T23:00:00Z", "2027-03-28");
    check_day("Europe/Berlin", "2027-03-28T21:59:59Z", "2027-03-28");
    check_day("Europe/Berlin", "2027-03-28T22:00:00Z", "2027-03-29");
    check_day("Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25");
    check_day("Europe/Berlin", "2026-10-25T23:00:00Z", "2026-10-26");
}
