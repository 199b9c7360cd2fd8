//! Fixed worlds of what happens during a run: responses that do not come, others who write, purchases that fall, and requests to stop.

use allotment::model::ending::Ending;

use super::cases::{SEMANTICS, environment, hold, world};
use super::guards::{declared, expect, fault, passes};
use super::shape::{Amount, Declared, World};
use super::tenant::Surface;
use super::weather::{Act, Odd, RetryAfter, Route, What};

#[test]
fn a_404_of_a_proxy_proves_nothing() {
    let other = environment([None, None, None, Some(50)], [Some(10), None, None, None]);
    let mut one = world(vec![passes(50, 20), passes(20, 50), other]);
    for row in 0..3 {
        for nth in 0..3 {
            one.faults = vec![
                fault(Route::Documents, nth, 200, What::Lost(row)),
                fault(Route::Document, 0, 200, What::AlienNotFound),
            ];
            hold(SEMANTICS.map(|semantics| World { semantics, ..one.clone() }));
        }
    }
}

#[test]
fn the_setting_is_confirmed_by_a_reading() {
    let mut one = world(vec![passes(5, 10)]);
    one.who_can_allocate = Some(true);
    one.only_specific_admins = false;
    for effect in [false, true] {
        for times in [1, 200] {
            one.faults = vec![fault(Route::WriteSetting, 0, times, What::Broken { effect })];
            hold([one.clone()]);
        }
    }
}

#[test]
fn the_setting_is_not_written_after_a_stop_request() {
    let mut one = world(vec![passes(10, 10)]);
    one.who_can_allocate = Some(true);
    one.only_specific_admins = false;
    let busy = What::Status { code: 429, retry_after: RetryAfter::Seconds(5), effect: false };
    let stop = What::Stop { after: 20, twice: false };
    for nth in 1..3 {
        let faults = vec![fault(Route::WriteSetting, 0, 1, busy), fault(Route::Settings, nth, 1, stop)];
        hold([World { faults, ..one.clone() }]);
    }
}

#[test]
fn a_sign_in_that_expires_is_renewed_once() {
    let mut one = world(vec![passes(30, 10), passes(20, 40)]);
    let expired = What::Status { code: 401, retry_after: RetryAfter::None, effect: false };
    for route in [Route::Write, Route::Documents, Route::Environments, Route::Reports] {
        for nth in 0..2 {
            one.faults = vec![fault(route, nth, 1, expired)];
            expect(&one, Ending::Fine);
        }
    }
}

#[test]
fn a_write_that_was_refused_goes_out_again_over_a_new_reading() {
    // A response takes six seconds.
    let one = World { latency: 3000, ..world(vec![passes(5, 10), passes(5, 20)]) };
    let refused = What::Status { code: 401, retry_after: RetryAfter::None, effect: false };
    for nth in 0..2 {
        expect(&World { faults: vec![fault(Route::Write, nth, 1, refused)], ..one.clone() }, Ending::Fine);
    }
    for surface in [Surface::Middle, Surface::Newest] {
        expect(&World { refuses: Some((surface, 0)), ..one.clone() }, Ending::Fine);
    }
}

#[test]
fn an_interface_that_takes_no_writes_is_still_read() {
    let switch = Amount { units: 20, grant: None, switches: [Some(false), None, None, Some(true)] };
    let mut one = environment([Some(5), None, None, Some(20)], [Some(5), None, None, Some(30)]);
    for add_on in [0, 3] {
        one.holds[add_on].as_mut().expect("a holding").rules = [Some(true), Some(false), None, Some(true)];
    }
    let no_route = What::Status { code: 405, retry_after: RetryAfter::None, effect: false };
    for units in [20, 30] {
        let amount = Amount { units, ..switch.clone() };
        let changed = declared(one.clone(), |declared| declared.amounts[3] = Some(amount));
        for nth in 0..2 {
            let faults = vec![fault(Route::Write, nth, 1, no_route)];
            let all = vec![changed.clone(), passes(5, 6)];
            for semantics in SEMANTICS {
                expect(&World { semantics, faults: faults.clone(), ..world(all.clone()) }, Ending::Fine);
            }
            // Or the listing is gone in the middle of a run, after a write without an effect, and only the oldest surface is left.
            let lost = fault(Route::Write, nth, 1, What::Broken { effect: false });
            let faults = vec![lost, fault(Route::Documents, 1, 200, no_route)];
            let late = World { latency: 1500, parallelism: 1, faults, ..world(all) };
            hold(SEMANTICS.map(|semantics| World { semantics, ..late.clone() }));
        }
    }
}

