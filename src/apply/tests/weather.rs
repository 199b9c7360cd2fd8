//! Lasting faults: environments that always fail, lost responses, others who allocate, denied reads, and listings that turn out
//! during the run to cost one request for each environment.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::harness::{Recorded, apply, apply_until, options, plan, with_setting};
use crate::apply::event::ApplyEvent;
use crate::apply::options::ExecutorOptions;
use crate::model::code::Code;
use crate::model::plan::change::SettingChange;
use crate::model::roles::WhoCanAllocate;
use crate::model::run::Outcome;
use crate::provider::fake::{Fake, Fault, add_on, id};
use crate::provider::port::{ListingCost, ProviderErrorKind};

const LOGINS: &str = "portal-logins";

/// Environments that hold nothing.
fn empty(count: usize) -> Fake {
    let numbers: Vec<usize> = (1..=count).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
    Fake::new(&holdings)
}

/// Gives one unit to each environment.
async fn one_each(fake: &Fake, count: usize, options: &ExecutorOptions) -> Recorded {
    let wishes: Vec<_> = (1..=count).map(|number| (number, LOGINS, 1)).collect();
    let owned = u64::try_from(count).unwrap();
    apply_until(fake, &plan(fake, &[(LOGINS, owned)], &wishes), options, |_, _| {}).await
}

#[tokio::test(start_paused = true)]
async fn environments_that_always_fail_stop_no_others() {
    let mut fake = empty(60);
    for number in 1..=16 {
        fake.always.insert(id(number), Fault::RequestLost);
    }
    let recorded = one_each(&fake, 60, &options()).await;
    let applied: Vec<bool> = recorded.run.outcomes.iter().map(Outcome::is_applied).collect();
    assert!(
        applied[..16].iter().all(|applied| !applied) && applied[16..].iter().all(|applied| *applied),
        "{:?}",
        recorded.words()
    );
}

#[tokio::test(start_paused = true)]
async fn lost_answers_alone_do_not_open_the_circuit() {
    let mut fake = empty(60);
    for number in 1..=60 {
        fake.always.insert(id(number), Fault::AnswerLost);
    }
    let recorded = one_each(&fake, 60, &options()).await;
    assert!(recorded.run.is_complete(), "{:?}", recorded.words());
    assert_eq!(fake.writes(), 60, "each took effect the first time");
}

