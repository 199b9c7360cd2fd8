//! The two listings of environments: the newer one, and the older one of the admin center (powerplatform-api.md 3.1 and 3.2).

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::errors::{Answer, Refusal};
use super::faults::RepeatedPage;
use super::guard::Called;
use super::request::{ADMIN, CURRENT, RequestQuery};
use super::state::Emulator;
use crate::model::observed::ObservedEnvironment;
use crate::model::terms::EnvironmentId;
use crate::provider::power_platform::wire::environments::{class_word, state_word};

/// The parameter for the beginning of a page, opaque to clients.
const SKIP_TOKEN: &str = "$skiptoken";

/// `GET /environmentmanagement/environments`. Answers 403 if the fault `refuseEnvironmentListing` is on.
pub async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(query): Query<RequestQuery>,
    uri: Uri,
    Extension(called): Extension<Called>,
) -> Answer {
    query.version(CURRENT)?;
    if emulator.faults().refuse_environment_listing {
        return Err(Refusal::forbidden_access());
    }
    let filter = query.filter()?;
    let ids: Option<Vec<&str>> = query.get("ids").map(|ids| ids.split(',').collect());
    let (tenant, environments) = seen(&emulator).await?;
    let wanted = |environment: &ObservedEnvironment| {
        ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id.eq_ignore_ascii_case(environment.id.as_str())))
    };
    let rows: Vec<Value> = environments
        .iter()
        .filter(|environment| wanted(environment))
        .map(|environment| newer_row(environment, &tenant))
        .filter(|row| filter.passes(|field| field_of(row, field)))
        .collect();
    let skipped = query.count("$skip")?.unwrap_or(0);
    let end = query.count("$top")?.map_or(rows.len(), |top| rows.len().min(skipped.saturating_add(top)));
    let page = PageBounds { skipped, end, size: emulator.options.page_size };
    page.answer(&emulator, &query, rows, "@odata.nextlink", |from| address(&emulator, &called, &uri, from))
}

/// `GET /providers/Microsoft.BusinessAppPlatform/scopes/admin/environments`
pub async fn list_for_admins(
    State(emulator): State<Arc<Emulator>>,
    Query(query): Query<RequestQuery>,
    uri: Uri,
    Extension(called): Extension<Called>,
) -> Answer {
    query.version(ADMIN)?;
    let (_, environments) = seen(&emulator).await?;
    let holdings = emulator.reader.documents().await?;
    let rows: Vec<Value> = environments
        .iter()
        .map(|environment| {
            let held = holdings.known(&environment.id);
            let addons: Vec<Value> = held
                .into_iter()
                .flat_map(|document| &document.entries)
                .map(|(add_on, entry)| {
                    json!({ "addonType": add_on.api_value(), "allocated": entry.units.get(), "addonUnit": "Unit" })
                })
                .collect();
            older_row(environment, &addons)
        })
        .collect();
    let size = query.count("$top")?.map_or(emulator.options.page_size, |top| top.min(emulator.options.page_size));
    let page = PageBounds { skipped: 0, end: rows.len(), size };
    page.answer(&emulator, &query, rows, "nextLink", |from| address(&emulator, &called, &uri, from))
}

/// The tenant's id, and the environments that the caller can see.
async fn seen(emulator: &Emulator) -> Result<(String, Vec<Box<ObservedEnvironment>>), Refusal> {
    let environments = emulator.reader.environments().await?.environments;
    let tenant = emulator.tenant_id(environments.keys());
    let hidden = &emulator.faults().hidden_environments;
    let environments = environments.into_values().filter(|environment| !hidden.contains(&environment.id)).collect();
    Ok((tenant, environments))
}

/// The bounds of a listing, and the size of its pages.
struct PageBounds {
    skipped: usize,
    end: usize,
    size: usize,
}

