//! Random worlds, checked against the contract. A world is a small tenant, on the service of these tests or on the
//! built-in tenant, and its weather: all faults around a run (`weather.rs`). `contract.rs` begins with what is assumed.
//!
//! Environment variables: ALLOT_WORLD_SEED=n replays one world; ALLOT_WORLDS=n and ALLOT_WORLD_FROM=n run n worlds from a seed on;
//! ALLOT_WORLD_PROMISES=pools,honest checks only these promises; ALLOT_WORLD_WEATHER=rows,answers keeps only these classes of faults;
//! ALLOT_WORLD_RULE=text keeps only the breaches whose rule contains the text; ALLOT_WORLD_SHRINK=n shrinks a failing world in n steps at
//! most (0: not at all);
//! ALLOT_WORLD_SURVEY=1 runs on after a failure, shrinks nothing, and counts the breaches by rule.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use contract::{Breach, Promise, check};
use run::Story;
use shape::{World, worlds};

mod cases;
mod cells;
mod contract;
mod during;
mod ends;
mod files;
mod fit;
mod guards;
mod hidden;
mod language;
mod life;
mod local;
mod pools;
mod report;
mod routes;
mod rules;
mod run;
mod service;
mod shape;
mod tell;
mod tenant;
mod totals;
mod weather;

/// The number of worlds of a normal run.
const WORLDS: u64 = 2_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn names(name: &str) -> Option<Vec<String>> {
    Some(std::env::var(name).ok()?.split(',').map(str::to_owned).collect())
}

/// Selects what is checked, and in which weather.
struct Selection {
    promises: Vec<Promise>,
    weather: Option<Vec<String>>,
    rule: String,
    is_local: bool,
}

impl Selection {
    fn of_variables(is_local: bool) -> Selection {
        let promises = names("ALLOT_WORLD_PROMISES");
        let is_wanted = |promise: &Promise| promises.as_ref().is_none_or(|names| names.contains(&promise.name()));
        Selection {
            promises: Promise::ALL.into_iter().filter(is_wanted).collect(),
            weather: names("ALLOT_WORLD_WEATHER"),
            rule: std::env::var("ALLOT_WORLD_RULE").unwrap_or_default(),
            is_local,
        }
    }

    fn worlds(&self) -> BoxedStrategy<World> {
        if self.is_local { worlds().prop_map(World::on_the_built_in_tenant).boxed() } else { worlds().boxed() }
    }

    fn lived(&self, world: &World) -> (Story, Vec<Breach>) {
        let mut world = world.clone();
        if let Some(classes) = &self.weather {
            world.faults.retain(|fault| classes.iter().any(|class| class == fault.class()));
        }
        let story = world.live();
        let mut breaches = check(&world, &story);
        breaches.retain(|breach| self.promises.contains(&breach.promise) && breach.rule.contains(&self.rule));
        (story, breaches)
    }
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: number("ALLOT_WORLD_SHRINK").unwrap_or(1_000) as u32,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Lives through the world of a seed, and shrinks it if a promise breaks. Returns whether anything was written in the
/// weather.
///
/// # Errors
///
/// The story of the shrunk world.
fn tried(seed: u64, selection: &Selection) -> Result<bool, String> {
    let mut runner = runner(seed);
    let tree = selection.worlds().new_tree(&mut runner).expect("a world");
    let rule = Mutex::new(None);
    let has_written = AtomicBool::new(false);
    let result = runner.run_one(tree, |world| {
        let (story, breaches) = selection.lived(&world);
        has_written.fetch_or(story.has_written(), Ordering::Relaxed);
        let mut rule = rule.lock().expect("no panic");
        // While it shrinks, the world breaks the rule that it broke first.
        let found = breaches.iter().find(|breach| rule.is_none_or(|rule| rule == breach.rule));
        match found {
            None => Ok(()),
            Some(breach) => {
                *rule = Some(breach.rule);
                let all: Vec<String> = breaches.iter().map(ToString::to_string).collect();
                Err(TestCaseError::fail(all.join("\n")))
            }
        }
    });
    match result {
        Err(TestError::Fail(why, world)) => {
            let (story, _) = selection.lived(&world);
            Err(format!("ALLOT_WORLD_SEED={seed}\n{why}\n{}--- what happened\n{}", world.shown(), tell::told(&story)))
        }
        Err(TestError::Abort(why)) => Err(format!("ALLOT_WORLD_SEED={seed}: {why}")),
        Ok(_) => Ok(has_written.into_inner()),
    }
}

/// The breaches of a seed, without shrinking.
fn surveyed(seed: u64, selection: &Selection) -> (Story, Vec<Breach>) {
    let tree = selection.worlds().new_tree(&mut runner(seed)).expect("a world");
    selection.lived(&tree.current())
}

/// Runs the work for every seed on all processors. Every thread has its own runtimes, so rayon's stealing must not nest them.
fn on_all(first: u64, count: u64, work: impl Fn(u64) -> bool + Sync) -> u64 {
    let next = AtomicU64::new(first);
    let ends = AtomicU64::new(first + count);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            // The futures of a whole workflow are large in a debug build.
            let thread = std::thread::Builder::new().stack_size(64 << 20);
            let run = || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= ends.load(Ordering::Relaxed) {
                        break;
                    }
                    if !work(seed) {
                        ends.store(0, Ordering::Relaxed);
                    }
                }
            };
            thread.spawn_scoped(scope, run).expect("a thread");
        }
    });
    next.into_inner() - first
}

