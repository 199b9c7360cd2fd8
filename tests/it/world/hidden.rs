//! Fixed worlds of units that no listing shows: only the tenant's own totals count them.

use allotment::model::ending::Ending;

use super::cases::{environment, hold, world};
use super::guards::{changed, expect, fault, passes};
use super::shape::{Environment, World};
use super::weather::{Act, Odd, RetryAfter, Route, What};

/// An environment that no file declares and that no listing of environments has.
fn unlisted(holds: u32) -> Environment {
    changed(environment([Some(holds), None, None, None], [None; 4]), |one| {
        one.declared = None;
        one.is_listed = false;
    })
}

#[test]
fn units_that_only_the_totals_show_are_not_free() {
    let one = World {
        refuses_over_allocation: false,
        is_resolute: true,
        ..world(vec![passes(50, 20), passes(40, 70), unlisted(1)])
    };
    let lost = fault(Route::Documents, 0, 200, What::Lost(2));
    for has in [[true; 3], [false, false, true]] {
        for (units, after) in [(11, 10), (31, 10), (60, 10), (31, 80), (31, 300)] {
            for on in [Route::Write, Route::Reports] {
                let sets = fault(on, 0, 1, What::Outside { act: Act::Sets(2, 0, units), after });
                hold([1, 4].map(|parallelism| World { has, parallelism, faults: vec![lost, sets], ..one.clone() }));
            }
        }
    }
}

#[test]
fn hidden_units_count_beside_writes_that_are_sent_again() {
    let one = world(vec![passes(40, 20), passes(20, 30), passes(20, 30), unlisted(1)]);
    let lost = fault(Route::Documents, 0, 200, What::Lost(3));
    let busy = What::Status { code: 429, retry_after: RetryAfter::Seconds(3), effect: false };
    for what in [busy, What::Broken { effect: false }, What::Broken { effect: true }, What::Slow { after: 5 }] {
        for nth in 0..3 {
            for units in [10, 20, 30] {
                let sets = fault(Route::Write, nth, 1, What::Outside { act: Act::Sets(3, 0, units), after: 10 });
                let faults = vec![lost, sets, fault(Route::Write, nth, 1, what)];
                hold([1, 4].map(|parallelism| World { parallelism, faults: faults.clone(), ..one.clone() }));
            }
        }
    }
}

#[test]
fn totals_that_lag_delay_a_run_and_do_not_end_it() {
    let one = world(vec![passes(60, 20), passes(40, 80)]);
    for has in [[true; 3], [false, false, true]] {
        for seconds in [1, 5, 30] {
            let lag = fault(Route::Reports, 1, 200, What::Stale { seconds });
            expect(&World { has, faults: vec![lag], ..one.clone() }, Ending::Fine);
        }
    }
}

#[test]
fn a_write_that_is_sent_again_takes_units_only_if_the_totals_leave_them() {
    // Another write fills the time until the first write can be sent again.
    let slow = environment([None, None, None, Some(10)], [None, None, None, Some(20)]);
    let all = vec![passes(10, 40), passes(59, 59), slow, unlisted(1)];
    let one = World { parallelism: 2, refuses_over_allocation: false, ..world(all) };
    let busy = What::Status { code: 429, retry_after: RetryAfter::None, effect: false };
    for latency in [1000, 3000] {
        let faults = vec![
            fault(Route::Documents, 0, 200, What::Lost(3)),
            fault(Route::Write, 0, 1, busy),
            fault(Route::Write, 1, 1, What::Slow { after: 50 }),
            fault(Route::Write, 2, 2, busy),
            fault(Route::Write, 3, 1, What::Outside { act: Act::Sets(3, 0, 15), after: 10 }),
        ];
        hold([World { latency, faults, ..one.clone() }]);
    }
}

