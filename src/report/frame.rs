//! Facts about a report itself, apart from its content: its origin, and the addresses of its places.

use jiff::Timestamp;

use super::links::Links;
use crate::model::command::CommandName;
use crate::model::desired::Provider;

/// Facts about a report itself.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The command that made the report.
    pub command: CommandName,
    /// The tenant's name in the configuration; `None` if it could not be read.
    pub tenant: Option<&'a str>,
    /// The built-in tenant, or the service; `None` if it could not be read.
    pub provider: Option<Provider>,
    /// The folder of the configuration in its repository. Each configuration of a repository has its own comment.
    pub root: &'a str,
    /// The commit that the report is about.
    pub commit: Option<&'a str>,
    /// When the report was made.
    pub made_at: Timestamp,
    /// When the tenant was read.
    pub read_at: Option<Timestamp>,
    /// Turns places into addresses.
    pub links: Option<&'a Links>,
    /// The address of the whole report.
    pub report: Option<&'a str>,
    /// The length limit in characters, for formats that have one.
    pub budget: usize,
}
