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
mod reader;
mod root;
mod rules;
mod words;

pub(super) use cells::{CellEntry, CellText, Cells};
pub(super) use environments::{EnvironmentEntry, EnvironmentsFile};
pub(super) use reader::Decoded;
pub(super) use root::RootFile;

use reader::Reader;

pub(super) fn root(node: &Node<'_>) -> Decoded<RootFile> {
    let mut reader = Reader::default();
    let file = reader.root_file(node);
    reader.decoded(file)
}

pub(super) fn environments(node: &Node<'_>) -> Decoded<EnvironmentsFile> {
    let mut reader = Reader::default();
    let file = reader.environments_file(node);
    reader.decoded(file)
}
