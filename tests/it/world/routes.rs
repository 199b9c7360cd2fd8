//! The addresses of the service: what a request asks for, and the plain response, with rows lost, doubled, odd or stale as the weather
//! says.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::service::{Event, Inner, Logged, Service};
use super::tenant::{ADD_ONS, Place, Surface, Tenant, canonical, entries, entry, held, whole, written};
use super::weather::{Route, What, make_odd, rows};

/// What a request asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) route: Route,
    /// The environment in the path or in the body.
    pub(super) place: Option<usize>,
    /// The document of a write.
    pub(super) patch: Option<(Surface, Value)>,
    /// The surface is the oldest one, or the listing is the older one.
    is_old: bool,
    page: usize,
    setting: Option<bool>,
}

impl Asked {
    /// A plain reading.
    pub(super) fn plain(route: Route) -> Asked {
        Asked { route, place: None, patch: None, is_old: false, page: 0, setting: None }
    }
}

/// Reads a request.
pub(super) fn asked(service: &Service, request: &http::Request<Bytes>) -> Asked {
    let path: Vec<&str> = request.uri().path().split('/').filter(|part| !part.is_empty()).collect();
    let page = request.uri().query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("page="));
    let body: Value = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
    let nothing = Asked {
        route: Route::Nowhere,
        place: None,
        patch: None,
        is_old: false,
        page: page.and_then(|page| page.parse().ok()).unwrap_or(0),
        setting: None,
    };
    let (rules, inner) = (service.rules, service.lock());
    let place = |id: &str| inner.tenant.find(id);
    let write = |surface: Surface, id: &str| Asked {
        route: Route::Write,
        place: place(id),
        patch: canonical(surface, id, &body).map(|patch| (surface, patch)),
        is_old: surface == Surface::Oldest,
        ..nothing.clone()
    };
    let read = |route: Route| Asked { route, ..nothing.clone() };
    match (request.method(), path.as_slice()) {
        (&Method::GET, ["environmentmanagement", "environments"]) if rules.has_new_listing => read(Route::Environments),
        (&Method::GET, ["providers", _, "scopes", "admin", "environments"]) => {
            Asked { is_old: true, ..read(Route::Environments) }
        }
        (&Method::GET, ["licensing", "allocationsByEnvironment"]) if rules.has_middle => read(Route::Documents),
        (&Method::GET, ["licensing", "allocationsByEnvironment", id]) if rules.has_middle => {
            Asked { place: place(id), ..read(Route::Document) }
        }
        (&Method::PATCH, ["licensing", "allocationsByEnvironment"]) if rules.has_middle => {
            write(Surface::Middle, body["environmentId"].as_str().unwrap_or_default())
        }
        (&Method::PUT, ["licensing", "allocationsV2"]) if rules.has_newest => {
            write(Surface::Newest, body["scope"]["environmentId"].as_str().unwrap_or_default())
        }
        (&Method::GET, ["licensing", "environments", id, "allocations"]) => {
            Asked { place: place(id), is_old: true, ..read(Route::Document) }
        }
        (&Method::PATCH, ["licensing", "environments", id, "allocations"]) => write(Surface::Oldest, id),
        (&Method::GET, ["licensing", "environments", id, "entitlements"]) => {
            Asked { place: place(id), ..read(Route::Entitlements) }
        }
        (&Method::GET, ["licensing", "tenantCapacity", "currencyReports"]) => read(Route::Reports),
        (&Method::POST, ["providers", _, last]) if last.eq_ignore_ascii_case("listtenantsettings") => {
            read(Route::Settings)
        }
        (&Method::POST, ["providers", _, "scopes", "admin", "updateTenantSettings"]) => Asked {
            setting: body["disableCapacityAllocationByEnvironmentAdmins"].as_bool(),
            ..read(Route::WriteSetting)
        },
        _ => nothing,
    }
}

