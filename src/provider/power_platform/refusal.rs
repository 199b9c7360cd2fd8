//! Answers of the service. A refusal has one of five envelopes or none at all (powerplatform-api.md 1.6), and is mapped
//! to one error that names the next step.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::net::retry::retry_after;
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

/// An answer of any status.
pub(super) struct ServiceResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The service's code if a rule of an environment group owns a switch.
const LOCKED: &str = "TenantPoolLockedByPolicy";
/// The gateway's code for an unknown path.
const NO_ROUTE: &str = "RouteNotFound";
/// The most characters of a service message that are shown.
const LONGEST_MESSAGE: usize = 400;

impl ServiceResponse {
    /// The value in the body.
    ///
    /// # Errors
    ///
    /// If the body is not a `T`. Whether a write took effect is unknown then.
    pub(super) fn value<T: DeserializeOwned>(&self, effect: Effect) -> Result<T, ProviderError> {
        serde_json::from_slice(self.json()).map_err(|error| {
            let kind = match effect {
                Effect::Reads => ProviderErrorKind::Malformed,
                Effect::Writes => ProviderErrorKind::OutcomeUnknown,
            };
            if self.json().trim_ascii_start().starts_with(b"<") {
                let message = "the answer of the service cannot be read: it is a web page, not JSON";
                return ProviderError::new(kind, message)
                    .help("check the address of the service, and whether a proxy or a sign-in page answers instead");
            }
            ProviderError::new(kind, format!("the answer of the service cannot be read: {error}"))
        })
    }

