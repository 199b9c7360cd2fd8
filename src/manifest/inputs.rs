//! The input of the checks: the files of a configuration, which the caller reads.

use crate::model::finding::Finding;
use crate::model::source::{SourceId, Sources};

/// The files of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// The names and texts of the files.
    pub sources: Sources,
    /// The root file.
    pub root: SourceId,
    /// The environment files that it includes.
    pub files: Vec<SourceId>,
    /// Problems of reading the files, reported with all other findings.
    pub findings: Vec<Finding>,
}
