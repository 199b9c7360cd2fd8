//! The reading half: totals, environments, their documents, and the setting `whoCanAllocate`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use http::{Method, StatusCode};
use serde_json::Value;

use super::client::{Call, SETTINGS_VERSION};
use super::memory::WriteSurface;
use super::pages::{ListedRows, read_all};
use super::refusal::{Effect, ServiceResponse};
use super::shared::Shared;
use super::wire::consumption::consumption;
use super::wire::document::RawDocument;
use super::wire::document::parse::environment_of;
use super::wire::environments::{EnvironmentRow, observed};
use super::wire::reports::totals;
use super::wire::rows::Rows;
use super::wire::settings::who_can_allocate;
use crate::model::catalog::AddOn;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::{Caller, EnvironmentState, Listing, ObservedEnvironment, ObservedTotal, Reading};
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::{EnvironmentId, Units};
use crate::net::bounds::PARALLELISM;
use crate::net::patience::watched;
use crate::provider::port::{
    DocumentReading, Documents, Environments, KnownDocument, ListingCost, MissingRow, Observe, ProviderError,
    ProviderErrorKind,
};

/// The version of the admin-center API, as in Microsoft's samples.
const ENVIRONMENTS_VERSION: &str = "2021-04-01";

/// The reading half.
pub struct PowerPlatformReader {
    pub(super) shared: Arc<Shared>,
}

impl PowerPlatformReader {
    fn gather(&self, rows: impl Iterator<Item = EnvironmentRow>, mut listing: Listing) -> Environments {
        let at = (self.shared.client.clock)();
        let mut seen: BTreeMap<EnvironmentId, EnvironmentRow> = BTreeMap::new();
        let mut environments = BTreeMap::new();
        for row in rows {
            let (id, mut environment) = match observed(&row, at) {
                Ok(observed) => observed,
                Err(why) => {
                    listing = listing.lacking(format!("the listing shows an environment whose id {why}"));
                    continue;
                }
            };
            match seen.entry(id.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(row);
                }
                // Either the first row is known, or another row contradicted it.
                Entry::Occupied(first) if *first.get() == row => continue,
                Entry::Occupied(_) => environment = shown_twice(environment),
            }
            environments.insert(id, Box::new(environment));
        }
        let is_ready = |environment: &ObservedEnvironment| environment.state.known() == Some(&EnvironmentState::Ready);
        let ready = environments.iter().filter(|(_, environment)| is_ready(environment)).map(|(id, _)| id.clone());
        self.shared.memory.record_ready(ready.collect());
        Environments { listing, environments }
    }

    /// Reads only the declared environments, because the amounts-only surface answers for one environment at a time.
    /// The documents of others stay unknown.
    async fn read_one_by_one(&self) -> Result<Documents, ProviderError> {
        let Environments { environments, .. } = self.environments().await?;
        let why: Arc<str> =
            "the service shows one environment at a time, and only declared environments were read".into();
        let mut rows: BTreeMap<EnvironmentId, DocumentReading> =
            environments.into_keys().map(|id| (id, Err(Arc::clone(&why)))).collect();
        // Collect all responses before judging any: "no document" proves that an environment is empty only after this
        // surface has returned some document.
        let answers: Vec<(EnvironmentId, Asked)> = stream::iter(self.shared.declared.iter().cloned())
            .map(|id| async move { self.ask(&id).await.map(|asked| (id, asked)) })
            .buffer_unordered(PARALLELISM.get())
            .try_collect()
            .await?;
        for (id, asked) in answers {
            let reading = self.judge(&id, &asked)?;
            rows.insert(id, reading);
        }
        Ok(Documents { rows, missing_row: MissingRow::ProvesNothing, listing: Listing::Complete })
    }

    /// Asks for the document of one environment.
    async fn ask(&self, id: &EnvironmentId) -> Result<Asked, ProviderError> {
        let Shared { client, memory, .. } = &*self.shared;
        if memory.has(WriteSurface::ByEnvironment) {
            let call = client.api(&["licensing", "allocationsByEnvironment", id.as_str()], &[]);
            let answer = client.ask(&call).await?;
            if !answer.is_missing_route() {
                return Ok(self.asked(WriteSurface::ByEnvironment, answer, call));
            }
            memory.record_missing(WriteSurface::ByEnvironment);
        }
        let call = client.api(&["licensing", "environments", id.as_str(), "allocations"], &[]);
        let answer = client.ask(&call).await?;
        Ok(self.asked(WriteSurface::PerEnvironment, answer, call))
    }

    fn asked(&self, surface: WriteSurface, answer: ServiceResponse, call: Call) -> Asked {
        if answer.status.is_success() {
            self.shared.memory.record_answer(surface);
        }
        Asked { surface, answer, call }
    }

    /// Interprets the response about one environment (powerplatform-api.md 1.6). 403 without a body is the service's
    /// response for an environment that its licensing does not know yet.
    fn judge(&self, id: &EnvironmentId, asked: &Asked) -> Result<DocumentReading, ProviderError> {
        let Asked { surface, answer, call } = asked;
        if answer.status.is_success() {
            let document = answer.value(Effect::Reads)?;
            return Ok(match surface {
                WriteSurface::PerEnvironment => reading_by(RawDocument::read_amounts, id, document),
                WriteSurface::ByEnvironment | WriteSurface::Entitlements => reading(id, document),
            });
        }
        if answer.is_wordless_forbidden() {
            let why = "the service does not show its allocations, as it does for new environments";
            return Ok(Err(why.into()));
        }
        if !answer.is_no_document() {
            return Err(self.shared.client.error(answer, call));
        }
        if self.shared.memory.proves_absence(*surface, id) {
            return Ok(Ok(KnownDocument::proved_absent()));
        }
        let why =
            "the service returned no document, but the environment is not listed as ready, so it may still hold units";
        Ok(Err(why.into()))
    }

    /// Reads the rows of a listing one by one.
    fn rows(&self, listed: Vec<Value>) -> Documents {
        let mut listing = Listing::Complete;
        let mut rows: BTreeMap<EnvironmentId, DocumentReading> = BTreeMap::new();
        for row in listed {
            match environment_of(&row) {
                Ok(id) => {
                    let read = reading(&id, row);
                    let read = match rows.get(&id) {
                        Some(before) if !is_same(before, &read) => {
                            Err("the service states its allocations twice, and differently".into())
                        }
                        _ => read,
                    };
                    rows.insert(id, read);
                }
                Err(why) => {
                    listing = listing.lacking(format!("the service lists allocations of an environment whose {why}"));
                }
            }
        }
        self.shared.memory.record_answer(WriteSurface::ByEnvironment);
        Documents { rows, missing_row: MissingRow::ProvesNothing, listing }
    }
}

