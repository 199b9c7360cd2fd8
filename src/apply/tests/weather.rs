//! A tenant that behaves badly in ways that last: some environments are out of order, answers say nothing, somebody else allocates,
//! reads are refused; and what listings cost is found out in the middle.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::harness::{Told, apply, apply_until, options, plan, with_setting};
use crate::apply::event::ApplyEvent;
use crate::apply::options::ApplyOptions;
use crate::model::plan::SettingChange;
use crate::model::run::Outcome;
use crate::model::terms::WhoCanAllocate;
use crate::provider::fake::{Fake, Fault, add_on, id};
use crate::provider::port::{ListingCost, ProviderErrorKind};

const LOGINS: &str = "portal-logins";

/// So many environments that hold nothing.
fn empty(count: usize) -> Fake {
    let numbers: Vec<usize> = (1..=count).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
    Fake::new(&holdings)
}

/// Each is to hold one.
async fn one_each(fake: &Fake, count: usize, options: &ApplyOptions) -> Told {
    let wishes: Vec<_> = (1..=count).map(|number| (number, LOGINS, 1)).collect();
    let owned = u64::try_from(count).unwrap();
    apply_until(fake, &plan(fake, &[(LOGINS, owned)], &wishes), options, |_, _| {}).await
}

#[tokio::test(start_paused = true)]
async fn environments_that_are_out_of_order_stop_no_others() {
    let mut fake = empty(60);
    for number in 1..=16 {
        fake.always.insert(id(number), Fault::RequestLost);
    }
    let told = one_each(&fake, 60, &options()).await;
    let applied: Vec<bool> = told.run.outcomes.iter().map(Outcome::is_applied).collect();
    assert!(
        applied[..16].iter().all(|applied| !applied) && applied[16..].iter().all(|applied| *applied),
        "{:?}",
        told.words()
    );
}

#[tokio::test(start_paused = true)]
async fn a_tenant_whose_answers_say_nothing_is_not_out_of_order() {
    let mut fake = empty(60);
    for number in 1..=60 {
        fake.always.insert(id(number), Fault::AnswerLost);
    }
    let told = one_each(&fake, 60, &options()).await;
    assert!(told.run.is_complete(), "{:?}", told.words());
    assert_eq!(fake.writes(), 60, "each took effect the first time");
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_again_takes_no_more_places_than_there_are() {
    let mut fake = empty(40);
    fake.write_faults = (0..40).step_by(2).map(|number| (number, Fault::RequestLost)).collect();
    let two = ApplyOptions { parallelism: const { NonZeroUsize::new(2).unwrap() }, ..options() };
    let told = one_each(&fake, 40, &two).await;
    assert!(told.run.is_complete(), "{:?}", told.words());
    assert_eq!(fake.most_open(), 2);
}

#[tokio::test(start_paused = true)]
async fn ctrl_c_is_over_in_ten_seconds_also_while_the_tenant_is_left_alone() {
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
        let told = apply_until(&fake, &plan, &options(), |event, stop| {
            if matches!(event, ApplyEvent::Retrying { .. }) && asked.get().is_none() {
                asked.set(Some(Instant::now()));
                stop.request();
            }
        })
        .await;
        assert!(told.run.interrupted);
        let took = asked.get().unwrap().elapsed();
        assert!(took <= Duration::from_secs(11), "{fault:?}: {took:?}");
    }
}

/// Passes of 100: the first two environments have 10 each and are to have 20, the third is to have 60.
fn three() -> Fake {
    Fake::new(&[(1, &[(LOGINS, 10)]), (2, &[(LOGINS, 10)]), (3, &[(LOGINS, 1)])])
}

/// Nobody holds too much, whoever took it.
#[track_caller]
fn is_within(fake: &Fake, owned: u64) {
    assert!(fake.most_held(LOGINS) <= owned, "{} of {owned}", fake.most_held(LOGINS));
}

#[tokio::test(start_paused = true)]
async fn what_others_take_is_counted_where_each_environment_is_read_by_itself() {
    let one = ApplyOptions { parallelism: NonZeroUsize::MIN, ..options() };
    // Which environment somebody else sets, to how much, and when: before it is written, and after.
    for (number, units, read) in [(2, 40, 1), (1, 70, 1)] {
        let mut fake = three();
        fake.listing_cost = ListingCost::OnePerEnvironment;
        fake.meddling.insert(read, (id(number), add_on(LOGINS), units));
        let plan = plan(&fake, &[(LOGINS, 100)], &[(1, LOGINS, 20), (2, LOGINS, 20), (3, LOGINS, 60)]);
        let told = apply_until(&fake, &plan, &one, |_, _| {}).await;
        is_within(&fake, 100);
        assert!(told.words()[2].contains("not sent"), "{:?}", told.words());
    }
}

