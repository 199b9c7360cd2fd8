//! The built-in tenant as a whole: where it lives, and its two halves.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::reader::LocalReader;
use super::shared::{LocalOptions, Shared};
use super::store::{self, facts};
use super::writer::LocalWriter;
use crate::model::catalog::Pool;
use crate::model::seed::OverAllocation;
use crate::model::terms::Units;
use crate::provider::port::ProviderError;
use crate::provider::seed::SeedSource;

/// The built-in tenant. A clone is the same tenant.
#[derive(Clone)]
pub struct LocalTenant {
    shared: Arc<Shared>,
    notices: Vec<String>,
}

impl LocalTenant {
    /// Opens the tenant. If its file does not exist yet, the tenant is in memory until the first write, so that a command that only
    /// reads leaves no file behind.
    ///
    /// # Errors
    ///
    /// If the file or the seed cannot be used.
    pub fn open(options: LocalOptions) -> Result<LocalTenant, ProviderError> {
        let shared = Shared::open(options)?;
        let mut notices = Vec::new();
        if let Some(seed) = &shared.options.seed
            && has_changed(&shared, seed.as_ref())?
        {
            let (name, file) = (seed.name(), shared.database().display());
            notices.push(format!(
                "{name} changed since the tenant was made from it; delete {file} to start again from it"
            ));
        }
        Ok(LocalTenant { shared: Arc::new(shared), notices })
    }

    /// Creates a tenant that lives in memory and ends with the process. The path in the options serves only to name the tenant in messages.
    ///
    /// # Errors
    ///
    /// If the seed cannot be used.
    pub fn in_memory(options: LocalOptions) -> Result<LocalTenant, ProviderError> {
        Ok(LocalTenant { shared: Arc::new(Shared::in_memory(options, false)?), notices: Vec::new() })
    }

    /// Whether the tenant accepts over-allocation when an emulator serves it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn over_allocation(&self) -> Result<OverAllocation, ProviderError> {
        let mode = self.shared.read(|connection| store::get(connection, facts::OVER_ALLOCATION))?;
        Ok(mode.unwrap_or_default())
    }

    /// Sets whether the tenant accepts over-allocation when an emulator serves it, from the next write on.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn set_over_allocation(&self, mode: OverAllocation) -> Result<(), ProviderError> {
        self.shared.write(|connection| Ok(store::set(connection, facts::OVER_ALLOCATION, &mode)?))
    }

    /// Whether the tenant started without a seed, and so has the environments and purchases that the configuration declares.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn follows_configuration(&self) -> Result<bool, ProviderError> {
        self.shared.read(|connection| super::reader::follows_configuration(connection))
    }

    /// The path of the file, which exists after the first write.
    pub fn file(&self) -> &Path {
        self.shared.database()
    }

    /// Notices about the file for the user.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The reading half.
    pub fn reader(&self) -> LocalReader {
        LocalReader { shared: Arc::clone(&self.shared) }
    }

    /// The writing half.
    pub fn writer(&self) -> LocalWriter {
        LocalWriter { shared: Arc::clone(&self.shared) }
    }

    /// The units that every pool held after each write that took effect, in order. Tests check a run with this trace.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn trace(&self) -> Result<Vec<BTreeMap<Pool, Units>>, ProviderError> {
        self.shared.read(|connection| {
            let mut statement = connection.prepare("SELECT totals FROM write ORDER BY sequence")?;
            statement.query_map([], |row| store::from_json(row.get_ref(0)?.as_str()?))?.collect()
        })
    }
}

/// Whether a seed differs from the one that the tenant started with.
fn has_changed(shared: &Shared, seed: &dyn SeedSource) -> Result<bool, ProviderError> {
    let fact = |name| shared.read(|connection| store::get::<String>(connection, name));
    let Some(begun) = fact(facts::SEED)? else { return Ok(false) };
    let stamp = seed.stamp();
    if stamp.is_some() && fact(facts::SEED_STAMP)? == stamp {
        return Ok(false);
    }
    Ok(begun != store::digest(&seed.text()?))
}