#[test]
fn units_that_others_put_where_a_write_failed_are_not_free() {
    // The tenant reports no totals of the pool. A write without an effect fills the time until others set what the refused write wanted.
    let refused = What::Status { code: 423, retry_after: RetryAfter::None, effect: false };
    let slow = environment([None, None, None, Some(10)], [None, None, None, Some(20)]);
    let all = vec![passes(10, 30), passes(50, 30), passes(20, 40), passes(20, 20), passes(20, 0), slow];
    let mut one = World { parallelism: 3, refuses_over_allocation: false, is_resolute: true, ..world(all) };
    (one.purchases[0].live, one.purchases[0].declared) = (None, Some((120, None)));
    let busy = What::Status { code: 429, retry_after: RetryAfter::None, effect: false };
    for latency in (1000..5000).step_by(1000) {
        let faults = vec![
            fault(Route::Write, 0, 1, refused),
            fault(Route::Write, 2, 1, What::Slow { after: 50 }),
            fault(Route::Write, 3, 2, busy),
            fault(Route::Write, 5, 1, refused),
            fault(Route::Write, 5, 1, What::Outside { act: Act::Sets(0, 0, 30), after: 10 }),
        ];
        let mut without_totals = faults.clone();
        without_totals.push(fault(Route::Reports, 0, 200, What::Odd(0, Odd::WrongType)));
        hold([faults, without_totals].map(|faults| World { latency, faults, ..one.clone() }));
    }
}

#[test]
fn a_total_that_disappears_with_its_last_unit_ends_no_run() {
    // Nothing of the first member of the pool is purchased, so its total is gone when nothing is allocated.
    let of = |holds, wants| environment([None, holds, None, None], [None, wants, None, None]);
    let other = changed(environment([None, None, Some(80), None], [None; 4]), |one| one.declared = None);
    let mut one = world(vec![of(None, Some(20)), other, of(Some(10), Some(0))]);
    one.purchases[1].live = None;
    one.is_resolute = true;
    expect(&one, Ending::Fine);
    expect(&World { parallelism: 1, ..one }, Ending::Fine);
}

#[test]
fn an_increase_that_takes_its_time_counts_beside_the_total() {
    let all = vec![passes(10, 50), passes(40, 10), passes(10, 40), unlisted(0)];
    let one = World { parallelism: 4, refuses_over_allocation: false, ..world(all) };
    let lost = fault(Route::Documents, 0, 200, What::Lost(3));
    for after in [3, 20] {
        for units in [10, 30, 40] {
            for nth in 0..2 {
                let sets = fault(Route::Write, nth, 1, What::Outside { act: Act::Sets(3, 0, units), after: 10 });
                let slow = [0, 1].map(|write| fault(Route::Write, write, 1, What::Slow { after }));
                hold(slow.map(|slow| World { faults: vec![lost, sets, slow], ..one.clone() }));
            }
        }
    }
}

#[test]
fn an_accepted_write_that_no_reading_shows_keeps_its_units() {
    // Neither documents nor totals show the first write for longer than the run waits.
    let all = vec![passes(10, 50), passes(40, 10), passes(10, 40), unlisted(0)];
    let one = World { parallelism: 4, refuses_over_allocation: false, ..world(all) };
    for units in [10, 30, 40] {
        let sets = fault(Route::Write, 1, 1, What::Outside { act: Act::Sets(3, 0, units), after: 10 });
        let lost = fault(Route::Documents, 0, 200, What::Lost(3));
        let hidden = fault(Route::Documents, 1, 200, What::Odd(0, Odd::WrongType));
        hold([World { faults: vec![lost, sets, hidden], ..one.clone() }]);
    }
}

#[test]
fn a_decrease_that_the_total_shows_is_credited_once() {
    // Through the oldest surface, which reads environments one by one, and totals by themselves.
    let all = vec![passes(50, 20), passes(40, 70), unlisted(1)];
    let one = World { has: [false, false, true], is_resolute: true, refuses_over_allocation: false, ..world(all) };
    for latency in [1000, 2000] {
        for seconds in [1, 4] {
            let sets = fault(Route::Write, 0, 1, What::Outside { act: Act::Sets(2, 0, 31), after: 10 });
            let stale = fault(Route::Document, 2, 3, What::Stale { seconds });
            hold([World { latency, faults: vec![sets, stale], ..one.clone() }]);
        }
    }
}

