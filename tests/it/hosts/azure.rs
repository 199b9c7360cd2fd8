//! Azure DevOps: the threads of pull request 12, each with one comment.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{ME, READS, Shared, TOKEN, add, admitted, bearer, refused, text, wait_for_another};

type RequestQuery = Query<HashMap<String, String>>;

pub(super) fn router() -> Router<Shared> {
    let at = "/contoso/Power%20Platform/_apis/git/repositories/capacity";
    Router::new()
        .route("/contoso/_apis/connectionData", get(connection))
        .route(&format!("{at}/pullRequests/12"), get(pull_request))
        .route(&format!("{at}/pullrequestquery"), post(of_commit))
        .route(&format!("{at}/pullRequests/12/threads"), get(list).post(create))
        .route(&format!("{at}/pullRequests/12/threads/{{thread}}"), patch(set_thread))
        .route(&format!("{at}/pullRequests/12/threads/{{thread}}/comments/{{id}}"), patch(update).delete(delete))
        .route(&format!("{at}/pullRequests/12/statuses"), post(status))
        .fallback(|| async { refused(StatusCode::NOT_FOUND, "TF200016: it does not exist") })
}

fn met(state: &Shared, headers: &HeaderMap, query: &RequestQuery, call: &str, writes: bool) -> Result<(), Response> {
    if query.get("api-version").is_none_or(|version| !version.starts_with("7.1")) {
        return Err(refused(StatusCode::BAD_REQUEST, "No api-version was supplied for the request"));
    }
    let token = bearer(headers);
    // An unknown token gets the sign-in page.
    if token.is_none_or(|token| token != TOKEN && token != READS) {
        return Err(Redirect::to("https://login.example/").into_response());
    }
    admitted(state, token, call.to_owned(), writes)
}

fn row(state: &Shared) -> Value {
    let state = state.lock().expect("the lock is not poisoned");
    let fork = if state.is_fork { json!({ "name": "refs/heads/x" }) } else { Value::Null };
    json!({ "pullRequestId": 12, "lastMergeSourceCommit": { "commitId": state.head }, "forkSource": fork })
}

async fn connection(
    State(state): State<Shared>,
    headers: HeaderMap,
    query: RequestQuery,
) -> Result<Json<Value>, Response> {
    if query.get("api-version").is_none_or(|version| !version.ends_with("-preview")) {
        return Err(refused(StatusCode::BAD_REQUEST, "The -preview flag must be supplied in the api-version"));
    }
    met(&state, &headers, &query, "user", false)?;
    Ok(Json(json!({ "authenticatedUser": { "id": ME.to_string() } })))
}

async fn pull_request(
    State(state): State<Shared>,
    headers: HeaderMap,
    query: RequestQuery,
) -> Result<Json<Value>, Response> {
    met(&state, &headers, &query, "pull request", false)?;
    Ok(Json(row(&state)))
}

async fn of_commit(
    State(state): State<Shared>,
    headers: HeaderMap,
    query: RequestQuery,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Response> {
    met(&state, &headers, &query, "of commit", false)?;
    let is_merged = body.pointer("/queries/0/items/0").is_some_and(|item| item == "merged");
    let found = if is_merged { json!({ "merged": [row(&state)] }) } else { json!({}) };
    Ok(Json(json!({ "queries": body.get("queries"), "results": [found] })))
}

fn thread(kept: &super::Kept) -> Value {
    let comment = json!({
        "id": 1,
        "content": if kept.is_hidden { Value::Null } else { json!(kept.body) },
        "author": { "id": kept.author.to_string() },
        "isDeleted": kept.is_hidden,
    });
    json!({ "id": kept.id, "isDeleted": kept.is_hidden, "comments": [comment] })
}

async fn list(State(state): State<Shared>, headers: HeaderMap, query: RequestQuery) -> Result<Json<Value>, Response> {
    met(&state, &headers, &query, "list", false)?;
    // The order of threads is not documented.
    let threads: Vec<Value> =
        state.lock().expect("the lock is not poisoned").comments.iter().rev().map(thread).collect();
    Ok(Json(json!({ "count": threads.len(), "value": threads })))
}

fn checked(content: &str) -> Result<&str, Response> {
    let is_long = content.chars().count() > 150_000;
    if is_long {
        let told = "The maximum length of a comment is 150000 characters";
        return Err(refused(StatusCode::BAD_REQUEST, told));
    }
    Ok(content)
}

fn is_open(body: &Value) -> Result<bool, Response> {
    match text(body, "status") {
        "active" => Ok(true),
        "closed" => Ok(false),
        other => Err(refused(StatusCode::BAD_REQUEST, &format!("no status is called {other}"))),
    }
}

async fn create(
    State(state): State<Shared>,
    headers: HeaderMap,
    query: RequestQuery,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Response> {
    met(&state, &headers, &query, "create", true)?;
    let content = body.pointer("/comments/0/content").and_then(Value::as_str).unwrap_or_default();
    let (content, is_open) = (checked(content)?, is_open(&body)?);
    wait_for_another(&state).await;
    let kept = add(&mut state.lock().expect("the lock is not poisoned"), ME, content, is_open);
    Ok(Json(thread(&kept)))
}

async fn set_thread(
    State(state): State<Shared>,
    headers: HeaderMap,
    query: RequestQuery,
    Path(id): Path<u64>,
    Json(body): Json<Value>,
) -> Result<StatusCode, Response> {
    met(&state, &headers, &query, "thread", true)?;
    let is_open = is_open(&body)?;
    change(&state, id, |kept| kept.is_open = is_open)
}

async fn update(
    State(state): State<Shared>,
    headers: HeaderMap,
    query: RequestQuery,
    Path((id, comment)): Path<(u64, u64)>,
    Json(body): Json<Value>,
) -> Result<StatusCode, Response> {
    met(&state, &headers, &query, "update", true)?;
    let content = checked(text(&body, "content"))?.to_owned();
    change(&state, if comment == 1 { id } else { 0 }, |kept| kept.body = content)
}

async fn delete(
    State(state): State<Shared>,
    headers: HeaderMap,
    query: RequestQuery,
    Path((id, comment)): Path<(u64, u64)>,
) -> Result<StatusCode, Response> {
    met(&state, &headers, &query, "hide", true)?;
    change(&state, if comment == 1 { id } else { 0 }, |kept| kept.is_hidden = true)
}

fn change(state: &Shared, id: u64, act: impl FnOnce(&mut super::Kept)) -> Result<StatusCode, Response> {
    let mut state = state.lock().expect("the lock is not poisoned");
    let kept = state.comments.iter_mut().find(|kept| kept.id == id && kept.author == ME && !kept.is_hidden);
    act(kept.ok_or_else(|| refused(StatusCode::NOT_FOUND, "TF401228: the thread does not exist"))?);
    Ok(StatusCode::OK)
}

async fn status(
    State(state): State<Shared>,
    headers: HeaderMap,
    query: RequestQuery,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Response> {
    met(&state, &headers, &query, "status", true)?;
    let [state_word, description] = ["state", "description"].map(|name| text(&body, name).to_owned());
    if !["notSet", "pending", "succeeded", "failed", "error", "notApplicable"].contains(&state_word.as_str()) {
        return Err(refused(StatusCode::BAD_REQUEST, "an unknown state"));
    }
    let context = |name: &str| body.pointer(&format!("/context/{name}")).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{}/{}", context("genre"), context("name"));
    state.lock().expect("the lock is not poisoned").statuses.push(["head".to_owned(), name, state_word, description]);
    Ok(Json(json!({ "id": 1 })))
}