    /// The body without a byte order mark, which some services and proxies put in front of JSON.
    fn json(&self) -> &[u8] {
        self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body)
    }

    /// Parses the code and the message of a refusal from the body.
    pub(super) fn details(&self) -> RefusalBody {
        match serde_json::from_slice::<Value>(self.json()) {
            Ok(value) => from_envelope(&value),
            Err(_) => RefusalBody { code: None, message: readable(&String::from_utf8_lossy(&self.body)) },
        }
    }

    /// Whether the path is unknown to the service, as opposed to a known path without content.
    pub(super) fn is_missing_route(&self) -> bool {
        self.status == StatusCode::NOT_FOUND && self.details().code.as_deref() == Some(NO_ROUTE)
    }

    /// Whether this is the service's own answer for an environment without a document: problem details or an envelope that states
    /// the status 404 too (powerplatform-api.md 1.6). A proxy's 404 proves nothing.
    pub(super) fn is_no_document(&self) -> bool {
        let states_404 = |body: Value| body.get("status").and_then(Value::as_u64) == Some(404);
        self.status == StatusCode::NOT_FOUND
            && !self.is_missing_route()
            && serde_json::from_slice::<Value>(self.json()).is_ok_and(states_404)
    }

    /// Whether this is the service's answer for an environment that it does not know (yet): 403 without a body.
    pub(super) fn is_wordless_forbidden(&self) -> bool {
        self.status == StatusCode::FORBIDDEN && self.body.iter().all(u8::is_ascii_whitespace)
    }

    /// Maps the refusal to an error.
    pub(super) fn error(&self, effect: Effect, now: Timestamp) -> ProviderError {
        let details = self.details();
        if self.status.is_client_error() && self.mentions(LOCKED) {
            let message = "a rule of the environment group sets whether this environment draws from the tenant";
            return ProviderError::new(ProviderErrorKind::Locked, message).help(
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
                let kind = ProviderErrorKind::Throttled(retry_after(&self.headers, now));
                ProviderError::new(kind, format!("the service received too many requests{words}"))
            }
            StatusCode::LOCKED => {
                ProviderError::new(ProviderErrorKind::Locked, format!("the service reports a lock{words}"))
            }
            status if status == StatusCode::REQUEST_TIMEOUT || status.is_server_error() => {
                self.failure(effect, now, &words)
            }
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
        let message = format!("the service fails with {}{words}", self.status.as_u16());
        let kind = match (effect, retry_after(&self.headers, now)) {
            (Effect::Writes, _) => ProviderErrorKind::OutcomeUnknown,
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
            "ask a Power Platform administrator to register it once, or to give it a role; examples/power-platform/README.md shows how",
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
                    message: ["message", "error_description", "detail", "title"].into_iter().find_map(text),
                },
            }
        }
        Value::String(words) => RefusalBody { code: None, message: readable(words) },
        Value::Null | Value::Bool(_) | Value::Number(_) => RefusalBody::default(),
    }
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
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use jiff::Timestamp;

    use super::{Effect, RefusalBody, ServiceResponse};
    use crate::provider::port::{ProviderError, ProviderErrorKind};

    fn now() -> Timestamp {
        "2026-11-25T08:00:00Z".parse().unwrap()
    }

    fn response(status: u16, body: &str) -> ServiceResponse {
        let status = StatusCode::from_u16(status).unwrap();
        ServiceResponse { status, headers: HeaderMap::new(), body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    fn error(status: u16, effect: Effect, body: &str) -> ProviderError {
        response(status, body).error(effect, now())
    }

    #[test]
    fn every_envelope_is_understood() {
        for (body, code, message) in [
            (
                r#"{"error":{"code":"BurstRequestsThrottled","message":"Slow down."}}"#,
                Some("BurstRequestsThrottled"),
                Some("Slow down."),
            ),
            (
                r#"{"code":"ForbiddenAccess","message":"Caller is not an authorized app."}"#,
                Some("ForbiddenAccess"),
                Some("Caller is not an authorized app."),
            ),
            (
                r#"{"code":"Forbidden","message":"No.","innererror":{"code":"InsufficientPrincipalPermissions","message":"Missing [X]"}}"#,
                Some("InsufficientPrincipalPermissions"),
                Some("Missing [X]"),
            ),
            (r#"{"type":"https://x","title":"Not Found","status":404,"traceId":"00"}"#, None, Some("Not Found")),
            (r#"[{"key":"Invalid","message":"Wrong."}]"#, Some("Invalid"), Some("Wrong.")),
            (
                r#"{"status":404,"error":{"code":"EnvironmentAllocationNotFound"}}"#,
                Some("EnvironmentAllocationNotFound"),
                None,
            ),
            (
                r#"{"error":"invalid_client","error_description":"AADSTS7000215: Wrong."}"#,
                Some("invalid_client"),
                Some("AADSTS7000215: Wrong."),
            ),
            ("<html>\n  Bad \u{1b}[31m gateway</html>", None, Some("<html> Bad [31m gateway</html>")),
            ("\"words\"", None, Some("words")),
            ("", None, None),
            ("[]", None, None),
        ] {
            let expected = RefusalBody { code: code.map(str::to_owned), message: message.map(str::to_owned) };
            assert_eq!(response(400, body).details(), expected, "{body}");
        }
    }

    #[test]
    fn the_same_status_means_something_else_for_a_write() {
        for (status, reads, writes) in [
            (400, ProviderErrorKind::Conflict, ProviderErrorKind::Conflict),
            (401, ProviderErrorKind::Denied, ProviderErrorKind::Denied),
            (403, ProviderErrorKind::Denied, ProviderErrorKind::Denied),
            (404, ProviderErrorKind::NotFound, ProviderErrorKind::NotFound),
            (408, ProviderErrorKind::Unavailable, ProviderErrorKind::OutcomeUnknown),
            (429, ProviderErrorKind::Throttled(None), ProviderErrorKind::Throttled(None)),
            (500, ProviderErrorKind::Unavailable, ProviderErrorKind::OutcomeUnknown),
            (503, ProviderErrorKind::Unavailable, ProviderErrorKind::OutcomeUnknown),
            (302, ProviderErrorKind::Malformed, ProviderErrorKind::Malformed),
        ] {
            assert_eq!(error(status, Effect::Reads, "").kind, reads, "{status}");
            assert_eq!(error(status, Effect::Writes, "").kind, writes, "{status}");
        }
    }

    #[test]
    fn a_lock_is_found_in_any_envelope() {
        for body in [
            r#"{"error":{"code":"TenantPoolLockedByPolicy"}}"#,
            r#"[{"key":"TenantPoolLockedByPolicy"}]"#,
            "TenantPoolLockedByPolicy",
        ] {
            for status in [400, 403, 409] {
                assert_eq!(error(status, Effect::Writes, body).kind, ProviderErrorKind::Locked, "{body}");
            }
        }
    }

    #[test]
    fn a_denial_names_the_next_step() {
        let unregistered = error(403, Effect::Reads, r#"{"code":"ForbiddenAccess","message":"x"}"#);
        assert_eq!(unregistered.message, "the service does not know this application");
        assert!(unregistered.help.unwrap().contains("register it once"));
        let lacking =
            r#"{"code":"Forbidden","innererror":{"code":"InsufficientPrincipalPermissions","message":"missing: [X]"}}"#;
        let lacking = error(403, Effect::Reads, lacking);
        assert_eq!(lacking.message, "this caller lacks a permission: missing: [X] (InsufficientPrincipalPermissions)");
        assert_eq!(error(403, Effect::Reads, "").message, "the service does not allow this caller to do this");
    }
}
