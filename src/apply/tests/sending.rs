use std::num::NonZeroUsize;
use std::time::Duration;

use super::harness::{
    APPLIED, LOGINS, MOVE, OWNED, PASSES, apply, apply_until, full_pool, moved, options, plan, write_of,
};
use crate::apply::options::ExecutorOptions;
use crate::provider::fake::{Call, Fake, add_on, id};

#[tokio::test(start_paused = true)]
async fn units_are_given_back_before_they_are_taken() {
    let fake = full_pool();
    let recorded = moved(&fake).await;
    assert_eq!(recorded.words(), APPLIED);
    assert_eq!(fake.holdings(PASSES, &[1, 2, 3, 4]), [50, 30, 30, 90]);
    assert_eq!(fake.held(&id(1), LOGINS), 7, "what the plan does not touch is written as it was read");
    assert_eq!(fake.most_held(PASSES), 200);
    assert_eq!(fake.written(), [id(1), id(2), id(3)]);
    let sent: Vec<_> = recorded.run.writes.iter().map(|write| write.environment.id.clone()).collect();
    assert_eq!(sent, fake.written());
    assert!(!recorded.run.interrupted);
}

#[tokio::test(start_paused = true)]
async fn one_listing_serves_many_writes_and_a_single_read_the_only_one() {
    let fake = full_pool();
    apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |_, _| {}).await;
    assert_eq!(fake.reads(), (3, 0), "before; after the decrease; after the increases");
    let fake = full_pool();
    apply_until(&fake, &plan(&fake, OWNED, &[(1, PASSES, 50)]), &options(), |_, _| {}).await;
    assert_eq!(fake.calls(), [Call::Single(id(1)), write_of(&id(1)), Call::Single(id(1))]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_on_a_read_older_than_ten_seconds() {
    let mut fake = Fake::new(&[(1, &[]), (2, &[]), (3, &[]), (4, &[])]);
    fake.latency = Duration::from_secs(7);
    let one_by_one = ExecutorOptions { parallelism: NonZeroUsize::MIN, ..options() };
    let wishes = [(1, PASSES, 5), (2, PASSES, 5), (3, PASSES, 5), (4, PASSES, 5)];
    let plan = plan(&fake, OWNED, &wishes);
    assert!(apply_until(&fake, &plan, &one_by_one, |_, _| {}).await.run.is_complete());
    let calls = fake.calls();
    for number in 1..=4 {
        let at = fake.position(&write_of(&id(number))).unwrap();
        let reads = calls[..at].iter().rev().take_while(|call| matches!(call, Call::Write(_))).count();
        assert!(reads <= 1, "a write takes 7 seconds, so one read serves two writes at most: {calls:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_parallelism_bounds_the_writes_in_flight() {
    let numbers: Vec<usize> = (1..=60).collect();
    for (parallelism, expected) in [(1, 1), (8, 8), (100, 60)] {
        let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
        let fake = Fake::new(&holdings);
        let wishes: Vec<_> = numbers.iter().map(|number| (*number, PASSES, 3)).collect();
        let options = ExecutorOptions { parallelism: NonZeroUsize::new(parallelism).unwrap(), ..options() };
        let recorded = apply(&fake, &plan(&fake, OWNED, &wishes), &options).await;
        assert!(recorded.run.is_complete());
        assert_eq!(fake.most_open(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_changed_is_skipped() {
    let fake = full_pool();
    let plan = plan(&fake, OWNED, MOVE);
    fake.set(id(3), &add_on(PASSES), 1);
    let recorded = apply(&fake, &plan, &options()).await;
    let expected = [APPLIED[0], APPLIED[1], "team-3 app-passes: stale: App passes: 1, but the plan found 10"];
    assert_eq!(recorded.words(), expected);
    assert_eq!(fake.holdings(PASSES, &[1, 2, 3]), [50, 30, 1]);
}

#[tokio::test(start_paused = true)]
async fn units_that_others_allocated_are_not_free_for_the_plan() {
    for (environment, stale) in [(4, false), (2, true)] {
        let fake = full_pool();
        let plan = plan(&fake, OWNED, MOVE);
        let had = fake.held(&id(environment), PASSES);
        fake.set(id(environment), &add_on(PASSES), had + 40);
        let recorded = apply(&fake, &plan, &options()).await;
        let words = recorded.words();
        assert_eq!(words[0], APPLIED[0]);
        let taken = "others allocated them since the plan was made";
        match stale {
            true => assert_eq!(words[1], "team-2 app-passes: stale: App passes: 40, but the plan found 0"),
            false => {
                assert!(words[1].contains("not sent: App passes: ") && words[1].contains(taken), "{words:?}")
            }
        }
        assert!(fake.most_held(PASSES) <= 240, "the over-allocation does not grow");
        let now = fake.held_by_all(&add_on(PASSES).pool()).get();
        assert!(now <= 200, "{now} after the decrease");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_made_already_is_not_written() {
    let fake = full_pool();
    let plan = plan(&fake, OWNED, MOVE);
    fake.set(id(1), &add_on(PASSES), 50);
    assert_eq!(apply(&fake, &plan, &options()).await.words(), APPLIED);
    assert_eq!(fake.written(), [id(2), id(3)]);
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_gives_and_takes_in_two_writes_is_read_between_them() {
    let fake = Fake::new(&[(1, &[(PASSES, 10)]), (2, &[(LOGINS, 10)])]);
    let plan =
        plan(&fake, &[(PASSES, 10), (LOGINS, 10)], &[(1, PASSES, 0), (1, LOGINS, 10), (2, LOGINS, 0), (2, PASSES, 10)]);
    assert_eq!(plan.steps().len(), 4);
    let recorded = apply(&fake, &plan, &options()).await;
    assert!(recorded.run.is_complete(), "{:?}", recorded.words());
    assert_eq!((fake.held(&id(1), PASSES), fake.held(&id(1), LOGINS)), (0, 10));
    assert_eq!((fake.most_held(PASSES), fake.most_held(LOGINS)), (10, 10));
}
