//! The event that started a job of GitHub Actions: the file that GITHUB_EVENT_PATH names.

use serde::Deserialize;

/// An event, as far as it is about a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// The pull request, if the event is about one.
    #[serde(default)]
    pub pull_request: Option<EventPullRequest>,
}

/// The pull request of an event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EventPullRequest {
    /// The number in its repository.
    pub number: u64,
    /// The end of its branch.
    pub head: EventHead,
}

/// The end of a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct EventHead {
    /// The last commit.
    pub sha: String,
    /// The name of the branch.
    #[serde(default, rename = "ref")]
    pub branch: Option<String>,
    /// The repository of the branch; `None` if it was deleted.
    #[serde(default)]
    pub repo: Option<EventRepository>,
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EventRepository {
    /// The address of its page.
    #[serde(default)]
    pub html_url: Option<String>,
}
