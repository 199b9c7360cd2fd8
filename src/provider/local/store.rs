//! The database: opening it, and filling it from a seed.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use sha2::{Digest, Sha256};
use url::Url;

use super::{faults, place};
use crate::model::catalog::AddOn;
use crate::model::digits::hexadecimal;
use crate::model::document::EnvironmentDocument;
use crate::model::roles::WhoCanAllocate;
use crate::model::seed::{Seed, add_on};
use crate::model::terms::Units;
use crate::provider::port::{ProviderError, ProviderErrorKind};
use crate::provider::seed::SeedSource;

/// The version of the tables in `schema.sql`.
const VERSION: i64 = 3;
/// How long a run waits for the lock of another.
const PATIENCE: Duration = Duration::from_secs(5);
const TABLES: &str = include_str!("schema.sql");
/// The size of the page cache, 256 KiB.
const CACHED_PAGES: i64 = 64;
/// Indexes for the flags that few environments have. Without an index, a query would scan every row.
const INDEXES: &str = include_str!("indexes.sql");

/// The keys of the `fact` table.
pub mod facts {
    /// The name of the tenant.
    pub const TENANT: &str = "tenant";
    /// The setting `whoCanAllocate`.
    pub const WHO_CAN_ALLOCATE: &str = "whoCanAllocate";
    /// Whether the tenant accepts over-allocation.
    pub const OVER_ALLOCATION: &str = "overAllocation";
    /// The write at which the tenant waits, so that a test can kill the process there.
    pub const HOLD_AT_WRITE: &str = "holdAtWrite";
    /// The number of writes that are or were held up.
    pub const HELD_WRITES: &str = "heldWrites";
    /// The digest of the seed; missing if there was none.
    pub const SEED: &str = "seed";
    /// The stamp of the seed's file, if the seed was a file.
    pub const SEED_STAMP: &str = "seedStamp";
}

/// An open database.
pub struct Opened {
    /// The connection.
    pub connection: Connection,
    /// Whether this user may only read it. Such a connection blocks no writer, so another user may write at the same time.
    pub is_read_only: bool,
}

/// Opens an existing database: for writing, or for reading only if this user may not write to the file or its folder.
pub fn open(path: &Path) -> Result<Opened, ProviderError> {
    place::check(path)?;
    let (mut connection, is_read_only, version) = match writable(path) {
        Ok((connection, version)) => (connection, false, version),
        Err(error) if faults::needs_a_right(&error) => {
            let (connection, version) = read_only(path)?;
            (connection, true, version)
        }
        Err(error) => return Err(faults::of_database(path, error)),
    };
    match version {
        VERSION => {}
        // Version 2 lacks only indexes.
        2 if is_read_only => {}
        1 | 2 if !is_read_only => {
            upgrade(&mut connection, version).map_err(|error| faults::of_database(path, error))?;
        }
        1 | 2 => return Err(other_version(path, version, "run any command as a user who may write to it")),
        0 => {
            let help = "move it away; the next run starts again from the seed";
            return Err(faults::in_the_way(path, "is a database of another program", help));
        }
        _ => {
            let help = "use the program that wrote it, or move the file away to start again from the seed";
            return Err(other_version(path, version, help));
        }
    }
    Ok(Opened { connection, is_read_only })
}

fn other_version(path: &Path, version: i64, help: &str) -> ProviderError {
    faults::in_the_way(path, &format!("is of version {version}, and this program reads version {VERSION}"), help)
}

fn version_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn writable(path: &Path) -> rusqlite::Result<(Connection, i64)> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // If the file is write-protected, SQLite opens it for reading only, but would still write other files beside it.
    if connection.is_readonly(MAIN_DB)? {
        let denied = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
        return Err(rusqlite::Error::SqliteFailure(denied, None));
    }
    connection.busy_timeout(PATIENCE)?;
    let version = version_of(&connection)?;
    // The database of another program is not changed, not even its journal mode.
    if (1..=VERSION).contains(&version) {
        prepare(&connection)?;
    }
    Ok((connection, version))
}