#[test]
fn every_promise_holds_in_random_worlds() {
    run(&Selection::of_variables(false), WORLDS);
}

#[test]
fn every_promise_holds_on_the_built_in_tenant() {
    run(&Selection::of_variables(true), WORLDS / 4);
}

fn run(selection: &Selection, worlds: u64) {
    let _ = rayon::ThreadPoolBuilder::new().build_global();
    let (first, count) = match number("ALLOT_WORLD_SEED") {
        Some(seed) => (seed, 1),
        None => (number("ALLOT_WORLD_FROM").unwrap_or(0), number("ALLOT_WORLDS").unwrap_or(worlds)),
    };
    let started = Instant::now();
    if number("ALLOT_WORLD_SURVEY").is_some() {
        return survey(first, count, selection, started);
    }
    let failures = Mutex::new(Vec::new());
    let wrote = AtomicU64::new(0);
    on_all(first, count, |seed| match tried(seed, selection) {
        Ok(has_written) => {
            wrote.fetch_add(u64::from(has_written), Ordering::Relaxed);
            true
        }
        Err(why) => {
            failures.lock().expect("no panic").push(why);
            false
        }
    });
    let failures = failures.into_inner().expect("no panic");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    let wrote = wrote.into_inner();
    assert!(
        count < 100 || wrote * 4 >= count,
        "only {wrote} of {count} worlds write anything: the others show nothing"
    );
}

/// The seeds of a rule's breaches, and one breach of each.
type Found = BTreeMap<(Promise, &'static str), Vec<(u64, String)>>;

/// Counts the breaches by rule, with the first seeds of each.
fn survey(first: u64, count: u64, selection: &Selection, started: Instant) {
    let found: Mutex<Found> = Mutex::default();
    let ends: Mutex<BTreeMap<String, u64>> = Mutex::default();
    on_all(first, count, |seed| {
        let (story, breaches) = surveyed(seed, selection);
        let kinds =
            [story.reports.last(), story.after.last()].map(|report| report.map(|report| tell::kind(&story, report)));
        for (name, kind) in ["in the weather", "afterwards"].iter().zip(kinds) {
            *ends.lock().expect("no panic").entry(format!("{name}: {}", kind.unwrap_or_default())).or_default() += 1;
        }
        for breach in breaches {
            let mut found = found.lock().expect("no panic");
            let seeds = found.entry((breach.promise, breach.rule)).or_default();
            if seeds.last().is_none_or(|(last, _)| *last != seed) {
                seeds.push((seed, breach.to_string()));
            }
        }
        true
    });
    let mut text = format!("{count} worlds in {:.1} s\n", started.elapsed().as_secs_f64());
    for (kind, number) in ends.into_inner().expect("no panic") {
        text += &format!("    {number} {kind}\n");
    }
    for ((promise, rule), mut seeds) in found.into_inner().expect("no panic") {
        seeds.sort();
        text += &format!("{}: {rule}: {} worlds\n", promise.name(), seeds.len());
        for (seed, breach) in seeds.iter().take(6) {
            text += &format!("    {seed}: {breach}\n");
        }
    }
    panic!("{text}");
}
