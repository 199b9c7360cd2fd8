//! Responses of the service. A refusal has one of five envelopes or none at all (powerplatform-api.md 1.6), and is
//! mapped to one error that names the next step.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::document::Switch;
use crate::net::page;
use crate::net::retry::{asked_pause, is_transient, retry_after};
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// Whether a request can change the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The request only reads.
    Reads,
    /// The request writes.
    Writes,
}

/// The code and the message of a refusal, whatever its envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RefusalBody {
    /// The service's own code, such as `ForbiddenAccess`.
    pub(super) code: Option<String>,
    /// The service's message.
    pub(super) message: Option<String>,
}

/// A response of any status.
pub(super) struct ServiceResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The body, without a byte order mark.
    pub(super) body: Bytes,
    /// The request that was answered, such as `GET https://api.powerplatform.com/licensing/allocationsByEnvironment`.
    pub(super) request: String,
}

/// The service's code if a rule of an environment group owns a switch.
const LOCKED: &str = "TenantPoolLockedByPolicy";
/// The codes for a path, a method or an API version that the service does not have, in lower case: the gateway's, and those of the
/// frameworks behind it.
const NO_ROUTE: [&str; 8] = [
    "routenotfound",
    "endpointnotfound",
    "pathnotfound",
    "methodnotallowed",
    "httpmethodnotallowed",
    "notimplemented",
    "unsupportedapiversion",
    "invalidapiversion",
];
/// Parts of messages that mean the same as [`NO_ROUTE`], from frameworks that send no code.
const NO_ROUTE_SENTENCES: [&str; 5] = [
    "no http resource was found",
    "no route matches",
    "does not support the api version",
    "is not supported by the requested resource",
    "does not support http method",
];
/// The most bytes of a service message that are shown.
const LONGEST_MESSAGE: usize = 400;