/// Opens a database for reading, and writes no file beside it.
///
/// Without a log, the file is complete and is opened as immutable; [`place::Stamp`] shows whether it changed after all.
/// A log can be read only with its index file, which exists while the writing run lasts.
fn read_only(path: &Path) -> Result<(Connection, i64), ProviderError> {
    let log = place::log_of(path);
    let is_complete = fs::metadata(&log).map_or(true, |about| about.len() == 0);
    let opened = if is_complete {
        let address = real(path).and_then(|path| Url::from_file_path(path).ok()).map(|mut address| {
            address.set_query(Some("immutable=1"));
            address.to_string()
        });
        let address = address.unwrap_or_else(|| path.display().to_string());
        connect(Path::new(&address), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
    } else {
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    };
    let opened = opened.and_then(|connection| version_of(&connection).map(|version| (connection, version)));
    opened.map_err(|error| match error {
        error if !is_complete && faults::needs_a_right(&error) => {
            let what = "holds changes of an interrupted run, and this user may not write them to the file";
            let help = "run a command such as `allot status` as a user who may write there";
            faults::in_the_way(&log, what, help).caused_by(error)
        }
        error if faults::needs_a_right(&error) => {
            let help = "make the file and its folder readable for this user";
            faults::in_the_way(path, "cannot be read by this user", help).caused_by(error)
        }
        error => faults::of_database(path, error),
    })
}

/// The path of the file, with the links in the path of its folder resolved. The user made these links, but SQLite would
/// refuse them.
fn real(path: &Path) -> Option<PathBuf> {
    Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
}

/// Opens an existing file. SQLite follows no link, not even for journals, and nothing that the file itself defines, such as a view, may
/// call a function with an effect.
fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let is_address = access.contains(OpenFlags::SQLITE_OPEN_URI);
    let real = real(path).filter(|_| !is_address);
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(real.as_deref().unwrap_or(path), flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    Ok(connection)
}

/// Upgrades the tables. Version 1 did not store the totals of all environments, and version 2 had no indexes.
fn upgrade(connection: &mut Connection, from: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if from == 1 {
        transaction.execute_batch(
            "CREATE TABLE IF NOT EXISTS held (add_on TEXT PRIMARY KEY, units INTEGER NOT NULL) STRICT;",
        )?;
        let documents: Vec<EnvironmentDocument> = transaction
            .prepare("SELECT content FROM document")?
            .query_map([], |row| from_json(row.get_ref(0)?.as_str()?))?
            .collect::<rusqlite::Result<_>>()?;
        set_held(&transaction, &total(&documents))?;
    }
    transaction.execute_batch(INDEXES)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// The total units of each add-on in some documents.
fn total<'a>(documents: impl IntoIterator<Item = &'a EnvironmentDocument>) -> BTreeMap<AddOn, Units> {
    let mut held: BTreeMap<AddOn, Units> = BTreeMap::new();
    for (add_on, entry) in documents.into_iter().flat_map(|document| &document.entries) {
        let total = held.entry(add_on.clone()).or_default();
        *total = [*total, entry.units].into_iter().sum();
    }
    held
}

/// The stored total units of each add-on over all environments.
pub fn held(connection: &Connection) -> rusqlite::Result<BTreeMap<AddOn, Units>> {
    let mut statement = connection.prepare_cached("SELECT add_on, units FROM held")?;
    let rows = statement.query_map([], |row| Ok((term(row.get_ref(0)?.as_str()?)?, units(row.get(1)?))))?;
    rows.collect()
}

/// Stores the total units of these add-ons over all environments.
pub fn set_held(connection: &Connection, held: &BTreeMap<AddOn, Units>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO held VALUES (?1, ?2)")?;
    for (add_on, units) in held {
        statement.execute(params![add_on.to_string(), integer(units.get())])?;
    }
    Ok(())
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    // Tables are read once, from end to end, so a larger cache would not help.
    connection.pragma_update(None, "cache_size", CACHED_PAGES)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")
}

/// A database in memory, started from a seed or from nothing.
pub fn in_memory(tenant: &str, seed: Option<&dyn SeedSource>) -> Result<Connection, ProviderError> {
    let place = Path::new("the tenant in memory");
    let mut connection = Connection::open_in_memory().map_err(|error| faults::of_database(place, error))?;
    fill(&mut connection, place, tenant, seed)?;
    Ok(connection)
}

/// Creates the file atomically: a temporary file is filled and then hard-linked to `path`, so that a killed run leaves no incomplete
/// tenant. If `path` exists by then, the existing file is opened.
pub fn create(path: &Path, tenant: &str, seed: Option<&dyn SeedSource>) -> Result<Opened, ProviderError> {
    let folder = path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let unwritable = |error: std::io::Error| faults::of_system(&folder, error);
    place::check(path)?;
    fs::create_dir_all(&folder).map_err(unwritable)?;
    // Git must ignore our own folder; a folder that the user chose stays as it is. An existing `.gitignore` is not overwritten:
    // it may be a link.
    if folder.ends_with(place::FOLDER) {
        let ignoring = OpenOptions::new().write(true).create_new(true).open(folder.join(".gitignore"));
        match ignoring.and_then(|mut file| file.write_all(b"*\n")) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(unwritable(error)),
            Ok(()) | Err(_) => {}
        }
    }
    // A random name, at which a checkout cannot have planted a file.
    let draft =
        tempfile::Builder::new().prefix("tenant.db.").tempfile_in(&folder).map_err(unwritable)?.into_temp_path();
    let mut connection =
        connect(&draft, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| faults::of_database(&draft, error))?;
    prepare(&connection).map_err(|error| faults::of_database(&draft, error))?;
    fill(&mut connection, &draft, tenant, seed)?;
    connection.close().map_err(|(_, error)| faults::of_database(&draft, error))?;
    // If two first writers race, the file of the first one stays.
    match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(unwritable(error)),
        Ok(()) | Err(_) => draft.close().map_err(unwritable)?,
    }
    open(path)
}

