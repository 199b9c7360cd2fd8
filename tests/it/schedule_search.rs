//! Every order in which the writes of a small plan can be sent and can end, searched without gaps.
//!
//! The search drives the schedule, and keeps its own account of what every environment may hold. It uses no arithmetic of the
//! schedule. `ALLOT_SCHEDULE=full` searches four environments; the default searches two with larger amounts and three with
//! smaller ones.

use std::collections::{BTreeSet, VecDeque};

use allotment::model::plan::draft::Draft;
use allotment::model::plan::order::{Plan, Step};
use allotment::planning::schedule::holdings::WriteResult;
use allotment::planning::schedule::machine::{Next, Schedule, WriteNumber};
use allotment::planning::schedule::order::order;

use crate::scheduler_laws::{Wishes, draft};

/// The most writes in flight.
const IN_FLIGHT: usize = 3;
const RESULTS: [WriteResult; 3] = [WriteResult::Confirmed, WriteResult::Failed, WriteResult::Unknown];

/// One step of a run: the schedule is asked for a write, or the nth write in flight ends.
#[derive(Clone, Copy, Debug)]
enum Event {
    Ask,
    Ends(usize, WriteResult),
}

/// The amounts of both pools that one environment may hold.
type Amounts = [u64; 2];

/// A run so far: the schedule, and what its environments may hold, whichever writes took effect.
struct Situation {
    schedule: Schedule,
    /// The possible amounts of each environment.
    possible: Vec<BTreeSet<Amounts>>,
    in_flight: Vec<WriteNumber>,
    /// How the writes ended, and how often the schedule sent something.
    results: Vec<WriteResult>,
    sent: usize,
    /// The changes that were sent.
    handed_out: BTreeSet<usize>,
    /// The environments of writes that failed, or whose result is unknown.
    failed: BTreeSet<usize>,
    is_done: bool,
}

/// What a plan may hold: the limit of each pool.
struct Limits(Amounts);

fn environment_of(draft: &Draft, change: usize) -> usize {
    let key = draft.changes[change].environment.key.as_str();
    key[1..].parse().expect("the key is e and a number")
}

fn pool_of(draft: &Draft, change: usize) -> usize {
    usize::from(draft.changes[change].change.add_on().to_string() != "app-passes")
}

impl Situation {
    fn new(plan: &Plan, wishes: &Wishes) -> Situation {
        Situation {
            schedule: Schedule::new(plan),
            possible: wishes.iter().map(|cells| BTreeSet::from([[cells[0].0, cells[1].0]])).collect(),
            in_flight: Vec::new(),
            results: Vec::new(),
            sent: 0,
            handed_out: BTreeSet::new(),
            failed: BTreeSet::new(),
            is_done: false,
        }
    }

    /// The amounts of an environment after a write took effect.
    fn after(&self, draft: &Draft, number: WriteNumber, mut amounts: Amounts) -> Amounts {
        for &change in self.schedule.changes(number) {
            amounts[pool_of(draft, change)] = draft.changes[change].change.after().units.get();
        }
        amounts
    }

    fn environment(&self, draft: &Draft, number: WriteNumber) -> usize {
        environment_of(draft, self.schedule.changes(number)[0])
    }

    fn happens(&mut self, draft: &Draft, event: Event) {
        match event {
            Event::Ask => match self.schedule.next_move() {
                Next::Send(number) => {
                    self.sent += 1;
                    self.handed_out.extend(self.schedule.changes(number));
                    self.in_flight.push(number);
                    let at = self.environment(draft, number);
                    assert!(!self.failed.contains(&at), "the rest of an environment is sent after its write failed");
                    let made: Vec<Amounts> =
                        self.possible[at].iter().map(|amounts| self.after(draft, number, *amounts)).collect();
                    self.possible[at].extend(made);
                }
                Next::Wait => {}
                Next::Done => self.is_done = true,
            },
            Event::Ends(at, result) => {
                let number = self.in_flight.remove(at);
                let environment = self.environment(draft, number);
                let changes = self.schedule.changes(number).to_vec();
                let took_effect = |amounts: &Amounts| {
                    let is_made = |change: &usize| {
                        amounts[pool_of(draft, *change)] == draft.changes[*change].change.after().units.get()
                    };
                    changes.iter().all(is_made)
                };
                match result {
                    WriteResult::Confirmed => self.possible[environment].retain(took_effect),
                    WriteResult::Failed => self.possible[environment].retain(|amounts| !took_effect(amounts)),
                    WriteResult::Unknown => {}
                }
                if result != WriteResult::Confirmed {
                    self.failed.insert(environment);
                }
                self.results.push(result);
                self.schedule.record(number, result);
            }
        }
    }

