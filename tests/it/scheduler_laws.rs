//! The laws of the conserving schedule, over random tenants, wishes, failures and interleavings.

use std::collections::BTreeMap;

use allotment::model::catalog::{AddOn, Pool};
use allotment::model::desired::{ConfigurationDigests, Provider};
use allotment::model::document::Entry;
use allotment::model::plan::change::{Change, EnvironmentRef, PlannedChange};
use allotment::model::plan::draft::{Basis, Draft};
use allotment::model::plan::order::Plan;
use allotment::model::plan::pool::{Owned, PlannedPool};
use allotment::model::terms::{EnvironmentId, Units};
use allotment::planning::schedule::holdings::WriteResult;
use allotment::planning::schedule::machine::{Next, Schedule, WriteProgress};
use allotment::planning::schedule::not_sent::NotSentReason;
use allotment::planning::schedule::order::order;
use proptest::prelude::*;

/// The last two share one pool.
const ADD_ONS: [&str; 4] = ["app-passes", "portal-logins", "process", "unattended-rpa"];

/// What every environment holds of every add-on, before and after.
pub(crate) type Wishes = Vec<[(u64, u64); 4]>;

fn wishes() -> impl Strategy<Value = Wishes> {
    let amount = prop_oneof![3 => Just(0_u64), 5 => 1..12_u64];
    let cell = (amount.clone(), amount);
    prop::collection::vec([cell.clone(), cell.clone(), cell.clone(), cell], 1..7)
}

fn add_on(at: usize) -> AddOn {
    AddOn::from_slug(ADD_ONS[at]).expect("a slug")
}

fn id(number: usize) -> EnvironmentId {
    format!("00000000-0000-4000-8000-{number:012x}").parse().expect("an id")
}

fn sum(wishes: &Wishes, pool: &Pool, pick: impl Fn(&(u64, u64)) -> u64) -> u64 {
    let members: Vec<usize> = (0..ADD_ONS.len()).filter(|at| add_on(*at).pool() == *pool).collect();
    wishes.iter().map(|environment| members.iter().map(|at| pick(&environment[*at])).sum::<u64>()).sum()
}

/// A draft whose final amounts fit: each pool owns them plus `slack`, which may be less than is held now.
pub(crate) fn draft(wishes: &Wishes, slack: u64) -> Draft {
    let mut pools: Vec<Pool> = (0..ADD_ONS.len()).map(|at| add_on(at).pool()).collect();
    pools.dedup();
    let planned = |pool: Pool| {
        let after = sum(wishes, &pool, |cell| cell.1);
        PlannedPool {
            owned: Owned::Known { units: Units::new(after + slack), declared: None, live: None },
            reserve: Units::ZERO,
            debt: None,
            allocated_before: Units::new(sum(wishes, &pool, |cell| cell.0)),
            allocated_after: Units::new(after),
            unknown_environments: 0,
            unseen: Some(Units::ZERO),
            future: Vec::new(),
            pool,
        }
    };
    let mut changes = Vec::new();
    for (number, cells) in wishes.iter().enumerate() {
        for (at, (before, after)) in cells.iter().enumerate() {
            let before = (*before > 0).then(|| Entry::of(Units::new(*before)));
            let change = Change::between(add_on(at), before, Entry::of(Units::new(*after)));
            changes.extend(change.map(|change| PlannedChange {
                environment: EnvironmentRef {
                    key: format!("e{number}").parse().expect("a key"),
                    id: id(number),
                    name: None,
                },
                change,
                until: None,
                ticket: None,
                reason: None,
                owner: None,
                declared_at: None,
            }));
        }
    }
    Draft {
        date: "2026-11-24".parse().expect("a date"),
        tenant: "laws".to_owned(),
        provider: Provider::Local,
        targets: Vec::new(),
        allowances: Vec::new(),
        strict: false,
        pools: pools.into_iter().map(planned).collect(),
        changes,
        setting: None,
        not_checked: Vec::new(),
        basis: Basis {
            tenant: "laws".into(),
            configuration: ConfigurationDigests::default(),
            live_totals: BTreeMap::new(),
        },
    }
}

/// All possible states: the confirmed amounts, and the open writes, each of which may have taken effect.
struct World<'a> {
    draft: &'a Draft,
    confirmed: BTreeMap<(EnvironmentId, AddOn), u64>,
    open: BTreeMap<EnvironmentId, Vec<usize>>,
}

