//! The CI job that runs this process, according to the environment variables of its host.

use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::event::Event;
use super::host::{Host, RepositoryPage, without_user};
use super::variables::Variables;
use super::who::{self, BranchPage, PullRequest};

/// A CI job, as far as its variables describe it. Without a known host, no field is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// The host that runs the job, which decides the format of its log.
    pub host: Option<Host>,
    /// The folder of the checkout.
    pub checkout: Option<PathBuf>,
    /// The commit.
    pub commit: Option<String>,
    /// The last commit of the pull request's branch when the job began. The job's own commit can be its merge with the main branch.
    pub head: Option<String>,
    /// The run, as its host numbers its runs: `github/77/2`. A later number is a later run.
    pub run: Option<String>,
    /// The repository.
    pub repository: Option<RepositoryPage>,
    /// The address of the job's page.
    pub page: Option<String>,
    /// Who started the job.
    pub actor: Option<String>,
    /// The pull request that the job is about.
    pub pull_request: Option<PullRequest>,
    /// The branch of the pull request.
    pub branch: Option<BranchPage>,
}

impl Job {
    /// Reads the job from the variables and the event.
    pub fn of(variables: Variables<'_>, event: &Event) -> Job {
        let job = Job::described(variables, event);
        let Some(host) = job.host else { return job };
        Job {
            actor: who::actor(host, variables),
            pull_request: who::pull_request(host, variables, event, job.repository.as_ref()),
            branch: who::branch(host, variables, event, job.repository.as_ref()),
            ..job
        }
    }

