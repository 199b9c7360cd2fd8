//! Who started a CI job, and the pull request that it is about, as its host says.

use super::event::Event;
use super::host::{Host, RepositoryPage, is_same_site, without_user};
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
            let project = project.filter(|at| repository.is_none_or(|it| is_same_site(at, &it.address)));
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

/// The branch of the pull request that the job is about; `None` if the host does not say where it is, or names a place on another host
/// than the repository's.
pub(super) fn branch(
    host: Host,
    variables: Variables<'_>,
    event: &Event,
    repository: Option<&RepositoryPage>,
) -> Option<BranchPage> {
    let value = |name: &str| first(variables, &[name]);
    let base = repository?;
    let page = |address: &str| {
        let address = without_user(address);
        let address = address.trim_end_matches('/').trim_end_matches(".git").to_owned();
        is_same_site(&address, &base.address).then_some(RepositoryPage { host: base.host, address })
    };
    let (repository, name) = match host {
        Host::GitHub => {
            let head = &event.pull_request.as_ref()?.head;
            (page(head.repo.as_ref()?.html_url.as_deref()?)?, head.branch.clone()?)
        }
        Host::GitLab => {
            (page(&value("CI_MERGE_REQUEST_SOURCE_PROJECT_URL")?)?, value("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")?)
        }
        Host::AzureDevOps => {
            let reference = value("SYSTEM_PULLREQUEST_SOURCEBRANCH")?;
            let name = reference.strip_prefix("refs/heads/").unwrap_or(&reference).to_owned();
            let named = value("SYSTEM_PULLREQUEST_SOURCEREPOSITORYURI").and_then(|address| page(&address));
            let fork = named.filter(|it| !it.address.eq_ignore_ascii_case(&base.address));
            let is_fork = value("SYSTEM_PULLREQUEST_ISFORK").map(|is| is.eq_ignore_ascii_case("true"));
            match (fork, is_fork) {
                (Some(fork), _) => (fork, name),
                (None, Some(false)) => (base.clone(), name),
                // For a repository of GitHub, the variables need not say whether the branch is in a fork.
                (None, None) if base.host == Host::AzureDevOps => (base.clone(), name),
                (None, _) => return None,
            }
        }
    };
    Some(BranchPage { repository, name })
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
        let elsewhere = [&set[..5], &[("CI_MERGE_REQUEST_PROJECT_URL", "https://evil.example/x")]].concat();
        check(&elsewhere, &none, Some("ana"), Some((12, "https://gitlab.com/fork/capacity/-/merge_requests/12")));
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
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "contoso/capacity"),
        ];
        let at = |address: &str| opened(&format!(r#"{{ "html_url": "{address}" }}"#));
        let gitlab = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://gitlab.com/contoso/capacity"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "hr/more"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_URL", "https://user:sesame@gitlab.com/ana/capacity"),
        ];
        let elsewhere = ("CI_MERGE_REQUEST_SOURCE_PROJECT_URL", "https://evil.example/ana/capacity");
        for (set, event, expected) in [
            (&github[..], &at("https://github.com/ana/capacity"), "https://github.com/ana/capacity"),
            (&github, &at("https://evil.example/ana/capacity"), ""),
            (&github, &at("https://github.com.evil.example/ana/capacity"), ""),
            (&github, &at("https://github.com:8443/ana/capacity"), ""),
            (&github, &at("http://github.com/ana/capacity"), ""),
            (&github, &at("javascript:alert(1)"), ""),
            (&github[..1], &at("https://github.com/ana/capacity"), ""),
            (&github, &opened("null"), ""),
            (&github, &none, ""),
            (&gitlab, &none, "https://gitlab.com/ana/capacity"),
            (&gitlab[..3], &none, ""),
            (&[&gitlab[..3], &[elsewhere]].concat(), &none, ""),
        ] {
            check_branch(set, event, expected);
        }
    }

    #[test]
    fn azure_pipelines_says_where_the_branch_is_unless_a_fork_is_not_named() {
        let azure = [
            ("TF_BUILD", "True"),
            ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/hr/more"),
            ("BUILD_REPOSITORY_URI", "https://dev.azure.com/contoso/p/_git/capacity"),
        ];
        let on_azure = "https://dev.azure.com/contoso/p/_git/capacity";
        let github = [
            azure[0],
            azure[1],
            ("BUILD_REPOSITORY_PROVIDER", "GitHub"),
            ("BUILD_REPOSITORY_URI", "https://github.com/contoso/capacity.git"),
        ];
        let base = "https://github.com/contoso/capacity";
        let fork = |is| ("SYSTEM_PULLREQUEST_ISFORK", is);
        let from = |address| ("SYSTEM_PULLREQUEST_SOURCEREPOSITORYURI", address);
        for (set, more, expected) in [
            (&azure[..], &[][..], on_azure),
            (&azure, &[fork("False")], on_azure),
            (&azure, &[fork("True")], ""),
            (&github, &[], ""),
            (&github, &[fork("False")], base),
            (&github, &[fork("True")], ""),
            // The variable can name the repository of the pull request, and not that of its branch.
            (&github, &[fork("True"), from(base)], ""),
            (&github, &[fork("True"), from("https://github.com/ana/capacity.git")], "https://github.com/ana/capacity"),
            (&github, &[from("https://github.com/ana/capacity")], "https://github.com/ana/capacity"),
            (&github, &[fork("True"), from("https://evil.example/ana/capacity")], ""),
        ] {
            check_branch(&[set, more].concat(), &Event::default(), expected);
        }
    }

    #[track_caller]
    fn check_branch(set: &[(&str, &str)], event: &Event, expected: &str) {
        let value = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let branch = Job::of(&value, event).branch;
        let found = branch.as_ref().map(|it| (it.repository.address.as_str(), it.name.as_str()));
        assert_eq!(found, Some((expected, "hr/more")).filter(|_| !expected.is_empty()));
    }

    #[test]
    fn outside_a_host_nobody_is_named() {
        check(&[("GITHUB_ACTOR", "ana"), ("CI_MERGE_REQUEST_IID", "12")], &Event::default(), None, None);
    }
}
