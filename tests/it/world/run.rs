//! Runs a world: plans and applies in the weather, and then, in clear weather, goes on until the tenant is as desired or cannot be.

use std::future::Future;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use allotment::model::command::CommandName;
use allotment::model::ending::Ending;
use allotment::model::finding::Allowance;
use allotment::model::surroundings::Surroundings;
use allotment::net::patience::{Notice, Patient};
use allotment::report::answer::Answer;
use allotment::workflow::apply::{ApplyOptions, Proposal, Stop, Urgency};
use allotment::workflow::failure::Stopped;
use allotment::workflow::plan::{PlanOptions, plan};
use allotment::workflow::planned::Scope;
use allotment::workflow::ports::{LookUp, Ports, Search, TenantOptions};
use futures::FutureExt as _;

use super::files::key;
use super::local;
use super::report::{Ended, Report, words};
use super::service::{Event, Logged, Rules, Service, Who};
use super::shape::World;
use super::tenant::Tenant;
use super::weather::{Fault, What};
use crate::steps::{Seen, in_steps};

/// A run that takes longer counts as hung.
const LONGEST: Duration = Duration::from_secs(3 * 3600);

/// The time after the weather in which its late effects and stale reads end.
const AFTERMATH: Duration = Duration::from_secs(20 * 60);

/// The process that goes on in clear weather.
pub(super) const NEXT: Who = 2;

/// Everything that happened in a world.
pub(super) struct Story {
    pub(super) start: Tenant,
    pub(super) log: Vec<Logged>,
    pub(super) rules: Rules,
    /// The reports in the weather.
    pub(super) reports: Vec<Report>,
    /// The reports in clear weather: applies, then a plan.
    pub(super) after: Vec<Report>,
    /// What was allowed by name from the beginning.
    pub(super) allowed_at_first: Vec<Allowance>,
    /// What was allowed by name in clear weather.
    pub(super) allowed: Vec<Allowance>,
}

impl Story {
    /// Whether a process wrote anything in the weather.
    pub(super) fn has_written(&self) -> bool {
        let begins = |logged: &&Logged| !matches!(logged.event, Event::Begin { who: NEXT, .. });
        self.log.iter().take_while(begins).any(|logged| matches!(logged.event, Event::Effect { .. }))
    }
}

/// A folder that goes away with its owner.
pub(super) struct Files(tempfile::TempDir);

impl Files {
    pub(super) fn new() -> Files {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Files(folder.expect("a folder"))
    }

    pub(super) fn put(&self, name: &str, text: &str) -> PathBuf {
        let file = self.0.path().join(name);
        std::fs::write(&file, text).expect("a file");
        file
    }
}

/// One process: its folder and its line to the service.
struct Process<'a> {
    world: &'a World,
    service: &'a Arc<Service>,
    who: Who,
    folder: &'a Path,
    /// The root file.
    root: PathBuf,
}

