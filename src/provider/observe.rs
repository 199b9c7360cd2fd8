//! Reads a tenant into one [`ObservedState`].
//!
//! A value that cannot be read stays unknown or fails the whole observation. No value becomes zero or absent because a
//! request failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::join;
use litemap::LiteMap;

use crate::model::document::EnvironmentDocument;
use crate::model::observed::{Caller, Documents, ObservedEnvironment, ObservedState, Reading};
use crate::model::terms::EnvironmentId;
use crate::provider::port::{Clock, Environments, Observe, ProviderError};

/// Reads the totals, the environments and their documents, the setting and the caller, all at the same time.
///
/// An environment without a document holds nothing. The result keeps documents of environments that are not listed,
/// because their units count; everything else about such an environment is unknown.
///
/// # Errors
///
/// If the totals, the environments or their documents cannot be read, because a plan from a part of them would be wrong.
/// The setting and the caller are single values and become [`Reading::Unknown`].
pub async fn observe(reader: &dyn Observe, clock: &Clock) -> Result<ObservedState, ProviderError> {
    let (totals, environments, documents, who_can_allocate, caller) =
        join!(reader.totals(), reader.environments(), reader.documents(), reader.who_can_allocate(), reader.caller(),);
    let (totals, Environments { listing, environments }, documents) = (totals?, environments?, documents?);
    let who_can_allocate = who_can_allocate.unwrap_or_else(|error| unknown(&error));
    let caller = caller.unwrap_or_else(|error| Caller { role: unknown(&error), may_allocate: unknown(&error) });
    Ok(ObservedState {
        tenant: reader.tenant(),
        captured_at: clock(),
        listing,
        totals,
        environments: merge(environments, documents),
        who_can_allocate,
        caller,
    })
}

fn unknown<T>(error: &ProviderError) -> Reading<T> {
    Reading::Unknown { why: error.to_string().into() }
}

fn merge(
    mut environments: BTreeMap<EnvironmentId, Box<ObservedEnvironment>>,
    documents: Documents,
) -> BTreeMap<EnvironmentId, Box<ObservedEnvironment>> {
    // Both maps are in the order of ids, so one pass joins them.
    let mut documents = documents.into_iter().peekable();
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
