//! One request to a host of pull requests, and its response.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::port::{ForgeError, ForgeErrorKind};
use crate::net::clock::Clock;
use crate::net::page;
use crate::net::retry::{asked_pause, is_transient, retry_after, sent_at, until};
use crate::net::transport::{SendFault, Transport};

/// The delay if GitHub's secondary rate limit states none. GitHub asks for at least a minute.
const SECONDARY_LIMIT: Duration = Duration::from_secs(60);

/// The maximum length of a host's message in an error, in bytes.
const LONGEST_MESSAGE: usize = 300;

/// The header that carries the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenHeader {
    /// `Authorization: Bearer …`
    Bearer,
    /// `PRIVATE-TOKEN: …`
    PrivateToken,
}

/// The access to a host, apart from its addresses.
pub struct Access {
    /// The transport.
    pub transport: Arc<dyn Transport>,
    /// The clock.
    pub clock: Clock,
    /// The token.
    pub token: SecretString,
}

/// Sends requests to one host.
pub(super) struct HostClient {
    access: Access,
    token_header: TokenHeader,
    /// Additional headers of every request.
    headers: &'static [(&'static str, &'static str)],
    /// The advice for a refusal: the permission that the token needs.
    denied: &'static str,
}

/// A successful response.
pub(super) struct HostResponse {
    headers: HeaderMap,
    body: Bytes,
    /// The pause that the host asks for.
    pub(super) pause: Option<Duration>,
}

