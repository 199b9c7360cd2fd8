//! Limits how long one attempt may take, and reports long waits.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use tokio::time::{Instant, interval_at, sleep, sleep_until};

use super::bounds::{ATTEMPT, SILENCE};
use super::retry::seconds;
use super::transport::{SendFault, Sending, Transport};

/// Reports progress to the person at the terminal, in one line, without a line break.
pub type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// A transport that waits for a response for [`ATTEMPT`] at most, and reports every [`SILENCE`] which request it waits
/// for.
pub struct Patient {
    transport: Arc<dyn Transport>,
    notice: Notice,
}

impl Patient {
    /// Wraps a transport.
    pub fn new(transport: Arc<dyn Transport>, notice: Notice) -> Patient {
        Patient { transport, notice }
    }
}

impl Transport for Patient {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        let name = name(request.method(), request.uri());
        Box::pin(async move {
            let mut answer = self.transport.send(request);
            let (began, limit) = (Instant::now(), sleep(ATTEMPT));
            tokio::pin!(limit);
            let mut silence = interval_at(began + SILENCE, SILENCE);
            loop {
                tokio::select! {
                    biased;
                    answer = &mut answer => return answer,
                    () = &mut limit => {
                        return Err(SendFault::NoResponse(format!("no complete response within {}", seconds(ATTEMPT))));
                    }
                    _ = silence.tick() => {
                        let waited = seconds(Duration::from_secs(began.elapsed().as_secs()));
                        (self.notice)(&format!("still waiting for the response to {name} ({waited} so far)"));
                    }
                }
            }
        })
    }
}

/// Waits for work that sends several requests or runs another program, and reports every 20 seconds what it waits for.
pub async fn watched<T>(notice: &Notice, what: &str, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    let (began, every) = (Instant::now(), 2 * SILENCE);
    let mut silence = interval_at(began + every, every);
    loop {
        tokio::select! {
            biased;
            ended = &mut work => return ended,
            _ = silence.tick() => notice(&format!("{what}, for {} so far", seconds(Duration::from_secs(began.elapsed().as_secs())))),
        }
    }
}

/// Pauses between the attempts of a request, and reports every [`SILENCE`] how much of a pause is left.
pub struct ReportedPause(pub Notice);

impl backon::Sleeper for ReportedPause {
    type Sleep = BoxFuture<'static, ()>;

    fn sleep(&self, length: Duration) -> Self::Sleep {
        let (end, notice) = (Instant::now() + length, Arc::clone(&self.0));
        Box::pin(async move {
            while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| *left > SILENCE) {
                sleep(SILENCE).await;
                notice(&format!("waiting; {} left", seconds((left - SILENCE).max(Duration::from_secs(1)))));
            }
            sleep_until(end).await;
        })
    }
}

/// A request in a message: method and address, without the query.
pub fn name(method: &http::Method, uri: &http::Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("https");
    format!("{method} {scheme}://{}{}", uri.authority().map_or("", http::uri::Authority::as_str), uri.path())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use bytes::Bytes;
    use tokio::time::{Instant, sleep};

    use super::Patient;
    use crate::net::transport::{SendFault, Sending, Transport};

    /// Answers after a time.
    struct Slow(Duration);

    impl Transport for Slow {
        fn send(&self, _request: http::Request<Bytes>) -> Sending<'_> {
            Box::pin(async {
                sleep(self.0).await;
                Ok(http::Response::new(Bytes::new()))
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_reported_every_ten_seconds_and_lasts_as_long_as_asked() {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&told);
        let notice: super::Notice = Arc::new(move |line| heard.lock().unwrap().push(line.to_owned()));
        let begun = Instant::now();
        backon::Sleeper::sleep(&super::ReportedPause(notice), Duration::from_secs(31)).await;
        assert_eq!(begun.elapsed().as_secs(), 31);
        let lines = ["waiting; 21 seconds left", "waiting; 11 seconds left", "waiting; 1 second left"];
        assert_eq!(*told.lock().unwrap(), lines);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_reported_every_ten_seconds_and_ends_after_thirty() {
        let line = |after: u64| {
            format!("still waiting for the response to PATCH https://api.example.com/a/b ({after} seconds so far)")
        };
        for (slow, lines, is_answered) in [
            (9, vec![], true),
            (11, vec![10], true),
            (29, vec![10, 20], true),
            (31, vec![10, 20], false),
            (9999, vec![10, 20], false),
        ] {
            let told: Arc<Mutex<Vec<String>>> = Arc::default();
            let notice = Arc::clone(&told);
            let patient = Patient::new(
                Arc::new(Slow(Duration::from_secs(slow))),
                Arc::new(move |line| notice.lock().unwrap().push(line.to_owned())),
            );
            let request = http::Request::patch("https://api.example.com/a/b?api-version=1").body(Bytes::new()).unwrap();
            let begun = Instant::now();
            let answer = patient.send(request).await;
            assert!(begun.elapsed() <= Duration::from_secs(30));
            let expected = SendFault::NoResponse("no complete response within 30 seconds".to_owned());
            assert_eq!(answer.map(drop).err(), (!is_answered).then_some(expected), "{slow}");
            assert_eq!(*told.lock().unwrap(), lines.into_iter().map(line).collect::<Vec<_>>(), "{slow}");
        }
    }
}
