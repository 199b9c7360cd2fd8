//! Keeps one comment on a pull request up to date, and a status beside it.
//!
//! An attempt reads before it writes, so it can be repeated: after a response that was lost, and by another run at the
//! same time. The commits and the runs of two reports decide which one is newer, never the clock of a machine. If two
//! runs each wrote a comment, the older comment remains, with the text of the later run.
//!
//! The status is set first, because a branch policy waits for it, and a comment can be refused.

use std::collections::BTreeSet;

use backon::Retryable;
use tokio::time::Instant;

use crate::forge::port::{
    Closed, CommitStatus, Forge, ForgeError, ForgeErrorKind, OwnComment, PullRequest, PullRequestNumber, StatusState,
};
use crate::model::command::CommandName;
use crate::model::marker::{CommentVerdict, Marker};
use crate::net::retry;
use crate::report::number::number;

/// A comment to post.
#[derive(Clone, Copy, Debug)]
pub struct Posting<'a> {
    /// The text, which begins with the marker.
    pub body: &'a str,
    /// The marker of the text.
    pub marker: &'a Marker,
    /// The pull request; `None` to search for the one that the commit came from.
    pub number: Option<PullRequestNumber>,
    /// The commit whose pull request is searched for.
    pub commit: Option<&'a str>,
    /// The last commit of the branch when the report was made, if that is known.
    pub head: Option<&'a str>,
    /// Whether to set a status.
    pub with_status: bool,
    /// The address of the page with the whole report.
    pub target: Option<&'a str>,
    /// The seed of the jitter of all delays.
    pub seed: u64,
}

/// What became of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentOutcome {
    /// The comment is new.
    Created,
    /// The comment has a new text.
    Updated,
    /// The comment had this text already.
    Unchanged,
    /// The comment keeps the text of a later run.
    Superseded,
    /// Nothing was written: the branch has a newer commit, whose own run will post.
    BranchMoved,
}

/// The result of posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The pull request.
    pub number: PullRequestNumber,
    /// What became of the comment.
    pub outcome: CommentOutcome,
    /// The number of other comments that were hidden or deleted.
    pub hidden: usize,
    /// Whether the comment was too long for the host, so that only its beginning was posted.
    pub is_shortened: bool,
    /// The error of the status or of another comment, if only that failed.
    pub failed: Option<ForgeError>,
}

/// Why no comment was posted.
#[derive(Debug, thiserror::Error)]
#[error("{why}{}", if *.status_is_set { "; the status was set" } else { "" })]
pub struct NotPosted {
    /// The reason.
    pub why: Obstacle,
    /// Whether the status was set all the same.
    pub status_is_set: bool,
}

impl<O: Into<Obstacle>> From<O> for NotPosted {
    fn from(why: O) -> NotPosted {
        NotPosted { why: why.into(), status_is_set: false }
    }
}

/// What prevents a comment.
#[derive(Debug, thiserror::Error)]
pub enum Obstacle {
    /// The host refused or failed.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// Neither the caller nor the CI job names a pull request or a commit.
    #[error("neither an option nor the CI job names the pull request")]
    Nowhere,
    /// The commit came from no pull request.
    #[error("{0} came from no pull request")]
    NoPullRequest(String),
    /// The comment would show strangers what the tenant holds.
    #[error("pull request {} is from a fork, so a comment must not show the tenant's data", .0.0)]
    Fork(PullRequestNumber),
    /// The job of a fork has a token that may only read.
    #[error("pull request {} is from a fork, whose runs may not comment", .0.0)]
    ReadOnly(PullRequestNumber),
    /// The conversation is locked.
    #[error("the conversation on pull request {} is locked, so no comment was posted", .0.0)]
    Locked(PullRequestNumber),
    /// The repository is archived.
    #[error("the repository of pull request {} is archived, so no comment was posted", .0.0)]
    Archived(PullRequestNumber),
    /// Our comment was not found among the comments that were read, and there are more. A new comment could be a second
    /// one.
    #[error(
        "pull request {} has more than {read} comments, and this tool's is not among the first {read}, so no comment was posted",
        .pull_request.0, read = number(*.read)
    )]
    TooMany {
        /// The pull request.
        pull_request: PullRequestNumber,
        /// The number of comments that were read.
        read: usize,
    },
}

