use std::time::Duration;

use tokio::time::Instant;

use super::harness::{APPLIED, LOGINS, MOVE, OWNED, apply, apply_until, full_pool, moved, options, plan};
use crate::apply::event::ApplyEvent;
use crate::model::document::Switch;
use crate::provider::fake::{Call, Fake, Fault, id};
use crate::provider::port::{ListingCost, ProviderErrorKind};

#[tokio::test(start_paused = true)]
async fn a_refused_write_blocks_only_those_that_need_its_units() {
    for (kind, code) in [
        (ProviderErrorKind::Denied, "A401"),
        (ProviderErrorKind::Locked, "A407"),
        // No write of this plan contains the switch.
        (ProviderErrorKind::SwitchLocked(Switch::Alert), "A407"),
        (ProviderErrorKind::Conflict, "A504"),
    ] {
        let mut fake = full_pool();
        fake.always.insert(id(1), Fault::Fails(kind));
        let wishes = [MOVE, &[(3, LOGINS, 9)]].concat();
        let recorded = apply(&fake, &plan(&fake, OWNED, &wishes), &options()).await;
        let blocked = "not sent: App passes: ";
        let words = recorded.words();
        assert_eq!(words[0], format!("team-1 app-passes: refused {code}: the tenant refused"));
        assert!(words[1].starts_with(&format!("team-2 app-passes: {blocked}")), "{words:?}");
        assert!(words[1].ends_with("team-1 may still hold them"), "{words:?}");
        assert_eq!(fake.written(), [id(1), id(3)], "a refusal is not retried, and the logins of team-3 do not wait");
    }
}

