//! The state that both halves of the built-in tenant share: its options and its one connection.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::place::{self, Stamp};
use super::{faults, store};
use crate::model::catalog::{AddOn, Pool};
use crate::model::roles::Role;
use crate::model::terms::{EnvironmentClass, EnvironmentId, Units};
use crate::provider::port::{Clock, ProviderError, ProviderErrorKind};
use crate::provider::seed::SeedSource;

/// What the configuration declares: the content of a tenant without a seed, and the debts of every tenant. None of this is written to
/// the file.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The name of the tenant.
    pub tenant: Arc<str>,
    /// The environments.
    pub environments: Vec<(EnvironmentId, Arc<str>, Option<EnvironmentClass>)>,
    /// The units purchased as of today.
    pub purchased: BTreeMap<AddOn, Units>,
    /// The units that each pool may hold above the purchased units, with or without a seed.
    pub debts: BTreeMap<Pool, Units>,
}

/// How to open the tenant.
pub struct LocalOptions {
    /// The path of the database.
    pub database: PathBuf,
    /// The seed that a new tenant starts with.
    pub seed: Option<Arc<dyn SeedSource>>,
    /// What the configuration declares.
    pub declared: Declared,
    /// Whether an emulator serves this tenant. Only such a tenant can accept over-allocation, if the seed or a fault
    /// allows that.
    pub plays_service: bool,
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
    access: Access,
}

/// Where the connection leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    /// To a database in memory.
    Memory,
    /// To a database in memory until the first write creates the file.
    AwaitsFile,
    /// To the file.
    File,
    /// To the file, which this user may only read.
    ReadOnly,
}

impl From<store::Opened> for State {
    fn from(opened: store::Opened) -> State {
        let access = if opened.is_read_only { Access::ReadOnly } else { Access::File };
        State { connection: opened.connection, access }
    }
}

/// Why a write failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteFault {
    /// A rule of the tenant refuses it.
    #[error(transparent)]
    Refused(#[from] ProviderError),
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] rusqlite::Error),
}

impl Shared {
    /// Opens the file. If the file does not exist yet, the tenant is in memory until the first write.
    pub(super) fn open(options: LocalOptions) -> Result<Shared, ProviderError> {
        place::check(&options.database)?;
        if !place::exists(&options.database) {
            return Shared::in_memory(options, true);
        }
        let state = store::open(&options.database)?.into();
        Ok(Shared { options, state: Mutex::new(state) })
    }

    /// A tenant in memory. If `awaits_file`, the tenant moves to its file with the first write, or as soon as another run created the file.
    pub(super) fn in_memory(options: LocalOptions, awaits_file: bool) -> Result<Shared, ProviderError> {
        let connection = store::in_memory(&options.declared.tenant, options.seed.as_deref())?;
        let access = if awaits_file { Access::AwaitsFile } else { Access::Memory };
        Ok(Shared { options, state: Mutex::new(State { connection, access }) })
    }

    pub(super) fn database(&self) -> &Path {
        &self.options.database
    }

    /// Whether the file could be opened only for reading.
    pub(super) fn is_read_only(&self) -> bool {
        self.lock().access == Access::ReadOnly
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
        // A connection that only reads blocks no writer. It is opened anew, and the stamp shows whether another run wrote meanwhile.
        let stamp = Stamp::of(self.database());
        if state.access == Access::ReadOnly || (state.access == Access::AwaitsFile && place::exists(self.database())) {
            *state = store::open(self.database())?.into();
        }
        let read = reading(&mut state.connection);
        if state.access == Access::ReadOnly && Stamp::of(self.database()) != stamp {
            let message = format!("another run changed {} while it was read", self.database().display());
            return Err(ProviderError::new(ProviderErrorKind::Unavailable, message).help("run again"));
        }
        read.map_err(|error| faults::of_database(self.database(), error))
    }

    /// Writes to the file; creates the file if there is none.
    pub(super) fn write<T>(
        &self,
        writing: impl FnOnce(&mut Connection) -> Result<T, WriteFault>,
    ) -> Result<T, ProviderError> {
        let mut state = self.lock();
        let (database, options) = (self.database(), &self.options);
        match state.access {
            Access::AwaitsFile if !place::exists(database) => {
                *state = store::create(database, &options.declared.tenant, options.seed.as_deref())?.into();
            }
            Access::AwaitsFile | Access::ReadOnly => *state = store::open(database)?.into(),
            Access::Memory | Access::File => {}
        }
        if state.access == Access::ReadOnly {
            return Err(faults::read_only(database));
        }
        writing(&mut state.connection).map_err(|fault| match fault {
            WriteFault::Refused(error) => error,
            WriteFault::File(error) => faults::of_database(database, error),
        })
    }
}