    /// The most that each pool may hold, whichever writes took effect.
    fn worst(&self) -> Amounts {
        let most = |pool: usize| {
            let of = |amounts: &BTreeSet<Amounts>| amounts.iter().map(|amounts| amounts[pool]).max().unwrap_or(0);
            self.possible.iter().map(of).sum()
        };
        [most(0), most(1)]
    }

    /// Two runs with the same key go on in the same way.
    fn key(&self, draft: &Draft) -> String {
        let progress: Vec<_> = (0..draft.changes.len()).map(|change| self.schedule.progress(change)).collect();
        format!("{progress:?}{:?}{:?}{}", self.in_flight, self.possible, self.is_done)
    }

    /// The events that can come next.
    fn next(&self) -> Vec<Event> {
        let ends = (0..self.in_flight.len()).flat_map(|at| RESULTS.map(|result| Event::Ends(at, result)));
        let ask = (!self.is_done && self.in_flight.len() < IN_FLIGHT).then_some(Event::Ask);
        ask.into_iter().chain(ends).collect()
    }
}

/// The units that changes of one environment take from each pool, or give back.
fn takes(draft: &Draft, changes: &[usize]) -> [i64; 2] {
    let mut takes = [0; 2];
    for &change in changes {
        let planned = &draft.changes[change].change;
        let units = planned.after().units.get() as i64 - planned.units_before().get() as i64;
        takes[pool_of(draft, change)] += units;
    }
    takes
}

/// Until a write fails, a write goes before an earlier one only if the units are enough for both, and never within an environment.
/// `worst` is what each pool held at most before the write was handed out.
fn keeps_the_order(plan: &Plan, situation: &Situation, worst: Amounts, owned: &Limits) {
    let Some(number) = situation.in_flight.last() else { return };
    let (draft, sent) = (plan.draft(), situation.schedule.changes(*number));
    let is_waiting = |changes: &[usize]| !changes.iter().any(|change| situation.handed_out.contains(change));
    let earlier = plan.steps().iter().take_while(|step| !step.changes.contains(&sent[0]));
    let mut wanted = takes(draft, sent);
    let is_taken = wanted.map(|units| units > 0);
    for other in situation.in_flight.iter().filter(|other| *other != number) {
        let environments = [number, other].map(|write| situation.environment(draft, *write));
        assert_ne!(environments[0], environments[1], "two writes of an environment are in flight");
    }
    for step in earlier.filter(|step| is_waiting(&step.changes)) {
        let environments = [step.changes[0], sent[0]].map(|change| environment_of(draft, change));
        assert_ne!(environments[0], environments[1], "the second write of an environment goes before the first");
        for (wanted, units) in wanted.iter_mut().zip(takes(draft, &step.changes)) {
            *wanted += units.max(0);
        }
    }
    for pool in (0..2).filter(|pool| is_taken[*pool]) {
        let free = owned.0[pool] as i64 - worst[pool] as i64;
        assert!(wanted[pool] <= free, "a write overtakes: {wanted:?} wanted, {free} free in pool {pool}");
    }
}

/// What holds where a run has ended.
type AtTheEnd = fn(&Situation, &Draft, &Wishes, &Limits, &[Event]);

/// Searches one plan. Returns the number of situations.
fn search(plan: &Plan, wishes: &Wishes, limits: &Limits, owned: &Limits, at_the_end: AtTheEnd) -> usize {
    let draft = plan.draft();
    let mut seen = BTreeSet::new();
    let mut open: Vec<Vec<Event>> = vec![Vec::new()];
    while let Some(path) = open.pop() {
        let mut situation = Situation::new(plan, wishes);
        if let Some((last, earlier)) = path.split_last() {
            earlier.iter().for_each(|event| situation.happens(draft, *event));
            let (sent, worst) = (situation.sent, situation.worst());
            let has_failed = situation.results.iter().any(|result| *result != WriteResult::Confirmed);
            situation.happens(draft, *last);
            if situation.sent > sent && !has_failed {
                keeps_the_order(plan, &situation, worst, owned);
            }
        }
        if !seen.insert(situation.key(draft)) {
            continue;
        }
        let worst = situation.worst();
        assert!((0..2).all(|pool| worst[pool] <= limits.0[pool]), "{worst:?} of {:?}: {path:?}\n{wishes:?}", limits.0);
        if situation.is_done {
            at_the_end(&situation, draft, wishes, owned, &path);
        }
        for event in situation.next() {
            let mut longer = path.clone();
            longer.push(event);
            open.push(longer);
        }
    }
    seen.len()
}

