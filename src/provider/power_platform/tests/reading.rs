//! Reads through the port.

use serde_json::{Value, json as value};

use super::service::{A, B, Reply, Service, id, json, no_route, text};
use crate::model::catalog::AddOn;
use crate::model::document::Switch;
use crate::model::observed::{EnvironmentState, Listing};
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::Units;
use crate::net::transport::SendFault;
use crate::provider::port::{Documents, Observe, ProviderErrorKind};

const LIST: &str = "GET api.powerplatform.com/licensing/allocationsByEnvironment?api-version=2024-10-01";
const ENVIRONMENTS: &str = "GET api.powerplatform.com/environmentmanagement/environments?api-version=2024-10-01";

fn holding(environment: &str, passes: u64) -> Value {
    value!({ "environmentId": environment, "currencyAllocations": [{ "currencyType": "AppPass", "allocated": passes }] })
}

fn page(ids: &[&str], next: Option<&str>) -> Reply {
    let rows: Vec<Value> = ids.iter().map(|id| value!({ "id": id, "displayName": "HR", "state": "Ready" })).collect();
    let mut page = value!({ "value": rows });
    if let Some(next) = next {
        page["@odata.nextlink"] = value!(next);
    }
    json(200, &page)
}

fn passes(documents: &Documents, environment: &str) -> Option<Units> {
    documents.known(&id(environment)).map(|document| document.units(&AddOn::from_api_value("AppPass")))
}

