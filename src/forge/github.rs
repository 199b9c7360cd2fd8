//! GitHub and GitHub Enterprise. The comments of a pull request are those of its issue.
//!
//! GraphQL lists, updates and folds comments. Its `viewerDidAuthor` shows which comments are the token owner's; the token of a workflow
//! cannot query its own identity. Everything else is REST, version 2022-11-28.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::client::{Access, HostClient, TokenHeader, is_about_length};
use super::places::GitHubRepository;
use super::port::{
    Closed, CommitStatus, Forge, ForgeError, ForgeErrorKind, ForgeFuture, OwnComment, OwnComments, PullRequest,
    PullRequestNumber, StatusState,
};
use crate::net::retry::asked_pause;

const LONGEST_COMMENT: usize = 65_536;
const LONGEST_DESCRIPTION: usize = 140;

const HEADERS: &[(&str, &str)] = &[("x-github-api-version", "2022-11-28")];

const DENIED: &str = "give the job `permissions: pull-requests: write` for comments and `statuses: write` for the status, and \
    pass the token as GITHUB_TOKEN; a pull request from a fork gets a token that only reads";

const COMMENTS: &str = "query($owner: String!, $name: String!, $number: Int!, $after: String) { \
    repository(owner: $owner, name: $name) { pullRequest(number: $number) { comments(first: 100, after: $after) { \
    pageInfo { hasNextPage endCursor } nodes { id body viewerDidAuthor isMinimized } } } } }";

const UPDATE: &str = "mutation($id: ID!, $body: String!) { updateIssueComment(input: { id: $id, body: $body }) { \
    issueComment { id } } }";

/// The maximum number of pages that are read of a listing. Strangers can write comments, too.
const MOST_PAGES: usize = 100;

const PUT_AWAY: &str = "mutation($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { \
    minimizedComment { isMinimized } } }";

/// A repository of GitHub.
pub struct GitHub {
    client: HostClient,
    at: GitHubRepository,
}

#[derive(Deserialize)]
struct PullRequestRow {
    number: u64,
    head: HeadRow,
    base: BaseRow,
    #[serde(default)]
    merge_commit_sha: Option<String>,
    #[serde(default)]
    merged_at: Option<String>,
    #[serde(default)]
    locked: bool,
}

#[derive(Deserialize)]
struct HeadRow {
    sha: String,
    /// `null` if the fork is deleted.
    repo: Option<RepositoryRow>,
}

#[derive(Deserialize)]
struct BaseRow {
    repo: RepositoryRow,
}

#[derive(Deserialize)]
struct RepositoryRow {
    full_name: String,
    #[serde(default)]
    archived: bool,
}

#[derive(Deserialize)]
struct Comments {
    #[serde(rename = "pageInfo")]
    page: PageInfo,
    nodes: Vec<CommentNode>,
}

#[derive(Deserialize)]
struct PageInfo {
    #[serde(rename = "hasNextPage")]
    has_next: bool,
    #[serde(rename = "endCursor")]
    end: Option<String>,
}

#[derive(Deserialize)]
struct CommentNode {
    id: String,
    body: String,
    #[serde(rename = "viewerDidAuthor")]
    is_own: bool,
    #[serde(rename = "isMinimized")]
    is_minimized: bool,
}

#[derive(Deserialize)]
struct CommentRow {
    node_id: String,
}

impl GitHub {
    /// Uses a repository with one token.
    pub fn new(access: Access, at: GitHubRepository) -> GitHub {
        GitHub { client: HostClient::new(access, TokenHeader::Bearer, HEADERS, DENIED), at }
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.at.api.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["repos", &self.at.owner, &self.at.name]).extend(path);
        }
        url
    }

    async fn ask(&self, query: &str, variables: Value) -> Result<Value, ForgeError> {
        let asked = json!({ "query": query, "variables": variables });
        let response = self.client.write(Method::POST, self.at.graphql.clone(), &asked).await?;
        let answer: Value = response.value()?;
        match answer.get("errors").and_then(Value::as_array).and_then(|errors| errors.first()) {
            None => Ok(answer),
            Some(error) => {
                let word = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
                let (kind, help) = match word("type") {
                    "NOT_FOUND" => (ForgeErrorKind::NotFound, Some(DENIED)),
                    "FORBIDDEN" | "INSUFFICIENT_SCOPES" => (ForgeErrorKind::Denied, Some(DENIED)),
                    "RATE_LIMITED" => (ForgeErrorKind::Throttled(response.pause), None),
                    // "Something went wrong while executing your query": a retry may succeed.
                    "" => (ForgeErrorKind::Unavailable, None),
                    _ if is_about_length(word("message")) => (ForgeErrorKind::TooLong, None),
                    _ => (ForgeErrorKind::Refused, None),
                };
                let pause =
                    if let ForgeErrorKind::Throttled(pause) = kind { asked_pause(pause) } else { String::new() };
                let refused = ForgeError::new(kind, format!("GitHub refuses: {}{pause}", word("message")));
                Err(match help {
                    Some(help) => refused.help(help),
                    None => refused,
                })
            }
        }
    }

    async fn row(&self, number: PullRequestNumber) -> Result<PullRequestRow, ForgeError> {
        self.client.get(self.url(&["pulls", &number.0.to_string()])).await?.value()
    }

    async fn comments(&self, number: PullRequestNumber) -> Result<OwnComments, ForgeError> {
        let mut own = OwnComments::default();
        let mut read = 0;
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let variables = json!({ "owner": self.at.owner, "name": self.at.name, "number": number.0, "after": after });
            let answer = self.ask(COMMENTS, variables).await?;
            let page = answer.pointer("/data/repository/pullRequest/comments").cloned().unwrap_or_default();
            let Comments { page, nodes } = serde_json::from_value(page).map_err(|error| {
                ForgeError::new(ForgeErrorKind::Malformed, format!("GitHub's list of comments cannot be read: {error}"))
            })?;
            read += nodes.len();
            let kept = nodes.into_iter().filter(|node| node.is_own && !node.is_minimized);
            own.comments.extend(kept.map(|node| OwnComment { id: node.id, body: node.body }));
            match page.end.filter(|end| page.has_next && after.as_ref() != Some(end)) {
                Some(end) => after = Some(end),
                None => return Ok(own),
            }
        }
        Ok(OwnComments { only_first: Some(read), ..own })
    }
}