    /// The job without its actor and its pull request.
    fn described(variables: Variables<'_>, event: &Event) -> Job {
        let head = head(variables, event);
        let value = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
        let is_set = |name: &str| value(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if is_set("GITHUB_ACTIONS") {
            let server = value("GITHUB_SERVER_URL").zip(value("GITHUB_REPOSITORY"));
            let project = server.map(|(at, name)| format!("{}/{name}", without_user(&at).trim_end_matches('/')));
            return Job {
                host: Some(Host::GitHub),
                checkout: value("GITHUB_WORKSPACE").map(PathBuf::from),
                commit: value("GITHUB_SHA"),
                head,
                run: run("github", [value("GITHUB_RUN_ID"), value("GITHUB_RUN_ATTEMPT")]),
                page: project.as_ref().zip(value("GITHUB_RUN_ID")).map(|(at, id)| format!("{at}/actions/runs/{id}")),
                repository: project.map(|address| RepositoryPage { host: Host::GitHub, address }),
                ..Job::default()
            };
        }
        if is_set("GITLAB_CI") {
            return Job {
                host: Some(Host::GitLab),
                checkout: value("CI_PROJECT_DIR").map(PathBuf::from),
                commit: value("CI_COMMIT_SHA"),
                head,
                // A job that is tried again has a new number.
                run: run("gitlab", [value("CI_PIPELINE_ID"), value("CI_JOB_ID")]),
                repository: value("CI_PROJECT_URL")
                    .map(|address| RepositoryPage { host: Host::GitLab, address: without_user(&address) }),
                page: value("CI_JOB_URL").map(|address| without_user(&address)),
                ..Job::default()
            };
        }
        if is_set("TF_BUILD") {
            let project = value("SYSTEM_COLLECTIONURI").zip(value("SYSTEM_TEAMPROJECT"));
            let build = project.zip(value("BUILD_BUILDID"));
            // Azure Pipelines also builds repositories of GitHub.
            let is_github = value("BUILD_REPOSITORY_PROVIDER").is_some_and(|provider| provider.starts_with("GitHub"));
            let repository = |uri: String| {
                let uri = without_user(&uri);
                let uri = uri.trim_end_matches('/');
                if is_github {
                    RepositoryPage { host: Host::GitHub, address: uri.trim_end_matches(".git").to_owned() }
                } else {
                    RepositoryPage { host: Host::AzureDevOps, address: uri.to_owned() }
                }
            };
            return Job {
                host: Some(Host::AzureDevOps),
                checkout: value("BUILD_SOURCESDIRECTORY").map(PathBuf::from),
                commit: value("BUILD_SOURCEVERSION"),
                head,
                run: run("azure", [value("BUILD_BUILDID"), value("SYSTEM_STAGEATTEMPT"), value("SYSTEM_JOBATTEMPT")]),
                repository: value("BUILD_REPOSITORY_URI").map(repository),
                page: build.map(|((at, project), id)| {
                    let project = utf8_percent_encode(&project, NON_ALPHANUMERIC);
                    format!("{}/{project}/_build/results?buildId={id}", without_user(&at).trim_end_matches('/'))
                }),
                ..Job::default()
            };
        }
        Job::default()
    }

    /// The path of a folder relative to the checkout, or to the working folder if the folder is outside the checkout.
    pub fn name_of(&self, folder: &Path, working_folder: &Path) -> String {
        let from = self.checkout.as_deref().filter(|checkout| folder.starts_with(checkout)).unwrap_or(working_folder);
        let name = folder.strip_prefix(from).unwrap_or(folder).to_string_lossy().replace('\\', "/");
        let name = name.trim_start_matches("./").trim_end_matches('/');
        if name.is_empty() { ".".to_owned() } else { name.to_owned() }
    }
}

/// The last commit of the pull request's branch when the job began, if it is a job of a pull request.
pub fn head(variables: Variables<'_>, event: &Event) -> Option<String> {
    let value = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    // A pipeline of GitLab's merged results has a commit of its own, which is not the branch's.
    let of_merge_request = || value("CI_COMMIT_SHA").filter(|_| value("CI_MERGE_REQUEST_IID").is_some());
    let of_event = event.pull_request.as_ref().map(|pull_request| pull_request.head.sha.clone());
    of_event
        .or_else(|| value("SYSTEM_PULLREQUEST_SOURCECOMMITID"))
        .or_else(|| value("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"))
        .or_else(of_merge_request)
}

/// The name of a run: the host and the numbers that it gives the run, widest first. `None` if the first number is
/// missing.
fn run<const MANY: usize>(host: &str, numbers: [Option<String>; MANY]) -> Option<String> {
    let numbers: Vec<String> = numbers.into_iter().map_while(|number| number).collect();
    (!numbers.is_empty()).then(|| format!("{host}/{}", numbers.join("/")))
}

/// The variable that reveals a CI host, known or not. Most hosts set `CI`.
pub fn detected(variables: Variables<'_>) -> Option<&'static str> {
    let value = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    let is_no = |value: &String| ["false", "0"].iter().any(|no| value.trim().eq_ignore_ascii_case(no));
    let switches = ["GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "CI"].into_iter();
    let set = switches.filter(|name| value(name).is_some_and(|value| !is_no(&value)));
    // These hosts set no `CI`.
    let others = ["JENKINS_URL", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID"].into_iter();
    set.chain(others.filter(|name| value(name).is_some())).next()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Job, detected};
    use crate::ci::event::{Event, EventHead, EventPullRequest};

    fn job(set: &[(&str, &str)]) -> Job {
        job_of(set, &Event::default())
    }

    fn job_of(set: &[(&str, &str)], event: &Event) -> Job {
        Job::of(&|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()), event)
    }

    #[test]
    fn each_host_is_recognized_by_its_variables() {
        let github = job(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "contoso/capacity"),
            ("GITHUB_SHA", "4f2c9d1"),
            ("GITHUB_RUN_ID", "77"),
            ("GITHUB_WORKSPACE", "/work"),
        ]);
        let gitlab = job(&[
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://gitlab.com/contoso/capacity"),
            ("CI_COMMIT_SHA", "4f2c9d1"),
            ("CI_JOB_URL", "https://gitlab.com/contoso/capacity/-/jobs/77"),
            ("CI_PROJECT_DIR", "/work"),
        ]);
        let azure = job(&[
            ("TF_BUILD", "True"),
            ("BUILD_REPOSITORY_URI", "https://contoso@dev.azure.com/contoso/p/_git/capacity"),
            ("BUILD_SOURCEVERSION", "4f2c9d1"),
            ("BUILD_SOURCESDIRECTORY", "/work"),
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
            ("SYSTEM_TEAMPROJECT", "Power Platform"),
            ("BUILD_BUILDID", "77"),
        ]);
        for (job, page, address) in [
            (github, "https://github.com/contoso/capacity/actions/runs/77", "https://github.com/contoso/capacity"),
            (gitlab, "https://gitlab.com/contoso/capacity/-/jobs/77", "https://gitlab.com/contoso/capacity"),
            (
                azure,
                "https://dev.azure.com/contoso/Power%20Platform/_build/results?buildId=77",
                "https://dev.azure.com/contoso/p/_git/capacity",
            ),
        ] {
            assert_eq!((job.commit.as_deref(), job.page.as_deref()), (Some("4f2c9d1"), Some(page)));
            assert_eq!(job.repository.as_ref().map(|repository| repository.address.as_str()), Some(address));
            assert_eq!(job.name_of(Path::new("/work/prod"), Path::new("/work/prod")), "prod");
        }
    }

