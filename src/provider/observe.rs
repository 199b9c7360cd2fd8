//! Reads a tenant into one [`ObservedState`].
//!
//! A value that cannot be read stays unknown or fails the whole observation. No value becomes zero or absent because a
//! request failed, or because a listing lacks a row.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::join;
use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use litemap::LiteMap;

use crate::model::catalog::AddOn;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::{Caller, Listing, ObservedEnvironment, ObservedState, ObservedTotal, Reading};
use crate::model::plan::draft::Draft;
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::{EnvironmentId, Units};
use crate::net::bounds::PARALLELISM;
use crate::provider::port::{
    Clock, DocumentReading, Documents, Environments, KnownDocument, MissingRow, Observe, ProviderError,
};

/// One reading of the whole tenant.
pub struct TenantReading {
    tenant: Arc<str>,
    /// When the reading began.
    began: Timestamp,
    ended: Timestamp,
    totals: BTreeMap<AddOn, ObservedTotal>,
    environments: Environments,
    documents: Documents,
    shows_switches: bool,
    who_can_allocate: Reading<WhoCanAllocate>,
    caller: Caller,
}

/// Reads the totals, the environments and their documents, the setting and the caller, all at the same time. Then
/// reads each `declared` environment that is missing from the listing of documents, with a request of its own. Skips this if
/// a missing row proves absence, or if the listed documents add up to the tenant's own totals.
///
/// # Errors
///
/// If the totals, the environments or their documents cannot be read, because a plan from a part of them would be wrong.
/// The setting and the caller are single values and become [`Reading::Unknown`].
pub async fn read(
    reader: &dyn Observe,
    clock: &Clock,
    declared: impl Iterator<Item = &EnvironmentId>,
) -> Result<TenantReading, ProviderError> {
    let began = clock();
    let (totals, environments, documents, who_can_allocate, caller) =
        join!(reader.totals(), reader.environments(), reader.documents(), reader.who_can_allocate(), reader.caller(),);
    let (totals, environments, mut documents) = (totals?, environments?, documents?);
    if documents.missing_row == MissingRow::ProvesNothing && !are_complete(&documents, &totals) {
        let missing: Vec<&EnvironmentId> = declared.filter(|id| !documents.rows.contains_key(*id)).collect();
        documents.rows.extend(read_one_by_one(reader, missing).await);
        let unproved = environments.environments.keys().filter(|id| !documents.rows.contains_key(*id));
        let unproved: Vec<EnvironmentId> = unproved.cloned().collect();
        documents.rows.extend(unproved.into_iter().map(|id| (id, Err(NOT_PROVED.into()))));
    }
    Ok(TenantReading {
        tenant: reader.tenant(),
        began,
        ended: clock(),
        totals,
        environments,
        documents,
        shows_switches: reader.shows_switches(),
        who_can_allocate: who_can_allocate.unwrap_or_else(|error| unknown(&error)),
        caller: caller.unwrap_or_else(|error| Caller { role: unknown(&error), may_allocate: unknown(&error) }),
    })
}

/// Reads the tenant into one state.
///
/// # Errors
///
/// See [`read`].
pub async fn observe(
    reader: &dyn Observe,
    clock: &Clock,
    declared: impl Iterator<Item = &EnvironmentId>,
) -> Result<ObservedState, ProviderError> {
    Ok(read(reader, clock, declared).await?.into_state())
}

/// Reads the consumption of the environments that lose units in a draft, so that no plan goes below it. Skips
/// consumption that is already known. Sends one request for each environment. A failed request makes the consumption
/// unknown.
pub async fn read_consumption(reader: &dyn Observe, observed: &mut ObservedState, draft: &Draft) {
    let giving = draft.changes.iter().filter(|planned| planned.change.gives_back());
    let cells = giving.map(|planned| (planned.environment.id.clone(), planned.change.add_on().clone()));
    read_consumption_of(reader, observed, cells).await;
}

/// Reads the consumption of these cells. Skips consumption that is already known. Sends one request for each
/// environment. A failed request makes the consumption unknown.
pub async fn read_consumption_of(
    reader: &dyn Observe,
    observed: &mut ObservedState,
    cells: impl Iterator<Item = (EnvironmentId, AddOn)>,
) {
    let mut wanted: BTreeMap<EnvironmentId, BTreeSet<AddOn>> = BTreeMap::new();
    for (id, add_on) in cells {
        let is_known = |seen: &ObservedEnvironment| seen.consumed.contains_key(&add_on);
        if !observed.environments.get(&id).is_some_and(|seen| is_known(seen)) {
            wanted.entry(id).or_default().insert(add_on);
        }
    }
    let ask = |(id, add_ons): (EnvironmentId, BTreeSet<AddOn>)| async move {
        let used = reader.consumption(&id).await;
        (id, add_ons, used)
    };
    let answers: Vec<_> = stream::iter(wanted).map(ask).buffer_unordered(PARALLELISM.get()).collect().await;
    for (id, add_ons, answer) in answers {
        let Some(seen) = observed.environments.get_mut(&id) else { continue };
        for add_on in add_ons {
            let used = match &answer {
                Ok(used) => used.get(&add_on).cloned().unwrap_or(Reading::Absent),
                Err(error) => unknown(error),
            };
            seen.consumed.insert(add_on, used);
        }
    }
}