/// A run that ended made every change, unless a write failed. Then only what needs its units, or its environment, is left.
fn ends_well(situation: &Situation, draft: &Draft, wishes: &Wishes, owned: &Limits, path: &[Event]) {
    let not_sent = situation.schedule.not_sent();
    if situation.results.iter().all(|result| *result == WriteResult::Confirmed) {
        assert!(not_sent.is_empty(), "{path:?}\n{wishes:?}");
        let wanted: Vec<_> = wishes.iter().map(|cells| BTreeSet::from([[cells[0].1, cells[1].1]])).collect();
        assert_eq!(situation.possible, wanted, "{path:?}");
        return;
    }
    let worst = situation.worst();
    let failed: BTreeSet<usize> = (0..draft.changes.len())
        .filter(|change| !not_sent.contains_key(change))
        .filter(|change| {
            situation.possible[environment_of(draft, *change)]
                .iter()
                .any(|amounts| amounts[pool_of(draft, *change)] != draft.changes[*change].change.after().units.get())
        })
        .map(|change| environment_of(draft, change))
        .collect();
    for change in not_sent.keys().filter(|change| !failed.contains(&environment_of(draft, **change))) {
        let planned = &draft.changes[*change].change;
        let grows = planned.after().units.get().saturating_sub(planned.units_before().get());
        let pool = pool_of(draft, *change);
        assert!(grows > owned.0[pool].saturating_sub(worst[pool]), "{change} was not sent: {path:?}\n{wishes:?}");
    }
}

/// The fewest writes that make every change, one after the other, found by trying all.
fn fewest_writes(draft: &Draft, wishes: &Wishes, limits: &Limits) -> usize {
    let changes = draft.changes.len();
    let everything = (1_u32 << changes) - 1;
    let held = |done: u32| -> Amounts {
        let mut held = [0, 1].map(|pool| wishes.iter().map(|cells| cells[pool].0).sum::<u64>());
        for change in (0..changes).filter(|change| done & (1 << change) != 0) {
            let (planned, pool) = (&draft.changes[change].change, pool_of(draft, change));
            held[pool] = held[pool] - planned.units_before().get() + planned.after().units.get();
        }
        held
    };
    let mut steps = vec![None; 1 << changes];
    let mut open = VecDeque::from([0_u32]);
    steps[0] = Some(0);
    while let Some(done) = open.pop_front() {
        if done == everything {
            break;
        }
        for environment in 0..wishes.len() {
            let of = (0..changes).filter(|change| environment_of(draft, *change) == environment);
            let left: Vec<usize> = of.filter(|change| done & (1 << change) == 0).collect();
            for subset in 1..(1_u32 << left.len()) {
                let chosen = left.iter().enumerate().filter(|(at, _)| subset & (1 << at) != 0);
                let then = chosen.fold(done, |then, (_, change)| then | (1 << change));
                let (before, after) = (held(done), held(then));
                let fits = (0..2).all(|pool| after[pool] <= before[pool] || after[pool] <= limits.0[pool]);
                if fits && steps[then as usize].is_none() {
                    steps[then as usize] = steps[done as usize].map(|steps: usize| steps + 1);
                    open.push_back(then);
                }
            }
        }
    }
    steps[everything as usize].expect("the final amounts fit")
}

/// Every tenant of this many environments whose amounts are below `amounts`.
fn all_wishes(environments: usize, amounts: u64) -> impl Iterator<Item = Wishes> {
    let cells = u32::try_from(environments * 4).expect("few");
    (0..amounts.pow(cells)).map(move |mut number| {
        let mut digit = || {
            let digit = number % amounts;
            number /= amounts;
            digit
        };
        (0..environments).map(|_| [(digit(), digit()), (digit(), digit()), (0, 0), (0, 0)]).collect()
    })
}

