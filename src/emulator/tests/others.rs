use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::fixture::{Answered, DEFAULT, HR, LAB, Service};
use crate::model::roles::Role;

const LISTING: &str = "/environmentmanagement/environments?api-version=2024-10-01";
const ADMIN_LISTING: &str = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?api-version=2021-04-01&$expand=properties.addons";
const BUSINESS: &str = "/providers/Microsoft.BusinessAppPlatform";

fn local(link: &Value) -> Option<String> {
    let link = link.as_str()?;
    Some(link.strip_prefix("http://127.0.0.1").expect("the link has the host of the request").to_owned())
}

async fn all_pages(service: &Service, first: &str, next: &str, id: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut path = Some(first.to_owned());
    while let Some(at) = path {
        let page = service.get(&at).await.json();
        ids.extend(page["value"].as_array().unwrap().iter().map(|row| row[id].as_str().unwrap().to_owned()));
        path = local(&page[next]);
        assert!(ids.len() < 50, "pages without end");
    }
    ids
}

#[tokio::test]
async fn both_listings_have_pages() {
    let service = Service::with(Role::GlobalAdmin, |options| options.page_size = 2);
    let everyone: BTreeSet<String> = [HR, LAB, DEFAULT].map(str::to_owned).into();
    for (first, next, id) in [(LISTING, "@odata.nextlink", "id"), (ADMIN_LISTING, "nextLink", "name")] {
        let ids = all_pages(&service, first, next, id).await;
        assert_eq!(ids.len(), 3);
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), everyone);
    }
    let few = all_pages(&service, &format!("{LISTING}&$skip=1&$top=1"), "@odata.nextlink", "id").await;
    assert_eq!(few, [DEFAULT]);
    let filtered = format!("{LISTING}&$filter=type%20eq%20%27Sandbox%27");
    assert_eq!(all_pages(&service, &filtered, "@odata.nextlink", "id").await, [LAB]);
}

#[tokio::test]
async fn rows_contain_what_the_tenant_knows() {
    let service = Service::new();
    let rows = service.get(&format!("{LISTING}&ids={HR},{DEFAULT}")).await.json()["value"].clone();
    assert_eq!(rows[1]["displayName"], "HR");
    assert_eq!(rows[1]["type"], "Production");
    assert_eq!(rows[1]["state"], "Ready");
    assert_eq!(rows[1]["securityGroupId"], "people");
    assert_eq!(rows[1]["tenantId"], "03ab3068-c403-406d-8351-bdbb6374c8b1");
    assert!(rows[1]["dataverseId"].is_string() && rows[0]["dataverseId"].is_null());
    let rows = service.get(ADMIN_LISTING).await.json()["value"].clone();
    let addons = json!([{ "addonType": "AppPass", "allocated": 10, "addonUnit": "Unit" },
                        { "addonType": "MCSMessages", "allocated": 10000, "addonUnit": "Unit" }]);
    let hr = rows.as_array().unwrap().iter().find(|row| row["name"] == HR).unwrap();
    assert_eq!(hr["properties"]["addons"], addons);
    assert_eq!(hr["properties"]["databaseType"], "CommonDataService");
}

#[tokio::test]
async fn reports_contain_only_the_requested_figures() {
    let service = Service::new();
    let path = "/licensing/tenantCapacity/currencyReports?api-version=2022-03-01-preview";
    let report = service.get(&format!("{path}&includeAllocations=true&includeConsumptions=True")).await.json();
    let passes = json!({ "currencyType": "AppPass", "purchased": 100, "allocated": 10,
                         "consumed": { "unitsConsumed": 7, "lastUpdatedDay": "2026-11-22T00:00:00Z" } });
    assert!(report.as_array().unwrap().contains(&passes), "{report}");
    assert_eq!(report.as_array().unwrap().len(), 3);
    let report = service.get(&format!("{path}&includeAllocations=false")).await.json();
    assert!(report.as_array().unwrap().contains(&json!({ "currencyType": "AppPass", "purchased": 100 })));
}

#[tokio::test]
async fn an_update_of_settings_is_partial_and_returns_all() {
    let service = Service::new();
    for spelling in ["listtenantsettings?api-version=2020-10-01", "listTenantSettings?api-version=2023-06-01"] {
        let read = service.ask("POST", &format!("{BUSINESS}/{spelling}"), None).await;
        assert_eq!(read.json()["disableCapacityAllocationByEnvironmentAdmins"], false);
    }
    let update = format!("{BUSINESS}/scopes/admin/updateTenantSettings?api-version=2020-10-01");
    let part = json!({ "disableCapacityAllocationByEnvironmentAdmins": true,
                       "powerPlatform": { "licensing": { "storageCapacityConsumptionWarningThreshold": 90 }, "search": {} } });
    let whole = service.ask("POST", &update, Some(part)).await.json();
    assert_eq!(whole["disableCapacityAllocationByEnvironmentAdmins"], true);
    let licensing = &whole["powerPlatform"]["licensing"];
    assert_eq!(licensing["storageCapacityConsumptionWarningThreshold"], 90);
    assert_eq!(licensing["disableBillingPolicyCreationByNonAdminUsers"], false);
    let wrong = json!({ "disableCapacityAllocationByEnvironmentAdmins": "yes" });
    assert_eq!(service.ask("POST", &update, Some(wrong)).await.code(), 400);
    assert_eq!(service.ask("POST", &format!("{BUSINESS}/elsewhere?api-version=2020-10-01"), None).await.code(), 404);
}

async fn token(service: &Service, form: &str) -> Answered {
    let request = Request::post("/contoso.example/oauth2/v2.0/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    service.send(request).await
}

#[tokio::test]
async fn a_token_needs_the_secret_or_an_assertion() {
    let service = Service::with(Role::GlobalAdmin, |options| {
        options.client_secret = Some("right".to_owned());
        options.strict_auth = true;
    });
    let scope = "scope=https%3A%2F%2Fapi.powerplatform.com%2F.default&client_id=a&grant_type=client_credentials";
    let wrong = token(&service, &format!("{scope}&client_secret=wrong")).await;
    assert_eq!((wrong.code(), &wrong.json()["error_codes"]), (401, &json!([7_000_215])));
    let asserted =
        "client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    for proof in ["client_secret=right", asserted] {
        let issued = token(&service, &format!("{scope}&{proof}")).await.json();
        assert_eq!((&issued["token_type"], &issued["expires_in"]), (&json!("Bearer"), &json!(3599)));
        let bearer = format!("Bearer {}", issued["access_token"].as_str().unwrap());
        let request = |bearer: &str| Request::get(LISTING).header("authorization", bearer).body(Body::empty()).unwrap();
        assert_eq!(service.send(request(&bearer)).await.code(), 200);
        service.wait(3600);
        assert_eq!(service.send(request(&bearer)).await.code(), 401, "the token has expired");
    }
    assert_eq!(service.get(LISTING).await.code(), 401, "the token is not of this emulator");
    let no_scope = token(&service, "scope=x&client_id=a&grant_type=client_credentials&client_secret=right").await;
    assert_eq!((no_scope.code(), &no_scope.json()["error"]), (400, &json!("invalid_scope")));
    let discovery = service.get("/contoso.example/v2.0/.well-known/openid-configuration").await.json();
    assert_eq!(discovery["token_endpoint"], "http://127.0.0.1/contoso.example/oauth2/v2.0/token");
}
