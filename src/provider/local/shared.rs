//! What both halves of the embedded tenant stand on: how it was opened, and its one connection.

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
    pub seed: Option<Arc<dyn SeedSource>>,
    /// What it starts with where there is no seed.
    pub declared: Declared,
    /// The role in which it is called.
    pub role: Role,
    /// What time it is.
    pub clock: Clock,
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
    /// Whether it stays in memory.
    never_a_file: bool,
}

/// A connection for as long as it is needed.
pub(super) struct Use<'a>(MutexGuard<'a, State>);

impl Use<'_> {
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.0.connection
    }
}

impl Shared {
    /// Opens the file. Where it does not exist yet, the tenant is in memory until the first write.
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
        if state.in_memory && !state.never_a_file && store::exists(&self.options.database) {
            *state = State { connection: store::open(&self.options.database)?, in_memory: false, never_a_file: false };
        }
        reading(&mut state.connection).map_err(|error| store::told(self.database(), error))
    }

    /// The file, made now where there was none.
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
