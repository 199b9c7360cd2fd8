//! Where a report comes from: the folder of the configuration, and the CI job that made the report.

use jiff::Timestamp;

use super::frame::Frame;
use super::links::Links;
use crate::ci::host::Host;
use crate::model::command::CommandName;

/// Where a report comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The folder of the configuration in its repository. Two configurations have two comments.
    pub root: String,
    /// The root file, as the repository names it.
    pub root_file: String,
    /// The commit.
    pub commit: Option<String>,
    /// The address of the CI job's page.
    pub page: Option<String>,
    /// How places become addresses.
    pub links: Option<Links>,
    /// The host that runs the CI job.
    pub host: Option<Host>,
    /// When the report was made.
    pub made_at: Timestamp,
}

impl Origin {
    /// The folder of the repository that file names are relative to; empty for its root.
    pub fn folder(&self) -> &str {
        self.links.as_ref().map_or("", |links| links.folder.as_str())
    }

    /// The frame of a report without anything that only its content knows.
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
