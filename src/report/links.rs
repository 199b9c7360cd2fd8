//! Where a place in the configuration can be read on the web: at the commit that was planned, on the host that keeps it.

use std::path::Path;

use super::safe::address::encoded;
use crate::model::source::Place;

/// A folder of the repository and what is in it, as the repository calls it.
pub(super) fn joined(parts: [&str; 2]) -> String {
    let parts = parts.map(|part| part.trim_start_matches("./").trim_matches('/'));
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty() && *part != ".").collect();
    parts.join("/").replace('\\', "/")
}

/// Who keeps the repository. Addresses are without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forge {
    /// GitHub, or an enterprise's own: `https://github.com/contoso/capacity`.
    GitHub(String),
    /// GitLab: `https://gitlab.com/contoso/capacity`.
    GitLab(String),
    /// Azure DevOps: `https://dev.azure.com/contoso/platform/_git/capacity`.
    AzureDevOps(String),
}

/// A commit of a repository, and where the configuration's file names begin in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// Who keeps it.
    pub forge: Forge,
    /// The commit.
    pub commit: String,
    /// The folder of the repository that file names are relative to; empty for its root.
    pub folder: String,
    /// Where the repository lies on this machine, for names that are not relative.
    pub checkout: String,
}

impl Links {
    /// The address of a line; `None` for a file outside the repository.
    pub fn to(&self, place: &Place) -> Option<String> {
        let parts = match Path::new(place.file.as_ref()).strip_prefix(&self.checkout) {
            Ok(within) => ["", within.to_str()?],
            Err(_) if Path::new(place.file.as_ref()).is_absolute() => return None,
            Err(_) => [self.folder.as_str(), &place.file],
        };
        let (path, commit, line) = (encoded(&joined(parts)), encoded(&self.commit), place.line);
        Some(match &self.forge {
            Forge::GitHub(at) => format!("{at}/blob/{commit}/{path}#L{line}"),
            Forge::GitLab(at) => format!("{at}/-/blob/{commit}/{path}#L{line}"),
            Forge::AzureDevOps(at) => {
                format!("{at}?path=/{path}&version=GC{commit}&line={line}&lineEnd={}&lineStartColumn=1", line + 1)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Forge, Links};
    use crate::model::source::Place;

    #[test]
    fn each_host_has_its_own_addresses() {
        let place = Place { file: "environments/HR & co.yaml".into(), line: 14, column: 7 };
        for (forge, expected) in [
            (
                Forge::GitHub("https://github.com/contoso/capacity".into()),
                "https://github.com/contoso/capacity/blob/4f2c9d1/prod/environments/HR%20%26%20co.yaml#L14",
            ),
            (
                Forge::GitLab("https://gitlab.com/contoso/capacity".into()),
                "https://gitlab.com/contoso/capacity/-/blob/4f2c9d1/prod/environments/HR%20%26%20co.yaml#L14",
            ),
            (
                Forge::AzureDevOps("https://dev.azure.com/contoso/p/_git/capacity".into()),
                "https://dev.azure.com/contoso/p/_git/capacity?path=/prod/environments/HR%20%26%20co.yaml\
                 &version=GC4f2c9d1&line=14&lineEnd=15&lineStartColumn=1",
            ),
        ] {
            let checkout = "/work".to_owned();
            let links = Links { forge, commit: "4f2c9d1".into(), folder: "prod/".into(), checkout };
            assert_eq!(links.to(&place).as_deref(), Some(expected));
            let absolute = |file: &str| links.to(&Place { file: file.into(), ..place.clone() });
            assert_eq!(absolute("/work/prod/environments/HR & co.yaml").as_deref(), Some(expected));
            assert_eq!(absolute("/elsewhere/x.yaml"), None);
        }
    }
}
