//! How a request reaches the service: over HTTP, or into whatever a test puts there.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

/// What came back, or that nothing did.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, SendFault>> + Send + 'a>>;

/// Why there is no answer. Which of the two it is decides whether a write may have taken effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// The request never left: no such host, no connection, no trust.
    #[error("{0}")]
    NotSent(String),
    /// The request left, and the answer did not come, or not whole.
    #[error("{0}")]
    NoAnswer(String),
}

/// Sends requests. It follows no redirection, so that no token goes where it was not meant for.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for all of its answer.
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_>;
}

/// No answer takes longer; the largest is a listing of all environments.
const LONGEST_ANSWER: Duration = Duration::from_secs(100);
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// The machine's certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("no connection can be made from this machine")]
pub struct NoTransport(#[source] reqwest::Error);

/// Requests over HTTP.
pub struct Http(reqwest::Client);

impl Http {
    /// A client that trusts what the machine trusts.
    ///
    /// # Errors
    ///
    /// Where the machine's certificates cannot be used.
    pub fn new() -> Result<Http, NoTransport> {
        // Somebody else in this process may have chosen the same one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("allot/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(LONGEST_CONNECT)
            .timeout(LONGEST_ANSWER)
            .build();
        client.map(Http).map_err(NoTransport)
    }
}

impl Transport for Http {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(|error| SendFault::NotSent(told(&error)))?;
            let response = self.0.execute(request).await.map_err(|error| fault(&error))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.bytes().await.map_err(|error| SendFault::NoAnswer(told(&error)))?;
            let mut answer = http::Response::new(body);
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
}

fn fault(error: &reqwest::Error) -> SendFault {
    if error.is_connect() || error.is_builder() {
        SendFault::NotSent(told(error))
    } else {
        SendFault::NoAnswer(told(error))
    }
}

/// The innermost reason: what lies above it says no more than that a request failed.
fn told(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
