//! The known hosts of repositories, pull requests and CI jobs.

use clap::ValueEnum;

/// A host of repositories, pull requests and CI jobs.
///
/// A job of one host can build a repository of another: Azure Pipelines builds repositories of GitHub. `clap` takes the names and the
/// help from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Host {
    /// GitHub or GitHub Enterprise, and GitHub Actions.
    #[value(name = "github", help = "GitHub, or GitHub Enterprise")]
    GitHub,
    /// GitLab and GitLab CI.
    #[value(name = "gitlab", help = "GitLab")]
    GitLab,
    /// Azure DevOps and Azure Pipelines.
    #[value(name = "azure", help = "Azure DevOps")]
    AzureDevOps,
}

/// The page of a repository on the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryPage {
    /// The host of the repository.
    pub host: Host,
    /// The address without a trailing slash: `https://github.com/contoso/capacity`.
    pub address: String,
}
