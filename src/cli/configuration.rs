//! The configuration of a command: read, checked, and its complaints told.

use super::context::Context;
use super::stopped::Stopped;
use crate::load::configuration::Loaded;
use crate::manifest::check::{self, Checked};
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::source::Sources;

/// A valid configuration.
pub struct Configuration {
    /// Where it came from.
    pub loaded: Loaded,
    /// What it says.
    pub desired: Box<DesiredState>,
    /// What is worth knowing about it; no errors among them.
    pub findings: Vec<Finding>,
}

impl Configuration {
    /// Reads and checks.
    ///
    /// # Errors
    ///
    /// Where there is none, or it is not valid.
    pub fn read(context: &Context) -> Result<Configuration, Stopped> {
        let loaded = context.load()?;
        let checked = check::check_within(&loaded.inputs, &context.surroundings);
        Configuration::of(loaded, checked)
    }

    /// What was read and checked.
    ///
    /// # Errors
    ///
    /// Where it is not valid.
    pub fn of(loaded: Loaded, checked: Checked) -> Result<Configuration, Stopped> {
        match checked {
            Checked::Valid { desired, findings } => Ok(Configuration { loaded, desired, findings }),
            Checked::Invalid { findings } => {
                Err(Stopped::Invalid { sources: Box::new(loaded.inputs.sources), findings })
            }
        }
    }

    /// The files, for placing findings.
    pub fn sources(&self) -> &Sources {
        &self.loaded.inputs.sources
    }
}
