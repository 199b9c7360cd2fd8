//! Keeps one comment on a pull request up to date, and a status beside it.
//!
//! An attempt reads before it writes, so it can be repeated: after an answer that was lost, and by another run at the same time. If two
//! runs each wrote a comment, the older comment remains, with the text of the later run.

use std::collections::BTreeSet;

use backon::Retryable;
use jiff::SignedDuration;
use tokio::time::Instant;

use crate::forge::port::{
    CommitStatus, Forge, ForgeError, ForgeErrorKind, OwnComment, PullRequest, PullRequestNumber, StatusState,
};
use crate::model::command::CommandName;
use crate::model::marker::{CommentVerdict, Marker};
use crate::net::retry;

const A_DAY: SignedDuration = SignedDuration::from_hours(24);

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
    /// The last commit of the branch, if the run knows it.
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

/// Why nothing was posted.
#[derive(Debug, thiserror::Error)]
pub enum NotPosted {
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
    #[error("pull request {} is from a fork, and a comment on it may not show a tenant", .0.0)]
    Fork(PullRequestNumber),
    /// The job of a fork has a token that may only read.
    #[error("pull request {} is from a fork, whose runs may not comment", .0.0)]
    ReadOnly(PullRequestNumber),
}

/// Creates or updates the one comment, and sets the status.
///
/// # Errors
///
/// If there is no pull request to comment on, or the host refuses.
pub async fn post(forge: &dyn Forge, posting: &Posting<'_>) -> Result<Posted, NotPosted> {
    let once = || attempt(forge, posting);
    let began = Instant::now();
    once.retry(retry::delays(posting.seed))
        .sleep(tokio::time::sleep)
        .when(|error| matches!(error, NotPosted::Forge(error) if error.kind.is_transient()))
        .notify(|error, after| tracing::info!(%error, ?after, "posted again"))
        .adjust(|error, delay| match error {
            NotPosted::Forge(ForgeError { kind: ForgeErrorKind::Throttled(asked), .. }) => {
                retry::next_delay(delay, *asked, retry::left(began))
            }
            _ => retry::next_delay(delay, None, retry::left(began)),
        })
        .await
}

async fn attempt(forge: &dyn Forge, posting: &Posting<'_>) -> Result<Posted, NotPosted> {
    let number = number(forge, posting).await?;
    let pull_request = forge.pull_request(number).await?;
    // A validation shows only what is in the files of the fork.
    if pull_request.is_from_fork && posting.marker.command != CommandName::Validate {
        return Err(NotPosted::Fork(number));
    }
    // A newer commit on the branch outdates a plan or a validation, but not the receipt of an apply.
    if posting.marker.command != CommandName::Apply && posting.head.is_some_and(|head| head != pull_request.head) {
        return Ok(Posted {
            number,
            outcome: CommentOutcome::BranchMoved,
            hidden: 0,
            is_shortened: false,
            failed: None,
        });
    }
    match write(forge, posting, &pull_request).await {
        Err(error) if error.kind == ForgeErrorKind::Denied && pull_request.is_from_fork => {
            Err(NotPosted::ReadOnly(number))
        }
        written => Ok(written?),
    }
}

async fn write(forge: &dyn Forge, posting: &Posting<'_>, to: &PullRequest) -> Result<Posted, ForgeError> {
    let mut posted = match settle(forge, posting, to.number, posting.body).await {
        Err(error) if error.kind == ForgeErrorKind::TooLong => shortened(forge, posting, to.number).await,
        settled => settled,
    }?;
    if posting.with_status && posted.outcome != CommentOutcome::Superseded {
        posted.failed = permanent_as_value(forge.set_status(to, &status(posting)).await)?.or(posted.failed);
    }
    Ok(posted)
}

/// Turns a permanent error into a value, if the error is about the status or another comment, because the comment itself is posted. A
/// transient error fails the attempt, which is then repeated.
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

async fn number(forge: &dyn Forge, posting: &Posting<'_>) -> Result<PullRequestNumber, NotPosted> {
    if let Some(number) = posting.number {
        return Ok(number);
    }
    let commit = posting.commit.ok_or(NotPosted::Nowhere)?;
    forge.pull_request_of(commit).await?.ok_or_else(|| NotPosted::NoPullRequest(commit.to_owned()))
}