impl ServiceResponse {
    /// The value in the body.
    ///
    /// # Errors
    ///
    /// If the body is not a `T`. Whether a write took effect is unknown then.
    pub(super) fn value<T: DeserializeOwned>(&self, effect: Effect) -> Result<T, ProviderError> {
        let unreadable = match effect {
            Effect::Reads => ProviderErrorKind::Malformed,
            Effect::Writes => ProviderErrorKind::OutcomeUnknown(None),
        };
        if let Some(page) = self.page(unreadable) {
            return Err(page);
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let message = format!("the response of the service cannot be read: {error}");
            self.named(ProviderError::new(unreadable, message))
        })
    }

    /// Whether a web page came in the place of the service's response. The page says nothing about the service.
    pub(super) fn is_page(&self) -> bool {
        page::is_html(&self.body)
    }

    /// The error for a web page in the place of the service's response; `None` if the body is no page.
    fn page(&self, kind: ProviderErrorKind) -> Option<ProviderError> {
        let title = page::title(&self.body)?;
        let titled = if title.is_empty() { String::new() } else { format!(", titled \"{title}\",") };
        let status = self.status.as_u16();
        let message = format!("a web page{titled} came with status {status} instead of the service's response");
        let help = "a proxy, a firewall or a sign-in page is between this machine and the service: check the proxy and its settings";
        Some(self.named(ProviderError::new(kind, message).help(help)))
    }

    /// Names the request in an error.
    fn named(&self, mut error: ProviderError) -> ProviderError {
        error.message = format!("{}, in response to {}", error.message, self.request);
        error
    }

    /// Parses the code and the message of a refusal from the body.
    pub(super) fn details(&self) -> RefusalBody {
        match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) => from_envelope(&value),
            Err(_) => {
                let text = page::title(&self.body).map(|title| format!("a web page, titled \"{title}\""));
                let text = text.unwrap_or_else(|| String::from_utf8_lossy(&self.body).into_owned());
                RefusalBody { code: None, message: readable(&text) }
            }
        }
    }

    /// Whether the path or the method is unknown to the service, as opposed to a known path without content. A web page is from a proxy.
    pub(super) fn is_missing_route(&self) -> bool {
        match self.status.as_u16() {
            405 | 501 => !self.is_page(),
            400 | 404 | 410 => {
                let details = self.details();
                let code = details.code.unwrap_or_default().to_lowercase();
                let message = details.message.unwrap_or_default().to_lowercase();
                NO_ROUTE.contains(&code.as_str())
                    || NO_ROUTE_SENTENCES.iter().any(|sentence| message.contains(sentence))
            }
            _ => false,
        }
    }

    /// Whether the service does not have this listing. An existing listing never returns 404 or 410, even if it is
    /// empty. A web page is from a proxy.
    pub(super) fn is_missing_listing(&self) -> bool {
        let is_gone = matches!(self.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        self.is_missing_route() || (is_gone && !self.is_page())
    }

    /// Whether this is the service's own response for an environment without a document: problem details or an envelope
    /// that states the status 404 too (powerplatform-api.md 1.6). A proxy's 404 proves nothing.
    pub(super) fn is_no_document(&self) -> bool {
        let states_404 = |body: Value| body.get("status").and_then(Value::as_u64) == Some(404);
        self.status == StatusCode::NOT_FOUND
            && !self.is_missing_route()
            && serde_json::from_slice::<Value>(&self.body).is_ok_and(states_404)
    }

    /// Whether this is the service's response for an environment that it does not know (yet): 403 without a body.
    pub(super) fn is_wordless_forbidden(&self) -> bool {
        self.status == StatusCode::FORBIDDEN && self.body.iter().all(u8::is_ascii_whitespace)
    }

    /// Maps the refusal to an error.
    pub(super) fn error(&self, effect: Effect, now: Timestamp) -> ProviderError {
        // A failing gateway sends pages too, and is retried.
        let page = if is_transient(self.status) { None } else { self.page(ProviderErrorKind::Malformed) };
        page.unwrap_or_else(|| self.named(self.refusal(effect, now)))
    }

    fn refusal(&self, effect: Effect, now: Timestamp) -> ProviderError {
        let details = self.details();
        if self.status.is_client_error() && self.mentions(LOCKED) {
            let message = "a rule of the environment group sets whether this environment draws from the tenant \
                (CostControlsDrawFromTenantCreditPool)";
            return ProviderError::new(ProviderErrorKind::SwitchLocked(Switch::DrawFromTenant), message).help(
                "change the rule of the environment group in the admin center, or remove `drawFromTenant` from the file",
            );
        }
        let words = details.words();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                ProviderError::new(ProviderErrorKind::Denied, format!("the service does not accept the sign-in{words}"))
                    .help("sign in again, or check that the credential belongs to this tenant and cloud")
            }
            StatusCode::FORBIDDEN => forbidden(&details),
            StatusCode::NOT_FOUND => ProviderError::new(
                ProviderErrorKind::NotFound,
                format!("the service finds nothing at this address{words}"),
            ),
            StatusCode::TOO_MANY_REQUESTS => {
                let asked = retry_after(&self.headers, now);
                let pause = asked_pause(asked);
                let message = format!("the service received too many requests{words}{pause}");
                ProviderError::new(ProviderErrorKind::Throttled(asked), message)
            }
            StatusCode::LOCKED => {
                ProviderError::new(ProviderErrorKind::Locked, format!("the service reports a lock{words}"))
            }
            status if is_transient(status) => self.failure(effect, now, &words),
            status if status.is_client_error() => {
                let message = format!("the service refuses with {}{words}", status.as_u16());
                ProviderError::new(ProviderErrorKind::Conflict, message)
            }
            status => {
                let message = format!("the service answers with the unexpected status {}{words}", status.as_u16());
                ProviderError::new(ProviderErrorKind::Malformed, message)
            }
        }
    }

    /// The error for a failure of the service. A write may have taken effect; only a read can confirm it.
    fn failure(&self, effect: Effect, now: Timestamp, words: &str) -> ProviderError {
        let asked = retry_after(&self.headers, now);
        let message = format!("the service fails with {}{words}{}", self.status.as_u16(), asked_pause(asked));
        let kind = match (effect, asked) {
            (Effect::Writes, asked) => ProviderErrorKind::OutcomeUnknown(asked),
            (Effect::Reads, Some(after)) => ProviderErrorKind::Throttled(Some(after)),
            (Effect::Reads, None) => ProviderErrorKind::Unavailable,
        };
        ProviderError::new(kind, message)
    }

    /// Whether the code occurs anywhere in the body, for a code whose envelope is not published.
    fn mentions(&self, code: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(code)
    }
}

