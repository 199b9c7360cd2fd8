//! The reading half of the built-in tenant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use litemap::LiteMap;
use rayon::prelude::*;
use rusqlite::{Connection, OptionalExtension};

use super::faults;
use super::shared::{Declared, Shared};
use super::store::{self, facts, from_json, term};
use crate::model::catalog::AddOn;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::{Caller, EnvironmentState, Listing, ObservedEnvironment, ObservedTotal, Reading};
use crate::model::roles::WhoCanAllocate;
use crate::model::seed::Consumption;
use crate::model::terms::{EnvironmentClass, EnvironmentId, Units};
use crate::provider::port::{
    DocumentReading, Documents, Environments, KnownDocument, MissingRow, Observe, ProviderError,
};

/// The number of documents in one batch. A batch is read from the file and then parsed on all cores.
const AT_ONCE: usize = 1_024;

/// Each of these two queries has an index of its own.
pub(super) const FLAGGED: &str = "SELECT id, visible, readable FROM environment WHERE visible = 0 OR readable = 0";
pub(super) const CONSUMING: &str = "SELECT consumption FROM environment WHERE consumption <> '{}'";

const UNREADABLE: &str = "the tenant refused to show what this environment holds";

/// The reading half. A query blocks its thread, because SQLite is synchronous and the file is local.
pub struct LocalReader {
    pub(super) shared: Arc<Shared>,
}

impl LocalReader {
    fn now(&self) -> Timestamp {
        (self.shared.options.clock)()
    }
}

#[async_trait]
impl Observe for LocalReader {
    fn tenant(&self) -> Arc<str> {
        let named: Result<Option<String>, _> = self.shared.read(|connection| store::get(connection, facts::TENANT));
        named.ok().flatten().map_or_else(|| Arc::clone(&self.shared.options.declared.tenant), Arc::from)
    }

    async fn totals(&self) -> Result<BTreeMap<AddOn, ObservedTotal>, ProviderError> {
        let declared = &self.shared.options.declared;
        let now = self.now();
        self.shared.read(|connection| {
            let purchased = purchases(connection, declared)?;
            let allocated = store::held(connection)?;
            let consumed = consumption(connection, now)?;
            // If the configuration declares a purchase of an add-on that the tenant does not own, the tenant reports zero.
            let asked = declared.purchased.keys();
            let names: BTreeSet<&AddOn> =
                purchased.keys().chain(allocated.keys()).chain(consumed.keys()).chain(asked).collect();
            // For an add-on that is neither in the catalog nor purchased, the purchased units are absent, not zero.
            let owned = |name: &AddOn| match purchased.get(name).copied() {
                None if name.entry().is_none() => Reading::Absent,
                units => Reading::Known { value: units.unwrap_or_default(), as_of: now },
            };
            let total = |name: &AddOn| ObservedTotal {
                purchased: owned(name),
                allocated: Reading::Known { value: allocated.get(name).copied().unwrap_or_default(), as_of: now },
                consumed: consumed
                    .get(name)
                    .map_or(Reading::Absent, |(value, as_of)| Reading::Known { value: *value, as_of: *as_of }),
            };
            Ok(names.into_iter().map(|name| (name.clone(), total(name))).collect())
        })
    }

    async fn environments(&self) -> Result<Environments, ProviderError> {
        let declared = &self.shared.options.declared;
        let now = self.now();
        let environments = self.shared.read(|connection| environments(connection, declared, now))?;
        Ok(Environments { listing: Listing::Complete, environments })
    }

    async fn documents(&self) -> Result<Documents, ProviderError> {
        self.shared.read(|connection| {
            let Flagged { hidden, unreadable } = flagged(connection)?;
            let mut rows: BTreeMap<EnvironmentId, DocumentReading> = all_documents(connection)?
                .into_iter()
                .filter(|(id, _)| !hidden.contains(id))
                .map(|(id, contents)| (id, Ok(KnownDocument::new(contents))))
                .collect();
            for id in unreadable.into_iter().filter(|id| !hidden.contains(id)) {
                rows.insert(id, Err(UNREADABLE.into()));
            }
            // One query reads every row of the file, so only a hidden environment can be missing.
            let missing_row = if hidden.is_empty() { MissingRow::HoldsNothing } else { MissingRow::ProvesNothing };
            Ok(Documents { rows, missing_row, listing: Listing::Complete })
        })
    }

    async fn document(&self, environment: &EnvironmentId) -> Result<DocumentReading, ProviderError> {
        self.shared.read(|connection| {
            let Flagged { hidden, unreadable } = flagged(connection)?;
            if hidden.contains(environment) || unreadable.contains(environment) {
                return Ok(Err(UNREADABLE.into()));
            }
            let document = document_of(connection, environment)?;
            Ok(Ok(document.map_or_else(KnownDocument::proved_absent, KnownDocument::new)))
        })
    }

