//! The database: opening it, filling it from a seed, and the messages about a file that cannot be used.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use sha2::{Digest, Sha256};

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
/// Our own folder beside the root file.
const FOLDER: &str = ".allotment";
const TABLES: &str = include_str!("schema.sql");
/// The size of the page cache, 256 KiB.
const CACHED_PAGES: i64 = 64;
/// Indexes for the flags that few environments have. Without an index, a query would scan every row.
const INDEXES: &str = include_str!("indexes.sql");

/// The keys of the `fact` table.
pub mod facts {
    /// The name of the tenant.
    pub const TENANT: &str = "tenant";
    /// The setting that says who may allocate.
    pub const WHO_CAN_ALLOCATE: &str = "whoCanAllocate";
    /// Whether the tenant accepts over-allocation.
    pub const OVER_ALLOCATION: &str = "overAllocation";
    /// The write that the tenant holds up, for rehearsals.
    pub const HOLD_AT_WRITE: &str = "holdAtWrite";
    /// The number of writes that are or were held up.
    pub const HELD_WRITES: &str = "heldWrites";
    /// The digest of the seed; missing if there was none.
    pub const SEED: &str = "seed";
    /// The stamp of the seed's file, if the seed was a file.
    pub const SEED_STAMP: &str = "seedStamp";
}

/// Opens an existing database.
pub fn open(path: &Path) -> Result<Connection, ProviderError> {
    refuse_links(path)?;
    let unusable = |error| file_error(path, error);
    let mut connection = connect(path).map_err(unusable)?;
    prepare(&connection).map_err(unusable)?;
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(unusable)?;
    match version {
        VERSION => {}
        1 | 2 => upgrade(&mut connection, version).map_err(unusable)?,
        _ => {
            let place = path.display();
            let message = format!("{place} is of version {version}, and this program reads version {VERSION}");
            return Err(ProviderError::new(ProviderErrorKind::Malformed, message)
                .help("use the program that wrote it, or move the file away to start again from the seed"));
        }
    }
    Ok(connection)
}

/// Whether the path exists, even as a dangling link.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Refuses links and a planted journal. A checkout can contain the file and its folder; through a link, the tenant would be another
/// file of this machine.
///
/// # Errors
///
/// If one of them is a link, or there is a rollback journal.
pub fn refuse_links(path: &Path) -> Result<(), ProviderError> {
    let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|about| about.is_symlink());
    let ours = path.parent().filter(|folder| folder.ends_with(FOLDER));
    let refused = |message: String| {
        Err(ProviderError::new(ProviderErrorKind::Malformed, message)
            .help("delete it; without it the next run starts again from the seed"))
    };
    if let Some(link) = [ours, Some(path)].into_iter().flatten().find(|path| is_link(path)) {
        return refused(format!("{} is a link, and the built-in tenant follows no links", link.display()));
    }
    // Our file has a write-ahead log from its first byte on, so a rollback journal is not ours. A planted one can name a file, which SQLite then deletes.
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    let journal = Path::new(&journal);
    if exists(journal) {
        return refused(format!("{} is not a file of the built-in tenant", journal.display()));
    }
    Ok(())
}

/// Opens a file for reading and writing, and creates it if there is none. SQLite follows no link, not even for journals, and nothing
/// that the file itself defines, such as a view, may call a function with an effect.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    // SQLite would also refuse links above the folder. Those are the user's own, so they are resolved first.
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let real = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name));
    let flags = OpenFlags::default() | OpenFlags::SQLITE_OPEN_NOFOLLOW;
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
    connection.busy_timeout(Duration::from_secs(5))?;
    // Tables are read once, from end to end, so a larger cache would not help.
    connection.pragma_update(None, "cache_size", CACHED_PAGES)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")
}

/// A database in memory, started from a seed or from nothing.
pub fn in_memory(tenant: &str, seed: Option<&dyn SeedSource>) -> Result<Connection, ProviderError> {
    let place = Path::new("the tenant in memory");
    let mut connection = Connection::open_in_memory().map_err(|error| file_error(place, error))?;
    fill(&mut connection, place, tenant, seed)?;
    Ok(connection)
}

/// Creates the file atomically: a temporary file is filled and then hard-linked to `path`, so that a killed run leaves no incomplete
/// tenant. If `path` exists by then, the existing file is opened.
pub fn create(path: &Path, tenant: &str, seed: Option<&dyn SeedSource>) -> Result<Connection, ProviderError> {
    let folder = path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let unwritable = |error: std::io::Error| {
        ProviderError::new(ProviderErrorKind::Unavailable, format!("{} cannot be written: {error}", folder.display()))
            .help("the built-in tenant is kept beside allotment.yaml; make that folder writable")
    };
    refuse_links(path)?;
    fs::create_dir_all(&folder).map_err(unwritable)?;
    // Git must ignore our own folder; a folder that the user chose stays as it is. An existing `.gitignore` is not overwritten:
    // it may be a link.
    if folder.ends_with(FOLDER) {
        let ignoring = OpenOptions::new().write(true).create_new(true).open(folder.join(".gitignore"));
        match ignoring.and_then(|mut file| file.write_all(b"*\n")) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(unwritable(error)),
            Ok(()) | Err(_) => {}
        }
    }
    // A random name, at which a checkout cannot have planted a file.
    let draft =
        tempfile::Builder::new().prefix("tenant.db.").tempfile_in(&folder).map_err(unwritable)?.into_temp_path();
    let mut connection = connect(&draft).map_err(|error| file_error(&draft, error))?;
    prepare(&connection).map_err(|error| file_error(&draft, error))?;
    fill(&mut connection, &draft, tenant, seed)?;
    connection.close().map_err(|(_, error)| file_error(&draft, error))?;
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
        error => file_error(place, error),
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

/// Turns an error of SQLite into one that names the file and what to do.
pub fn file_error(path: &Path, error: rusqlite::Error) -> ProviderError {
    let place = path.display();
    let code = error.sqlite_error_code();
    let (kind, message, help) = match code {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => (
            ProviderErrorKind::Malformed,
            format!("{place} is damaged"),
            "move it away; the next run starts again from the seed",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            ProviderErrorKind::Unavailable,
            format!("{place} is in use by another run"),
            "wait until it has ended, and run again",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => (
            ProviderErrorKind::Unavailable,
            format!("{place} cannot be opened for writing"),
            "make the folder `.allotment` writable",
        ),
        _ => (
            ProviderErrorKind::Malformed,
            format!("{place} cannot be used"),
            "move it away; the next run starts again from the seed",
        ),
    };
    ProviderError::new(kind, message).help(help).caused_by(error)
}
