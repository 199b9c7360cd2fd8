//! A failing service: a fifth of all requests fails, in every possible way, and reads lag. An apply still ends with exactly the
//! wanted amounts, and no pool ever exceeds the owned units.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use allotment::emulator::faults::{Faults, RetryAfter, Semantics};
use allotment::model::catalog::{AddOn, Pool};
use allotment::model::seed::OverAllocation;
use allotment::provider::port::Observe as _;
use rayon::prelude::*;

use crate::service::{Service, Session, Wanted, on_a_paused_clock};

const SEEDS: u64 = 100;
const ENVIRONMENTS: usize = 300;
/// The number of environments that change one cell; the others change two.
const CHANGED_ONCE: usize = 100;
const CHANGES: usize = ENVIRONMENTS * 2 - CHANGED_ONCE;
const ADD_ONS: [&str; 2] = ["app-passes", "ai-builder-credits"];
/// The free units of each add-on at the start. At the end none is free, so a unit that is used too early exceeds the pool.
const SLACK: u64 = 40;

/// The units of both add-ons that each environment holds and wants. Except for the slack, every increase has an equal decrease
/// elsewhere.
struct Shuffle {
    held: Vec<[u64; 2]>,
    wanted: Vec<[u64; 2]>,
}

impl Shuffle {
    fn new(seed: u64) -> Shuffle {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut held: Vec<[u64; 2]> = (0..ENVIRONMENTS).map(|_| [random.u64(0..60), random.u64(0..60)]).collect();
        let mut wanted = held.clone();
        for add_on in 0..ADD_ONS.len() {
            // The second add-on changes in fewer environments.
            let mut changed: Vec<usize> = (0..ENVIRONMENTS - add_on * CHANGED_ONCE).collect();
            random.shuffle(&mut changed);
            for (at, pair) in changed.chunks(2).enumerate() {
                let [one, other] = pair else { panic!("an even number") };
                let moved = random.u64(1..20);
                held[*one][add_on] += moved;
                let slack = if at == 0 { SLACK } else { 0 };
                wanted[*other][add_on] = held[*other][add_on] + moved + slack;
                wanted[*one][add_on] = held[*one][add_on] - moved;
            }
        }
        Shuffle { held, wanted }
    }

    fn id(at: usize) -> String {
        format!("00000000-0000-4000-8000-{at:012}")
    }

    fn owned(&self, add_on: usize) -> u64 {
        self.held.iter().map(|held| held[add_on]).sum::<u64>() + SLACK
    }

    fn seed(&self) -> String {
        let mut text = format!("tenant: contoso\n{}environments:\n", self.purchased());
        for (at, [passes, credits]) in self.held.iter().enumerate() {
            let allocations = format!("{{ app-passes: {passes}, ai-builder-credits: {credits} }}");
            let _ = writeln!(text, "  - {{ id: \"{}\", name: E{at}, allocations: {allocations} }}", Shuffle::id(at));
        }
        text
    }

    fn root(&self) -> String {
        let mut text = format!(
            "version: 1\ntenant: {{ name: contoso, provider: power-platform }}\n{}environments:\n",
            self.purchased()
        );
        for (at, [passes, credits]) in self.wanted.iter().enumerate() {
            let allocations = format!("{{ app-passes: {passes}, ai-builder-credits: {credits} }}");
            let _ = writeln!(text, "  e{at}: {{ id: \"{}\", allocations: {allocations} }}", Shuffle::id(at));
        }
        text
    }

    fn purchased(&self) -> String {
        format!("purchased: {{ app-passes: {}, ai-builder-credits: {} }}\n", self.owned(0), self.owned(1))
    }
}

