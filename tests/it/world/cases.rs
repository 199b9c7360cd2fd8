//! Fixed worlds of known faults. Each world runs once for every place at which its fault can occur.

use std::collections::BTreeMap;

use super::Selection;
use super::language::{Language, Marks};
use super::shape::{Amount, Declared, Environment, Holding, Purchase, World};
use super::tell::told;
use super::tenant::Semantics;
use super::weather::{Fault, Route, What};

/// An environment that holds and wants units of each add-on.
pub(super) fn environment(holds: [Option<u32>; 4], wants: [Option<u32>; 4]) -> Environment {
    let amount = |units: Option<u32>| units.map(|units| Amount { units, grant: None, switches: [None; 4] });
    let holding =
        |units: Option<u32>| units.map(|units| Holding { units, rules: [None; 4], auto: None, strange: false });
    Environment {
        holds: holds.map(holding),
        consumed: [None; 4],
        is_listed: true,
        state: "Ready",
        declared: Some(Declared {
            amounts: wants.map(amount),
            floors: [None; 4],
            protect: false,
            marks: Marks::default(),
        }),
    }
}

/// App passes only.
pub(super) fn passes(holds: u32, wants: u32) -> Environment {
    environment([Some(holds), None, None, None], [Some(wants), None, None, None])
}

pub(super) fn world(environments: Vec<Environment>) -> World {
    let purchase = Purchase { live: Some(100), declared: None, reserve: 0, debt: 0, most_decrease: None };
    World {
        semantics: Semantics::Merge,
        refuses_over_allocation: false,
        refuses: None,
        default_environment: None,
        has: [true; 3],
        page: 100,
        latency: 50,
        before_new_year: None,
        purchases: std::array::from_fn(|_| purchase.clone()),
        environments,
        only_specific_admins: true,
        who_can_allocate: None,
        max_decrease_percent: None,
        below_consumption: false,
        target: None,
        parallelism: 4,
        is_saved: false,
        is_resolute: false,
        thinks: 0,
        other: 100,
        is_full: false,
        is_move: false,
        is_local: false,
        language: Language::plain(),
        faults: Vec::new(),
    }
}

/// Runs all worlds, and shows the first world that breaks each rule.
pub(super) fn hold(worlds: impl IntoIterator<Item = World> + Send) {
    let selection = Selection::of_variables(false);
    let lives = || {
        let mut broken = BTreeMap::new();
        for world in worlds {
            let (story, breaches) = selection.lived(&world);
            for breach in breaches {
                broken.entry(breach.rule).or_insert_with(|| format!("{breach}\n{}{}", world.shown(), told(&story)));
            }
        }
        assert!(broken.is_empty(), "{}", broken.into_values().collect::<Vec<_>>().join("\n"));
    };
    // The futures of a whole workflow are large in a debug build.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, lives).expect("a thread");
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Copies of the world. In each copy, one listing of documents lacks one row: every row of each of the first five
/// listings.
fn with_lost_rows(world: &World) -> Vec<World> {
    let rows = world.environments.len() as u8;
    let fault = |nth, row| Fault { on: Route::Documents, nth, times: 1, what: What::Lost(row) };
    let faults = (0..5u8).flat_map(|nth| (0..rows).map(move |row| (nth, row)));
    faults.map(|(nth, row)| World { faults: vec![fault(nth, row)], ..world.clone() }).collect()
}

pub(super) const SEMANTICS: [Semantics; 3] = [Semantics::Merge, Semantics::ReplaceEntry, Semantics::ReplaceDocument];

#[test]
fn a_short_listing_overdraws_nothing() {
    hold(with_lost_rows(&world(vec![passes(100, 0), passes(0, 60), passes(0, 40)])));
}

#[test]
fn a_short_listing_erases_nothing() {
    let other = environment([None, None, None, Some(7)], [Some(10), None, None, None]);
    let one = world(vec![other, passes(5, 6)]);
    for semantics in SEMANTICS {
        hold(with_lost_rows(&World { semantics, ..one.clone() }));
    }
}

#[test]
fn a_short_listing_replaces_nothing() {
    let mut hr = environment([Some(40), Some(30), None, Some(50)], [Some(45), None, None, None]);
    if let Some(credits) = &mut hr.holds[3] {
        credits.rules = [Some(false), None, Some(true), None];
    }
    let one = world(vec![hr, passes(20, 25)]);
    for semantics in SEMANTICS {
        hold(with_lost_rows(&World { semantics, ..one.clone() }));
    }
}

#[test]
fn what_fits_before_midnight_only_is_not_sent_after_it() {
    let one = world((0..20).map(|_| passes(1, 5)).collect());
    let mut purchases = one.purchases.clone();
    purchases[0].declared = Some((100, Some(40)));
    let at = |seconds| World {
        before_new_year: Some(seconds),
        purchases: purchases.clone(),
        latency: 400,
        parallelism: 2,
        ..one.clone()
    };
    hold((0..20).map(|half| at(half * 2)));
}

#[test]
fn an_answer_after_midnight_approves_no_plan_of_yesterday() {
    let one = world(vec![passes(50, 50), passes(30, 50)]);
    let mut purchases = one.purchases.clone();
    purchases[0].declared = Some((100, Some(60)));
    let thinks = |thinks| World { before_new_year: Some(40), purchases: purchases.clone(), thinks, ..one.clone() };
    hold([1, 9, 11, 39, 41, 60].map(thinks));
}

#[test]
fn the_built_in_tenant_keeps_what_fits_before_midnight_too() {
    let mut one = world(vec![passes(50, 50), passes(30, 50)]).on_the_built_in_tenant();
    one.purchases[0].declared = Some((100, Some(60)));
    let thinks = |thinks| World { before_new_year: Some(40), thinks, ..one.clone() };
    hold([1, 9, 11, 39, 41, 60].map(thinks));
}
