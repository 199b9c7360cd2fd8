//! The routes for testers: the faults, and the counts of requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::errors::{Answer, Refusal};
use super::faults::Faults;
use super::request::body;
use super::state::Emulator;

/// `GET /emulator/faults`
pub async fn faults(State(emulator): State<Arc<Emulator>>) -> Json<Faults> {
    Json(emulator.faults().as_ref().clone())
}

/// `PUT /emulator/faults` replaces all faults. Answers 400 to an unknown fault or a value out of range.
pub async fn set_faults(State(emulator): State<Arc<Emulator>>, bytes: Bytes) -> Answer {
    let faults: Faults = body(&bytes)?;
    faults.check().map_err(|why| Refusal::bad_request(&why))?;
    emulator.behave(faults)?;
    Ok(Json(emulator.faults().as_ref().clone()).into_response())
}

/// `GET /emulator/requests`: the number of requests by method and route since the start or the last `DELETE`.
pub async fn requests(State(emulator): State<Arc<Emulator>>) -> Json<BTreeMap<String, u64>> {
    Json(emulator.memory().requests.clone())
}

/// `DELETE /emulator/requests` resets the counts.
pub async fn forget_requests(State(emulator): State<Arc<Emulator>>) -> StatusCode {
    emulator.memory().requests.clear();
    StatusCode::NO_CONTENT
}
