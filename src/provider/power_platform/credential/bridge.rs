//! Lets the Azure SDK send its requests through our transport.

use std::fmt;
use std::sync::Arc;

use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};

use crate::net::transport::{SendFault, Transport};

/// Our transport as an HTTP client of the Azure SDK.
pub(super) struct Bridge(pub(super) Arc<dyn Transport>);

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
        let response = self.0.send(sent).await.map_err(|fault| {
            let kind = match fault {
                SendFault::NotSent(_) => ErrorKind::Connection,
                SendFault::NoAnswer(_) => ErrorKind::Io,
            };
            azure_core::Error::with_message(kind, fault.to_string())
        })?;
        let mut headers = Headers::new();
        for (name, value) in response.headers() {
            if let Ok(value) = value.to_str() {
                headers.insert(HeaderName::from(name.as_str().to_owned()), HeaderValue::from(value.to_owned()));
            }
        }
        let status = response.status().as_u16().into();
        Ok(AsyncRawResponse::from_bytes(status, headers, response.into_body()))
    }
}