impl Forge for GitHub {
    fn name(&self) -> &'static str {
        "GitHub"
    }

    fn longest_comment(&self) -> usize {
        LONGEST_COMMENT
    }

    fn pull_request(&self, number: PullRequestNumber) -> ForgeFuture<'_, PullRequest> {
        Box::pin(async move {
            let row = self.row(number).await?;
            let is_from_fork = row.head.repo.is_none_or(|head| head.full_name != row.base.repo.full_name);
            Ok(PullRequest { number: PullRequestNumber(row.number), head: row.head.sha, is_from_fork })
        })
    }

    fn pull_request_of<'a>(&'a self, commit: &'a str) -> ForgeFuture<'a, Option<PullRequestNumber>> {
        Box::pin(async move {
            let rows: Vec<PullRequestRow> = self.client.get(self.url(&["commits", commit, "pulls"])).await?.value()?;
            let made = rows.iter().find(|row| row.merge_commit_sha.as_deref() == Some(commit));
            // After a merge by rebasing, `merge_commit_sha` is only the last of its commits.
            let merged = rows.iter().find(|row| row.merged_at.is_some());
            Ok(made.or(merged).map(|row| PullRequestNumber(row.number)))
        })
    }

    fn own_comments(&self, number: PullRequestNumber) -> ForgeFuture<'_, OwnComments> {
        Box::pin(self.comments(number))
    }

    fn closed(&self, number: PullRequestNumber) -> ForgeFuture<'_, Option<Closed>> {
        Box::pin(async move {
            let row = self.row(number).await?;
            let locked = row.locked.then_some(Closed::Locked);
            Ok(if row.base.repo.archived { Some(Closed::Archived) } else { locked })
        })
    }

    fn create<'a>(&'a self, number: PullRequestNumber, body: &'a str, _: bool) -> ForgeFuture<'a, OwnComment> {
        Box::pin(async move {
            let url = self.url(&["issues", &number.0.to_string(), "comments"]);
            let row: CommentRow = self.client.write(Method::POST, url, &json!({ "body": body })).await?.value()?;
            Ok(OwnComment { id: row.node_id, body: body.to_owned() })
        })
    }

    fn update<'a>(
        &'a self,
        _: PullRequestNumber,
        comment: &'a OwnComment,
        body: &'a str,
        _: bool,
    ) -> ForgeFuture<'a, ()> {
        Box::pin(async move { self.ask(UPDATE, json!({ "id": comment.id, "body": body })).await.map(drop) })
    }

    fn hide<'a>(&'a self, _: PullRequestNumber, comment: &'a OwnComment) -> ForgeFuture<'a, ()> {
        Box::pin(async move { self.ask(PUT_AWAY, json!({ "id": comment.id })).await.map(drop) })
    }

    fn set_status<'a>(&'a self, pull_request: &'a PullRequest, status: &'a CommitStatus) -> ForgeFuture<'a, ()> {
        Box::pin(async move {
            let state = match status.state {
                StatusState::Success => "success",
                StatusState::Failure => "failure",
                StatusState::Error => "error",
            };
            let description: String = status.description.chars().take(LONGEST_DESCRIPTION).collect();
            let wanted = json!({
                "state": state,
                "context": status.name,
                "description": description,
                "target_url": status.target,
            });
            let url = self.url(&["statuses", &pull_request.head]);
            self.client.write(Method::POST, url, &wanted).await.map(drop)
        })
    }
}
