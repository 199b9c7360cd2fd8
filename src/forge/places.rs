//! Where repositories are, at each host.

use url::Url;

/// The address of a repository at the interface of its host.
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
    /// The REST interface: `https://api.github.com`.
    pub api: Url,
    /// The GraphQL interface: `https://api.github.com/graphql`.
    pub graphql: Url,
    /// Who owns it.
    pub owner: String,
    /// Its name.
    pub name: String,
}

/// A project of GitLab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitLabProject {
    /// The interface: `https://gitlab.com/api/v4`.
    pub api: Url,
    /// The project's number, or its path.
    pub id: String,
    /// The pipeline that runs for the last commit of the branch, so that a status does not make another one.
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
