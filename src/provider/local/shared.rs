//! The state that both halves of the embedded tenant share: its options and its one connection.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::store;
use crate::model::catalog::AddOn;
use crate::model::roles::Role;
use crate::model::terms::{EnvironmentClass, EnvironmentId, Units};
use crate::provider::port::{Clock, ProviderError};
use crate::provider::seed::SeedSource;

/// The content of a tenant without a seed. Such a tenant follows the configuration, so none of this is written to the file.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The name of the tenant.
    pub tenant: Arc<str>,
    /// The environments.
    pub environments: Vec<(EnvironmentId, Arc<str>, Option<EnvironmentClass>)>,
    /// The units purchased as of today.
    pub purchased: BTreeMap<AddOn, Units>,
}

/// How to open the tenant.
pub struct LocalOptions {
    /// The path of the database.
    pub database: PathBuf,
    /// The seed that a new tenant starts with.
    pub seed: Option<Arc<dyn SeedSource>>,
    /// The content of the tenant if there is no seed.
    pub declared: Declared,
    /// The role of the caller.
    pub role: Role,
    /// The source of the current time.
    pub clock: Clock,
}

/// The state that both halves share.
pub(super) struct Shared {
    pub(super) options: LocalOptions,
    state: Mutex<State>,
}

struct State {
    connection: Connection,
    /// Whether the connection is to a database in memory: the first write creates the file.
    in_memory: bool,
    /// Whether the tenant stays in memory even after a write.
    never_a_file: bool,
}

/// Exclusive use of the connection.
pub(super) struct Use<'a>(MutexGuard<'a, State>);

impl Use<'_> {
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.0.connection
    }
}

impl Shared {
    /// Opens the file. If the file does not exist yet, the tenant is in memory until the first write.
    pub(super) fn open(options: LocalOptions) -> Result<Shared, ProviderError> {
        store::refuse_links(&options.database)?;
        let in_memory = !store::exists(&options.database);
        let connection = if in_memory {
            store::in_memory(&options.declared.tenant, options.seed.as_deref())?
        } else {
            store::open(&options.database)?
        };
        Ok(Shared { options, state: Mutex::new(State { connection, in_memory, never_a_file: false }) })
    }

    /// A tenant that never becomes a file and never reads one.
    pub(super) fn in_memory(options: LocalOptions) -> Result<Shared, ProviderError> {
        let connection = store::in_memory(&options.declared.tenant, options.seed.as_deref())?;
        Ok(Shared { options, state: Mutex::new(State { connection, in_memory: true, never_a_file: true }) })
    }

    pub(super) fn database(&self) -> &Path {
        &self.options.database
    }

    /// A panic under the lock leaves no half write behind, because SQLite's transactions are atomic. So a poisoned lock is fine.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a query on the file, or on the database in memory if there is no file yet.
    pub(super) fn read<T>(
        &self,
        reading: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ProviderError> {
        let mut state = self.lock();
        if state.in_memory && !state.never_a_file && store::exists(&self.options.database) {
            *state = State { connection: store::open(&self.options.database)?, in_memory: false, never_a_file: false };
        }
        reading(&mut state.connection).map_err(|error| store::file_error(self.database(), error))
    }

    /// The connection to the file; creates the file if there is none.
    pub(super) fn for_writing(&self) -> Result<Use<'_>, ProviderError> {
        let mut state = self.lock();
        if state.in_memory && !state.never_a_file {
            let connection = if store::exists(&self.options.database) {
                store::open(&self.options.database)?
            } else {
                store::create(&self.options.database, &self.options.declared.tenant, self.options.seed.as_deref())?
            };
            *state = State { connection, in_memory: false, never_a_file: false };
        }
        Ok(Use(state))
    }
}