    async fn consumption(&self, environment: &EnvironmentId) -> Result<BTreeMap<AddOn, Reading<Units>>, ProviderError> {
        let now = self.now();
        self.shared.read(|connection| {
            let query = "SELECT consumption FROM environment WHERE id = ?1 AND visible <> 0";
            let mut statement = connection.prepare_cached(query)?;
            let figures: Option<BTreeMap<AddOn, Consumption>> =
                statement.query_row([environment.as_str()], |row| from_json(row.get_ref(0)?.as_str()?)).optional()?;
            Ok(figures.unwrap_or_default().into_iter().map(|figure| consumed(figure, now)).collect())
        })
    }

    async fn who_can_allocate(&self) -> Result<Reading<WhoCanAllocate>, ProviderError> {
        let setting = self.shared.read(|connection| store::get(connection, facts::WHO_CAN_ALLOCATE))?;
        Ok(known_or_absent(setting, self.now()))
    }

    async fn caller(&self) -> Result<Caller, ProviderError> {
        let role = self.shared.options.role;
        let may_allocate = match self.who_can_allocate().await? {
            Reading::Known { value, .. } if role.may_allocate(value) && self.shared.is_read_only() => {
                Reading::Unknown { why: faults::read_only(self.shared.database()).message.into() }
            }
            Reading::Known { value, as_of } => Reading::Known { value: role.may_allocate(value), as_of },
            Reading::Absent | Reading::Unknown { .. } => {
                Reading::Unknown { why: "`whoCanAllocate` could not be read".into() }
            }
        };
        Ok(Caller { role: Reading::Known { value: role, as_of: self.now() }, may_allocate })
    }
}

fn known_or_absent<T>(value: Option<T>, as_of: Timestamp) -> Reading<T> {
    value.map_or(Reading::Absent, |value| Reading::Known { value, as_of })
}

/// Whether the tenant started without a seed and so follows the configuration.
pub(super) fn follows_configuration(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(store::get::<String>(connection, facts::SEED)?.is_none())
}

/// The purchased units of each add-on.
pub(super) fn purchases(connection: &Connection, declared: &Declared) -> rusqlite::Result<BTreeMap<AddOn, Units>> {
    if follows_configuration(connection)? {
        return Ok(declared.purchased.clone());
    }
    let mut statement = connection.prepare("SELECT add_on, units FROM purchase")?;
    let rows = statement.query_map([], |row| Ok((term(row.get_ref(0)?.as_str()?)?, store::units(row.get(1)?))))?;
    rows.collect()
}

/// The documents of all environments.
pub(super) fn all_documents(connection: &Connection) -> rusqlite::Result<BTreeMap<EnvironmentId, EnvironmentDocument>> {
    let mut statement = connection.prepare("SELECT environment, content FROM document")?;
    let mut rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut documents: Vec<(EnvironmentId, EnvironmentDocument)> = Vec::new();
    loop {
        let some: Vec<(String, String)> = rows.by_ref().take(AT_ONCE).collect::<rusqlite::Result<_>>()?;
        if some.is_empty() {
            return Ok(documents.into_iter().collect());
        }
        let read = some.par_iter().map(|(id, content)| Ok((term(id)?, from_json(content)?)));
        documents.extend(read.collect::<rusqlite::Result<Vec<_>>>()?);
    }
}

/// The document of one environment.
pub(super) fn document_of(
    connection: &Connection,
    id: &EnvironmentId,
) -> rusqlite::Result<Option<EnvironmentDocument>> {
    let content: Option<String> = connection
        .query_row("SELECT content FROM document WHERE environment = ?1", [id.as_str()], |row| row.get(0))
        .optional()?;
    content.map(|content| from_json(&content)).transpose()
}

/// The state of an environment; `None` if the caller cannot see the environment.
pub(super) fn state_of(
    connection: &Connection,
    declared: &Declared,
    id: &EnvironmentId,
) -> rusqlite::Result<Option<EnvironmentState>> {
    let visible = "SELECT state FROM environment WHERE id = ?1 AND visible <> 0";
    let state = connection
        .query_row(visible, [id.as_str()], |row| term::<EnvironmentState>(row.get_ref(0)?.as_str()?))
        .optional()?;
    let is_declared = || declared.environments.iter().any(|(declared, ..)| declared == id);
    match state {
        None if follows_configuration(connection)? && is_declared() => Ok(Some(EnvironmentState::Ready)),
        state => Ok(state),
    }
}

