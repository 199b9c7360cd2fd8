//! Who started a CI job, and the pull request that it is about, as its host says.

use super::event::Event;
use super::host::{Host, RepositoryPage, without_user};
use super::variables::Variables;

/// The pull request of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// The number in its repository.
    pub number: u64,
    /// The address of its page.
    pub address: Option<String>,
}

/// The branch of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchPage {
    /// The repository of the branch, which can be a fork.
    pub repository: RepositoryPage,
    /// The name of the branch.
    pub name: String,
}

fn first(variables: Variables<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| variables(name).filter(|value| !value.trim().is_empty()))
}

/// The person or program that started the job. The name is untrusted text.
pub(super) fn actor(host: Host, variables: Variables<'_>) -> Option<String> {
    let names: &[&str] = match host {
        // The person who runs a job again can be another than the person who caused its first run.
        Host::GitHub => &["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"],
        Host::GitLab => &["GITLAB_USER_LOGIN", "GITLAB_USER_NAME"],
        Host::AzureDevOps => &["BUILD_REQUESTEDFOR"],
    };
    first(variables, names).map(|name| name.trim().to_owned())
}

/// The pull request that the job is about; `None` for a job of a branch.
pub(super) fn pull_request(
    host: Host,
    variables: Variables<'_>,
    event: &Event,
    repository: Option<&RepositoryPage>,
) -> Option<PullRequest> {
    let number = |name: &str| first(variables, &[name]).and_then(|number| number.trim().parse().ok());
    match host {
        Host::GitHub => {
            // The reference of a pull request's job is `refs/pull/12/merge`.
            let reference = first(variables, &["GITHUB_REF"]).unwrap_or_default();
            let running = reference.strip_prefix("refs/pull/").and_then(|rest| rest.split('/').next()?.parse().ok());
            let number = event.pull_request.as_ref().map(|it| it.number).or(running)?;
            Some(PullRequest { number, address: repository.map(|it| format!("{}/pull/{number}", it.address)) })
        }
        Host::GitLab => {
            let number: u64 = number("CI_MERGE_REQUEST_IID")?;
            // A pipeline of a fork can run in the fork, and the merge request is in the other project.
            let project = first(variables, &["CI_MERGE_REQUEST_PROJECT_URL"]).map(|address| without_user(&address));
            let project = project.or_else(|| repository.map(|it| it.address.clone()));
            Some(PullRequest { number, address: project.map(|at| format!("{at}/-/merge_requests/{number}")) })
        }
        Host::AzureDevOps => {
            let is_github = repository.is_some_and(|it| it.host == Host::GitHub);
            let (name, path) = match is_github {
                true => ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "pull"),
                false => ("SYSTEM_PULLREQUEST_PULLREQUESTID", "pullrequest"),
            };
            let number: u64 = number(name)?;
            Some(PullRequest { number, address: repository.map(|it| format!("{}/{path}/{number}", it.address)) })
        }
    }
}

