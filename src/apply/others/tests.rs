use super::Others;
use crate::apply::options::Baseline;
use crate::apply::snapshots::{ReadScope, Snapshots};
use crate::apply::tests::harness::plan;
use crate::model::catalog::Pool;
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::plan::order::Plan;
use crate::model::terms::{EnvironmentId, Units};
use crate::planning::schedule::holdings::WriteResult;
use crate::planning::schedule::machine::{Next, Schedule, WriteNumber};
use crate::provider::fake::{Fake, add_on, id, listing};

const PASSES: &str = "app-passes";
const LOGINS: &str = "portal-logins";

/// team-1 raises its passes from 10 to 20; team-2 has 5 and does not change.
fn raise() -> Plan {
    let fake = Fake::new(&[(1, &[(PASSES, 10)]), (2, &[(PASSES, 5)])]);
    plan(&fake, &[(PASSES, 100)], &[(1, PASSES, 20)])
}

fn document(held: &[(&str, u64)]) -> EnvironmentDocument {
    let entry = |(slug, units): &(&str, u64)| (add_on(slug), Entry::of(Units::new(*units)));
    EnvironmentDocument { entries: held.iter().map(entry).collect() }
}

/// The readings after a listing in which team-1 and team-2 hold these passes.
fn listed(first: u64, second: u64) -> Snapshots {
    after([(id(1), document(&[(PASSES, first)])), (id(2), document(&[(PASSES, second)]))])
}

fn after<const N: usize>(rows: [(EnvironmentId, EnvironmentDocument); N]) -> Snapshots {
    let mut snapshots = Snapshots::default();
    let turn = snapshots.turn();
    snapshots.take_in(&ReadScope::All, turn, jiff::Timestamp::UNIX_EPOCH, listing(rows));
    snapshots
}

fn passes(units: u64) -> Vec<(Pool, Units)> {
    if units == 0 { Vec::new() } else { vec![(add_on(PASSES).pool(), Units::new(units))] }
}

fn send(schedule: &mut Schedule) -> WriteNumber {
    match schedule.next_move() {
        Next::Send(number) => number,
        next => panic!("{next:?}"),
    }
}

#[test]
fn units_in_environments_that_the_plan_does_not_change_count_once() {
    let plan = raise();
    let (mut others, schedule) = (Others::new(&plan, &Baseline::new()), Schedule::new(&plan));
    for (held, new) in [(5, 0), (12, 7), (12, 0), (8, 0), (13, 1)] {
        assert_eq!(others.count_listing(&listed(10, held), &schedule), passes(new), "{held}");
    }
}

/// A row that one listing lacks must not hide units of others elsewhere.
#[test]
fn an_environment_that_a_listing_lacks_counts_with_what_it_held() {
    let plan = raise();
    let (mut others, schedule) = (Others::new(&plan, &Baseline::new()), Schedule::new(&plan));
    let mut snapshots = listed(10, 5);
    let turn = snapshots.turn();
    let rows = [(id(1), document(&[(PASSES, 10)])), (id(3), document(&[(PASSES, 5)]))];
    snapshots.take_in(&ReadScope::All, turn, jiff::Timestamp::UNIX_EPOCH, listing(rows));
    assert_eq!(others.count_listing(&snapshots, &schedule), passes(5));
}

#[test]
fn units_of_our_writes_do_not_count_as_units_of_others() {
    let plan = raise();
    let foreign = |result: Option<WriteResult>, held: u64| {
        let (mut others, mut schedule) = (Others::new(&plan, &Baseline::new()), Schedule::new(&plan));
        let number = send(&mut schedule);
        if let Some(result) = result {
            schedule.record(number, result);
        }
        others.count_listing(&listed(held, 5), &schedule)
    };
    for (result, held, new) in [
        (None, 10, 0),
        (None, 20, 0),
        (None, 26, 6),
        (Some(WriteResult::Unknown), 20, 0),
        (Some(WriteResult::Confirmed), 20, 0),
        (Some(WriteResult::Confirmed), 21, 1),
        (Some(WriteResult::Failed), 20, 10),
    ] {
        assert_eq!(foreign(result, held), passes(new), "{result:?} {held}");
    }
}