/// Sets the status, and creates or updates the one comment.
///
/// # Errors
///
/// If there is no pull request to comment on, or the host refuses.
pub async fn post(forge: &dyn Forge, posting: &Posting<'_>) -> Result<Posted, NotPosted> {
    let once = || attempt(forge, posting);
    let began = Instant::now();
    once.retry(retry::delays(posting.seed))
        .sleep(tokio::time::sleep)
        .when(|error| matches!(&error.why, Obstacle::Forge(error) if error.kind.is_transient()))
        .notify(|error, after| tracing::info!(%error, ?after, "posted again"))
        .adjust(|error, delay| match error.why {
            Obstacle::Forge(ForgeError { kind: ForgeErrorKind::Throttled(asked), .. }) => {
                retry::next_delay(delay, asked, retry::left(began))
            }
            _ => retry::next_delay(delay, None, retry::left(began)),
        })
        .await
}

/// Our comments that the new one replaces, with their markers, the oldest first.
#[derive(PartialEq)]
struct Listed {
    ours: Vec<(OwnComment, Marker)>,
    /// The number of comments that were read, if there are more.
    only_first: Option<usize>,
}

async fn attempt(forge: &dyn Forge, posting: &Posting<'_>) -> Result<Posted, NotPosted> {
    let number = find(forge, posting).await?;
    // The list is read before the pull request, because it can be long: the head must be as fresh as possible when the writes begin.
    // Without the list there is no comment, but a status all the same.
    let listed = match list(forge, posting, number).await {
        Err(error) if error.kind.is_transient() => return Err(error.into()),
        listed => listed,
    };
    let to = forge.pull_request(number).await?;
    // A validation shows only what is in the files of the fork.
    if to.is_from_fork && posting.marker.command != CommandName::Validate {
        return Err(Obstacle::Fork(number).into());
    }
    let without_writes = |outcome| Posted { number, outcome, hidden: 0, is_shortened: false, failed: None };
    // A newer commit on the branch outdates a plan or a validation, but not the receipt of an apply.
    if posting.marker.command != CommandName::Apply && posting.head.is_some_and(|head| head != to.head) {
        return Ok(without_writes(CommentOutcome::BranchMoved));
    }
    if listed.as_ref().is_ok_and(|listed| newer(listed, posting, &to).is_some()) {
        return Ok(without_writes(CommentOutcome::Superseded));
    }
    let status = status(posting.marker, posting.body, posting.target);
    let status = if posting.with_status { Some(set(forge, &to, &status).await?) } else { None };
    let settled = match listed {
        Ok(listed) => settle_with_patience(forge, posting, &to, listed).await,
        Err(error) => Err(error.into()),
    };
    let status_is_set = matches!(status, Some(None));
    match settled {
        Ok(posted) => Ok(Posted { failed: status.flatten().or(posted.failed), ..posted }),
        Err(why) => Err(NotPosted { why: explained(forge, &to, why).await, status_is_set }),
    }
}

/// Replaces a refusal by its reason, if the host knows one.
async fn explained(forge: &dyn Forge, to: &PullRequest, why: Obstacle) -> Obstacle {
    let Obstacle::Forge(ForgeError { kind: kind @ (ForgeErrorKind::Denied | ForgeErrorKind::Refused), .. }) = &why
    else {
        return why;
    };
    match forge.closed(to.number).await {
        Ok(Some(Closed::Archived)) => Obstacle::Archived(to.number),
        Ok(Some(Closed::Locked)) => Obstacle::Locked(to.number),
        Ok(None) | Err(_) if to.is_from_fork && *kind == ForgeErrorKind::Denied => Obstacle::ReadOnly(to.number),
        Ok(None) | Err(_) => why,
    }
}

