//! The newest surface, by scope and entitlement (powerplatform-api.md 2.2 and 2.3).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::{Answer, Refusal};
use super::faults::Surface;
use super::request::{CURRENT, RequestQuery, body};
use super::state::Emulator;
use crate::model::catalog::{AddOn, Reset};
use crate::model::observed::{ObservedEnvironment, Reading};
use crate::model::terms::Units;
use crate::provider::power_platform::wire::document::{RawDocument, RawEntry, units};
use crate::provider::power_platform::wire::entitlements::AllocationPut;
use crate::provider::power_platform::wire::environments::class_word;

/// `PUT /licensing/allocationsV2`. Merges or replaces as the other writes do, because the service's behaviour is not known. Answers 400
/// to an invalid scope or body, or with the tenant's refusal.
pub async fn put(State(emulator): State<Arc<Emulator>>, Query(query): Query<RequestQuery>, bytes: Bytes) -> Answer {
    query.version(CURRENT)?;
    match place(&emulator, &bytes).await {
        Ok(()) => Ok(Json(json!({ "isErrorResult": false, "statusCode": 200 })).into_response()),
        Err(refusal) if emulator.faults().error_results && !refusal.is_broken() => {
            let status = refusal.status().as_u16();
            Ok(Json(json!({ "isErrorResult": true, "statusCode": status })).into_response())
        }
        Err(refusal) => Err(refusal),
    }
}

async fn place(emulator: &Emulator, bytes: &Bytes) -> Result<(), Refusal> {
    let invalid = || Refusal::bad_request("Invalid scope or Allocations");
    let put: AllocationPut = body(bytes)?;
    // Every known example has an environment as its scope, alone or with the tenant.
    let elsewhere = put.scope.other.iter().any(|(name, value)| name != "tenantId" && !value.is_null());
    let id = put.scope.environment_id.filter(|id| !id.is_empty() && !elsewhere).ok_or_else(invalid)?;
    let mut written = RawDocument::new(id.as_str());
    let mut seen = BTreeSet::new();
    for entitlement in put.allocated_entitlements {
        let quantity = entitlement.allocation.and_then(|allocation| allocation.quantity);
        let amount = quantity
            .as_ref()
            .map(|quantity| units(quantity).filter(|units| *units <= Units::MAX_ALLOCATION).ok_or_else(invalid));
        if !seen.insert(entitlement.entitlement_id.clone()) {
            return Err(invalid());
        }
        written.currency_allocations.push(RawEntry {
            currency_type: entitlement.entitlement_id,
            allocated: amount.transpose()?.map(|units| units.get().into()),
            auto_allocated: None,
            enforcement_rules: entitlement.enforcement_rules,
            other: Map::new(),
        });
    }
    let environment = emulator.find(&id).await?;
    emulator.write(Surface::V2, environment, written).await.map(|_| ())
}

/// `GET /licensing/allocationsV2/availability`: the free units of the tenant for each entitlement in the filter. Answers 400 if the filter
/// lacks an environment.
pub async fn availability(State(emulator): State<Arc<Emulator>>, Query(query): Query<RequestQuery>) -> Answer {
    query.version(CURRENT)?;
    let filter = query.filter()?;
    let id = filter.values("environmentId").and_then(<[String]>::first);
    let id = id.ok_or_else(|| Refusal::bad_request("The filter names no environmentId."))?;
    let id = emulator.find(id).await?;
    let totals = emulator.reader.totals().await?;
    let known = |reading: &Reading<Units>| reading.known().copied().unwrap_or_default();
    let left = |add_on: &AddOn| {
        let members = add_on.pool().members();
        let of = |pick: fn(&crate::model::observed::ObservedTotal) -> &Reading<Units>| -> Units {
            members.iter().filter_map(|member| totals.get(member)).map(|total| known(pick(total))).sum()
        };
        of(|total| &total.purchased).remaining_after(of(|total| &total.allocated))
    };
    let names: Vec<String> = match filter.values("entitlementId") {
        Some(names) => names.to_vec(),
        None => totals.keys().map(|add_on| add_on.api_value().to_owned()).collect(),
    };
    let rows: Vec<Value> = names
        .iter()
        .map(|name| {
            let quantity = double(left(&AddOn::from_api_value(name)));
            json!({ "entitlementId": name, "availableQuantity": quantity, "unit": "Count" })
        })
        .collect();
    let scope = json!({ "environmentId": id.as_str() });
    Ok(Json(json!({ "scope": scope, "entitlementAllocationsAvailable": rows })).into_response())
}

