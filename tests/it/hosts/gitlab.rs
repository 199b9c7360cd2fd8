//! GitLab: the notes of merge request 12 of project 77.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{ME, PAGE, Shared, add, admitted, refused, text, wait_for_another};

pub(super) fn router() -> Router<Shared> {
    let at = "/api/v4/projects/77";
    Router::new()
        .route("/api/v4/user", get(user))
        .route(at, get(project))
        .route(&format!("{at}/merge_requests/12"), get(merge_request))
        .route(&format!("{at}/repository/commits/{{commit}}/merge_requests"), get(of_commit))
        .route(&format!("{at}/merge_requests/12/notes"), get(list).post(create))
        .route(&format!("{at}/merge_requests/12/notes/{{id}}"), put(update).delete(delete))
        .route(&format!("{at}/statuses/{{commit}}"), post(status))
        .fallback(|| async { refused(StatusCode::NOT_FOUND, "404 Not Found") })
}

fn met(state: &Shared, headers: &HeaderMap, call: &str, writes: bool) -> Result<(), Response> {
    let token = headers.get("private-token").and_then(|token| token.to_str().ok());
    admitted(state, token, call.to_owned(), writes)
}

fn row(state: &Shared) -> Value {
    let state = state.lock().expect("the lock is not poisoned");
    let source = if state.is_fork { 78 } else { 77 };
    let locked = state.is_locked.then_some(true);
    json!({
        "iid": 12,
        "sha": state.head,
        "source_project_id": source,
        "target_project_id": 77,
        "state": "merged",
        "discussion_locked": locked,
    })
}

async fn project(State(state): State<Shared>, headers: HeaderMap) -> Result<Json<Value>, Response> {
    met(&state, &headers, "project", false)?;
    Ok(Json(json!({ "id": 77, "archived": state.lock().expect("the lock is not poisoned").is_archived })))
}

async fn user(State(state): State<Shared>, headers: HeaderMap) -> Result<Json<Value>, Response> {
    met(&state, &headers, "user", false)?;
    Ok(Json(json!({ "id": ME, "username": "project_77_bot" })))
}

async fn merge_request(State(state): State<Shared>, headers: HeaderMap) -> Result<Json<Value>, Response> {
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

async fn list(
    State(state): State<Shared>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Response> {
    met(&state, &headers, "list", false)?;
    if asked.get("sort").is_none_or(|sort| sort != "asc") {
        return Err(refused(StatusCode::BAD_REQUEST, "the newest come first where nobody asks"));
    }
    let page: usize = asked.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let state = state.lock().expect("the lock is not poisoned");
    let kept: Vec<_> = state.comments.iter().filter(|kept| !kept.is_hidden).collect();
    let note = |kept: &&super::Kept| json!({ "id": kept.id, "body": kept.body, "author": { "id": kept.author }, "system": false });
    let notes: Vec<Value> = kept.iter().skip((page - 1) * PAGE).take(PAGE).map(note).collect();
    let next = if kept.len() > page * PAGE { (page + 1).to_string() } else { String::new() };
    Ok(([("x-next-page", next)], Json(notes)).into_response())
}

fn checked(body: &Value) -> Result<&str, Response> {
    let body = text(body, "body");
    if body.chars().count() > 1_000_000 {
        let told = json!({ "message": { "note": ["is too long (maximum is 1000000 characters)"] } });
        return Err((StatusCode::BAD_REQUEST, Json(told)).into_response());
    }
    Ok(body)
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
    Ok((StatusCode::CREATED, Json(json!({ "id": kept.id, "body": kept.body, "author": { "id": ME } }))))
}

async fn update(
    State(state): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<u64>,
    Json(body): Json<Value>,
) -> Result<StatusCode, Response> {
    met(&state, &headers, "update", true)?;
    let body = checked(&body)?;
    let mut state = state.lock().expect("the lock is not poisoned");
    let kept = state.comments.iter_mut().find(|kept| kept.id == id && kept.author == ME && !kept.is_hidden);
    kept.ok_or_else(|| refused(StatusCode::NOT_FOUND, "404 Note Not Found"))?.body = body.to_owned();
    Ok(StatusCode::OK)
}

async fn delete(State(state): State<Shared>, headers: HeaderMap, Path(id): Path<u64>) -> Result<StatusCode, Response> {
    met(&state, &headers, "hide", true)?;
    let mut state = state.lock().expect("the lock is not poisoned");
    let kept = state.comments.iter_mut().find(|kept| kept.id == id && !kept.is_hidden);
    kept.ok_or_else(|| refused(StatusCode::NOT_FOUND, "404 Note Not Found"))?.is_hidden = true;
    Ok(StatusCode::NO_CONTENT)
}

async fn status(
    State(state): State<Shared>,
    headers: HeaderMap,
    Path(commit): Path<String>,
    Json(body): Json<Value>,
) -> Result<StatusCode, Response> {
    met(&state, &headers, "status", true)?;
    let [state_word, name, description] = ["state", "name", "description"].map(|name| text(&body, name).to_owned());
    let is_known = ["pending", "running", "success", "failed", "canceled", "skipped"].contains(&state_word.as_str());
    if !is_known || description.chars().count() > 255 {
        return Err(refused(StatusCode::BAD_REQUEST, "state does not have a valid value"));
    }
    state.lock().expect("the lock is not poisoned").statuses.push([commit, name, state_word, description]);
    Ok(StatusCode::CREATED)
}
