//! The destination of a comment, by the environment variables that the CI host sets. The variables are passed in.

use secrecy::SecretString;
use url::Url;

use super::failure::Advised;
use crate::ci::event::Event;
use crate::ci::host::Host;
use crate::ci::job;
use crate::ci::variables::Variables;
use crate::forge::places::{Address, AzureRepository, GitHubRepository, GitLabProject};
use crate::model::surroundings::shown;

/// The pull request of a comment, as far as the caller names it.
#[derive(Clone, Debug, Default)]
pub struct NamedPullRequest {
    /// The pull request; `None` for the one of the CI job or of the commit.
    pub number: Option<u64>,
    /// A commit by which to find the pull request; `None` for the commit of the CI job.
    pub commit: Option<String>,
    /// The host; `None` for the one that the variables name.
    pub host: Option<Host>,
}

/// The destination of a comment, and the token to post it with.
#[derive(Debug)]
pub struct Destination {
    /// The repository, with the address of its host's API.
    pub address: Address,
    /// The token.
    pub token: SecretString,
    /// The pull request that the caller names, or else that of the CI job. `None` if the caller names only a commit.
    pub number: Option<u64>,
    /// The commit that the caller names, or else that of the CI job.
    pub commit: Option<String>,
    /// The last commit of the pull request's branch when the job began; `None` if the caller names a pull request or a commit.
    pub head: Option<String>,
}

impl Destination {
    /// Combines the variables with what the caller names.
    ///
    /// # Errors
    ///
    /// If the CI host is unknown, or a variable is missing or malformed.
    pub fn of(named: &NamedPullRequest, variables: Variables<'_>, event: &Event) -> anyhow::Result<Destination> {
        let variables = Set(variables, event);
        let mut destination = match named.host.or_else(|| variables.host()) {
            Some(Host::GitHub) => variables.github(),
            Some(Host::GitLab) => variables.gitlab(),
            Some(Host::AzureDevOps) => variables.azure(),
            None => Err(Advised::error(
                "no variable names a known CI host, so there is no pull request to comment on",
                "name the host with `--forge github|gitlab|azure`, and set the variables that it sets",
            )),
        }?;
        // If the caller names a pull request or a commit, the pull request and the branch of the CI job do not count.
        if named.commit.is_some() || named.number.is_some() {
            destination.number = named.number;
            destination.head = None;
        }
        destination.commit = named.commit.clone().or(destination.commit);
        Ok(destination)
    }
}

/// The variables that are not empty, and the event.
struct Set<'a>(Variables<'a>, &'a Event);

