//! Laws over random tenants, plans and faults: no pool is overdrawn, every outcome is true, and a new plan finds and
//! finishes the rest.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use proptest::prelude::*;

use super::harness::{apply, apply_until, options, plan};
use crate::apply::options::ExecutorOptions;
use crate::model::plan::order::Plan;
use crate::model::run::{Outcome, Run};
use crate::provider::fake::{Fake, Fault, add_on, id};
use crate::provider::port::ProviderErrorKind;

const ADD_ONS: [&str; 2] = ["app-passes", "portal-logins"];

/// A tenant, the targets of a plan, and faults.
#[derive(Clone, Debug)]
struct World {
    /// The units of each environment and add-on, now and after the plan.
    cells: Vec<[(u64, u64); 2]>,
    write_faults: BTreeMap<usize, Fault>,
    read_faults: BTreeMap<usize, ProviderErrorKind>,
    lag: u64,
    parallelism: usize,
    /// The event at which the run is asked to stop. The next event is the second request.
    stop_at: Option<usize>,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Fails(ProviderErrorKind::Denied)),
        Just(Fault::Fails(ProviderErrorKind::Unavailable)),
        Just(Fault::Fails(ProviderErrorKind::Throttled(Some(Duration::from_secs(15))))),
        Just(Fault::AnswerLost),
        Just(Fault::RequestLost),
        Just(Fault::WrongAnswer),
        Just(Fault::Ignored),
    ]
}

fn world() -> impl Strategy<Value = World> {
    let units = || prop_oneof![Just(0), 1..40_u64];
    let cell = move || (units(), units());
    let cells = prop::collection::vec((cell(), cell()).prop_map(|(one, two)| [one, two]), 1..9);
    (
        cells,
        prop::collection::btree_map(0..16_usize, fault(), 0..6),
        prop::collection::btree_map(0..12_usize, Just(ProviderErrorKind::Unavailable), 0..3),
        prop_oneof![Just(0), Just(5), Just(40)],
        1..9_usize,
        prop_oneof![Just(None), (0..12_usize).prop_map(Some)],
    )
        .prop_map(|(cells, write_faults, read_faults, lag, parallelism, stop_at)| World {
            cells,
            write_faults,
            read_faults,
            lag,
            parallelism,
            stop_at,
        })
}

impl World {
    fn fake(&self) -> Fake {
        let held: Vec<Vec<(&str, u64)>> =
            self.cells.iter().map(|cells| ADD_ONS.into_iter().zip(cells.iter().map(|cell| cell.0)).collect()).collect();
        let holdings: Vec<(usize, &[(&str, u64)])> = (0..).zip(held.iter().map(Vec::as_slice)).collect();
        let mut fake = Fake::new(&holdings);
        fake.write_faults = self.write_faults.clone();
        fake.read_faults = self.read_faults.clone();
        fake.lag = Duration::from_secs(self.lag);
        fake
    }

    fn wishes(&self) -> Vec<(usize, &'static str, u64)> {
        let wish = |(number, cells): (usize, &[(u64, u64); 2])| {
            ADD_ONS.into_iter().zip(*cells).map(move |(slug, (_, wanted))| (number, slug, wanted))
        };
        (0..).zip(&self.cells).flat_map(wish).collect()
    }

    /// The larger of the allocations before and after, so that the pools are full.
    fn owned(&self) -> Vec<(&'static str, u64)> {
        let total = |add_on: usize, wanted: bool| -> u64 {
            self.cells.iter().map(|cells| if wanted { cells[add_on].1 } else { cells[add_on].0 }).sum()
        };
        (0..).zip(ADD_ONS).map(|(add_on, slug)| (slug, total(add_on, false).max(total(add_on, true)))).collect()
    }
}

fn outcomes_are_true(run: &Run, fake: &Fake) -> Result<(), TestCaseError> {
    for (planned, outcome) in run.draft.changes.iter().zip(&run.outcomes) {
        let change = &planned.change;
        let held = fake.document_now(&planned.environment.id).units(change.add_on());
        let allowed = match outcome {
            Outcome::Applied => vec![change.after().units],
            Outcome::Refused { .. } | Outcome::NotSent { .. } => vec![change.units_before()],
            Outcome::Unconfirmed { .. } => vec![change.units_before(), change.after().units],
            // No others write in these runs.
            Outcome::Stale { .. } => vec![],
        };
        prop_assert!(allowed.contains(&held), "{outcome:?} of {change:?}, and it holds {held}");
    }
    Ok(())
}