/// An environment that a listing shows twice, and differently.
fn shown_twice(environment: ObservedEnvironment) -> ObservedEnvironment {
    let why: Arc<str> = "the listing shows this environment twice, and differently".into();
    ObservedEnvironment {
        name: Reading::Unknown { why: Arc::clone(&why) },
        class: Reading::Unknown { why: Arc::clone(&why) },
        state: Reading::Unknown { why: Arc::clone(&why) },
        security_group: Reading::Unknown { why: Arc::clone(&why) },
        dataverse: Reading::Unknown { why },
        ..environment
    }
}

/// Whether two rows state the same.
fn is_same(one: &DocumentReading, other: &DocumentReading) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => match (one.received::<RawDocument>(), other.received::<RawDocument>()) {
            (Some(one), Some(other)) => one.is_same(other),
            _ => false,
        },
        (one, other) => one == other,
    }
}

/// The response about one environment, and the request.
struct Asked {
    surface: WriteSurface,
    answer: ServiceResponse,
    call: Call,
}

fn reading(id: &EnvironmentId, document: Value) -> DocumentReading {
    reading_by(RawDocument::read, id, document)
}

fn reading_by(
    read: fn(&RawDocument) -> Result<EnvironmentDocument, String>,
    id: &EnvironmentId,
    document: Value,
) -> DocumentReading {
    let raw = RawDocument::parse(id, document).map_err(Arc::from)?;
    let contents = read(&raw).map_err(Arc::from)?;
    Ok(KnownDocument::received_as(contents, Arc::new(raw)))
}

/// The rows of all documents: a bare array, or, as third parties report, an array inside an object.
fn documents(answer: &ServiceResponse) -> Result<Vec<Value>, ProviderError> {
    let malformed = |why: String| {
        ProviderError::new(
            ProviderErrorKind::Malformed,
            format!("the service's list of allocations cannot be read: {why}"),
        )
    };
    match answer.value(Effect::Reads)? {
        Value::Array(rows) => Ok(rows),
        Value::Object(mut fields) => {
            let is_link = |(key, link): &(&String, &Value)| {
                key.to_lowercase().contains("nextlink") && link.as_str().is_some_and(|link| !link.is_empty())
            };
            let value = fields.remove("value");
            match (value, fields.iter().find(is_link).map(|(key, _)| key)) {
                (Some(Value::Array(rows)), None) => Ok(rows),
                (Some(Value::Array(_)), Some(link)) => Err(malformed(format!("it has more pages (`{link}`)"))),
                _ => Err(malformed("it is not a list".to_owned())),
            }
        }
        _ => Err(malformed("it is not a list".to_owned())),
    }
}

#[async_trait]
impl Observe for PowerPlatformReader {
    fn tenant(&self) -> Arc<str> {
        Arc::clone(&self.shared.name)
    }

