//! The writing half: one environment's complete document, through the surface that accepts it, and the setting
//! `whoCanAllocate`.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Serialize;

use super::client::{Call, SETTINGS_VERSION};
use super::memory::WriteSurface;
use super::refusal::{Effect, ServiceResponse};
use super::shared::Shared;
use super::wire::document::RawDocument;
use super::wire::entitlements::{AllocationPut, OperationResult};
use super::wire::settings::TenantSettings;
use crate::model::catalog::AddOn;
use crate::model::document::{EnvironmentDocument, Switch};
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::EnvironmentId;
use crate::provider::port::{KnownDocument, Perform, ProviderError, ProviderErrorKind};

/// The writing half.
pub struct PowerPlatformWriter {
    pub(super) shared: Arc<Shared>,
}

/// The result of one request.
enum Sent {
    /// The service accepted the write, and reports this document.
    Taken(RawDocument),
    /// This surface does not accept an add-on, or is missing: another may accept it.
    TryElsewhere,
}

impl PowerPlatformWriter {
    /// The best surface that accepts the whole document. A body without one of its add-ons could erase that add-on: the service does
    /// not state whether it merges or replaces.
    fn surface(&self, holds: &RawDocument, target: &RawDocument) -> Result<WriteSurface, ProviderError> {
        let memory = &self.shared.memory;
        let takes_all = |surface: &WriteSurface| {
            target.currency_allocations.iter().all(|entry| memory.takes(*surface, &entry.currency_type))
        };
        // If reads showed no switches, write to the amounts-only surface, which leaves switches unchanged. Another
        // surface could delete them.
        let amounts_only = memory.reads_amounts_only() && refuse_rules(holds, target).is_ok();
        let first = amounts_only.then_some(WriteSurface::PerEnvironment);
        let found = first.into_iter().chain(WriteSurface::ALL).find(takes_all);
        match found {
            // If the plan changes rules, `refuse_rules` reports that later, with its own message.
            Some(WriteSurface::PerEnvironment)
                if !holds.holds_amounts_only() && refuse_rules(holds, target).is_ok() =>
            {
                let message = "the service accepts only the amounts of this environment, and the write could erase its rules and other values";
                let help =
                    "allocate this environment's add-ons in the admin center, and write `unmanaged` for them here";
                Err(ProviderError::new(ProviderErrorKind::Conflict, message).help(help))
            }
            Some(surface) => Ok(surface),
            None => Err(self.no_surface(holds, target)),
        }
    }

    /// Why no surface accepts the whole document.
    fn no_surface(&self, holds: &RawDocument, target: &RawDocument) -> ProviderError {
        let memory = &self.shared.memory;
        let is_refused = |name: &&str| !WriteSurface::ALL.iter().any(|surface| memory.takes(*surface, name));
        let names = target.currency_allocations.iter().map(|entry| entry.currency_type.as_str());
        let (changed, carried): (Vec<&str>, Vec<&str>) =
            names.filter(is_refused).partition(|name| holds.entry(name) != target.entry(name));
        let shown = |name: &str| AddOn::from_api_value(name).display_name().to_owned();
        let (message, subject) = match (changed.first(), carried.first()) {
            (Some(name), _) => (format!("the service accepts no allocations of {}", shown(name)), "it"),
            (None, Some(name)) => (
                format!(
                    "the service accepts no allocations of {}, which the environment holds; a write without them could \
                     erase them",
                    shown(name)
                ),
                "the add-ons of this environment",
            ),
            (None, None) => {
                ("the service does not accept all add-ons of this environment in one write".to_owned(), "them")
            }
        };
        ProviderError::new(ProviderErrorKind::Conflict, message).help(format!(
            "allocate {subject} in the admin center, and write `unmanaged` for {} here",
            if changed.is_empty() { "them" } else { "it" }
        ))
    }

    /// The document after a write, as a read would return it.
    fn contents(&self, document: &RawDocument) -> Result<EnvironmentDocument, ProviderError> {
        let amounts_only = self.shared.memory.reads_amounts_only();
        let read = if amounts_only { document.read_amounts() } else { document.read() };
        read.map_err(malformed_answer)
    }

    async fn send(
        &self,
        surface: WriteSurface,
        id: &EnvironmentId,
        holds: &RawDocument,
        target: RawDocument,
        without: Option<Switch>,
    ) -> Result<Sent, ProviderError> {
        let client = &self.shared.client;
        let sent = without.map_or_else(|| target.clone(), |switch| target.without(switch));
        let call = match surface {
            WriteSurface::ByEnvironment => {
                client.api(&["licensing", "allocationsByEnvironment"], &[]).writing(Method::PATCH, body(&sent)?)
            }
            WriteSurface::Entitlements => {
                let put = body(&AllocationPut::of(&sent))?;
                client.api(&["licensing", "allocationsV2"], &[]).writing(Method::PUT, put)
            }
            WriteSurface::PerEnvironment => {
                refuse_rules(holds, &target)?;
                let path = ["licensing", "environments", id.as_str(), "allocations"];
                client.api(&path, &[]).writing(Method::PATCH, body(&sent.amounts_only())?)
            }
        };
        let answer = client.send(&call).await?;
        if !answer.status.is_success() {
            return self.refused(surface, &answer, &call, &target);
        }
        match surface {
            WriteSurface::ByEnvironment => Ok(Sent::Taken(answer.value(Effect::Writes)?)),
            // The documentation does not state whether the response has every add-on or only those in the request.
            WriteSurface::PerEnvironment => {
                let answered: RawDocument = answer.value(Effect::Writes)?;
                let reported = answered.read().map_err(malformed_answer)?;
                Ok(Sent::Taken(target.holding(&reported)))
            }
            WriteSurface::Entitlements => {
                let result: OperationResult = answer.value(Effect::Writes)?;
                if result.is_error_result {
                    let status = result.status_code.map_or_else(String::new, |status| format!(" ({status})"));
                    let message = format!("the service reports that the write failed{status}");
                    return Err(ProviderError::new(ProviderErrorKind::OutcomeUnknown(None), message));
                }
                Ok(Sent::Taken(target))
            }
        }
    }

