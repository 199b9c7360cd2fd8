//! Fixed worlds with one guard each. The guard decides how they end.

use allotment::model::code::Code;
use allotment::model::ending::Ending;

use super::cases::{SEMANTICS, environment, hold, world};
use super::report::Report;
use super::shape::{Amount, Declared, Environment, World};
use super::weather::{Fault, Odd, RetryAfter, Route, What};

pub(super) fn fault(on: Route, nth: u8, times: u8, what: What) -> Fault {
    Fault { on, nth, times, what }
}

/// The reports in the weather.
fn live(world: &World) -> Vec<Report> {
    let live = || world.live().reports;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, live).expect("a thread");
        thread.join().expect("no panic")
    })
}

pub(super) fn expect(world: &World, ending: Ending) {
    let report = live(world).pop().expect("a report");
    assert!(report.is(ending), "{:?} instead of {ending:?}\n{report:#?}\n{}", report.ended, world.shown());
    hold([world.clone()]);
}

pub(super) fn changed(mut environment: Environment, change: impl FnOnce(&mut Environment)) -> Environment {
    change(&mut environment);
    environment
}

pub(super) fn declared(environment: Environment, change: impl FnOnce(&mut Declared)) -> Environment {
    changed(environment, |one| change(one.declared.as_mut().expect("a declared environment")))
}

/// App passes only, of which none is used.
pub(super) fn passes(holds: u32, wants: u32) -> Environment {
    changed(super::cases::passes(holds, wants), |one| one.consumed[0] = Some(0))
}

#[test]
fn a_pool_of_unknown_fill_moves_within_what_it_holds() {
    // The totals of app passes cannot be read, and the allocations of the last environment neither.
    let mut one = world(vec![passes(30, 0), passes(0, 20), passes(0, 10), passes(60, 60)]);
    one.parallelism = 1;
    one.faults = vec![
        fault(Route::Reports, 0, 200, What::Odd(0, Odd::WrongType)),
        fault(Route::Documents, 0, 200, What::Odd(3, Odd::WrongType)),
    ];
    for parallelism in [1, 4] {
        hold([World { parallelism, ..one.clone() }]);
    }
    one.environments[0] = passes(30, 30);
    hold([one]);
}

#[test]
fn a_debt_is_no_later_shortage() {
    let mut one = world(vec![passes(80, 80), passes(40, 30)]);
    one.purchases[0].debt = 20;
    let loan = |declared: &mut Declared| {
        declared.amounts[0] = Some(Amount { units: 25, grant: Some((5, false)), switches: [None; 4] });
    };
    one.environments[1] = declared(one.environments[1].clone(), loan);
    hold([one.clone()]);
    one.is_saved = true;
    let plan = live(&one).remove(0);
    let is_later = plan.findings.iter().any(|finding| finding.code == Code::A202);
    assert!(!is_later && plan.is(Ending::Changes), "{plan:#?}\n{}", one.shown());
}

#[test]
fn the_default_environment_gives_back_without_a_name() {
    let mut one = world(vec![passes(30, 10), passes(5, 10)]);
    one.default_environment = Some(false);
    expect(&one, Ending::Fine);
    one.environments[0] = passes(10, 30);
    expect(&one, Ending::Refused);
}

#[test]
fn no_amount_goes_below_its_floor() {
    let floor = |declared: &mut Declared| declared.floors[0] = Some(20);
    expect(&world(vec![declared(passes(30, 10), floor), passes(5, 10)]), Ending::Refused);
    expect(&world(vec![declared(passes(30, 20), floor), passes(5, 10)]), Ending::Fine);
}

#[test]
fn decreases_stay_within_both_caps() {
    let mut one = world(vec![passes(60, 30), passes(40, 40)]);
    for (percent, units, ending) in [
        (Some(30), None, Ending::Fine),
        (Some(29), None, Ending::Refused),
        (None, Some(30), Ending::Fine),
        (Some(100), Some(29), Ending::Refused),
        (Some(29), Some(30), Ending::Refused),
    ] {
        one.max_decrease_percent = percent;
        one.purchases[0].most_decrease = units;
        expect(&one, ending);
    }
}

#[test]
fn a_protected_environment_gives_nothing_back() {
    let protect = |declared: &mut Declared| declared.protect = true;
    expect(&world(vec![declared(passes(30, 10), protect), passes(5, 10)]), Ending::Refused);
    expect(&world(vec![declared(passes(30, 40), protect), passes(5, 10)]), Ending::Fine);
}

