//! The delays before a request is retried: `Retry-After`, or a growing back-off with jitter.

use std::time::Duration;

use backon::ExponentialBuilder;
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use tokio::time::Instant;

use super::bounds::{REQUEST_BUDGET, RETRIES};

/// Whether a status means that the same request may succeed later. A proxy sends 499 if its client closed the
/// connection.
pub fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 499)
}

/// The `Retry-After` of a response: seconds or a date (RFC 9110, 10.2.3), and also a fraction of seconds. If there are
/// several, returns the longest. A number that is too large becomes the longest duration. `None` if there is no such
/// header, or if its value is negative or malformed.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let texts = headers.get_all(header::RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    texts.filter_map(|text| pause(text.trim(), now)).max()
}

fn pause(text: &str, now: Timestamp) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if is_number(whole) && is_number(fraction) {
        let Ok(seconds) = whole.parse() else { return Some(Duration::MAX) };
        let fraction = format!("0.{fraction}").parse().map_or(Duration::ZERO, Duration::from_secs_f64);
        return Some(Duration::from_secs(seconds).saturating_add(fraction));
    }
    Some(until(http_date(text)?, now))
}

/// The time from now until a moment; zero if it has passed.
pub fn until(moment: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or_default()
}

/// The time of a response by the clock of its sender, in the header `Date`.
pub fn sent_at(headers: &HeaderMap) -> Option<Timestamp> {
    headers.get(header::DATE).and_then(|value| http_date(value.to_str().ok()?))
}

fn http_date(text: &str) -> Option<Timestamp> {
    httpdate::parse_http_date(text).ok().and_then(|date| Timestamp::try_from(date).ok())
}

/// How much of the budget of a request is left.
pub fn left(began: Instant) -> Duration {
    REQUEST_BUDGET.saturating_sub(began.elapsed())
}

/// The clause of a message about `Retry-After`.
pub fn asked_pause(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |pause| format!("; it asks for a pause of {}", seconds(pause)))
}

/// A pause in whole seconds, rounded up, such as `300 seconds`.
pub fn seconds(pause: Duration) -> String {
    let seconds = pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0));
    if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") }
}

/// The delays before the retries of one request: 0.5 s, doubled each time up to 30 s, with jitter from a seed.
pub fn delays(seed: u64) -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(30))
        .with_max_times(RETRIES)
        .with_jitter()
        .with_jitter_seed(seed)
}

/// The longer of the back-off and `Retry-After`; `None` if that is longer than the time that is left, or if no retry is left.
pub fn next_delay(backoff: Option<Duration>, retry_after: Option<Duration>, left: Duration) -> Option<Duration> {
    backoff.map(|backoff| backoff.max(retry_after.unwrap_or_default())).filter(|delay| *delay < left)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, header};

    use super::{next_delay, retry_after, seconds};

    #[test]
    fn retry_after_is_seconds_a_fraction_or_a_date_and_never_too_large() {
        for (text, after) in [
            ("7", Some(Duration::from_secs(7))),
            ("Wed, 25 Nov 2026 08:00:30 GMT", Some(Duration::from_secs(30))),
            ("Wed, 25 Nov 2026 07:00:00 GMT", Some(Duration::ZERO)),
            ("Thu, 25 Nov 9999 08:00:30 GMT", Some(Duration::from_secs(251_603_539_230))),
            ("0", Some(Duration::ZERO)),
            (" 300 ", Some(Duration::from_secs(300))),
            ("1.5", Some(Duration::from_millis(1500))),
            ("9223372036854775808", Some(Duration::from_secs(1 << 63))),
            ("18446744073709551615", Some(Duration::from_secs(u64::MAX))),
            ("18446744073709551615.999", Some(Duration::from_secs(u64::MAX) + Duration::from_millis(999))),
            ("18446744073709551616", Some(Duration::MAX)),
            ("soon", None),
            ("", None),
            (".", None),
            ("1.", None),
            ("1e3", None),
            ("+1", None),
            ("NaN", None),
            ("-1", None),
            ("-0.5", None),
            ("-18446744073709551615", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, text.parse().unwrap());
            assert_eq!(retry_after(&headers, "2026-11-25T08:00:00Z".parse().unwrap()), after, "{text}");
        }
    }
    #[test]
    fn the_longest_of_several_headers_counts() {
        let mut headers = HeaderMap::new();
        for text in ["5", "soon", "30", "7"] {
            headers.append(header::RETRY_AFTER, text.parse().unwrap());
        }
        assert_eq!(retry_after(&headers, jiff::Timestamp::UNIX_EPOCH), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_delay_fits_into_the_time_that_is_left() {
        let second = Duration::from_secs(1);
        for (backoff, asked, delay) in [
            (Some(second), None, Some(second)),
            (Some(second), Some(second * 7), Some(second * 7)),
            (Some(second * 9), Some(second * 7), Some(second * 9)),
            (Some(second), Some(second * 10), None),
            (Some(second), Some(Duration::MAX), None),
            (None, Some(second), None),
        ] {
            assert_eq!(next_delay(backoff, asked, second * 10), delay, "{backoff:?} {asked:?}");
        }
        assert_eq!(seconds(Duration::from_millis(1500)), "2 seconds");
        assert_eq!(seconds(Duration::MAX), "18446744073709551615 seconds");
    }
}