/// The response; a write takes its effect here.
pub(super) fn answer(service: &Arc<Service>, id: usize, asked: &Asked, hits: &[What]) -> (u16, Value) {
    let mut inner = service.lock();
    let now = service.elapsed();
    let stale = hits.iter().find_map(|what| match what {
        What::Stale { seconds } => Some(Duration::from_secs(u64::from(*seconds))),
        _ => None,
    });
    let shown = match stale {
        Some(ago) => inner.history.before(now, ago).clone(),
        None => inner.tenant.clone(),
    };
    match asked.route {
        Route::Nowhere => (404, json!({ "code": "RouteNotFound", "message": "No route matches this request." })),
        Route::Environments => environments(&shown, service, asked, hits),
        Route::Documents => {
            let mut all: Vec<Value> = shown.places.iter().filter_map(|place| place.document.clone()).collect();
            hits.iter().for_each(|what| rows(Route::Documents, &mut all, *what));
            (200, Value::Array(all))
        }
        Route::Document => document(&shown, asked, hits),
        Route::Reports => {
            let mut all = reports(&shown);
            hits.iter().for_each(|what| rows(Route::Reports, &mut all, *what));
            (200, Value::Array(all))
        }
        Route::Entitlements => match asked.place.map(|place| &shown.places[place]) {
            Some(place) if place.state != "gone" => {
                let mut all = entitlements(place);
                hits.iter().for_each(|what| rows(Route::Entitlements, &mut all, *what));
                (200, Value::Array(all))
            }
            _ => (403, Value::Null),
        },
        Route::Settings => {
            let mut row = settings(&shown);
            for what in hits {
                if let What::Odd(_, odd) = what {
                    make_odd(Route::Settings, &mut row, *odd);
                }
            }
            (200, row)
        }
        Route::WriteSetting => {
            let Some(setting) = asked.setting else { return (400, Value::Null) };
            inner.tenant.only_specific_admins = setting;
            let tenant = inner.tenant.clone();
            inner.log.push(Logged { at: now, event: Event::Effect { id, tenant } });
            (200, settings(&inner.tenant))
        }
        Route::Write => write(service, &mut inner, id, asked, now),
    }
}

/// The response to a write that takes its effect later; `None` if the request is no write.
pub(super) fn accepted(service: &Service, asked: &Asked) -> Option<(u16, Value)> {
    let inner = service.lock();
    let ((surface, patch), place) = (asked.patch.as_ref()?, asked.place?);
    if let Some(refused) = refusal(&inner.tenant, service, asked) {
        return Some(refused);
    }
    let before = inner.tenant.places[place].document.as_ref();
    Some(taken(*surface, written(service.rules.semantics, *surface, before, patch)))
}

/// The response of a surface that takes a write.
fn taken(surface: Surface, after: Value) -> (u16, Value) {
    match surface {
        Surface::Middle => (200, after),
        Surface::Oldest => (200, amounts(&after)),
        Surface::Newest => (200, json!({ "isErrorResult": false, "statusCode": 200 })),
    }
}

/// A write takes its effect, or is refused.
fn write(service: &Service, inner: &mut Inner, id: usize, asked: &Asked, now: Duration) -> (u16, Value) {
    let refused = refusal(&inner.tenant, service, asked);
    let write = asked.place.zip(asked.patch.as_ref()).filter(|_| refused.is_none());
    let Some((place, (surface, patch))) = write else {
        inner.log.push(Logged { at: now, event: Event::Void { id } });
        return refused.unwrap_or((400, Value::Null));
    };
    let before = inner.tenant.places[place].document.clone();
    let after = written(service.rules.semantics, *surface, before.as_ref(), patch);
    inner.tenant.places[place].document = Some(after.clone());
    let tenant = inner.tenant.clone();
    inner.history.note(now, &tenant);
    inner.log.push(Logged { at: now, event: Event::Effect { id, tenant } });
    taken(*surface, after)
}

/// Why a write is refused.
fn refusal(tenant: &Tenant, service: &Service, asked: &Asked) -> Option<(u16, Value)> {
    let bad = |message: &str| Some((400, json!({ "error": { "code": "BadRequest", "message": message } })));
    let Some((surface, patch)) = &asked.patch else { return bad("The body cannot be read.") };
    let Some(place) = asked.place.filter(|place| tenant.places[*place].state != "gone") else {
        return Some((403, Value::Null));
    };
    let fits = |entry: &Value| match &entry["allocated"] {
        Value::Null => entry.get("allocated").is_none(),
        amount => whole(amount).is_some_and(|units| units <= 2_147_483_647),
    };
    if !entries(patch).iter().all(fits) {
        return bad("An amount is no whole number.");
    }
    if let Some((by, add_on)) = service.rules.refuses
        && by == *surface
        && entry(patch, ADD_ONS[add_on].0).is_some()
    {
        return bad(&format!("Error converting value \"{}\" to type 'ExternalCurrencyType'.", ADD_ONS[add_on].0));
    }
    if service.rules.refuses_over_allocation {
        let mut after = tenant.clone();
        let document = written(service.rules.semantics, *surface, tenant.places[place].document.as_ref(), patch);
        after.places[place].document = Some(document);
        for pool in 0..super::tenant::POOLS.len() {
            let members = || (0..ADD_ONS.len()).filter(|add_on| ADD_ONS[*add_on].2 == pool);
            let sum = |tenant: &Tenant| members().map(|add_on| tenant.allocated(add_on)).sum::<u64>();
            let owned: u64 = members().filter_map(|add_on| tenant.purchased[add_on]).sum();
            if sum(&after) > owned.max(sum(tenant)) {
                return bad("There is not enough capacity.");
            }
        }
    }
    None
}