impl Set<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    /// The first of some variables that is not empty.
    fn need(&self, names: &[&str], why: &str) -> anyhow::Result<String> {
        names.iter().find_map(|name| self.get(name)).ok_or_else(|| {
            Advised::error(
                format!("{} is not set; it {why}", names.join(" or ")),
                "set it in the environment of the step",
            )
        })
    }

    fn address(&self, names: &[&str], why: &str) -> anyhow::Result<Url> {
        let text = self.need(names, why)?;
        address(&text, names.first().copied().unwrap_or_default())
    }

    fn token(&self, names: &[&str], help: &str) -> anyhow::Result<SecretString> {
        let token = names.iter().find_map(|name| self.get(name));
        let missing =
            || Advised::error(format!("{} is not set, so there is no token to comment with", names.join(" or ")), help);
        token.map(|token| SecretString::from(token.trim().to_owned())).ok_or_else(missing)
    }

    fn head(&self) -> Option<String> {
        job::head(self.0, self.1)
    }

    fn host(&self) -> Option<Host> {
        let is_true = |name: &str| self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if is_true("GITHUB_ACTIONS") {
            Some(Host::GitHub)
        } else if is_true("GITLAB_CI") {
            Some(Host::GitLab)
        } else if is_true("TF_BUILD") {
            // Azure Pipelines builds repositories of GitHub, too.
            let provider = self.get("BUILD_REPOSITORY_PROVIDER").unwrap_or_default();
            Some(if provider.starts_with("GitHub") { Host::GitHub } else { Host::AzureDevOps })
        } else {
            None
        }
    }

    fn github(&self) -> anyhow::Result<Destination> {
        let (api, graphql) = self.interfaces_of_github()?;
        let name = self.need(&["GITHUB_REPOSITORY", "BUILD_REPOSITORY_NAME"], "names the repository")?;
        let (owner, name) = name.split_once('/').ok_or_else(|| {
            Advised::error(format!("`{name}` is not a repository of GitHub"), "GITHUB_REPOSITORY is OWNER/NAME")
        })?;
        // The reference of a pull request's job is `refs/pull/12/merge`; a job of `pull_request_target` has another.
        let reference = self.get("GITHUB_REF").unwrap_or_default();
        let running = reference.strip_prefix("refs/pull/").and_then(|rest| rest.split('/').next()).map(str::to_owned);
        let running = running.or_else(|| self.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER"));
        let event = self.1.pull_request.as_ref();
        Ok(Destination {
            address: Address::GitHub(GitHubRepository { api, graphql, owner: owner.to_owned(), name: name.to_owned() }),
            token: self
                .token(&["GITHUB_TOKEN", "GH_TOKEN"], "give the step `env: GITHUB_TOKEN: ${{ github.token }}`")?,
            number: event.map(|event| event.number).or(number(running.as_deref(), "GITHUB_REF")?),
            commit: self.get("GITHUB_SHA").or_else(|| self.get("BUILD_SOURCEVERSION")),
            head: self.head(),
        })
    }

    /// The addresses of REST and GraphQL. The token of a GitHub Enterprise server is sent only to that server.
    fn interfaces_of_github(&self) -> anyhow::Result<(Url, Url)> {
        let is_enterprise =
            self.get("BUILD_REPOSITORY_PROVIDER").is_some_and(|provider| provider == "GitHubEnterprise");
        let api = match self.get("GITHUB_API_URL") {
            Some(api) => api,
            None if is_enterprise => {
                let mut host = self.address(&["BUILD_REPOSITORY_URI"], "says where the enterprise's GitHub is")?;
                host.set_path("/api/v3");
                host.into()
            }
            None => "https://api.github.com".to_owned(),
        };
        let graphql = self.get("GITHUB_GRAPHQL_URL").unwrap_or_else(|| match api.strip_suffix("/v3") {
            Some(enterprise) => format!("{enterprise}/graphql"),
            None => format!("{api}/graphql"),
        });
        Ok((address(&api, "GITHUB_API_URL")?, address(&graphql, "GITHUB_GRAPHQL_URL")?))
    }

    fn gitlab(&self) -> anyhow::Result<Destination> {
        // A pipeline of merged results runs on a commit of its own, so its id does not belong to the branch's commit.
        let source = self.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA");
        let is_of_branch = source.is_none() || source == self.get("CI_COMMIT_SHA");
        let pipeline = self.get("CI_PIPELINE_ID").filter(|_| is_of_branch);
        Ok(Destination {
            address: Address::GitLab(GitLabProject {
                api: self.address(&["CI_API_V4_URL"], "says where GitLab is")?,
                // A merge request belongs to its target project.
                id: self.need(&["CI_MERGE_REQUEST_PROJECT_ID", "CI_PROJECT_ID"], "names the project")?,
                pipeline: number(pipeline.as_deref(), "CI_PIPELINE_ID")?,
            }),
            token: self.token(
                &["GITLAB_TOKEN"],
                "make a project access token with the scope `api`, and put it into the masked variable GITLAB_TOKEN; the token of a \
                 job may not comment",
            )?,
            number: number(self.get("CI_MERGE_REQUEST_IID").as_deref(), "CI_MERGE_REQUEST_IID")?,
            commit: self.get("CI_COMMIT_SHA"),
            head: self.head(),
        })
    }

    fn azure(&self) -> anyhow::Result<Destination> {
        let running = self.get("SYSTEM_PULLREQUEST_PULLREQUESTID");
        Ok(Destination {
            address: Address::AzureDevOps(AzureRepository {
                collection: self.address(&["SYSTEM_COLLECTIONURI"], "says where the organisation is")?,
                project: self.need(&["SYSTEM_TEAMPROJECTID", "SYSTEM_TEAMPROJECT"], "names the project")?,
                repository: self.need(&["BUILD_REPOSITORY_ID", "BUILD_REPOSITORY_NAME"], "names the repository")?,
            }),
            token: self
                .token(&["SYSTEM_ACCESSTOKEN"], "give the step `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`")?,
            number: number(running.as_deref(), "SYSTEM_PULLREQUEST_PULLREQUESTID")?,
            commit: self.get("BUILD_SOURCEVERSION"),
            head: self.head(),
        })
    }
}

/// Reads an address that a token may be sent to: over TLS, or on this machine. A user and a password in it are left out, because the token
/// alone signs in, and addresses are logged.
fn address(text: &str, name: &str) -> anyhow::Result<Url> {
    let wrong = |what: &str| {
        Advised::error(format!("{name} is {}, which {what}", shown(text)), "the CI host sets it by itself")
    };
    let mut url = Url::parse(text).map_err(|_| wrong("is not an address"))?;
    // An address without a host has no user, so both fail only if there is nothing to leave out.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        "http" => Err(wrong("would send the token unencrypted")),
        _ => Err(wrong("is not an HTTP address")),
    }
}

fn number(text: Option<&str>, name: &str) -> anyhow::Result<Option<u64>> {
    let parse = |text: &str| {
        text.parse().map_err(|_| {
            Advised::error(format!("{name} names `{text}`, which is not a number"), "name it with `--pull-request`")
        })
    };
    text.map(parse).transpose()
}

#[cfg(test)]
mod tests;
