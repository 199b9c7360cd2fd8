//! GitHub: comments of issue 12 of contoso/capacity over REST, their authors over GraphQL.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{ME, PAGE, Shared, add, admitted, bearer, refused, text, wait_for_another};

pub(super) fn router() -> Router<Shared> {
    let at = "/api/v3/repos/contoso/capacity";
    Router::new()
        .route(&format!("{at}/pulls/12"), get(pull_request))
        .route(&format!("{at}/commits/{{commit}}/pulls"), get(of_commit))
        .route(&format!("{at}/issues/12/comments"), post(create))
        .route(&format!("{at}/statuses/{{commit}}"), post(status))
        .route("/api/graphql", post(graphql))
        .fallback(|| async { refused(StatusCode::NOT_FOUND, "Not Found") })
}

fn met(state: &Shared, headers: &HeaderMap, call: &str, writes: bool) -> Result<(), Response> {
    if headers.get("user-agent").is_none() {
        return Err(refused(StatusCode::FORBIDDEN, "Request forbidden by administrative rules."));
    }
    if headers.get("x-github-api-version").is_none_or(|version| version != "2022-11-28") {
        return Err(refused(StatusCode::BAD_REQUEST, "an unknown version"));
    }
    admitted(state, bearer(headers), call.to_owned(), writes)
}

fn row(state: &Shared) -> Value {
    let state = state.lock().expect("the lock is not poisoned");
    let head = if state.is_fork { "stranger/capacity" } else { "contoso/capacity" };
    json!({
        "number": 12,
        "locked": state.is_locked,
        "head": { "sha": state.head, "repo": { "full_name": head, "archived": false } },
        "base": { "repo": { "full_name": "contoso/capacity", "archived": state.is_archived } },
        "merge_commit_sha": "merged",
        "merged_at": "2026-11-24T09:00:00Z",
    })
}

async fn pull_request(State(state): State<Shared>, headers: HeaderMap) -> Result<Json<Value>, Response> {
    met(&state, &headers, "pull request", false)?;
    Ok(Json(row(&state)))
}

async fn of_commit(
    State(state): State<Shared>,
    headers: HeaderMap,
    Path(commit): Path<String>,
) -> Result<Json<Value>, Response> {
    met(&state, &headers, "of commit", false)?;
    Ok(Json(if commit == "merged" { json!([row(&state)]) } else { json!([]) }))
}

fn checked(body: &Value) -> Result<&str, Response> {
    let body = text(body, "body");
    let too_long = "Body is too long (maximum is 65536 characters)";
    match body.chars().count() {
        1..=65_536 => Ok(body),
        0 => Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "Body cannot be blank")),
        _ => {
            let errors =
                json!([{ "resource": "IssueComment", "code": "unprocessable", "field": "data", "message": too_long }]);
            let told = json!({ "message": "Validation Failed", "errors": errors });
            Err((StatusCode::UNPROCESSABLE_ENTITY, Json(told)).into_response())
        }
    }
}

async fn create(
    State(state): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<(StatusCode, Json<Value>), Response> {
    met(&state, &headers, "create", true)?;
    let body = checked(&body)?;
    wait_for_another(&state).await;
    let kept = add(&mut state.lock().expect("the lock is not poisoned"), ME, body, true);
    Ok((StatusCode::CREATED, Json(json!({ "id": kept.id, "node_id": format!("IC_{}", kept.id), "body": kept.body }))))
}

async fn status(
    State(state): State<Shared>,
    headers: HeaderMap,
    Path(commit): Path<String>,
    Json(body): Json<Value>,
) -> Result<StatusCode, Response> {
    met(&state, &headers, "status", true)?;
    let [state_word, name, description] = ["state", "context", "description"].map(|name| text(&body, name).to_owned());
    let is_known = ["error", "failure", "pending", "success"].contains(&state_word.as_str());
    if !is_known || description.chars().count() > 140 {
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed"));
    }
    state.lock().expect("the lock is not poisoned").statuses.push([commit, name, state_word, description]);
    Ok(StatusCode::CREATED)
}

async fn graphql(
    State(state): State<Shared>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Result<Json<Value>, Response> {
    let (query, variables) = (text(&asked, "query"), asked.get("variables").cloned().unwrap_or_default());
    if query.contains("updateIssueComment(") {
        met(&state, &headers, "update", true)?;
        return Ok(Json(changed(&state, &variables, |kept| kept.body = text(&variables, "body").to_owned())));
    }
    if query.contains("minimizeComment(") {
        met(&state, &headers, "hide", true)?;
        return Ok(Json(changed(&state, &variables, |kept| kept.is_hidden = true)));
    }
    met(&state, &headers, "list", false)?;
    let from: usize = text(&variables, "after").parse().unwrap_or(0);
    let state = state.lock().expect("the lock is not poisoned");
    let page = state.comments.iter().skip(from).take(PAGE);
    let node = |kept: &super::Kept| {
        json!({
            "id": format!("IC_{}", kept.id),
            "body": kept.body,
            "viewerDidAuthor": kept.author == ME,
            "isMinimized": kept.is_hidden,
        })
    };
    let nodes: Vec<Value> = page.map(node).collect();
    let end = from + nodes.len();
    let info = json!({ "hasNextPage": end < state.comments.len(), "endCursor": end.to_string() });
    let comments = json!({ "pageInfo": info, "nodes": nodes });
    Ok(Json(json!({ "data": { "repository": { "pullRequest": { "comments": comments } } } })))
}

/// What a mutation answers.
fn changed(state: &Shared, variables: &Value, change: impl FnOnce(&mut super::Kept)) -> Value {
    let refused = |kind: &str, message: &str| json!({ "errors": [{ "type": kind, "message": message }] });
    if text(variables, "body").chars().count() > 65_536 {
        return refused("UNPROCESSABLE", "Body is too long (maximum is 65536 characters)");
    }
    let id = text(variables, "id");
    let mut state = state.lock().expect("the lock is not poisoned");
    match state.comments.iter_mut().find(|kept| format!("IC_{}", kept.id) == id && kept.author == ME) {
        Some(kept) => {
            change(kept);
            json!({ "data": {} })
        }
        None => refused("NOT_FOUND", "Could not resolve to a node"),
    }
}