#[tokio::test(start_paused = true)]
async fn all_allocations_are_one_request() {
    for list in [value!([holding(A, 7), holding(B, 0)]), value!({ "value": [holding(A, 7), holding(B, 0)] })] {
        let service = Service::new(move |_, _| json(200, &list));
        let documents = service.tenant().reader().documents().await.unwrap();
        assert_eq!(documents.rows.len(), 2);
        assert_eq!(passes(&documents, A), Some(Units::new(7)));
        assert_eq!(service.lines(), [LIST]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_list_is_an_error_and_not_an_empty_list() {
    for (list, why) in [
        (value!({ "value": [], "nextLink": "https://next" }), "more pages"),
        (value!({ "rows": [] }), "it is not a list"),
        (value!(null), "it is not a list"),
    ] {
        let service = Service::new(move |_, _| json(200, &list));
        let error = service.tenant().reader().documents().await.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Malformed);
        assert!(error.message.contains(why), "{} for {why}", error.message);
    }
    let service = Service::new(|_, _| text(200, "<!DOCTYPE html><html></html>"));
    let error = service.tenant().reader().documents().await.unwrap_err();
    assert!(error.message.starts_with("a web page came with status 200"), "{}", error.message);
}

#[tokio::test(start_paused = true)]
async fn a_byte_order_mark_in_front_does_no_harm() {
    let service = Service::new(|_, _| text(200, &format!("\u{feff}{}", value!([holding(A, 7)]))));
    let documents = service.tenant().reader().documents().await.unwrap();
    assert_eq!(passes(&documents, A), Some(Units::new(7)));
}

#[tokio::test(start_paused = true)]
async fn an_odd_document_makes_only_its_environment_unknown() {
    let entry = |entry: Value| value!({ "environmentId": A, "currencyAllocations": [entry] });
    let rule = |rule: Value| entry(value!({ "currencyType": "AppPass", "allocated": 5, "enforcementRules": [rule] }));
    for (odd, why) in [
        (entry(value!({ "currencyType": "AppPass", "allocated": 1.5 })), "states 1.5 as an amount of AppPass"),
        (entry(value!({ "currencyType": "AppPass", "allocated": "5" })), "states `\"5\"` as an amount of AppPass"),
        (entry(value!({ "currencyType": 5, "allocated": 5 })), "states `5` as the name of an add-on"),
        (entry(value!({ "allocated": 5 })), "does not name the add-on of `{\"allocated\":5}`"),
        (entry(value!(null)), "does not name the add-on of `null`"),
        (rule(value!({ "ruleType": "Alert", "enabled": null })), "states `null` for the rule Alert of AppPass"),
        (rule(value!({ "ruleType": "Alert" })), "does not state whether the rule Alert of AppPass is on"),
        (rule(value!({ "ruleType": 2, "enabled": true })), "states `2` as a rule of AppPass"),
        (value!({ "environmentId": A, "currencyAllocations": null }), "states `null` as its allocations"),
        (value!({ "environmentId": A }), "does not state its allocations"),
    ] {
        let list = value!([odd.clone(), holding(B, 3)]);
        let service = Service::new(move |line, _| if line == LIST { json(200, &list) } else { json(200, &odd) });
        let reader = service.tenant().reader();
        let documents = reader.documents().await.unwrap();
        let listed = documents.rows[&id(A)].as_ref().unwrap_err();
        assert!(listed.contains(why), "{listed} for {why}");
        assert_eq!((passes(&documents, B), documents.listing), (Some(Units::new(3)), Listing::Complete));
        assert_eq!(reader.document(&id(A)).await.unwrap().unwrap_err(), *listed, "read by itself");
    }
}

#[tokio::test(start_paused = true)]
async fn whole_numbers_of_either_kind_and_names_in_any_case_are_read() {
    let list = value!([{ "environmentId": A, "currencyAllocations": [
        { "currencyType": "appPass", "allocated": 120.0, "autoAllocated": 3, "enforcementRules": [
            { "ruleType": "tenantpool", "enabled": true }] }] },
        { "environmentId": B, "currencyAllocations": [
        { "currencyType": "APPPASS", "allocated": 7, "autoAllocated": 2.5 }] }]);
    let service = Service::new(move |_, _| json(200, &list));
    let documents = service.tenant().reader().documents().await.unwrap();
    assert_eq!((passes(&documents, A), passes(&documents, B)), (Some(Units::new(120)), Some(Units::new(7))));
    let entry = documents.known(&id(A)).unwrap().entries.get(&AddOn::from_api_value("AppPass")).unwrap();
    assert_eq!(entry.when_exhausted.get(Switch::DrawFromTenant), Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_listed_twice_counts_only_if_both_agree() {
    let listed = |second: Value| async move {
        let list = value!([holding(A, 7), holding(B, 3), second]);
        let service = Service::new(move |_, _| json(200, &list));
        service.tenant().reader().documents().await.unwrap()
    };
    let same = listed(holding(&A.to_uppercase(), 7)).await;
    assert_eq!(passes(&same, A), Some(Units::new(7)));
    let differing = listed(holding(A, 8)).await;
    let why = differing.rows[&id(A)].as_ref().unwrap_err();
    assert_eq!(why.as_ref(), "the service states its allocations twice, and differently");
    assert_eq!(passes(&differing, B), Some(Units::new(3)));
}

#[tokio::test(start_paused = true)]
async fn a_row_of_an_unknown_environment_makes_the_listing_incomplete() {
    for (odd, why) in [
        (holding("7e0c0a7a", 7), "whose id `7e0c0a7a` is not an environment id"),
        (value!({ "environmentId": 7, "currencyAllocations": [] }), "whose id `7` is not text"),
        (value!({ "currencyAllocations": [] }), "whose id is missing in `{\"currencyAllocations\":[]}`"),
    ] {
        let list = value!([odd, holding(B, 3)]);
        let service = Service::new(move |_, _| json(200, &list));
        let documents = service.tenant().reader().documents().await.unwrap();
        let Listing::Incomplete(reason) = &documents.listing else { panic!("{why}") };
        assert!(reason.contains(why), "{reason} for {why}");
        assert_eq!(passes(&documents, B), Some(Units::new(3)));
    }
}

#[tokio::test(start_paused = true)]
async fn environments_are_read_row_by_row() {
    let rows = |rows: Value| async move {
        let service = Service::new(move |_, _| json(200, &value!({ "value": rows.clone() })));
        service.tenant().reader().environments().await.unwrap()
    };
    let row = |name: Value| value!({ "id": A, "displayName": name, "state": "Ready", "type": "Sandbox" });
    let listed = rows(value!([row(value!("HR")), row(value!("HR"))])).await;
    assert_eq!(listed.listing, Listing::Complete, "the same twice is fine");
    assert_eq!(listed.environments[&id(A)].state.known(), Some(&EnvironmentState::Ready));
    for names in [&["HR", "IT"][..], &["HR", "IT", "IT"], &["HR", "IT", "HR"]] {
        let listed = rows(names.iter().map(|name| row(value!(name))).collect()).await;
        assert!(listed.environments[&id(A)].state.unknown().is_some_and(|why| why.contains("twice, and differently")));
    }
    let listed = rows(value!([row(value!(5)), { "id": 7, "state": "Ready" }, null])).await;
    assert!(listed.environments[&id(A)].name.unknown().is_some());
    let Listing::Incomplete(why) = listed.listing else { panic!("{:?}", listed.listing) };
    assert_eq!(why.as_ref(), "the listing shows an environment whose id `7` is not text");
}

#[tokio::test(start_paused = true)]
async fn the_older_surface_is_asked_for_declared_environments_only() {
    let other = "cccccccc-0000-0000-0000-000000000003";
    let service = Service::new(move |line, _| match line {
        LIST => no_route(),
        ENVIRONMENTS => page(&[A, B, other], None),
        line if line.contains(A) => json(200, &holding(A, 7)),
        _ => text(404, r#"{"title":"Not Found","status":404}"#),
    });
    let reader = service.tenant().reader();
    let documents = reader.documents().await.unwrap();
    assert_eq!(passes(&documents, A), Some(Units::new(7)));
    assert!(documents.rows[&id(B)].as_ref().is_ok_and(|document| !document.exists()));
    assert!(documents.rows[&id(other)].is_err(), "an environment that was not read is unknown");
    reader.document(&id(A)).await.unwrap().unwrap();
    let lists = service.lines().iter().filter(|line| line.contains("allocationsByEnvironment")).count();
    assert_eq!(lists, 2, "a missing surface is called twice, and then not again: {:?}", service.lines());
}

#[tokio::test(start_paused = true)]
async fn one_answer_without_a_route_does_not_move_the_run_to_the_older_surface() {
    let service = Service::new(|line, times| match line.contains("allocationsByEnvironment") {
        true if times == 0 => no_route(),
        true => json(200, &value!([holding(A, 7)])),
        false => panic!("{line}"),
    });
    let reader = service.tenant().reader();
    assert_eq!(passes(&reader.documents().await.unwrap(), A), Some(Units::new(7)));
    assert!(reader.shows_switches());
}

#[tokio::test(start_paused = true)]
async fn a_missing_document_an_empty_403_and_a_denial_differ() {
    // The environment is listed as ready, and the surface has shown documents before.
    let read_when = |rows: &'static [&'static str], list: Reply, reply: fn() -> Reply| async move {
        let service = Service::new(move |line, _| match line {
            ENVIRONMENTS => page(rows, None),
            LIST => list.clone(),
            _ => reply(),
        });
        let reader = service.tenant().reader();
        let _ = futures::join!(reader.environments(), reader.documents());
        reader.document(&id(A)).await
    };
    let read = |reply| read_when(&[A], json(200, &value!([])), reply);
    for absent in [
        || text(404, r#"{"type":"t","title":"Not Found","status":404,"traceId":"00"}"#),
        || text(404, r#"{"status":404,"error":{"code":"EnvironmentAllocationNotFound"}}"#),
    ] as [fn() -> Reply; 2]
    {
        assert!(read(absent).await.unwrap().is_ok_and(|document| !document.exists()));
        assert!(read_when(&[B], json(200, &value!([])), absent).await.unwrap().is_err(), "not listed as ready");
        let refused = text(403, r#"{"code":"ForbiddenAccess"}"#);
        assert!(read_when(&[A], refused, absent).await.unwrap().is_err(), "the surface has shown nothing");
    }
    let proxy = read(|| text(404, "<html>Not Found</html>")).await.unwrap_err();
    assert_eq!(proxy.kind, ProviderErrorKind::Malformed, "a proxy proves nothing");
    assert!(read(|| text(403, "")).await.unwrap().is_err());
    let denied = read(|| text(403, r#"{"code":"ForbiddenAccess","message":"x"}"#)).await.unwrap_err();
    assert_eq!(denied.kind, ProviderErrorKind::Denied);
    assert_eq!(read(no_route).await.unwrap_err().kind, ProviderErrorKind::NotFound, "neither surface is there");
}

#[tokio::test(start_paused = true)]
async fn pages_are_followed_only_on_the_host_of_the_first() {
    const NEXT: &str = "https://api.powerplatform.com/environmentmanagement/environments?$skiptoken=2";
    let listing = |second: fn() -> Reply, next: &'static str| async move {
        let service = Service::new(move |line, _| if line == ENVIRONMENTS { page(&[A], Some(next)) } else { second() });
        let listed = service.tenant().reader().environments().await.unwrap();
        (listed.environments.len(), listed.listing, service.lines().len())
    };
    assert_eq!(listing(|| page(&[B], None), NEXT).await, (2, Listing::Complete, 2));
    let relative = "/environmentmanagement/environments?$skiptoken=2";
    assert_eq!(listing(|| page(&[B], None), relative).await, (2, Listing::Complete, 2));
    for (second, next, rows, why) in [
        ((|| page(&[B], None)) as fn() -> Reply, "https://evil.example.com/next", 1, "evil.example.com"),
        (|| page(&[B], None), "http://api.powerplatform.com/next", 1, "http://api.powerplatform.com"),
        (|| page(&[B], Some(NEXT)), NEXT, 2, "read already"),
        (|| text(200, r#"{"value":[{"id":"bbb"#), NEXT, 1, "breaks off after 1 rows"),
        (|| text(500, ""), NEXT, 1, "breaks off after 1 rows"),
        (|| Err(SendFault::NoResponse("reset".into())), NEXT, 1, "breaks off after 1 rows"),
    ] {
        let (found, listing, _) = listing(second, next).await;
        let Listing::Incomplete(why_incomplete) = listing else { panic!("{why}: {listing:?}") };
        assert!(why_incomplete.contains(why) && found == rows, "{found} rows, {why_incomplete}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_older_listing_is_the_fallback_for_the_newer_one() {
    let service = Service::new(|line, _| {
        if line == ENVIRONMENTS {
            return text(403, r#"{"code":"ForbiddenAccess","message":"x"}"#);
        }
        assert!(line.starts_with(
            "GET api.bap.microsoft.com/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?"
        ));
        json(200, &value!({ "value": [{ "name": A, "properties": { "displayName": "HR" } }] }))
    });
    let listed = service.tenant().reader().environments().await.unwrap();
    assert_eq!(listed.environments[&id(A)].name.known().map(AsRef::as_ref), Some("HR"));
    let service = Service::new(|_, _| text(403, r#"{"code":"ForbiddenAccess","message":"x"}"#));
    let error = service.tenant().reader().environments().await.unwrap_err();
    let expected = "the service does not know this application, in response to GET https://api.powerplatform.com/environmentmanagement/environments";
    assert_eq!(error.message, expected);
}

#[tokio::test(start_paused = true)]
async fn settings_and_totals_are_read() {
    let service = Service::new(|line, _| {
        if line.starts_with("POST api.bap.microsoft.com/providers/Microsoft.BusinessAppPlatform/listtenantsettings?") {
            return json(200, &value!({ "disableCapacityAllocationByEnvironmentAdmins": true, "more": {} }));
        }
        assert_eq!(
            line,
            "GET api.powerplatform.com/licensing/tenantCapacity/currencyReports\
             ?includeAllocations=true&includeConsumptions=true&api-version=2024-10-01"
        );
        json(200, &value!([{ "currencyType": "AppPass", "purchased": 60, "allocated": 45 }]))
    });
    let reader = service.tenant().reader();
    assert_eq!(reader.who_can_allocate().await.unwrap().known(), Some(&WhoCanAllocate::OnlySpecificAdmins));
    let totals = reader.totals().await.unwrap();
    assert_eq!(totals[&AddOn::from_api_value("AppPass")].purchased.known(), Some(&Units::new(60)));
}

#[tokio::test(start_paused = true)]
async fn a_byte_order_mark_and_other_letter_cases_are_understood() {
    let list = value!([{ "environmentId": A, "currencyAllocations": [{ "currencyType": "appPass", "allocated": 7 }] }]);
    let service = Service::new(move |line, _| {
        let reports = value!({ "value": [{ "currencyType": "APPPASS", "purchased": 60 }] });
        text(200, &format!("\u{feff}{}", if line.contains("currencyReports") { &reports } else { &list }))
    });
    let reader = service.tenant().reader();
    assert_eq!(passes(&reader.documents().await.unwrap(), A), Some(Units::new(7)));
    let totals = reader.totals().await.unwrap();
    assert_eq!(totals[&AddOn::from_api_value("AppPass")].purchased.known(), Some(&Units::new(60)));
}

#[tokio::test(start_paused = true)]
async fn every_form_of_a_missing_list_leads_to_the_older_surface() {
    for (status, body) in [
        (404, ""),
        (404, r#"{"Message":"No HTTP resource was found that matches the request URI 'x'."}"#),
        (405, ""),
        (410, ""),
        (400, r#"{"error":{"code":"UnsupportedApiVersion","message":"x"}}"#),
    ] {
        let service = Service::new(move |line, _| match line {
            LIST => text(status, body),
            ENVIRONMENTS => page(&[A, B], None),
            _ => json(200, &holding(if line.contains(A) { A } else { B }, 3)),
        });
        let documents = service.tenant().reader().documents().await.unwrap();
        assert_eq!(passes(&documents, A), Some(Units::new(3)), "{status} {body}");
    }
}

/// A proxy's page with 404 is no evidence that an environment holds nothing.
#[tokio::test(start_paused = true)]
async fn a_page_is_no_missing_document() {
    let service = Service::new(|_, _| text(404, "<html><title>Blocked</title></html>"));
    let error = service.tenant().reader().document(&id(A)).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Malformed);
    assert!(error.message.contains("titled \"Blocked\""), "{}", error.message);
}

#[tokio::test(start_paused = true)]
async fn a_listing_whose_pages_repeat_under_new_addresses_ends() {
    let service = Service::new(|line, times| {
        assert!(times < 9, "it is read for ever: {line}");
        let next =
            format!("https://api.powerplatform.com/environmentmanagement/environments?$skiptoken={}", line.len());
        json(200, &value!({ "value": [{ "id": A, "displayName": "A" }], "@odata.nextlink": next }))
    });
    let read = service.tenant().reader().environments().await.unwrap();
    let why = "the listing repeats a page that was read already";
    assert_eq!(read.listing, crate::model::observed::Listing::Incomplete(why.into()));
    assert!(service.lines().len() <= 3, "{:?}", service.lines());
}