#[test]
fn units_that_others_take_count_without_totals() {
    let one = world(vec![passes(60, 20), passes(10, 30), passes(30, 50), passes(0, 0)]);
    let without_totals = fault(Route::Reports, 0, 200, What::Odd(0, Odd::WrongType));
    for has in [[true; 3], [false, false, true]] {
        for units in [10, 30] {
            let sets = fault(Route::Write, 0, 1, What::Outside { act: Act::Sets(3, 0, units), after: 10 });
            let faults = vec![without_totals, sets];
            let one = World { is_resolute: true, refuses_over_allocation: false, ..one.clone() };
            hold([World { has, faults, parallelism: 1, ..one }]);
        }
    }
}

#[test]
fn an_increase_without_an_answer_counts_beside_the_total() {
    // Other writes fill the time until a listing shows the total.
    let other = environment([None, None, None, Some(1)], [None, None, None, Some(2)]);
    let mut all = vec![passes(10, 40)];
    all.extend(std::iter::repeat_n(other, 8));
    all.extend([passes(10, 40), unlisted(1)]);
    let one = World { parallelism: 2, refuses_over_allocation: false, ..world(all) };
    let lost = fault(Route::Documents, 0, 200, What::Lost(10));
    for effect in [false, true] {
        for nth in 0..3 {
            let sets = fault(Route::Write, 0, 1, What::Outside { act: Act::Sets(10, 0, 40), after: 10 });
            let silent = fault(Route::Write, nth, 1, What::Silent { effect });
            hold([50, 500].map(|latency| World { latency, faults: vec![lost, sets, silent], ..one.clone() }));
        }
    }
}

#[test]
fn a_write_that_others_wrote_over_keeps_its_units() {
    // An attempt is lost, and a slow write delays the next attempt. Meanwhile another admin sets something else there,
    // and then the lost attempt takes effect. The last environment gives nothing back, and the totals are unknown.
    let slow = environment([None, None, None, Some(10)], [None, None, None, Some(20)]);
    let one = world(vec![passes(10, 40), slow, passes(10, 25), passes(50, 20)]);
    let refused = fault(Route::Write, 0, 1, What::Status { code: 423, retry_after: RetryAfter::None, effect: false });
    let silent = fault(Route::Write, 2, 1, What::Silent { effect: true });
    let sets = fault(Route::Write, 2, 1, What::Outside { act: Act::Sets(0, 0, 15), after: 5000 });
    let without_totals = fault(Route::Reports, 0, 200, What::Odd(0, Odd::WrongType));
    for late in [40, 50].map(|after| fault(Route::Write, 1, 1, What::Late { after })) {
        for faults in [vec![refused, late, silent, sets], vec![without_totals, refused, late, silent, sets]] {
            let one =
                World { faults, is_resolute: true, refuses_over_allocation: false, parallelism: 1, ..one.clone() };
            hold([[true; 3], [false, false, true]].map(|has| World { has, ..one.clone() }));
        }
    }
}

#[test]
fn a_write_that_is_given_back_makes_room_for_another() {
    // The totals are read while the first write is in flight, so the second one waits; the third is of another pool.
    let of = |process, passes, rpa| environment([None, process, None, None], [passes, None, rpa, None]);
    let all = vec![of(None, Some(20), None), of(None, Some(80), None), of(Some(0), None, Some(10))];
    for has in [[true; 3], [false, true, true], [false, false, true]] {
        for latency in [1500, 1667, 2000, 2500] {
            expect(&World { has, latency, parallelism: 1, ..world(all.clone()) }, Ending::Fine);
        }
    }
}
