//! The login service for client credentials: tokens, and the discovery document that MSAL reads first (powerplatform-api.md 5).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form, Json};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::errors::{Answer, Refusal};
use super::guard::Called;
use super::state::Emulator;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const NO_ID: &str = "00000000-0000-0000-0000-000000000001";

/// `POST /{tenant}/oauth2/v2.0/token`, with a secret or a federated assertion. Answers 400 to a malformed request, 401 to a wrong or
/// missing credential.
pub async fn token(
    State(emulator): State<Arc<Emulator>>,
    Path(tenant): Path<String>,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Answer {
    let refuse = |status, error, code, text: &str| Ok(refused(&emulator, status, error, code, text));
    let bad = StatusCode::BAD_REQUEST;
    let Ok(Form(fields)) = form else {
        return refuse(bad, "invalid_request", 900_144, "The request body must be a form.");
    };
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|text| !text.is_empty());
    if field("grant_type") != Some("client_credentials") {
        return refuse(bad, "unsupported_grant_type", 70_003, "The grant type is not supported.");
    }
    if field("client_id").is_none() {
        return refuse(bad, "invalid_request", 900_144, "The request body must contain 'client_id'.");
    }
    if !field("scope").is_some_and(|scope| scope.ends_with("/.default")) {
        return refuse(bad, "invalid_scope", 70_011, "The provided value for 'scope' is not valid.");
    }
    let out = StatusCode::UNAUTHORIZED;
    let faults = emulator.faults();
    if let Some(code) = faults.login_error {
        let (status, error) =
            if matches!(code, 7_000_215 | 7_000_222) { (out, "invalid_client") } else { (bad, "invalid_request") };
        return refuse(status, error, code, &said(code, &tenant, field("client_id").unwrap_or_default()));
    }
    if let Some(scope) = field("scope").filter(|scope| faults.refused_scopes.contains(*scope)) {
        let resource = scope.trim_end_matches("/.default");
        let text = format!("The resource principal named '{resource}' was not found in the tenant named '{tenant}'.");
        return refuse(bad, "invalid_resource", 500_011, &text);
    }
    let asserted = field("client_assertion").is_some() && field("client_assertion_type") == Some(ASSERTION_TYPE);
    match (field("client_secret"), &emulator.options.client_secret) {
        (None, _) if asserted => {}
        (None, _) => {
            return refuse(out, "invalid_client", 7_000_216, "A client_assertion or client_secret is required.");
        }
        (Some(secret), Some(right)) if secret != right => {
            let text = said(7_000_215, &tenant, field("client_id").unwrap_or_default());
            return refuse(out, "invalid_client", 7_000_215, &text);
        }
        (Some(_), _) => {}
    }
    let lifetime = emulator.options.token_lifetime.as_secs();
    let issued = issue(&emulator, &tenant, lifetime);
    Ok(Json(json!({
        "token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": issued,
    }))
    .into_response())
}

fn issue(emulator: &Emulator, tenant: &str, lifetime: u64) -> String {
    let now = emulator.now();
    let until = SignedDuration::from_secs(i64::try_from(lifetime).unwrap_or(i64::MAX));
    let mut memory = emulator.memory();
    let token = format!("emulated.{tenant}.{}", memory.tokens.len() + 1);
    memory.tokens.insert(token.clone(), now.saturating_add(until).unwrap_or(now));
    token
}

/// The directory's own words for a code.
fn said(code: u32, tenant: &str, client: &str) -> String {
    match code {
        7_000_215 => format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
        ),
        7_000_222 => format!("The provided client secret keys for app '{client}' are expired."),
        90_002 => format!("Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."),
        700_016 => format!("Application with identifier '{client}' was not found in the directory '{tenant}'."),
        65_001 => format!("The user or administrator has not consented to use the application with ID '{client}'."),
        70_021 | 700_213 => "No matching federated identity record found for presented assertion.".to_owned(),
        700_024 => "Client assertion is not within its valid time range.".to_owned(),
        53_003 => "Access has been blocked by Conditional Access policies.".to_owned(),
        _ => "The request was refused.".to_owned(),
    }
}

/// A refusal as the directory writes it: line breaks in the description, and the escapes of its serializer.
fn refused(emulator: &Emulator, status: StatusCode, error: &str, code: u32, text: &str) -> Response {
    let timestamp = emulator.now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let body = json!({
        "error": error,
        "error_description": format!(
            "AADSTS{code}: {text}\r\nTrace ID: {NO_ID}\r\nCorrelation ID: {NO_ID}\r\nTimestamp: {timestamp}"
        ),
        "error_codes": [code],
        "timestamp": timestamp,
        "trace_id": NO_ID,
        "correlation_id": NO_ID,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    let escaped = body.to_string().replace('\'', "\\u0027");
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], escaped).into_response()
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub async fn openid_configuration(
    State(emulator): State<Arc<Emulator>>,
    Path(tenant): Path<String>,
    Extension(Called(host)): Extension<Called>,
) -> Json<Value> {
    let base = format!("{}://{host}/{tenant}", emulator.options.scheme);
    Json(json!({
        "issuer": format!("{base}/v2.0"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
    }))
}

/// Passes requests with a valid token, or answers 403 to them if `unregisteredApp` is on. Other requests get 401 without a body.
pub async fn demand_token(State(emulator): State<Arc<Emulator>>, request: Request, next: Next) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        authorization.and_then(|value| value.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
    let is_good = token.map(|(_, token)| token.trim()).is_some_and(|token| {
        let known = emulator.memory().tokens.get(token).copied();
        match known {
            Some(until) => emulator.now() < until,
            None => !token.is_empty() && !emulator.options.strict_auth,
        }
    });
    if !is_good {
        return Refusal::empty(StatusCode::UNAUTHORIZED).into_response();
    }
    if emulator.faults().unregistered_app {
        return Refusal::forbidden_access().into_response();
    }
    next.run(request).await
}
