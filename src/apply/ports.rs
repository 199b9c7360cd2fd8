//! The ports and options of one run.

use super::options::ExecutorOptions;
use super::stop::Stop;
use crate::provider::port::{Observe, Perform};

/// The ports and options of one run.
#[derive(Clone, Copy)]
pub(super) struct Ports<'a> {
    pub(super) reader: &'a dyn Observe,
    pub(super) writer: &'a dyn Perform,
    pub(super) options: &'a ExecutorOptions,
    pub(super) stop: &'a Stop,
}