/// Sets a status. A permanent error is a value, because the comment can be posted without a status. A transient error fails the attempt,
/// which is then repeated.
async fn set(forge: &dyn Forge, to: &PullRequest, status: &CommitStatus) -> Result<Option<ForgeError>, ForgeError> {
    permanent_as_value(forge.set_status(to, status).await)
}

fn permanent_as_value(done: Result<(), ForgeError>) -> Result<Option<ForgeError>, ForgeError> {
    match done {
        Ok(()) => Ok(None),
        Err(error) if error.kind.is_transient() => Err(error),
        Err(error) => Ok(Some(error)),
    }
}

/// Hides or deletes a comment, and returns a permanent error as a value.
async fn hide(
    forge: &dyn Forge,
    number: PullRequestNumber,
    comment: &OwnComment,
) -> Result<Option<ForgeError>, ForgeError> {
    match forge.hide(number, comment).await {
        // Another run did it first.
        Err(error) if error.kind == ForgeErrorKind::NotFound => Ok(None),
        done => permanent_as_value(done),
    }
}

async fn find(forge: &dyn Forge, posting: &Posting<'_>) -> Result<PullRequestNumber, Obstacle> {
    if let Some(number) = posting.number {
        return Ok(number);
    }
    let commit = posting.commit.ok_or(Obstacle::Nowhere)?;
    forge.pull_request_of(commit).await?.ok_or_else(|| Obstacle::NoPullRequest(commit.to_owned()))
}

/// The comment that a newer report wrote, if there is one.
fn newer<'a>(listed: &'a Listed, posting: &Posting<'_>, to: &PullRequest) -> Option<&'a (OwnComment, Marker)> {
    listed.ours.iter().find(|(_, marker)| posting.marker.is_outdated_by(marker, &to.head))
}

/// Makes this the only comment of its kind, shortened if it is too long for the host. A comment that a person deletes meanwhile is written
/// again.
async fn settle_with_patience(
    forge: &dyn Forge,
    posting: &Posting<'_>,
    to: &PullRequest,
    listed: Listed,
) -> Result<Posted, Obstacle> {
    let is_too_long = |settled: &Result<Posted, Obstacle>| is_of(settled, ForgeErrorKind::TooLong);
    let whole = settle_or_again(forge, posting, to, &listed, posting.body).await;
    if !is_too_long(&whole) {
        return whole;
    }
    let shortened = settle_or_again(forge, posting, to, &listed, &beginning(forge, posting)).await;
    shortened.map(|posted| Posted { is_shortened: true, ..posted })
}

fn is_of(settled: &Result<Posted, Obstacle>, kind: ForgeErrorKind) -> bool {
    matches!(settled, Err(Obstacle::Forge(error)) if error.kind == kind)
}

async fn settle_or_again(
    forge: &dyn Forge,
    posting: &Posting<'_>,
    to: &PullRequest,
    listed: &Listed,
    body: &str,
) -> Result<Posted, Obstacle> {
    let settled = settle(forge, posting, to, listed, body).await;
    if !is_of(&settled, ForgeErrorKind::NotFound) {
        return settled;
    }
    let now = list(forge, posting, to.number).await?;
    if now == *listed { settled } else { settle(forge, posting, to, &now, body).await }
}

