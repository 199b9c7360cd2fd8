//! GitLab, hosted or self-managed, REST version 4. Comments are the notes of a merge request.

use http::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::client::{Access, HostClient, TokenHeader};
use super::places::GitLabProject;
use super::port::{
    Closed, CommitStatus, Forge, ForgeError, ForgeErrorKind, ForgeFuture, OwnComment, OwnComments, PullRequest,
    PullRequestNumber, StatusState,
};

const LONGEST_COMMENT: usize = 1_000_000;
const LONGEST_DESCRIPTION: usize = 255;
/// The maximum number of pages that are read of a listing. Strangers can write notes, too.
const MOST_PAGES: usize = 100;

const DENIED: &str = "put a project access token with the scope `api` and the role Reporter or above (Developer for the status) \
    into the masked variable GITLAB_TOKEN; the token of a job may not write comments";

/// A project of GitLab.
pub struct GitLab {
    client: HostClient,
    at: GitLabProject,
}

#[derive(Deserialize)]
struct User {
    id: u64,
}

#[derive(Deserialize)]
struct Note {
    id: u64,
    body: String,
    author: User,
    #[serde(default)]
    system: bool,
}

#[derive(Deserialize)]
struct MergeRequest {
    iid: u64,
    sha: Option<String>,
    source_project_id: Option<u64>,
    target_project_id: u64,
    #[serde(default)]
    state: String,
    #[serde(default)]
    discussion_locked: Option<bool>,
}

#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    archived: bool,
}

impl GitLab {
    /// Uses a project with one token.
    pub fn new(access: Access, at: GitLabProject) -> GitLab {
        GitLab { client: HostClient::new(access, TokenHeader::PrivateToken, &[], DENIED), at }
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.at.api.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["projects", &self.at.id]).extend(path);
        }
        url
    }

    fn notes(&self, number: PullRequestNumber, more: &[&str]) -> Url {
        let number = number.0.to_string();
        self.url(&[&["merge_requests", &number, "notes"], more].concat())
    }

    async fn row(&self, number: PullRequestNumber) -> Result<MergeRequest, ForgeError> {
        self.client.get(self.url(&["merge_requests", &number.0.to_string()])).await?.value()
    }

    async fn own(&self, number: PullRequestNumber) -> Result<OwnComments, ForgeError> {
        let mut me = self.at.api.clone();
        if let Ok(mut segments) = me.path_segments_mut() {
            segments.pop_if_empty().push("user");
        }
        let me: User = self.client.get(me).await?.value()?;
        let mut own = OwnComments::default();
        let mut read = 0;
        let mut page = "1".to_owned();
        for _ in 0..MOST_PAGES {
            let mut url = self.notes(number, &[]);
            let asked = [("per_page", "100"), ("sort", "asc"), ("order_by", "created_at"), ("page", page.as_str())];
            url.query_pairs_mut().extend_pairs(asked);
            let answer = self.client.get(url).await?;
            let notes: Vec<Note> = answer.value()?;
            read += notes.len();
            let kept = notes.into_iter().filter(|note| note.author.id == me.id && !note.system);
            own.comments.extend(kept.map(|note| OwnComment { id: note.id.to_string(), body: note.body }));
            match answer.header("x-next-page").filter(|next| !next.is_empty() && *next != page) {
                Some(next) => page = next.to_owned(),
                None => return Ok(own),
            }
        }
        Ok(OwnComments { only_first: Some(read), ..own })
    }
}

impl Forge for GitLab {
    fn name(&self) -> &'static str {
        "GitLab"
    }

    fn longest_comment(&self) -> usize {
        LONGEST_COMMENT
    }

    fn pull_request(&self, number: PullRequestNumber) -> ForgeFuture<'_, PullRequest> {
        Box::pin(async move {
            let row = self.row(number).await?;
            let head = row.sha.ok_or_else(|| {
                ForgeError::new(ForgeErrorKind::Malformed, format!("merge request !{} has no commit", row.iid))
            })?;
            Ok(PullRequest {
                number: PullRequestNumber(row.iid),
                head,
                is_from_fork: row.source_project_id != Some(row.target_project_id),
            })
        })
    }

    fn pull_request_of<'a>(&'a self, commit: &'a str) -> ForgeFuture<'a, Option<PullRequestNumber>> {
        Box::pin(async move {
            let url = self.url(&["repository", "commits", commit, "merge_requests"]);
            let rows: Vec<MergeRequest> = self.client.get(url).await?.value()?;
            let merged = rows.iter().find(|row| row.state == "merged");
            Ok(merged.map(|row| PullRequestNumber(row.iid)))
        })
    }

    fn own_comments(&self, number: PullRequestNumber) -> ForgeFuture<'_, OwnComments> {
        Box::pin(self.own(number))
    }

    fn closed(&self, number: PullRequestNumber) -> ForgeFuture<'_, Option<Closed>> {
        Box::pin(async move {
            let project: Project = self.client.get(self.url(&[])).await?.value()?;
            if project.archived {
                return Ok(Some(Closed::Archived));
            }
            let is_locked = self.row(number).await?.discussion_locked.unwrap_or(false);
            Ok(is_locked.then_some(Closed::Locked))
        })
    }

    fn create<'a>(&'a self, number: PullRequestNumber, body: &'a str, _: bool) -> ForgeFuture<'a, OwnComment> {
        Box::pin(async move {
            let note: Note =
                self.client.write(Method::POST, self.notes(number, &[]), &json!({ "body": body })).await?.value()?;
            Ok(OwnComment { id: note.id.to_string(), body: body.to_owned() })
        })
    }

    fn update<'a>(
        &'a self,
        number: PullRequestNumber,
        comment: &'a OwnComment,
        body: &'a str,
        _: bool,
    ) -> ForgeFuture<'a, ()> {
        Box::pin(async move {
            let url = self.notes(number, &[&comment.id]);
            self.client.write(Method::PUT, url, &json!({ "body": body })).await.map(drop)
        })
    }

    /// Deletes the note, because GitLab cannot fold notes.
    fn hide<'a>(&'a self, number: PullRequestNumber, comment: &'a OwnComment) -> ForgeFuture<'a, ()> {
        Box::pin(async move { self.client.delete(self.notes(number, &[&comment.id])).await })
    }

    fn set_status<'a>(&'a self, pull_request: &'a PullRequest, status: &'a CommitStatus) -> ForgeFuture<'a, ()> {
        Box::pin(async move {
            // GitLab has one state for a failure and an error.
            let state = match status.state {
                StatusState::Success => "success",
                StatusState::Failure | StatusState::Error => "failed",
            };
            let description: String = status.description.chars().take(LONGEST_DESCRIPTION).collect();
            let wanted = json!({
                "state": state,
                "name": status.name,
                "description": description,
                "target_url": status.target,
                "pipeline_id": self.at.pipeline,
            });
            self.client.write(Method::POST, self.url(&["statuses", &pull_request.head]), &wanted).await.map(drop)
        })
    }
}
