//! The origin of a report: the folder of the configuration, the CI job that made the report, and the tenant.

use jiff::Timestamp;

use super::links::Links;
use crate::ci::host::Host;
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::marker::JobRun;
use crate::model::source::Place;

/// The origin of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The folder of the configuration in its repository. Each folder has its own comment on a pull request.
    pub root: String,
    /// The path of the root file in the repository.
    pub root_file: String,
    /// The commit of the configuration.
    pub commit: Option<String>,
    /// The last commit of the pull request's branch when the CI job began.
    pub head: Option<String>,
    /// The run of the CI job.
    pub run: Option<JobRun>,
    /// The address of the page of the CI job.
    pub page: Option<String>,
    /// Makes addresses of places in files.
    pub links: Option<Links>,
    /// The host that runs the CI job.
    pub host: Option<Host>,
    /// When the report was made.
    pub made_at: Timestamp,
}

impl Origin {
    /// The folder of the repository to which file names are relative; empty for its root.
    pub fn folder(&self) -> &str {
        self.links.as_ref().map_or("", |links| links.folder.as_str())
    }
}

/// Facts about a report of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The command that made the report.
    pub command: CommandName,
    /// The tenant's name in the configuration; `None` if it could not be read.
    pub tenant: Option<&'a str>,
    /// The built-in tenant, or the service; `None` if it could not be read.
    pub provider: Option<Provider>,
    /// When the tenant was read.
    pub read_at: Option<Timestamp>,
    /// The origin of the report.
    pub origin: &'a Origin,
    /// The length limit in characters, for formats that have one.
    pub budget: usize,
}

impl Frame<'_> {
    /// The address of a place, if it is known.
    pub(super) fn address(&self, place: &Place) -> Option<String> {
        self.origin.links.as_ref()?.to(place)
    }

    /// When the tenant was read, in words.
    pub(super) fn read(&self) -> Option<String> {
        self.read_at.map(|at| format!("read {} UTC", at.strftime("%Y-%m-%d %H:%M")))
    }
}
