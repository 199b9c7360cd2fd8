mod harness;
mod laws;
mod weather;

use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::time::Instant;

use self::harness::{Told, apply, apply_until, options, plan, with_setting, write_of};
use super::event::ApplyEvent;
use super::options::ApplyOptions;
use crate::model::plan::change::SettingChange;
use crate::model::run::Outcome;
use crate::model::terms::WhoCanAllocate;
use crate::provider::fake::{Call, Fake, Fault, add_on, id};
use crate::provider::port::{ListingCost, ProviderErrorKind};

const PASSES: &str = "app-passes";
const LOGINS: &str = "portal-logins";

/// A full pool: team-1 gives 50, team-2 takes 30, team-3 takes 20.
fn full_pool() -> Fake {
    Fake::new(&[(1, &[(PASSES, 100), (LOGINS, 7)]), (2, &[(PASSES, 0)]), (3, &[(PASSES, 10)]), (4, &[(PASSES, 90)])])
}

const MOVE: &[(usize, &str, u64)] = &[(1, PASSES, 50), (2, PASSES, 30), (3, PASSES, 30)];
const OWNED: &[(&str, u64)] = &[(PASSES, 200), (LOGINS, 50)];

async fn moved(fake: &Fake) -> Told {
    apply(fake, &plan(fake, OWNED, MOVE), &options()).await
}

const APPLIED: [&str; 3] = ["team-1 app-passes: applied", "team-2 app-passes: applied", "team-3 app-passes: applied"];