fn fill(
    connection: &mut Connection,
    place: &Path,
    tenant: &str,
    seed: Option<&dyn SeedSource>,
) -> Result<(), ProviderError> {
    let (parsed, digest) = match seed {
        Some(seed) => {
            let text = seed.text()?;
            (seed.parse(&text)?, Some(digest(&text)))
        }
        None => (Seed { tenant: tenant.to_owned(), ..Seed::default() }, None),
    };
    let stamp = seed.and_then(SeedSource::stamp);
    insert(connection, &parsed, digest.as_deref(), stamp.as_deref()).map_err(|error| match error {
        rusqlite::Error::SqliteFailure(failure, _) if failure.code == ErrorCode::ConstraintViolation => {
            let name = seed.map_or("", |seed| seed.name());
            ProviderError::new(ProviderErrorKind::Malformed, format!("the seed {name} has one environment twice"))
                .help("keep one entry for each id")
        }
        error => faults::of_database(place, error),
    })
}

fn insert(connection: &mut Connection, seed: &Seed, digest: Option<&str>, stamp: Option<&str>) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(INDEXES)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    set(&transaction, facts::TENANT, &seed.tenant)?;
    let who = seed.settings.who_can_allocate.unwrap_or(WhoCanAllocate::EnvironmentAdmins);
    set(&transaction, facts::WHO_CAN_ALLOCATE, &who)?;
    set(&transaction, facts::OVER_ALLOCATION, &seed.behaviour.over_allocation)?;
    if let Some(hold) = &seed.behaviour.hold_at_write {
        set(&transaction, facts::HOLD_AT_WRITE, hold)?;
    }
    if let Some(digest) = digest {
        set(&transaction, facts::SEED, &digest)?;
    }
    if let Some(stamp) = stamp {
        set(&transaction, facts::SEED_STAMP, &stamp)?;
    }
    for (key, units) in &seed.purchased {
        transaction
            .prepare_cached("INSERT INTO purchase VALUES (?1, ?2)")?
            .execute(params![add_on(key).to_string(), integer(units.get())])?;
    }
    let mut documents = Vec::with_capacity(seed.environments.len());
    for environment in &seed.environments {
        transaction.prepare_cached("INSERT INTO environment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
            params![
                environment.id.as_str(),
                environment.name,
                environment.class.map(|class| class.as_str()),
                environment.state.as_str(),
                environment.dataverse,
                environment.security_group,
                !seed.behaviour.hidden.contains(&environment.id),
                !seed.behaviour.unreadable.contains(&environment.id),
                json(&environment.consumption())?,
            ],
        )?;
        let document = environment.document();
        if !document.entries.is_empty() {
            transaction
                .prepare_cached("INSERT INTO document VALUES (?1, ?2)")?
                .execute(params![environment.id.as_str(), json(&document)?])?;
        }
        documents.push(document);
    }
    set_held(&transaction, &total(&documents))?;
    for failure in &seed.behaviour.fail_writes {
        transaction.prepare_cached("INSERT INTO failure VALUES (?1, ?2, ?3)")?.execute(params![
            failure.environment.as_str(),
            json(&failure.kind)?,
            failure.times
        ])?;
    }
    transaction.commit()
}

/// The digest of a seed's text.
pub fn digest(seed: &str) -> String {
    hexadecimal(&Sha256::digest(seed.as_bytes()))
}

/// Converts an amount for SQLite, which counts in signed 64 bits. A larger amount becomes the largest.
pub fn integer(units: u64) -> i64 {
    i64::try_from(units).unwrap_or(i64::MAX)
}

/// An amount from an integer column.
pub fn units(kept: i64) -> Units {
    Units::new(u64::try_from(kept).unwrap_or(0))
}

/// Parses the text of a column as a term of the model.
pub fn term<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    let read: Result<T, serde::de::value::Error> = T::deserialize(text.into_deserializer());
    read.map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}

/// A value as JSON for a text column.
pub fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// Parses a value from the JSON of a text column.
pub fn from_json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}

/// Stores a fact.
pub fn set(connection: &Connection, key: &str, value: &impl Serialize) -> rusqlite::Result<()> {
    connection.execute("INSERT OR REPLACE INTO fact VALUES (?1, ?2)", params![key, json(value)?]).map(|_| ())
}

/// Looks a fact up.
pub fn get<T: DeserializeOwned>(connection: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> =
        connection.query_row("SELECT value FROM fact WHERE key = ?1", [key], |row| row.get(0)).optional()?;
    text.map(|text| from_json(&text)).transpose()
}
