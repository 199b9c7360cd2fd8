//! Lets the Azure SDK send its requests through our transport, and read the refusals of the directory.

use std::fmt;
use std::sync::Arc;

use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use http::{StatusCode, header};

use super::entra;
use crate::net::clock::Clock;
use crate::net::limits::PAUSE_OF_A_SIGN_IN;
use crate::net::page;
use crate::net::retry::{asked_pause, retry_after};
use crate::net::transport::{SendFault, Transport};

/// Our transport as an HTTP client of the Azure SDK.
pub(super) struct Bridge {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) clock: Clock,
}

impl fmt::Debug for Bridge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Bridge")
    }
}

#[async_trait::async_trait]
impl HttpClient for Bridge {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let other = |message: String| azure_core::Error::with_message(ErrorKind::Other, message);
        let body = match request.body() {
            Body::Bytes(bytes) => bytes.clone(),
            Body::SeekableStream(_) => return Err(other("a sign-in streams no body".to_owned())),
        };
        let mut sent = http::Request::builder().method(request.method().as_ref()).uri(request.url().as_str());
        for (name, value) in request.headers().iter() {
            sent = sent.header(name.as_str(), value.as_str());
        }
        let sent = sent.body(body).map_err(|error| other(error.to_string()))?;
        let response = self.transport.send(sent).await.map_err(|fault| {
            let kind = match fault {
                SendFault::NotSent(_) => ErrorKind::Connection,
                SendFault::NoAnswer(_) => ErrorKind::Io,
            };
            azure_core::Error::with_message(kind, fault.to_string())
        })?;
        let mut headers = Headers::new();
        for (name, value) in response.headers() {
            // The library would also wait as long as these headers say, which have no limit here.
            let is_other_pause = name != header::RETRY_AFTER && name.as_str().contains("retry-after");
            if let Ok(value) = value.to_str()
                && !is_other_pause
            {
                headers.insert(HeaderName::from(name.as_str().to_owned()), HeaderValue::from(value.to_owned()));
            }
        }
        let pause = retry_after(response.headers(), (self.clock)());
        let (mut status, body) = (response.status(), response.into_body());
        let mut body = body.slice_ref(page::without_mark(&body));
        if entra::is_token_request(request.url().path()) {
            // The library would wait for any pause.
            if pause.is_some_and(|pause| pause > PAUSE_OF_A_SIGN_IN) && !status.is_success() {
                return Err(other(format!("the directory had too many requests{}", asked_pause(pause))));
            }
            let is_page = page::is_html(&body);
            if !status.is_success() || is_page {
                body = entra::readable(status.as_u16(), &body);
            }
            if status.is_success() && is_page {
                // The library takes every answer of success for a token.
                status = StatusCode::BAD_REQUEST;
            }
        }
        Ok(AsyncRawResponse::from_bytes(status.as_u16().into(), headers, body))
    }
}