/// The numbers of plans and of situations.
fn search_all(environments: usize, amounts: u64, slacks: &[u64]) -> (usize, usize) {
    use rayon::prelude::*;
    let plans: Vec<(Wishes, u64)> = all_wishes(environments, amounts)
        // The order of environments does not matter.
        .filter(|wishes| wishes.is_sorted())
        .flat_map(|wishes| slacks.iter().map(move |slack| (wishes.clone(), *slack)))
        .collect();
    let situations = plans.par_iter().map(|(wishes, slack)| search_one(wishes, *slack));
    (plans.len(), situations.sum())
}

/// The number of situations of one plan.
fn search_one(wishes: &Wishes, slack: u64) -> usize {
    let draft = draft(wishes, slack);
    let steps = order(&draft);
    let total =
        |pick: fn(&(u64, u64)) -> u64| [0, 1].map(|pool| wishes.iter().map(|cells| pick(&cells[pool])).sum::<u64>());
    let (before, after) = (total(|cell| cell.0), total(|cell| cell.1));
    // Each pool owns what it holds in the end, and the slack. Where it holds more before, it may not grow beyond that.
    let limits = Limits([0, 1].map(|pool| before[pool].max(after[pool] + slack)));
    let owned = Limits(after.map(|after| after + slack));
    assert_eq!(steps.len(), fewest_writes(&draft, wishes, &owned), "as few writes as needed: {wishes:?}, {slack}");
    let plan = Plan::try_new(draft, steps).expect("a conserving order");
    search(&plan, wishes, &limits, &owned, ends_well)
}

/// The smallest full pools in which the first environment that fits is not the best one to write next.
#[test]
fn environments_that_block_each_other_take_as_few_writes_as_needed() {
    search_one(&wishes([[(1, 0), (0, 1)], [(1, 0), (0, 1)], [(1, 2), (2, 0)]]), 0);
    search_one(&wishes([[(1, 0), (0, 1)], [(1, 0), (1, 2)], [(1, 2), (2, 0)]]), 0);
    search_one(&wishes([[(1, 0), (1, 2)], [(1, 0), (1, 2)], [(1, 2), (2, 0)]]), 0);
}

/// The tenant of three environments with these amounts of two add-ons.
fn wishes(of: [[(u64, u64); 2]; 3]) -> Wishes {
    of.map(|[first, second]| [first, second, (0, 0), (0, 0)]).to_vec()
}

/// The first environment gives two units back, the second takes two, and the third takes one. If the first fails, only the third fits.
#[test]
fn after_a_failure_what_fits_is_sent_as_it_is() {
    search_one(&wishes([[(2, 0), (0, 0)], [(0, 2), (0, 0)], [(0, 1), (0, 0)]]), 0);
}

/// A saved plan can write an environment twice where it need not. The second write never goes before the first, nor beside it.
#[test]
fn the_writes_of_an_environment_keep_their_order() {
    let wishes = wishes([[(1, 0), (0, 0)], [(0, 1), (1, 0)], [(0, 0), (0, 1)]]);
    let draft = draft(&wishes, 0);
    let at = |environment: usize, pool: usize| {
        let is_it = |change: &usize| environment_of(&draft, *change) == environment && pool_of(&draft, *change) == pool;
        let change = (0..draft.changes.len()).find(is_it).expect("a change");
        Step { environment: draft.changes[change].environment.id.clone(), changes: vec![change] }
    };
    let steps = vec![at(0, 0), at(1, 0), at(1, 1), at(2, 1)];
    let plan = Plan::try_new(draft.clone(), steps).expect("a conserving order");
    let limits = Limits([1, 1]);
    // After a failure, the second write stays behind the first.
    search(&plan, &wishes, &limits, &limits, |_, _, _, _, _| {});
}

#[test]
#[expect(clippy::print_stdout, reason = "the number of situations is a result of this search")]
fn no_order_of_sending_and_ending_overdraws_a_pool_and_no_write_is_too_many() {
    let searches: &[(usize, u64, &[u64])] = match std::env::var("ALLOT_SCHEDULE").as_deref() {
        Ok("full") => &[(2, 4, &[0, 1, 2]), (3, 2, &[0, 1]), (4, 2, &[0, 1])],
        _ => &[(2, 3, &[0, 1]), (3, 2, &[0])],
    };
    for (environments, amounts, slacks) in searches {
        let (plans, situations) = search_all(*environments, *amounts, slacks);
        println!("{environments} environments, amounts below {amounts}: {plans} plans, {situations} situations");
    }
}
