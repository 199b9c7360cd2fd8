//! The delays before a request is retried: `Retry-After`, or a growing back-off with jitter.

use std::time::Duration;

use backon::ExponentialBuilder;
use http::{HeaderMap, header};
use jiff::Timestamp;

const MAX_RETRIES: usize = 5;

/// A longer `Retry-After` ends the retries.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// The `Retry-After` of an answer, in seconds or as a date (RFC 9110, 10.2.3).
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok().and_then(|date| Timestamp::try_from(date).ok())?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// The delays before the retries of one request: 0.5 s, doubled each time up to 30 s, with jitter from a seed.
pub fn delays(seed: u64) -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(30))
        .with_max_times(MAX_RETRIES)
        .with_jitter()
        .with_jitter_seed(seed)
}

/// The longer of the back-off and `Retry-After`; `None` if `Retry-After` is too long, or if no retry is left.
pub fn at_least(backoff: Option<Duration>, retry_after: Duration) -> Option<Duration> {
    backoff.filter(|_| retry_after <= LONGEST_RETRY_AFTER).map(|backoff| backoff.max(retry_after))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, header};

    use super::retry_after;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (text, after) in [
            ("7", Some(Duration::from_secs(7))),
            ("Wed, 25 Nov 2026 08:00:30 GMT", Some(Duration::from_secs(30))),
            ("Wed, 25 Nov 2026 07:00:00 GMT", Some(Duration::ZERO)),
            ("soon", None),
            ("-1", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, text.parse().unwrap());
            assert_eq!(retry_after(&headers, "2026-11-25T08:00:00Z".parse().unwrap()), after, "{text}");
        }
    }
}