/// The branch of the pull request that the job is about; `None` if the host does not say where it is.
pub(super) fn branch(
    host: Host,
    variables: Variables<'_>,
    event: &Event,
    repository: Option<&RepositoryPage>,
) -> Option<BranchPage> {
    let value = |name: &str| first(variables, &[name]);
    match host {
        Host::GitHub => {
            let head = &event.pull_request.as_ref()?.head;
            let address = head.repo.as_ref()?.html_url.as_deref()?;
            let repository = RepositoryPage { host, address: without_user(address).trim_end_matches('/').to_owned() };
            Some(BranchPage { repository, name: head.branch.clone()? })
        }
        Host::GitLab => {
            let address = value("CI_MERGE_REQUEST_SOURCE_PROJECT_URL")?;
            let repository = RepositoryPage { host, address: without_user(&address) };
            Some(BranchPage { repository, name: value("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")? })
        }
        // The variables do not name the repository of a fork.
        Host::AzureDevOps if value("SYSTEM_PULLREQUEST_ISFORK").is_some_and(|is| is.eq_ignore_ascii_case("true")) => {
            None
        }
        Host::AzureDevOps => {
            let reference = value("SYSTEM_PULLREQUEST_SOURCEBRANCH")?;
            let name = reference.strip_prefix("refs/heads/").unwrap_or(&reference).to_owned();
            Some(BranchPage { repository: repository?.clone(), name })
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ci::event::{Event, EventHead, EventPullRequest};
    use crate::ci::job::Job;

    #[track_caller]
    fn check(set: &[(&str, &str)], event: &Event, actor: Option<&str>, pull_request: Option<(u64, &str)>) {
        let job =
            Job::of(&|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()), event);
        assert_eq!(job.actor.as_deref(), actor);
        let found = job.pull_request.as_ref().map(|it| (it.number, it.address.as_deref().unwrap_or_default()));
        assert_eq!(found, pull_request);
    }

    #[test]
    fn github_names_who_started_this_attempt() {
        let set = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "contoso/capacity"),
            ("GITHUB_ACTOR", "ana"),
            ("GITHUB_TRIGGERING_ACTOR", "ben"),
            ("GITHUB_REF", "refs/pull/12/merge"),
        ];
        let page = "https://github.com/contoso/capacity/pull/12";
        check(&set, &Event::default(), Some("ben"), Some((12, page)));
        check(&set[..4], &Event::default(), Some("ana"), None);
        let opened = Event {
            pull_request: Some(EventPullRequest {
                number: 12,
                head: EventHead { sha: "head".into(), ..EventHead::default() },
            }),
        };
        check(&set[..4], &opened, Some("ana"), Some((12, page)));
    }

    #[test]
    fn gitlab_names_the_user_and_the_merge_request_of_the_target() {
        let set = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://gitlab.com/fork/capacity"),
            ("GITLAB_USER_NAME", "Ana Lytik"),
            ("CI_MERGE_REQUEST_IID", "12"),
            ("GITLAB_USER_LOGIN", "ana"),
            ("CI_MERGE_REQUEST_PROJECT_URL", "https://user:sesame@gitlab.com/contoso/capacity"),
        ];
        let none = Event::default();
        check(&set, &none, Some("ana"), Some((12, "https://gitlab.com/contoso/capacity/-/merge_requests/12")));
        check(&set[..4], &none, Some("Ana Lytik"), Some((12, "https://gitlab.com/fork/capacity/-/merge_requests/12")));
        check(&set[..2], &none, None, None);
    }

    #[test]
    fn azure_pipelines_names_who_asked_for_the_build() {
        let set = [
            ("TF_BUILD", "True"),
            ("BUILD_REPOSITORY_URI", "https://contoso@dev.azure.com/contoso/p/_git/capacity"),
            ("BUILD_REQUESTEDFOR", " Ana <b>@team</b> "),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "12"),
        ];
        let none = Event::default();
        let page = "https://dev.azure.com/contoso/p/_git/capacity/pullrequest/12";
        check(&set, &none, Some("Ana <b>@team</b>"), Some((12, page)));
        let github = [
            ("TF_BUILD", "True"),
            ("BUILD_REPOSITORY_PROVIDER", "GitHub"),
            ("BUILD_REPOSITORY_URI", "https://github.com/contoso/capacity.git"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "990"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "12"),
        ];
        check(&github, &none, None, Some((12, "https://github.com/contoso/capacity/pull/12")));
    }

    #[test]
    fn each_host_says_where_the_branch_is() {
        let opened = |repo: &str| {
            let head = format!(r#"{{ "sha": "4f2c9d1", "ref": "hr/more", "repo": {repo} }}"#);
            serde_json::from_str(&format!(r#"{{ "pull_request": {{ "number": 12, "head": {head} }} }}"#)).unwrap()
        };
        let none = Event::default();
        let github = [("GITHUB_ACTIONS", "true")];
        let gitlab = [
            ("GITLAB_CI", "true"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_URL", "https://user:sesame@gitlab.com/ana/capacity"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "hr/more"),
        ];
        let azure = [
            ("TF_BUILD", "True"),
            ("BUILD_REPOSITORY_URI", "https://dev.azure.com/contoso/p/_git/capacity"),
            ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/hr/more"),
            ("SYSTEM_PULLREQUEST_ISFORK", "True"),
        ];
        for (set, event, expected) in [
            (
                &github[..],
                &opened(r#"{ "html_url": "https://github.com/ana/capacity" }"#),
                "https://github.com/ana/capacity",
            ),
            (&github, &opened("null"), ""),
            (&github, &none, ""),
            (&gitlab, &none, "https://gitlab.com/ana/capacity"),
            (&gitlab[..1], &none, ""),
            (&azure[..3], &none, "https://dev.azure.com/contoso/p/_git/capacity"),
            (&azure, &none, ""),
        ] {
            let value = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            let branch = Job::of(&value, event).branch;
            let found = branch.as_ref().map(|it| (it.repository.address.as_str(), it.name.as_str()));
            assert_eq!(found, Some((expected, "hr/more")).filter(|_| !expected.is_empty()));
        }
    }

    #[test]
    fn outside_a_host_nobody_is_named() {
        check(&[("GITHUB_ACTOR", "ana"), ("CI_MERGE_REQUEST_IID", "12")], &Event::default(), None, None);
    }
}
