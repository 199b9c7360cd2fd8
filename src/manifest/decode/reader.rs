//! What reads one file: it collects complaints on its way. Each neighbour teaches it a kind of value.

use crate::manifest::tree::Node;
use crate::model::finding::Finding;
use crate::model::source::Located;

/// What one file said, and what is wrong with it.
#[derive(Debug)]
pub(in crate::manifest) struct Decoded<T> {
    /// The document, as far as it could be read.
    pub(in crate::manifest) file: T,
    /// The complaints.
    pub(in crate::manifest) findings: Vec<Finding>,
}

/// Collects complaints while it reads.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) findings: Vec<Finding>,
}

impl Reader {
    /// Keeps a complaint.
    pub(super) fn complain(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// A key of a mapping and what stands after it.
pub(super) type KeyedNode<'node> = (Located<&'node str>, &'node Node<'node>);
