//! The report of owned, allocated and consumed units (powerplatform-api.md 1.3).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::errors::Answer;
use super::request::{BOTH, RequestQuery};
use super::state::Emulator;
use crate::model::observed::Reading;

/// `GET /licensing/tenantCapacity/currencyReports`: a bare array of the currencies that are owned or allocated. By default it contains
/// allocations and no consumption. This is inferred from the defaults of Microsoft's connector for the service.
pub async fn currency_reports(State(emulator): State<Arc<Emulator>>, Query(query): Query<RequestQuery>) -> Answer {
    query.version(BOTH)?;
    let allocations = query.switch("includeAllocations", true)?;
    let consumptions = query.switch("includeConsumptions", false)?;
    let mut rows: Vec<Value> = Vec::new();
    for (add_on, total) in emulator.reader.totals().await? {
        let purchased = total.purchased.known().copied();
        let allocated = total.allocated.known().copied().unwrap_or_default();
        if purchased.unwrap_or_default().is_zero() && allocated.is_zero() {
            continue;
        }
        let mut row = json!({ "currencyType": add_on.api_value() });
        if let Some(purchased) = purchased {
            row["purchased"] = json!(purchased.get());
        }
        if allocations {
            row["allocated"] = json!(allocated.get());
        }
        if let (true, Reading::Known { value, as_of }) = (consumptions, &total.consumed) {
            row["consumed"] = json!({ "unitsConsumed": value.get(), "lastUpdatedDay": as_of.to_string() });
        }
        rows.push(row);
    }
    Ok(Json(rows).into_response())
}