/// Makes this the only comment of its kind.
async fn settle(
    forge: &dyn Forge,
    posting: &Posting<'_>,
    to: &PullRequest,
    listed: &Listed,
    body: &str,
) -> Result<Posted, Obstacle> {
    let number = to.number;
    if body.chars().count() > forge.longest_comment() {
        return Err(ForgeError::new(ForgeErrorKind::TooLong, "the comment is longer than the host accepts").into());
    }
    let is_open = posting.marker.verdict != CommentVerdict::Passed;
    let (mut created, relisted);
    let listed = match (listed.ours.is_empty(), listed.only_first) {
        (false, _) => {
            created = None;
            listed
        }
        (true, Some(read)) => return Err(Obstacle::TooMany { pull_request: number, read }),
        (true, None) => {
            created = Some(forge.create(number, body, is_open).await?);
            // Another run may have done the same at the same time.
            relisted = list(forge, posting, number).await?;
            &relisted
        }
    };
    let posted = |outcome, hidden| Posted { number, outcome, hidden, is_shortened: false, failed: None };
    if let Some((newer, marker)) = newer(listed, posting, to) {
        let mut left = posted(CommentOutcome::Superseded, 0);
        // The later run may not have seen the comment that this run created. If that comment is the oldest, the later run takes it over.
        created.take_if(|created| listed.ours.first().is_some_and(|(oldest, _)| oldest.id == created.id));
        if let Some(extra) = created {
            left.failed = hide(forge, number, &extra).await?;
        }
        // This run may have set its status after the later one.
        if posting.with_status {
            left.failed = set(forge, to, &status(marker, &newer.body, None)).await?.or(left.failed);
        }
        return Ok(left);
    }
    let Some(((oldest, _), others)) = listed.ours.split_first() else {
        return Ok(posted(CommentOutcome::Created, 0));
    };
    let outcome = match created {
        Some(created) if created.id == oldest.id => CommentOutcome::Created,
        _ if oldest.body == body => CommentOutcome::Unchanged,
        _ => {
            forge.update(number, oldest, body, is_open).await?;
            CommentOutcome::Updated
        }
    };
    let mut all = posted(outcome, 0);
    for (other, _) in others {
        match hide(forge, number, other).await? {
            None => all.hidden += 1,
            failed => all.failed = failed,
        }
    }
    Ok(all)
}

/// Lists our comments that this one replaces.
async fn list(forge: &dyn Forge, posting: &Posting<'_>, number: PullRequestNumber) -> Result<Listed, ForgeError> {
    let own = forge.own_comments(number).await?;
    let marked =
        own.comments.into_iter().filter_map(|comment| Marker::of(&comment.body).map(|marker| (comment, marker)));
    let mut ours: Vec<(OwnComment, Marker)> = marked.filter(|(_, marker)| posting.marker.replaces(marker)).collect();
    let tenants: BTreeSet<&str> = ours.iter().filter_map(|(_, marker)| marker.tenant.as_deref()).collect();
    // If comments about two tenants match, a report without the tenant's name does not show which of them to replace.
    if posting.marker.tenant.is_none() && tenants.len() > 1 {
        ours.retain(|(_, marker)| marker.tenant.is_none());
    }
    Ok(Listed { ours, only_first: own.only_first })
}

/// The beginning of a comment that is too long: the verdict, the errors, and where the rest is.
fn beginning(forge: &dyn Forge, posting: &Posting<'_>) -> String {
    let beginning: Vec<&str> = posting.body.split("\n\n").take(2).collect();
    let rest = match posting.target {
        Some(target) => format!("[The run]({target}) shows the complete report."),
        None => "The log of the run shows the complete report.".to_owned(),
    };
    format!("{}\n\n{} does not accept a comment of this length. {rest}\n", beginning.join("\n\n"), forge.name())
}

/// The status that belongs to a comment.
fn status(marker: &Marker, body: &str, target: Option<&str>) -> CommitStatus {
    let Marker { command, root, verdict, .. } = marker;
    let state = match verdict {
        CommentVerdict::Passed => StatusState::Success,
        CommentVerdict::Blocked => StatusState::Failure,
        CommentVerdict::Failed => StatusState::Error,
    };
    let folder = if root == "." { String::new() } else { format!(" ({root})") };
    let name = format!("allot/{command}{folder}");
    CommitStatus { name, state, description: headline(body), target: target.map(str::to_owned) }
}

/// The headline of a comment, without Markdown.
fn headline(body: &str) -> String {
    let line = body.lines().find_map(|line| line.strip_prefix("### ")).unwrap_or("allot");
    line.replace('`', "")
}

#[cfg(test)]
mod tests;
