//! One request to the service and its response. The client retries reads. It does not retry writes, because the caller
//! has to read before a retry.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use super::endpoints::Endpoints;
use super::refusal::{Effect, ServiceResponse};
use super::token::TokenSource;
use crate::net::bounds::{REQUEST_BUDGET, SILENCE};
use crate::net::page;
use crate::net::patience::{Notice, ReportedPause, watched};
use crate::net::retry;
use crate::net::transport::{SendFault, Transport};
use crate::provider::port::{Clock, ProviderError, ProviderErrorKind};

/// The API version of all calls except those to the admin-center API.
const API_VERSION: &str = "2024-10-01";

/// The version of the settings in the admin-center API.
pub(super) const SETTINGS_VERSION: &str = "2020-10-01";

/// A failed connection is retried only if the delay is at most this long. Only the first delay of a call is that short,
/// so a failed connection is retried only after the first attempt.
const LONGEST_WAIT_TO_CONNECT: Duration = Duration::from_secs(1);

/// A token that took longer than this did not come from the cache.
const CACHED_TOKEN: Duration = Duration::from_millis(100);

/// The interface that a request goes to: an API of the service with a host and a token of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interface {
    /// The Power Platform API.
    Api,
    /// The older admin-center API (BAP).
    Administration,
}

/// A request before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) host: Interface,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) effect: Effect,
    pub(super) body: Option<Bytes>,
}

impl Call {
    /// The call with a body, as a write.
    pub(super) fn writing(self, method: Method, body: Bytes) -> Call {
        Call { method, effect: Effect::Writes, body: Some(body), ..self }
    }
}

/// The token of one request, which is renewed at most one time.
struct Signed {
    token: Mutex<SecretString>,
    is_renewed: AtomicBool,
}

impl Signed {
    fn new(token: SecretString) -> Signed {
        Signed { token: Mutex::new(token), is_renewed: AtomicBool::new(false) }
    }

    fn token(&self) -> SecretString {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn renew(&self, token: SecretString) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

/// The `Authorization` header with a token.
fn bearer(token: &SecretString) -> Result<HeaderValue, ProviderError> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| {
        ProviderError::new(ProviderErrorKind::Denied, "the token contains characters that no token can contain")
    })?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

/// Sends requests to the service.
pub(super) struct ServiceClient {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) tokens: Arc<dyn TokenSource>,
    pub(super) endpoints: Endpoints,
    pub(super) clock: Clock,
    pub(super) notice: Notice,
    pub(super) jitter_seed: u64,
    pub(super) calls: AtomicU64,
    /// The index of the scope to ask for, among the scopes of the admin-center API.
    pub(super) administration_scope: AtomicUsize,
    /// Whether the admin-center API has accepted a token.
    pub(super) settings_accepted: AtomicBool,
}

impl ServiceClient {
    /// A reading call to the Power Platform API. Each segment of the path is escaped, so it stays one segment.
    pub(super) fn api(&self, path: &[&str], query: &[(&str, &str)]) -> Call {
        let mut url = address(&self.endpoints.api, path);
        url.query_pairs_mut().extend_pairs(query).append_pair("api-version", API_VERSION);
        Call { host: Interface::Api, method: Method::GET, url, effect: Effect::Reads, body: None }
    }

    /// A reading call to the admin-center API.
    pub(super) fn administration(&self, path: &[&str], version: &str) -> Call {
        let path = [&["providers", "Microsoft.BusinessAppPlatform"], path].concat();
        let mut url = address(&self.endpoints.administration, &path);
        url.query_pairs_mut().append_pair("api-version", version);
        Call { host: Interface::Administration, method: Method::GET, url, effect: Effect::Reads, body: None }
    }

    /// Sends a write in one attempt. A response of any status is `Ok`.
    ///
    /// # Errors
    ///
    /// [`ProviderErrorKind::ReadAgain`] if the token took time, and [`ProviderErrorKind::SignInRenewed`] if the service did not accept
    /// it and there is another. Nothing was written then.
    pub(super) async fn send(&self, call: &Call) -> Result<ServiceResponse, ProviderError> {
        let asked = Instant::now();
        let token = self.token(call.host).await?;
        if asked.elapsed() > CACHED_TOKEN {
            let why = format!("the sign-in before {} took {:.1} seconds", name(call), asked.elapsed().as_secs_f64());
            return Err(ProviderError::new(ProviderErrorKind::ReadAgain, why));
        }
        let answer = self.send_once(call, &token).await?;
        if answer.status == StatusCode::UNAUTHORIZED && self.other_token(call.host, &token).await?.is_some() {
            tracing::info!(url = %call.url, "the token is not accepted; signed in again");
            let ProviderError { message, help, source, .. } = self.error(&answer, call);
            return Err(ProviderError { kind: ProviderErrorKind::SignInRenewed, message, help, source });
        }
        Ok(answer)
    }

