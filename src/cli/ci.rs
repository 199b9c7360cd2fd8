//! The CI host that this runs on, by the variables that it sets: which commit is planned, where its files can be read, and where the
//! run is shown. Only computes: the variables are passed in.

use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::report::links::{Forge, Links};

/// Looks up a variable of the process.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Who runs it: its log has a language of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Azure Pipelines.
    AzurePipelines,
}

/// What a host says about the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Who runs it.
    pub host: Option<Host>,
    /// Where the repository was checked out.
    pub checkout: Option<PathBuf>,
    /// The commit.
    pub commit: Option<String>,
    /// Who keeps the repository.
    pub forge: Option<Forge>,
    /// The page of this run.
    pub page: Option<String>,
}

impl Run {
    /// What the variables say; nothing where this is no CI that is known.
    pub fn of(variables: Variables<'_>) -> Run {
        let value = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
        let is_set = |name: &str| value(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if is_set("GITHUB_ACTIONS") {
            let project =
                value("GITHUB_SERVER_URL").zip(value("GITHUB_REPOSITORY")).map(|(at, name)| format!("{at}/{name}"));
            return Run {
                host: Some(Host::GitHub),
                checkout: value("GITHUB_WORKSPACE").map(PathBuf::from),
                commit: value("GITHUB_SHA"),
                page: project.as_ref().zip(value("GITHUB_RUN_ID")).map(|(at, id)| format!("{at}/actions/runs/{id}")),
                forge: project.map(Forge::GitHub),
            };
        }
        if is_set("GITLAB_CI") {
            return Run {
                host: Some(Host::GitLab),
                checkout: value("CI_PROJECT_DIR").map(PathBuf::from),
                commit: value("CI_COMMIT_SHA"),
                forge: value("CI_PROJECT_URL").map(Forge::GitLab),
                page: value("CI_JOB_URL"),
            };
        }
        if is_set("TF_BUILD") {
            let project = value("SYSTEM_COLLECTIONURI").zip(value("SYSTEM_TEAMPROJECT"));
            let build = project.zip(value("BUILD_BUILDID"));
            // Azure Pipelines builds repositories of GitHub, too.
            let is_github = value("BUILD_REPOSITORY_PROVIDER").is_some_and(|provider| provider.starts_with("GitHub"));
            let forge = |at: String| {
                let at = without_user(&at);
                let at = at.trim_end_matches('/');
                if is_github {
                    Forge::GitHub(at.trim_end_matches(".git").to_owned())
                } else {
                    Forge::AzureDevOps(at.to_owned())
                }
            };
            return Run {
                host: Some(Host::AzurePipelines),
                checkout: value("BUILD_SOURCESDIRECTORY").map(PathBuf::from),
                commit: value("BUILD_SOURCEVERSION"),
                forge: value("BUILD_REPOSITORY_URI").map(forge),
                page: build.map(|((at, project), id)| {
                    let project = utf8_percent_encode(&project, NON_ALPHANUMERIC);
                    format!("{}/{project}/_build/results?buildId={id}", at.trim_end_matches('/'))
                }),
            };
        }
        Run::default()
    }

    /// How places in files become addresses. File names are relative to the working folder.
    pub fn links(&self, working_folder: &Path) -> Option<Links> {
        let checkout = self.checkout.as_ref()?;
        let folder = working_folder.strip_prefix(checkout).ok()?;
        Some(Links {
            forge: self.forge.clone()?,
            commit: self.commit.clone()?,
            folder: folder.to_string_lossy().into_owned(),
            checkout: checkout.to_string_lossy().into_owned(),
        })
    }

    /// A folder as it is called in the repository, or from here where there is none.
    pub fn name_of(&self, folder: &Path, working_folder: &Path) -> String {
        let from = self.checkout.as_deref().filter(|checkout| folder.starts_with(checkout)).unwrap_or(working_folder);
        let name = folder.strip_prefix(from).unwrap_or(folder).to_string_lossy().replace('\\', "/");
        let name = name.trim_start_matches("./").trim_end_matches('/');
        if name.is_empty() { ".".to_owned() } else { name.to_owned() }
    }
}

/// The variable by which a CI host is recognized, also one whose log and pages we do not know. Most hosts set `CI`.
pub fn detected(variables: Variables<'_>) -> Option<&'static str> {
    let value = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    let is_no = |value: &String| ["false", "0"].iter().any(|no| value.trim().eq_ignore_ascii_case(no));
    let switches = ["GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "CI"].into_iter();
    let set = switches.filter(|name| value(name).is_some_and(|value| !is_no(&value)));
    // These hosts set no `CI`.
    let others = ["JENKINS_URL", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID"].into_iter();
    set.chain(others.filter(|name| value(name).is_some())).next()
}

/// Azure DevOps writes `https://contoso@dev.azure.com/…`.
fn without_user(address: &str) -> String {
    let address_of =
        |mut url: Url| url.set_username("").and_then(|()| url.set_password(None)).map(|()| url.to_string());
    Url::parse(address).map_err(|_| ()).and_then(address_of).unwrap_or_else(|()| address.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Run, detected};
    use crate::model::source::Place;

    fn run(set: &[(&str, &str)]) -> Run {
        Run::of(&|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn each_host_is_known_by_its_variables() {
        let github = run(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "contoso/capacity"),
            ("GITHUB_SHA", "4f2c9d1"),
            ("GITHUB_RUN_ID", "77"),
            ("GITHUB_WORKSPACE", "/work"),
        ]);
        let gitlab = run(&[
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://gitlab.com/contoso/capacity"),
            ("CI_COMMIT_SHA", "4f2c9d1"),
            ("CI_JOB_URL", "https://gitlab.com/contoso/capacity/-/jobs/77"),
            ("CI_PROJECT_DIR", "/work"),
        ]);
        let azure = run(&[
            ("TF_BUILD", "True"),
            ("BUILD_REPOSITORY_URI", "https://contoso@dev.azure.com/contoso/p/_git/capacity"),
            ("BUILD_SOURCEVERSION", "4f2c9d1"),
            ("BUILD_SOURCESDIRECTORY", "/work"),
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
            ("SYSTEM_TEAMPROJECT", "Power Platform"),
            ("BUILD_BUILDID", "77"),
        ]);
        let place = Place { file: "hr.yaml".into(), line: 3, column: 1 };
        for (run, page, link) in [
            (
                github,
                "https://github.com/contoso/capacity/actions/runs/77",
                "https://github.com/contoso/capacity/blob/",
            ),
            (gitlab, "https://gitlab.com/contoso/capacity/-/jobs/77", "https://gitlab.com/contoso/capacity/-/blob/"),
            (
                azure,
                "https://dev.azure.com/contoso/Power%20Platform/_build/results?buildId=77",
                "https://dev.azure.com/contoso/p/_git/capacity?path=/prod/hr.yaml",
            ),
        ] {
            assert_eq!((run.commit.as_deref(), run.page.as_deref()), (Some("4f2c9d1"), Some(page)));
            let links = run.links(Path::new("/work/prod")).unwrap().to(&place).unwrap();
            assert!(links.starts_with(link) && links.contains("prod/hr.yaml"), "{links}");
            assert_eq!(run.links(Path::new("/elsewhere")), None);
            assert_eq!(run.name_of(Path::new("/work/prod"), Path::new("/work/prod")), "prod");
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
    fn elsewhere_there_is_nothing_to_link_to() {
        for set in [&[][..], &[("GITHUB_ACTIONS", "")], &[("GITHUB_ACTIONS", "false"), ("GITHUB_SHA", "x")]] {
            assert_eq!(run(set), Run::default());
        }
        let here = Path::new("/home/me");
        assert_eq!(Run::default().name_of(here, here), ".");
        assert_eq!(Run::default().name_of(Path::new("/home/me/./prod/"), here), "prod");
    }
}
