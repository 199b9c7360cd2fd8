use std::time::Duration;

use tokio::time::Instant;

use super::harness::{MOVE, OWNED, apply, apply_until, full_pool, options, plan, restricted, with_setting};
use crate::apply::event::ApplyEvent;
use crate::model::code::Code;
use crate::model::roles::WhoCanAllocate;
use crate::model::run::Outcome;
use crate::provider::fake::{Call, Fault};
use crate::provider::port::ProviderErrorKind;

#[tokio::test(start_paused = true)]
async fn the_setting_is_written_last_and_confirmed() {
    let fake = full_pool();
    fake.set_who_can_allocate(WhoCanAllocate::EnvironmentAdmins);
    let plan = with_setting(&plan(&fake, OWNED, MOVE), restricted());
    let recorded = apply(&fake, &plan, &options()).await;
    assert_eq!(recorded.run.setting, Some(Outcome::Applied));
    assert_eq!(fake.setting(), Some(WhoCanAllocate::OnlySpecificAdmins));
    let calls = fake.calls();
    let written = fake.position(&Call::WriteSetting(WhoCanAllocate::OnlySpecificAdmins)).unwrap();
    assert!(calls[written..].iter().all(|call| !matches!(call, Call::Write(_))), "{calls:?}");
    assert_eq!(calls.iter().filter(|call| matches!(call, Call::WriteSetting(_))).count(), 1, "it is not written twice");
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_changed_or_is_refused_or_lost_has_its_outcome() {
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
    check(None, None, "Stale { why: \"`whoCanAllocate` no longer has a value, but the plan found environment-admins")
        .await;
    check(Some(restricted().after), Some(Fault::Fails(ProviderErrorKind::Denied)), "Applied").await;
    check(before, Some(Fault::Fails(ProviderErrorKind::Denied)), "Refused { code: A401").await;
    check(before, Some(Fault::Fails(ProviderErrorKind::Unavailable)), "Refused { code: A504").await;
    check(before, Some(Fault::Fails(ProviderErrorKind::SignInRenewed)), "Refused { code: A401").await;
    check(before, Some(Fault::AnswerLost), "Applied").await;
    check(before, Some(Fault::RequestLost), "the last read still shows environment-admins").await;
}

#[tokio::test(start_paused = true)]
async fn the_setting_is_read_before_each_attempt() {
    let mut fake = full_pool();
    fake.setting_fault = Some(Fault::Fails(ProviderErrorKind::Unavailable));
    fake.set_who_can_allocate(WhoCanAllocate::EnvironmentAdmins);
    let plan = with_setting(&plan(&fake, OWNED, &[]), restricted());
    let recorded = apply_until(&fake, &plan, &options(), |event, _| {
        if matches!(event, ApplyEvent::Retrying { .. }) {
            fake.set_who_can_allocate(WhoCanAllocate::OnlySpecificAdmins);
        }
    })
    .await;
    assert_eq!(recorded.run.setting, Some(Outcome::Applied));
    let writes = fake.calls().iter().filter(|call| matches!(call, Call::WriteSetting(_))).count();
    assert_eq!(writes, 1, "another admin set it before the second attempt");
}

#[tokio::test(start_paused = true)]
async fn a_setting_is_not_written_after_a_stop_request() {
    let mut fake = full_pool();
    fake.latency = Duration::from_secs(2);
    fake.setting_fault = Some(Fault::Fails(ProviderErrorKind::Unavailable));
    fake.set_who_can_allocate(WhoCanAllocate::EnvironmentAdmins);
    let plan = with_setting(&plan(&fake, OWNED, &[]), restricted());
    let recorded = apply_until(&fake, &plan, &options(), |event, stop| {
        if matches!(event, ApplyEvent::Retrying { .. }) {
            stop.request();
        }
    })
    .await;
    let writes = fake.calls().iter().filter(|call| matches!(call, Call::WriteSetting(_))).count();
    assert_eq!(writes, 1, "none after the request");
    let why = "the tenant refused; not sent again, because the run was stopped".into();
    assert_eq!(recorded.run.setting, Some(Outcome::Refused { code: Code::A504, why }));
    let recorded = apply_until(&fake, &plan, &options(), |_, stop| stop.request()).await;
    assert_eq!(recorded.run.setting, Some(Outcome::NotSent { why: "the run was stopped".into() }));
}

#[tokio::test(start_paused = true)]
async fn no_wait_for_the_setting_is_silent_for_long() {
    for fault in [Fault::Fails(ProviderErrorKind::Throttled(Some(Duration::from_secs(70)))), Fault::RequestLost] {
        let mut fake = full_pool();
        fake.setting_fault = Some(fault);
        fake.set_who_can_allocate(WhoCanAllocate::EnvironmentAdmins);
        let plan = with_setting(&plan(&fake, OWNED, &[]), restricted());
        let (begun, mut heard_at, mut longest) = (Instant::now(), Instant::now(), Duration::ZERO);
        apply_until(&fake, &plan, &options(), |event, _| {
            if matches!(event, ApplyEvent::Retrying { .. } | ApplyEvent::Waiting { .. } | ApplyEvent::SettingSent) {
                longest = longest.max(heard_at.elapsed());
                heard_at = Instant::now();
            }
        })
        .await;
        assert!(begun.elapsed() > Duration::from_secs(29), "the run waits: {:?}", begun.elapsed());
        assert!(longest.max(heard_at.elapsed()) < Duration::from_secs(30), "{fault:?}: silent for {longest:?}");
    }
}