    /// Asks for a token for an interface.
    pub(super) async fn sign_in(&self, host: Interface) -> Result<(), ProviderError> {
        self.token(host).await.map(drop)
    }

    /// A token for an interface. If the directory denies one scope, the next is tried; the first reason counts.
    async fn token(&self, host: Interface) -> Result<SecretString, ProviderError> {
        let signed_in = watched(&self.notice, "signing in", self.token_of_any_scope(host));
        tokio::time::timeout(REQUEST_BUDGET, signed_in).await.unwrap_or_else(|_| {
            let why = format!("the sign-in took longer than {}", retry::seconds(REQUEST_BUDGET));
            Err(ProviderError::new(ProviderErrorKind::Unavailable, why)
                .help("check the network, the proxy, and the credential"))
        })
    }

    async fn token_of_any_scope(&self, host: Interface) -> Result<SecretString, ProviderError> {
        let mut first = match self.tokens.token(self.scope(host)).await {
            Err(error) if error.kind == ProviderErrorKind::Denied => error,
            result => return result,
        };
        while self.next_scope(host) {
            if let Ok(token) = self.tokens.token(self.scope(host)).await {
                return Ok(token);
            }
        }
        if host == Interface::Administration {
            self.administration_scope.store(0, Ordering::Relaxed);
            first.message =
                format!("{} (for {}, where the settings are)", first.message, host_of(&self.endpoints.administration));
        }
        Err(first)
    }

    /// The scope to ask for: the current candidate among the scopes of this interface.
    fn scope(&self, host: Interface) -> &str {
        let scopes = match host {
            Interface::Api => std::slice::from_ref(&self.endpoints.api_scope),
            Interface::Administration => self.endpoints.administration_scopes.as_slice(),
        };
        let at = if host == Interface::Administration { self.administration_scope.load(Ordering::Relaxed) } else { 0 };
        scopes.get(at).or(scopes.first()).map_or("", String::as_str)
    }

    /// Goes on to the next scope of an interface; `false` if there is none.
    fn next_scope(&self, host: Interface) -> bool {
        let last = self.endpoints.administration_scopes.len().saturating_sub(1);
        let next = |at: usize| (at < last).then_some(at + 1);
        host == Interface::Administration
            && self.administration_scope.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }

    /// A token in the place of one that an interface refused: a fresh one of the same scope, or one of the next scope.
    async fn other_token(
        &self,
        host: Interface,
        refused: &SecretString,
    ) -> Result<Option<SecretString>, ProviderError> {
        // If no scope was accepted before, the next one may be the right one. Otherwise the token has expired.
        if !self.settings_accepted.load(Ordering::Relaxed) && self.next_scope(host) {
            return self.tokens.token(self.scope(host)).await.map(Some);
        }
        self.tokens.fresh_token(self.scope(host), refused).await
    }

    /// Sends a reading request. If the service rejects the token, retries once with another token.
    async fn attempt(&self, call: &Call, signed: &Signed) -> Result<ServiceResponse, ProviderError> {
        let token = signed.token();
        let answer = self.send_once(call, &token).await?;
        if answer.status != StatusCode::UNAUTHORIZED || signed.is_renewed.swap(true, Ordering::Relaxed) {
            return Ok(answer);
        }
        let Some(fresh) = self.other_token(call.host, &token).await? else { return Ok(answer) };
        tracing::info!(url = %call.url, "the token is not accepted; signed in again");
        let answer = self.send_once(call, &fresh).await;
        signed.renew(fresh);
        answer
    }

    async fn send_once(&self, call: &Call, token: &SecretString) -> Result<ServiceResponse, ProviderError> {
        let answer = self.send_as(call, bearer(token)?).await?;
        if call.host == Interface::Administration && answer.status != StatusCode::UNAUTHORIZED {
            self.settings_accepted.store(true, Ordering::Relaxed);
        }
        Ok(answer)
    }

