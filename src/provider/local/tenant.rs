//! The embedded tenant as a whole: where it lives, and its two halves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::reader::LocalReader;
use super::seed::SeedSource;
use super::store::{self, facts};
use super::writer::LocalWriter;
use crate::model::catalog::{AddOn, Pool};
use crate::model::document::EnvironmentDocument;
use crate::model::terms::{EnvironmentClass, EnvironmentId, Role, Units};
use crate::provider::port::{Clock, ProviderError};

/// What a tenant without a seed starts with. It follows the configuration: nothing of it is written down.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// What the tenant is called.
    pub tenant: Arc<str>,
    /// The environments.
    pub environments: Vec<(EnvironmentId, Arc<str>, Option<EnvironmentClass>)>,
    /// What is owned today.
    pub purchased: BTreeMap<AddOn, Units>,
}

/// How to open the tenant.
pub struct LocalOptions {
    /// The file.
    pub database: PathBuf,
    /// What it starts with.
    pub seed: Option<SeedSource>,
    /// What it starts with where there is no seed.
    pub declared: Declared,
    /// The role in which it is called.
    pub role: Role,
    /// What time it is.
    pub clock: Clock,
}

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

/// The embedded tenant.
pub struct LocalTenant {
    shared: Arc<Shared>,
    notices: Vec<String>,
}

/// What both halves stand on.
pub(super) struct Shared {
    pub(super) options: LocalOptions,
    state: Mutex<State>,
}

struct State {
    connection: Connection,
    /// Whether the connection is to memory, because the file comes into being with the first write only.
    in_memory: bool,
}

/// A connection for as long as it is needed.
pub(super) struct Use<'a>(MutexGuard<'a, State>);

impl Use<'_> {
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.0.connection
    }
}

impl LocalTenant {
    /// Opens the tenant. Where its file does not exist yet, it is in memory until the first write: who only reads leaves
    /// nothing behind.
    ///
    /// # Errors
    ///
    /// Where the file or the seed cannot be used.
    pub fn open(options: LocalOptions) -> Result<LocalTenant, ProviderError> {
        let exists = options.database.exists();
        let connection = if exists { store::open(&options.database)? } else { memory(&options)? };
        let mut notices = Vec::new();
        if let (true, Some(seed)) = (exists, &options.seed)
            && has_changed(&connection, &options.database, seed)?
        {
            let (name, file) = (seed.name(), options.database.display());
            notices.push(format!(
                "{name} changed since the tenant was made from it; delete {file} to start again from it"
            ));
        }
        let state = Mutex::new(State { connection, in_memory: !exists });
        Ok(LocalTenant { shared: Arc::new(Shared { options, state }), notices })
    }

    /// Whether it began without a seed, and so has the environments and purchases that the configuration declares.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn follows_configuration(&self) -> Result<bool, ProviderError> {
        self.shared.read(|connection| super::reader::follows_configuration(connection))
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
fn has_changed(connection: &Connection, file: &Path, seed: &SeedSource) -> Result<bool, ProviderError> {
    let fact = |name| store::get::<String>(connection, name).map_err(|error| store::told(file, error));
    let Some(begun) = fact(facts::SEED)? else { return Ok(false) };
    if seed.stamp().is_some() && fact(facts::SEED_STAMP)?.as_deref() == seed.stamp() {
        return Ok(false);
    }
    Ok(begun != store::digest(seed.read()?.as_ref()))
}

fn memory(options: &LocalOptions) -> Result<Connection, ProviderError> {
    store::in_memory(&options.declared.tenant, options.seed.as_ref())
}

impl Shared {
    pub(super) fn database(&self) -> &Path {
        &self.options.database
    }

    /// A panic while it was held leaves the connection as SQLite left it, which is never half a write.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a reading on the file, or in memory where there is none yet.
    pub(super) fn read<T>(
        &self,
        reading: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ProviderError> {
        let mut state = self.lock();
        if state.in_memory && self.options.database.exists() {
            *state = State { connection: store::open(&self.options.database)?, in_memory: false };
        }
        reading(&mut state.connection).map_err(|error| store::told(self.database(), error))
    }

    /// The file, made now where there was none.
    pub(super) fn for_writing(&self) -> Result<Use<'_>, ProviderError> {
        let mut state = self.lock();
        if state.in_memory {
            let connection = if self.options.database.exists() {
                store::open(&self.options.database)?
            } else {
                store::create(&self.options.database, &self.options.declared.tenant, self.options.seed.as_ref())?
            };
            *state = State { connection, in_memory: false };
        }
        Ok(Use(state))
    }
}