#[tokio::test(start_paused = true)]
async fn units_are_given_back_before_they_are_taken() {
    let fake = full_pool();
    let told = moved(&fake).await;
    assert_eq!(told.words(), APPLIED);
    assert_eq!(fake.holdings(PASSES, &[1, 2, 3, 4]), [50, 30, 30, 90]);
    assert_eq!(fake.held(&id(1), LOGINS), 7, "what the plan does not touch is written as it was read");
    assert_eq!(fake.most_held(PASSES), 200);
    assert_eq!(fake.written(), [id(1), id(2), id(3)]);
    let sent: Vec<_> = told.run.writes.iter().map(|write| write.environment.id.clone()).collect();
    assert_eq!(sent, fake.written());
    assert!(!told.run.interrupted);
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
    let one_by_one = ApplyOptions { parallelism: NonZeroUsize::MIN, ..options() };
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
async fn no_more_writes_are_open_than_asked_for() {
    let numbers: Vec<usize> = (1..=60).collect();
    for (parallelism, expected) in [(1, 1), (8, 8), (100, 60)] {
        let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
        let fake = Fake::new(&holdings);
        let wishes: Vec<_> = numbers.iter().map(|number| (*number, PASSES, 3)).collect();
        let options = ApplyOptions { parallelism: NonZeroUsize::new(parallelism).unwrap(), ..options() };
        let told = apply(&fake, &plan(&fake, OWNED, &wishes), &options).await;
        assert!(told.run.is_complete());
        assert_eq!(fake.most_open(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_moved_is_left_alone() {
    let fake = full_pool();
    let plan = plan(&fake, OWNED, MOVE);
    fake.set(id(3), &add_on(PASSES), 1);
    let told = apply(&fake, &plan, &options()).await;
    let expected = [APPLIED[0], APPLIED[1], "team-3 app-passes: stale: App passes: 1, where the plan found 10"];
    assert_eq!(told.words(), expected);
    assert_eq!(fake.holdings(PASSES, &[1, 2, 3]), [50, 30, 1]);
}

#[tokio::test(start_paused = true)]
async fn units_that_somebody_took_are_not_there_for_the_plan() {
    for (environment, stale) in [(4, false), (2, true)] {
        let fake = full_pool();
        let plan = plan(&fake, OWNED, MOVE);
        let had = fake.held(&id(environment), PASSES);
        fake.set(id(environment), &add_on(PASSES), had + 40);
        let told = apply(&fake, &plan, &options()).await;
        let words = told.words();
        assert_eq!(words[0], APPLIED[0]);
        let taken = "somebody else took them since the plan was made";
        match stale {
            true => assert_eq!(words[1], "team-2 app-passes: stale: App passes: 40, where the plan found 0"),
            false => {
                assert!(words[1].contains("not sent: App passes: short by") && words[1].contains(taken), "{words:?}")
            }
        }
        assert!(fake.most_held(PASSES) <= 240, "what was over is not made worse");
        let now = fake.held_by_all(&add_on(PASSES).pool()).get();
        assert!(now <= 200, "{now} after the decrease");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_done_already_is_not_written() {
    let fake = full_pool();
    let plan = plan(&fake, OWNED, MOVE);
    fake.set(id(1), &add_on(PASSES), 50);
    assert_eq!(apply(&fake, &plan, &options()).await.words(), APPLIED);
    assert_eq!(fake.written(), [id(2), id(3)]);
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_stops_only_what_needs_its_units() {
    for (kind, code) in [
        (ProviderErrorKind::Denied, "A401"),
        (ProviderErrorKind::Locked, "A407"),
        (ProviderErrorKind::Conflict, "A504"),
    ] {
        let mut fake = full_pool();
        fake.always.insert(id(1), Fault::Fails(kind));
        let wishes = [MOVE, &[(3, LOGINS, 9)]].concat();
        let told = apply(&fake, &plan(&fake, OWNED, &wishes), &options()).await;
        let blocked = "not sent: App passes: short by";
        let words = told.words();
        assert_eq!(words[0], format!("team-1 app-passes: refused {code}: the tenant said no"));
        assert!(words[1].starts_with(&format!("team-2 app-passes: {blocked}")), "{words:?}");
        assert!(words[1].ends_with("team-1 may still hold them"), "{words:?}");
        assert_eq!(
            fake.written(),
            [id(1), id(3)],
            "a refusal is not tried again, and the logins of team-3 wait for nothing"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_after_a_while() {
    let throttled = ProviderErrorKind::Throttled(Some(Duration::from_secs(20)));
    for (kind, least) in [(throttled, 20), (ProviderErrorKind::Throttled(None), 0), (ProviderErrorKind::Unavailable, 0)]
    {
        let mut fake = full_pool();
        fake.write_faults.insert(0, Fault::Fails(kind));
        fake.write_faults.insert(1, Fault::Fails(kind));
        let told = moved(&fake).await;
        assert_eq!(told.words(), APPLIED);
        let arrivals = fake.arrivals();
        for (earlier, later) in [(0, 1), (1, 2)] {
            let waited = arrivals[later].1 - arrivals[earlier].1;
            assert!(waited >= Duration::from_secs(least).max(Duration::from_millis(500)), "{kind:?} {waited:?}");
        }
        assert_eq!(told.run.writes.len(), 3, "a write that is tried again is one write");
        if least > 10 {
            assert_eq!(fake.calls().iter().filter(|call| **call == Call::Listing).count(), 6, "read afresh each time");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_passes_is_given_up() {
    let mut fake = full_pool();
    fake.always.insert(id(2), Fault::Fails(ProviderErrorKind::Unavailable));
    let told = moved(&fake).await;
    let given_up = "team-2 app-passes: refused A504: the tenant said no, 6 times in a row";
    assert_eq!(told.words(), [APPLIED[0], given_up, APPLIED[2]]);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_turns_everything_away_is_not_asked_for_ever() {
    let numbers: Vec<usize> = (1..=500).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
    let wishes: Vec<_> = numbers.iter().map(|number| (*number, LOGINS, 1)).collect();
    // Eight are open when the fifth failure opens the circuit; five more are tried alone, later and later. One of unknown fate
    // leaves its place to another, so that four more are open then.
    for (fault, most, why) in [
        (Fault::Fails(ProviderErrorKind::Throttled(None)), 60, "the tenant turned too many requests away"),
        (Fault::Fails(ProviderErrorKind::Unavailable), 13, "the tenant is out of order: the tenant said no"),
        (Fault::RequestLost, 17, "the tenant is out of order: the connection broke"),
    ] {
        let mut fake = Fake::new(&holdings);
        fake.always = numbers.iter().map(|number| (id(*number), fault)).collect();
        let told = apply(&fake, &plan(&fake, &[(LOGINS, 500)], &wishes), &options()).await;
        assert!(fake.writes() <= most, "{fault:?}: {} requests", fake.writes());
        assert_eq!(told.run.applied(), 0);
        assert_eq!(told.words().pop().unwrap(), format!("team-500 portal-logins: not sent: {why}"));
        assert!(!told.run.interrupted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_out_of_order_for_a_while_is_left_alone_and_then_served() {
    let numbers: Vec<usize> = (1..=20).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
    let mut fake = Fake::new(&holdings);
    // The eight that are open at first, and one that is tried after five seconds.
    fake.write_faults = (0..9).map(|number| (number, Fault::Fails(ProviderErrorKind::Unavailable))).collect();
    let wishes: Vec<_> = numbers.iter().map(|number| (*number, LOGINS, 1)).collect();
    let start = Instant::now();
    let told = apply_until(&fake, &plan(&fake, &[(LOGINS, 20)], &wishes), &options(), |_, _| {}).await;
    assert!(told.run.is_complete(), "{:?}", told.words());
    let arrivals: Vec<u64> = fake.arrivals().iter().map(|(_, at)| (*at - start).as_secs()).collect();
    assert_eq!((arrivals[7], arrivals[8], arrivals[9]), (0, 5, 15), "{arrivals:?}");
    assert_eq!(fake.writes(), 29);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_asked_for_each_environment_is_read_twice_for_each_write() {
    let numbers: Vec<usize> = (1..=40).collect();
    let holdings: Vec<(usize, &[(&str, u64)])> = numbers.iter().map(|number| (*number, [].as_slice())).collect();
    let mut fake = Fake::new(&holdings);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    let wishes: Vec<_> = numbers.iter().map(|number| (*number, LOGINS, 1)).collect();
    let plan = plan(&fake, &[(LOGINS, 40)], &wishes);
    let told = apply_until(&fake, &plan, &options(), |_, _| {}).await;
    assert!(told.run.is_complete(), "{:?}", told.words());
    assert_eq!((fake.reads(), fake.writes()), ((0, 80), 40));

    // What shows late is looked at again, each for itself, later and later.
    let mut fake = Fake::new(&holdings);
    fake.listing_cost = ListingCost::OnePerEnvironment;
    fake.lag = Duration::from_secs(12);
    let told = apply_until(&fake, &plan, &options(), |_, _| {}).await;
    assert!(told.run.is_complete(), "{:?}", told.words());
    assert_eq!((fake.reads().0, fake.writes()), (0, 40));
    assert!(fake.reads().1 <= 40 * 9, "{:?}", fake.reads());
}

#[tokio::test(start_paused = true)]
async fn a_write_of_unknown_fate_is_settled_by_reading() {
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
async fn a_write_that_is_lost_again_and_again_stays_unconfirmed() {
    let mut fake = full_pool();
    fake.always.insert(id(1), Fault::RequestLost);
    let told = moved(&fake).await;
    let words = told.words();
    let unconfirmed = "team-1 app-passes: unconfirmed: the connection broke; reading still shows what was held before";
    assert_eq!(words[0], unconfirmed);
    assert!(
        words[1].contains("short by") && words[2].contains("short by"),
        "its units cannot be counted on: {words:?}"
    );
    assert_eq!(fake.writes(), 7, "it is sent again at once, five times more later and later, and no oftener");
}

#[tokio::test(start_paused = true)]
async fn a_write_of_unknown_fate_and_somebody_elses_amount_is_stale() {
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::RequestLost);
    fake.meddling.insert(1, (id(1), add_on(PASSES), 77));
    let words = moved(&fake).await.words();
    let found =
        "the connection broke; then somebody else's amounts were found (App passes: 77, where the plan found 100)";
    assert_eq!(words[0], format!("team-1 app-passes: stale: {found}"));
    assert_eq!(fake.held(&id(1), PASSES), 77);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_fit_is_not_believed() {
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::WrongAnswer);
    assert_eq!(moved(&fake).await.words(), APPLIED, "reading shows that it took effect all the same");
    assert_eq!(fake.writes(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_answered_and_ignored_is_sent_once_more() {
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::Ignored);
    let start = Instant::now();
    assert_eq!(moved(&fake).await.words(), APPLIED);
    assert!(start.elapsed() < Duration::from_secs(2), "the answer gives it away, so nothing is waited for");
    let mut fake = full_pool();
    fake.always.insert(id(1), Fault::Ignored);
    let words = moved(&fake).await.words();
    let ignored = "the tenant answered with what was held before; reading still shows what was held before";
    assert_eq!(words[0], format!("team-1 app-passes: unconfirmed: {ignored}"));
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_shows_late_is_looked_at_until_it_shows() {
    let mut fake = full_pool();
    fake.lag = Duration::from_secs(12);
    let start = Instant::now();
    let told = apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |_, _| {}).await;
    assert_eq!(told.words(), APPLIED);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let waited = told.events.contains(&ApplyEvent::Waiting { unconfirmed: 1 });
    assert!(waited, "whoever watches is told what it waits for");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_show_in_time_is_unconfirmed_and_its_units_stay_where_they_are() {
    for (timeout, most_listings) in [(30, 30), (0, 3)] {
        let mut fake = full_pool();
        fake.lag = Duration::from_secs(3600);
        let options = ApplyOptions { confirm_timeout: Duration::from_secs(timeout), ..options() };
        let start = Instant::now();
        let told = apply(&fake, &plan(&fake, OWNED, MOVE), &options).await;
        let words = told.words();
        let took = "unconfirmed: the tenant took it, but reading still shows what was held before";
        assert_eq!(words[0], format!("team-1 app-passes: {took}"));
        assert_eq!(words[1], "team-2 app-passes: not sent: App passes: short by 30; team-1 may still hold them");
        assert!(start.elapsed() <= Duration::from_secs(timeout + 1), "{:?}", start.elapsed());
        assert!(fake.reads().0 <= most_listings, "{:?}", fake.reads());
    }
}

#[tokio::test(start_paused = true)]
async fn reads_that_fail_for_a_while_are_repeated() {
    let mut fake = full_pool();
    for number in [0, 1, 3] {
        fake.read_faults.insert(number, ProviderErrorKind::Unavailable);
    }
    let told = apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |_, _| {}).await;
    assert_eq!(told.words(), APPLIED);
    let retries = told.events.iter().filter(|event| matches!(event, ApplyEvent::Retrying { .. })).count();
    assert_eq!(retries, 3);
}

#[tokio::test(start_paused = true)]
async fn without_reading_nothing_is_written() {
    let mut fake = full_pool();
    fake.read_faults.insert(0, ProviderErrorKind::Denied);
    let told = moved(&fake).await;
    assert_eq!(fake.writes(), 0);
    for word in told.words() {
        assert!(word.contains("not sent") && word.contains("the tenant could not be read"), "{word}");
    }
    let fake = full_pool();
    fake.cannot_read(id(2));
    let unread = "team-2 app-passes: not sent: what the environment holds could not be read: \
                  the tenant answered with half a document";
    assert_eq!(moved(&fake).await.words(), [APPLIED[0], unread, APPLIED[2]]);
}

#[tokio::test(start_paused = true)]
async fn asked_once_it_finishes_what_is_open() {
    let fake = full_pool();
    let told = apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |event, stop| {
        if matches!(event, ApplyEvent::Sent { .. }) {
            stop.request();
        }
    })
    .await;
    let stopped = |team| format!("{team} app-passes: not sent: the run was stopped");
    assert_eq!(told.words(), [APPLIED[0].to_owned(), stopped("team-2"), stopped("team-3")]);
    assert!(told.run.interrupted);
    assert!(told.events.contains(&ApplyEvent::Stopping { in_flight: 1 }));
}

#[tokio::test(start_paused = true)]
async fn asked_twice_it_returns_at_once_and_what_is_open_is_unconfirmed() {
    let fake = full_pool();
    let start = Instant::now();
    let told = apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |event, stop| {
        if matches!(event, ApplyEvent::Sent { .. }) {
            stop.request();
            stop.request();
        }
    })
    .await;
    let words = told.words();
    assert_eq!(words[0], "team-1 app-passes: unconfirmed: the run was stopped before the tenant answered");
    assert_eq!(words[2], "team-3 app-passes: not sent: the run was stopped");
    assert!(told.run.interrupted);
    assert_eq!(start.elapsed(), fake.latency, "the first read, and no waiting after it");
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_gives_and_takes_in_two_writes_is_read_between_them() {
    let fake = Fake::new(&[(1, &[(PASSES, 10)]), (2, &[(LOGINS, 10)])]);
    let plan =
        plan(&fake, &[(PASSES, 10), (LOGINS, 10)], &[(1, PASSES, 0), (1, LOGINS, 10), (2, LOGINS, 0), (2, PASSES, 10)]);
    assert_eq!(plan.steps().len(), 4);
    let told = apply(&fake, &plan, &options()).await;
    assert!(told.run.is_complete(), "{:?}", told.words());
    assert_eq!((fake.held(&id(1), PASSES), fake.held(&id(1), LOGINS)), (0, 10));
    assert_eq!((fake.most_held(PASSES), fake.most_held(LOGINS)), (10, 10));
}

#[tokio::test(start_paused = true)]
async fn a_write_of_unknown_fate_that_is_refused_then_is_still_unknown() {
    let mut fake = full_pool();
    fake.write_faults.insert(0, Fault::RequestLost);
    fake.write_faults.insert(1, Fault::Fails(ProviderErrorKind::Denied));
    let words = moved(&fake).await.words();
    assert_eq!(words[0], "team-1 app-passes: unconfirmed: the connection broke; then: the tenant said no");
    assert!(words[1].contains("not sent"), "{words:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_asks_for_an_hour_is_not_waited_for() {
    let mut fake = full_pool();
    let hour = ProviderErrorKind::Throttled(Some(Duration::from_secs(3600)));
    fake.write_faults.insert(0, Fault::Fails(hour));
    let start = Instant::now();
    let words = moved(&fake).await.words();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(words[0].contains("refused A504: the tenant said no; it asks to wait"), "{words:?}");
    assert!(words[1].contains("not sent: the tenant asks to wait for more than five minutes"), "{words:?}");
}

#[tokio::test(start_paused = true)]
async fn the_setting_is_written_last_and_confirmed() {
    let fake = full_pool();
    fake.set_who_can_allocate(WhoCanAllocate::EnvironmentAdmins);
    let plan = with_setting(&plan(&fake, OWNED, MOVE), restricted());
    let told = apply(&fake, &plan, &options()).await;
    assert_eq!(told.run.setting, Some(Outcome::Applied));
    assert_eq!(fake.setting(), Some(WhoCanAllocate::OnlySpecificAdmins));
    let calls = fake.calls();
    let written = fake.position(&Call::WriteSetting(WhoCanAllocate::OnlySpecificAdmins)).unwrap();
    assert!(calls[written..].iter().all(|call| !matches!(call, Call::Write(_))), "{calls:?}");
    assert_eq!(calls.iter().filter(|call| matches!(call, Call::WriteSetting(_))).count(), 1, "it is not written twice");
}

fn restricted() -> SettingChange {
    SettingChange {
        before: Some(WhoCanAllocate::EnvironmentAdmins),
        after: WhoCanAllocate::OnlySpecificAdmins,
        declared_at: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_moved_or_is_refused_or_lost_is_told() {
    async fn check(before: Option<WhoCanAllocate>, fault: Option<Fault>, expected: &str) {
        let mut fake = full_pool();
        fake.setting_fault = fault;
        if let Some(before) = before {
            fake.set_who_can_allocate(before);
        }
        let plan = with_setting(&plan(&fake, OWNED, &[]), restricted());
        let outcome = apply_until(&fake, &plan, &options(), |_, _| {}).await.run.setting.unwrap();
        assert!(format!("{outcome:?}").contains(expected), "{outcome:?} for {expected}");
    }
    let before = restricted().before;
    check(None, None, "Stale { why: \"it is not set any more, where the plan found environment-admins").await;
    check(Some(restricted().after), Some(Fault::Fails(ProviderErrorKind::Denied)), "Applied").await;
    check(before, Some(Fault::Fails(ProviderErrorKind::Denied)), "Refused { code: A401").await;
    check(before, Some(Fault::Fails(ProviderErrorKind::Unavailable)), "Refused { code: A504").await;
    check(before, Some(Fault::AnswerLost), "Applied").await;
    check(before, Some(Fault::RequestLost), "reading still shows environment-admins").await;
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_leaves_the_setting_alone() {
    let fake = full_pool();
    fake.set_who_can_allocate(WhoCanAllocate::EnvironmentAdmins);
    let plan = with_setting(&plan(&fake, OWNED, MOVE), restricted());
    let told = apply_until(&fake, &plan, &options(), |event, stop| {
        if matches!(event, ApplyEvent::Sent { .. }) {
            stop.request();
        }
    })
    .await;
    assert_eq!(told.run.setting, Some(Outcome::NotSent { why: "the run was stopped".into() }));
    assert_eq!(fake.setting(), Some(WhoCanAllocate::EnvironmentAdmins));
}