/// `GET /licensing/allocationsV2/entitlements/reserved`: the allocated units of an environment, or of the tenant if the filter names none.
pub async fn reserved(State(emulator): State<Arc<Emulator>>, Query(query): Query<RequestQuery>) -> Answer {
    query.version(CURRENT)?;
    let filter = query.filter()?;
    let held: Vec<(String, Units)> = match filter.values("environmentId").and_then(<[String]>::first) {
        Some(id) => {
            let id = emulator.find(id).await?;
            let reading = emulator.reader.document(&id).await?;
            let Ok(document) = reading else { return Err(Refusal::unknown_environment()) };
            document
                .contents()
                .entries
                .iter()
                .map(|(add_on, entry)| (add_on.api_value().to_owned(), entry.units))
                .collect()
        }
        None => {
            let totals = emulator.reader.totals().await?;
            let held = |(add_on, total): (AddOn, crate::model::observed::ObservedTotal)| {
                Some((add_on.api_value().to_owned(), *total.allocated.known()?))
            };
            totals.into_iter().filter_map(held).collect()
        }
    };
    let wanted = filter.values("entitlementId");
    let rows: Vec<Value> = held
        .into_iter()
        .filter(|(name, _)| wanted.is_none_or(|wanted| wanted.contains(name)))
        .map(|(name, units)| json!({ "entitlementId": name, "reserved": { "quantity": double(units), "unit": "Count" } }))
        .collect();
    Ok(Json(rows).into_response())
}

/// `GET /licensing/environments/{id}/entitlements`: allocations and consumption of one environment. Answers 403 if licensing does not know
/// the environment. A service that has only the oldest surface lacks it.
pub async fn of_environment(
    State(emulator): State<Arc<Emulator>>,
    Path(id): Path<String>,
    Query(query): Query<RequestQuery>,
) -> Answer {
    query.version(CURRENT)?;
    let filter = query.filter()?;
    let id = emulator.find(&id).await?;
    let listed = emulator.reader.environments().await?.environments;
    let environment = listed.get(&id).ok_or_else(Refusal::unknown_environment)?;
    let document = match emulator.document(&id).await {
        Ok(document) => document,
        Err(refusal) if refusal.status() == StatusCode::NOT_FOUND => RawDocument::new(id.as_str()),
        Err(refusal) => return Err(refusal),
    };
    let held = document.currency_allocations.iter().map(|entry| entry.currency_type.as_str());
    let mut names: Vec<&str> = held.chain(environment.consumed.keys().map(AddOn::api_value)).collect();
    names.sort_unstable();
    names.dedup();
    let wanted = filter.values("entitlementId");
    let asked_for = |name: &&str| wanted.is_none_or(|wanted| wanted.iter().any(|wanted| wanted == name));
    let now = emulator.now();
    let rows: Vec<Value> =
        names.into_iter().filter(asked_for).map(|name| row(environment, document.entry(name), name, now)).collect();
    Ok(Json(rows).into_response())
}

fn row(environment: &ObservedEnvironment, entry: Option<&RawEntry>, name: &str, now: Timestamp) -> Value {
    let add_on = AddOn::from_api_value(name);
    let allocated = entry.and_then(|entry| entry.allocated.as_ref()).and_then(units).unwrap_or_default();
    let used = environment.consumed.get(&add_on);
    let value = used.and_then(Reading::known).copied().unwrap_or_default();
    let monthly = add_on.entry().is_some_and(|entry| entry.reset == Reset::Monthly);
    let mut capacity = json!({
        "allocated": { "value": double(allocated), "autoAllocated": 0.0 },
        "availableQuantity": double(allocated.remaining_after(value)),
        "status": if value > allocated { "Overage" } else { "WithinCapacity" },
        "enforcementRules": entry.and_then(|entry| entry.enforcement_rules.clone()).unwrap_or_default(),
    });
    // If the service meters the add-on, a missing count means that nothing is used.
    let counted_at = match used {
        Some(Reading::Known { as_of, .. }) => Some(*as_of),
        _ => add_on.entry().is_some_and(|entry| entry.metered).then_some(now),
    };
    if let Some(as_of) = counted_at {
        capacity["consumed"] = json!({
            "value": double(value),
            "consumptionType": if monthly { "MonthToDate" } else { "Snapshot" },
            "lastUpdatedOn": as_of.to_string(),
        });
    }
    let mut row = json!({
        "environmentId": environment.id.as_str(),
        "environmentName": environment.name.known().map_or("", AsRef::as_ref),
        "location": "europe",
        "isManagedEnvironment": false,
        "entitlementId": name,
        "productCategories": [],
        "entitlement": { "unit": "Count", "capacity": capacity },
    });
    if let Some(class) = environment.class.known() {
        row["environmentType"] = json!(class_word(*class));
    }
    row
}

/// The amount as this surface writes it: `5000.0`.
#[expect(clippy::cast_precision_loss, reason = "amounts stay below 2^53")]
fn double(units: Units) -> f64 {
    units.get() as f64
}
