//! A scripted service that records its requests.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use crate::model::desired::Cloud;
use crate::model::terms::EnvironmentId;
use crate::net::patience::Notice;
use crate::net::transport::{SendFault, Sending, Transport};
use crate::provider::power_platform::endpoints::Endpoints;
use crate::provider::power_platform::tenant::{PowerPlatformOptions, PowerPlatformTenant};
use crate::provider::power_platform::token::{FixedToken, TokenSource};

pub(super) const A: &str = "aaaaaaaa-0000-0000-0000-000000000001";
pub(super) const B: &str = "bbbbbbbb-0000-0000-0000-000000000002";

/// A scripted response: a status, the header `Retry-After` and a body; or a failure to send.
pub(super) type Reply = Result<(u16, Option<&'static str>, String), SendFault>;

/// Answers with a status and a JSON body.
pub(super) fn json(status: u16, value: &Value) -> Reply {
    Ok((status, None, value.to_string()))
}

/// Answers with a status and a verbatim body.
pub(super) fn text(status: u16, body: &str) -> Reply {
    Ok((status, None, body.to_owned()))
}

/// The gateway's response for a path that it does not know.
pub(super) fn no_route() -> Reply {
    text(404, r#"{"code":"RouteNotFound","message":"No route."}"#)
}

type Answers = Box<dyn Fn(&str, usize, &Value) -> Reply + Send + Sync>;

/// A scripted service.
pub(super) struct Service {
    answers: Answers,
    asked: Mutex<Vec<(String, String)>>,
}

impl Service {
    /// Scripts the responses by `METHOD host/path?query` and how often that was requested before.
    pub(super) fn new(answers: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Arc<Service> {
        Service::with_bodies(move |line, times, _| answers(line, times))
    }

    /// Scripts the responses by the body as well; `null` if there is none.
    pub(super) fn with_bodies(answers: impl Fn(&str, usize, &Value) -> Reply + Send + Sync + 'static) -> Arc<Service> {
        Arc::new(Service { answers: Box::new(answers), asked: Mutex::default() })
    }

    /// Every request line in order.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(line, _)| line.clone()).collect()
    }

    /// The bodies of the requests that had one.
    pub(super) fn bodies(&self) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        let bodies = asked.iter().filter(|(_, body)| !body.is_empty());
        bodies.map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }

    /// A tenant that this service backs, with two declared environments.
    pub(super) fn tenant(self: &Arc<Service>) -> PowerPlatformTenant {
        self.tenant_with(Arc::new(FixedToken::new("secret-token".to_owned())))
    }

    /// The same for a caller with other tokens.
    pub(super) fn tenant_with(self: &Arc<Service>, tokens: Arc<dyn TokenSource>) -> PowerPlatformTenant {
        tenant_of(Arc::clone(self) as Arc<dyn Transport>, tokens, Arc::new(|_| ()))
    }
}

/// A tenant behind a transport.
pub(super) fn tenant_over(transport: Arc<dyn Transport>, notice: Notice) -> PowerPlatformTenant {
    tenant_of(transport, Arc::new(FixedToken::new("secret-token".to_owned())), notice)
}

fn tenant_of(transport: Arc<dyn Transport>, tokens: Arc<dyn TokenSource>, notice: Notice) -> PowerPlatformTenant {
    PowerPlatformTenant::new(PowerPlatformOptions {
        name: "contoso".into(),
        endpoints: Endpoints::of(Cloud::Public),
        declared: [A, B].into_iter().map(id).collect(),
        transport,
        tokens,
        clock: Arc::new(|| "2026-11-25T08:00:00Z".parse().unwrap()),
        notice,
        jitter_seed: 7,
    })
}

impl Transport for Service {
    fn send(&self, request: Request<Bytes>) -> Sending<'_> {
        let uri = request.uri();
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        let line = format!("{} {}{path}", request.method(), uri.host().unwrap_or_default());
        let token = request.headers()["authorization"].to_str().unwrap();
        assert!(token.starts_with("Bearer secret-token"), "{token}");
        let mut asked = self.asked.lock().unwrap();
        let times = asked.iter().filter(|(before, _)| *before == line).count();
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        asked.push((line.clone(), String::from_utf8(request.body().to_vec()).unwrap()));
        let answer = (self.answers)(&line, times, &body).map(|(status, retry_after, body)| {
            let mut response = Response::builder().status(status);
            if let Some(after) = retry_after {
                response = response.header("Retry-After", after);
            }
            response.body(Bytes::from(body)).unwrap()
        });
        Box::pin(std::future::ready(answer))
    }
}

/// Parses an environment id.
pub(super) fn id(text: &str) -> EnvironmentId {
    text.parse().unwrap()
}
