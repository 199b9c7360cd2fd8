use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::fixture::{DEFAULT, HR, LAB, Service, UNKNOWN, amount, document};
use crate::model::roles::Role;

const ONE: &str = "/licensing/allocationsByEnvironment?api-version=2024-10-01";

fn old(id: &str) -> String {
    format!("/licensing/environments/{id}/allocations?api-version=2022-03-01-preview")
}

#[tokio::test]
async fn the_older_surface_reads_and_writes_amounts() {
    let service = Service::new();
    let read = service.get(&old(HR)).await;
    let expected = json!({ "environmentId": HR, "currencyAllocations": [
        { "currencyType": "AppPass", "allocated": 10 }, { "currencyType": "MCSMessages", "allocated": 10000 },
    ] });
    assert_eq!(read.json(), expected);
    let body = json!({ "environmentId": HR, "currencyAllocations": [
        { "currencyType": "AppPass", "allocated": 12, "autoAllocated": 0.0 } ] });
    let newer = old(HR).replace("2022-03-01-preview", "2024-10-01");
    let written = service.ask("PATCH", &newer, Some(body)).await;
    assert_eq!(amount(&written.json()["currencyAllocations"], "AppPass"), 12);
    assert_eq!(amount(&written.json()["currencyAllocations"], "MCSMessages"), 10_000);
    let rules = service.held(HR).await[1]["enforcementRules"].clone();
    assert_eq!(rules.as_array().unwrap().len(), 2, "the older surface keeps rules");
}

#[tokio::test]
async fn the_list_is_a_bare_array_of_existing_documents() {
    let service = Service::new();
    let listed = service.get(ONE).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let entry = &listed[0]["currencyAllocations"][0];
    assert_eq!(
        entry,
        &json!({ "currencyType": "AppPass", "allocated": 10, "autoAllocated": 0.0, "enforcementRules": [] })
    );
}

#[tokio::test]
async fn unknown_rules_and_fields_are_kept() {
    let service = Service::new();
    let rules = json!([{ "ruleType": "Throttle", "enabled": true },
                       { "ruleType": "Alert", "enabled": false, "ruleData": { "unitType": "Percent", "value": "80" } }]);
    let entry = json!([{ "currencyType": "MCSMessages", "allocated": 500, "note": 1, "enforcementRules": rules }]);
    let written = service.ask("PATCH", ONE, document(LAB, &entry)).await;
    assert_eq!(written.code(), 200);
    let held = service.held(LAB).await;
    assert_eq!(held[0]["enforcementRules"], rules);
    assert_eq!(held[0]["note"], 1);
    assert_eq!(written.json()["currencyAllocations"], held);
}

#[tokio::test]
async fn merge_keeps_and_replace_deletes_missing_entries() {
    for (semantics, passes, rules) in [("merge", json!(10), 2), ("replace", Value::Null, 0)] {
        let service = Service::new();
        service.behave(json!({ "semantics": semantics })).await;
        let entry = json!([{ "currencyType": "MCSMessages", "allocated": 9000 }]);
        assert_eq!(service.ask("PATCH", ONE, document(HR, &entry)).await.code(), 200);
        let held = service.held(HR).await;
        assert_eq!(amount(&held, "AppPass"), passes, "{semantics}");
        let entries = held.as_array().unwrap();
        let credits = entries.iter().find(|entry| entry["currencyType"] == "MCSMessages").unwrap();
        assert_eq!(credits["allocated"], 9000);
        assert_eq!(credits["enforcementRules"].as_array().unwrap().len(), rules, "{semantics}");
    }
}

#[tokio::test]
async fn invalid_documents_get_400() {
    let service = Service::new();
    for allocated in [json!(-1), json!(1.5), json!(2_147_483_648_i64), json!("7")] {
        let entry = json!([{ "currencyType": "AppPass", "allocated": allocated }]);
        assert_eq!(service.ask("PATCH", ONE, document(HR, &entry)).await.code(), 400, "{allocated}");
        let body = json!({ "currencyAllocations": entry });
        assert_eq!(service.ask("PATCH", &old(HR), Some(body)).await.code(), 400, "{allocated}");
    }
    let unknown =
        service.ask("PATCH", ONE, document(HR, &json!([{ "currencyType": "Database", "allocated": 1 }]))).await;
    assert_eq!(unknown.code(), 400);
    let message = unknown.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("Error converting value \"Database\""), "{message}");
    let twice = json!([{ "currencyType": "AI", "allocated": 1 }, { "currencyType": "AI", "allocated": 1 }]);
    assert_eq!(service.ask("PATCH", ONE, document(HR, &twice)).await.code(), 400);
    assert_eq!(service.ask("PATCH", ONE, Some(json!([{ "environmentId": HR }]))).await.code(), 400);
    let tutorial = r#"{"currencyAllocations": "[{currencyType: "PowerAutomatePerProcess", allocated:1}]" }"#;
    let request = Request::patch(old(HR)).header("authorization", "Bearer x").body(Body::from(tutorial)).unwrap();
    assert_eq!(service.send(request).await.code(), 400);
    assert_eq!(amount(&service.held(HR).await, "AppPass"), 10, "no write took effect");
}

