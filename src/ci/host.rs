//! The known hosts of repositories, pull requests and CI jobs.

use clap::ValueEnum;
use url::Url;

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

/// Whether two addresses have the same scheme, host and port.
pub(super) fn is_same_site(one: &str, other: &str) -> bool {
    let site = |address| Url::parse(address).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    site(one).is_some_and(|one| site(other) == Some(one))
}

/// Removes the user, which Azure DevOps writes: `https://contoso@dev.azure.com/…`. Also removes a password, because addresses are shown.
pub(super) fn without_user(address: &str) -> String {
    if !address.contains('@') {
        return address.to_owned();
    }
    let address_of =
        |mut url: Url| url.set_username("").and_then(|()| url.set_password(None)).map(|()| url.to_string());
    Url::parse(address).map_err(|_| ()).and_then(address_of).unwrap_or_else(|()| address.to_owned())
}