#[test]
fn a_run_waits_as_long_as_the_service_asks() {
    let mut one = world(vec![passes(5, 10), passes(5, 10), passes(5, 10)]);
    for retry_after in [RetryAfter::Seconds(40), RetryAfter::Date(40), RetryAfter::Fraction, RetryAfter::Garbage] {
        for code in [429, 503] {
            one.faults = vec![fault(Route::Write, 0, 1, What::Status { code, retry_after, effect: false })];
            expect(&one, Ending::Fine);
        }
    }
    let retry_after = RetryAfter::Huge;
    one.faults = vec![fault(Route::Write, 0, 1, What::Status { code: 429, retry_after, effect: false })];
    hold([one]);
}

#[test]
fn a_write_that_waited_takes_units_only_if_they_are_still_there() {
    let one = World { parallelism: 1, refuses_over_allocation: false, ..world(vec![passes(50, 20), passes(40, 70)]) };
    let busy = |seconds| What::Status { code: 429, retry_after: RetryAfter::Seconds(seconds), effect: false };
    for act in [Act::Purchase(0, 80), Act::Sets(0, 0, 50)] {
        for seconds in [3, 12, 25, 40] {
            let faults = vec![
                fault(Route::Write, 1, 1, busy(seconds)),
                fault(Route::Write, 1, 1, What::Outside { act, after: 1000 }),
            ];
            hold([
                World { faults: faults.clone(), ..one.clone() },
                World { faults, has: [false, false, true], ..one.clone() },
            ]);
        }
    }
}

#[test]
fn a_saved_plan_is_applied_as_it_is_or_not_at_all() {
    let mut one = world(vec![passes(5, 10), passes(30, 20)]);
    one.is_saved = true;
    expect(&one, Ending::Fine);
    // Others set an amount while the plan is saved.
    one.faults = vec![fault(Route::Documents, 0, 1, What::Outside { act: Act::Sets(0, 0, 7), after: 150 })];
    expect(&one, Ending::Refused);
}

#[test]
fn the_built_in_tenant_compares_within_the_write() {
    let mut one = world(vec![passes(5, 10), passes(0, 40), passes(0, 40), passes(0, 0)]);
    one.environments[1] = environment([Some(0), None, None, Some(5)], [Some(40), None, None, None]);
    one = World { parallelism: 1, ..one.on_the_built_in_tenant() };
    for act in [Act::Sets(3, 0, 30), Act::Sets(1, 3, 9), Act::Sets(1, 0, 20)] {
        let other = |nth| fault(Route::Write, nth, 1, What::Outside { act, after: 0 });
        hold((0..3).map(|nth| World { faults: vec![other(nth)], ..one.clone() }));
    }
}

#[test]
fn what_others_changed_is_left_alone() {
    // The second write waits for the units of the first, and meanwhile others change its environment.
    let one = world(vec![passes(60, 20), passes(40, 80), passes(0, 0)]);
    for units in [35, 45, 50] {
        for after in [0, 60, 120] {
            let act = Act::Sets(1, 0, units);
            hold([World { faults: vec![fault(Route::Write, 0, 1, What::Outside { act, after })], ..one.clone() }]);
        }
    }
}

#[test]
fn units_that_others_take_are_not_free() {
    let one = world(vec![passes(60, 20), passes(10, 30), passes(30, 50), passes(0, 0)]);
    for has in [[true; 3], [false, false, true]] {
        for nth in 0..2 {
            for units in [10, 30] {
                let what = What::Outside { act: Act::Sets(3, 0, units), after: 10 };
                let faults = vec![fault(Route::Write, nth, 1, what)];
                hold([World { has, faults, parallelism: 1, refuses_over_allocation: false, ..one.clone() }]);
            }
        }
    }
}

#[test]
fn a_purchase_that_falls_is_seen_during_a_run() {
    let one = world(vec![passes(60, 20), passes(10, 50), passes(10, 30)]);
    for has in [[true; 3], [false, false, true]] {
        for nth in 0..3 {
            let what = What::Outside { act: Act::Purchase(0, 70), after: 10 };
            let faults = vec![fault(Route::Write, nth, 1, what)];
            hold([World { has, faults, parallelism: 1, ..one.clone() }]);
        }
    }
}

#[test]
fn the_last_reading_decides_how_a_run_ends() {
    let mut one = world(vec![passes(60, 20), passes(10, 50), passes(10, 10)]);
    for (act, after) in [(Act::Purchase(0, 70), 150), (Act::Sets(2, 0, 45), 150), (Act::Sets(0, 0, 25), 250)] {
        for nth in 0..2 {
            for after in [0, after, 400] {
                one.faults = vec![fault(Route::Write, nth, 1, What::Outside { act, after })];
                hold([one.clone()]);
            }
        }
    }
}

