//! Lets the Azure SDK send its requests through our transport, and read the refusals of the directory.

use std::fmt;
use std::sync::Arc;

use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use http::{StatusCode, header};
use url::Url;

use super::entra;
use crate::net::bounds::PAUSE_OF_A_SIGN_IN;
use crate::net::clock::Clock;
use crate::net::page;
use crate::net::retry::{asked_pause, retry_after};
use crate::net::transport::{SendFault, Transport};

/// Our transport as an HTTP client of the Azure SDK.
pub(super) struct Bridge {
    /// The login host.
    pub(super) login: Url,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) clock: Clock,
}

/// The login host with the scheme https, because the library accepts no other. If the login host is an emulator that
/// speaks http, the [`Bridge`] restores its scheme and port.
pub(super) fn over_https(login: &Url) -> Url {
    let mut url = login.clone();
    // Cannot fail: both schemes have hosts.
    let _ = url.set_scheme("https");
    url
}

impl Bridge {
    /// The address of a request. If the request goes to the login host, its address gets the scheme and port of that
    /// host.
    fn address(&self, url: &str) -> Result<Url, url::ParseError> {
        let mut url = Url::parse(url)?;
        if url.origin() == over_https(&self.login).origin() {
            let _ = url.set_scheme(self.login.scheme());
            let _ = url.set_port(self.login.port());
        }
        Ok(url)
    }
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
        let url = self.address(request.url().as_str())?;
        let mut sent = http::Request::builder().method(request.method().as_ref()).uri(url.as_str());
        for (name, value) in request.headers().iter() {
            sent = sent.header(name.as_str(), value.as_str());
        }
        let sent = sent.body(body).map_err(|error| other(error.to_string()))?;
        let response = self.transport.send(sent).await.map_err(|fault| {
            let kind = match fault {
                SendFault::NotSent(_) => ErrorKind::Connection,
                SendFault::NoResponse(_) => ErrorKind::Io,
            };
            azure_core::Error::with_message(kind, fault.to_string())
        })?;
        let mut headers = Headers::new();
        for (name, value) in response.headers() {
            // The library also obeys `x-…-retry-after` headers. They are removed, because their delay is not limited
            // here.
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
            // The library would obey a `Retry-After` of any length, so a long one is an error here.
            if pause.is_some_and(|pause| pause > PAUSE_OF_A_SIGN_IN) && !status.is_success() {
                return Err(other(format!("the directory answers with {}{}", status.as_u16(), asked_pause(pause))));
            }
            let is_page = page::is_html(&body);
            if !status.is_success() || is_page {
                body = entra::readable(status.as_u16(), &body);
            }
            if status.is_success() && is_page {
                // The library parses every successful response as a token, so a web page gets an error status.
                status = StatusCode::BAD_REQUEST;
            }
        }
        Ok(AsyncRawResponse::from_bytes(status.as_u16().into(), headers, body))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use url::Url;

    use super::{Bridge, over_https};
    use crate::net::transport::{Sending, Transport};

    struct Silent;

    impl Transport for Silent {
        fn send(&self, _: http::Request<Bytes>) -> Sending<'_> {
            Box::pin(async { Ok(http::Response::new(Bytes::new())) })
        }
    }

    #[test]
    fn only_the_requests_to_a_login_host_without_tls_go_over_http() {
        for (login, asked, sent) in [
            ("http://127.0.0.1:8790/", "https://127.0.0.1:8790/t/token", "http://127.0.0.1:8790/t/token"),
            ("http://127.0.0.1/", "https://127.0.0.1/t/token", "http://127.0.0.1/t/token"),
            ("http://127.0.0.1:443/", "https://127.0.0.1/t/token", "http://127.0.0.1:443/t/token"),
            ("http://127.0.0.1:8790/", "https://127.0.0.1:8791/t", "https://127.0.0.1:8791/t"),
            ("http://127.0.0.1:8790/", "https://login.microsoftonline.com/t", "https://login.microsoftonline.com/t"),
            ("https://login.microsoftonline.com/", "http://127.0.0.1/msi", "http://127.0.0.1/msi"),
            ("https://127.0.0.1:8790/", "https://127.0.0.1:8790/t", "https://127.0.0.1:8790/t"),
        ] {
            let login = Url::parse(login).unwrap();
            assert_eq!(over_https(&login).scheme(), "https");
            let clock: crate::net::clock::Clock = Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
            let bridge = Bridge { login, transport: Arc::new(Silent), clock };
            assert_eq!(bridge.address(asked).unwrap().as_str(), sent);
        }
    }
}
