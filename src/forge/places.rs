//! The addresses of repositories at each host.

use url::Url;

/// The address of a repository at the API of its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// At GitHub.
    GitHub(GitHubRepository),
    /// At GitLab.
    GitLab(GitLabProject),
    /// At Azure DevOps.
    AzureDevOps(AzureRepository),
}

/// A repository of GitHub or GitHub Enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitHubRepository {
    /// The REST API: `https://api.github.com`.
    pub api: Url,
    /// The GraphQL API: `https://api.github.com/graphql`.
    pub graphql: Url,
    /// The owner of the repository.
    pub owner: String,
    /// The name of the repository.
    pub name: String,
}

/// A project of GitLab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitLabProject {
    /// The API: `https://gitlab.com/api/v4`.
    pub api: Url,
    /// The project's number or path.
    pub id: String,
    /// The pipeline of the branch's last commit. A status without a pipeline would create another one.
    pub pipeline: Option<u64>,
}

/// A repository of Azure DevOps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureRepository {
    /// The organisation: `https://dev.azure.com/contoso/`.
    pub collection: Url,
    /// The project's name or id.
    pub project: String,
    /// The repository's name or id.
    pub repository: String,
}
