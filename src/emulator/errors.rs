//! The refusals of the service: five unrelated envelopes, and often no body (powerplatform-api.md 1.6).

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::faults::NoDocument;
use crate::model::terms::EnvironmentId;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// The result of every handler.
pub type Answer = Result<Response, Refusal>;

/// Marks a response whose connection breaks, as an extension of the response. On a socket, its body fails. Tests
/// without a socket look for the extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Before any effect.
    Before,
    /// After the effect, before the response.
    After,
    /// In the middle of the response.
    Middle,
}

/// A refusal, or a broken connection.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: StatusCode,
    body: Option<Value>,
    broken: Option<Broken>,
}

impl Refusal {
    /// A status without a body, which is usual for 401, 403 and 405.
    pub fn empty(status: StatusCode) -> Refusal {
        Refusal { status, body: None, broken: None }
    }

    /// A status with a body.
    pub fn with(status: StatusCode, body: Value) -> Refusal {
        Refusal { status, body: Some(body), broken: None }
    }

    /// `{"error":{"code","message"}}`.
    pub fn envelope(status: StatusCode, code: &str, message: &str) -> Refusal {
        Refusal::with(status, json!({ "error": { "code": code, "message": message } }))
    }

    /// `{"code","message"}`, the envelope of the service's gateway.
    pub fn gateway(status: StatusCode, code: &str, message: &str) -> Refusal {
        Refusal::with(status, json!({ "code": code, "message": message }))
    }

    /// The request is malformed.
    pub fn bad_request(message: &str) -> Refusal {
        Refusal::envelope(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// The address does not exist.
    pub fn route_not_found() -> Refusal {
        Refusal::gateway(StatusCode::NOT_FOUND, "RouteNotFound", "No route matches this request.")
    }

    /// The caller's app is not registered.
    pub fn forbidden_access() -> Refusal {
        Refusal::gateway(StatusCode::FORBIDDEN, "ForbiddenAccess", "Caller is not an authorized app.")
    }

    /// Licensing does not know the environment, because it does not exist or is too new.
    pub fn unknown_environment() -> Refusal {
        Refusal::empty(StatusCode::FORBIDDEN)
    }

    /// The environment has no document.
    pub fn no_document(id: &EnvironmentId, style: NoDocument) -> Refusal {
        let last = id.as_str().bytes().next_back().unwrap_or_default();
        let as_problem = match style {
            NoDocument::Problem => true,
            NoDocument::Code => false,
            NoDocument::Alternating => last.is_multiple_of(2),
        };
        let body = if as_problem {
            json!({
                "type": "https://tools.ietf.org/html/rfc9110#section-15.5.5",
                "title": "Not Found",
                "status": 404,
                "traceId": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00",
            })
        } else {
            json!({ "status": 404, "error": { "code": "EnvironmentAllocationNotFound" } })
        };
        Refusal::with(StatusCode::NOT_FOUND, body)
    }

    /// The surface does not know the currency.
    pub fn unknown_currency(name: &str, at: usize) -> Refusal {
        Refusal::bad_request(&format!(
            "Error converting value \"{name}\" to type 'ExternalCurrencyType'. Path 'currencyAllocations[{at}].currencyType'."
        ))
    }

    /// A rule of the environment's group locks the switch. Status and envelope are not documented.
    pub fn tenant_pool_locked() -> Refusal {
        Refusal::envelope(
            StatusCode::BAD_REQUEST,
            "TenantPoolLockedByPolicy",
            "Tenant pool draw of this environment is set by a rule of its environment group.",
        )
    }

    /// Too many requests, without `Retry-After`.
    pub fn throttled() -> Refusal {
        let message = "Too many requests in a short time.";
        Refusal::envelope(StatusCode::TOO_MANY_REQUESTS, "BurstRequestsThrottled", message)
    }

    /// The connection breaks.
    pub fn broken(broken: Broken) -> Refusal {
        Refusal { status: StatusCode::OK, body: None, broken: Some(broken) }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether this is a broken connection, not a refusal.
    pub fn is_broken(&self) -> bool {
        self.broken.is_some()
    }
}

impl From<ProviderError> for Refusal {
    fn from(error: ProviderError) -> Refusal {
        let message = error.message.as_str();
        match error.kind {
            ProviderErrorKind::Denied | ProviderErrorKind::SignInRenewed => Refusal::with(
                StatusCode::FORBIDDEN,
                json!({
                    "code": "Forbidden",
                    "message": message,
                    "innererror": {
                        "code": "InsufficientPrincipalPermissions",
                        "message": "Principal missing required permissions: [Licensing.Allocations.ReadWrite]",
                    },
                }),
            ),
            ProviderErrorKind::Locked | ProviderErrorKind::SwitchLocked(_) => Refusal::tenant_pool_locked(),
            ProviderErrorKind::NotFound => Refusal::unknown_environment(),
            // The code for a refused amount is not documented.
            ProviderErrorKind::Conflict => Refusal::envelope(StatusCode::BAD_REQUEST, "InvalidAllocation", message),
            ProviderErrorKind::Throttled(_) => Refusal::throttled(),
            ProviderErrorKind::Unavailable | ProviderErrorKind::ReadAgain => {
                Refusal::envelope(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
            }
            ProviderErrorKind::OutcomeUnknown(_) => Refusal::broken(Broken::After),
            ProviderErrorKind::Malformed => {
                Refusal::envelope(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message)
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match (self.broken, self.body) {
            (Some(broken), _) => broken_response(broken, &Bytes::new()),
            (None, Some(body)) => (self.status, Json(body)).into_response(),
            (None, None) => self.status.into_response(),
        }
    }
}

/// A response whose body fails, after the first half of it for [`Broken::Middle`]. Hyper then closes the connection.
pub fn broken_response(broken: Broken, whole: &Bytes) -> Response {
    let half = whole.slice(..whole.len() / 2);
    let sent = futures::stream::iter((!half.is_empty()).then_some(Ok(half)));
    let cut = futures::stream::once(async {
        // The first half is sent before the connection breaks.
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err::<Bytes, std::io::Error>(std::io::ErrorKind::ConnectionReset.into())
    });
    let failing =
        futures::stream::once(async { Err::<Bytes, std::io::Error>(std::io::ErrorKind::ConnectionReset.into()) });
    let body = if broken == Broken::Middle { Body::from_stream(sent.chain(cut)) } else { Body::from_stream(failing) };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.extensions_mut().insert(broken);
    response
}
