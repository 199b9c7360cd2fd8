//! The reader of one file, which collects findings. Each sibling module adds methods for some kinds of values.

use crate::manifest::tree::Node;
use crate::model::finding::Finding;
use crate::model::source::Located;

/// A decoded file and its findings.
#[derive(Debug)]
pub(in crate::manifest) struct Decoded<T> {
    /// The decoded file, as far as it could be read.
    pub(in crate::manifest) file: T,
    pub(in crate::manifest) findings: Vec<Finding>,
}

/// Decodes values and collects findings.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) findings: Vec<Finding>,
}

impl Reader {
    pub(super) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

pub(super) type KeyedNode<'node> = (Located<&'node str>, &'node Node<'node>);