async fn laws(world: World) -> Result<(), TestCaseError> {
    let mut fake = world.fake();
    let (owned, wishes) = (world.owned(), world.wishes());
    let made: Plan = plan(&fake, &owned, &wishes);
    let parallelism = NonZeroUsize::new(world.parallelism).unwrap();
    let options = ExecutorOptions { parallelism, ..options() };
    let mut events = 0;
    let recorded = apply_until(&fake, &made, &options, |_, stop| {
        events += 1;
        if world.stop_at.is_some_and(|at| events == at || events == at + 1) {
            stop.request();
        }
    })
    .await;
    outcomes_are_true(&recorded.run, &fake)?;
    // Writes in flight arrive now or never.
    tokio::time::sleep(Duration::from_secs(60)).await;
    for (slug, owned) in &owned {
        prop_assert!(fake.most_held(slug) <= *owned, "{slug}: {} of {owned}", fake.most_held(slug));
    }
    fake.write_faults.clear();
    fake.read_faults.clear();
    fake.lag = Duration::ZERO;
    let rest = plan(&fake, &owned, &wishes);
    for (planned, outcome) in recorded.run.draft.changes.iter().zip(&recorded.run.outcomes) {
        let is_left = rest.draft().changes.contains(planned);
        prop_assert!(!(outcome.is_applied() && is_left), "what was applied is not planned again");
    }
    let again = apply(&fake, &rest, &ExecutorOptions { parallelism, ..super::harness::options() }).await;
    prop_assert!(again.run.is_complete(), "{:?}", again.words());
    for (number, slug, wanted) in wishes {
        prop_assert_eq!(fake.document_now(&id(number)).units(&add_on(slug)).get(), wanted);
    }
    for (slug, owned) in &owned {
        prop_assert!(fake.most_held(slug) <= *owned, "{slug}: {} of {owned}", fake.most_held(slug));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn under_all_faults_no_pool_is_overdrawn_and_outcomes_are_true(world in world()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(laws(world))?;
    }
}

/// Dropping the future is like killing the process. Every call of the fake tenant takes a multiple of 20 milliseconds, so a
/// cut every 10 finds every state: before a request, in flight, after its effect, after its response.
#[test]
fn a_new_plan_after_a_kill_holds_exactly_the_missing_changes() {
    let gives = |number| number < 50;
    let held: Vec<[(&str, u64); 1]> =
        (0..100).map(|number| [("app-passes", if gives(number) { 20 } else { 0 })]).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = (0..).zip(held.iter().map(|held| held.as_slice())).collect();
    let wishes: Vec<_> = (0..100).map(|number| (number, "app-passes", if gives(number) { 0 } else { 20 })).collect();
    let owned = [("app-passes", 1000)];
    let mut done = 0;
    for cut in 1.. {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (went_through, open) = runtime.block_on(async {
            let fake = Fake::new(&holdings);
            let (made, options) = (plan(&fake, &owned, &wishes), options());
            let run = apply_until(&fake, &made, &options, |_, _| {});
            let finished = tokio::time::timeout(Duration::from_millis(10 * cut), run).await;
            let rest = plan(&fake, &owned, &wishes);
            let open = wishes.iter().filter(|(number, slug, wanted)| fake.held(&id(*number), slug) != *wanted).count();
            assert_eq!(rest.draft().changes.len(), open, "the rest is exactly what was not done");
            let again = apply(&fake, &rest, &options).await;
            assert!(again.run.is_complete(), "cut after {cut}0 ms: {:?}", again.words());
            assert!(wishes.iter().all(|(number, slug, wanted)| fake.held(&id(*number), slug) == *wanted));
            assert_eq!(fake.most_held("app-passes"), 1000, "cut after {cut}0 ms");
            (finished.is_ok(), open)
        });
        assert!(100 - open >= done, "a later cut finds more done");
        done = 100 - open;
        if went_through {
            assert!(cut > 60 && done == 100, "100 writes, 8 at a time, and 40 ms each, take more than 600 ms: {cut}");
            return;
        }
    }
}