#[tokio::test]
async fn a_version_a_token_and_a_route_are_required() {
    let service = Service::new();
    let bare = "/licensing/allocationsByEnvironment";
    for query in ["", "?api-version=", "?api-version=2022-03-01-preview", "?api-version=1"] {
        assert_eq!(service.get(&format!("{bare}{query}")).await.code(), 400, "{query}");
    }
    for header in [None, Some("Bearer "), Some("Basic x")] {
        let mut request = Request::get(ONE);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answered = service.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answered.code(), answered.text.as_deref()), (401, Some("")));
    }
    let lost = service.get("/licensing/currencyReports?api-version=2024-10-01").await;
    assert_eq!((lost.code(), &lost.json()["code"]), (404, &json!("RouteNotFound")));
}

#[tokio::test]
async fn an_empty_and_an_unknown_environment_get_different_answers() {
    let service = Service::new();
    let mut bodies = Vec::new();
    for style in ["problem", "code"] {
        service.behave(json!({ "noDocument": style })).await;
        let answered = service.get(&old(LAB)).await;
        assert_eq!(answered.code(), 404);
        bodies.push(answered.json());
    }
    assert_eq!(bodies[0]["title"], "Not Found");
    assert_eq!(bodies[1]["error"]["code"], "EnvironmentAllocationNotFound");
    service.behave(json!({ "newEnvironments": [LAB], "hiddenEnvironments": [DEFAULT] })).await;
    for id in [LAB, DEFAULT, UNKNOWN, "no-id"] {
        let answered = service.get(&old(id)).await;
        assert_eq!((answered.code(), answered.text.as_deref()), (403, Some("")), "{id}");
        let write = service.ask("PATCH", ONE, document(id, &json!([]))).await;
        assert_eq!(write.code(), 403, "{id}");
    }
}

#[tokio::test]
async fn more_than_is_owned_is_refused_or_accepted() {
    let service = Service::new();
    let entry = json!([{ "currencyType": "AppPass", "allocated": 101 }]);
    let refused = service.ask("PATCH", ONE, document(LAB, &entry)).await;
    assert_eq!(refused.code(), 400);
    assert_eq!(service.held(LAB).await, 404);
    service.behave(json!({ "overAllocation": "accept" })).await;
    assert_eq!(service.ask("PATCH", ONE, document(LAB, &entry)).await.code(), 200);
    service.behave(json!({ "overAllocation": "refuse" })).await;
    let more = json!([{ "currencyType": "AppPass", "allocated": 102 }]);
    assert_eq!(service.ask("PATCH", ONE, document(LAB, &more)).await.code(), 400);
}

#[tokio::test]
async fn environment_admins_may_allocate_unless_it_is_restricted() {
    let entry = json!([{ "currencyType": "AppPass", "allocated": 1 }]);
    let open = Service::with(Role::EnvironmentAdmin, |_| {});
    assert_eq!(open.ask("PATCH", ONE, document(LAB, &entry)).await.code(), 200);
    let settings = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/updateTenantSettings?api-version=2020-10-01";
    let body = json!({ "disableCapacityAllocationByEnvironmentAdmins": true });
    assert_eq!(open.ask("POST", settings, Some(body)).await.code(), 403);
    let restricted = Service::restricted(Role::EnvironmentAdmin);
    let refused = restricted.ask("PATCH", ONE, document(LAB, &entry)).await;
    assert_eq!((refused.code(), &refused.json()["code"]), (403, &json!("Forbidden")));
    let administrator = Service::restricted(Role::PowerPlatformAdmin);
    assert_eq!(administrator.ask("PATCH", ONE, document(LAB, &entry)).await.code(), 200);
}
