use serde_json::json;

use super::fixture::{HR, LAB, Service, UNKNOWN, amount};

const PUT: &str = "/licensing/allocationsV2?api-version=2024-10-01";

#[tokio::test]
async fn a_put_sets_amounts_and_rules() {
    let service = Service::new();
    let body = json!({ "scope": { "environmentId": LAB }, "allocatedEntitlements": [
        { "entitlementId": "MCSMessages", "allocation": { "quantity": 5000.0 },
          "enforcementRules": [{ "ruleType": "TenantPool", "enabled": false }] } ] });
    let answered = service.ask("PUT", PUT, Some(body)).await;
    assert_eq!(answered.json(), json!({ "isErrorResult": false, "statusCode": 200 }));
    let held = service.held(LAB).await;
    assert_eq!(amount(&held, "MCSMessages"), 5000);
    assert_eq!(held[0]["enforcementRules"], json!([{ "ruleType": "TenantPool", "enabled": false }]));
}

#[tokio::test]
async fn a_put_for_another_scope_is_refused() {
    let service = Service::new();
    let body = |scope| {
        json!({ "scope": scope, "allocatedEntitlements": [
        { "entitlementId": "MCSMessages", "allocation": { "quantity": 1 } }] })
    };
    for scope in [json!({}), json!({ "tenantId": "t" }), json!({ "environmentId": HR, "userId": "u" })] {
        let answered = service.ask("PUT", PUT, Some(body(scope))).await;
        assert_eq!(answered.code(), 400);
        assert_eq!(answered.json()["error"]["message"], "Invalid scope or Allocations");
    }
    assert_eq!(service.ask("PUT", PUT, Some(body(json!({ "environmentId": UNKNOWN })))).await.code(), 403);
    service.behave(json!({ "errorResults": true })).await;
    let answered = service.ask("PUT", PUT, Some(body(json!({})))).await;
    assert_eq!((answered.code(), answered.json()), (200, json!({ "isErrorResult": true, "statusCode": 400 })));
    let half = json!({ "scope": { "environmentId": LAB }, "allocatedEntitlements": [
        { "entitlementId": "MCSMessages", "allocation": { "quantity": 1.5 } }] });
    service.behave(json!({})).await;
    assert_eq!(service.ask("PUT", PUT, Some(half)).await.code(), 400);
}

#[tokio::test]
async fn availability_and_reservations_answer_both_spellings_of_a_filter() {
    let service = Service::new();
    for list in ["('MCSMessages')", "(MCSMessages)"] {
        let filter =
            format!("environmentId eq '{HR}' and EntitlementId in {list}").replace(' ', "%20").replace('\'', "%27");
        let path = format!("/licensing/allocationsV2/availability?api-version=2024-10-01&$filter={filter}");
        let expected = json!({ "scope": { "environmentId": HR }, "entitlementAllocationsAvailable": [
            { "entitlementId": "MCSMessages", "availableQuantity": 20000.0, "unit": "Count" }] });
        assert_eq!(service.get(&path).await.json(), expected);
        let path = path.replace("availability", "entitlements/reserved");
        let expected =
            json!([{ "entitlementId": "MCSMessages", "reserved": { "quantity": 10000.0, "unit": "Count" } }]);
        assert_eq!(service.get(&path).await.json(), expected);
    }
    assert_eq!(service.get("/licensing/allocationsV2/availability?api-version=2024-10-01").await.code(), 400);
}

#[tokio::test]
async fn an_environment_reports_what_it_holds_and_uses() {
    let service = Service::new();
    let rows = service.get(&format!("/licensing/environments/{HR}/entitlements?api-version=2024-10-01")).await.json();
    assert_eq!(rows[0]["entitlementId"], "AppPass");
    let capacity = &rows[0]["entitlement"]["capacity"];
    assert_eq!(capacity["allocated"]["value"], 10.0);
    let consumed = json!({ "value": 7.0, "consumptionType": "Snapshot", "lastUpdatedOn": "2026-11-22T00:00:00Z" });
    assert_eq!(capacity["consumed"], consumed);
    assert_eq!((&capacity["availableQuantity"], &capacity["status"]), (&json!(3.0), &json!("WithinCapacity")));
    let none = service.get(&format!("/licensing/environments/{LAB}/entitlements?api-version=2024-10-01")).await;
    assert_eq!(none.json(), json!([]));
}
