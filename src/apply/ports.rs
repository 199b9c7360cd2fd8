//! The ports and options of one run.

use super::options::ApplyOptions;
use super::stop::Stop;
use crate::provider::port::{Observe, Perform};

/// The ports and options of one run.
#[derive(Clone, Copy)]
pub(super) struct Ports<'a> {
    pub(super) reader: &'a dyn Observe,
    pub(super) writer: &'a dyn Perform,
    pub(super) options: &'a ApplyOptions,
    pub(super) stop: &'a Stop,
}
