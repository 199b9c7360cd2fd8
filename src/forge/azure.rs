//! Azure DevOps, REST 7.1. A comment is the first of its own thread, which is active while an action is required.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::client::{Access, HostClient, TokenHeader};
use super::places::AzureRepository;
use super::port::{
    Closed, CommitStatus, Forge, ForgeError, ForgeErrorKind, ForgeFuture, OwnComment, OwnComments, PullRequest,
    PullRequestNumber, StatusState,
};

const LONGEST_COMMENT: usize = 150_000;
const VERSION: (&str, &str) = ("api-version", "7.1");
/// The version of `connectionData`, which names the owner of the token and exists only as a preview.
const PREVIEW: (&str, &str) = ("api-version", "7.1-preview");

const DENIED: &str = "map `SYSTEM_ACCESSTOKEN: $(System.AccessToken)` into the step's `env`, and let the project's Build Service \
    contribute to pull requests (Project settings, Repositories, Security)";

/// A repository of Azure DevOps.
pub struct AzureDevOps {
    client: HostClient,
    at: AzureRepository,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    authenticated_user: IdentityRow,
}

#[derive(Deserialize)]
struct IdentityRow {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PullRequestRow {
    pull_request_id: u64,
    #[serde(default)]
    last_merge_source_commit: Option<CommitRow>,
    #[serde(default)]
    fork_source: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitRow {
    commit_id: String,
}

#[derive(Deserialize)]
struct FoundRows {
    results: Vec<BTreeMap<String, Vec<PullRequestRow>>>,
}

#[derive(Deserialize)]
struct Threads {
    value: Vec<Thread>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    id: u64,
    #[serde(default)]
    is_deleted: bool,
    #[serde(default)]
    comments: Vec<CommentRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentRow {
    id: u64,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    author: Option<IdentityRow>,
    #[serde(default)]
    is_deleted: bool,
}

impl AzureDevOps {
    /// Uses a repository with one token.
    pub fn new(access: Access, at: AzureRepository) -> AzureDevOps {
        AzureDevOps { client: HostClient::new(access, TokenHeader::Bearer, &[], DENIED), at }
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.at.collection.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            let repository = [&*self.at.project, "_apis", "git", "repositories", &self.at.repository];
            segments.pop_if_empty().extend(repository).extend(path);
        }
        url.query_pairs_mut().append_pair(VERSION.0, VERSION.1);
        url
    }

    fn of(&self, number: PullRequestNumber, more: &[&str]) -> Url {
        let number = number.0.to_string();
        self.url(&[&["pullRequests", &number], more].concat())
    }

    async fn me(&self) -> Result<String, ForgeError> {
        let mut url = self.at.collection.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["_apis", "connectionData"]);
        }
        url.query_pairs_mut().append_pair(PREVIEW.0, PREVIEW.1);
        let connection: Connection = self.client.get(url).await?.value()?;
        Ok(connection.authenticated_user.id)
    }

    async fn own(&self, number: PullRequestNumber) -> Result<OwnComments, ForgeError> {
        let me = self.me().await?;
        let threads: Threads = self.client.get(self.of(number, &["threads"])).await?.value()?;
        let first = |thread: Thread| {
            let comment = thread.comments.into_iter().next().filter(|_| !thread.is_deleted)?;
            let is_own = comment.author.is_some_and(|author| author.id == me);
            let body = comment.content.filter(|_| is_own && !comment.is_deleted)?;
            Some(OwnComment { id: format!("{}/{}", thread.id, comment.id), body })
        };
        let mut own: Vec<(u64, OwnComment)> =
            threads.value.into_iter().filter_map(|thread| Some((thread.id, first(thread)?))).collect();
        own.sort_by_key(|(id, _)| *id);
        // Azure DevOps lists all threads in one response.
        Ok(OwnComments { comments: own.into_iter().map(|(_, comment)| comment).collect(), only_first: None })
    }

    async fn set_thread(&self, number: PullRequestNumber, thread: &str, is_open: bool) -> Result<(), ForgeError> {
        let wanted = json!({ "status": thread_status(is_open) });
        self.client.write(Method::PATCH, self.of(number, &["threads", thread]), &wanted).await.map(drop)
    }
}

const fn thread_status(is_open: bool) -> &'static str {
    if is_open { "active" } else { "closed" }
}