#[test]
fn a_write_without_an_answer_keeps_its_units() {
    // The first write is lost, or comes late; the units that it takes or gives back are not to be used.
    let one = world(vec![passes(40, 0), passes(0, 30), passes(30, 60), passes(20, 20)]);
    for what in [
        What::Broken { effect: true },
        What::Broken { effect: false },
        What::Silent { effect: true },
        What::Late { after: 5 },
        What::Late { after: 50 },
    ] {
        for nth in 0..3 {
            for times in [1, 2, 200] {
                let broken = fault(Route::Write, nth, times, what);
                let refused = What::Status { code: 423, retry_after: RetryAfter::None, effect: false };
                let blind = fault(
                    Route::Documents,
                    2,
                    200,
                    What::Status { code: 503, retry_after: RetryAfter::None, effect: false },
                );
                hold([
                    World { faults: vec![broken], ..one.clone() },
                    World { faults: vec![broken, blind], ..one.clone() },
                    World { faults: vec![broken, fault(Route::Write, nth + 1, 3, refused)], ..one.clone() },
                ]);
            }
        }
    }
}

#[test]
fn a_stopped_run_sends_nothing_more() {
    let one = world((0..6).map(|_| passes(5, 10)).collect());
    for parallelism in [1, 2] {
        for nth in 0..4 {
            for after in [0, 70, 130] {
                let faults = vec![fault(Route::Write, nth, 1, What::Stop { after, twice: false })];
                hold([World { faults, parallelism, ..one.clone() }]);
            }
        }
    }
}

#[test]
fn grants_end_and_begin_during_a_run() {
    let loan = |of_next: bool| {
        move |declared: &mut Declared| {
            declared.amounts[0] = Some(Amount { units: 5, grant: Some((10, of_next)), switches: [None; 4] });
        }
    };
    for of_next in [false, true] {
        let one = world((0..8).map(|_| declared(passes(0, 5), loan(of_next))).collect());
        hold([1, 5, 20, 29, 31].map(|seconds| World {
            before_new_year: Some(seconds),
            latency: 1000,
            parallelism: 1,
            ..one.clone()
        }));
    }
    let mut one = world(vec![declared(passes(0, 5), loan(false)), passes(5, 10)]);
    expect(&one, Ending::Fine);
    one.target = Some(1);
    expect(&one, Ending::Fine);
}

#[test]
fn a_write_changes_only_what_is_named() {
    let mut one = environment([Some(5), None, None, Some(20)], [Some(10), None, None, Some(30)]);
    for add_on in [0, 3] {
        let holding = one.holds[add_on].as_mut().expect("a holding");
        (holding.strange, holding.auto) = (true, Some(3));
        holding.rules = [Some(true), Some(false), None, Some(true)];
    }
    let switches = |units, switches| {
        let amount = Amount { units, grant: None, switches };
        declared(one.clone(), |declared| declared.amounts[3] = Some(amount))
    };
    for wanted in [[None; 4], [Some(false), None, None, None], [None, Some(true), Some(true), None]] {
        for units in [20, 40, 31] {
            for has in [[true; 3], [false, true, true], [false, false, true]] {
                let worlds = SEMANTICS.map(|semantics| {
                    let all = vec![switches(units, wanted), passes(5, 6)];
                    World { semantics, has, ..world(all) }
                });
                hold(worlds.clone());
                hold(worlds.map(World::on_the_built_in_tenant).into_iter().take(1));
            }
        }
    }
}

#[test]
fn a_refusal_holds_for_every_interface() {
    let mut one = world(vec![passes(5, 10), passes(5, 15)]);
    for nth in 0..2 {
        let refused = What::Status { code: 400, retry_after: RetryAfter::None, effect: false };
        one.faults = vec![fault(Route::Write, nth, 1, refused)];
        hold([one.clone()]);
    }
}

#[test]
fn an_accepted_write_is_applied_when_a_reading_shows_it() {
    let one = world(vec![passes(60, 0), passes(40, 100)]);
    for has in [[true; 3], [false, true, true], [false, false, true]] {
        for after in [1, 20, 50] {
            for nth in 0..2 {
                hold([World { has, faults: vec![fault(Route::Write, nth, 1, What::Slow { after })], ..one.clone() }]);
            }
        }
    }
}

