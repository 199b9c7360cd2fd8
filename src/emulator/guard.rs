//! The guard in front of every route. It refuses requests whose host is not one of the emulator's names, and requests
//! of web pages of another origin. The emulator never sends a CORS header.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::errors::Refusal;
use super::names::{Authority, Names};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The host of a request as the client wrote it, which is one of [`Names`]. The guard adds it to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called(pub String);

/// Passes on the requests that [`judge`] allows.
pub async fn pass(State(names): State<Arc<Names>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match judge(&names, &parts) {
        Ok(called) => {
            parts.extensions.insert(called);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Decides whether the emulator answers a request.
///
/// # Errors
///
/// 400 if the request has no host, several, or a malformed one; 421 if the host is not one of the names; 403 if a web page of another
/// origin sends the request.
pub fn judge(names: &Names, request: &Parts) -> Result<Called, Refusal> {
    let called = called(names, request)?;
    let forbidden = |why: &str| {
        let message = format!("{why} The emulator is not for web pages, and sends no CORS headers.");
        Err(Refusal::gateway(StatusCode::FORBIDDEN, "CrossOriginRequest", &message))
    };
    let is_own = |origin: &HeaderValue| {
        let own = origin.to_str().ok().and_then(|origin| origin.strip_prefix(names.scheme)?.strip_prefix("://"));
        own.and_then(|own| own.parse().ok()).is_some_and(|own: Authority| names.are_same(&own, &called.1))
    };
    let headers = &request.headers;
    if !headers.get_all(header::ORIGIN).iter().all(is_own) {
        return forbidden("The `Origin` of this request is not the emulator's own.");
    }
    // Browsers send `Sec-Fetch-Site` even if they send no `Origin`, as for an image. `none` means that the user typed
    // the address.
    if !headers.get_all(SEC_FETCH_SITE).iter().all(|site| site == "same-origin" || site == "none") {
        return forbidden("A page of another site makes this request.");
    }
    if request.method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return forbidden("This is a preflight.");
    }
    Ok(Called(called.0))
}

/// The host of the request. The `Host` header and the target (`:authority` in HTTP/2) must both be names of the emulator; the target
/// has precedence.
fn called(names: &Names, request: &Parts) -> Result<(String, Authority), Refusal> {
    let unusable = |why: &str| {
        let message = format!("{why} Send one `Host` header with the name and the port of the emulator.");
        Refusal::gateway(StatusCode::BAD_REQUEST, "InvalidHost", &message)
    };
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let host = hosts.next().filter(|host| !host.is_empty());
    if hosts.next().is_some() {
        return Err(unusable("The request has several `Host` headers."));
    }
    if host.is_none() && request.version < Version::HTTP_2 {
        return Err(unusable("The request has no `Host` header."));
    }
    let target = request.uri.authority().map(|target| Some(target.as_str()));
    let mut called = None;
    for text in target.into_iter().chain(host.map(|host| host.to_str().ok())) {
        let (text, authority) = text
            .and_then(|text| Some((text, text.parse::<Authority>().ok()?)))
            .ok_or_else(|| unusable("The host of the request is malformed."))?;
        if !names.has(&authority) {
            let flag = names.flag_for(&authority);
            let message = format!(
                "This emulator does not answer to `{text}`. If this is your name, start the emulator with `allot emulate --host {flag}`."
            );
            return Err(Refusal::gateway(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", &message));
        }
        called = called.or_else(|| Some((text.to_owned(), authority)));
    }
    called.ok_or_else(|| unusable("The request names no host."))
}