#[tokio::test(start_paused = true)]
async fn resent_writes_keep_to_the_parallelism() {
    let mut fake = empty(40);
    fake.write_faults = (0..40).step_by(2).map(|number| (number, Fault::RequestLost)).collect();
    let two = ExecutorOptions { parallelism: const { NonZeroUsize::new(2).unwrap() }, ..options() };
    let recorded = one_each(&fake, 40, &two).await;
    assert!(recorded.run.is_complete(), "{:?}", recorded.words());
    assert_eq!(fake.most_open(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stop_request_ends_the_run_in_ten_seconds_even_while_writes_are_paused() {
    for fault in [Fault::RequestLost, Fault::Fails(ProviderErrorKind::Throttled(Some(Duration::from_secs(200))))] {
        let mut fake = empty(40);
        fake.write_faults = [(0, Fault::RequestLost)].into();
        for number in 2..=40 {
            fake.always.insert(id(number), fault);
        }
        fake.lag = Duration::from_secs(3600);
        let wishes: Vec<_> = (1..=40).map(|number| (number, LOGINS, 1)).collect();
        let plan = plan(&fake, &[(LOGINS, 40)], &wishes);
        let asked = std::cell::Cell::new(None);
        let recorded = apply_until(&fake, &plan, &options(), |event, stop| {
            if matches!(event, ApplyEvent::Retrying { .. }) && asked.get().is_none() {
                asked.set(Some(Instant::now()));
                stop.request();
            }
        })
        .await;
        assert!(recorded.run.interrupted);
        let took = asked.get().unwrap().elapsed();
        assert!(took <= Duration::from_secs(11), "{fault:?}: {took:?}");
    }
}

/// Two environments with 10 logins each and one with 1.
fn three() -> Fake {
    Fake::new(&[(1, &[(LOGINS, 10)]), (2, &[(LOGINS, 10)]), (3, &[(LOGINS, 1)])])
}

/// The tenant never held more than is owned.
#[track_caller]
fn is_within(fake: &Fake, owned: u64) {
    assert!(fake.most_held(LOGINS) <= owned, "{} of {owned}", fake.most_held(LOGINS));
}

#[tokio::test(start_paused = true)]
async fn units_of_others_count_with_single_reads() {
    let one = ExecutorOptions { parallelism: NonZeroUsize::MIN, ..options() };
    // The environment that others change, its new units, and the number of the first read that shows them.
    for (number, units, read) in [(2, 40, 1), (1, 70, 1)] {
        let mut fake = three();
        fake.listing_cost = ListingCost::OnePerEnvironment;
        fake.concurrent_changes.insert(read, (id(number), add_on(LOGINS), units));
        let plan = plan(&fake, &[(LOGINS, 100)], &[(1, LOGINS, 20), (2, LOGINS, 20), (3, LOGINS, 60)]);
        let recorded = apply_until(&fake, &plan, &one, |_, _| {}).await;
        is_within(&fake, 100);
        assert!(recorded.words()[2].contains("not sent"), "{:?}", recorded.words());
    }
}

/// Several writes are debited before the first reading shows that others allocated their units.
#[tokio::test(start_paused = true)]
async fn a_debited_write_waits_if_others_allocated_its_units() {
    for listing_cost in [ListingCost::OneRequest, ListingCost::OnePerEnvironment] {
        let mut fake = three();
        fake.listing_cost = listing_cost;
        // Others change the first environment before its first reading.
        fake.concurrent_changes.insert(0, (id(1), add_on(LOGINS), 60));
        let wishes = [(1, LOGINS, 20), (2, LOGINS, 20), (3, LOGINS, 60)];
        let recorded = apply_until(&fake, &plan(&fake, &[(LOGINS, 100)], &wishes), &options(), |_, _| {}).await;
        let held = fake.holdings(LOGINS, &[1, 2, 3]);
        assert!(held.iter().sum::<u64>() <= 100, "{listing_cost:?}: {held:?}: {:?}", recorded.words());
    }
}

/// The plan changes only the passes of the first environment, and others give it logins.
#[tokio::test(start_paused = true)]
async fn units_of_others_count_in_cells_that_the_plan_does_not_change() {
    const PASSES: &str = "app-passes";
    for is_known in [true, false] {
        let mut fake = Fake::new(&[(1, &[(LOGINS, 10), (PASSES, 10)]), (2, &[(LOGINS, 1)])]);
        fake.listing_cost = ListingCost::OnePerEnvironment;
        // With a baseline, others act before the first reading; without one, after it.
        fake.concurrent_changes.insert(usize::from(!is_known), (id(1), add_on(LOGINS), 70));
        let owned = [(LOGINS, 100), (PASSES, 100)];
        let plan = plan(&fake, &owned, &[(1, PASSES, 20), (2, LOGINS, 60)]);
        let baseline = std::sync::Arc::new(if is_known { fake.documents_now() } else { Default::default() });
        let one = ExecutorOptions { parallelism: NonZeroUsize::MIN, baseline, ..options() };
        let recorded = apply_until(&fake, &plan, &one, |_, _| {}).await;
        is_within(&fake, 100);
        assert!(
            recorded.words().iter().any(|word| word.contains("team-2 portal-logins: not sent")),
            "{:?}",
            recorded.words()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_setting_ends_ten_seconds_after_a_stop_request() {
    let mut fake = three();
    fake.set_who_can_allocate(WhoCanAllocate::EnvironmentAdmins);
    fake.setting_fault = Some(Fault::Fails(ProviderErrorKind::Throttled(Some(Duration::from_secs(200)))));
    let change = SettingChange {
        before: Some(WhoCanAllocate::EnvironmentAdmins),
        after: WhoCanAllocate::OnlySpecificAdmins,
        declared_at: None,
    };
    let plan = with_setting(&plan(&fake, &[(LOGINS, 100)], &[]), change);
    let start = Instant::now();
    let recorded = apply_until(&fake, &plan, &options(), |event, stop| {
        if matches!(event, ApplyEvent::SettingSent) {
            stop.request();
        }
    })
    .await;
    assert!(start.elapsed() <= Duration::from_secs(11), "{:?}", start.elapsed());
    let why = "the tenant refused; not sent again, because the run was stopped".into();
    assert_eq!(recorded.run.setting, Some(Outcome::Refused { code: Code::A504, why }));
    // A retry-after of an hour ends the retries.
    fake.setting_fault = Some(Fault::Fails(ProviderErrorKind::Throttled(Some(Duration::from_secs(3_600)))));
    let start = Instant::now();
    let recorded = apply_until(&fake, &plan, &options(), |_, _| {}).await;
    assert!(start.elapsed() <= Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(matches!(recorded.run.setting, Some(Outcome::Refused { .. })), "{:?}", recorded.run.setting);
}

#[tokio::test(start_paused = true)]
async fn units_of_others_count_if_listings_turn_out_to_be_expensive() {
    let one = ExecutorOptions { parallelism: NonZeroUsize::MIN, ..options() };
    let mut fake = three();
    fake.costly_after_reads = Some(AtomicUsize::new(1));
    // The listing is too old for the second write, so its environment is read by itself.
    fake.latency = Duration::from_secs(6);
    fake.concurrent_changes.insert(1, (id(2), add_on(LOGINS), 40));
    let plan = plan(&fake, &[(LOGINS, 100)], &[(1, LOGINS, 20), (2, LOGINS, 20), (3, LOGINS, 60)]);
    let recorded = apply_until(&fake, &plan, &one, |_, _| {}).await;
    assert_eq!(fake.costly_after_reads.as_ref().map(|left| left.load(Ordering::SeqCst)), Some(0));
    is_within(&fake, 100);
    assert!(recorded.words()[2].contains("not sent"), "{:?}", recorded.words());
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_takes_longer_than_ten_seconds_to_answer_ends_the_run() {
    for listing_cost in [ListingCost::OneRequest, ListingCost::OnePerEnvironment] {
        let mut fake = three();
        (fake.listing_cost, fake.latency) = (listing_cost, Duration::from_secs(11));
        let plan = plan(&fake, &[(LOGINS, 100)], &[(1, LOGINS, 20), (2, LOGINS, 20)]);
        let words = apply_until(&fake, &plan, &options(), |_, _| {}).await.words();
        assert!(words.iter().all(|word| word.contains("longer than ten seconds")), "{words:?}");
        assert_eq!(fake.writes(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn reads_that_fail_together_are_one_failure_and_a_refusal_ends_the_run() {
    let mut fake = empty(100);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    let later = ProviderErrorKind::Throttled(Some(Duration::from_secs(65)));
    fake.read_faults = (0..8).map(|number| (number, later)).collect();
    assert!(one_each(&fake, 100, &options()).await.run.is_complete());

    let mut fake = empty(100);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    fake.read_faults = (20..10_000).map(|number| (number, ProviderErrorKind::Denied)).collect();
    let start = Instant::now();
    let recorded = one_each(&fake, 100, &options()).await;
    assert!(!recorded.run.is_complete() && start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());

    // An environment that cannot be read delays no other.
    let mut fake = empty(100);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    fake.read_faults = (0..8).map(|number| (number, ProviderErrorKind::Malformed)).collect();
    let start = Instant::now();
    let recorded = one_each(&fake, 100, &options()).await;
    assert_eq!(recorded.run.applied(), 92, "{:?}", recorded.words());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_twice_with_single_reads() {
    let mut fake = three();
    fake.listing_cost = ListingCost::OnePerEnvironment;
    let plan = plan(&fake, &[(LOGINS, 100)], &[(1, LOGINS, 20), (2, LOGINS, 20), (3, LOGINS, 60)]);
    assert!(apply(&fake, &plan, &options()).await.run.is_complete());
    assert_eq!(fake.writes(), 3);
}
