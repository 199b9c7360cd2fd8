//! The service without a socket: the library's client calls the emulator's router directly. On a paused clock, every run sends the
//! same requests in the same order at the same times.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use allotment::apply::executor::apply;
use allotment::apply::options::{ExecutorOptions, FirstReading};
use allotment::apply::stop::Stop;
use allotment::emulator::errors::Broken;
use allotment::emulator::faults::Faults;
use allotment::emulator::names::Names;
use allotment::emulator::router::router;
use allotment::emulator::state::{Emulator, Options};
use allotment::load::seed::GivenSeed;
use allotment::manifest::check::{Checked, check};
use allotment::manifest::inputs::Inputs;
use allotment::model::desired::{Cloud, DesiredState};
use allotment::model::finding::Finding;
use allotment::model::observed::ObservedState;
use allotment::model::plan::draft::Draft;
use allotment::model::roles::Role;
use allotment::model::run::Run;
use allotment::model::source::Sources;
use allotment::net::transport::{SendFault, Sending, Transport};
use allotment::planning::guard::{Verdict, approve};
use allotment::planning::planner::{Request, draft};
use allotment::provider::local::shared::{Declared, LocalOptions};
use allotment::provider::local::tenant::LocalTenant;
use allotment::provider::observe::read;
use allotment::provider::port::{Clock, ProviderError};
use allotment::provider::power_platform::endpoints::Endpoints;
use allotment::provider::power_platform::reader::PowerPlatformReader;
use allotment::provider::power_platform::tenant::{PowerPlatformOptions, PowerPlatformTenant};
use allotment::provider::power_platform::token::FixedToken;
use allotment::provider::power_platform::writer::PowerPlatformWriter;
use allotment::workflow::apply::ApplyOptions;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use jiff::civil::{Date, date};
use tower::ServiceExt as _;

pub(crate) const TODAY: Date = date(2026, 11, 24);

/// A clock that follows tokio's: pausing tokio's clock pauses both.
pub(crate) fn clock() -> Clock {
    let begun = tokio::time::Instant::now();
    Arc::new(move || {
        let start: jiff::Timestamp = "2026-11-24T09:30:00Z".parse().expect("a timestamp");
        start + jiff::SignedDuration::try_from(begun.elapsed()).expect("a short time")
    })
}

/// Runs on one thread with a paused clock, which advances only when all tasks wait.
pub(crate) fn on_a_paused_clock<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(future)
}

/// A transport to the router. A broken connection is an error, as over a network.
struct InProcess {
    router: Router,
    log: Arc<Mutex<Vec<String>>>,
}

impl Transport for InProcess {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        let broke = || SendFault::NoResponse("the connection broke".to_owned());
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            parts.headers.insert(http::header::HOST, http::HeaderValue::from_static("127.0.0.1:1"));
            self.log.lock().expect("the log").push(format!("{} {}", parts.method, parts.uri.path()));
            let request = http::Request::from_parts(parts, Body::from(body));
            let Ok(response) = self.router.clone().oneshot(request).await;
            let (parts, body) = response.into_parts();
            if parts.extensions.get::<Broken>().is_some() {
                return Err(broke());
            }
            let bytes = to_bytes(body, usize::MAX).await.map_err(|_| broke())?;
            Ok(http::Response::from_parts(parts, bytes))
        })
    }
}

/// A tenant behind the service.
pub(crate) struct Service {
    /// The tenant behind the emulator, which no fault affects.
    pub(crate) truth: LocalTenant,
    emulator: Arc<Emulator>,
    pub(crate) clock: Clock,
    log: Arc<Mutex<Vec<String>>>,
}

impl Service {
    /// A service over a seed.
    pub(crate) fn new(seed: &str, fault_seed: u64, faults: Faults) -> Service {
        Service::with(seed, |options| {
            options.fault_seed = fault_seed;
            options.faults = faults;
        })
    }

    /// A service over a seed, with changed options.
    pub(crate) fn with(seed: &str, change: impl FnOnce(&mut Options)) -> Service {
        Service::as_role(seed, Role::PowerPlatformAdmin, change)
    }

    /// The same for a caller of another role.
    pub(crate) fn as_role(seed: &str, role: Role, change: impl FnOnce(&mut Options)) -> Service {
        let clock = clock();
        let truth = LocalTenant::in_memory(LocalOptions {
            database: PathBuf::from("in memory"),
            seed: Some(GivenSeed::new("tenant.seed.yaml", seed)),
            declared: Declared::default(),
            plays_service: true,
            role,
            clock: Arc::clone(&clock),
        });
        let truth = truth.unwrap_or_else(|error| panic!("{error} in\n{seed}"));
        let mut options = Options {
            tenant: truth.clone(),
            clock: Arc::clone(&clock),
            faults: Faults::default(),
            fault_seed: 0,
            page_size: 100,
            client_secret: None,
            strict_auth: false,
            token_lifetime: Duration::from_secs(3599),
            scheme: "http",
        };
        change(&mut options);
        let emulator = Emulator::new(options).expect("an emulator");
        Service { truth, emulator, clock, log: Arc::default() }
    }

