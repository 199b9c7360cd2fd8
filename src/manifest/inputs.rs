//! What the checks are given: the files of a configuration, read by somebody else.

use crate::model::finding::Finding;
use crate::model::source::{SourceId, Sources};

/// The files of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Their names and texts.
    pub sources: Sources,
    /// The root file.
    pub root: SourceId,
    /// The environment files that it includes.
    pub files: Vec<SourceId>,
    /// What went wrong while they were read; reported together with everything else.
    pub findings: Vec<Finding>,
}
