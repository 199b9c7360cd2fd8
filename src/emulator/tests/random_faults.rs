use serde_json::json;

use super::fixture::{HR, LAB, Service, amount, document};
use crate::emulator::errors::Broken;

const ONE: &str = "/licensing/allocationsByEnvironment?api-version=2024-10-01";
const LISTING: &str = "/environmentmanagement/environments?api-version=2024-10-01";

async fn give(service: &Service, units: u64) -> super::fixture::Answered {
    let entry = json!([{ "currencyType": "AppPass", "allocated": units }]);
    service.ask("PATCH", ONE, document(LAB, &entry)).await
}

#[tokio::test]
async fn a_429_has_the_chosen_retry_after() {
    let service = Service::new();
    let at = service.emulator.now() + jiff::SignedDuration::from_secs(7);
    let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (how, expected) in [("none", None), ("seconds", Some("7")), ("date", Some(date.as_str()))] {
        service.behave(json!({ "throttleRate": 1, "retryAfter": how, "retryAfterSeconds": 7 })).await;
        let answered = service.get(ONE).await;
        assert_eq!(answered.code(), 429);
        assert_eq!(answered.headers.get("retry-after").map(|value| value.to_str().unwrap()), expected);
    }
}

#[tokio::test]
async fn outages_and_broken_connections_come_before_or_after_the_effect() {
    for (fault, status, broken, effect) in [
        ("failBeforeRate", true, None, false),
        ("failAfterRate", true, None, true),
        ("dropBeforeRate", false, Some(Broken::Before), false),
        ("dropAfterRate", false, Some(Broken::After), true),
    ] {
        let service = Service::new();
        service.behave(json!({ fault: 1.0 })).await;
        let answered = give(&service, 5).await;
        assert_eq!(answered.status.is_server_error(), status, "{fault}");
        assert_eq!(answered.broken, broken, "{fault}");
        assert_eq!(answered.text.is_none(), broken.is_some(), "{fault}");
        service.behave(json!({})).await;
        let held = service.held(LAB).await;
        if effect {
            assert_eq!(amount(&held, "AppPass"), 5, "{fault}");
        } else {
            assert_eq!(held, 404, "{fault}");
        }
    }
}

#[tokio::test]
async fn reads_lag_behind_writes() {
    let service = Service::new();
    service.behave(json!({ "staleReadsSeconds": 60 })).await;
    service.wait(100);
    assert_eq!(amount(&give(&service, 5).await.json()["currencyAllocations"], "AppPass"), 5, "the write's own answer");
    service.wait(30);
    give(&service, 6).await;
    assert_eq!(service.held(LAB).await, 404);
    assert_eq!(service.get(ONE).await.json().as_array().unwrap().len(), 1);
    service.wait(31);
    assert_eq!(amount(&service.held(LAB).await, "AppPass"), 5);
    service.wait(30);
    assert_eq!(amount(&service.held(LAB).await, "AppPass"), 6);
    service.wait(3_600);
    give(&service, 7).await;
    assert_eq!(service.emulator.memory().past.len(), 1, "older writes are dropped");
}

#[tokio::test]
async fn listings_lack_rows_repeat_pages_and_are_cut() {
    let service = Service::new();
    service.behave(json!({ "shortPagesRate": 1 })).await;
    assert_eq!(service.get(ONE).await.json(), json!([]));
    assert_eq!(service.get(LISTING).await.json()["value"], json!([]));
    for (how, second) in [("once", false), ("endless", true)] {
        service.behave(json!({ "repeatedPage": how })).await;
        let first = service.get(LISTING).await.json();
        let next = first["@odata.nextlink"].as_str().unwrap().strip_prefix("http://127.0.0.1").unwrap().to_owned();
        let again = service.get(&next).await.json();
        assert_eq!(again["value"], first["value"]);
        assert_eq!(again["@odata.nextlink"].is_string(), second, "{how}");
    }
    service.behave(json!({ "cutListingRate": 1, "cutListing": "connection" })).await;
    let cut = service.get(LISTING).await;
    assert_eq!((cut.broken, cut.text), (Some(Broken::Middle), None));
    service.behave(json!({ "cutListingRate": 1, "cutListing": "json" })).await;
    let cut = service.get(LISTING).await;
    assert_eq!((cut.code(), cut.broken), (200, None));
    assert!(serde_json::from_str::<serde_json::Value>(&cut.text.unwrap()).is_err());
}

#[tokio::test]
async fn surfaces_can_be_missing_and_refuse_currencies() {
    let service = Service::new();
    service.behave(json!({ "surfaces": ["old"], "refusedCurrencies": { "old": ["AppPass"] } })).await;
    assert_eq!(service.get(ONE).await.json()["code"], "RouteNotFound");
    assert_eq!(service.ask("PUT", "/licensing/allocationsV2?api-version=2024-10-01", None).await.code(), 404);
    let old = format!("/licensing/environments/{HR}/allocations?api-version=2024-10-01");
    assert_eq!(service.get(&old).await.code(), 200);
    let body = |currency| Some(json!({ "currencyAllocations": [{ "currencyType": currency, "allocated": 1 }] }));
    assert_eq!(service.ask("PATCH", &old, body("AppPass")).await.code(), 400);
    assert_eq!(service.ask("PATCH", &old, body("AI")).await.code(), 200);
}

