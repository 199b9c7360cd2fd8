//! A watch over hours, by a clock that the test moves: dates that come, changes in the tenant, a tenant that is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use allotment::report::answer::{Answer, Content};
use allotment::workflow::apply::{ApplyOptions, Stop};
use allotment::workflow::plan::PlanOptions;
use allotment::workflow::planned::Scope;
use allotment::workflow::ports::{Ports, TenantOptions};
use allotment::workflow::watch::{Then, Trigger, WatchEvent, WatchOptions, Watching};
use jiff::Timestamp;
use tokio::time::timeout;

use crate::support::Folder;
use crate::workflows::ports;

const ID: &str = "00000000-0000-4000-8000-00000000000a";

fn configuration(cell: &str) -> String {
    format!(
        "version: 1\ntenant: {{ name: watched, timeZone: UTC }}\npurchased: {{ app-passes: 100 }}\nenvironments:\n  \
         a: {{ id: \"{ID}\", allocations: {{ app-passes: {cell} }} }}\n"
    )
}

/// Ports with a clock that is moved.
fn moved_ports(folder: &Folder, seconds: &Arc<AtomicI64>) -> Ports {
    let start: Timestamp = "2026-11-29T23:30:00Z".parse().expect("a timestamp");
    let seconds = Arc::clone(seconds);
    let clock = move || start + jiff::SignedDuration::from_secs(seconds.load(Ordering::Relaxed));
    Ports { clock: Arc::new(clock), ..ports(folder, Vec::new()) }
}

fn tenant() -> TenantOptions {
    TenantOptions { role: None, seed: None, endpoint: None }
}

fn options(applies: bool, interval: Option<Duration>) -> WatchOptions {
    let then = match applies {
        true => Then::Apply(ApplyOptions::unattended(Scope::default(), tenant())),
        false => Then::Plan(PlanOptions::preview(Scope::default(), tenant())),
    };
    WatchOptions { then, interval }
}

/// The next pass, applied if it proposes something.
async fn pass(watching: &mut Watching<'_>) -> (Trigger, Answer) {
    loop {
        // The clock of the runtime is paused, so an hour takes no time.
        let event = timeout(Duration::from_secs(7 * 24 * 3600), watching.next()).await.expect("a pass within a week");
        match event.expect("a watch goes on").expect("no one ends it") {
            WatchEvent::Note(_) => {}
            WatchEvent::Ended(pass) => return (pass.trigger, pass.ended.expect("an answer")),
            WatchEvent::Proposed(trigger, proposal) => {
                if let Some(pass) = watching.apply((trigger, *proposal), &mut |_| {}).await {
                    return (pass.trigger, pass.ended.expect("a receipt"));
                }
            }
        }
    }
}

/// The number of changes that were applied, or that a plan shows.
fn changes(answer: &Answer) -> u64 {
    match &answer.content {
        Content::Run(run) => run.view.applied,
        Content::Plan(plan) => plan.view.summary.total(),
        other => panic!("neither a run nor a plan: {other:?}"),
    }
}

/// A grant begins at midnight, and a machine that slept until the morning takes it up when it wakes.
#[tokio::test(start_paused = true)]
async fn what_begins_on_a_date_is_applied_without_a_save() {
    for slept in [31 * 60, 8 * 3600] {
        let grants = "{ units: 10, grants: [{ add: 5, from: 2026-11-30, until: 2026-12-31 }] }";
        let folder = Folder::with(&[("allotment.yaml", &configuration(grants))]);
        let seconds = Arc::new(AtomicI64::new(0));
        let (ports, stop) = (moved_ports(&folder, &seconds), Stop::default());
        let options = options(true, None);
        let mut watching = Watching::start(&ports, &options, &stop).expect("a watch");
        let (trigger, answer) = pass(&mut watching).await;
        assert_eq!((trigger, changes(&answer)), (Trigger::Start, 1));
        let still = timeout(Duration::from_secs(3600), watching.next()).await;
        assert!(still.is_err(), "before the date nothing happens");
        seconds.store(slept, Ordering::Relaxed);
        let began = tokio::time::Instant::now();
        let (trigger, answer) = pass(&mut watching).await;
        assert_eq!((trigger, changes(&answer)), (Trigger::Date, 1));
        assert!(began.elapsed() <= Duration::from_secs(31), "the wall clock is compared at least every 30 seconds");
        let plan = folder.run(&["status", "--format", "json"]);
        assert!(String::from_utf8_lossy(&plan.stdout).contains("\"allocated\": 15"), "10 and 5 are held");
    }
}

