//! What `allot comment` says and how it ends if a host takes no comment: the status is set all the same, and the job of an apply that
//! worked does not fail.

use axum::http::StatusCode;

use crate::hosts::{ALL, Host, Kind, READS, TOKEN};
use crate::posting::{comment, planned, told, write};
use crate::support::Folder;

/// Posts a report, and returns what `allot comment` said, in one line.
fn ends(folder: &Folder, host: &Host, file: &str, exit: i32) -> String {
    let said = told(comment(folder, host, TOKEN, file).output().expect("the binary runs"), exit);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder with the receipt of an apply that applied everything.
fn applied() -> Folder {
    let folder = planned();
    write(&folder, "apply", "2026-11-24T10:00:00Z", 0);
    folder
}

#[test]
fn a_locked_conversation_keeps_the_status_and_says_so() {
    for host in [Kind::GitHub, Kind::GitLab].map(Host::start) {
        let folder = applied();
        host.with(|state| state.is_locked = true);
        let words = "the conversation on pull request 12 is locked, so no comment was posted; the status was set";
        let plan = ends(&folder, &host, "plan.md", 1);
        assert!(plan.contains(&format!("error: {words}")) && plan.contains("unlock it"), "{plan}");
        assert_eq!(host.with(|state| state.statuses.len()), 1);
        let receipt = ends(&folder, &host, "apply.md", 0);
        assert!(receipt.contains(&format!("warning: {words}")), "{receipt}");
        let is_annotated = receipt.starts_with("::warning title=allot comment::the conversation");
        assert_eq!(is_annotated, host.kind == Kind::GitHub, "{receipt}");
        assert_eq!(host.shown(), Vec::<String>::new());
    }
}

#[test]
fn an_archived_repository_is_named() {
    for host in [Kind::GitHub, Kind::GitLab].map(Host::start) {
        let folder = applied();
        host.with(|state| state.is_archived = true);
        let words = "the repository of pull request 12 is archived, so no comment was posted";
        let plan = ends(&folder, &host, "plan.md", 1);
        assert!(plan.contains(&format!("error: {words}")) && plan.contains("unarchive it"), "{plan}");
        assert!(ends(&folder, &host, "apply.md", 0).contains(&format!("warning: {words}")));
    }
}

#[test]
fn a_comment_that_a_person_deletes_is_written_again() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        assert!(ends(&folder, &host, "plan.md", 0).starts_with("created"));
        host.with(|state| state.deletes_first = true);
        write(&folder, "plan", "2026-11-24T09:40:00Z", 0);
        let told = ends(&folder, &host, "plan.md", 0);
        assert!(told.starts_with("created the comment on "), "{:?}: {told}", host.kind);
        assert_eq!(host.shown().len(), 1);
    }
}

/// A public repository's receipt would show strangers what the tenant holds.
#[test]
fn the_receipt_of_a_merged_fork_is_not_posted_and_its_job_does_not_fail() {
    for host in ALL.map(Host::start) {
        let folder = applied();
        host.with(|state| state.is_fork = true);
        let told = ends(&folder, &host, "apply.md", 0);
        assert_eq!(
            told,
            "nothing posted: pull request 12 is from a fork, so a comment must not show the tenant's data"
        );
        host.with(|state| assert!(state.comments.is_empty() && state.statuses.is_empty()));
    }
}

/// A wrong clock does not make the pause longer or shorter: the host's own clock counts.
#[test]
fn a_rate_limit_that_is_used_up_names_the_pause_and_is_not_asked_again() {
    let host = Host::start(Kind::GitHub);
    let folder = applied();
    host.with(|state| state.spent_for = Some(2_400));
    let plan = ends(&folder, &host, "plan.md", 1);
    assert!(plan.contains("received too many requests") && plan.contains("a pause of 2400 seconds"), "{plan}");
    assert_eq!(host.requests().len(), 1, "no retry can succeed before");
    assert!(ends(&folder, &host, "apply.md", 0).contains("warning: 127.0.0.1 received too many requests"));
}

#[test]
fn among_too_many_comments_no_second_one_is_written() {
    for host in [Kind::GitHub, Kind::GitLab].map(Host::start) {
        let folder = applied();
        // The fakes show two comments a page, and a hundred pages are read.
        (0..201).for_each(|_| host.seed(false, "spam"));
        let words = "pull request 12 has more than 200 comments, and this tool's is not among the first 200, so no \
                     comment was posted; the status was set";
        let plan = ends(&folder, &host, "plan.md", 1);
        assert!(plan.contains(words), "{plan}");
        assert!(ends(&folder, &host, "apply.md", 0).contains("warning: "));
        host.with(|state| assert_eq!((state.comments.len(), state.statuses.len()), (201, 2)));
        // One that is found is kept up to date.
        host.with(|state| state.comments.clear());
        assert!(ends(&folder, &host, "plan.md", 0).starts_with("created"));
        (0..201).for_each(|_| host.seed(false, "spam"));
        write(&folder, "plan", "2026-11-24T09:40:00Z", 0);
        assert!(ends(&folder, &host, "plan.md", 0).starts_with("updated"));
    }
}

#[test]
fn no_refusal_of_a_host_fails_the_job_of_an_apply_that_worked() {
    for host in ALL.map(Host::start) {
        let folder = applied();
        for status in [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::NOT_FOUND, StatusCode::FORBIDDEN] {
            host.with(|state| state.faults = vec![(status, None); 9]);
            assert!(ends(&folder, &host, "apply.md", 0).contains("warning: "));
            ends(&folder, &host, "plan.md", 1);
        }
        host.with(|state| state.faults.clear());
        let reads = told(comment(&folder, &host, READS, "apply.md").output().expect("the binary runs"), 0);
        assert!(reads.contains("warning: ") && reads.contains("help: "), "{reads}");
        let mut command = comment(&folder, &host, TOKEN, "apply.md");
        for name in ["GITHUB_TOKEN", "GITLAB_TOKEN", "SYSTEM_ACCESSTOKEN"] {
            command.env_remove(name);
        }
        assert!(told(command.output().expect("the binary runs"), 0).contains("there is no token to comment with"));
    }
}
