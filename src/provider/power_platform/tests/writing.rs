//! Writes through the port.

use std::sync::Arc;

use litemap::LiteMap;
use serde_json::{Value, json as value};

use super::service::{A, B, Reply, Service, id, json, no_route, text};
use crate::model::catalog::AddOn;
use crate::model::document::{Entry, EnvironmentDocument, Switch};
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::Units;
use crate::net::transport::SendFault;
use crate::provider::port::{KnownDocument, Observe, Perform, ProviderError, ProviderErrorKind};
use crate::provider::power_platform::tenant::PowerPlatformTenant;
use crate::provider::power_platform::wire::document::RawDocument;

const MIDDLE: &str = "PATCH api.powerplatform.com/licensing/allocationsByEnvironment?api-version=2024-10-01";
const LOCKED: ProviderErrorKind = ProviderErrorKind::SwitchLocked(Switch::DrawFromTenant);
const NEWEST: &str = "PUT api.powerplatform.com/licensing/allocationsV2?api-version=2024-10-01";

/// The document of environment A, with fields that the model does not know.
fn held() -> Value {
    value!({ "environmentId": A, "etag": 7, "currencyAllocations": [
        { "currencyType": "MCSMessages", "allocated": 100, "autoAllocated": 0.0, "enforcementRules": [
            { "ruleType": "Throttle", "enabled": true }, { "ruleType": "TenantPool", "enabled": true }] },
        { "currencyType": "AppPass", "allocated": 7, "autoAllocated": 0.0, "enforcementRules": [] }] })
}

/// The same without rules.
fn plain() -> Value {
    let mut plain = held();
    for entry in plain["currencyAllocations"].as_array_mut().unwrap() {
        entry["enforcementRules"] = value!([]);
    }
    plain
}

fn wanted(entries: &[(&str, u64)]) -> EnvironmentDocument {
    changed(&held(), entries)
}

fn changed(held: &Value, entries: &[(&str, u64)]) -> EnvironmentDocument {
    let read: RawDocument = serde_json::from_value(held.clone()).unwrap();
    let mut document = read.read().unwrap();
    for (name, units) in entries {
        document.entries.entry(AddOn::from_api_value(name)).or_default().units = Units::new(*units);
    }
    document
}

/// Reads the environment, as the engine does before every write, and writes.
async fn write(service: &Arc<Service>, document: &EnvironmentDocument) -> Result<EnvironmentDocument, ProviderError> {
    let tenant = service.tenant();
    let before = listed(&tenant, A).await;
    written(&tenant, &before, document).await
}

/// Writes to A. Whenever the tenant asks for another read, reads A and writes again.
async fn written(
    tenant: &PowerPlatformTenant,
    before: &KnownDocument,
    document: &EnvironmentDocument,
) -> Result<EnvironmentDocument, ProviderError> {
    let mut before = before.clone();
    for _ in 0..3 {
        match tenant.writer().write_document(&id(A), &before, document).await {
            Err(error) if error.kind == ProviderErrorKind::ReadAgain => {
                before = match tenant.reader().document(&id(A)).await {
                    Ok(Ok(document)) => document,
                    _ => listed(tenant, A).await,
                };
            }
            ended => return ended,
        }
    }
    panic!("the tenant asks for another read again and again")
}

/// The document of an environment in the listing.
async fn listed(tenant: &PowerPlatformTenant, environment: &str) -> KnownDocument {
    let documents = tenant.reader().documents().await.unwrap();
    let row = documents.rows.get(&id(environment)).cloned();
    row.map_or_else(KnownDocument::proved_absent, |row| row.unwrap())
}

/// The requests that are no reads.
fn writes(service: &Service) -> Vec<String> {
    service.lines().into_iter().filter(|line| !line.starts_with("GET")).collect()
}