#[tokio::test]
async fn a_locked_switch_cannot_change_but_amounts_can() {
    let service = Service::new();
    service.behave(json!({ "lockedEnvironments": [HR] })).await;
    let entry = |enabled| {
        let rules = json!([{ "ruleType": "TenantPool", "enabled": enabled }]);
        document(HR, &json!([{ "currencyType": "MCSMessages", "allocated": 9000, "enforcementRules": rules }]))
    };
    let locked = service.ask("PATCH", ONE, entry(true)).await;
    assert_eq!((locked.code(), &locked.json()["error"]["code"]), (400, &json!("TenantPoolLockedByPolicy")));
    assert_eq!(service.ask("PATCH", ONE, entry(false)).await.code(), 200);
}

#[tokio::test]
async fn a_lock_can_refuse_a_body_that_carries_the_rule_and_keep_the_rule_of_another() {
    let service = Service::new();
    let body = |rules: serde_json::Value| {
        document(HR, &json!([{ "currencyType": "MCSMessages", "allocated": 9000, "enforcementRules": rules }]))
    };
    let rules = async || {
        let held = service.held(HR).await;
        let entry = held.as_array().expect("entries").iter().find(|entry| entry["currencyType"] == "MCSMessages");
        entry.expect("the entry")["enforcementRules"].as_array().expect("rules").len()
    };
    let alert = || json!([{ "ruleType": "Alert", "enabled": true }]);
    let carrying = || json!([{ "ruleType": "Alert", "enabled": true }, { "ruleType": "TenantPool", "enabled": false }]);
    for (lock, without, left) in [("everything", 400, 2), ("carried", 200, 2), ("unkept", 200, 1)] {
        service.behave(json!({ "lockedEnvironments": [HR], "lock": lock, "semantics": "replace" })).await;
        assert_eq!(service.ask("PATCH", ONE, body(carrying())).await.code(), 400, "{lock}");
        assert_eq!(service.ask("PATCH", ONE, body(alert())).await.code(), without, "{lock}");
        assert_eq!(rules().await, left, "{lock}");
    }
}

#[tokio::test]
async fn apps_can_be_unregistered_and_listings_refused() {
    let service = Service::new();
    service.behave(json!({ "refuseEnvironmentListing": true })).await;
    assert_eq!(service.get(LISTING).await.json()["code"], "ForbiddenAccess");
    assert_eq!(service.get(ONE).await.code(), 200);
    service.behave(json!({ "unregisteredApp": true })).await;
    assert_eq!(service.get(ONE).await.json()["code"], "ForbiddenAccess");
}

#[tokio::test]
async fn the_same_seed_causes_the_same_faults() {
    let statuses = async |seed| {
        let service = Service::with(crate::model::roles::Role::GlobalAdmin, |options| {
            options.fault_seed = seed;
            options.faults.throttle_rate = 0.3;
            options.faults.fail_before_rate = 0.3;
        });
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(service.get(ONE).await.code());
        }
        statuses
    };
    assert_eq!(statuses(1).await, statuses(1).await);
    assert_ne!(statuses(1).await, statuses(2).await);
}

#[tokio::test]
async fn requests_are_counted_and_faults_are_checked() {
    let service = Service::new();
    service.get(ONE).await;
    service.get(ONE).await;
    service.held(HR).await;
    let counted = service.get("/emulator/requests").await.json();
    let expected =
        json!({ "GET /licensing/allocationsByEnvironment": 2, "GET /licensing/allocationsByEnvironment/{id}": 1 });
    assert_eq!(counted, expected);
    assert_eq!(service.ask("DELETE", "/emulator/requests", None).await.code(), 204);
    assert_eq!(service.get("/emulator/requests").await.json(), json!({}));
    for wrong in [json!({ "throttleRate": 2 }), json!({ "staleReadsSeconds": 3_601 }), json!({ "thunder": 1 })] {
        assert_eq!(service.ask("PUT", "/emulator/faults", Some(wrong)).await.code(), 400);
    }
    assert_eq!(service.get("/emulator/faults").await.json()["semantics"], "merge");
}

#[tokio::test]
async fn a_fault_that_is_reset_has_no_effect() {
    let service = Service::new();
    let too_many = async || give(&service, 2_000_000_000).await.code();
    assert_eq!(too_many().await, 400, "the rule of the seed");
    service.behave(json!({ "overAllocation": "accept" })).await;
    assert_eq!(too_many().await, 200);
    give(&service, 0).await;
    service.behave(json!({})).await;
    assert_eq!(too_many().await, 400, "the rule of the seed");
}