impl<'a> World<'a> {
    fn new(draft: &'a Draft, wishes: &Wishes) -> World<'a> {
        let cells = wishes.iter().enumerate().flat_map(|(number, cells)| {
            cells.iter().enumerate().map(move |(at, (before, _))| ((id(number), add_on(at)), *before))
        });
        World { draft, confirmed: cells.collect(), open: BTreeMap::new() }
    }

    /// The most that a pool can hold, computed independently of the schedule.
    fn worst(&self, pool: &Pool) -> u64 {
        let mut environments: BTreeMap<&EnvironmentId, (u64, u64)> = BTreeMap::new();
        for ((environment, name), units) in self.confirmed.iter().filter(|((_, name), _)| name.pool() == *pool) {
            let open = self.open.get(environment).into_iter().flatten();
            let changed =
                open.filter_map(|index| self.draft.changes.get(*index)).find(|planned| planned.change.add_on() == name);
            let then = changed.map_or(*units, |planned| planned.change.after().units.get());
            let slot = environments.entry(environment).or_default();
            *slot = (slot.0 + units, slot.1 + then);
        }
        environments.values().map(|(now, then)| now.max(then)).sum()
    }

    fn take_effect(&mut self, changes: &[usize]) {
        for planned in changes.iter().filter_map(|index| self.draft.changes.get(*index)) {
            let cell = (planned.environment.id.clone(), planned.change.add_on().clone());
            self.confirmed.insert(cell, planned.change.after().units.get());
        }
    }

    fn check(&self) {
        for pool in &self.draft.pools {
            let (worst, most) = (self.worst(&pool.pool), pool.ceiling().max(pool.allocated_before).get());
            assert!(worst <= most, "{} might hold {worst}, and may hold {most}", pool.pool);
        }
    }

    /// Checks that a write which is sent lets no pool grow above its ceiling, even if the pool is over-allocated at first.
    fn check_sent(&self, environment: &EnvironmentId, changes: &[usize]) {
        for pool in &self.draft.pools {
            let of_pool = changes.iter().map(|index| &self.draft.changes[*index].change);
            let of_pool = of_pool.filter(|change| change.add_on().pool() == pool.pool);
            let net: i128 = of_pool.map(|change| change.after().units.difference(change.units_before())).sum();
            let (worst, ceiling) = (self.worst(&pool.pool), pool.ceiling().get());
            assert!(net <= 0 || worst <= ceiling, "{environment} takes {net}: {worst} of {ceiling} {}", pool.pool);
        }
    }
}

/// Drives a schedule with random bytes, which choose the write that ends next and its result. Returns the final world.
fn drive<'a>(draft: &'a Draft, schedule: &mut Schedule, wishes: &Wishes, luck: &[u8], parallelism: usize) -> World<'a> {
    let mut world = World::new(draft, wishes);
    let mut open = Vec::new();
    let mut luck = luck.iter().copied().chain(std::iter::repeat(0));
    for _ in 0..1_000 {
        let next = if open.len() < parallelism { schedule.next_move() } else { Next::Wait };
        match next {
            Next::Send(number) => {
                let changes = schedule.changes(number).to_vec();
                let environment = draft.changes[changes[0]].environment.id.clone();
                assert!(
                    world.open.insert(environment.clone(), changes.clone()).is_none(),
                    "two writes to one environment"
                );
                world.check_sent(&environment, &changes);
                open.push((number, environment));
            }
            Next::Done => {
                assert!(open.is_empty());
                return world;
            }
            Next::Wait => {
                assert!(!open.is_empty(), "the schedule waits with nothing in flight");
                let whom = usize::from(luck.next().unwrap_or(0)) % open.len();
                let (number, environment) = open.remove(whom);
                match luck.next().unwrap_or(0) {
                    0..=199 => {
                        let changes = world.open.remove(&environment).unwrap_or_default();
                        world.take_effect(&changes);
                        schedule.record(number, WriteResult::Confirmed);
                    }
                    200..=229 => {
                        world.open.remove(&environment);
                        schedule.record(number, WriteResult::Failed);
                    }
                    // The result is unknown, so the write stays open.
                    _ => schedule.record(number, WriteResult::Unknown),
                }
            }
        }
        world.check();
    }
    panic!("the schedule does not end");
}

fn planned(wishes: &Wishes, slack: u64) -> Plan {
    let draft = draft(wishes, slack);
    let steps = order(&draft);
    Plan::try_new(draft, steps).expect("the end fits, so there is an order")
}