/// The thread id and the comment id.
fn parts(comment: &OwnComment) -> Result<(&str, &str), ForgeError> {
    let malformed = || ForgeError::new(ForgeErrorKind::Malformed, "the comment is from another host");
    comment.id.split_once('/').ok_or_else(malformed)
}

impl Forge for AzureDevOps {
    fn name(&self) -> &'static str {
        "Azure DevOps"
    }

    fn longest_comment(&self) -> usize {
        LONGEST_COMMENT
    }

    fn pull_request(&self, number: PullRequestNumber) -> ForgeFuture<'_, PullRequest> {
        Box::pin(async move {
            let row: PullRequestRow = self.client.get(self.of(number, &[])).await?.value()?;
            let head = row.last_merge_source_commit.map(|commit| commit.commit_id).ok_or_else(|| {
                let message = format!("pull request {} has no commit", row.pull_request_id);
                ForgeError::new(ForgeErrorKind::Malformed, message)
            })?;
            let is_from_fork = row.fork_source.is_some_and(|fork| !fork.is_null());
            Ok(PullRequest { number: PullRequestNumber(row.pull_request_id), head, is_from_fork })
        })
    }

    fn pull_request_of<'a>(&'a self, commit: &'a str) -> ForgeFuture<'a, Option<PullRequestNumber>> {
        Box::pin(async move {
            let asked = json!({ "queries": [{ "type": "lastMergeCommit", "items": [commit] }] });
            let found: FoundRows =
                self.client.write(Method::POST, self.url(&["pullrequestquery"]), &asked).await?.value()?;
            let mut rows = found.results.into_iter().flat_map(BTreeMap::into_values).flatten();
            Ok(rows.next().map(|row| PullRequestNumber(row.pull_request_id)))
        })
    }

    fn own_comments(&self, number: PullRequestNumber) -> ForgeFuture<'_, OwnComments> {
        Box::pin(self.own(number))
    }

    /// Azure DevOps locks no conversation. A disabled repository cannot be read either.
    fn closed(&self, _: PullRequestNumber) -> ForgeFuture<'_, Option<Closed>> {
        Box::pin(async { Ok(None) })
    }

    fn create<'a>(&'a self, number: PullRequestNumber, body: &'a str, is_open: bool) -> ForgeFuture<'a, OwnComment> {
        Box::pin(async move {
            let comment = json!({ "parentCommentId": 0, "content": body, "commentType": "text" });
            let wanted = json!({ "comments": [comment], "status": thread_status(is_open) });
            let thread: Thread =
                self.client.write(Method::POST, self.of(number, &["threads"]), &wanted).await?.value()?;
            let comment = thread.comments.first().map_or(1, |comment| comment.id);
            Ok(OwnComment { id: format!("{}/{comment}", thread.id), body: body.to_owned() })
        })
    }

    fn update<'a>(
        &'a self,
        number: PullRequestNumber,
        comment: &'a OwnComment,
        body: &'a str,
        is_open: bool,
    ) -> ForgeFuture<'a, ()> {
        Box::pin(async move {
            let (thread, id) = parts(comment)?;
            // The status of the thread is set first, so that an updated comment is never in a thread with an outdated status.
            self.set_thread(number, thread, is_open).await?;
            let url = self.of(number, &["threads", thread, "comments", id]);
            self.client.write(Method::PATCH, url, &json!({ "content": body })).await.map(drop)
        })
    }

    /// Closes the thread and deletes the comment, because Azure DevOps cannot fold comments.
    fn hide<'a>(&'a self, number: PullRequestNumber, comment: &'a OwnComment) -> ForgeFuture<'a, ()> {
        Box::pin(async move {
            let (thread, id) = parts(comment)?;
            self.set_thread(number, thread, false).await?;
            self.client.delete(self.of(number, &["threads", thread, "comments", id])).await
        })
    }

    fn set_status<'a>(&'a self, pull_request: &'a PullRequest, status: &'a CommitStatus) -> ForgeFuture<'a, ()> {
        Box::pin(async move {
            let state = match status.state {
                StatusState::Success => "succeeded",
                StatusState::Failure => "failed",
                StatusState::Error => "error",
            };
            let (genre, name) = status.name.split_once('/').unwrap_or(("allot", &status.name));
            let wanted = json!({
                "state": state,
                "description": status.description,
                "context": { "genre": genre, "name": name },
                "targetUrl": status.target,
            });
            self.client.write(Method::POST, self.of(pull_request.number, &["statuses"]), &wanted).await.map(drop)
        })
    }
}