    async fn send_as(&self, call: &Call, bearer: HeaderValue) -> Result<ServiceResponse, ProviderError> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(call.url.as_str())
            .header(header::AUTHORIZATION, bearer)
            .header(header::ACCEPT, "application/json");
        if call.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(call.body.clone().unwrap_or_default()).map_err(|error| {
            ProviderError::new(ProviderErrorKind::Malformed, "the request cannot be built").caused_by(error)
        })?;
        tracing::debug!(method = %call.method, url = %call.url, "request");
        let response = self.transport.send(request).await.map_err(|fault| no_answer(&fault, call))?;
        tracing::debug!(method = %call.method, url = %call.url, status = response.status().as_u16(), "response");
        let (parts, body) = response.into_parts();
        let body = body.slice_ref(page::without_mark(&body));
        Ok(ServiceResponse { status: parts.status, headers: parts.headers, body, request: name(call) })
    }

    /// The error in a response.
    pub(super) fn error(&self, answer: &ServiceResponse, call: &Call) -> ProviderError {
        answer.error(call.effect, (self.clock)())
    }

    /// Sends a reading call and retries transient errors. A response with a permanent error is `Ok`.
    pub(super) async fn ask(&self, call: &Call) -> Result<ServiceResponse, ProviderError> {
        // The token source retries by itself, so a failed sign-in is not retried here.
        let signed = Signed::new(self.token(call.host).await?);
        let (began, notice) = (Instant::now(), ReportedPause(Arc::clone(&self.notice)));
        let once = || async {
            // The last attempt ends with the budget.
            let attempt = tokio::time::timeout(retry::left(began), self.attempt(call, &signed));
            let answer = attempt.await.unwrap_or_else(|_| {
                let fault = SendFault::NoResponse(format!("no response within {}", retry::seconds(REQUEST_BUDGET)));
                Err(no_answer(&fault, call))
            })?;
            let error = (!answer.status.is_success()).then(|| self.error(&answer, call));
            match error.filter(|error| error.kind.is_transient()) {
                Some(error) => Err(error),
                None => Ok(answer),
            }
        };
        let asked = once
            .retry(self.delays())
            .sleep(notice)
            .when(|error: &ProviderError| error.kind.is_transient())
            .notify(|error, after| {
                tracing::info!(%error, ?after, url = %call.url, "read again");
                if after >= SILENCE {
                    (self.notice)(&format!("reading again in {}: {error}", retry::seconds(after)));
                }
            })
            .adjust(|error, delay| match error.kind {
                _ if never_left(error) => delay.filter(|delay| *delay <= LONGEST_WAIT_TO_CONNECT),
                ProviderErrorKind::Throttled(asked) => retry::next_delay(delay, asked, retry::left(began)),
                _ => retry::next_delay(delay, None, retry::left(began)),
            })
            .await;
        asked.map_err(|mut error| {
            if matches!(error.kind, ProviderErrorKind::Throttled(Some(asked)) if asked >= retry::left(began)) {
                let most = retry::seconds(REQUEST_BUDGET);
                error.message.push_str(&format!("; allot tries one request for {most} at most"));
            }
            error
        })
    }

    /// Reads a value and retries transient errors.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T, ProviderError> {
        let answer = self.ask(call).await?;
        if answer.status.is_success() { answer.value(call.effect) } else { Err(self.error(&answer, call)) }
    }

    fn delays(&self) -> ExponentialBuilder {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        retry::delays(self.jitter_seed.wrapping_add(call))
    }
}

fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

fn address(host: &Url, path: &[&str]) -> Url {
    let mut url = host.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// A request in a message: method and address, without the query.
fn name(call: &Call) -> String {
    let mut url = call.url.clone();
    url.set_query(None);
    format!("{} {url}", call.method)
}

/// Whether the request never left this machine.
fn never_left(error: &ProviderError) -> bool {
    let fault = error.source.as_ref().and_then(|source| source.downcast_ref::<SendFault>());
    matches!(fault, Some(SendFault::NotSent(_)))
}

fn no_answer(fault: &SendFault, call: &Call) -> ProviderError {
    let (host, request) = (host_of(&call.url), name(call));
    match (fault, call.effect) {
        (SendFault::NotSent(_), _) => {
            ProviderError::new(ProviderErrorKind::Unavailable, format!("{host} cannot be reached"))
                .help("check the network, the proxy, and the cloud under `tenant:`")
                .caused_by(fault.clone())
        }
        (SendFault::NoResponse(why), Effect::Reads) => {
            ProviderError::new(ProviderErrorKind::Unavailable, format!("{host} did not answer {request}: {why}"))
        }
        (SendFault::NoResponse(why), Effect::Writes) => ProviderError::new(
            ProviderErrorKind::OutcomeUnknown(None),
            format!("{host} did not answer {request}: {why}"),
        ),
    }
}