#[tokio::test(start_paused = true)]
async fn a_transient_error_is_retried_with_backoff() {
    let throttled = ProviderErrorKind::Throttled(Some(Duration::from_secs(20)));
    for (kind, least) in [(throttled, 20), (ProviderErrorKind::Throttled(None), 0), (ProviderErrorKind::Unavailable, 0)]
    {
        let mut fake = full_pool();
        fake.write_faults.insert(0, Fault::Fails(kind));
        fake.write_faults.insert(1, Fault::Fails(kind));
        let recorded = moved(&fake).await;
        assert_eq!(recorded.words(), APPLIED);
        let arrivals = fake.arrivals();
        for (earlier, later) in [(0, 1), (1, 2)] {
            let waited = arrivals[later].1 - arrivals[earlier].1;
            assert!(waited >= Duration::from_secs(least).max(Duration::from_millis(500)), "{kind:?} {waited:?}");
        }
        assert_eq!(recorded.run.writes.len(), 3, "a write with retries is one write");
        if least > 10 {
            assert_eq!(fake.calls().iter().filter(|call| **call == Call::Listing).count(), 6, "read afresh each time");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_is_given_up_after_its_retries() {
    let mut fake = full_pool();
    fake.always.insert(id(2), Fault::Fails(ProviderErrorKind::Unavailable));
    let recorded = moved(&fake).await;
    let given_up = "team-2 app-passes: refused A504: the tenant refused, 6 times in a row";
    assert_eq!(recorded.words(), [APPLIED[0], given_up, APPLIED[2]]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_needs_another_read_goes_out_again_at_once_over_that_read() {
    for kind in [ProviderErrorKind::ReadAgain, ProviderErrorKind::SignInRenewed] {
        let mut fake = full_pool();
        fake.write_faults.insert(0, Fault::Fails(kind));
        let begun = Instant::now();
        let recorded = moved(&fake).await;
        assert_eq!(recorded.words(), APPLIED);
        let calls = fake.calls();
        let writes: Vec<usize> = (0..calls.len()).filter(|&at| matches!(calls[at], Call::Write(_))).collect();
        assert_eq!(writes.len(), 4);
        assert_eq!(calls[writes[0] + 1], Call::Listing, "{kind:?}: read between the first write and the second");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_needs_another_read_again_and_again_is_given_up() {
    for (kind, code, writes) in
        [(ProviderErrorKind::SignInRenewed, "A401", 2), (ProviderErrorKind::ReadAgain, "A504", 6)]
    {
        let mut fake = full_pool();
        fake.always.insert(id(2), Fault::Fails(kind));
        let recorded = moved(&fake).await;
        let given_up = format!("team-2 app-passes: refused {code}: the tenant refused");
        assert_eq!(recorded.words(), [APPLIED[0], &given_up, APPLIED[2]]);
        assert_eq!(fake.written().iter().filter(|place| **place == id(2)).count(), writes);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_service_is_given_the_pause_that_it_asks_for() {
    for (asked, least) in [(Some(Duration::from_secs(90)), 90), (None, 0)] {
        let mut fake = full_pool();
        fake.write_faults.insert(0, Fault::Fails(ProviderErrorKind::OutcomeUnknown(asked)));
        let recorded = moved(&fake).await;
        assert_eq!(recorded.words(), APPLIED);
        let arrivals = fake.arrivals();
        assert_eq!(arrivals[0].0, arrivals[1].0);
        assert!(arrivals[1].1 - arrivals[0].1 >= Duration::from_secs(least), "{asked:?}: {arrivals:?}");
    }
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::Fails(ProviderErrorKind::OutcomeUnknown(Some(Duration::from_secs(301)))));
    let words = moved(&fake).await.words();
    let why = "the tenant asks for a pause of 301 seconds, and a run waits 300 seconds at most";
    assert!(words[1].contains(why), "{words:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_write_that_waits_for_another_read_ends_as_refused() {
    for (kind, code) in [(ProviderErrorKind::SignInRenewed, "A401"), (ProviderErrorKind::ReadAgain, "")] {
        let mut fake = full_pool();
        fake.write_faults.insert(0, Fault::Fails(kind));
        fake.read_faults.extend((1..99).map(|read| (read, ProviderErrorKind::Denied)));
        let recorded = moved(&fake).await;
        let words = recorded.words();
        let expected = match code {
            "" => "team-1 app-passes: not sent: the allocations of the environment could not be read".to_owned(),
            code => format!("team-1 app-passes: refused {code}: the tenant refused; not sent again, because the"),
        };
        assert!(words[0].starts_with(&expected), "{words:?}");
    }
}

/// Each write waits for its own read, so something happens all the time, but nothing is reported.
#[tokio::test(start_paused = true)]
async fn no_confirmation_is_silent_for_long() {
    let holdings: Vec<(usize, &[(&str, u64)])> = (1..=8).map(|number| (number, [].as_slice())).collect();
    let wishes: Vec<_> = (1..=8).map(|number| (number, LOGINS, 1)).collect();
    let mut fake = Fake::new(&holdings);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    fake.always.extend((1..=8).map(|number| (id(number), Fault::Ignored)));
    let (mut heard_at, mut longest) = (Instant::now(), Duration::ZERO);
    apply_until(&fake, &plan(&fake, &[(LOGINS, 100)], &wishes), &options(), |_, _| {
        longest = longest.max(heard_at.elapsed());
        heard_at = Instant::now();
    })
    .await;
    assert!(longest <= Duration::from_secs(20), "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_turns_everything_away_ends_the_run() {
    let numbers: Vec<usize> = (1..=500).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
    let wishes: Vec<_> = numbers.iter().map(|number| (*number, LOGINS, 1)).collect();
    // Eight are in flight when the fifth failure opens the circuit, and five trial writes follow. A write of unknown result
    // leaves its place to another, so four more are in flight then.
    for (fault, most, why) in [
        (
            Fault::Fails(ProviderErrorKind::Throttled(None)),
            60,
            "too many requests failed, and the run has no retries left",
        ),
        (Fault::Fails(ProviderErrorKind::Unavailable), 13, "the service keeps failing; giving up: the tenant refused"),
        (Fault::RequestLost, 17, "the service keeps failing; giving up: the connection broke"),
    ] {
        let mut fake = Fake::new(&holdings);
        fake.always = numbers.iter().map(|number| (id(*number), fault)).collect();
        let recorded = apply(&fake, &plan(&fake, &[(LOGINS, 500)], &wishes), &options()).await;
        assert!(fake.writes() <= most, "{fault:?}: {} requests", fake.writes());
        assert_eq!(recorded.run.applied(), 0);
        assert_eq!(recorded.words().pop().unwrap(), format!("team-500 portal-logins: not sent: {why}"));
        assert!(!recorded.run.interrupted);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_opens_the_circuit_and_the_run_goes_on_after_it() {
    let numbers: Vec<usize> = (1..=20).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
    let mut fake = Fake::new(&holdings);
    // The eight that are in flight at first, and the trial write after five seconds.
    fake.write_faults = (0..9).map(|number| (number, Fault::Fails(ProviderErrorKind::Unavailable))).collect();
    let wishes: Vec<_> = numbers.iter().map(|number| (*number, LOGINS, 1)).collect();
    let start = Instant::now();
    let recorded = apply_until(&fake, &plan(&fake, &[(LOGINS, 20)], &wishes), &options(), |_, _| {}).await;
    assert!(recorded.run.is_complete(), "{:?}", recorded.words());
    let arrivals: Vec<u64> = fake.arrivals().iter().map(|(_, at)| (*at - start).as_secs()).collect();
    assert_eq!((arrivals[7], arrivals[8], arrivals[9]), (0, 5, 15), "{arrivals:?}");
    assert_eq!(fake.writes(), 29);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_that_is_too_long_ends_the_run_and_says_how_long_it_is() {
    for seconds in [301, 3600, 1 << 63, u64::MAX] {
        let mut fake = full_pool();
        let long = ProviderErrorKind::Throttled(Some(Duration::from_secs(seconds)));
        fake.write_faults.insert(0, Fault::Fails(long));
        let start = Instant::now();
        let words = moved(&fake).await.words();
        assert!(start.elapsed() < Duration::from_secs(1));
        let why = format!("the tenant asks for a pause of {seconds} seconds, and a run waits 300 seconds at most");
        assert!(words[0].contains(&format!("refused A504: the tenant refused; {why}")), "{words:?}");
        assert!(words[1].contains(&format!("not sent: {why}")), "{words:?}");
    }
}

/// Every `Retry-After` that a run can meet, also on a read: nothing panics, and the run ends.
#[tokio::test(start_paused = true)]
async fn a_retry_after_of_any_length_on_a_read_ends_in_an_outcome() {
    for seconds in [0, 1, 300, 301, 1 << 63, u64::MAX] {
        for number in 0..3 {
            let mut fake = full_pool();
            let kind = ProviderErrorKind::Throttled(Some(Duration::from_secs(seconds)));
            fake.read_faults.insert(number, kind);
            let start = Instant::now();
            let recorded = moved(&fake).await;
            assert!(start.elapsed() < Duration::from_secs(700), "{seconds} {number}: {:?}", start.elapsed());
            assert_eq!(recorded.run.is_complete(), seconds <= 300, "{seconds} {number}: {:?}", recorded.words());
        }
    }
}

/// Seven writes are accepted, and then the service refuses everything: the tenant is changed in part, whether or not a reading shows it.
#[tokio::test(start_paused = true)]
async fn writes_before_a_refusal_of_everything_may_have_changed_the_tenant() {
    for first_refused_read in [1, 2, 3] {
        let numbers: Vec<usize> = (1..=12).collect();
        let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
        let mut fake = Fake::new(&holdings);
        let wishes: Vec<_> = numbers.iter().map(|number| (*number, LOGINS, 1)).collect();
        for number in 7..12 {
            fake.write_faults.insert(number, Fault::Fails(ProviderErrorKind::Denied));
        }
        for number in first_refused_read..40 {
            fake.read_faults.insert(number, ProviderErrorKind::Denied);
        }
        let recorded = apply(&fake, &plan(&fake, &[(LOGINS, 20)], &wishes), &options()).await;
        assert!(recorded.run.may_have_changed() && !recorded.run.is_complete(), "{:?}", recorded.words());
    }
}

#[tokio::test(start_paused = true)]
async fn failing_reads_are_retried() {
    let mut fake = full_pool();
    for number in [0, 1, 3] {
        fake.read_faults.insert(number, ProviderErrorKind::Unavailable);
    }
    let recorded = apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |_, _| {}).await;
    assert_eq!(recorded.words(), APPLIED);
    let retries = recorded.events.iter().filter(|event| matches!(event, ApplyEvent::Retrying { .. })).count();
    assert_eq!(retries, 3);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_without_a_reading() {
    let mut fake = full_pool();
    fake.read_faults.insert(0, ProviderErrorKind::Denied);
    let recorded = moved(&fake).await;
    assert_eq!(fake.writes(), 0);
    for word in recorded.words() {
        assert!(word.contains("not sent") && word.contains("the tenant could not be read"), "{word}");
    }
    let fake = full_pool();
    fake.cannot_read(id(2));
    let unread = "team-2 app-passes: not sent: the allocations of the environment could not be read: \
                  the tenant answered with half a document";
    assert_eq!(moved(&fake).await.words(), [APPLIED[0], unread, APPLIED[2]]);
}
