//! The marked tree to documents: every value read with its place, every problem kept, none said twice.
//!
//! A value that is wrong is complained about once and then left out; what depends on it stays silent.

use crate::model::finding::Finding;
use crate::model::source::Located;

use super::tree::Node;

mod add_ons;
mod amounts;
mod cells;
mod environments;
mod fields;
mod root;
mod rules;
mod words;

pub(super) use add_ons::other_names;
pub(super) use cells::{CellEntry, CellText, Cells};
pub(super) use environments::{EnvironmentEntry, EnvironmentsFile};
pub(super) use root::RootFile;

/// What one file said, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Decoded<T> {
    /// The document, as far as it could be read.
    pub(super) file: T,
    /// The complaints.
    pub(super) findings: Vec<Finding>,
}

/// Reads the root file.
pub(super) fn root(node: &Node<'_>) -> Decoded<RootFile> {
    let mut reader = Reader::default();
    let file = reader.root_file(node);
    Decoded { file, findings: reader.findings }
}

/// Reads an environment file.
pub(super) fn environments(node: &Node<'_>) -> Decoded<EnvironmentsFile> {
    let mut reader = Reader::default();
    let file = reader.environments_file(node);
    Decoded { file, findings: reader.findings }
}

/// Collects complaints while it reads.
#[derive(Debug, Default)]
pub(super) struct Reader {
    findings: Vec<Finding>,
}

impl Reader {
    fn complain(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// A key of a mapping and what stands after it.
type Entry<'node> = (Located<&'node str>, &'node Node<'node>);
