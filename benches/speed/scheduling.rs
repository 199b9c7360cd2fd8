//! Putting 35,000 changes over 20 pools into a conserving order and running them through the schedule, without a tenant.

use std::collections::BTreeMap;
use std::time::Instant;

use allotment::model::catalog::{AddOn, Pool};
use allotment::model::desired::{ConfigurationDigests, Provider};
use allotment::model::document::Entry;
use allotment::model::plan::change::{Change, EnvironmentRef, PlannedChange};
use allotment::model::plan::draft::{Basis, Draft};
use allotment::model::plan::order::Plan;
use allotment::model::plan::pool::{Owned, PlannedPool};
use allotment::model::terms::Units;
use allotment::planning::schedule::holdings::WriteResult;
use allotment::planning::schedule::machine::{Next, Schedule};
use allotment::planning::schedule::order::order;

use crate::{input, say};

const POOLS: usize = 20;

/// Prints what scheduling costs, and how it grows.
pub(crate) fn report() {
    let (small, large) = (measure(3_500), measure(35_000));
    say(&format!(
        "scheduling 35,000 changes over {POOLS} pools: {large:.1} ms (bound 50); {:.1} x that of 3,500",
        large / small
    ));
}

/// The median of seven runs, in milliseconds of one thread.
fn measure(changes: usize) -> f64 {
    let draft = draft(changes);
    let mut times: Vec<f64> = (0..7)
        .map(|_| {
            let draft = draft.clone();
            let started = Instant::now();
            let steps = order(&draft);
            let plan = Plan::try_new(draft, steps).expect("the pools have room");
            run(&plan);
            started.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    times.get(3).copied().unwrap_or(f64::NAN)
}

/// Eight writes under way at once, each confirmed in its turn.
fn run(plan: &Plan) {
    let mut schedule = Schedule::new(plan);
    let mut open = std::collections::VecDeque::new();
    loop {
        if open.len() < 8
            && let Next::Send(number) = schedule.next_move()
        {
            open.push_back(number);
            continue;
        }
        let Some(number) = open.pop_front() else { return };
        schedule.record(number, WriteResult::Confirmed);
    }
}

/// Full pools, in which as many environments give back as take, and one in five does both.
fn draft(changes: usize) -> Draft {
    let add_on = |number: usize| AddOn::from_api_value(&format!("Bench{}", number % POOLS));
    let mut held: BTreeMap<Pool, u64> = BTreeMap::new();
    let mut planned = Vec::with_capacity(changes);
    for number in 0..changes {
        // Pairs of the same pool: one gives what the other takes.
        let (pair, gives) = (number / 2, number % 2 == 0);
        let add_on = add_on(pair);
        let units = Units::new(u64::try_from(pair % 7 + 1).unwrap_or(1));
        let (before, after) = if gives { (units, Units::ZERO) } else { (Units::ZERO, units) };
        *held.entry(add_on.pool()).or_default() += before.get();
        // The taker of every fifth pair is the giver of the next one.
        let environment = if !gives && pair % 5 == 0 { number + 1 } else { number };
        let id = input::id(environment).parse().expect("an id");
        let key = format!("e{environment}").parse().expect("a key");
        let change = Change::between(add_on, Some(Entry::of(before)), Entry::of(after)).expect("a change");
        planned.push(PlannedChange {
            environment: EnvironmentRef { key, id, name: None },
            change,
            until: None,
            ticket: None,
            reason: None,
            owner: None,
            declared_at: None,
        });
    }
    planned.sort_by_key(|planned| planned.change.takes());
    let pool = |(pool, held): (Pool, u64)| PlannedPool {
        pool,
        owned: Owned::Known { units: Units::new(held), declared: None, live: Some(Units::new(held)) },
        reserve: Units::ZERO,
        debt: None,
        allocated_before: Units::new(held),
        allocated_after: Units::new(held),
        unknown_environments: 0,
        unseen: Some(Units::ZERO),
        future: Vec::new(),
    };
    Draft {
        date: jiff::civil::date(2026, 11, 24),
        tenant: "bench".to_owned(),
        provider: Provider::Local,
        targets: Vec::new(),
        allowances: Vec::new(),
        strict: false,
        pools: held.into_iter().map(pool).collect(),
        changes: planned,
        setting: None,
        not_checked: Vec::new(),
        basis: Basis {
            tenant: "bench".into(),
            configuration: ConfigurationDigests::default(),
            live_totals: BTreeMap::new(),
        },
    }
}
