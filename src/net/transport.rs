//! The transport of requests: HTTP, or a substitute in tests.

use bytes::Bytes;
use futures::future::BoxFuture;
use url::{Host, Url};

use super::bounds::{ATTEMPT, CONNECTION};
use super::retry::seconds;

/// The future of a response.
pub type Sending<'a> = BoxFuture<'a, Result<http::Response<Bytes>, SendFault>>;

/// Why there is no response. Only after [`SendFault::NoResponse`] a write may have taken effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// The request was not sent: the host is unknown, cannot be reached, or is not trusted.
    #[error("{0}")]
    NotSent(String),
    /// The request was sent, and no complete response came.
    #[error("{0}")]
    NoResponse(String),
}

/// Sends requests. A transport follows no redirects, so that no token reaches another host.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for the whole response.
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_>;
}

/// The certificates of the machine are unusable.
#[derive(Debug, thiserror::Error)]
#[error("the trusted certificates of this machine cannot be used")]
pub struct NoTransport(#[source] reqwest::Error);

/// Requests over HTTP. There are two clients: one that uses the system's proxy, and one for this machine, which uses
/// none.
pub struct Http {
    /// Goes through the proxy of the system's settings, if there is one.
    outside: reqwest::Client,
    /// Goes to this machine itself, which no proxy can reach.
    loopback: reqwest::Client,
}

impl Http {
    /// A client that trusts the certificates of the machine.
    ///
    /// # Errors
    ///
    /// If the certificates of the machine are unusable.
    pub fn new() -> Result<Http, NoTransport> {
        // Fails if a cryptography provider is already installed, which is no problem.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            reqwest::Client::builder()
                .user_agent(concat!("allot/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECTION)
                .timeout(ATTEMPT)
        };
        let outside = client().build().map_err(NoTransport)?;
        let loopback = client().no_proxy().build().map_err(NoTransport)?;
        Ok(Http { outside, loopback })
    }

    fn client(&self, url: &Url) -> &reqwest::Client {
        if is_loopback(url) { &self.loopback } else { &self.outside }
    }
}

impl Transport for Http {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        Box::pin(async move {
            let request =
                reqwest::Request::try_from(request).map_err(|error| SendFault::NotSent(innermost_reason(&error)))?;
            let response = self.client(request.url()).execute(request).await.map_err(|error| fault(&error))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.bytes().await.map_err(|error| SendFault::NoResponse(innermost_reason(&error)))?;
            let mut answer = http::Response::new(body);
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
}

/// Whether an address is this machine itself.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn fault(error: &reqwest::Error) -> SendFault {
    if error.is_connect() || error.is_builder() {
        SendFault::NotSent(innermost_reason(error))
    } else {
        SendFault::NoResponse(innermost_reason(error))
    }
}

/// The innermost reason. The outer ones only state that a request failed.
fn innermost_reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no complete response within {}", seconds(ATTEMPT));
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use bytes::Bytes;

    use super::{Http, Transport as _};

    /// `hello`, as a proxy compresses it.
    const COMPRESSED: [(&str, &[u8]); 4] = [
        ("identity", b"hello"),
        ("gzip", &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0, 0]),
        ("deflate", &[120, 156, 203, 72, 205, 201, 201, 7, 0, 6, 44, 2, 21]),
        ("br", &[11, 2, 128, 104, 101, 108, 108, 111, 3]),
    ];

    #[tokio::test]
    async fn a_compressed_answer_is_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            for (coding, body) in COMPRESSED {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).unwrap();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
            }
        });
        let http = Http::new().unwrap();
        for (coding, _) in COMPRESSED {
            let answer = http.send(http::Request::get(&address).body(Bytes::new()).unwrap()).await.unwrap();
            assert_eq!(answer.body(), &Bytes::from_static(b"hello"), "{coding}");
        }
        serving.join().unwrap();
    }
}