#[test]
fn an_earlier_attempt_may_still_take_effect() {
    let refused = What::Status { code: 423, retry_after: RetryAfter::None, effect: false };
    let one = world(vec![passes(5, 10), passes(5, 10), passes(5, 10)]);
    for after in [1, 3, 20] {
        let faults = vec![
            fault(Route::Write, 0, 1, What::Late { after }),
            fault(Route::Write, 2, 1, What::Silent { effect: true }),
            fault(Route::Write, 3, 1, refused),
        ];
        hold([World { parallelism: 3, faults, ..one.clone() }]);
    }
}

#[test]
fn a_reading_alone_proves_no_write() {
    // The first write has no effect and no response, and afterwards the readings lack its entry.
    let one = world(vec![passes(60, 0), passes(40, 100)]);
    for first in 1..4 {
        for what in [What::Broken { effect: false }, What::Silent { effect: false }] {
            hold([World {
                faults: vec![
                    fault(Route::Write, 0, 1, what),
                    fault(Route::Documents, first, 200, What::Odd(0, Odd::NoEntry)),
                    fault(Route::Document, 0, 200, What::Odd(0, Odd::NoEntry)),
                ],
                ..one.clone()
            }]);
            hold((1..4).map(|totals| World {
                refuses_over_allocation: false,
                faults: vec![
                    fault(Route::Write, 0, 1, what),
                    fault(Route::Documents, first, 200, What::Odd(0, Odd::NoEntry)),
                    fault(Route::Document, 0, 200, What::Odd(0, Odd::NoEntry)),
                    fault(Route::Reports, totals, 200, What::Lost(0)),
                ],
                ..one.clone()
            }));
        }
    }
    // After the pause that the service asks for, the change seems to be in place already.
    let pause = What::Status { code: 429, retry_after: RetryAfter::Seconds(12), effect: false };
    let three = world(vec![passes(20, 10), passes(60, 0), passes(20, 90)]);
    for row in 0..2 {
        let hidden = What::Odd(row, Odd::NoEntry);
        hold([World {
            parallelism: 1,
            faults: vec![fault(Route::Write, 0, 1, pause), fault(Route::Documents, 1, 200, hidden)],
            ..three.clone()
        }]);
    }
}

#[test]
fn a_write_of_unknown_result_keeps_its_units() {
    let sets = |nth, act| fault(Route::Write, nth, 1, What::Outside { act, after: 10 });
    // The second write takes effect, is not answered, and no reading shows its environment; others take units elsewhere.
    let unread = |on| fault(on, u8::from(on == Route::Documents), 200, What::Odd(0, Odd::WrongType));
    let lost = fault(Route::Write, 1, 1, What::Broken { effect: true });
    let one = world(vec![passes(20, 50), passes(0, 50), passes(0, 0), passes(50, 0)]);
    let faults = vec![lost, sets(1, Act::Sets(2, 0, 30)), unread(Route::Documents), unread(Route::Document)];
    hold([World { faults, ..one }]);
    // The first write takes effect late, and others lower its environment before that. The second write waits as long
    // as the service asks.
    let wait = What::Status { code: 429, retry_after: RetryAfter::Seconds(20), effect: false };
    let late = fault(Route::Write, 0, 1, What::Late { after: 45 });
    let one = World { parallelism: 2, ..world(vec![passes(20, 50), passes(0, 50), passes(0, 0)]) };
    let others = [sets(0, Act::Sets(0, 0, 10)), sets(0, Act::Sets(2, 0, 30))];
    hold([World { faults: vec![late, fault(Route::Write, 1, 1, wait), others[0], others[1]], ..one }]);
}

#[test]
fn a_run_that_is_stopped_before_its_last_reading_is_not_fine() {
    let mut one = world(vec![passes(5, 10), passes(30, 20)]);
    for on in [Route::Environments, Route::Reports, Route::Documents] {
        for nth in 1..4 {
            one.faults = vec![fault(on, nth, 1, What::Stop { after: 10, twice: false })];
            hold([one.clone()]);
        }
    }
}

#[test]
fn the_question_may_take_long() {
    let one = World { thinks: 15, ..world(vec![passes(60, 20), passes(10, 50), passes(10, 10)]) };
    hold([one.clone()]);
    for act in [Act::Purchase(0, 70), Act::Sets(2, 0, 45), Act::Sets(0, 0, 25)] {
        let faults = vec![fault(Route::Documents, 0, 1, What::Outside { act, after: 5000 })];
        hold([World { faults, ..one.clone() }]);
    }
}

#[test]
fn writes_in_flight_are_limited_and_readings_are_fresh() {
    for (parallelism, latency) in [(1, 50), (2, 50), (3, 50), (2, 1500), (1, 2500)] {
        hold([World { parallelism, latency, ..world((0..8).map(|_| passes(5, 10)).collect()) }]);
    }
}
