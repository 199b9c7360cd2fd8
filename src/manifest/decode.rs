//! The marked tree to documents: every value read with its place, every problem kept, none said twice.
//!
//! A value that is wrong is complained about once and then left out; what depends on it stays silent.

use super::tree::Node;

mod add_ons;
mod amounts;
mod cells;
mod environments;
mod fields;
mod reader;
mod root;
mod rules;
mod words;

pub(super) use add_ons::other_names;
pub(super) use cells::{CellEntry, CellText, Cells};
pub(super) use environments::{EnvironmentEntry, EnvironmentsFile};
pub(super) use reader::Decoded;
pub(super) use root::RootFile;

use reader::Reader;

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
