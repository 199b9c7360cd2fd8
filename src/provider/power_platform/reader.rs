//! The reading half: totals, environments, their documents, and who may allocate.

use std::collections::BTreeMap;
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
use super::wire::document::RawDocument;
use super::wire::environments::{BapEnvironmentRow, EnvironmentRow, observed};
use super::wire::reports::{CurrencyReport, totals};
use super::wire::rows::Rows;
use super::wire::settings::TenantSettings;
use crate::model::catalog::AddOn;
use crate::model::observed::{Caller, EnvironmentState, Listing, ObservedEnvironment, ObservedTotal, Reading};
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::EnvironmentId;
use crate::net::limits::PARALLELISM;
use crate::provider::port::{
    DocumentReading, Documents, Environments, KnownDocument, ListingCost, MissingRow, Observe, ProviderError,
    ProviderErrorKind,
};

/// The version of the older interface, as in Microsoft's samples.
const ENVIRONMENTS_VERSION: &str = "2021-04-01";

/// The reading half.
pub struct PowerPlatformReader {
    pub(super) shared: Arc<Shared>,
}

impl PowerPlatformReader {
    fn gather(&self, rows: Vec<EnvironmentRow>, mut listing: Listing) -> Environments {
        let at = (self.shared.client.clock)();
        let mut environments = BTreeMap::new();
        for row in rows {
            let why = match observed(row, at) {
                Ok((id, environment)) => match environments.insert(id.clone(), Box::new(environment)) {
                    None => continue,
                    Some(_) => format!("the listing shows {id} twice"),
                },
                Err(malformed) => format!("the listing shows an environment whose id {malformed}"),
            };
            listing = match listing {
                Listing::Complete => Listing::Incomplete(why.into()),
                incomplete @ Listing::Incomplete(_) => incomplete,
            };
        }
        let is_ready = |environment: &ObservedEnvironment| environment.state.known() == Some(&EnvironmentState::Ready);
        let ready = environments.iter().filter(|(_, environment)| is_ready(environment)).map(|(id, _)| id.clone());
        self.shared.memory.record_ready(ready.collect());
        Environments { listing, environments }
    }

