//! The configuration of a use case: read and checked.

use super::failure::Stopped;
use super::ports::Ports;
use crate::load::configuration::Loaded;
use crate::manifest::check::{self, Checked};
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::source::Sources;

/// A valid configuration.
pub struct Configuration {
    /// The files and where they were found.
    pub loaded: Loaded,
    /// What the files declare.
    pub desired: Box<DesiredState>,
    /// Warnings and hints about the files; no errors.
    pub findings: Vec<Finding>,
}

impl Configuration {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    ///
    /// If there is none, or it is invalid.
    pub fn read(ports: &Ports) -> Result<Configuration, Stopped> {
        let loaded = ports.load()?;
        let checked = check::check_within(&loaded.inputs, &ports.surroundings);
        Configuration::of(loaded, checked)
    }

    /// A configuration that was read and checked already.
    ///
    /// # Errors
    ///
    /// If it is invalid.
    pub fn of(loaded: Loaded, checked: Checked) -> Result<Configuration, Stopped> {
        match checked {
            Checked::Valid { desired, findings } => Ok(Configuration { loaded, desired, findings }),
            Checked::Invalid { findings } => {
                Err(Stopped::Invalid { sources: Box::new(loaded.inputs.sources), findings })
            }
        }
    }

    /// The files that findings point into.
    pub fn sources(&self) -> &Sources {
        &self.loaded.inputs.sources
    }

    /// The files, without the rest.
    pub fn into_sources(self) -> Sources {
        self.loaded.inputs.sources
    }
}
