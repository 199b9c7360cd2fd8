//! Reads that fail: retries, pauses that the service asks for, and peers that do not answer.

use std::time::Duration;

use serde_json::json as value;
use tokio::time::Instant;

use super::service::{Reply, Service, json, text};
use crate::net::transport::SendFault;
use crate::provider::port::{Observe, ProviderErrorKind};

/// A peer that takes the connection and says nothing.
struct Silent;

impl crate::net::transport::Transport for Silent {
    fn send(&self, _request: http::Request<bytes::Bytes>) -> crate::net::transport::Sending<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_again_as_the_service_asks() {
    let service = Service::new(|_, times| match times {
        0 => Ok((429, Some("7"), String::new())),
        1 => Err(SendFault::NoResponse("connection reset".into())),
        2 => text(503, ""),
        _ => json(200, &value!([])),
    });
    let begun = Instant::now();
    assert!(service.tenant().reader().documents().await.unwrap().rows.is_empty());
    assert_eq!(service.lines().len(), 4);
    assert!(begun.elapsed() >= Duration::from_secs(7), "waited {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_read_gives_up() {
    let asked = |reply: fn() -> Reply| async move {
        let service = Service::new(move |_, _| reply());
        let error = service.tenant().reader().documents().await.unwrap_err();
        (service.lines().len(), error.kind)
    };
    assert_eq!(asked(|| text(500, "")).await, (6, ProviderErrorKind::Unavailable));
    let long = ProviderErrorKind::Throttled(Some(Duration::from_secs(3600)));
    assert_eq!(asked(|| Ok((429, Some("3600"), String::new()))).await, (1, long));
    let refused: fn() -> Reply = || Err(SendFault::NotSent("connection refused".into()));
    assert_eq!(
        asked(refused).await,
        (2, ProviderErrorKind::Unavailable),
        "a host that refuses connections gets one retry"
    );
    assert_eq!(asked(|| text(401, "")).await, (1, ProviderErrorKind::Denied));
    assert_eq!(asked(|| text(400, "no")).await, (1, ProviderErrorKind::Conflict));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_does_not_fit_is_stated_in_seconds() {
    for status in [429, 503] {
        for (asked, stated) in [
            ("300", "300 seconds"),
            ("120.5", "121 seconds"),
            ("Wed, 25 Nov 2026 09:00:00 GMT", "3600 seconds"),
            ("9223372036854775808", "9223372036854775808 seconds"),
            ("18446744073709551615", "18446744073709551615 seconds"),
        ] {
            let service = Service::new(move |_, _| Ok((status, Some(asked), String::new())));
            let error = service.tenant().reader().documents().await.unwrap_err();
            for part in [
                format!("; it asks for a pause of {stated}, in response to GET "),
                "; allot tries one request for 120 seconds at most".to_owned(),
            ] {
                assert!(error.message.contains(&part), "{}", error.message);
            }
            assert_eq!(service.lines().len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_fits_is_kept_and_one_that_makes_no_sense_is_ignored() {
    for (asked, least) in [("60", 60), ("59.5", 59), ("Wed, 25 Nov 2026 08:01:00 GMT", 60), ("-1", 0), ("soon", 0)] {
        let service = Service::new(move |_, times| match times {
            0 => Ok((429, Some(asked), String::new())),
            _ => json(200, &value!([])),
        });
        let begun = Instant::now();
        assert!(service.tenant().reader().documents().await.unwrap().rows.is_empty(), "{asked}");
        let took = begun.elapsed().as_secs();
        assert!((least..=least + 2).contains(&took), "{asked}: {took}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_attempts_of_a_read_together_stay_in_one_budget() {
    let service = Service::new(|_, _| Ok((429, Some("50"), String::new())));
    let begun = Instant::now();
    let error = service.tenant().reader().documents().await.unwrap_err();
    assert!(begun.elapsed() <= crate::net::bounds::REQUEST_BUDGET, "{:?}", begun.elapsed());
    assert!(error.message.contains("for 120 seconds at most"), "{}", error.message);
    assert_eq!(service.lines().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_ends_a_read_within_its_budget_and_never_without_a_word() {
    use std::sync::{Arc, Mutex};
    let told: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let notice: crate::net::patience::Notice = {
        let told = Arc::clone(&told);
        Arc::new(move |line| {
            assert!(line.contains("GET https://api.powerplatform.com/licensing/allocationsByEnvironment"), "{line}");
            told.lock().unwrap().push(Instant::now());
        })
    };
    let patient = crate::net::patience::Patient::new(Arc::new(Silent), Arc::clone(&notice));
    let tenant = crate::provider::power_platform::tests::service::tenant_over(Arc::new(patient), notice);
    let begun = Instant::now();
    let error = tenant.reader().documents().await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Unavailable);
    assert!(begun.elapsed() <= crate::net::bounds::REQUEST_BUDGET, "{:?}", begun.elapsed());
    let mut last = begun;
    for at in told.lock().unwrap().iter().copied().chain([Instant::now()]) {
        assert!(at - last <= Duration::from_secs(30), "{:?} of silence", at - last);
        last = at;
    }
}