    async fn totals(&self) -> Result<BTreeMap<AddOn, ObservedTotal>, ProviderError> {
        let client = &self.shared.client;
        let query = [("includeAllocations", "true"), ("includeConsumptions", "true")];
        let call = client.api(&["licensing", "tenantCapacity", "currencyReports"], &query);
        let Rows(reports): Rows<Value> = client.read(&call).await?;
        Ok(totals(&reports, (client.clock)()))
    }

    async fn environments(&self) -> Result<Environments, ProviderError> {
        let client = &self.shared.client;
        let call = client.api(&["environmentmanagement", "environments"], &[]);
        let refused = match read_all(client, &call).await? {
            ListedRows::Rows(rows, listing) => return Ok(self.gather(rows.iter().map(EnvironmentRow::newer), listing)),
            ListedRows::Refused(answer) => answer,
        };
        if !matches!(refused.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
            return Err(client.error(&refused, &call));
        }
        let older = client.administration(&["scopes", "admin", "environments"], ENVIRONMENTS_VERSION);
        match read_all(client, &older).await {
            Ok(ListedRows::Rows(rows, listing)) => Ok(self.gather(rows.iter().map(EnvironmentRow::older), listing)),
            // The Power Platform API reports the reason of a refusal in more detail.
            Ok(ListedRows::Refused(_)) => Err(client.error(&refused, &call)),
            // A failed sign-in at the older host does not hide what the newer one answered.
            Err(error) if error.kind == ProviderErrorKind::Denied => {
                Err(client.error(&refused, &call).caused_by(error))
            }
            Err(error) => Err(error),
        }
    }

    async fn documents(&self) -> Result<Documents, ProviderError> {
        let Shared { client, memory, .. } = &*self.shared;
        if memory.has(WriteSurface::ByEnvironment) {
            let call = client.api(&["licensing", "allocationsByEnvironment"], &[]);
            let answer = client.ask(&call).await?;
            if answer.status.is_success() {
                return Ok(self.rows(documents(&answer)?));
            }
            // Ask twice before falling back: one such response can be a gateway's glitch, and the amounts-only surface
            // has no switches.
            let answer = if answer.is_missing_listing() { client.ask(&call).await? } else { answer };
            if answer.status.is_success() {
                return Ok(self.rows(documents(&answer)?));
            }
            if !answer.is_missing_listing() {
                return Err(client.error(&answer, &call));
            }
            memory.record_missing(WriteSurface::ByEnvironment);
        }
        watched(&self.shared.client.notice, "reading the allocations of each environment", self.read_one_by_one()).await
    }

    fn listing_cost(&self) -> ListingCost {
        if self.shared.memory.has(WriteSurface::ByEnvironment) {
            ListingCost::OneRequest
        } else {
            ListingCost::OnePerEnvironment
        }
    }

    fn shows_switches(&self) -> bool {
        !self.shared.memory.reads_amounts_only()
    }

    async fn document(&self, id: &EnvironmentId) -> Result<DocumentReading, ProviderError> {
        let asked = self.ask(id).await?;
        self.judge(id, &asked)
    }

    /// Sends one request. Fails with `NotFound` if the service has no consumption of single environments.
    async fn consumption(&self, id: &EnvironmentId) -> Result<BTreeMap<AddOn, Reading<Units>>, ProviderError> {
        let Shared { client, memory, .. } = &*self.shared;
        let missing = || {
            let why = "the service does not show what one environment uses";
            Err(ProviderError::new(ProviderErrorKind::NotFound, why))
        };
        if !memory.shows_consumption() {
            return missing();
        }
        let call = client.api(&["licensing", "environments", id.as_str(), "entitlements"], &[]);
        let answer = client.ask(&call).await?;
        if answer.is_missing_route() {
            memory.record_no_consumption();
            return missing();
        }
        if !answer.status.is_success() {
            return Err(client.error(&answer, &call));
        }
        let rows: Vec<Value> = answer.value(Effect::Reads)?;
        Ok(consumption(&rows, (client.clock)()))
    }

    async fn who_can_allocate(&self) -> Result<Reading<WhoCanAllocate>, ProviderError> {
        let client = &self.shared.client;
        let mut call = client.administration(&["listtenantsettings"], SETTINGS_VERSION);
        call.method = Method::POST;
        let settings: Value = client.read(&call).await?;
        Ok(who_can_allocate(&settings, (client.clock)()))
    }

    async fn caller(&self) -> Result<Caller, ProviderError> {
        Ok(Caller {
            role: Reading::Unknown { why: "the service does not report the caller's role".into() },
            may_allocate: Reading::Unknown { why: "only a write shows whether this caller may allocate".into() },
        })
    }
}
