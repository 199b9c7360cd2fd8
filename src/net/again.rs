//! When a request may be sent again: as the answer asks, or after a delay that grows.

use std::time::Duration;

use backon::ExponentialBuilder;
use http::{HeaderMap, header};
use jiff::Timestamp;

/// One request is tried again so often.
const TRIES_AGAIN: usize = 5;

/// A service that wants to be left alone for longer is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long an answer wants its sender not to be asked: seconds, or a date (RFC 9110, 10.2.3).
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok().and_then(|date| Timestamp::try_from(date).ok())?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// The delays before a request is sent again, with jitter from a seed.
pub fn delays(seed: u64) -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(30))
        .with_max_times(TRIES_AGAIN)
        .with_jitter()
        .with_jitter_seed(seed)
}

/// How long to wait where the answer asked for so much; `None` where that is too long to wait for, or no try is left.
pub fn at_least(delay: Option<Duration>, asked: Duration) -> Option<Duration> {
    delay.filter(|_| asked <= LONGEST_WAIT).map(|delay| delay.max(asked))
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
