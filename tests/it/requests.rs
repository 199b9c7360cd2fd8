//! The number of requests of a plan and an apply, counted by the emulator, and the duration of an apply at a given latency.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use allotment::emulator::faults::{Faults, Surface};
use allotment::model::terms::Units;
use allotment::planning::forecast::outlook::{outlook, unread};
use allotment::provider::observe::{read_consumption, read_consumption_of};
use tokio::time::Instant;

use crate::service::{Service, Session, TODAY, Wanted, on_a_paused_clock};

/// The rows of a page of environments.
const PAGE: usize = 500;

/// A tenant of this many environments that hold 10 passes each, and the amounts that the configuration declares.
struct Tenant {
    seed: String,
    root: String,
}

impl Tenant {
    fn new(environments: usize, wanted: impl Fn(usize) -> u64) -> Tenant {
        let purchased = format!("purchased: {{ app-passes: {} }}\n", environments * 20);
        let mut seed = format!("tenant: contoso\n{purchased}environments:\n");
        let mut root =
            format!("version: 1\ntenant: {{ name: contoso, provider: power-platform }}\n{purchased}environments:\n");
        for at in 0..environments {
            let id = format!("00000000-0000-4000-8000-{at:012}");
            let _ = writeln!(seed, "  - {{ id: \"{id}\", name: E{at}, allocations: {{ app-passes: 10 }} }}");
            let _ = writeln!(root, "  e{at}: {{ id: \"{id}\", allocations: {{ app-passes: {} }} }}", wanted(at));
        }
        Tenant { seed, root }
    }

    fn behind(&self, faults: Faults) -> Service {
        Service::with(&self.seed, |options| {
            options.faults = faults;
            options.page_size = PAGE;
        })
    }
}

/// The number of requests of each kind.
fn counted(requests: &[String]) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    for request in requests {
        let kind = match request.as_str() {
            "GET /licensing/allocationsByEnvironment" => "listing",
            "GET /licensing/tenantCapacity/currencyReports" => "reports",
            "GET /environmentmanagement/environments" => "environments",
            "POST /providers/Microsoft.BusinessAppPlatform/listtenantsettings" => "settings",
            other if other.ends_with("/entitlements") => "consumption",
            "PATCH /licensing/allocationsByEnvironment" => "write",
            "PUT /licensing/allocationsV2" => "write by another surface",
            other if other.starts_with("GET /licensing/environments/") => "single read",
            other if other.starts_with("PATCH /licensing/environments/") => "single write",
            other => other,
        };
        *counted.entry(kind).or_default() += 1;
    }
    counted
}

#[test]
fn a_plan_reads_pages_and_three_more_however_many_environments_there_are() {
    for environments in [1, 250, 10_000] {
        on_a_paused_clock(async {
            let tenant = Tenant::new(environments, |_| 11);
            let service = tenant.behind(Faults::default());
            let wanted = Wanted::of(&tenant.root);
            let (_, draft, _) = Session::new(&service, &wanted).plan().await.expect("the tenant can be read");
            assert_eq!(draft.changes.len(), environments);
            let requests = service.requests();
            let pages = environments.div_ceil(PAGE);
            let expected = [("environments", pages), ("listing", 1), ("reports", 1), ("settings", 1)];
            assert_eq!(counted(&requests), BTreeMap::from(expected));
        });
    }
}

#[test]
fn a_plan_reads_the_use_of_each_environment_that_gives_back() {
    for surfaces in [None, Some([Surface::Old].into())] {
        on_a_paused_clock(async {
            let tenant = Tenant::new(100, |at| if at < 40 { 9 } else { 11 });
            let is_old = surfaces.is_some();
            let service = tenant.behind(Faults { surfaces, ..Faults::default() });
            let wanted = Wanted::of(&tenant.root);
            let session = Session::new(&service, &wanted);
            let (mut observed, draft, _) = session.plan().await.expect("the tenant can be read");
            service.requests();
            read_consumption(&session.reader, &mut observed, &draft).await;
            let requests = service.requests();
            let asked = counted(&requests).get("consumption").copied().unwrap_or_default();
            if is_old {
                assert!(asked <= 8, "the first requests find out that there is no such answer: {asked}");
            } else {
                assert_eq!(asked, 40);
            }
            let used = observed.environments.values().filter_map(|seen| seen.consumed.values().next());
            let unknown = used.filter(|used| used.unknown().is_some()).count();
            assert_eq!(unknown, if is_old { 40 } else { 0 });
        });
    }
}