/// A change that another admin makes is shown, and left alone.
#[tokio::test(start_paused = true)]
async fn a_change_in_the_tenant_is_shown_and_not_reverted() {
    let folder = Folder::with(&[("allotment.yaml", &configuration("10"))]);
    let (ports, stop) = (moved_ports(&folder, &Arc::default()), Stop::default());
    let options = options(true, Some(Duration::from_secs(300)));
    let mut watching = Watching::start(&ports, &options, &stop).expect("a watch");
    assert_eq!(pass(&mut watching).await.0, Trigger::Start);
    let still = timeout(Duration::from_secs(3600), watching.next()).await;
    assert!(still.is_err(), "nothing changed in the tenant, so there is nothing to say");
    let other = Folder::with(&[("allotment.yaml", &configuration("7"))]);
    let copied = std::fs::copy(other.path("allotment.yaml"), folder.path("other.yaml"));
    copied.expect("another configuration of the same tenant");
    let applied = folder.run(&["-C", "other.yaml", "apply", "--auto-approve"]);
    assert_eq!(applied.status.code(), Some(0), "{}", String::from_utf8_lossy(&applied.stderr));
    let (trigger, answer) = pass(&mut watching).await;
    assert_eq!((trigger, changes(&answer)), (Trigger::Interval, 1));
    assert!(matches!(answer.content, Content::Plan(_)), "it is shown, and not reverted");
    let still = timeout(Duration::from_secs(3600), watching.next()).await;
    assert!(still.is_err(), "it is shown a single time");
}

/// A tenant that cannot be reached is asked again without a save, and reported a single time.
#[tokio::test(start_paused = true)]
async fn a_pass_that_failed_is_made_again() {
    let root = configuration("10").replace("timeZone: UTC", "timeZone: UTC, provider: power-platform");
    let folder = Folder::with(&[("allotment.yaml", &root)]);
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("its address").port();
    drop(free);
    let (ports, stop) = (moved_ports(&folder, &Arc::default()), Stop::default());
    let mut options = options(true, None);
    let Then::Apply(apply) = &mut options.then else { panic!("an apply") };
    apply.tenant.endpoint = Some(format!("http://127.0.0.1:{port}"));
    let mut watching = Watching::start(&ports, &options, &stop).expect("a watch");
    let Some(WatchEvent::Ended(pass)) = watching.next().await.expect("a watch goes on") else { panic!("it fails") };
    assert!(pass.ended.is_err() && pass.trigger == Trigger::Start, "nothing listens there");
    assert_eq!(pass.again_in, Some(Duration::from_secs(5)));
    let silence = timeout(Duration::from_secs(3600), watching.next()).await;
    assert!(silence.is_err(), "the same failure is not reported again");
}

/// A look at the tenant between a refusal and the next save makes nothing done: the same text, saved again, is tried again.
#[tokio::test(start_paused = true)]
async fn a_look_at_the_tenant_does_not_stand_in_for_an_apply() {
    let folder = Folder::with(&[("allotment.yaml", &configuration("101"))]);
    let (ports, stop) = (moved_ports(&folder, &Arc::default()), Stop::default());
    let options = options(true, Some(Duration::from_secs(300)));
    let mut watching = Watching::start(&ports, &options, &stop).expect("a watch");
    assert_eq!(pass(&mut watching).await.0, Trigger::Start);
    let silence = timeout(Duration::from_secs(3600), watching.next()).await;
    assert!(silence.is_err(), "what is refused alike is not reported at each look");
    folder.write("allotment.yaml", configuration("101"));
    assert!(matches!(pass(&mut watching).await.0, Trigger::Saved(_)));
}

/// Between the read and the first write, another text is saved: what was read is not applied.
#[tokio::test(start_paused = true)]
async fn a_save_before_the_first_write_overtakes_the_plan() {
    let folder = Folder::with(&[("allotment.yaml", &configuration("10"))]);
    let (ports, stop) = (moved_ports(&folder, &Arc::default()), Stop::default());
    let options = options(true, None);
    let mut watching = Watching::start(&ports, &options, &stop).expect("a watch");
    let Some(WatchEvent::Proposed(trigger, proposal)) = watching.next().await.expect("a watch goes on") else {
        panic!("there is something to apply")
    };
    folder.write("allotment.yaml", configuration("20"));
    let applied = watching.apply((trigger, *proposal), &mut |_| {}).await;
    assert!(applied.is_none(), "the files do not hold any more what was planned");
    assert_eq!(changes(&pass(&mut watching).await.1), 1);
    let held: Vec<u64> = folder.trace().iter().filter_map(|totals| totals["app-passes"].as_u64()).collect();
    assert_eq!(held, [20]);
}