impl TenantReading {
    /// When the reading began.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// The documents.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The totals.
    pub fn totals(&self) -> &BTreeMap<AddOn, ObservedTotal> {
        &self.totals
    }

    /// Merges everything. An environment without a document holds nothing. The result keeps documents of environments that are not
    /// listed, because their units count; everything else about such an environment is unknown.
    pub fn into_state(self) -> ObservedState {
        ObservedState {
            tenant: self.tenant,
            captured_at: self.ended,
            listing: self.environments.listing.and(self.documents.listing.clone()),
            totals: self.totals,
            shows_switches: self.shows_switches,
            environments: merge(self.environments.environments, self.documents, self.began),
            who_can_allocate: self.who_can_allocate,
            caller: self.caller,
        }
    }
}

/// The reason why an environment that a listing of documents lacks is unknown.
const NOT_PROVED: &str =
    "the listing of allocations does not show it, and the tenant's totals do not prove that it holds nothing";

/// Whether the documents of a listing add up to the tenant's own totals, so that no document is missing.
fn are_complete(documents: &Documents, totals: &BTreeMap<AddOn, ObservedTotal>) -> bool {
    if documents.listing != Listing::Complete {
        return false;
    }
    let mut listed: BTreeMap<&AddOn, Units> = BTreeMap::new();
    for document in documents.rows.values() {
        let Ok(document) = document else { return false };
        for (add_on, entry) in &document.contents().entries {
            let sum = listed.entry(add_on).or_default();
            *sum = [*sum, entry.units].into_iter().sum();
        }
    }
    let counted = |add_on: &AddOn| match totals.get(add_on).map(|total| &total.allocated) {
        Some(Reading::Known { value, .. }) => Some(*value),
        Some(Reading::Absent) | None => Some(Units::ZERO),
        Some(Reading::Unknown { .. }) => None,
    };
    let agrees = |add_on: &AddOn| counted(add_on) == Some(listed.get(add_on).copied().unwrap_or_default());
    totals.keys().all(agrees) && listed.keys().all(|add_on| agrees(add_on))
}

async fn read_one_by_one(
    reader: &dyn Observe,
    environments: Vec<&EnvironmentId>,
) -> Vec<(EnvironmentId, DocumentReading)> {
    let read = |id: EnvironmentId| async move {
        let reading = reader.document(&id).await.unwrap_or_else(|error| Err(error.to_string().into()));
        (id, reading)
    };
    stream::iter(environments.into_iter().cloned()).map(read).buffer_unordered(PARALLELISM.get()).collect().await
}

fn unknown<T>(error: &ProviderError) -> Reading<T> {
    Reading::Unknown { why: error.to_string().into() }
}

fn reading(document: DocumentReading, as_of: Timestamp) -> Reading<EnvironmentDocument> {
    document.map_or_else(|why| Reading::Unknown { why }, |document: KnownDocument| document.into_reading(as_of))
}

fn merge(
    mut environments: BTreeMap<EnvironmentId, Box<ObservedEnvironment>>,
    documents: Documents,
    as_of: Timestamp,
) -> BTreeMap<EnvironmentId, Box<ObservedEnvironment>> {
    // Both maps are in the order of ids, so they are joined in one go.
    let rows = documents.rows.into_iter().map(|(id, document)| (id, reading(document, as_of)));
    let mut documents = rows.peekable();
    let mut unlisted = Vec::new();
    for (id, environment) in &mut environments {
        unlisted.extend(std::iter::from_fn(|| documents.next_if(|(held, _)| held < id)));
        environment.document = documents.next_if(|(held, _)| held == id).map_or(Reading::Absent, |(_, held)| held);
    }
    unlisted.extend(documents);
    // An unlisted environment without a document adds nothing.
    let unlisted = unlisted.into_iter().filter(|(_, document)| *document != Reading::Absent);
    environments.extend(unlisted.map(|(id, document)| (id.clone(), Box::new(not_listed(id, document)))));
    environments
}

fn not_listed(id: EnvironmentId, document: Reading<EnvironmentDocument>) -> ObservedEnvironment {
    let why: Arc<str> = "the tenant reports allocations of this environment, but does not list it".into();
    ObservedEnvironment {
        id,
        listed: false,
        name: Reading::Unknown { why: why.clone() },
        class: Reading::Unknown { why: why.clone() },
        state: Reading::Unknown { why: why.clone() },
        security_group: Reading::Unknown { why: why.clone() },
        dataverse: Reading::Unknown { why },
        document,
        consumed: LiteMap::new(),
    }
}

#[cfg(test)]
mod tests;
