use jiff::Timestamp;
use litemap::LiteMap;

use super::{ReadScope, Seen, Snapshots};
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::terms::Units;
use crate::provider::fake::{add_on, id, known, listing, proved_absent};
use crate::provider::port::{Documents, MissingRow};

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_790_000_000 + second, 0).unwrap()
}

fn document(units: u64) -> EnvironmentDocument {
    EnvironmentDocument { entries: LiteMap::from_iter([(add_on("app-passes"), Entry::of(Units::new(units)))]) }
}

fn holding(units: u64) -> Seen {
    Seen::Reading(Ok(known(document(units))))
}

#[test]
fn a_reading_is_fresh_for_ten_seconds_from_its_request() {
    let mut snapshots = Snapshots::default();
    let turn = snapshots.turn();
    snapshots.take_in(&ReadScope::All, turn, at(0), listing([(id(1), document(5))]));
    assert_eq!(snapshots.fresh(&id(1), at(10)), holding(5));
    assert_eq!(snapshots.fresh(&id(1), at(11)), Seen::Nothing);
    assert_eq!(snapshots.fresh(&id(1), at(-1)), Seen::Nothing, "the clock was set back");
}

#[test]
fn a_missing_row_proves_nothing_unless_the_listing_is_complete() {
    for (missing_row, expected) in
        [(MissingRow::ProvesNothing, Seen::NotListed), (MissingRow::HoldsNothing, Seen::Reading(Ok(proved_absent())))]
    {
        let mut snapshots = Snapshots::default();
        let (first, second) = (snapshots.turn(), snapshots.turn());
        let rows = |rows| Documents { missing_row, ..listing(rows) };
        snapshots.take_in(&ReadScope::All, first, at(0), rows(vec![(id(1), document(5))]));
        assert_eq!(snapshots.fresh(&id(2), at(1)), expected);
        snapshots.take_in(&ReadScope::All, second, at(2), rows(Vec::new()));
        let is_complete = missing_row == MissingRow::HoldsNothing;
        assert_eq!(snapshots.fresh(&id(1), at(3)), if is_complete { expected } else { holding(5) });
        assert_eq!(
            snapshots.newest(&id(1)) == Seen::NotListed,
            !is_complete,
            "the write of a missing row is read by itself"
        );
        assert_eq!(snapshots.last_known(&id(1)), Some(&document(5)), "its units still count");
    }
}

#[test]
fn a_write_invalidates_readings_that_began_before_its_answer() {
    let mut snapshots = Snapshots::default();
    let before = snapshots.turn();
    snapshots.written(&id(1));
    let during = snapshots.turn();
    snapshots.written(&id(1));
    let after = snapshots.turn();
    for (turn, expected) in [(before, Seen::Nothing), (during, Seen::Nothing), (after, holding(7))] {
        let rows = [(id(1), document(7)), (id(2), document(1))];
        snapshots.take_in(&ReadScope::All, turn, at(0), listing(rows));
        assert_eq!(snapshots.fresh(&id(1), at(1)), expected);
        assert_eq!(snapshots.fresh(&id(2), at(1)), holding(1), "readings of other environments stay valid");
    }
}

#[test]
fn the_read_that_began_last_wins() {
    let mut snapshots = Snapshots::default();
    let (first, second, third) = (snapshots.turn(), snapshots.turn(), snapshots.turn());
    snapshots.take_in(&ReadScope::One(id(1)), second, at(0), listing([(id(1), document(2))]));
    snapshots.take_in(&ReadScope::All, first, at(1), listing([(id(1), document(1))]));
    assert_eq!(snapshots.fresh(&id(1), at(1)), holding(2));
    snapshots.take_in(&ReadScope::All, third, at(1), listing([(id(1), document(3))]));
    assert_eq!(snapshots.fresh(&id(1), at(1)), holding(3));
}
