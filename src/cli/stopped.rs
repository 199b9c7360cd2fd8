//! Why a command ended early.

use crate::model::finding::Finding;
use crate::model::source::Sources;

/// Why a command ended early.
#[derive(Debug)]
pub enum Stopped {
    /// The configuration is not valid; every complaint about it.
    Invalid {
        /// The files.
        sources: Box<Sources>,
        /// The complaints.
        findings: Vec<Finding>,
    },
    /// The configuration is valid, and what was asked for is refused; every reason.
    Refused {
        /// The files.
        sources: Box<Sources>,
        /// The reasons.
        findings: Vec<Finding>,
    },
    /// Something failed.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Failed(error.into())
    }
}