    /// Sets the faults from now on.
    pub(crate) fn behave(&self, faults: Faults) {
        self.emulator.behave(faults).expect("it behaves");
    }

    /// A client with an empty memory.
    pub(crate) fn client(&self, desired: &DesiredState) -> PowerPlatformTenant {
        let names = Names::new("http", ([127, 0, 0, 1], 1).into(), &[]);
        let endpoints = Endpoints::of(Cloud::Public).at("http://127.0.0.1:1/").expect("an address");
        PowerPlatformTenant::new(PowerPlatformOptions {
            name: "contoso".into(),
            endpoints,
            declared: desired.environments.values().map(|environment| environment.id.value.clone()).collect(),
            transport: Arc::new(InProcess { router: router(&self.emulator, names), log: Arc::clone(&self.log) }),
            tokens: Arc::new(FixedToken::new("token")),
            clock: Arc::clone(&self.clock),
            notice: Arc::new(|_| ()),
            jitter_seed: 7,
        })
    }

    /// Takes the requests so far, each as its method and its path.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().expect("the log"))
    }
}

/// A configuration that is valid.
pub(crate) struct Wanted {
    pub(crate) desired: Box<DesiredState>,
    sources: Sources,
}

impl Wanted {
    /// Checks a root file.
    pub(crate) fn of(root: &str) -> Wanted {
        let mut sources = Sources::new();
        let root = sources.add("allotment.yaml", root);
        let inputs = Inputs { sources, root, files: Vec::new(), findings: Vec::new() };
        match check(&inputs) {
            Checked::Valid { desired, .. } => Wanted { desired, sources: inputs.sources },
            Checked::Invalid { findings, .. } => panic!("{findings:?}"),
        }
    }
}

/// The result of planning and applying.
pub(crate) struct Attempt {
    pub(crate) before: ObservedState,
    pub(crate) draft: Draft,
    pub(crate) findings: Vec<Finding>,
    /// The run; `None` if the plan was refused.
    pub(crate) run: Option<Run>,
}

/// One client: both halves of a tenant with a shared memory.
pub(crate) struct Session<'a> {
    pub(crate) service: &'a Service,
    pub(crate) wanted: &'a Wanted,
    pub(crate) reader: PowerPlatformReader,
    pub(crate) writer: PowerPlatformWriter,
}

impl<'a> Session<'a> {
    pub(crate) fn new(service: &'a Service, wanted: &'a Wanted) -> Session<'a> {
        let client = service.client(&wanted.desired);
        Session { service, wanted, reader: client.reader(), writer: client.writer() }
    }

    /// Reads and plans.
    pub(crate) async fn plan(&self) -> Result<(ObservedState, Draft, Verdict), ProviderError> {
        let (_, before, draft, verdict) = self.planned().await?;
        Ok((before, draft, verdict))
    }

    /// The same, with the reading that serves the first writes.
    async fn planned(&self) -> Result<(FirstReading, ObservedState, Draft, Verdict), ProviderError> {
        let declared = self.wanted.desired.environments.values().map(|environment| &environment.id.value);
        let reading = read(&self.reader, &self.service.clock, declared).await?;
        let (documents, totals) = (reading.documents().clone(), reading.totals().clone());
        let first = FirstReading { at: reading.began(), documents, totals };
        let before = reading.into_state();
        let request = Request::of(TODAY);
        let draft = draft(&self.wanted.desired, &before, &self.wanted.sources, &request);
        let verdict = approve(&self.wanted.desired, &before, draft.clone());
        Ok((first, before, draft, verdict))
    }

    /// Reads, plans, and applies the plan if it is approved.
    pub(crate) async fn apply(&self, change: impl FnOnce(&mut ExecutorOptions)) -> Attempt {
        let (first, before, draft, verdict) = self.planned().await.expect("the tenant can be read");
        let (run, findings) = match verdict {
            Verdict::Refused { findings, .. } => (None, findings),
            Verdict::Approved { plan, findings } => {
                let mut options = ExecutorOptions {
                    parallelism: ApplyOptions::PARALLELISM,
                    confirm_timeout: ApplyOptions::CONFIRM_TIMEOUT,
                    baseline: Arc::default(),
                    first_reading: Some(Arc::new(first)),
                    clock: Arc::clone(&self.service.clock),
                    jitter_seed: 0,
                };
                change(&mut options);
                let run = apply(plan, &self.reader, &self.writer, &options, &Stop::default(), &mut |_| {}).await;
                (Some(run), findings)
            }
        };
        Attempt { before, draft, findings, run }
    }
}
