//! The port to a host of pull requests: what the tool asks of it to keep one comment up to date.
//!
//! Every call is sent once. The caller may repeat all calls: it reads first, and sees what took effect.

use std::time::Duration;

use futures::future::BoxFuture;

/// What every method of the port returns.
pub type ForgeFuture<'a, T> = BoxFuture<'a, Result<T, ForgeError>>;

/// What can be branched on when a host does not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgeErrorKind {
    /// This token may not do it, or is none.
    Denied,
    /// It is not there, or is not shown to this token.
    NotFound,
    /// The text is longer than the host takes.
    TooLong,
    /// Too many requests; try again after so long, if the host sent a delay.
    Throttled(Option<Duration>),
    /// The host cannot be reached or is out of order; whether a write took effect is not known.
    Unavailable,
    /// The host refuses for another reason.
    Refused,
    /// The host answered with something that makes no sense.
    Malformed,
}

impl ForgeErrorKind {
    /// Whether a retry may succeed later without a change.
    pub const fn is_transient(self) -> bool {
        matches!(self, ForgeErrorKind::Throttled(_) | ForgeErrorKind::Unavailable)
    }
}

/// Why a host did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ForgeError {
    /// What to branch on.
    pub kind: ForgeErrorKind,
    /// What happened, in words for people, without a full stop.
    pub message: String,
    /// What to do next, where something can be done.
    pub help: Option<String>,
}

impl ForgeError {
    /// An error without advice.
    pub fn new(kind: ForgeErrorKind, message: impl Into<String>) -> ForgeError {
        ForgeError { kind, message: message.into(), help: None }
    }

    /// What to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> ForgeError {
        self.help = Some(help.into());
        self
    }
}

/// The number of a pull request in its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullRequestNumber(pub u64);

/// What there is to know of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: PullRequestNumber,
    /// The last commit of its branch: what a status belongs to.
    pub head: String,
    /// Whether its branch is in another repository, which strangers may write to.
    pub is_from_fork: bool,
}

/// A comment that this token's owner wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnComment {
    /// The host's names for it, as far as the adapter needs them.
    pub id: String,
    /// The text of the comment.
    pub body: String,
}

/// The state of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusState {
    /// Good.
    Success,
    /// Something has to be fixed.
    Failure,
    /// Nothing is known.
    Error,
}

/// A mark beside a commit or a pull request, by which a branch policy can hold it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// Its name: a later status of the same name takes its place.
    pub name: String,
    /// The state.
    pub state: StatusState,
    /// One line.
    pub description: String,
    /// Where to read more.
    pub target: Option<String>,
}

/// A host of pull requests, seen by one token.
///
/// A failed read is an error and never an empty list.
pub trait Forge: Send + Sync {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// The longest comment that it takes, in characters.
    fn longest_comment(&self) -> usize;

    /// What there is to know of a pull request.
    fn pull_request(&self, number: PullRequestNumber) -> ForgeFuture<'_, PullRequest>;

    /// The pull request that a commit of the main branch came from; `None` where it came from none.
    fn pull_request_of<'a>(&'a self, commit: &'a str) -> ForgeFuture<'a, Option<PullRequestNumber>>;

    /// The comments of this token's owner, the oldest first, without those that are put away.
    fn own_comments(&self, number: PullRequestNumber) -> ForgeFuture<'_, Vec<OwnComment>>;

    /// Writes a new comment. `is_open` says whether it asks something of its readers, where the host tells these apart.
    fn create<'a>(&'a self, number: PullRequestNumber, body: &'a str, is_open: bool) -> ForgeFuture<'a, OwnComment>;

    /// Replaces the text of a comment.
    fn update<'a>(
        &'a self,
        number: PullRequestNumber,
        comment: &'a OwnComment,
        body: &'a str,
        is_open: bool,
    ) -> ForgeFuture<'a, ()>;

    /// Folds or deletes a comment that another one supersedes.
    fn put_away<'a>(&'a self, number: PullRequestNumber, comment: &'a OwnComment) -> ForgeFuture<'a, ()>;

    /// Sets a status on the last commit that is known of a pull request.
    fn set_status<'a>(&'a self, pull_request: &'a PullRequest, status: &'a CommitStatus) -> ForgeFuture<'a, ()>;
}
