//! What a report says of itself, apart from what it is about: where it comes from, and where its places can be read.

use jiff::Timestamp;

use super::links::Links;
use crate::model::command::CommandName;
use crate::model::desired::Provider;

/// What a report says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The command that made it.
    pub command: CommandName,
    /// The tenant, as the configuration calls it; `None` where it could not be read.
    pub tenant: Option<&'a str>,
    /// Where the tenant lives: the built-in one, or the service; `None` where it could not be read.
    pub provider: Option<Provider>,
    /// The folder of the configuration in its repository: two of them have two comments.
    pub root: &'a str,
    /// The commit that it is about.
    pub commit: Option<&'a str>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When the tenant was read.
    pub read_at: Option<Timestamp>,
    /// How places become addresses.
    pub links: Option<&'a Links>,
    /// Where the whole report is.
    pub report: Option<&'a str>,
    /// The most characters, of a face that has such a limit.
    pub budget: usize,
}