/// Several are debited before the first listing shows that somebody else took what they are to have.
#[tokio::test(start_paused = true)]
async fn what_was_debited_and_not_sent_yet_waits_where_others_took_its_units() {
    for listing_cost in [ListingCost::OneRequest, ListingCost::OnePerEnvironment] {
        let mut fake = three();
        fake.listing_cost = listing_cost;
        // Nobody whose environment changes: the first is read and is not to be written.
        fake.meddling.insert(0, (id(1), add_on(LOGINS), 60));
        let wishes = [(1, LOGINS, 20), (2, LOGINS, 20), (3, LOGINS, 60)];
        let told = apply_until(&fake, &plan(&fake, &[(LOGINS, 100)], &wishes), &options(), |_, _| {}).await;
        let held = fake.holdings(LOGINS, &[1, 2, 3]);
        assert!(held.iter().sum::<u64>() <= 100, "{listing_cost:?}: {held:?}: {:?}", told.words());
    }
}

/// The first environment changes passes only, and somebody gives it logins.
#[tokio::test(start_paused = true)]
async fn what_others_take_is_counted_also_in_cells_that_the_plan_leaves_alone() {
    const PASSES: &str = "app-passes";
    for is_known in [true, false] {
        let mut fake = Fake::new(&[(1, &[(LOGINS, 10), (PASSES, 10)]), (2, &[(LOGINS, 1)])]);
        fake.listing_cost = ListingCost::OnePerEnvironment;
        // Before it is read for the first time, where it is known what the plan found; after that, where it is not.
        fake.meddling.insert(usize::from(!is_known), (id(1), add_on(LOGINS), 70));
        let owned = [(LOGINS, 100), (PASSES, 100)];
        let plan = plan(&fake, &owned, &[(1, PASSES, 20), (2, LOGINS, 60)]);
        let baseline = std::sync::Arc::new(if is_known { fake.documents_now() } else { Default::default() });
        let one = ApplyOptions { parallelism: NonZeroUsize::MIN, baseline, ..options() };
        let told = apply_until(&fake, &plan, &one, |_, _| {}).await;
        is_within(&fake, 100);
        assert!(told.words().iter().any(|word| word.contains("team-2 portal-logins: not sent")), "{:?}", told.words());
    }
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_the_tenant_puts_off_is_left_ten_seconds_after_ctrl_c() {
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
    let told = apply_until(&fake, &plan, &options(), |event, stop| {
        if matches!(event, ApplyEvent::SettingSent { .. }) {
            stop.request();
        }
    })
    .await;
    assert!(start.elapsed() <= Duration::from_secs(11), "{:?}", start.elapsed());
    assert!(matches!(told.run.setting, Some(Outcome::Unconfirmed { .. })), "{:?}", told.run.setting);
    // And nobody waits for an hour.
    fake.setting_fault = Some(Fault::Fails(ProviderErrorKind::Throttled(Some(Duration::from_secs(3_600)))));
    let start = Instant::now();
    let told = apply_until(&fake, &plan, &options(), |_, _| {}).await;
    assert!(start.elapsed() <= Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(matches!(told.run.setting, Some(Outcome::Refused { .. })), "{:?}", told.run.setting);
}

#[tokio::test(start_paused = true)]
async fn what_others_take_is_counted_where_listings_turn_out_to_be_dear() {
    let one = ApplyOptions { parallelism: NonZeroUsize::MIN, ..options() };
    let mut fake = three();
    fake.dear_after_reads = Some(AtomicUsize::new(1));
    // So slow that the listing is old when the second is written, and it is read by itself.
    fake.latency = Duration::from_secs(11);
    fake.meddling.insert(1, (id(2), add_on(LOGINS), 40));
    let plan = plan(&fake, &[(LOGINS, 100)], &[(1, LOGINS, 20), (2, LOGINS, 20), (3, LOGINS, 60)]);
    let told = apply_until(&fake, &plan, &one, |_, _| {}).await;
    assert_eq!(fake.dear_after_reads.as_ref().map(|left| left.load(Ordering::SeqCst)), Some(0));
    is_within(&fake, 100);
    assert!(told.words()[2].contains("not sent"), "{:?}", told.words());
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
    let told = one_each(&fake, 100, &options()).await;
    assert!(!told.run.is_complete() && start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());

    // One that cannot be read holds nobody else up.
    let mut fake = empty(100);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    fake.read_faults = (0..8).map(|number| (number, ProviderErrorKind::Malformed)).collect();
    let start = Instant::now();
    let told = one_each(&fake, 100, &options()).await;
    assert_eq!(told.run.applied(), 92, "{:?}", told.words());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_twice_where_each_environment_is_read_by_itself() {
    let mut fake = three();
    fake.listing_cost = ListingCost::OnePerEnvironment;
    let plan = plan(&fake, &[(LOGINS, 100)], &[(1, LOGINS, 20), (2, LOGINS, 20), (3, LOGINS, 60)]);
    assert!(apply(&fake, &plan, &options()).await.run.is_complete());
    assert_eq!(fake.writes(), 3);
}
