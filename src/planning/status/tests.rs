//! The status shows the tenant as it is, not as a plan would leave it.

use super::{status, unread};
use crate::model::observed::Reading;
use crate::model::terms::Units;
use crate::planning::fixture::{Retouch, TODAY, configuration, id, known, tenant, unknown, words};

const TEXT: &str = "
reserve: { app-passes: 10 }
environments: { a: { id(a), allocations: { app-passes: 99 } }, b: { id(b), allocations: { app-passes: 0 } } }
";

#[test]
fn gauges_show_what_is_held_and_not_what_is_wanted() {
    let observed = tenant(
        &[("app-passes", 100), ("process", 5), ("unattended-rpa", 5)],
        &[('a', &[("app-passes", 30), ("process", 2), ("unattended-rpa", 1)]), ('b', &[("app-passes", 0)])],
    )
    .total("app-passes", |total| total.consumed = known(Units::new(7)))
    .total("process", |total| total.consumed = known(Units::new(1)));
    let status = status(&configuration(TEXT).desired, &observed, TODAY);
    let line = |gauge: &crate::model::gauge::Gauge| {
        (gauge.owned.units().unwrap().get(), gauge.reserve.get(), gauge.allocated.get(), gauge.holders)
    };
    let lines: Vec<_> = status.gauges.iter().map(line).collect();
    assert_eq!(lines, [(100, 10, 30, 1), (10, 0, 3, 1)], "two add-ons of one pool are one gauge");
    assert_eq!(status.gauges[0].consumed, known(Units::new(7)));
    assert_eq!(status.gauges[1].consumed, known(Units::new(1)));
    assert!(status.attention.is_empty());
}

#[test]
fn what_could_not_be_read_is_unknown_and_needs_attention() {
    let observed = tenant(&[("app-passes", 100), ("portal-logins", 5)], &[('a', &[("app-passes", 95)]), ('b', &[])])
        .with('b', |seen| seen.document = unknown())
        .total("app-passes", |total| total.allocated = unknown())
        .total("portal-logins", |total| total.consumed = unknown());
    let status = status(&configuration(TEXT).desired, &observed, TODAY);
    let gauge = &status.gauges[0];
    assert_eq!((gauge.allocated.get(), gauge.unknown_environments, gauge.unseen), (95, 1, None));
    assert!(matches!(status.gauges[1].consumed, Reading::Unknown { .. }));
    let mut found = words(&status.attention);
    found.sort();
    assert_eq!(found, ["A203?", "A210?", "A410?"]);
}

#[test]
fn more_used_than_owned_needs_attention() {
    let observed = tenant(&[("ai-builder-credits", 100_000)], &[('a', &[("ai-builder-credits", 5_000)]), ('b', &[])])
        .total("ai-builder-credits", |total| total.consumed = known(Units::new(140_000)));
    let status = status(&configuration("rules: { unmanagedEnvironments: ignore }").desired, &observed, TODAY);
    assert_eq!(words(&status.attention), ["A411?"]);
    assert_eq!(status.attention[0].message, "140,000 AI Builder credits are used, and 100,000 owned");
}

#[test]
fn use_is_read_where_most_is_held_and_nothing_is_known() {
    let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 30)]), ('c', &[("app-passes", 40)])]);
    let text =
        "environments: { a: { id(a), allocations: { app-passes: 99 } }, b: { id(b), allocations: { app-passes: 5 } } }";
    let unread = unread(&configuration(text).desired, &observed, TODAY);
    let ids: Vec<_> = unread.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [id('a'), id('c')], "the environment that the tenant does not list cannot be asked");
}