#[test]
fn a_write_that_was_not_sent_has_no_units_unless_its_environment_holds_the_target() {
    let plan = raise();
    for (held, foreign) in [(10, 0), (15, 5), (20, 0)] {
        let (mut others, mut schedule) = (Others::new(&plan, &Baseline::new()), Schedule::new(&plan));
        let number = send(&mut schedule);
        schedule.take_back(number);
        assert_eq!(others.count_listing(&listed(held, 5), &schedule), passes(foreign), "{held}");
    }
}

/// In two full pools a swap begins with a write that only gives back. If it fails, the same environment's second write is dropped
/// and debits nothing, so units in its cell are units of others, even if they equal its target.
#[test]
fn a_dropped_write_has_no_units_even_if_its_cell_holds_the_target() {
    let fake = Fake::new(&[(1, &[(PASSES, 10)]), (2, &[(LOGINS, 10)])]);
    let swap = [(1, PASSES, 0), (1, LOGINS, 10), (2, LOGINS, 0), (2, PASSES, 10)];
    let plan = plan(&fake, &[(PASSES, 10), (LOGINS, 10)], &swap);
    let (mut others, mut schedule) = (Others::new(&plan, &Baseline::new()), Schedule::new(&plan));
    let number = send(&mut schedule);
    schedule.record(number, WriteResult::Failed);
    let both = || document(&[(PASSES, 10), (LOGINS, 10)]);
    let seen = after([(id(1), both()), (id(2), both())]);
    let foreign: Vec<u64> = others.count_listing(&seen, &schedule).iter().map(|(_, units)| units.get()).collect();
    assert_eq!(foreign, [10], "the other environment's write is pending and will debit its own units");
}

#[test]
fn single_readings_count_beyond_the_baseline_and_the_first_reading_is_one() {
    let fake = Fake::new(&[(1, &[(PASSES, 10), (LOGINS, 3)])]);
    let plan = plan(&fake, &[(PASSES, 100), (LOGINS, 100)], &[(1, PASSES, 20)]);
    let schedule = Schedule::new(&plan);
    let logins = |units| vec![(add_on(LOGINS).pool(), Units::new(units))];
    let held = |logins| document(&[(PASSES, 10), (LOGINS, logins)]);

    let mut others = Others::new(&plan, &fake.documents_now());
    assert_eq!(others.count_environment(&id(1), &held(8), &schedule), logins(5));
    assert_eq!(others.count_environment(&id(1), &held(8), &schedule), [], "these were counted");
    assert_eq!(others.count_environment(&id(1), &document(&[(PASSES, 14), (LOGINS, 8)]), &schedule), passes(4));

    let mut others = Others::new(&plan, &Baseline::new());
    assert_eq!(others.count_environment(&id(1), &held(8), &schedule), []);
    assert_eq!(others.count_environment(&id(1), &held(9), &schedule), logins(1));
}

/// While the write is in flight, units up to its target are attributed to the write. If the write then fails, the same
/// units count as units of others.
#[test]
fn a_reading_that_was_taken_for_our_write_counts_again_after_the_write_failed() {
    let plan = raise();
    let (mut others, mut schedule) = (Others::new(&plan, &Baseline::new()), Schedule::new(&plan));
    let number = send(&mut schedule);
    let snapshots = listed(25, 5);
    assert_eq!(others.count_listing(&snapshots, &schedule), passes(5), "20 may be ours");
    schedule.record(number, WriteResult::Failed);
    assert_eq!(others.count_changes(&id(1), &snapshots, &schedule), passes(10), "only 10 are");
    assert_eq!(others.count_changes(&id(1), &snapshots, &schedule), passes(0), "each unit counts once");
    assert_eq!(others.count_listing(&snapshots, &schedule), passes(0));
}
