//! Fakes of the hosts of pull requests. They store comments, and reject what the real hosts reject.

#![expect(clippy::result_large_err, reason = "a refusal is an answer, and answers are few")]

mod azure;
mod github;
mod gitlab;

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::Barrier;

/// The token that may write.
pub(crate) const TOKEN: &str = "a-good-token";
/// A token that only reads, as runs of forks have.
pub(crate) const READS: &str = "a-reading-token";
/// The owner of the tokens. Another user writes comments, too.
const ME: u64 = 41;
/// How many comments a listing shows at once, so that there are pages.
const PAGE: usize = 2;

/// Which host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    GitHub,
    GitLab,
    Azure,
}

pub(crate) const ALL: [Kind; 3] = [Kind::GitHub, Kind::GitLab, Kind::Azure];

/// A comment as the host keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: u64,
    pub(crate) author: u64,
    pub(crate) body: String,
    /// Whether the comment is hidden: folded, closed and deleted, or deleted, depending on the host.
    pub(crate) is_hidden: bool,
    /// Whether the thread is open, on hosts with open and closed threads.
    pub(crate) is_open: bool,
}

/// The state of a host.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) comments: Vec<Kept>,
    /// Commit or pull request, name, state and description.
    pub(crate) statuses: Vec<[String; 4]>,
    /// The last commit of the branch.
    pub(crate) head: &'static str,
    pub(crate) is_fork: bool,
    /// Whether the conversation is locked for this tool.
    pub(crate) is_locked: bool,
    /// Whether the repository is archived, so that nothing can be written.
    pub(crate) is_archived: bool,
    /// Whether a person deletes the comments just before the next update.
    pub(crate) deletes_first: bool,
    /// When GitHub takes requests again, in seconds after the time of its answer: the primary rate limit is used up.
    pub(crate) spent_for: Option<i64>,
    pub(crate) requests: Vec<String>,
    /// Answers to the next requests: a status and a `Retry-After`.
    pub(crate) faults: Vec<(StatusCode, Option<u64>)>,
    /// What the host says with a fault.
    pub(crate) fault: &'static str,
    /// Holds each new comment back until a second one arrives.
    barrier: Option<Arc<Barrier>>,
}

type Shared = Arc<Mutex<State>>;

/// A host on a local socket, which closes when this is dropped.
pub(crate) struct Host {
    pub(crate) kind: Kind,
    pub(crate) address: String,
    state: Shared,
    _runtime: tokio::runtime::Runtime,
}

impl Host {
    pub(crate) fn start(kind: Kind) -> Host {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("an event loop");
        let state = Shared::new(Mutex::new(State { head: "head", fault: "a fault", ..State::default() }));
        let router = match kind {
            Kind::GitHub => github::router(),
            Kind::GitLab => gitlab::router(),
            Kind::Azure => azure::router(),
        };
        let router = router.with_state(Arc::clone(&state));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Host { kind, address, state, _runtime: runtime }
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().expect("the lock is not poisoned"))
    }

    /// New comments wait until there are two of them.
    pub(crate) fn hold_until_two(&self) {
        self.with(|state| state.barrier = Some(Arc::new(Barrier::new(2))));
    }

    /// The names of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.with(|state| state.requests.clone())
    }

    /// Adds an existing comment.
    pub(crate) fn seed(&self, by_me: bool, body: &str) {
        let author = if by_me { ME } else { 7 };
        self.with(|state| add(state, author, body, true));
    }

    /// The texts of this tool's comments, without those that are hidden.
    pub(crate) fn shown(&self) -> Vec<String> {
        let is_shown = |kept: &&Kept| kept.author == ME && !kept.is_hidden;
        self.with(|state| state.comments.iter().filter(is_shown).map(|kept| kept.body.clone()).collect())
    }

    /// The variables of a run for pull request 12.
    pub(crate) fn variables(&self, token: &str) -> Vec<(&'static str, String)> {
        let at = |path: &str| format!("{}{path}", self.address);
        let word = |text: &str| text.to_owned();
        match self.kind {
            Kind::GitHub => vec![
                ("GITHUB_ACTIONS", word("true")),
                ("GITHUB_API_URL", at("/api/v3")),
                ("GITHUB_GRAPHQL_URL", at("/api/graphql")),
                ("GITHUB_SERVER_URL", at("")),
                ("GITHUB_RUN_ID", word("77")),
                ("GITHUB_REPOSITORY", word("contoso/capacity")),
                ("GITHUB_REF", word("refs/pull/12/merge")),
                ("GITHUB_SHA", word("merged")),
                ("GITHUB_TOKEN", word(token)),
            ],
            Kind::GitLab => vec![
                ("GITLAB_CI", word("true")),
                ("CI_API_V4_URL", at("/api/v4")),
                ("CI_PROJECT_ID", word("77")),
                ("CI_MERGE_REQUEST_IID", word("12")),
                ("CI_COMMIT_SHA", word("merged")),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", word("head")),
                ("CI_JOB_URL", word("https://gitlab.example/-/jobs/77")),
                ("GITLAB_TOKEN", word(token)),
            ],
            Kind::Azure => vec![
                ("TF_BUILD", word("True")),
                ("SYSTEM_COLLECTIONURI", at("/contoso/")),
                ("SYSTEM_TEAMPROJECT", word("Power Platform")),
                ("BUILD_REPOSITORY_ID", word("capacity")),
                ("BUILD_BUILDID", word("77")),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", word("12")),
                ("BUILD_SOURCEVERSION", word("merged")),
                ("SYSTEM_ACCESSTOKEN", word(token)),
            ],
        }
    }

    /// The variable that names the pull request.
    pub(crate) fn number_variable(&self) -> &'static str {
        match self.kind {
            Kind::GitHub => "GITHUB_REF",
            Kind::GitLab => "CI_MERGE_REQUEST_IID",
            Kind::Azure => "SYSTEM_PULLREQUEST_PULLREQUESTID",
        }
    }

    /// The maximum length of a comment according to the host's documentation.
    pub(crate) fn longest(&self) -> usize {
        match self.kind {
            Kind::GitHub => 65_536,
            Kind::GitLab => 1_000_000,
            Kind::Azure => 150_000,
        }
    }
}

