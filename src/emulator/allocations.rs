//! The two surfaces for documents: the older one, with amounts only, and the newer one, with rules (powerplatform-api.md 1.1 and 2.1).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::documents::amount;
use super::errors::{Answer, Refusal};
use super::faults::Surface;
use super::request::{BOTH, CURRENT, RequestQuery, body};
use super::state::Emulator;
use crate::provider::power_platform::wire::document::{RawDocument, RawEntry};

/// `GET /licensing/environments/{id}/allocations`. Answers 404 if there is no document, 403 if licensing does not know the environment.
pub async fn read_old(
    State(emulator): State<Arc<Emulator>>,
    Path(id): Path<String>,
    Query(query): Query<RequestQuery>,
) -> Answer {
    query.version(BOTH)?;
    let id = emulator.find(&id).await?;
    let document = emulator.document(&id).await?;
    Ok(Json(document.amounts_only()).into_response())
}

/// `PATCH /licensing/environments/{id}/allocations`. The environment in the body, which Microsoft's samples send, is optional and ignored.
/// Answers 400 to an invalid body, or with the tenant's refusal.
pub async fn write_old(
    State(emulator): State<Arc<Emulator>>,
    Path(id): Path<String>,
    Query(query): Query<RequestQuery>,
    bytes: Bytes,
) -> Answer {
    query.version(BOTH)?;
    let mut sent: Value = body(&bytes)?;
    let fields = sent.as_object_mut().ok_or_else(|| Refusal::bad_request("The body is not an object."))?;
    if !fields.contains_key("currencyAllocations") {
        return Err(Refusal::bad_request("The CurrencyAllocations field is required."));
    }
    fields.insert("environmentId".to_owned(), json!(id));
    // The sample in Microsoft's tutorial has wrong quotes. With the quotes fixed, it still sends the list as a string, which
    // `checked` refuses.
    let written = checked(sent)?;
    let environment = emulator.find(&id).await?;
    // The older surface has only amounts. It accepts other fields of an entry and drops them.
    let entry = |entry: RawEntry| RawEntry { enforcement_rules: None, other: serde_json::Map::new(), ..entry };
    let written = RawDocument {
        currency_allocations: written.currency_allocations.into_iter().map(entry).collect(),
        ..RawDocument::new(environment.as_str())
    };
    let after = emulator.write(Surface::Old, environment, written).await?;
    Ok(Json(after.amounts_only()).into_response())
}

/// `GET /licensing/allocationsByEnvironment`: a bare array of all documents.
pub async fn list(State(emulator): State<Arc<Emulator>>, Query(query): Query<RequestQuery>) -> Answer {
    query.version(CURRENT)?;
    let documents = emulator.documents().await?.into_values();
    let lost = emulator.faults().short_pages_rate;
    let rows: Vec<RawDocument> = documents.filter(|_| !emulator.happens(lost)).collect();
    Ok(Json(rows).into_response())
}

/// `GET /licensing/allocationsByEnvironment/{id}`. Answers 404 if there is no document, 403 if licensing does not know the environment.
pub async fn read(
    State(emulator): State<Arc<Emulator>>,
    Path(id): Path<String>,
    Query(query): Query<RequestQuery>,
) -> Answer {
    query.version(CURRENT)?;
    let id = emulator.find(&id).await?;
    Ok(Json(emulator.document(&id).await?).into_response())
}

/// `PATCH /licensing/allocationsByEnvironment` takes one document. Answers 400 to an invalid body, or with the tenant's refusal. One source
/// reports that an array gets 400.
pub async fn write(State(emulator): State<Arc<Emulator>>, Query(query): Query<RequestQuery>, bytes: Bytes) -> Answer {
    query.version(CURRENT)?;
    let sent: Value = body(&bytes)?;
    if sent.is_array() {
        return Err(Refusal::bad_request("The body is one object, not an array."));
    }
    let written = checked(sent)?;
    let environment = emulator.find(&written.environment_id).await?;
    let after = emulator.write(Surface::New, environment, written).await?;
    Ok(Json(after).into_response())
}

/// Parses a document with valid amounts and without duplicate currencies.
fn checked(sent: Value) -> Result<RawDocument, Refusal> {
    let document: RawDocument = serde_json::from_value(sent)
        .map_err(|error| Refusal::bad_request(&format!("The body cannot be read: {error}.")))?;
    let mut seen = BTreeSet::new();
    for (at, entry) in document.currency_allocations.iter().enumerate() {
        if !seen.insert(entry.currency_type.as_str()) {
            return Err(Refusal::bad_request(&format!("{} is stated twice.", entry.currency_type)));
        }
        if let Some(number) = &entry.allocated {
            amount(number, at)?;
        }
    }
    Ok(document)
}
