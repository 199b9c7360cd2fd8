use tokio::time::Instant;

use super::harness::{APPLIED, MOVE, OWNED, apply_until, full_pool, options, plan, restricted, with_setting};
use crate::apply::event::ApplyEvent;
use crate::model::roles::WhoCanAllocate;
use crate::model::run::Outcome;

#[tokio::test(start_paused = true)]
async fn the_first_stop_request_finishes_the_writes_in_flight() {
    let fake = full_pool();
    let recorded = apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |event, stop| {
        if matches!(event, ApplyEvent::Sent { .. }) {
            stop.request();
        }
    })
    .await;
    let stopped = |team| format!("{team} app-passes: not sent: the run was stopped");
    assert_eq!(recorded.words(), [APPLIED[0].to_owned(), stopped("team-2"), stopped("team-3")]);
    assert!(recorded.run.interrupted);
    assert!(recorded.events.contains(&ApplyEvent::Stopping { in_flight: 1 }));
}

#[tokio::test(start_paused = true)]
async fn the_second_stop_request_ends_the_run_at_once() {
    let fake = full_pool();
    let start = Instant::now();
    let recorded = apply_until(&fake, &plan(&fake, OWNED, MOVE), &options(), |event, stop| {
        if matches!(event, ApplyEvent::Sent { .. }) {
            stop.request();
            stop.request();
        }
    })
    .await;
    let words = recorded.words();
    assert_eq!(words[0], "team-1 app-passes: unconfirmed: the run was stopped before the tenant answered");
    assert_eq!(words[2], "team-3 app-passes: not sent: the run was stopped");
    assert!(recorded.run.interrupted);
    assert_eq!(start.elapsed(), fake.latency, "the first read, and no waiting after it");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_does_not_write_the_setting() {
    let fake = full_pool();
    fake.set_who_can_allocate(WhoCanAllocate::EnvironmentAdmins);
    let plan = with_setting(&plan(&fake, OWNED, MOVE), restricted());
    let recorded = apply_until(&fake, &plan, &options(), |event, stop| {
        if matches!(event, ApplyEvent::Sent { .. }) {
            stop.request();
        }
    })
    .await;
    assert_eq!(recorded.run.setting, Some(Outcome::NotSent { why: "the run was stopped".into() }));
    assert_eq!(fake.setting(), Some(WhoCanAllocate::EnvironmentAdmins));
}