/// Who could give back is known on the service too: a request for each environment that holds units of a pool that runs short.
#[test]
fn a_forecast_asks_the_service_what_the_holders_use() {
    on_a_paused_clock(async {
        let id = |at: usize| format!("00000000-0000-4000-8000-{at:012}");
        let mut seed =
            "tenant: contoso\npurchased: { app-passes: 100, portal-logins: 100 }\nenvironments:\n".to_owned();
        let mut root = "version: 1\ntenant: { name: contoso, provider: power-platform }\npurchased:\n  app-passes: \
            [{ units: 100, until: 2026-12-31 }, { units: 50, from: 2027-01-01 }]\nenvironments:\n"
            .to_owned();
        for (at, held, used) in [(1, 60, 12), (2, 30, 30), (3, 0, 0)] {
            let uses = format!("consumption: {{ app-passes: {{ units: {used}, asOf: 2026-11-22 }} }}");
            let _ = writeln!(
                seed,
                "  - {{ id: \"{}\", name: E{at}, allocations: {{ app-passes: {held} }}, {uses} }}",
                id(at)
            );
            let _ = writeln!(root, "  e{at}: {{ id: \"{}\", allocations: {{ app-passes: {held} }} }}", id(at));
        }
        let (service, wanted) = (Service::with(&seed, |_| {}), Wanted::of(&root));
        let session = Session::new(&service, &wanted);
        let (mut observed, ..) = session.plan().await.expect("the tenant can be read");
        service.requests();
        let unread = unread(&wanted.desired, &observed, TODAY);
        read_consumption_of(&session.reader, &mut observed, unread.into_iter()).await;
        assert_eq!(counted(&service.requests()).get("consumption"), Some(&2), "nothing is asked of who holds nothing");
        let pools = outlook(&wanted.desired, &observed, TODAY);
        let passes = pools.iter().find(|pool| !pool.shortages.is_empty()).expect("the passes run short");
        let back: Vec<Option<u64>> = passes.holders.iter().map(|holder| holder.can_give_back.map(Units::get)).collect();
        assert_eq!(back, [Some(48), Some(0)]);
        let shortage = &passes.shortages[0];
        assert_eq!((shortage.short.get(), shortage.can_give_back.get(), shortage.unknown_holders), (40, 48, 0));
    });
}

#[test]
fn an_apply_writes_once_for_each_change_and_lists_once_in_ten_seconds() {
    // The second run takes longer than a reading stays fresh.
    for (changes, latency_ms) in [(50, 50), (400, 400)] {
        on_a_paused_clock(async {
            let tenant = Tenant::new(500, |at| if at < changes { 10 + (at as u64 % 2) * 5 + 1 } else { 10 });
            let service = tenant.behind(Faults { latency_ms, ..Faults::default() });
            let wanted = Wanted::of(&tenant.root);
            let begun = Instant::now();
            let attempt = Session::new(&service, &wanted).apply(|_| {}).await;
            assert!(attempt.run.is_some_and(|run| run.is_complete()));
            let requests = service.requests();
            let listings = begun.elapsed().as_secs() as usize / 10;
            let pages = 500 / PAGE;
            // The plan takes the pages, reports, allocations and settings, and its reading serves the first writes. The apply takes a
            // listing and the reports every ten seconds, and once after its writes.
            assert!(requests.len() <= changes + 5 + pages + 2 * listings, "{:?}", counted(&requests));
            assert_eq!(counted(&requests)["write"], changes);
        });
    }
}

#[test]
fn the_older_surface_takes_three_requests_for_each_change() {
    for (changes, latency_ms) in [(40, 50), (200, 400)] {
        on_a_paused_clock(async {
            let tenant = Tenant::new(300, |at| if at < changes { 11 } else { 10 });
            let surfaces = Some([Surface::Old].into());
            let service = tenant.behind(Faults { surfaces, latency_ms, ..Faults::default() });
            let wanted = Wanted::of(&tenant.root);
            let session = Session::new(&service, &wanted);
            session.plan().await.expect("the tenant can be read");
            let of_a_plan = service.requests().len();
            let attempt = session.apply(|_| {}).await;
            assert!(attempt.run.is_some_and(|run| run.is_complete()));
            let requests = service.requests();
            let counted = counted(&requests);
            // The plan reads every declared environment, and its reading serves the writes of the first ten seconds. The apply reads each
            // changed environment after its write, and later ones before it too.
            let singles = counted["single read"];
            assert!((300 + changes..=300 + 2 * changes).contains(&singles), "{counted:?}");
            assert_eq!(counted["single write"], changes);
            // The first eight writes, which are in flight together, find out which surfaces are missing.
            assert!(requests.len() <= of_a_plan + 3 * changes + 8, "{counted:?} and {of_a_plan} for a plan");
        });
    }
}

/// The apply alone, without the plan before it: 400 writes, 8 at a time, 50 ms each.
#[test]
fn an_apply_takes_little_longer_than_its_writes() {
    let ideal = Duration::from_millis(400 / 8 * 50);
    for surfaces in [None, Some([Surface::Old].into())] {
        on_a_paused_clock(async {
            let tenant = Tenant::new(400, |_| 11);
            let service = tenant.behind(Faults { latency_ms: 50, surfaces, ..Faults::default() });
            let wanted = Wanted::of(&tenant.root);
            let session = Session::new(&service, &wanted);
            session.plan().await.expect("the tenant can be read");
            let begun = Instant::now();
            session.plan().await.expect("the tenant can be read");
            let of_a_plan = begun.elapsed();
            let begun = Instant::now();
            let attempt = session.apply(|_| {}).await;
            assert!(attempt.run.is_some_and(|run| run.is_complete()));
            let took = begun.elapsed() - of_a_plan;
            let ratio = took.as_secs_f64() / ideal.as_secs_f64();
            assert!((1.0..=1.15).contains(&ratio), "{ratio:.3}: {took:?} where {ideal:?} would be ideal");
        });
    }
}