impl HostResponse {
    /// Parses the body.
    pub(super) fn value<T: DeserializeOwned>(&self) -> Result<T, ForgeError> {
        serde_json::from_slice(page::without_mark(&self.body)).map_err(|error| {
            let message = format!("the response of the host cannot be read: {error}");
            ForgeError::new(ForgeErrorKind::Malformed, message)
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl HostClient {
    pub(super) fn new(
        access: Access,
        token_header: TokenHeader,
        headers: &'static [(&'static str, &'static str)],
        denied: &'static str,
    ) -> HostClient {
        HostClient { access, token_header, headers, denied }
    }

    pub(super) async fn get(&self, url: Url) -> Result<HostResponse, ForgeError> {
        self.send(Method::GET, url, Bytes::new()).await
    }

    pub(super) async fn write(
        &self,
        method: Method,
        url: Url,
        value: &impl Serialize,
    ) -> Result<HostResponse, ForgeError> {
        let body = serde_json::to_vec(value).map_err(|error| {
            ForgeError::new(ForgeErrorKind::Malformed, format!("the request cannot be built: {error}"))
        })?;
        self.send(method, url, body.into()).await
    }

    pub(super) async fn delete(&self, url: Url) -> Result<(), ForgeError> {
        self.send(Method::DELETE, url, Bytes::new()).await.map(drop)
    }

    async fn send(&self, method: Method, url: Url, body: Bytes) -> Result<HostResponse, ForgeError> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(url.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json");
        let headers = request.headers_mut().ok_or_else(unmakeable)?;
        for (name, value) in self.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let (name, token) = match self.token_header {
            TokenHeader::Bearer => (header::AUTHORIZATION, format!("Bearer {}", self.access.token.expose_secret())),
            TokenHeader::PrivateToken => {
                (HeaderName::from_static("private-token"), self.access.token.expose_secret().to_owned())
            }
        };
        let mut token = HeaderValue::try_from(token).map_err(|_| {
            ForgeError::new(ForgeErrorKind::Denied, "the token contains characters that a header cannot contain")
                .help(self.denied)
        })?;
        token.set_sensitive(true);
        headers.insert(name, token);
        let request = request.body(body).map_err(|_| unmakeable())?;
        tracing::debug!(%method, %url, "request");
        let response = self.access.transport.send(request).await.map_err(|fault| no_answer(&fault, &url))?;
        let (parts, body) = response.into_parts();
        tracing::debug!(%method, %url, status = parts.status.as_u16(), "response");
        // Azure DevOps answers an invalid or expired token with its sign-in page and a status of success.
        let is_page =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if parts.status.is_success() && parts.status != StatusCode::NON_AUTHORITATIVE_INFORMATION && !is_page {
            let pause = pause(&parts.headers, (self.access.clock)());
            return Ok(HostResponse { headers: parts.headers, body, pause });
        }
        Err(self.refusal(parts.status, &parts.headers, &body, &url))
    }

    fn refusal(&self, status: StatusCode, headers: &HeaderMap, body: &[u8], url: &Url) -> ForgeError {
        let host = url.host_str().unwrap_or_default();
        let details = details(body);
        let words = if details.is_empty() { String::new() } else { format!(": {details}") };
        let after = pause(headers, (self.access.clock)());
        let asked = asked_pause(after);
        let error = |kind, what: &str| ForgeError::new(kind, format!("{host} {what}{words}{asked}"));
        match status {
            StatusCode::TOO_MANY_REQUESTS => error(ForgeErrorKind::Throttled(after), "received too many requests"),
            // GitHub also throttles with 403: with `Retry-After`, or with no remaining requests.
            StatusCode::FORBIDDEN if after.is_some() || is_spent(headers) => {
                error(ForgeErrorKind::Throttled(after), "received too many requests")
            }
            StatusCode::FORBIDDEN if is_about_rate(&details) => {
                error(ForgeErrorKind::Throttled(Some(SECONDARY_LIMIT)), "received too many requests")
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                error(ForgeErrorKind::Denied, "denies access to this token").help(self.denied)
            }
            StatusCode::NOT_FOUND => {
                error(ForgeErrorKind::NotFound, "finds nothing at this address, or hides it from this token")
                    .help(self.denied)
            }
            StatusCode::PAYLOAD_TOO_LARGE => error(ForgeErrorKind::TooLong, "does not accept a comment of this length"),
            status if status.is_client_error() && is_about_length(&details) => {
                error(ForgeErrorKind::TooLong, "does not accept a comment of this length")
            }
            status if is_transient(status) => {
                let kind = after.map_or(ForgeErrorKind::Unavailable, |after| ForgeErrorKind::Throttled(Some(after)));
                error(kind, &format!("fails with {}", status.as_u16()))
            }
            status if status.is_client_error() => {
                error(ForgeErrorKind::Refused, &format!("refuses with {}", status.as_u16()))
            }
            // The sign-in page of Azure DevOps.
            status => error(
                ForgeErrorKind::Denied,
                &format!("answers with {}, as a host does if the token is missing or invalid", status.as_u16()),
            )
            .help(self.denied),
        }
    }
}

/// The pause that a host asks for: `Retry-After`, or the time until GitHub's `x-ratelimit-reset` (in seconds since
/// 1970) if no request is left. The clock of the host counts if it is known, because the clock of this machine can be
/// wrong.
fn pause(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let now = sent_at(headers).unwrap_or(now);
    let reset = || {
        let reset = headers.get("x-ratelimit-reset").filter(|_| is_spent(headers))?;
        let reset = Timestamp::from_second(reset.to_str().ok()?.trim().parse().ok()?).ok()?;
        Some(until(reset, now))
    };
    retry_after(headers, now).or_else(reset)
}

/// Whether no request is left in GitHub's primary rate limit.
fn is_spent(headers: &HeaderMap) -> bool {
    headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0")
}

fn unmakeable() -> ForgeError {
    ForgeError::new(ForgeErrorKind::Malformed, "the request cannot be built")
}

fn no_answer(fault: &SendFault, url: &Url) -> ForgeError {
    let host = url.host_str().unwrap_or_default();
    let message = match fault {
        SendFault::NotSent(why) => format!("{host} cannot be reached: {why}"),
        SendFault::NoResponse(why) => format!("{host} did not answer: {why}"),
    };
    ForgeError::new(ForgeErrorKind::Unavailable, message)
}

/// Whether a message is about the length of a comment, such as `Body is too long (maximum is 65536 characters)` of GitHub.
pub(super) fn is_about_length(message: &str) -> bool {
    let message = message.to_lowercase();
    ["too long", "maximum length", "exceeds the maximum"].iter().any(|words| message.contains(words))
}

/// Whether a message is about GitHub's secondary rate limit, which has no header.
fn is_about_rate(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("rate limit") || message.contains("abuse")
}

/// The text of a refusal in one line. Each host has its own envelope, so the usual fields are searched at every depth.
fn details(body: &[u8]) -> String {
    let mut texts = Vec::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => gather(&value, &mut texts),
        Err(_) => texts.push(String::from_utf8_lossy(body).into_owned()),
    }
    let all = texts.join("; ");
    let words = all.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let mut line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.len() > LONGEST_MESSAGE {
        line.truncate(line.floor_char_boundary(LONGEST_MESSAGE));
        line.push('…');
    }
    line
}

fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if matches!(name.as_str(), "message" | "errors" | "error" | "note" | "error_description" | "body") {
                    gather(field, texts);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
