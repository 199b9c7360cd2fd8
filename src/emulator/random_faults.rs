//! Random faults: the middleware that counts, delays, throttles and fails requests, and breaks their responses.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;

use super::errors::{Broken, Refusal, broken_response};
use super::faults::{Cut, Faults, RetryAfter};
use super::state::Emulator;

/// The routes of listings, which can be cut.
const LISTINGS: [&str; 4] = [
    "/licensing/allocationsByEnvironment",
    "/licensing/tenantCapacity/currencyReports",
    "/environmentmanagement/environments",
    "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments",
];

/// The limit for reading a response body, in bytes. No response is that large.
const MOST_BYTES: usize = 64 << 20;

/// The faults of one request, all drawn before it is handled.
struct RequestFaults {
    throttled: bool,
    fails_before: bool,
    fails_after: bool,
    drops_before: bool,
    drops_after: bool,
    cut: bool,
    outage: StatusCode,
}

impl RequestFaults {
    fn draw(emulator: &Emulator, faults: &Faults) -> RequestFaults {
        let outages = [
            StatusCode::INTERNAL_SERVER_ERROR,
            StatusCode::BAD_GATEWAY,
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::GATEWAY_TIMEOUT,
        ];
        RequestFaults {
            throttled: emulator.happens(faults.throttle_rate),
            fails_before: emulator.happens(faults.fail_before_rate),
            fails_after: emulator.happens(faults.fail_after_rate),
            drops_before: emulator.happens(faults.drop_before_rate),
            drops_after: emulator.happens(faults.drop_after_rate),
            cut: emulator.happens(faults.cut_listing_rate),
            outage: emulator.one_of(&outages).unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

/// Counts a request by method and route.
pub async fn count(State(emulator): State<Arc<Emulator>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str);
    let name = format!("{} {route}", request.method());
    *emulator.memory().requests.entry(name).or_default() += 1;
    next.run(request).await
}

/// Draws the faults of a request and applies them.
pub async fn pass(State(emulator): State<Arc<Emulator>>, request: Request, next: Next) -> Response {
    let faults = emulator.faults();
    let drawn = RequestFaults::draw(&emulator, &faults);
    if faults.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.latency_ms)).await;
    }
    if drawn.throttled {
        return throttled(&emulator, &faults);
    }
    if drawn.fails_before {
        return outage(drawn.outage);
    }
    if drawn.drops_before {
        return Refusal::broken(Broken::Before).into_response();
    }
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let is_listing = request.method() == Method::GET && LISTINGS.contains(&route);
    let response = next.run(request).await;
    if drawn.drops_after {
        return Refusal::broken(Broken::After).into_response();
    }
    if drawn.fails_after {
        return outage(drawn.outage);
    }
    if drawn.cut && is_listing && response.status() == StatusCode::OK {
        return cut(response, faults.cut_listing).await;
    }
    response
}

fn throttled(emulator: &Emulator, faults: &Faults) -> Response {
    let mut response = Refusal::throttled().into_response();
    let seconds = faults.retry_after_seconds;
    let when = match faults.retry_after {
        RetryAfter::None => None,
        RetryAfter::Seconds => Some(seconds.to_string()),
        RetryAfter::Date => {
            let at = emulator.now().saturating_add(SignedDuration::from_secs(i64::from(seconds)));
            at.ok().map(|at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        }
    };
    if let Some(when) = when.and_then(|when| HeaderValue::try_from(when).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, when);
    }
    response
}

fn outage(status: StatusCode) -> Response {
    Refusal::envelope(status, "ServiceUnavailable", "The service is unavailable.").into_response()
}

async fn cut(response: Response, how: Cut) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(whole) = to_bytes(body, MOST_BYTES).await else {
        return Refusal::broken(Broken::Middle).into_response();
    };
    match how {
        Cut::Connection => {
            let mut response = broken_response(Broken::Middle, &whole);
            // With the full length, a client detects the missing rest.
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
            response
        }
        Cut::Json => {
            let half = whole.slice(..whole.len() / 2);
            let mut response = Response::from_parts(parts, Body::from(half));
            response.headers_mut().remove(header::CONTENT_LENGTH);
            response
        }
    }
}