/// A service that lists the document of A, and answers writes as scripted.
fn service(writes: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Arc<Service> {
    Service::new(
        move |line, times| if line.starts_with("GET") { json(200, &value!([held()])) } else { writes(line, times) },
    )
}

#[tokio::test(start_paused = true)]
async fn the_complete_document_goes_out_in_one_request() {
    let mut expected = held();
    expected["currencyAllocations"][1]["allocated"] = value!(9);
    let answer = expected.clone();
    let service = service(move |_, _| json(200, &answer));
    let held_then = write(&service, &wanted(&[("AppPass", 9)])).await.unwrap();
    assert_eq!(held_then, wanted(&[("AppPass", 9)]));
    assert_eq!(writes(&service), [MIDDLE]);
    assert_eq!(service.bodies(), [expected]);
}

#[tokio::test(start_paused = true)]
async fn an_environment_without_a_document_gets_one() {
    let service = Service::new(|line, _| match line {
        line if line.starts_with("GET") => json(200, &value!([])),
        _ => json(
            200,
            &value!({ "environmentId": B, "currencyAllocations": [{ "currencyType": "AI", "allocated": 5 }] }),
        ),
    });
    let tenant = service.tenant();
    let before = listed(&tenant, B).await;
    let mut credits = Entry::of(Units::new(5));
    credits.when_exhausted.insert(Switch::DrawFromTenant, false);
    let document = EnvironmentDocument { entries: LiteMap::from_iter([(AddOn::from_api_value("AI"), credits)]) };
    let answer = tenant.writer().write_document(&id(B), &before, &document).await.unwrap();
    assert_eq!(answer.units(&AddOn::from_api_value("AI")), Units::new(5), "the answer is the service's document");
    let entry = value!({ "currencyType": "AI", "allocated": 5, "enforcementRules": [{ "ruleType": "TenantPool", "enabled": false }] });
    assert_eq!(service.bodies(), [value!({ "environmentId": B, "currencyAllocations": [entry] })]);
}

#[tokio::test(start_paused = true)]
async fn an_add_on_that_one_surface_refuses_goes_through_the_next_from_then_on() {
    let service = service(|line, _| match line {
        MIDDLE => {
            text(400, r#"{"error":{"code":"BadRequest","message":"Error converting value \"MCSMessages\" to type"}}"#)
        }
        _ => json(200, &value!({ "isErrorResult": false, "statusCode": 200 })),
    });
    let tenant = service.tenant();
    let before = listed(&tenant, A).await;
    for units in [200, 300] {
        let document = wanted(&[("MCSMessages", units)]);
        assert_eq!(written(&tenant, &before, &document).await.unwrap(), document);
    }
    assert_eq!(writes(&service), [MIDDLE, NEWEST, NEWEST], "the choice is remembered");
    let bodies = service.bodies();
    assert_eq!(bodies[1]["scope"], value!({ "environmentId": A }));
    assert_eq!(
        bodies[1]["allocatedEntitlements"][0],
        value!({ "entitlementId": "MCSMessages", "allocation": { "quantity": 200, "autoAllocated": 0.0 },
                 "enforcementRules": [{ "ruleType": "Throttle", "enabled": true }, { "ruleType": "TenantPool", "enabled": true }] })
    );
    assert_eq!(bodies[1]["allocatedEntitlements"][1]["entitlementId"], "AppPass", "the scope may be replaced");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_one_surface_refuses_does_not_go_to_the_next_before_another_read() {
    let service = service(|line, _| if line == MIDDLE { no_route() } else { json(200, &value!({})) });
    let tenant = service.tenant();
    let before = listed(&tenant, A).await;
    let error = tenant.writer().write_document(&id(A), &before, &wanted(&[("AppPass", 9)])).await.unwrap_err();
    assert_eq!((error.kind, service.lines().len()), (ProviderErrorKind::ReadAgain, 2));
}

#[tokio::test(start_paused = true)]
async fn the_oldest_surface_takes_amounts_but_no_rules() {
    let oldest = || {
        Service::new(|line, _| match line {
            line if line.contains("/environments/") && line.starts_with("PATCH") => json(
                200,
                &value!({ "environmentId": A, "currencyAllocations": [{ "currencyType": "AppPass", "allocated": 9 }] }),
            ),
            line if line.contains(&format!("/environments/{A}/allocations")) => json(
                200,
                &value!({ "environmentId": A, "currencyAllocations": [
                    { "currencyType": "AppPass", "allocated": 7 }, { "currencyType": "AI", "allocated": 1 }] }),
            ),
            _ => no_route(),
        })
    };
    let service = oldest();
    let tenant = service.tenant();
    let before = tenant.reader().document(&id(A)).await.unwrap().unwrap();
    let mut document = before.contents().clone();
    document.entries.get_mut(&AddOn::from_api_value("AppPass")).unwrap().units = Units::new(9);
    assert_eq!(written(&tenant, &before, &document).await.unwrap(), document, "the answer names one of two");
    let sent = service.bodies().pop().unwrap();
    assert_eq!(
        sent["currencyAllocations"],
        value!([
        { "currencyType": "AppPass", "allocated": 9 }, { "currencyType": "AI", "allocated": 1 }])
    );
    document.entries.get_mut(&AddOn::from_api_value("AI")).unwrap().when_exhausted.insert(Switch::Deny, true);
    let error = written(&tenant, &before, &document).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Conflict);
    assert!(error.message.contains("only the amount of AI Builder credits"), "{}", error.message);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_taken_effect_is_reported_as_unknown() {
    for (reply, kind) in [
        ((|| text(500, "")) as fn() -> Reply, ProviderErrorKind::OutcomeUnknown(None)),
        (|| text(504, "gateway"), ProviderErrorKind::OutcomeUnknown(None)),
        (|| Err(SendFault::NoResponse("reset".into())), ProviderErrorKind::OutcomeUnknown(None)),
        (|| text(200, "{"), ProviderErrorKind::OutcomeUnknown(None)),
        (|| Err(SendFault::NotSent("refused".into())), ProviderErrorKind::Unavailable),
        (|| Ok((429, Some("3"), String::new())), ProviderErrorKind::Throttled(Some(std::time::Duration::from_secs(3)))),
        (|| text(400, r#"{"error":{"code":"BadRequest","message":"Short."}}"#), ProviderErrorKind::Conflict),
        (|| text(400, r#"{"error":{"code":"TenantPoolLockedByPolicy"}}"#), LOCKED),
        (|| text(403, ""), ProviderErrorKind::Denied),
    ] {
        let service = service(move |_, _| reply());
        let error = write(&service, &wanted(&[("AppPass", 9)])).await.unwrap_err();
        assert_eq!(error.kind, kind, "{}", error.message);
        assert_eq!(service.lines().len(), 2, "a write is not sent again by itself");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_add_on_that_a_surface_refuses_does_not_stop_the_write() {
    // Only the passes change, but the surface refuses the credits that the environment also holds.
    let service = Service::with_bodies(|line, _, body| match line {
        _ if line.starts_with("GET") => json(200, &value!([held()])),
        MIDDLE if body.to_string().contains("MCSMessages") => {
            text(400, r#"{"message":"Error converting value \"MCSMessages\" to type"}"#)
        }
        _ => json(200, &value!({ "isErrorResult": false })),
    });
    let document = wanted(&[("AppPass", 9)]);
    assert_eq!(write(&service, &document).await.unwrap(), document);
    assert_eq!(writes(&service), [MIDDLE, NEWEST], "one surface takes all of the document");
    let put = service.bodies().pop().unwrap();
    assert_eq!(put["allocatedEntitlements"].as_array().unwrap().len(), 2, "and gets all of it");
}

/// A service with the first surface only, which refuses a body with Copilot Credits.
fn without_credits(line: &str, body: &Value) -> Reply {
    match line {
        _ if line.starts_with("GET") => json(200, &value!([plain()])),
        MIDDLE if body.to_string().contains("MCSMessages") => {
            text(400, r#"{"message":"Error converting value \"MCSMessages\" to type"}"#)
        }
        MIDDLE => json(200, body),
        _ => no_route(),
    }
}

#[tokio::test(start_paused = true)]
async fn no_write_leaves_out_what_the_environment_holds() {
    let service = Service::with_bodies(|line, _, body| without_credits(line, body));
    let error = write(&service, &changed(&plain(), &[("AppPass", 9)])).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Conflict);
    assert_eq!(
        error.message,
        "the service accepts no allocations of Copilot Credits, which the environment holds; a write without them could erase them"
    );
    for body in service.bodies() {
        assert!(body.to_string().contains("MCSMessages"), "a write is complete: {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn surfaces_that_each_refuse_another_add_on_get_no_part_of_the_document() {
    let service = Service::with_bodies(|line, _, body| match line {
        NEWEST => text(400, r#"{"message":"Error converting value \"AppPass\" to type"}"#),
        _ => without_credits(line, body),
    });
    let error = write(&service, &changed(&plain(), &[("AppPass", 9), ("MCSMessages", 200)])).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Conflict);
    assert_eq!(error.message, "the service does not accept all add-ons of this environment in one write");
    let oldest = format!("PATCH api.powerplatform.com/licensing/environments/{A}/allocations?api-version=2024-10-01");
    assert_eq!(writes(&service), [MIDDLE, NEWEST, &oldest]);
}

#[tokio::test(start_paused = true)]
async fn a_remembered_document_does_not_suppress_a_write() {
    // The caller has read the document anew; the remembered one may be older.
    let service = service(|_, _| json(200, &held()));
    write(&service, &wanted(&[])).await.unwrap();
    assert_eq!(writes(&service), [MIDDLE]);
}

#[tokio::test(start_paused = true)]
async fn an_error_with_a_good_status_is_no_success() {
    let service = service(|line, _| match line {
        MIDDLE => no_route(),
        _ => json(200, &value!({ "isErrorResult": true, "statusCode": 500 })),
    });
    let error = write(&service, &wanted(&[("AppPass", 9)])).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::OutcomeUnknown(None));
    assert_eq!(error.message, "the service reports that the write failed (500)");
}

#[tokio::test(start_paused = true)]
async fn an_add_on_that_no_surface_takes_is_reported() {
    let service = Service::new(|line, _| match line.starts_with("GET") {
        true => json(200, &value!([plain()])),
        false => text(400, "Error converting value \"AppPass\" to type"),
    });
    let error = write(&service, &changed(&plain(), &[("AppPass", 9)])).await.unwrap_err();
    assert_eq!(error.kind, ProviderErrorKind::Conflict);
    assert_eq!(error.message, "the service accepts no allocations of App passes");
}

#[tokio::test(start_paused = true)]
async fn no_write_through_the_older_interface_leaves_out_what_was_read() {
    let of = |entry: Value| value!({ "environmentId": A, "currencyAllocations": [entry] });
    let passes = |more: Value| {
        let mut entry = value!({ "currencyType": "AppPass", "allocated": 7 });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        of(entry)
    };
    for (held, is_sent) in [
        (passes(value!({})), true),
        (passes(value!({ "autoAllocated": 0.0, "enforcementRules": [] })), true),
        (passes(value!({ "autoAllocated": 4 })), false),
        (passes(value!({ "enforcementRules": [{ "ruleType": "Throttle", "enabled": true }] })), false),
        (passes(value!({ "tag": 1 })), false),
    ] {
        let listing = held.clone();
        let service = Service::with_bodies(move |line, _, body| match line {
            _ if line.starts_with("GET") => json(200, &value!([listing])),
            _ if line.contains("/environments/") => json(200, body),
            _ => no_route(),
        });
        let written = write(&service, &changed(&held, &[("AppPass", 9)])).await;
        assert_eq!(written.is_ok(), is_sent, "{held}: {written:?}");
        assert_eq!(writes(&service).len(), if is_sent { 3 } else { 2 });
        assert!(written.err().is_none_or(|error| error.message.contains("could erase")));
    }
}

#[tokio::test(start_paused = true)]
async fn the_setting_goes_out_alone() {
    let service = service(|_, _| json(200, &value!({ "disableCapacityAllocationByEnvironmentAdmins": true })));
    service.tenant().writer().write_who_can_allocate(WhoCanAllocate::OnlySpecificAdmins).await.unwrap();
    assert_eq!(service.bodies(), [value!({ "disableCapacityAllocationByEnvironmentAdmins": true })]);
    let line = "POST api.bap.microsoft.com/providers/Microsoft.BusinessAppPlatform/scopes/admin/updateTenantSettings?api-version=2020-10-01";
    assert_eq!(service.lines(), [line]);
}

#[tokio::test(start_paused = true)]
async fn an_add_on_that_a_validation_refuses_goes_through_the_next_surface() {
    let refusal = r#"{"errors":{"currencyAllocations[1].currencyType":["Error converting value \"AppPass\" to type 'ExternalCurrencyType'. Path 'currencyAllocations[1].currencyType'."]},"title":"One or more validation errors occurred.","status":400}"#;
    let service = service(move |line, _| match line {
        MIDDLE => text(400, refusal),
        _ => json(200, &value!({ "isErrorResult": false })),
    });
    assert_eq!(write(&service, &wanted(&[("AppPass", 9)])).await.unwrap(), wanted(&[("AppPass", 9)]));
    assert_eq!(writes(&service), [MIDDLE, NEWEST]);
}

#[tokio::test(start_paused = true)]
async fn a_locked_switch_is_left_out_of_every_entry_and_everything_else_goes_out() {
    let service = service(|_, _| json(200, &held()));
    let tenant = service.tenant();
    let before = listed(&tenant, A).await;
    let document = wanted(&[("AppPass", 9)]);
    let writer = tenant.writer();
    writer.write_document_without(Switch::DrawFromTenant, &id(A), &before, &document).await.unwrap();
    let mut expected = held();
    expected["currencyAllocations"][1]["allocated"] = value!(9);
    expected["currencyAllocations"][0]["enforcementRules"] = value!([{ "ruleType": "Throttle", "enabled": true }]);
    assert_eq!(service.bodies().pop().unwrap(), expected);
}