impl RefusalBody {
    fn words(&self) -> String {
        match (&self.code, &self.message) {
            (Some(code), Some(message)) => format!(": {message} ({code})"),
            (None, Some(words)) | (Some(words), None) => format!(": {words}"),
            (None, None) => String::new(),
        }
    }
}

fn forbidden(details: &RefusalBody) -> ProviderError {
    let denied = |message: String| ProviderError::new(ProviderErrorKind::Denied, message);
    match details.code.as_deref() {
        Some("ForbiddenAccess") => denied("the service does not know this application".to_owned()).help(
            "ask a Power Platform administrator to register it, or to give it a role; examples/power-platform/README.md shows how",
        ),
        Some("InsufficientPrincipalPermissions" | "Forbidden") => {
            denied(format!("this caller lacks a permission{}", details.words()))
                .help("ask an administrator for the role Reader to plan, or Contributor to apply")
        }
        _ => denied(format!("the service does not allow this caller to do this{}", details.words()))
            .help("only a Dynamics 365 or Power Platform administrator may allocate, or an application with such a role"),
    }
}

/// Parses any envelope, recognised by its keys.
fn from_envelope(value: &Value) -> RefusalBody {
    match value {
        Value::Array(all) => all.first().map(from_envelope).unwrap_or_default(),
        Value::Object(fields) => {
            let text = |key: &str| fields.get(key).and_then(Value::as_str).and_then(readable);
            match fields.get("error").or_else(|| fields.get("innererror")) {
                Some(inside @ Value::Object(_)) => {
                    let inner = from_envelope(inside);
                    RefusalBody {
                        code: inner.code.or_else(|| text("code")),
                        message: inner.message.or_else(|| text("message")),
                    }
                }
                _ => RefusalBody {
                    code: text("code").or_else(|| text("error")).or_else(|| text("key")),
                    message: fields.get("errors").and_then(validation).or_else(|| {
                        let keys = ["message", "Message", "error_description", "detail", "title"];
                        keys.into_iter().find_map(text)
                    }),
                },
            }
        }
        Value::String(words) => RefusalBody { code: None, message: readable(words) },
        Value::Null | Value::Bool(_) | Value::Number(_) => RefusalBody::default(),
    }
}

/// The messages of a failed validation by ASP.NET: for each field, one or several.
fn validation(errors: &Value) -> Option<String> {
    let all = errors.as_object()?.iter().filter_map(|(field, messages)| {
        let messages: Vec<&str> = match messages {
            Value::String(message) => vec![message],
            Value::Array(messages) => messages.iter().filter_map(Value::as_str).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
        };
        (!messages.is_empty()).then(|| format!("{field}: {}", messages.join(" ")))
    });
    readable(&all.collect::<Vec<_>>().join("; "))
}

/// A message of the service, sanitized to one line of limited length.
fn readable(words: &str) -> Option<String> {
    let line = words.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let line: Vec<&str> = line.filter(|word| !word.is_empty()).collect();
    let mut line = line.join(" ");
    if line.len() > LONGEST_MESSAGE {
        line.truncate(line.floor_char_boundary(LONGEST_MESSAGE));
        line.push('…');
    }
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests;
