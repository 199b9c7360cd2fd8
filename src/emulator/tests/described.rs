//! Checks every response of every test against the description of the service in `tests/fixtures/licensing-openapi.yaml`.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::fixture::{Answered, HR, LAB, Service, UNKNOWN};

fn description() -> &'static Value {
    static READ: OnceLock<Value> = OnceLock::new();
    let text = include_str!("../../../tests/fixtures/licensing-openapi.yaml");
    READ.get_or_init(|| serde_yaml::from_str(text).expect("the description is YAML"))
}

/// Panics if a response differs from its description. Broken and cut responses are skipped, and so are the emulator's own routes.
pub(super) fn check(method: &str, path: &str, answered: &Answered) {
    let Some(text) = answered.text.as_deref().filter(|_| !path.starts_with("/emulator")) else { return };
    let failed = answered.status.is_client_error() || answered.status.is_server_error();
    let nothing = Value::Null;
    let operation = operation(method, path).unwrap_or(&nothing);
    assert!(failed || operation.is_object(), "{method} {path} is not described: {answered:?}");
    let body = match serde_json::from_str::<Value>(text) {
        Ok(body) => body,
        // Only a listing can be cut, and its beginning is valid JSON.
        Err(error) => return assert!(text.is_empty() || (!failed && error.is_eof()), "{method} {path}: {answered:?}"),
    };
    let components = description()["components"].clone();
    let described = &operation["responses"][answered.status.as_str()];
    let any = &components["responses"]["BadRequest"];
    let described = match described["$ref"].as_str().and_then(|link| link.strip_prefix("#/components/responses/")) {
        Some(name) => &components["responses"][name],
        // The service sends more statuses than are documented.
        None if described.is_null() && failed => any,
        None => described,
    };
    let mut schema = described["content"]["application/json"]["schema"].clone();
    assert!(schema.is_object(), "{method} {path} has no answer {}", answered.code());
    schema["components"] = components;
    let validator = jsonschema::validator_for(&schema).expect("the description is a schema");
    let errors: Vec<String> =
        validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{method} {path} {}: {}\n{body}", answered.code(), errors.join("\n"));
}

/// The description of a path. A path without parameters has precedence over one with parameters.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let paths = description()["paths"].as_object()?;
    let fits = |pattern: &str| {
        let (wanted, given): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
        let same = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted.eq_ignore_ascii_case(given);
        wanted.len() == given.len() && wanted.iter().zip(&given).all(same)
    };
    let mut fitting: Vec<&String> = paths.keys().filter(|pattern| fits(pattern)).collect();
    fitting.sort_by_key(|pattern| pattern.contains('{'));
    fitting.first().map(|pattern| &paths[*pattern][method]).filter(|operation| operation.is_object())
}

#[test]
fn an_answer_that_differs_from_its_description_fails() {
    let answered = |text: &Value| Answered {
        status: axum::http::StatusCode::OK,
        headers: axum::http::HeaderMap::new(),
        broken: None,
        text: Some(text.to_string()),
    };
    let path = "/licensing/allocationsByEnvironment";
    check("get", path, &answered(&json!([])));
    for wrong in
        [json!({ "value": [] }), json!([{ "environmentId": "x", "currencyAllocations": [{ "allocated": 1 }] }])]
    {
        assert!(std::panic::catch_unwind(|| check("get", path, &answered(&wrong))).is_err(), "{wrong}");
    }
}

