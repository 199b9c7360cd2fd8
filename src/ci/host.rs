//! The known hosts of repositories, pull requests and CI jobs.

/// A host. A job of one host can build a repository of another: Azure Pipelines builds repositories of GitHub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// GitHub or GitHub Enterprise, and GitHub Actions.
    GitHub,
    /// GitLab and GitLab CI.
    GitLab,
    /// Azure DevOps and Azure Pipelines.
    AzureDevOps,
}

impl Host {
    /// Every host, in the order of the help text.
    pub const ALL: [Host; 3] = [Host::GitHub, Host::GitLab, Host::AzureDevOps];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Host::GitHub => "github",
            Host::GitLab => "gitlab",
            Host::AzureDevOps => "azure",
        }
    }
}

/// The page of a repository on the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryPage {
    /// The host of the repository.
    pub host: Host,
    /// The address without a trailing slash: `https://github.com/contoso/capacity`.
    pub address: String,
}
