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
    let refuse = |status, error, code, text| Err(refused(&emulator, status, error, code, text));
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
    let asserted = field("client_assertion").is_some() && field("client_assertion_type") == Some(ASSERTION_TYPE);
    match (field("client_secret"), &emulator.options.client_secret) {
        (None, _) if asserted => {}
        (None, _) => {
            return refuse(out, "invalid_client", 7_000_216, "A client_assertion or client_secret is required.");
        }
        (Some(secret), Some(right)) if secret != right => {
            return refuse(out, "invalid_client", 7_000_215, "Invalid client secret provided.");
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

fn refused(emulator: &Emulator, status: StatusCode, error: &str, code: u32, text: &str) -> Refusal {
    let timestamp = emulator.now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    Refusal::with(
        status,
        json!({
            "error": error,
            "error_description": format!("AADSTS{code}: {text} Trace ID: {NO_ID} Timestamp: {timestamp}"),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": NO_ID,
            "correlation_id": NO_ID,
        }),
    )
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

/// Passes requests with a valid token. Other requests get 401 without a body, and all get 403 if `unregisteredApp` is on.
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