impl Process<'_> {
    fn ports(&self) -> Ports {
        let service = || Arc::clone(self.service);
        let (clock, line, noted, noted_too) = (service(), service(), service(), service());
        let who = self.who;
        let notice: Notice = Arc::new(move |_| noted.log(Event::Word { who }));
        let heard = Arc::clone(&notice);
        Ports {
            clock: Arc::new(move || clock.now()),
            working_folder: self.folder.to_owned(),
            start: self.root.clone(),
            search: Search::Here,
            surroundings: Surroundings::default(),
            variables: self.variables(),
            connect: Box::new(move || Ok(Arc::new(Patient::new(line.transport(who), Arc::clone(&heard))))),
            jitter_seed: who as u64,
            note: Box::new(move |_| noted_too.log(Event::Word { who })),
            notice,
        }
    }

    /// The environment variables: a client secret if the weather lets a sign-in expire.
    fn variables(&self) -> Box<LookUp> {
        let is_401 = |fault: &Fault| matches!(fault.what, What::Status { code: 401, .. });
        let signs_in = !self.world.is_local && self.world.faults.iter().any(is_401);
        Box::new(move |name| {
            let value = match name {
                "POWER_PLATFORM_TENANT_ID" => "03ab3068-c403-406d-8351-bdbb6374c8b0",
                "POWER_PLATFORM_CLIENT_ID" => "11ab3068-c403-406d-8351-bdbb6374c8b0",
                "POWER_PLATFORM_CLIENT_SECRET" => "a secret",
                _ => return None,
            };
            signs_in.then(|| value.to_owned())
        })
    }

    fn tenant(&self) -> TenantOptions {
        let endpoint = (!self.world.is_local).then(|| "https://127.0.0.1:1/".to_owned());
        TenantOptions { role: None, seed: None, endpoint }
    }

    fn scope(&self, allowances: &[Allowance]) -> Scope {
        let declared = |at: &usize| self.world.environments[*at].declared.is_some();
        let target = self.world.target.map(|at| usize::from(at) % self.world.environments.len()).filter(declared);
        Scope {
            targets: target.map(|at| key(at).parse().expect("a key")).into_iter().collect(),
            allowances: allowances.to_vec(),
            strict: self.world.language.is_strict && self.who != NEXT,
        }
    }

    /// Plans, and saves the plan if asked.
    async fn plan(&self, allowances: &[Allowance], save_to: Option<&str>) -> Report {
        let options = PlanOptions {
            command: CommandName::Plan,
            scope: self.scope(allowances),
            at: None,
            save_to: save_to.map(PathBuf::from),
            ends_with_changes: true,
            base: None,
            with: Vec::new(),
            tenant: self.tenant(),
        };
        let ports = self.ports();
        let work = async { plan(&ports, &options).await };
        Report { only_planned: true, ..self.watched(work).await }
    }

    /// Applies, a saved plan if there is one.
    async fn apply(&self, allowances: &[Allowance], saved: Option<&str>) -> Report {
        let options = ApplyOptions {
            plan: saved.map(PathBuf::from),
            auto_approve: self.world.thinks == 0,
            parallelism: NonZeroUsize::new(usize::from(self.world.parallelism)).expect("at least one"),
            checks_afterwards: true,
            ..ApplyOptions::unattended(self.scope(allowances), self.tenant())
        };
        let (ports, stop) = (self.ports(), Stop::default());
        if self.who != 1 {
            self.service.stops(&stop);
        }
        let word = |_: Seen<'_>| self.service.log(Event::Word { who: self.who });
        let decide = async |proposal: &Proposal| self.think(proposal, &stop).await;
        self.watched(in_steps(&ports, &options, &stop, decide, word)).await
    }

    /// The person at the terminal, who says yes after a while unless interrupted.
    async fn think(&self, proposal: &Proposal, stop: &Stop) -> Result<(), Stopped> {
        self.service.log(Event::Word { who: self.who });
        for _ in 0..if proposal.is_decided() { 0 } else { self.world.thinks } {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.service.log(Event::Word { who: self.who });
            if stop.urgency() != Urgency::None {
                return Err(Stopped::Declined(Ending::Interrupted));
            }
        }
        Ok(())
    }

    /// On the built-in tenant, runs in steps, and looks at the tenant after each. Clear weather has no faults.
    async fn stepped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if !self.world.is_local {
            return Some(work.await);
        }
        let faults = if self.who == 0 { self.world.steps() } else { Vec::new() };
        let Process { world, service, who, folder, .. } = *self;
        local::Stepped { work: Box::pin(work), world, service, folder, who, steps: 0, faults }.await
    }

    /// Runs a command until it ends, is killed, or panics.
    async fn watched(&self, work: impl Future<Output = Result<Answer, Stopped>>) -> Report {
        let from = self.service.elapsed();
        let run = {
            let mut inner = self.service.lock();
            inner.runs += 1;
            inner.runs
        };
        self.service.log(Event::Begin { who: self.who, run });
        if self.world.is_local {
            local::read_all(self.service, self.who);
        }
        let work = self.stepped(work);
        let ended = tokio::select! {
            biased;
            () = self.service.kill.notified(), if self.who != 1 => Err(Ended::Killed),
            result = tokio::time::timeout(LONGEST, AssertUnwindSafe(work).catch_unwind()) => match result {
                Ok(Ok(Some(result))) => Ok(result),
                Ok(Ok(None)) => Err(Ended::Killed),
                Ok(Err(panic)) => Err(Ended::Panicked(words(panic.as_ref()))),
                Err(_) => Err(Ended::Hung),
            },
        };
        self.service.log(Event::End { who: self.who });
        let mut report = Report {
            who: self.who,
            run,
            ended: Ended::With(Ending::Failed),
            changes: Vec::new(),
            setting: None,
            findings: Vec::new(),
            not_checked: Vec::new(),
            failure: String::new(),
            is_run: false,
            only_planned: false,
            from,
            to: self.service.elapsed(),
        };
        match ended {
            Err(ended) => report.ended = ended,
            Ok(Err(Stopped::Declined(ending))) => report.ended = Ended::With(ending),
            Ok(result) => {
                let answer = result.or_else(|stopped| stopped.answer(CommandName::Apply).ok_or(()));
                report.read(answer.expect("a report"));
            }
        }
        report
    }
}

/// Another process applies its own configuration on the same built-in tenant, from its beginning to its end.
pub(super) fn apply_beside(other: &World, service: &Arc<Service>, folder: &Path) {
    let root = folder.join("second.yaml");
    std::fs::write(&root, other.yaml(100)).expect("a file");
    let apply = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let process = Process { world: other, service, who: 1, folder, root };
        runtime.expect("a runtime").block_on(process.apply(&[], None));
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, apply).expect("a thread");
        thread.join().expect("no panic");
    });
}

