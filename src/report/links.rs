//! Addresses of places in the configuration: on the repository's host, at the commit that was planned.

use std::path::Path;

use super::safe::address::encoded;
use crate::ci::host::{Host, RepositoryPage};
use crate::ci::job::Job;
use crate::ci::who::BranchPage;
use crate::model::source::Place;

/// Joins a folder and a path in it to a path in the repository.
pub(super) fn joined(parts: [&str; 2]) -> String {
    let parts = parts.map(|part| part.trim_start_matches("./").trim_matches('/'));
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty() && *part != ".").collect();
    parts.join("/").replace('\\', "/")
}

/// A commit of a repository, and the folder in it that file names are relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The repository.
    pub repository: RepositoryPage,
    /// The commit.
    pub commit: String,
    /// The branch of the pull request.
    pub branch: Option<BranchPage>,
    /// The folder of the repository that file names are relative to; empty for its root.
    pub folder: String,
    /// The repository's folder on this machine, for absolute file names.
    pub checkout: String,
}

impl Links {
    /// The links of a CI job whose file names are relative to a working folder; `None` if that is outside the job's checkout.
    pub fn of(job: &Job, working_folder: &Path) -> Option<Links> {
        let checkout = job.checkout.as_ref()?;
        let folder = working_folder.strip_prefix(checkout).ok()?;
        Some(Links {
            repository: job.repository.clone()?,
            commit: job.commit.clone()?,
            branch: job.branch.clone(),
            folder: folder.to_string_lossy().into_owned(),
            checkout: checkout.to_string_lossy().into_owned(),
        })
    }

    /// The address of a line; `None` for a file outside the repository.
    pub fn to(&self, place: &Place) -> Option<String> {
        let (path, commit, line) = (encoded(&self.path(&place.file)?), encoded(&self.commit), place.line);
        let at = &self.repository.address;
        Some(match self.repository.host {
            Host::GitHub => format!("{at}/blob/{commit}/{path}#L{line}"),
            Host::GitLab => format!("{at}/-/blob/{commit}/{path}#L{line}"),
            Host::AzureDevOps => format!("{at}?path=/{path}&version=GC{commit}&{}", azure_line(line)),
        })
    }

    /// The address of the host's editor for a line on the pull request's branch. Azure DevOps has none: its page of the
    /// file has a button. `None` outside a pull request.
    pub fn editor(&self, place: &Place) -> Option<String> {
        let branch = self.branch.as_ref()?;
        let (path, name, line) = (encoded(&self.path(&place.file)?), encoded(&branch.name), place.line);
        let at = &branch.repository.address;
        Some(match branch.repository.host {
            Host::GitHub => format!("{at}/edit/{name}/{path}#L{line}"),
            Host::GitLab => format!("{at}/-/edit/{name}/{path}#L{line}"),
            Host::AzureDevOps => format!("{at}?path=/{path}&version=GB{name}&{}", azure_line(line)),
        })
    }

    /// The path of a file in the repository; `None` for a file outside the repository.
    pub(super) fn path(&self, file: &str) -> Option<String> {
        let parts = match Path::new(file).strip_prefix(&self.checkout) {
            Ok(within) => ["", within.to_str()?],
            Err(_) if Path::new(file).is_absolute() => return None,
            Err(_) => [self.folder.as_str(), file],
        };
        Some(joined(parts))
    }
}

/// The line, as a part of a query of Azure DevOps.
fn azure_line(line: u32) -> String {
    format!("line={line}&lineEnd={}&lineStartColumn=1", line.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::Links;
    use crate::ci::host::{Host, RepositoryPage};
    use crate::ci::job::Job;
    use crate::ci::who::BranchPage;
    use crate::model::source::Place;

    #[test]
    fn each_host_has_its_own_addresses() {
        let place = Place { file: "environments/HR & co.yaml".into(), line: 14, column: 7 };
        for (host, address, expected, editor) in [
            (
                Host::GitHub,
                "https://github.com/contoso/capacity",
                "https://github.com/contoso/capacity/blob/4f2c9d1/prod/environments/HR%20%26%20co.yaml#L14",
                "https://github.com/contoso/capacity/edit/hr/%23more/prod/environments/HR%20%26%20co.yaml#L14",
            ),
            (
                Host::GitLab,
                "https://gitlab.com/contoso/capacity",
                "https://gitlab.com/contoso/capacity/-/blob/4f2c9d1/prod/environments/HR%20%26%20co.yaml#L14",
                "https://gitlab.com/contoso/capacity/-/edit/hr/%23more/prod/environments/HR%20%26%20co.yaml#L14",
            ),
            (
                Host::AzureDevOps,
                "https://dev.azure.com/contoso/p/_git/capacity",
                "https://dev.azure.com/contoso/p/_git/capacity?path=/prod/environments/HR%20%26%20co.yaml\
                 &version=GC4f2c9d1&line=14&lineEnd=15&lineStartColumn=1",
                "https://dev.azure.com/contoso/p/_git/capacity?path=/prod/environments/HR%20%26%20co.yaml\
                 &version=GBhr/%23more&line=14&lineEnd=15&lineStartColumn=1",
            ),
        ] {
            let checkout = "/work".to_owned();
            let repository = RepositoryPage { host, address: address.to_owned() };
            let job = Job {
                repository: Some(repository.clone()),
                commit: Some("4f2c9d1".into()),
                checkout: Some("/work".into()),
                ..Job::default()
            };
            assert_eq!(Links::of(&job, std::path::Path::new("/elsewhere")), None);
            let branch = None;
            let links = Links { repository, commit: "4f2c9d1".into(), branch, folder: "prod".into(), checkout };
            assert_eq!(Links::of(&job, std::path::Path::new("/work/prod")).as_ref(), Some(&links));
            assert_eq!((links.to(&place).as_deref(), links.editor(&place)), (Some(expected), None));
            let branch = BranchPage { repository: links.repository.clone(), name: "hr/#more".into() };
            let of_branch = Links { branch: Some(branch), ..links.clone() };
            assert_eq!(of_branch.editor(&place).as_deref(), Some(editor));
            let absolute = |file: &str| links.to(&Place { file: file.into(), ..place.clone() });
            assert_eq!(absolute("/work/prod/environments/HR & co.yaml").as_deref(), Some(expected));
            assert_eq!(absolute("/elsewhere/x.yaml"), None);
        }
    }
}