/// Makes this the only comment of its kind.
async fn settle(
    forge: &dyn Forge,
    posting: &Posting<'_>,
    number: PullRequestNumber,
    body: &str,
) -> Result<Posted, ForgeError> {
    if body.chars().count() > forge.longest_comment() {
        return Err(ForgeError::new(ForgeErrorKind::TooLong, "the comment is longer than the host accepts"));
    }
    let is_open = posting.marker.verdict != CommentVerdict::Passed;
    let mut ours = replaced(forge, posting, number).await?;
    let mut created = None;
    if ours.is_empty() {
        created = Some(forge.create(number, body, is_open).await?);
        // Another run may have done the same at the same time.
        ours = replaced(forge, posting, number).await?;
    }
    let posted = |outcome, hidden| Posted { number, outcome, hidden, is_shortened: false, failed: None };
    // The marker of a concurrent run is less than a day later. A marker further in the future is forged or wrong, and is ignored.
    let latest = posting.marker.made_at.saturating_add(A_DAY).unwrap_or(posting.marker.made_at);
    let is_newer = |marker: &Marker| marker.made_at > posting.marker.made_at && marker.made_at < latest;
    if ours.iter().any(|(_, marker)| is_newer(marker)) {
        let mut left = posted(CommentOutcome::Superseded, 0);
        // The later run may not have seen the comment that this run created. If that comment is the oldest, the later run takes it over.
        let extra = created.filter(|created| ours.first().is_some_and(|(oldest, _)| oldest.id != created.id));
        if let Some(extra) = extra {
            left.failed = hide(forge, number, &extra).await?;
        }
        return Ok(left);
    }
    let Some(((oldest, _), others)) = ours.split_first() else {
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

/// Our comments that this one replaces, the oldest first.
async fn replaced(
    forge: &dyn Forge,
    posting: &Posting<'_>,
    number: PullRequestNumber,
) -> Result<Vec<(OwnComment, Marker)>, ForgeError> {
    let own = forge.own_comments(number).await?;
    let marked = own.into_iter().filter_map(|comment| Marker::of(&comment.body).map(|marker| (comment, marker)));
    let mut replaced: Vec<(OwnComment, Marker)> =
        marked.filter(|(_, marker)| posting.marker.replaces(marker)).collect();
    let tenants: BTreeSet<&str> = replaced.iter().filter_map(|(_, marker)| marker.tenant.as_deref()).collect();
    // If comments about two tenants match, a report without the tenant's name does not show which of them to replace.
    if posting.marker.tenant.is_none() && tenants.len() > 1 {
        replaced.retain(|(_, marker)| marker.tenant.is_none());
    }
    Ok(replaced)
}

/// Posts the beginning of a comment that is too long: the verdict, the errors, and where the rest is.
async fn shortened(forge: &dyn Forge, posting: &Posting<'_>, number: PullRequestNumber) -> Result<Posted, ForgeError> {
    let mut paragraphs = posting.body.split("\n\n");
    let beginning: Vec<&str> = paragraphs.by_ref().take(2).collect();
    let rest = match posting.target {
        Some(target) => format!("[The run]({target}) shows it whole."),
        None => "The log of the run shows it whole.".to_owned(),
    };
    let body =
        format!("{}\n\n{} does not accept a comment of this length. {rest}\n", beginning.join("\n\n"), forge.name());
    settle(forge, posting, number, &body).await.map(|posted| Posted { is_shortened: true, ..posted })
}

fn status(posting: &Posting<'_>) -> CommitStatus {
    let Marker { command, root, verdict, .. } = posting.marker;
    let state = match verdict {
        CommentVerdict::Passed => StatusState::Success,
        CommentVerdict::Blocked => StatusState::Failure,
        CommentVerdict::Failed => StatusState::Error,
    };
    let folder = if root == "." { String::new() } else { format!(" ({root})") };
    let target = posting.target.map(str::to_owned);
    CommitStatus { name: format!("allot/{command}{folder}"), state, description: headline(posting.body), target }
}

/// The headline of a comment, without Markdown.
fn headline(body: &str) -> String {
    let line = body.lines().find_map(|line| line.strip_prefix("### ")).unwrap_or("allot");
    line.replace('`', "")
}

#[cfg(test)]
mod tests;
