//! The tenant's settings (powerplatform-api.md 4).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::errors::{Answer, Refusal};
use super::request::{ADMIN, RequestQuery, body};
use super::state::Emulator;
use crate::model::observed::Reading;
use crate::model::roles::{Role, WhoCanAllocate};
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// The key of `whoCanAllocate`, at the top level, not under `powerPlatform.licensing`.
const WHO_CAN_ALLOCATE: &str = "disableCapacityAllocationByEnvironmentAdmins";

/// `POST /providers/Microsoft.BusinessAppPlatform/listtenantsettings` in any case, because clients differ. Answers 404 to other operations.
pub async fn operation(
    State(emulator): State<Arc<Emulator>>,
    Path(operation): Path<String>,
    Query(query): Query<RequestQuery>,
) -> Answer {
    if !operation.eq_ignore_ascii_case("listtenantsettings") {
        return Err(Refusal::route_not_found());
    }
    query.version(ADMIN)?;
    Ok(Json(whole(&emulator).await?).into_response())
}

/// `POST /providers/Microsoft.BusinessAppPlatform/scopes/admin/updateTenantSettings` takes the changed settings and returns all of them.
/// Answers 403 to environment admins.
pub async fn update(State(emulator): State<Arc<Emulator>>, Query(query): Query<RequestQuery>, bytes: Bytes) -> Answer {
    query.version(ADMIN)?;
    let mut changes: Value = body(&bytes)?;
    let fields = changes.as_object_mut().ok_or_else(|| Refusal::bad_request("The body is not an object."))?;
    let caller = emulator.reader.caller().await?;
    if caller.role.known() == Some(&Role::EnvironmentAdmin) {
        let message = "The caller may not change tenant settings.";
        return Err(ProviderError::new(ProviderErrorKind::Denied, message).into());
    }
    match fields.remove(WHO_CAN_ALLOCATE) {
        None | Some(Value::Null) => {}
        Some(Value::Bool(true)) => emulator.writer.write_who_can_allocate(WhoCanAllocate::OnlySpecificAdmins).await?,
        Some(Value::Bool(false)) => emulator.writer.write_who_can_allocate(WhoCanAllocate::EnvironmentAdmins).await?,
        Some(_) => return Err(Refusal::bad_request(&format!("{WHO_CAN_ALLOCATE} is either true or false."))),
    }
    merge(&mut emulator.memory().settings, changes);
    Ok(Json(whole(&emulator).await?).into_response())
}

async fn whole(emulator: &Emulator) -> Result<Value, Refusal> {
    let who = emulator.reader.who_can_allocate().await?;
    let mut settings = emulator.memory().settings.clone();
    if let Reading::Known { value, .. } = who {
        settings[WHO_CAN_ALLOCATE] = json!(value == WhoCanAllocate::OnlySpecificAdmins);
    }
    Ok(settings)
}

/// Merges objects recursively and replaces all other values.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                merge(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}
