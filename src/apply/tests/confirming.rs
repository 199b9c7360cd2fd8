use std::time::Duration;

use tokio::time::Instant;

use super::harness::{APPLIED, LOGINS, MOVE, OWNED, PASSES, apply, apply_until, full_pool, moved, options, plan};
use crate::apply::options::ExecutorOptions;
use crate::provider::fake::{Fake, Fault, add_on, id};
use crate::provider::port::{ListingCost, ProviderErrorKind};

#[tokio::test(start_paused = true)]
async fn with_expensive_listings_each_write_takes_two_single_reads() {
    let numbers: Vec<usize> = (1..=40).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
    let mut fake = Fake::new(&holdings);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    let wishes: Vec<_> = numbers.iter().map(|number| (*number, LOGINS, 1)).collect();
    let plan = plan(&fake, &[(LOGINS, 40)], &wishes);
    let recorded = apply_until(&fake, &plan, &options(), |_, _| {}).await;
    assert!(recorded.run.is_complete(), "{:?}", recorded.words());
    assert_eq!((fake.reads(), fake.writes()), ((0, 80), 40));

    // Each pending write is read again with back-off.
    let mut fake = Fake::new(&holdings);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    fake.lag = Duration::from_secs(12);
    let recorded = apply_until(&fake, &plan, &options(), |_, _| {}).await;
    assert!(recorded.run.is_complete(), "{:?}", recorded.words());
    assert_eq!((fake.reads().0, fake.writes()), (0, 40));
    assert!(fake.reads().1 <= 40 * 9, "{:?}", fake.reads());
}

#[tokio::test(start_paused = true)]
async fn a_read_decides_a_write_of_unknown_result() {
    // What happens to the first write, and how often team-1 is written then.
    for (fault, writes) in [(Fault::AnswerLost, 1), (Fault::RequestLost, 2)] {
        let mut fake = full_pool();
        fake.write_faults.insert(0, fault);
        assert_eq!(moved(&fake).await.words(), APPLIED, "{fault:?}");
        let to_first = fake.written().into_iter().filter(|written| *written == id(1)).count();
        assert_eq!(to_first, writes, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_always_lost_stays_unconfirmed() {
    let mut fake = full_pool();
    fake.always.insert(id(1), Fault::RequestLost);
    let recorded = moved(&fake).await;
    let words = recorded.words();
    let unconfirmed = "team-1 app-passes: unconfirmed: the connection broke; the last read still shows the old values";
    assert_eq!(words[0], unconfirmed);
    assert!(
        words[1].contains("too few") && words[2].contains("too few"),
        "units of an unconfirmed write are not free: {words:?}"
    );
    assert_eq!(fake.writes(), 7, "resent at once, then five times with back-off");
}

#[tokio::test(start_paused = true)]
async fn a_write_of_unknown_result_is_not_confirmed_if_others_changed_its_environment() {
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::RequestLost);
    fake.concurrent_changes.insert(1, (id(1), add_on(PASSES), 77));
    let words = moved(&fake).await.words();
    let found =
        "the connection broke; others changed the environment meanwhile (App passes: 77, but the plan found 100)";
    assert_eq!(words[0], format!("team-1 app-passes: unconfirmed: {found}"));
    assert_eq!(fake.held(&id(1), PASSES), 77);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_answer_is_checked_by_a_read() {
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::WrongAnswer);
    assert_eq!(moved(&fake).await.words(), APPLIED, "the read shows that the write took effect");
    assert_eq!(fake.writes(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_the_service_ignores_is_resent() {
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::Ignored);
    let start = Instant::now();
    assert_eq!(moved(&fake).await.words(), APPLIED);
    assert!(start.elapsed() < Duration::from_secs(2), "the answer already shows the old amount, so there is no wait");
    let mut fake = full_pool();
    fake.always.insert(id(1), Fault::Ignored);
    let words = moved(&fake).await.words();
    let ignored = "the tenant answered with the old values; the last read still shows the old values";
    assert_eq!(words[0], format!("team-1 app-passes: unconfirmed: {ignored}"));
}

#[tokio::test(start_paused = true)]
async fn a_pending_write_is_read_until_it_is_confirmed() {
    let mut fake = full_pool();
    fake.lag = Duration::from_secs(12);
    let start = Instant::now();
    let recorded = apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |_, _| {}).await;
    assert_eq!(recorded.words(), APPLIED);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_write_past_its_deadline_is_unconfirmed_and_keeps_its_units() {
    for (timeout, most_listings) in [(30, 30), (0, 3)] {
        let mut fake = full_pool();
        fake.lag = Duration::from_secs(3600);
        let options = ExecutorOptions { confirm_timeout: Duration::from_secs(timeout), ..options() };
        let start = Instant::now();
        let recorded = apply(&fake, &plan(&fake, OWNED, MOVE), &options).await;
        let words = recorded.words();
        let took = "unconfirmed: the tenant accepted the write, but the last read still shows the old values";
        assert_eq!(words[0], format!("team-1 app-passes: {took}"));
        assert_eq!(words[1], "team-2 app-passes: not sent: App passes: 30 too few; team-1 may still hold them");
        assert!(start.elapsed() <= Duration::from_secs(timeout + 1), "{:?}", start.elapsed());
        assert!(fake.reads().0 <= most_listings, "{:?}", fake.reads());
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_of_unknown_result_that_is_refused_later_stays_unknown() {
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::RequestLost);
    fake.write_faults.insert(1, Fault::Fails(ProviderErrorKind::Denied));
    let words = moved(&fake).await.words();
    assert_eq!(words[0], "team-1 app-passes: unconfirmed: the connection broke; then: the tenant refused");
    assert!(words[1].contains("not sent"), "{words:?}");
}
