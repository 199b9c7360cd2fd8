//! The port to a host of pull requests, which keeps one comment up to date.
//!
//! No method retries. A caller may repeat its calls, because it reads first and sees which writes took effect.

use std::time::Duration;

use futures::future::BoxFuture;

/// The future of every method of the port.
pub type ForgeFuture<'a, T> = BoxFuture<'a, Result<T, ForgeError>>;

/// The kind of a host's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgeErrorKind {
    /// The token is invalid or lacks permission.
    Denied,
    /// The object does not exist, or the token cannot see it.
    NotFound,
    /// The comment is too long for the host.
    TooLong,
    /// Too many requests. The delay is the host's, if it sent one.
    Throttled(Option<Duration>),
    /// The host cannot be reached, does not answer, or fails. A write may have taken effect.
    Unavailable,
    /// The host refuses for another reason.
    Refused,
    /// The response is malformed, or the request cannot be built.
    Malformed,
}

impl ForgeErrorKind {
    /// Whether a retry may succeed later without a change.
    pub const fn is_transient(self) -> bool {
        matches!(self, ForgeErrorKind::Throttled(_) | ForgeErrorKind::Unavailable)
    }
}

/// An error of a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ForgeError {
    /// The kind.
    pub kind: ForgeErrorKind,
    /// What happened, in words for people, without a full stop.
    pub message: String,
    /// What to do next, if anything can be done.
    pub help: Option<String>,
}

impl ForgeError {
    /// An error without advice.
    pub fn new(kind: ForgeErrorKind, message: impl Into<String>) -> ForgeError {
        ForgeError { kind, message: message.into(), help: None }
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> ForgeError {
        self.help = Some(help.into());
        self
    }
}

/// The number of a pull request in its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullRequestNumber(pub u64);

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// The number.
    pub number: PullRequestNumber,
    /// The last commit of its branch. A status is set on this commit.
    pub head: String,
    /// Whether its branch is in another repository, to which strangers may push.
    pub is_from_fork: bool,
}

/// Why a pull request takes no comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Its conversation is locked.
    Locked,
    /// Its repository is archived.
    Archived,
}

/// The comments that the owner of the token wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnComments {
    /// The comments, oldest first, without those that are hidden.
    pub comments: Vec<OwnComment>,
    /// The number of comments by anybody that were read, if there are more. `None` if all were read.
    pub only_first: Option<usize>,
}

/// A comment that the owner of the token wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnComment {
    /// The id of the comment, in a form that only its adapter reads.
    pub id: String,
    /// The text of the comment.
    pub body: String,
}

/// The state of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusState {
    /// The pull request can be merged.
    Success,
    /// A problem must be fixed.
    Failure,
    /// The result is unknown.
    Error,
}

/// A status of a commit or a pull request, which a branch policy can require.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// The name. A later status with the same name replaces this one.
    pub name: String,
    /// The state.
    pub state: StatusState,
    /// The description, in one line.
    pub description: String,
    /// The address of details.
    pub target: Option<String>,
}

/// A host of pull requests, used with one token. A failed read is an error and never an empty list.
pub trait Forge: Send + Sync {
    /// The name of the host.
    fn name(&self) -> &'static str;

    /// The maximum length of a comment, in characters.
    fn longest_comment(&self) -> usize;

    /// Reads a pull request.
    fn pull_request(&self, number: PullRequestNumber) -> ForgeFuture<'_, PullRequest>;

    /// The pull request that a commit of the main branch came from, if there is one.
    fn pull_request_of<'a>(&'a self, commit: &'a str) -> ForgeFuture<'a, Option<PullRequestNumber>>;

    /// The comments by the owner of the token, oldest first, without those that are hidden.
    fn own_comments(&self, number: PullRequestNumber) -> ForgeFuture<'_, OwnComments>;

    /// Why the pull request takes no comments, although the token may write. Asked after a refusal, for a better
    /// message.
    fn closed(&self, number: PullRequestNumber) -> ForgeFuture<'_, Option<Closed>>;

    /// Writes a new comment. On hosts with open and closed comments, `is_open` decides; an open comment requires an action.
    fn create<'a>(&'a self, number: PullRequestNumber, body: &'a str, is_open: bool) -> ForgeFuture<'a, OwnComment>;

    /// Replaces the text of a comment.
    fn update<'a>(
        &'a self,
        number: PullRequestNumber,
        comment: &'a OwnComment,
        body: &'a str,
        is_open: bool,
    ) -> ForgeFuture<'a, ()>;

    /// Hides a comment that another one supersedes, or deletes it if the host cannot hide comments.
    fn hide<'a>(&'a self, number: PullRequestNumber, comment: &'a OwnComment) -> ForgeFuture<'a, ()>;

    /// Sets a status on the head commit, or on the pull request itself (Azure DevOps).
    fn set_status<'a>(&'a self, pull_request: &'a PullRequest, status: &'a CommitStatus) -> ForgeFuture<'a, ()>;
}