#[test]
fn what_is_used_or_unknown_is_not_taken_away() {
    let used = |units| changed(passes(30, 10), |one| one.consumed[0] = Some(units));
    expect(&world(vec![used(10), passes(5, 10)]), Ending::Fine);
    expect(&world(vec![used(11), passes(5, 10)]), Ending::Refused);
    for odd in [Odd::WrongType, Odd::Null, Odd::Missing, Odd::UnknownWord] {
        let mut one = world(vec![used(0), passes(5, 10)]);
        one.faults = vec![fault(Route::Entitlements, 0, 200, What::Odd(0, odd))];
        expect(&one, Ending::Refused);
    }
    let mut one = world(vec![used(0), passes(5, 10)]);
    let denied = What::Status { code: 423, retry_after: RetryAfter::None, effect: false };
    one.faults = vec![fault(Route::Entitlements, 0, 200, denied)];
    expect(&one, Ending::Refused);
}

#[test]
fn the_reserve_is_left_alone() {
    let mut one = world(vec![passes(60, 60), passes(20, 30)]);
    one.purchases[0].reserve = 15;
    expect(&one, Ending::Refused);
    one.purchases[0].reserve = 10;
    expect(&one, Ending::Fine);
}

#[test]
fn a_declared_debt_counts_once() {
    let mut one = world(vec![passes(50, 65), passes(50, 65)]);
    one.purchases[0].debt = 20;
    expect(&one, Ending::Refused);
}

#[test]
fn the_lower_purchase_counts_and_one_that_is_not_reported_is_unknown() {
    for (live, declared) in [(Some(60), Some((100, None))), (Some(100), Some((60, None))), (None, Some((100, None)))] {
        let mut one = world(vec![passes(0, 80)]);
        (one.purchases[0].live, one.purchases[0].declared) = (live, declared);
        expect(&one, Ending::Refused);
    }
}

#[test]
fn units_that_no_document_shows_count() {
    let mut one = world(vec![changed(passes(60, 0), |one| one.declared = None), passes(0, 60)]);
    one.faults = vec![fault(Route::Documents, 0, 200, What::Lost(0))];
    expect(&one, Ending::Refused);
}

#[test]
fn an_unknown_state_is_not_written() {
    let mut one = world(vec![passes(30, 10), passes(5, 10)]);
    one.faults = vec![fault(Route::Environments, 0, 200, What::Odd(0, Odd::UnknownWord))];
    expect(&one, Ending::Refused);
}

#[test]
fn an_environment_that_no_listing_of_documents_has_is_read_by_itself() {
    let mut one = world(vec![passes(60, 0), passes(10, 10)]);
    one.faults = vec![fault(Route::Documents, 0, 200, What::Lost(0))];
    expect(&one, Ending::Fine);
}

#[test]
fn switches_that_the_older_interface_hides_are_not_wanted_for_ever() {
    for units in [21, 31] {
        let amount = Amount { units, grant: None, switches: [Some(true), None, None, Some(false)] };
        let holds = environment([Some(5), None, None, Some(21)], [Some(5), None, None, None]);
        let one = declared(holds, |declared| declared.amounts[3] = Some(amount));
        expect(&World { has: [false, false, true], ..world(vec![one]) }, Ending::Fine);
    }
}

#[test]
fn switches_alone_change_no_amount() {
    let amount = Amount { units: 40, grant: None, switches: [Some(true), None, None, None] };
    let one = environment([None, None, None, Some(70)], [None, None, None, None]);
    hold([world(vec![declared(one, |declared| declared.amounts[3] = Some(amount)), passes(5, 6)])]);
}

#[test]
fn one_answer_without_a_listing_moves_no_run_to_the_older_interface() {
    let mut one = environment([Some(5), None, None, Some(20)], [Some(5), None, None, Some(30)]);
    one.holds[0].as_mut().expect("a holding").rules = [Some(true), Some(false), None, Some(true)];
    one.holds[3].as_mut().expect("a holding").rules = [Some(true), Some(false), None, Some(true)];
    let lost = What::Status { code: 405, retry_after: RetryAfter::None, effect: false };
    for nth in 0..4 {
        for semantics in SEMANTICS {
            let faults = vec![fault(Route::Documents, nth, 1, lost)];
            expect(&World { semantics, faults, ..world(vec![one.clone(), passes(5, 6)]) }, Ending::Fine);
        }
    }
}

#[test]
fn a_strict_run_refuses_on_a_warning() {
    // The pool is then used to 95 percent.
    let mut one = world(vec![passes(0, 95)]);
    expect(&one, Ending::Fine);
    one.language.is_strict = true;
    expect(&one, Ending::Refused);
}

#[test]
fn a_pack_is_as_many_units_as_the_catalog_says() {
    let credits = |units| environment([None, None, None, None], [None, None, None, Some(units)]);
    let mut one = world(vec![credits(25_000)]);
    one.language.is_packed = true;
    (one.purchases[3].live, one.purchases[3].declared) = (Some(25_000), Some((25_000, None)));
    expect(&one, Ending::Fine);
    one.environments = vec![credits(50_000)];
    expect(&one, Ending::Refused);
}
