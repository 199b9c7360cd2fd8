//! The control interface for testers: the faults of the emulator, and the requests that it received.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::asked::body;
use super::errors::{Answer, Refusal};
use super::faults::Faults;
use super::state::Emulator;

/// `GET /emulator/faults`
pub async fn faults(State(emulator): State<Arc<Emulator>>) -> Json<Faults> {
    Json(emulator.faults().as_ref().clone())
}

/// `PUT /emulator/faults`: all of them anew; what is not mentioned does not happen.
///
/// # Errors
///
/// 400 for what is no fault or no rate.
pub async fn set_faults(State(emulator): State<Arc<Emulator>>, bytes: Bytes) -> Answer {
    let faults: Faults = body(&bytes)?;
    faults.check().map_err(|why| Refusal::bad_request(&why))?;
    emulator.behave(faults)?;
    Ok(Json(emulator.faults().as_ref().clone()).into_response())
}

/// `GET /emulator/requests`: how many by method and route, since the start or since they were last forgotten.
pub async fn requests(State(emulator): State<Arc<Emulator>>) -> Json<BTreeMap<String, u64>> {
    Json(emulator.memory().requests.clone())
}

/// `DELETE /emulator/requests`: forgets them.
pub async fn forget_requests(State(emulator): State<Arc<Emulator>>) -> StatusCode {
    emulator.memory().requests.clear();
    StatusCode::NO_CONTENT
}