    /// Reads only the declared environments, because the older surface answers for one environment at a time. The documents of others stay
    /// unknown.
    async fn read_one_by_one(&self) -> Result<Documents, ProviderError> {
        let Environments { environments, .. } = self.environments().await?;
        let why: Arc<str> =
            "the service shows one environment at a time, and only declared environments were read".into();
        let mut rows: BTreeMap<EnvironmentId, DocumentReading> =
            environments.into_keys().map(|id| (id, Err(Arc::clone(&why)))).collect();
        // All answers come first: the first document that the surface shows gives its other answers their meaning.
        let answers: Vec<(EnvironmentId, Asked)> = stream::iter(self.shared.declared.iter().cloned())
            .map(|id| async move { self.ask(&id).await.map(|asked| (id, asked)) })
            .buffer_unordered(PARALLELISM.get())
            .try_collect()
            .await?;
        for (id, asked) in answers {
            let reading = self.judge(&id, &asked)?;
            rows.insert(id, reading);
        }
        Ok(Documents { rows, missing_row: MissingRow::ProvesNothing })
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

    /// Interprets the answer about one environment (powerplatform-api.md 1.6). 403 without a body is the service's answer for an
    /// environment that its licensing does not know yet.
    fn judge(&self, id: &EnvironmentId, asked: &Asked) -> Result<DocumentReading, ProviderError> {
        let Asked { surface, answer, call } = asked;
        if answer.status.is_success() {
            let raw: RawDocument = answer.value(Effect::Reads)?;
            return Ok(reading(raw));
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
        let why = "the service answers that it has no document, which proves nothing for an environment that is not listed as ready";
        Ok(Err(why.into()))
    }

    fn rows(&self, listed: Vec<Row>) -> Result<Documents, ProviderError> {
        let malformed = |why: String| ProviderError::new(ProviderErrorKind::Malformed, why);
        let mut rows = BTreeMap::new();
        for row in listed {
            let id: EnvironmentId = match row.id().parse() {
                Ok(id) => id,
                // Such a row allocates nothing, whatever it is about.
                Err(_) if row.is_empty() => continue,
                Err(error) => {
                    let why = format!("the service lists allocations of an environment whose id {error}");
                    return Err(malformed(why));
                }
            };
            let reading = match row {
                Row::Read(raw) => reading(raw),
                Row::Malformed { why, .. } => Err(why.into()),
            };
            if rows.insert(id.clone(), reading).is_some() {
                return Err(malformed(format!("the service lists the allocations of {id} twice")));
            }
        }
        self.shared.memory.record_answer(WriteSurface::ByEnvironment);
        Ok(Documents { rows, missing_row: MissingRow::ProvesNothing })
    }
}

/// The answer about one environment, and the request.
struct Asked {
    surface: WriteSurface,
    answer: ServiceResponse,
    call: Call,
}

fn reading(raw: RawDocument) -> DocumentReading {
    let contents = raw.read().map_err(Arc::from)?;
    Ok(KnownDocument::received_as(contents, Arc::new(raw)))
}

/// One row of the list of documents.
enum Row {
    Read(RawDocument),
    /// The row names its environment, and its document cannot be read: it costs that environment, and not the list.
    Malformed {
        id: String,
        why: String,
    },
}

impl Row {
    fn of(row: Value) -> Result<Row, String> {
        let id = row.get("environmentId").and_then(Value::as_str).map(str::to_owned);
        match (serde_json::from_value(row), id) {
            (Ok(raw), _) => Ok(Row::Read(raw)),
            (Err(error), Some(id)) => {
                Ok(Row::Malformed { id, why: format!("the service's document of it cannot be read: {error}") })
            }
            (Err(error), None) => Err(error.to_string()),
        }
    }

    fn id(&self) -> &str {
        match self {
            Row::Read(raw) => &raw.environment_id,
            Row::Malformed { id, .. } => id,
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Row::Read(raw) if raw.currency_allocations.is_empty())
    }
}

/// Parses all documents: a bare array, or an array in an object, which third parties have seen.
fn documents(answer: &ServiceResponse) -> Result<Vec<Row>, ProviderError> {
    let malformed = |why: String| {
        ProviderError::new(
            ProviderErrorKind::Malformed,
            format!("the service's list of allocations cannot be read: {why}"),
        )
    };
    let rows = match answer.value(Effect::Reads)? {
        Value::Array(rows) => rows,
        Value::Object(mut fields) => {
            let is_link = |(key, link): &(&String, &Value)| {
                key.to_lowercase().contains("nextlink") && link.as_str().is_some_and(|link| !link.is_empty())
            };
            let value = fields.remove("value");
            match (value, fields.iter().find(is_link).map(|(key, _)| key)) {
                (Some(Value::Array(rows)), None) => rows,
                (Some(Value::Array(_)), Some(link)) => return Err(malformed(format!("it has more pages (`{link}`)"))),
                _ => return Err(malformed("it is not a list".to_owned())),
            }
        }
        _ => return Err(malformed("it is not a list".to_owned())),
    };
    rows.into_iter().map(|row| Row::of(row).map_err(malformed)).collect()
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
        let Rows(reports): Rows<CurrencyReport> = client.read(&call).await?;
        totals(&reports, (client.clock)()).map_err(|why| ProviderError::new(ProviderErrorKind::Malformed, why))
    }

    async fn environments(&self) -> Result<Environments, ProviderError> {
        let client = &self.shared.client;
        let call = client.api(&["environmentmanagement", "environments"], &[]);
        let refused = match read_all::<EnvironmentRow>(client, &call).await? {
            ListedRows::Rows(rows, listing) => return Ok(self.gather(rows, listing)),
            ListedRows::Refused(answer) => answer,
        };
        if !matches!(refused.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
            return Err(client.error(&refused, &call));
        }
        let older = client.administration(&["scopes", "admin", "environments"], ENVIRONMENTS_VERSION);
        match read_all::<BapEnvironmentRow>(client, &older).await {
            Ok(ListedRows::Rows(rows, listing)) => Ok(self.gather(rows.into_iter().map(Into::into).collect(), listing)),
            // The newer interface reports the reason of a refusal in more detail.
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
                return self.rows(documents(&answer)?);
            }
            if !answer.is_missing_listing() {
                return Err(client.error(&answer, &call));
            }
            memory.record_missing(WriteSurface::ByEnvironment);
        }
        self.read_one_by_one().await
    }

    fn listing_cost(&self) -> ListingCost {
        if self.shared.memory.has(WriteSurface::ByEnvironment) {
            ListingCost::OneRequest
        } else {
            ListingCost::OnePerEnvironment
        }
    }

    async fn document(&self, id: &EnvironmentId) -> Result<DocumentReading, ProviderError> {
        let asked = self.ask(id).await?;
        self.judge(id, &asked)
    }

    async fn who_can_allocate(&self) -> Result<Reading<WhoCanAllocate>, ProviderError> {
        let client = &self.shared.client;
        let mut call = client.administration(&["listtenantsettings"], SETTINGS_VERSION);
        call.method = Method::POST;
        let settings: TenantSettings = client.read(&call).await?;
        Ok(settings.who_can_allocate((client.clock)()))
    }

    async fn caller(&self) -> Result<Caller, ProviderError> {
        let why: Arc<str> = "the service does not report the caller's role".into();
        Ok(Caller { role: Reading::Unknown { why: Arc::clone(&why) }, may_allocate: Reading::Unknown { why } })
    }
}
