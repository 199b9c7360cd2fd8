//! The origin of a report: the folder of the configuration, and the CI job that made the report.

use jiff::Timestamp;

use super::frame::Frame;
use super::links::Links;
use crate::ci::host::Host;
use crate::model::command::CommandName;

/// The origin of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The folder of the configuration in its repository. Each folder has its own comment on a pull request.
    pub root: String,
    /// The path of the root file in the repository.
    pub root_file: String,
    /// The commit of the configuration.
    pub commit: Option<String>,
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

    /// The frame of a report, without what only the content of the report contains.
    pub(super) fn frame(&self, command: CommandName, budget: usize) -> Frame<'_> {
        Frame {
            command,
            tenant: None,
            provider: None,
            root: &self.root,
            commit: self.commit.as_deref(),
            made_at: self.made_at,
            read_at: None,
            links: self.links.as_ref(),
            report: self.page.as_deref(),
            budget,
        }
    }
}