impl PageBounds {
    /// The rows of the page, and the address of the next page under its key.
    fn answer(
        &self,
        emulator: &Emulator,
        query: &RequestQuery,
        rows: Vec<Value>,
        next_key: &str,
        address: impl Fn(usize) -> String,
    ) -> Answer {
        let faults = emulator.faults();
        let token = query.count(SKIP_TOKEN)?;
        let from = token.unwrap_or(self.skipped);
        let to = from.saturating_add(self.size.max(1)).min(self.end);
        let next = match faults.repeated_page {
            RepeatedPage::Endless => Some(from),
            RepeatedPage::Once if token.is_none() => Some(from),
            RepeatedPage::None | RepeatedPage::Once => (to < self.end).then_some(to),
        };
        let on_page = rows.into_iter().take(to).skip(from);
        let kept: Vec<Value> = on_page.filter(|_| !emulator.happens(faults.short_pages_rate)).collect();
        let mut answer = json!({ "value": kept });
        if let Some(next) = next {
            answer[next_key] = json!(address(next));
        }
        Ok(Json(answer).into_response())
    }
}

/// The absolute address of a page, on the host of the request, because clients follow no other host.
fn address(emulator: &Emulator, Called(host): &Called, uri: &Uri, from: usize) -> String {
    let is_token = |pair: &&str| pair.starts_with(SKIP_TOKEN) || pair.starts_with("%24skiptoken");
    let kept: Vec<&str> = uri.query().unwrap_or_default().split('&').filter(|pair| !is_token(pair)).collect();
    format!("{}://{host}{}?{}&%24skiptoken={from}", emulator.options.scheme, uri.path(), kept.join("&"))
}

fn newer_row(environment: &ObservedEnvironment, tenant: &str) -> Value {
    let mut row = json!({
        "id": environment.id.as_str(),
        "tenantId": tenant,
        "geo": "europe",
        "azureRegion": "westeurope",
        "protectionLevel": "Basic",
        "adminMode": "Disabled",
    });
    let mut set = |field: &str, value: Option<String>| {
        if let Some(value) = value {
            row[field] = json!(value);
        }
    };
    set("displayName", environment.name.known().map(ToString::to_string));
    set("type", environment.class.known().map(|class| class_word(*class).to_owned()));
    set("state", environment.state.known().map(|state| state_word(state).to_owned()));
    set("securityGroupId", environment.security_group.known().map(ToString::to_string));
    if environment.dataverse.known() == Some(&true) {
        set("dataverseId", Some(database_of(&environment.id)));
    }
    row
}

fn older_row(environment: &ObservedEnvironment, addons: &[Value]) -> Value {
    let id = environment.id.as_str();
    let has_dataverse = environment.dataverse.known() == Some(&true);
    let mut properties = json!({
        "displayName": environment.name.known().map_or("", AsRef::as_ref),
        "isDefault": environment.id.is_default(),
        "azureRegion": "westeurope",
        "databaseType": if has_dataverse { "CommonDataService" } else { "None" },
        "provisioningState": "Succeeded",
        "addons": addons,
    });
    if let Some(class) = environment.class.known() {
        properties["environmentSku"] = json!(class_word(*class));
    }
    if let Some(state) = environment.state.known() {
        properties["states"] = json!({ "management": { "id": state_word(state) }, "runtime": { "id": "Enabled" } });
    }
    if has_dataverse {
        let mut linked = json!({ "resourceId": database_of(&environment.id) });
        if let Some(group) = environment.security_group.known() {
            linked["securityGroupId"] = json!(group.as_ref());
        }
        properties["linkedEnvironmentMetadata"] = linked;
    }
    json!({
        "id": format!("/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments/{id}"),
        "type": "Microsoft.BusinessAppPlatform/scopes/environments",
        "name": id,
        "location": "europe",
        "properties": properties,
    })
}

/// An invented id of the environment's database, because the tenant only keeps whether there is one.
fn database_of(id: &EnvironmentId) -> String {
    let text = id.as_str();
    text.split_once('-').filter(|_| id.is_default()).map_or(text, |(_, guid)| guid).to_owned()
}

fn field_of(row: &Value, field: &str) -> Option<String> {
    let fields = row.as_object()?;
    let (_, value) = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(field))?;
    value.as_str().map(str::to_owned)
}