/// Every kind of failure on one request in 25: together one in five.
fn bad_day(seed: u64) -> Faults {
    let each = 0.04;
    Faults {
        throttle_rate: each,
        retry_after: [RetryAfter::None, RetryAfter::Seconds, RetryAfter::Date][(seed % 3) as usize],
        retry_after_seconds: 2,
        fail_before_rate: each,
        fail_after_rate: each,
        drop_before_rate: each,
        drop_after_rate: each,
        stale_reads_seconds: 3,
        semantics: if seed.is_multiple_of(2) { Semantics::Merge } else { Semantics::Replace },
        // The tenant accepts over-allocation, so only the order of the writes prevents it.
        over_allocation: Some(OverAllocation::Accept),
        latency_ms: 50,
        ..Faults::default()
    }
}

fn pool(add_on: usize) -> Pool {
    AddOn::from_slug(ADD_ONS[add_on]).expect("a slug").pool()
}

/// The cost of a run.
#[derive(Debug)]
struct Toll {
    requests: u64,
    writes: u64,
    seconds: u64,
}

async fn weathered(seed: u64) -> Toll {
    let shuffle = Shuffle::new(seed);
    let wanted = Wanted::of(&shuffle.root());
    let service = Service::new(&shuffle.seed(), seed, Faults::default());
    let session = Session::new(&service, &wanted);
    let begun = tokio::time::Instant::now();
    service.behave(bad_day(seed));
    let attempt = session.apply(|options| options.confirm_timeout = Duration::from_secs(120)).await;
    let seconds = begun.elapsed().as_secs();
    let requests = service.requests();
    assert_eq!(attempt.draft.changes.len(), CHANGES, "seed {seed}");
    let run = attempt.run.unwrap_or_else(|| panic!("seed {seed}: refused: {:?}", attempt.findings));
    let failed: Vec<_> = run.outcomes.iter().filter(|outcome| !outcome.is_applied()).collect();
    assert!(run.is_complete(), "seed {seed}: {failed:?}");

    let trace = service.truth.trace().expect("the trace");
    for add_on in 0..ADD_ONS.len() {
        let held = trace.iter().map(|totals| totals[&pool(add_on)].get());
        let (most, owned) = (held.max().expect("a write"), shuffle.owned(add_on));
        assert!(most <= owned, "seed {seed}: {most} of {owned} are held");
        assert_eq!(most, owned, "seed {seed}: the pool was never full, so the test shows nothing");
    }
    let holds = service.truth.reader().documents().await.expect("the truth");
    let holds: BTreeMap<String, Vec<u64>> = holds
        .rows
        .iter()
        .map(|(id, reading)| {
            let document = reading.as_ref().expect("a document").contents();
            let units = |slug| document.units(&AddOn::from_slug(slug).expect("a slug")).get();
            (id.to_string(), ADD_ONS.map(units).to_vec())
        })
        .collect();
    let wanted: BTreeMap<String, Vec<u64>> =
        shuffle.wanted.iter().enumerate().map(|(at, units)| (Shuffle::id(at), units.to_vec())).collect();
    assert_eq!(holds, wanted, "seed {seed}");

    // Without faults, a second run has nothing to do.
    service.behave(Faults::default());
    let again = session.apply(|_| {}).await;
    assert!(again.draft.is_empty(), "seed {seed}: {:?}", again.draft.changes);
    let writes = requests.iter().filter(|request| request.starts_with("PATCH") || request.starts_with("PUT")).count();
    Toll { requests: requests.len() as u64, writes: writes as u64, seconds }
}

#[test]
fn under_heavy_faults_an_apply_still_completes() {
    let tolls: Vec<Toll> = (0..SEEDS).into_par_iter().map(|seed| on_a_paused_clock(weathered(seed))).collect();
    let worst = |of: fn(&Toll) -> u64| tolls.iter().map(of).max().expect("a toll");
    let worst =
        Toll { requests: worst(|it| it.requests), writes: worst(|it| it.writes), seconds: worst(|it| it.seconds) };
    // A fifth fails, so that each of the 300 writes is sent 1.25 times on average, and few are sent often.
    let most = (ENVIRONMENTS * 2) as u64;
    assert!(worst.writes <= most * 3 / 4 && worst.requests <= most && worst.seconds <= 120, "{worst:?}");
}