/// The minimum number of writes, by brute force over all orders and splits.
fn fewest(draft: &Draft) -> usize {
    let mut environments: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    let mut names: Vec<&EnvironmentId> = Vec::new();
    for (index, change) in draft.changes.iter().enumerate() {
        let at = names.iter().position(|name| **name == change.environment.id).unwrap_or_else(|| {
            names.push(&change.environment.id);
            environments.push((Vec::new(), Vec::new()));
            names.len() - 1
        });
        let (gives, takes) = &mut environments[at];
        if change.change.takes() { takes.push(index) } else { gives.push(index) }
    }
    let held = |pool: &PlannedPool, done: &[u8]| {
        let mut held = i128::from(pool.allocated_before.get());
        for ((gives, takes), state) in environments.iter().zip(done) {
            let moved = gives.iter().filter(|_| *state > 0).chain(takes.iter().filter(|_| *state > 1));
            for change in
                moved.map(|index| &draft.changes[*index].change).filter(|change| change.add_on().pool() == pool.pool)
            {
                held += change.after().units.difference(change.units_before());
            }
        }
        held
    };
    // An over-allocated pool may shrink, and must not grow before it is within its ceiling.
    let fits = |before: &[u8], after: &[u8]| {
        draft.pools.iter().all(|pool| {
            let (before, after) = (held(pool, before), held(pool, after));
            after <= before || after <= i128::from(pool.ceiling().get())
        })
    };
    let mut layer = vec![vec![0_u8; environments.len()]];
    for writes in 0.. {
        if layer.iter().any(|done| done.iter().all(|state| *state == 2)) {
            return writes;
        }
        let mut next = Vec::new();
        for done in &layer {
            for at in 0..done.len() {
                for state in (done[at] + 1)..=2 {
                    let mut then = done.clone();
                    then[at] = state;
                    if fits(done, &then) && !next.contains(&then) {
                        next.push(then);
                    }
                }
            }
        }
        layer = next;
    }
    unreachable!("some order always ends")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// (a) Whatever fails and in whichever order writes end, no pool can exceed its ceiling, and the schedule always ends.
    #[test]
    fn no_pool_is_ever_overdrawn(wishes in wishes(), slack in 0..4_u64, luck in prop::collection::vec(any::<u8>(), 0..60), parallelism in 1..5_usize) {
        let plan = planned(&wishes, slack);
        let mut schedule = Schedule::new(&plan);
        let world = drive(plan.draft(), &mut schedule, &wishes, &luck, parallelism);
        // (c) Every write that is not sent would not fit.
        for (change, reason) in schedule.not_sent() {
            let planned = &plan.draft().changes[change];
            if let NotSentReason::Blocked { pool, short_by, held_by, .. } = reason {
                prop_assert!(planned.change.takes(), "only what takes waits");
                let ceiling = plan.draft().pool(&pool).map_or(0, |pool| pool.ceiling().get());
                let wanted = planned.change.after().units.difference(planned.change.units_before());
                let short = i128::from(world.worst(&pool)) + wanted - i128::from(ceiling);
                prop_assert!(short > 0, "the write fits and was not sent");
                prop_assert_eq!(short, i128::from(short_by.get()));
                prop_assert!(!held_by.is_empty(), "the environments that hold the missing units are named");
            }
        }
    }

    /// (b) If nothing fails, everything is applied, with one write for each step of the plan.
    #[test]
    fn without_failures_everything_is_applied_exactly(wishes in wishes(), slack in 0..4_u64, whom in prop::collection::vec(0..5_u8, 0..40), parallelism in 1..5_usize) {
        let plan = planned(&wishes, slack);
        let mut schedule = Schedule::new(&plan);
        let luck: Vec<u8> = whom.into_iter().flat_map(|whom| [whom, 0]).collect();
        let world = drive(plan.draft(), &mut schedule, &wishes, &luck, parallelism);
        let applied = WriteProgress::Ended(WriteResult::Confirmed);
        prop_assert!((0..plan.draft().changes.len()).all(|change| schedule.progress(change) == applied));
        for (number, cells) in wishes.iter().enumerate() {
            for (at, (_, after)) in cells.iter().enumerate() {
                prop_assert_eq!(world.confirmed[&(id(number), add_on(at))], *after);
            }
        }
    }

    /// (e) A plan reads back from JSON as it was.
    #[test]
    fn a_plan_reads_back_equal(wishes in wishes(), slack in 0..4_u64) {
        let plan = planned(&wishes, slack);
        let text = serde_json::to_string(&plan).expect("a plan is JSON");
        prop_assert_eq!(serde_json::from_str::<Plan>(&text).expect("and reads back"), plan);
    }

    /// No order takes fewer writes.
    #[test]
    fn the_order_takes_the_fewest_writes(wishes in wishes().prop_map(|mut wishes| { wishes.truncate(4); wishes }), slack in 0..3_u64) {
        let plan = planned(&wishes, slack);
        prop_assert_eq!(plan.steps().len(), fewest(plan.draft()));
    }
}

#[test]
fn a_swap_in_two_full_pools_takes_three_writes() {
    let plan = planned(&vec![[(10, 0), (0, 10), (0, 0), (0, 0)], [(0, 10), (10, 0), (0, 0), (0, 0)]], 0);
    assert_eq!(plan.steps().len(), 3);
}