    #[test]
    fn no_address_has_a_user_or_a_password() {
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://user:sesame@ghe.example"),
            ("GITHUB_REPOSITORY", "contoso/capacity"),
            ("GITHUB_RUN_ID", "77"),
        ];
        let gitlab = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://user:sesame@gitlab.example/contoso/capacity"),
            ("CI_JOB_URL", "https://user:sesame@gitlab.example/contoso/capacity/-/jobs/77"),
        ];
        for (job, repository, page) in [
            (job(&github), "https://ghe.example/contoso/capacity", "/actions/runs/77"),
            (job(&gitlab), "https://gitlab.example/contoso/capacity", "/-/jobs/77"),
        ] {
            assert_eq!(job.repository.unwrap().address, repository);
            assert_eq!(job.page.unwrap(), format!("{repository}{page}"));
        }
    }

    #[test]
    fn each_host_numbers_its_runs_and_names_the_branch() {
        let opened = Event {
            pull_request: Some(EventPullRequest {
                number: 12,
                head: EventHead { sha: "head".into(), ..EventHead::default() },
            }),
        };
        let github = [("GITHUB_ACTIONS", "true"), ("GITHUB_RUN_ID", "77"), ("GITHUB_RUN_ATTEMPT", "2")];
        let gitlab = [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_ID", "77"),
            ("CI_JOB_ID", "790"),
            ("CI_MERGE_REQUEST_IID", "12"),
            ("CI_COMMIT_SHA", "head"),
        ];
        let merged = [&gitlab[..], &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "of the branch")]].concat();
        let azure = [
            ("TF_BUILD", "True"),
            ("BUILD_BUILDID", "77"),
            ("SYSTEM_STAGEATTEMPT", "1"),
            ("SYSTEM_JOBATTEMPT", "2"),
            ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "head"),
        ];
        for (job, run, head) in [
            (job_of(&github, &opened), "github/77/2", Some("head")),
            (job(&github), "github/77/2", None),
            (job(&gitlab), "gitlab/77/790", Some("head")),
            (job(&merged), "gitlab/77/790", Some("of the branch")),
            (job(&gitlab[..3]), "gitlab/77/790", None),
            (job(&azure), "azure/77/1/2", Some("head")),
            (job(&azure[..2]), "azure/77", None),
        ] {
            assert_eq!((job.run.as_deref(), job.head.as_deref()), (Some(run), head));
        }
    }

    #[test]
    fn every_ci_host_is_detected() {
        for (name, value, is_ci) in [
            ("GITHUB_ACTIONS", "true", true),
            ("TF_BUILD", "True", true),
            ("CI", "true", true),
            ("CI", "1", true),
            ("CI", "woodpecker", true),
            ("JENKINS_URL", "https://ci.example.com/", true),
            ("CI", "false", false),
            ("CI", "", false),
            ("CI", "0", false),
            ("CIRCLE", "true", false),
        ] {
            let found = detected(&|asked| (asked == name).then(|| value.to_owned()));
            assert_eq!(found, Some(name).filter(|_| is_ci), "{name}={value}");
        }
    }

    #[test]
    fn outside_a_known_host_a_job_has_no_fields() {
        for set in [&[][..], &[("GITHUB_ACTIONS", "")], &[("GITHUB_ACTIONS", "false"), ("GITHUB_SHA", "x")]] {
            assert_eq!(job(set), Job::default());
        }
        let here = Path::new("/home/me");
        assert_eq!(Job::default().name_of(here, here), ".");
        assert_eq!(Job::default().name_of(Path::new("/home/me/./prod/"), here), "prod");
    }
}
