//! An emulator of a small tenant, with a clock that the test advances.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::emulator::errors::Broken;
use crate::emulator::faults::Faults;
use crate::emulator::names::Names;
use crate::emulator::router::router;
use crate::emulator::state::{Emulator, Options};
use crate::model::roles::Role;
use crate::provider::local::shared::{Declared, LocalOptions};
use crate::provider::local::tenant::LocalTenant;

pub(super) const HR: &str = "d54a33bc-880a-e348-b341-3a0581585c02";
pub(super) const LAB: &str = "11111111-880a-e348-b341-3a0581585c03";
pub(super) const DEFAULT: &str = "Default-03ab3068-c403-406d-8351-bdbb6374c8b1";
pub(super) const UNKNOWN: &str = "99999999-880a-e348-b341-3a0581585c99";

const SEED: &str = r#"
tenant: contoso
purchased: { app-passes: 100, copilot-credits: 30000, ai-builder-credits: 1000 }
environments:
  - id: "d54a33bc-880a-e348-b341-3a0581585c02"
    name: HR
    class: production
    securityGroup: people
    allocations:
      app-passes: 10
      copilot-credits: { units: 10000, whenExhausted: { drawFromTenant: false, alert: true } }
    consumption:
      app-passes: { units: 7, asOf: 2026-11-22 }
  - { id: "11111111-880a-e348-b341-3a0581585c03", name: Lab, class: sandbox }
  - { id: "Default-03ab3068-c403-406d-8351-bdbb6374c8b1", name: Contoso, class: default, dataverse: false }
"#;

pub(super) struct Service {
    pub(super) emulator: Arc<Emulator>,
    seconds: Arc<AtomicI64>,
}

/// A response with its whole body.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) broken: Option<Broken>,
    /// The body; `None` if the connection broke.
    pub(super) text: Option<String>,
}

impl Answered {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(self.text.as_deref().unwrap()).unwrap()
    }

    pub(super) fn code(&self) -> u16 {
        self.status.as_u16()
    }
}

impl Service {
    pub(super) fn new() -> Service {
        Service::with(Role::PowerPlatformAdmin, |_| {})
    }

    pub(super) fn with(role: Role, change: impl FnOnce(&mut Options)) -> Service {
        Service::of(SEED.to_owned(), role, change)
    }

    /// A tenant in which only specific admins may allocate.
    pub(super) fn restricted(role: Role) -> Service {
        Service::of(format!("{SEED}settings: {{ whoCanAllocate: only-specific-admins }}\n"), role, |_| {})
    }

    fn of(text: String, role: Role, change: impl FnOnce(&mut Options)) -> Service {
        let seconds = Arc::new(AtomicI64::new(1_795_000_000));
        let read = Arc::clone(&seconds);
        let clock: crate::provider::port::Clock =
            Arc::new(move || Timestamp::from_second(read.load(Ordering::SeqCst)).unwrap());
        let tenant = LocalTenant::in_memory(LocalOptions {
            database: PathBuf::from("in memory"),
            seed: Some(crate::load::seed::GivenSeed::new("seed", text)),
            declared: Declared::default(),
            plays_service: true,
            role,
            clock: Arc::clone(&clock),
        })
        .unwrap();
        let mut options = Options {
            tenant,
            clock,
            faults: Faults::default(),
            fault_seed: 0,
            page_size: 100,
            client_secret: None,
            strict_auth: false,
            token_lifetime: Duration::from_secs(3599),
            scheme: "http",
        };
        change(&mut options);
        Service { emulator: Emulator::new(options).unwrap(), seconds }
    }

    pub(super) fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(super) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answered {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(Request::builder().method(method).uri(path).header("authorization", "Bearer x").body(body).unwrap())
            .await
    }

    pub(super) async fn get(&self, path: &str) -> Answered {
        self.ask("GET", path, None).await
    }

    pub(super) async fn send(&self, mut request: Request<Body>) -> Answered {
        let (method, path) = (request.method().as_str().to_ascii_lowercase(), request.uri().path().to_owned());
        request.headers_mut().insert(HOST, HeaderValue::from_static("127.0.0.1"));
        let names = Names::new("http", ([127, 0, 0, 1], 80).into(), &[]);
        let response: Response = router(&self.emulator, names).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.ok();
        let answered = Answered {
            status: parts.status,
            headers: parts.headers,
            broken: parts.extensions.get().copied(),
            text: bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
        };
        super::described::check(&method, &path, &answered);
        answered
    }

    pub(super) async fn behave(&self, faults: Value) {
        let answered = self.ask("PUT", "/emulator/faults", Some(faults)).await;
        assert_eq!(answered.code(), 200, "{answered:?}");
    }

    /// The entries of an environment by the newer surface, or the status of a refusal.
    pub(super) async fn held(&self, id: &str) -> Value {
        let answered = self.get(&format!("/licensing/allocationsByEnvironment/{id}?api-version=2024-10-01")).await;
        if answered.code() != 200 {
            return json!(answered.code());
        }
        answered.json()["currencyAllocations"].clone()
    }
}

/// The amount of a currency in a response.
pub(super) fn amount(entries: &Value, currency: &str) -> Value {
    let entries = entries.as_array().expect("entries");
    entries
        .iter()
        .find(|entry| entry["currencyType"] == currency)
        .map_or(Value::Null, |entry| entry["allocated"].clone())
}

/// A body for the newer surface.
pub(super) fn document(id: &str, entries: &Value) -> Option<Value> {
    Some(json!({ "environmentId": id, "currencyAllocations": entries }))
}