/// The environments with a flag: hidden from the caller, or with an unreadable document.
#[derive(Default)]
struct Flagged {
    /// Environments that the caller cannot see.
    hidden: BTreeSet<EnvironmentId>,
    /// Environments whose documents the caller cannot read.
    unreadable: BTreeSet<EnvironmentId>,
}

fn flagged(connection: &Connection) -> rusqlite::Result<Flagged> {
    let mut statement = connection.prepare_cached(FLAGGED)?;
    let mut rows = statement.query([])?;
    let mut flagged = Flagged::default();
    while let Some(row) = rows.next()? {
        let id: EnvironmentId = term(row.get_ref(0)?.as_str()?)?;
        if row.get::<_, i64>(1)? == 0 {
            flagged.hidden.insert(id.clone());
        }
        if row.get::<_, i64>(2)? == 0 {
            flagged.unreadable.insert(id);
        }
    }
    Ok(flagged)
}

fn day(figure: &Consumption, now: Timestamp) -> Timestamp {
    let midnight = figure.as_of.and_then(|date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok());
    midnight.unwrap_or(now)
}

fn consumed((add_on, figure): (AddOn, Consumption), now: Timestamp) -> (AddOn, Reading<Units>) {
    (add_on, Reading::Known { value: figure.units, as_of: day(&figure, now) })
}

/// The consumed units of each add-on over all environments, as of the oldest of their counts.
fn consumption(connection: &Connection, now: Timestamp) -> rusqlite::Result<BTreeMap<AddOn, (Units, Timestamp)>> {
    let mut statement = connection.prepare(CONSUMING)?;
    let rows = statement.query_map([], |row| from_json(row.get_ref(0)?.as_str()?))?;
    let mut totals: BTreeMap<AddOn, (Units, Timestamp)> = BTreeMap::new();
    for row in rows {
        let figures: BTreeMap<AddOn, Consumption> = row?;
        for (add_on, figure) in figures {
            let as_of = day(&figure, now);
            let (units, oldest) = totals.entry(add_on).or_insert((Units::ZERO, as_of));
            *units = [*units, figure.units].into_iter().sum();
            *oldest = (*oldest).min(as_of);
        }
    }
    Ok(totals)
}

/// The environments that the caller can see: those of the file, and the declared ones if there was no seed.
pub(super) fn environments(
    connection: &Connection,
    declared: &Declared,
    now: Timestamp,
) -> rusqlite::Result<BTreeMap<EnvironmentId, Box<ObservedEnvironment>>> {
    let unread: Arc<str> = "it was not read yet".into();
    let mut all = Vec::new();
    if follows_configuration(connection)? {
        for (id, name, class) in &declared.environments {
            let environment = environment(id.clone(), name, *class, &unread, now);
            all.push((id.clone(), Box::new(environment)));
        }
    }
    let mut statement = connection.prepare(
        "SELECT id, name, class, state, dataverse, security_group, consumption FROM environment WHERE visible <> 0",
    )?;
    let rows = statement.query_map([], |row| {
        let id: EnvironmentId = term(row.get_ref(0)?.as_str()?)?;
        let name = row.get_ref(1)?.as_str()?;
        let class = row.get_ref(2)?.as_str_or_null()?.map(term).transpose()?;
        let state: EnvironmentState = term(row.get_ref(3)?.as_str()?)?;
        let group: Option<String> = row.get(5)?;
        let figures: BTreeMap<AddOn, Consumption> = match row.get_ref(6)?.as_str()? {
            // Most environments have no reported consumption.
            "{}" => BTreeMap::new(),
            figures => from_json(figures)?,
        };
        Ok(Box::new(ObservedEnvironment {
            state: Reading::Known { value: state, as_of: now },
            dataverse: Reading::Known { value: row.get::<_, i64>(4)? != 0, as_of: now },
            security_group: known_or_absent(group.map(Arc::from), now),
            consumed: figures.into_iter().map(|figure| consumed(figure, now)).collect(),
            ..environment(id, name, class, &unread, now)
        }))
    })?;
    for row in rows {
        let environment = row?;
        all.push((environment.id.clone(), environment));
    }
    Ok(all.into_iter().collect())
}

fn environment(
    id: EnvironmentId,
    name: &str,
    class: Option<EnvironmentClass>,
    unread: &Arc<str>,
    now: Timestamp,
) -> ObservedEnvironment {
    ObservedEnvironment {
        id,
        listed: true,
        name: Reading::Known { value: name.into(), as_of: now },
        class: known_or_absent(class, now),
        state: Reading::Known { value: EnvironmentState::Ready, as_of: now },
        security_group: Reading::Absent,
        dataverse: Reading::Known { value: true, as_of: now },
        document: Reading::Unknown { why: Arc::clone(unread) },
        consumed: LiteMap::new(),
    }
}
