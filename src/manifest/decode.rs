//! Decodes the marked tree of a file. The values of the decoded file keep their places.
//!
//! A wrong value gets one finding and is left out. Checks that depend on it are skipped.

use super::tree::Node;

mod add_ons;
mod allow;
mod amounts;
mod cells;
mod environments;
mod fields;
mod keys;
mod reader;
mod root;
mod rules;
mod words;
mod wrong;

pub(super) use cells::{CellEntry, CellText, Cells};
pub(super) use environments::{EnvironmentEntry, EnvironmentsFile};
pub(super) use reader::Decoded;
pub(super) use root::RootFile;

use reader::Reader;

/// Decodes a root file with this tree and text.
pub(super) fn root(node: &Node<'_>, text: &str) -> Decoded<RootFile> {
    let mut reader = Reader::new(text);
    let file = reader.root_file(node);
    reader.decoded(file)
}

/// Decodes an environment file with this tree and text.
pub(super) fn environments(node: &Node<'_>, text: &str) -> Decoded<EnvironmentsFile> {
    let mut reader = Reader::new(text);
    let file = reader.environments_file(node);
    reader.decoded(file)
}
