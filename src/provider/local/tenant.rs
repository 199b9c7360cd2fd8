//! The embedded tenant as a whole: where it lives, and its two halves.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::reader::LocalReader;
use super::shared::{LocalOptions, Shared};
use super::store::{self, facts};
use super::writer::LocalWriter;
use crate::model::catalog::Pool;
use crate::model::document::EnvironmentDocument;
use crate::model::seed::OverAllocation;
use crate::model::terms::{EnvironmentId, Units};
use crate::provider::port::ProviderError;
use crate::provider::seed::SeedSource;

/// One write that took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRecord {
    /// Its number, from 1.
    pub sequence: u64,
    /// Where.
    pub environment: EnvironmentId,
    /// What the environment held before.
    pub before: EnvironmentDocument,
    /// What it held after.
    pub after: EnvironmentDocument,
    /// What every pool held after.
    pub totals: BTreeMap<Pool, Units>,
}

/// The embedded tenant. A clone is the same tenant.
#[derive(Clone)]
pub struct LocalTenant {
    shared: Arc<Shared>,
    notices: Vec<String>,
}

impl LocalTenant {
    /// Opens the tenant. Where its file does not exist yet, it is in memory until the first write: who only reads leaves
    /// nothing behind.
    ///
    /// # Errors
    ///
    /// Where the file or the seed cannot be used.
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

    /// Makes a tenant that lives in memory and ends with the process. The file of the options only names it in messages.
    ///
    /// # Errors
    ///
    /// Where the seed cannot be used.
    pub fn in_memory(options: LocalOptions) -> Result<LocalTenant, ProviderError> {
        Ok(LocalTenant { shared: Arc::new(Shared::in_memory(options)?), notices: Vec::new() })
    }

    /// Whether more may be allocated than is owned.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn over_allocation(&self) -> Result<OverAllocation, ProviderError> {
        let mode = self.shared.read(|connection| store::get(connection, facts::OVER_ALLOCATION))?;
        Ok(mode.unwrap_or_default())
    }

    /// Sets whether more may be allocated than is owned, from the next write on.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn set_over_allocation(&self, mode: OverAllocation) -> Result<(), ProviderError> {
        let mut used = self.shared.for_writing()?;
        store::set(used.connection(), facts::OVER_ALLOCATION, &mode)
            .map_err(|error| store::told(self.shared.database(), error))
    }

    /// Whether it began without a seed, and so has the environments and purchases that the configuration declares.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn follows_configuration(&self) -> Result<bool, ProviderError> {
        self.shared.read(|connection| super::reader::follows_configuration(connection))
    }

    /// Where it is kept, once it was written to.
    pub fn file(&self) -> &Path {
        self.shared.database()
    }

    /// What the user may want to know about the file.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The half that reads.
    pub fn reader(&self) -> LocalReader {
        LocalReader::new(Arc::clone(&self.shared))
    }

    /// The half that writes.
    pub fn writer(&self) -> LocalWriter {
        LocalWriter::new(Arc::clone(&self.shared))
    }

    /// Every write that took effect, in order.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn trace(&self) -> Result<Vec<WriteRecord>, ProviderError> {
        self.shared.read(|connection| {
            let mut statement = connection
                .prepare("SELECT sequence, environment, before, after, totals FROM write ORDER BY sequence")?;
            let rows = statement.query_map([], |row| {
                let text = |at| row.get::<_, String>(at);
                let environment: String = row.get(1)?;
                Ok(WriteRecord {
                    sequence: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
                    environment: store::from_json(&format!("{environment:?}"))?,
                    before: store::from_json(&text(2)?)?,
                    after: store::from_json(&text(3)?)?,
                    totals: store::from_json(&text(4)?)?,
                })
            })?;
            rows.collect()
        })
    }
}

/// Whether a seed is another than the one that the tenant began with.
fn has_changed(shared: &Shared, seed: &dyn SeedSource) -> Result<bool, ProviderError> {
    let fact = |name| shared.read(|connection| store::get::<String>(connection, name));
    let Some(begun) = fact(facts::SEED)? else { return Ok(false) };
    let stamp = seed.stamp();
    if stamp.is_some() && fact(facts::SEED_STAMP)? == stamp {
        return Ok(false);
    }
    Ok(begun != store::digest(&seed.text()?))
}