    /// Handles a refusal. Remembers a surface that is missing, or that does not accept an add-on, so that this run does not try it again.
    fn refused(
        &self,
        surface: WriteSurface,
        answer: &ServiceResponse,
        call: &Call,
        sent: &RawDocument,
    ) -> Result<Sent, ProviderError> {
        let memory = &self.shared.memory;
        if answer.is_missing_route() {
            memory.record_no_writes(surface);
            return Ok(Sent::TryElsewhere);
        }
        if answer.status == StatusCode::BAD_REQUEST
            && let Some(name) = refused_name(&answer.details().message.unwrap_or_default(), sent)
        {
            memory.record_refused(surface, name);
            return Ok(Sent::TryElsewhere);
        }
        Err(self.shared.client.error(answer, call))
    }
}

/// The add-on that a refusal is about: the service quotes the value that it cannot read
/// (`Error converting value "Database"`). A refusal for any other reason concerns every surface.
fn refused_name<'a>(message: &str, sent: &'a RawDocument) -> Option<&'a str> {
    let about_a_value = message.contains("Error converting value");
    let mut names = sent.currency_allocations.iter().map(|entry| entry.currency_type.as_str());
    names.find(|name| about_a_value && message.contains(&format!("\"{name}\"")))
}

fn refuse_rules(holds: &RawDocument, target: &RawDocument) -> Result<(), ProviderError> {
    let rules_of =
        |document: &RawDocument, name: &str| document.entry(name).map(super::wire::document::RawEntry::switches);
    let differs = target
        .currency_allocations
        .iter()
        .find(|entry| rules_of(holds, &entry.currency_type).unwrap_or_default() != entry.switches());
    let Some(entry) = differs else { return Ok(()) };
    let name = AddOn::from_api_value(&entry.currency_type);
    let message =
        format!("the service accepts only the amount of {}, not its `whenExhausted` switches", name.display_name());
    Err(ProviderError::new(ProviderErrorKind::Conflict, message).help("remove `whenExhausted` from this allocation"))
}

fn malformed_answer(why: String) -> ProviderError {
    ProviderError::new(
        ProviderErrorKind::OutcomeUnknown(None),
        format!("the service accepted the write, but its response cannot be read: {why}"),
    )
}

fn body(value: &impl Serialize) -> Result<Bytes, ProviderError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| {
        ProviderError::new(ProviderErrorKind::Malformed, "the request cannot be built").caused_by(error)
    })
}

impl PowerPlatformWriter {
    /// Sends the whole document in one request, through the best surface that accepts all of it. Each refusal takes a surface away, so
    /// [`ProviderErrorKind::ReadAgain`] comes a few times at most.
    async fn write(
        &self,
        id: &EnvironmentId,
        before: &KnownDocument,
        wanted: &EnvironmentDocument,
        without: Option<Switch>,
    ) -> Result<EnvironmentDocument, ProviderError> {
        let received = before.received().cloned();
        let holds: RawDocument = received.unwrap_or_else(|| RawDocument::new(id.as_str()));
        let target = holds.holding(wanted);
        let surface = self.surface(&holds, &target)?;
        if let Sent::Taken(document) = self.send(surface, id, &holds, target.clone(), without).await? {
            return self.contents(&document);
        }
        self.surface(&holds, &target)?;
        let why = "one surface of the service does not accept this write; another may";
        Err(ProviderError::new(ProviderErrorKind::ReadAgain, why))
    }
}

#[async_trait]
impl Perform for PowerPlatformWriter {
    async fn write_document(
        &self,
        id: &EnvironmentId,
        before: &KnownDocument,
        wanted: &EnvironmentDocument,
    ) -> Result<EnvironmentDocument, ProviderError> {
        self.write(id, before, wanted, None).await
    }

    async fn write_document_without(
        &self,
        switch: Switch,
        id: &EnvironmentId,
        before: &KnownDocument,
        wanted: &EnvironmentDocument,
    ) -> Result<EnvironmentDocument, ProviderError> {
        self.write(id, before, wanted, Some(switch)).await
    }

    async fn write_who_can_allocate(&self, setting: WhoCanAllocate) -> Result<(), ProviderError> {
        let client = &self.shared.client;
        let call = client.administration(&["scopes", "admin", "updateTenantSettings"], SETTINGS_VERSION);
        let body = body(&TenantSettings::setting(setting))?;
        let call = call.writing(Method::POST, body);
        let answer = client.send(&call).await?;
        if answer.status.is_success() { Ok(()) } else { Err(client.error(&answer, &call)) }
    }
}