fn environments(shown: &Tenant, service: &Service, asked: &Asked, hits: &[What]) -> (u16, Value) {
    let listed: Vec<&Place> = shown.places.iter().filter(|place| place.is_listed).collect();
    let size = service.rules.page;
    let from = (asked.page * size).min(listed.len());
    let to = (from + size).min(listed.len());
    let mut page: Vec<Value> = listed[from..to].iter().map(|place| new_row(place)).collect();
    hits.iter().for_each(|what| rows(Route::Environments, &mut page, *what));
    let more = to < listed.len();
    let next = asked.page + 1;
    if asked.is_old {
        let mut body = json!({ "value": page.iter().map(old_row).collect::<Vec<_>>() });
        if more {
            body["nextLink"] = json!(format!(
                "https://127.0.0.1:1/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?page={next}"
            ));
        }
        return (200, body);
    }
    let mut body = json!({ "value": page });
    if more {
        body["@odata.nextlink"] = json!(format!("https://127.0.0.1:1/environmentmanagement/environments?page={next}"));
    }
    (200, body)
}

fn new_row(place: &Place) -> Value {
    let mut row = json!({ "id": place.id, "tenantId": "t", "displayName": place.name, "type": place.class,
        "state": place.state, "geo": "europe", "dataverseId": "6450637c-f9a8-4988-8cf7-b03723d51ab7" });
    if place.state == "Deleting" {
        row["deletedDateTime"] = json!("2026-11-24T09:00:00Z");
    }
    row
}

fn old_row(row: &Value) -> Value {
    json!({ "name": row["id"], "location": "europe", "properties": { "displayName": row["displayName"],
        "environmentSku": row["type"], "databaseType": "CommonDataService",
        "states": { "management": { "id": row["state"] } } } })
}

fn amounts(document: &Value) -> Value {
    let amount = |entry: &Value| json!({ "currencyType": entry["currencyType"], "allocated": entry["allocated"] });
    let all: Vec<Value> = entries(document).iter().map(amount).collect();
    json!({ "environmentId": document["environmentId"], "currencyAllocations": all })
}

fn document(shown: &Tenant, asked: &Asked, hits: &[What]) -> (u16, Value) {
    let Some(place) = asked.place.map(|place| &shown.places[place]).filter(|place| place.state != "gone") else {
        return (403, Value::Null);
    };
    let Some(document) = &place.document else {
        return match asked.is_old {
            true => (
                404,
                json!({ "type": "https://tools.ietf.org/html/rfc9110#section-15.5.5", "title": "Not Found",
                "status": 404, "traceId": "00-01" }),
            ),
            false => (404, json!({ "status": 404, "error": { "code": "EnvironmentAllocationNotFound" } })),
        };
    };
    let mut shown = if asked.is_old { amounts(document) } else { document.clone() };
    for what in hits {
        if let What::Odd(_, odd) = what {
            make_odd(Route::Document, &mut shown, *odd);
        }
    }
    (200, shown)
}

fn reports(shown: &Tenant) -> Vec<Value> {
    let row = |add_on: usize| {
        let (purchased, allocated) = (shown.purchased[add_on], shown.allocated(add_on));
        if purchased.is_none() && allocated == 0 {
            return None;
        }
        let consumed: u64 = shown.places.iter().filter_map(|place| place.consumed.get(&add_on)).sum();
        Some(json!({ "currencyType": ADD_ONS[add_on].0, "purchased": purchased.unwrap_or(0), "allocated": allocated,
            "consumed": { "unitsConsumed": consumed, "lastUpdatedDay": "2026-11-23T00:00:00Z" } }))
    };
    (0..ADD_ONS.len()).filter_map(row).collect()
}

fn entry_of(place: &Place, add_on: usize) -> bool {
    place.document.as_ref().is_some_and(|document| entry(document, ADD_ONS[add_on].0).is_some())
}

/// What is used of each add-on that the environment holds or uses.
fn entitlements(place: &Place) -> Vec<Value> {
    let row = |add_on: usize| {
        let is_held = entry_of(place, add_on);
        let consumed = place.consumed.get(&add_on).copied().or(is_held.then_some(0))?;
        let allocated = held(place.document.as_ref(), add_on);
        Some(json!({ "environmentId": place.id, "environmentName": place.name, "environmentType": place.class,
            "entitlementId": ADD_ONS[add_on].0,
            "entitlement": { "unit": "Count", "capacity": {
                "allocated": { "value": allocated, "autoAllocated": 0 },
                "consumed": { "value": consumed, "consumptionType": "Snapshot", "lastUpdatedOn": "2026-11-23T00:00:00Z" },
                "status": "WithinCapacity" } } }))
    };
    (0..ADD_ONS.len()).filter_map(row).collect()
}

fn settings(shown: &Tenant) -> Value {
    json!({ "walkMeOptOut": false,
        "disableCapacityAllocationByEnvironmentAdmins": shown.only_specific_admins,
        "powerPlatform": { "licensing": { "storageCapacityConsumptionWarningThreshold": 85 } } })
}