/// A request to every route, with a body if it takes one.
fn everything() -> Vec<(&'static str, String, Option<Value>)> {
    let licensing = |rest: String| format!("/licensing/{rest}");
    let current = "api-version=2024-10-01";
    let filter = format!("%24filter=environmentId%20eq%20%27{HR}%27%20and%20EntitlementId%20in%20(MCSMessages)");
    let settings = "/providers/Microsoft.BusinessAppPlatform";
    let amounts =
        json!({ "environmentId": HR, "currencyAllocations": [{ "currencyType": "AppPass", "allocated": 9 }] });
    let put = json!({ "scope": { "environmentId": HR }, "allocatedEntitlements": [
        { "entitlementId": "MCSMessages", "allocation": { "quantity": 5000.0 },
          "enforcementRules": [{ "ruleType": "TenantPool", "enabled": true }] } ] });
    let setting = json!({ "powerPlatform": { "licensing": { "disableAddonAllocationByEnvironmentAdmins": true } } });
    vec![
        ("GET", licensing(format!("environments/{HR}/allocations?api-version=2022-03-01-preview")), None),
        ("GET", licensing(format!("environments/{LAB}/allocations?{current}")), None),
        ("PATCH", licensing(format!("environments/{HR}/allocations?{current}")), Some(amounts.clone())),
        ("GET", licensing(format!("allocationsByEnvironment?{current}")), None),
        ("GET", licensing(format!("allocationsByEnvironment/{HR}?{current}")), None),
        ("GET", licensing(format!("allocationsByEnvironment/{UNKNOWN}?{current}")), None),
        ("PATCH", licensing(format!("allocationsByEnvironment?{current}")), Some(amounts)),
        ("PUT", licensing(format!("allocationsV2?{current}")), Some(put)),
        ("GET", licensing(format!("allocationsV2/availability?{current}&{filter}")), None),
        ("GET", licensing(format!("allocationsV2/entitlements/reserved?{current}&{filter}")), None),
        ("GET", licensing(format!("tenantCapacity/currencyReports?{current}&includeAllocations=true")), None),
        ("GET", licensing(format!("environments/{HR}/entitlements?{current}")), None),
        ("GET", format!("/environmentmanagement/environments?{current}"), None),
        ("GET", format!("{settings}/scopes/admin/environments?api-version=2021-04-01"), None),
        ("POST", format!("{settings}/listtenantsettings?api-version=2020-10-01"), None),
        ("POST", format!("{settings}/scopes/admin/updateTenantSettings?api-version=2020-10-01"), Some(setting)),
        ("GET", "/contoso.example/v2.0/.well-known/openid-configuration".to_owned(), None),
    ]
}

#[tokio::test]
async fn every_route_answers_as_described_under_every_fault() {
    let faults = [
        json!({}),
        json!({ "throttleRate": 1.0 }),
        json!({ "throttleRate": 1.0, "retryAfter": "seconds", "retryAfterSeconds": 3 }),
        json!({ "throttleRate": 1.0, "retryAfter": "date", "retryAfterSeconds": 3 }),
        json!({ "failBeforeRate": 1.0 }),
        json!({ "failAfterRate": 1.0 }),
        json!({ "dropBeforeRate": 1.0 }),
        json!({ "dropAfterRate": 1.0 }),
        json!({ "staleReadsSeconds": 60 }),
        json!({ "shortPagesRate": 0.5 }),
        json!({ "repeatedPage": "once" }),
        json!({ "repeatedPage": "endless" }),
        json!({ "cutListingRate": 1.0, "cutListing": "connection" }),
        json!({ "cutListingRate": 1.0, "cutListing": "json" }),
        json!({ "refusedCurrencies": { "new": ["AppPass"], "old": ["AppPass"], "v2": ["MCSMessages"] } }),
        json!({ "refusedCurrencies": { "v2": ["MCSMessages"] }, "errorResults": true }),
        json!({ "overAllocation": "accept" }),
        json!({ "overAllocation": "refuse" }),
        json!({ "semantics": "replace" }),
        json!({ "surfaces": [] }),
        json!({ "lockedEnvironments": [HR] }),
        json!({ "lockedEnvironments": [HR], "lock": "carried" }),
        json!({ "lockedEnvironments": [HR], "lock": "everything" }),
        json!({ "hiddenEnvironments": [HR] }),
        json!({ "newEnvironments": [HR] }),
        json!({ "unregisteredApp": true }),
        json!({ "refuseEnvironmentListing": true }),
        json!({ "noDocument": "problem" }),
        json!({ "noDocument": "code" }),
    ];
    for fault in faults {
        let service = Service::new();
        service.behave(fault).await;
        for (method, path, body) in everything() {
            // The fixture calls `check`.
            service.ask(method, &path, body).await;
        }
    }
}