impl World {
    pub(super) fn rules(&self) -> Rules {
        let noon = jiff::Timestamp::from_second(1_795_512_600).expect("24 November 2026, 09:30");
        let midnight = jiff::Timestamp::from_second(1_798_761_600).expect("1 January 2027");
        Rules {
            semantics: self.semantics,
            refuses_over_allocation: self.refuses_over_allocation,
            refuses: self.refuses,
            has_middle: self.has[0],
            has_newest: self.has[1],
            has_new_listing: self.has[2],
            // The built-in tenant has no pages.
            page: if self.is_local { usize::MAX } else { self.page },
            latency: Duration::from_millis(u64::from(self.latency)),
            start: self
                .before_new_year
                .map_or(noon, |seconds| midnight - jiff::SignedDuration::from_secs(i64::from(seconds))),
        }
    }

    /// Lives through the world.
    pub(super) fn live(&self) -> Story {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("a runtime").block_on(self.lived())
    }

    /// The allowances that a plan names in clear weather.
    async fn would_allow(&self) -> Vec<Allowance> {
        let files = Files::new();
        let service = Service::new(self.tenant(), self.rules(), Vec::new());
        let calm = World { faults: Vec::new(), ..self.clone() };
        if self.is_local {
            files.put("tenant.seed.yaml", &calm.seed());
        }
        let root = files.put("allotment.yaml", &self.yaml(100));
        let process = Process { world: &calm, service: &service, who: NEXT, folder: files.0.path(), root };
        let mut allowed: Vec<Allowance> = Vec::new();
        for _ in 0..2 {
            let report = process.plan(&allowed, None).await;
            allowed.extend(report.errors().filter_map(|finding| finding.allowance.clone()));
        }
        allowed
    }

    async fn lived(&self) -> Story {
        let files = Files::new();
        let service = Service::new(self.tenant(), self.rules(), self.faults.clone());
        let folder = files.0.path();
        if self.is_local {
            files.put("tenant.seed.yaml", &self.seed());
        }
        let root = files.put("allotment.yaml", &self.yaml(100));
        let allowed_at_first = if self.is_resolute { self.would_allow().await } else { Vec::new() };
        let for_second = allowed_at_first.clone();
        let first = Process { world: self, service: &service, who: 0, folder, root: root.clone() };
        let second = async {
            service.second_begins.notified().await;
            let other = service.second.lock().expect("no panic").unwrap_or(false);
            let yaml = self.yaml(if other { u32::from(self.other) } else { 100 });
            let root = files.put("second.yaml", &yaml);
            Process { world: self, service: &service, who: 1, folder, root }.apply(&for_second, None).await
        };
        let mut second = std::pin::pin!(second);
        let mut reports = Vec::new();
        let mut early = None;
        {
            let run = first.whole_run(&mut reports, &allowed_at_first);
            let mut run = std::pin::pin!(run);
            tokio::select! {
                biased;
                report = &mut second => { early = Some(report); run.as_mut().await }
                () = &mut run => {}
            }
        }
        // The second process, if it began, lives to its end.
        let began = service.second.lock().expect("no panic").is_some();
        match early {
            Some(report) => reports.push(report),
            None if began => reports.push(second.await),
            None => {}
        }
        service.clear();
        if self.is_local {
            local::clear(self, folder);
        }
        tokio::time::sleep(AFTERMATH).await;
        // A kill that came too late kills no process.
        let _ = service.kill.notified().now_or_never();
        let mut allowed = Vec::new();
        let next = Process { world: self, service: &service, who: NEXT, folder, root };
        let after = next.go_on(&mut allowed).await;
        let log = std::mem::take(&mut service.lock().log);
        Story { start: self.tenant(), log, rules: service.rules, reports, after, allowed_at_first, allowed }
    }
}

impl Process<'_> {
    async fn whole_run(&self, reports: &mut Vec<Report>, allowed: &[Allowance]) {
        if self.world.is_saved {
            let planned = self.plan(allowed, Some("plan.json")).await;
            let goes_on = matches!(planned.ended, Ended::With(Ending::Fine | Ending::Changes));
            reports.push(planned);
            if !goes_on {
                return;
            }
        }
        reports.push(
            self.apply(if self.world.is_saved { &[] } else { allowed }, self.world.is_saved.then_some("plan.json"))
                .await,
        );
    }

    /// Applies in clear weather, allows what may be allowed, and plans again.
    async fn go_on(&self, allowed: &mut Vec<Allowance>) -> Vec<Report> {
        let mut reports = Vec::new();
        for _ in 0..4 {
            let report = self.apply(allowed, None).await;
            let names = report.errors().filter_map(|finding| finding.allowance.clone());
            let names: Vec<Allowance> = names.filter(|name| !allowed.contains(name)).collect();
            let is_refused = report.is(Ending::Refused);
            reports.push(report);
            if !is_refused || names.is_empty() {
                break;
            }
            allowed.extend(names);
        }
        if reports.last().is_some_and(|report| report.is(Ending::Fine)) {
            reports.push(self.plan(allowed, None).await);
        }
        reports
    }
}