fn add(state: &mut State, author: u64, body: &str, is_open: bool) -> Kept {
    let id = 100 + state.comments.len() as u64;
    let kept = Kept { id, author, body: body.to_owned(), is_hidden: false, is_open };
    state.comments.push(kept.clone());
    kept
}

/// A refusal in the shape of GitHub and Azure DevOps.
fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

/// Checks every request: scripted faults first, then the permission of the token.
fn admitted(state: &Shared, token: Option<&str>, call: String, writes: bool) -> Result<(), Response> {
    let mut state = state.lock().expect("the lock is not poisoned");
    state.requests.push(call.clone());
    if let Some((status, after)) = state.faults.pop() {
        let mut response = refused(status, state.fault);
        if let Some(after) = after {
            response.headers_mut().insert("retry-after", after.into());
        }
        return Err(response);
    }
    if let Some(seconds) = state.spent_for {
        return Err(spent(seconds));
    }
    if writes && state.is_archived {
        return Err(refused(StatusCode::FORBIDDEN, "Repository was archived so is read-only."));
    }
    let is_comment = ["create", "update"].contains(&call.as_str());
    if is_comment && state.is_locked {
        return Err(refused(StatusCode::FORBIDDEN, "Unable to create comment because issue is locked."));
    }
    if call == "update" && std::mem::take(&mut state.deletes_first) {
        state.comments.clear();
    }
    match token {
        Some(TOKEN) => Ok(()),
        Some(READS) if !writes => Ok(()),
        Some(READS) => Err(refused(StatusCode::FORBIDDEN, "Resource not accessible by integration")),
        _ => Err(refused(StatusCode::UNAUTHORIZED, "Bad credentials")),
    }
}

/// The refusal of GitHub's primary rate limit. Its clock is not this machine's.
fn spent(seconds: i64) -> Response {
    let now: jiff::Timestamp = "2036-01-01T00:00:00Z".parse().expect("a time");
    let mut response = refused(StatusCode::FORBIDDEN, "API rate limit exceeded for installation.");
    let reset = (now.as_second() + seconds).to_string();
    let date = "Tue, 01 Jan 2036 00:00:00 GMT".to_owned();
    for (name, value) in [("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", reset), ("date", date)] {
        response.headers_mut().insert(name, value.parse().expect("a header"));
    }
    response
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Waits for another new comment, if the test asked for that.
async fn wait_for_another(state: &Shared) {
    let barrier = state.lock().expect("the lock is not poisoned").barrier.clone();
    if let Some(barrier) = barrier {
        barrier.wait().await;
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
