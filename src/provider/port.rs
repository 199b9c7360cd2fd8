//! The port to a tenant.
//!
//! Reading and writing are two traits, so that code which only plans cannot write.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::model::catalog::AddOn;
use crate::model::document::{EnvironmentDocument, Switch};
use crate::model::observed::{Caller, Listing, ObservedEnvironment, ObservedTotal, Reading};
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::{EnvironmentId, Units};
pub use crate::net::clock::Clock;

/// The kinds of errors of a tenant, to branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderErrorKind {
    /// This caller lacks a permission.
    Denied,
    /// A policy of the tenant forbids the request to all callers.
    Locked,
    /// A policy of the tenant owns this switch of the environment. The write is refused because it changes the switch,
    /// or contains it.
    SwitchLocked(Switch),
    /// The subject of the request does not exist.
    NotFound,
    /// The request would break a rule of the tenant, such as allocating more than is owned.
    Conflict,
    /// Too many requests, with `Retry-After` if the tenant sent one.
    Throttled(Option<Duration>),
    /// The tenant cannot be reached or fails; nothing changed.
    Unavailable,
    /// Nothing was written: a sign-in took long, or a surface refused the write and another may accept it. The document
    /// that was read may be stale by now. The same write may succeed after another read.
    ReadAgain,
    /// The tenant did not accept the token of a write, so nothing was written. There is a new token: the same write may succeed after
    /// another read.
    SignInRenewed,
    /// The request was sent; whether it took effect is unknown. With `Retry-After` if the tenant sent one.
    OutcomeUnknown(Option<Duration>),
    /// The response, or the file of the built-in tenant, cannot be used.
    Malformed,
}

impl ProviderErrorKind {
    /// Whether the same request may succeed on a retry.
    pub const fn is_transient(self) -> bool {
        matches!(self, ProviderErrorKind::Throttled(_) | ProviderErrorKind::Unavailable)
    }

    /// Whether the same write may succeed at once, after another read.
    pub const fn needs_a_read(self) -> bool {
        matches!(self, ProviderErrorKind::ReadAgain | ProviderErrorKind::SignInRenewed)
    }
}

/// An error of a tenant.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ProviderError {
    /// The kind, to branch on.
    pub kind: ProviderErrorKind,
    /// The message for people, without a full stop.
    pub message: String,
    /// The next step, if there is one.
    pub help: Option<String>,
    /// The underlying error.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ProviderError {
    /// An error without help and without an underlying error.
    pub fn new(kind: ProviderErrorKind, message: impl Into<String>) -> ProviderError {
        ProviderError { kind, message: message.into(), help: None, source: None }
    }

    /// Adds the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> ProviderError {
        self.help = Some(help.into());
        self
    }

    /// Adds the underlying error.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ProviderError {
        self.source = Some(source.into());
        self
    }
}

/// The environments of a tenant, and whether the listing is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environments {
    /// Whether these are all environments.
    pub listing: Listing,
    /// The environments. Their documents are [`Reading::Unknown`]; [`Observe::documents`] reads them.
    pub environments: BTreeMap<EnvironmentId, Box<ObservedEnvironment>>,
}

/// What one environment holds, as one read returned it.
///
/// Only a provider makes one, from a read. A write takes one, so an environment cannot be written unless its whole document, or
/// the proof that it has none, was read before.
#[derive(Clone, Debug)]
pub struct KnownDocument {
    contents: EnvironmentDocument,
    exists: bool,
    received: Option<Arc<dyn Any + Send + Sync>>,
}

impl KnownDocument {
    /// A document that was read.
    pub(in crate::provider) fn new(contents: EnvironmentDocument) -> KnownDocument {
        KnownDocument { contents, exists: true, received: None }
    }

    /// The same document with the form in which the provider received it, which a write needs.
    pub(in crate::provider) fn received_as(contents: EnvironmentDocument, form: Arc<dyn Any + Send + Sync>) -> Self {
        KnownDocument { contents, exists: true, received: Some(form) }
    }

    /// The proof that an environment has no document and so holds nothing.
    pub(in crate::provider) fn proved_absent() -> KnownDocument {
        KnownDocument { contents: EnvironmentDocument::default(), exists: false, received: None }
    }

    /// The form in which the provider received the document.
    pub(in crate::provider) fn received<T: 'static>(&self) -> Option<&T> {
        self.received.as_ref()?.downcast_ref()
    }

    /// Whether the environment has a document.
    pub fn exists(&self) -> bool {
        self.exists
    }

    /// The allocations; none if there is no document.
    pub fn contents(&self) -> &EnvironmentDocument {
        &self.contents
    }

    /// The allocations as a reading. `as_of` is the time at which they were read.
    pub fn into_reading(self, as_of: Timestamp) -> Reading<EnvironmentDocument> {
        if self.exists { Reading::Known { value: self.contents, as_of } } else { Reading::Absent }
    }
}

/// Two reads are equal if they found the same.
impl PartialEq for KnownDocument {
    fn eq(&self, other: &KnownDocument) -> bool {
        (self.exists, &self.contents) == (other.exists, &other.contents)
    }
}

/// What a read found out about one document, or why it found out nothing.
pub type DocumentReading = Result<KnownDocument, Arc<str>>;

/// The meaning of a missing row in a listing of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingRow {
    /// The environment holds nothing: the provider proves that its listing is complete.
    HoldsNothing,
    /// Nothing: the listing of a remote service can lack a row. Only a read of the environment alone can prove absence.
    ProvesNothing,
}

/// The documents of one listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Documents {
    /// The rows.
    pub rows: BTreeMap<EnvironmentId, DocumentReading>,
    /// The meaning of a missing row.
    pub missing_row: MissingRow,
    /// Whether the listing is complete. A row whose environment id cannot be read makes it incomplete.
    pub listing: Listing,
}

impl Documents {
    /// Proof that an environment without a row holds nothing; `None` if a missing row proves nothing.
    pub fn missing(&self) -> Option<KnownDocument> {
        match self.missing_row {
            MissingRow::HoldsNothing => Some(KnownDocument::proved_absent()),
            MissingRow::ProvesNothing => None,
        }
    }

    /// The allocations of an environment, if they are known.
    pub fn known(&self, environment: &EnvironmentId) -> Option<&EnvironmentDocument> {
        Some(self.rows.get(environment)?.as_ref().ok()?.contents())
    }
}

/// The cost of [`Observe::documents`]. A caller that needs few documents chooses between a listing and single reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingCost {
    /// One request for all environments.
    OneRequest,
    /// One request for each environment.
    OnePerEnvironment,
}

/// The reading half of the port.
///
/// An implementation must never turn a failed read into an empty or zero value: a call that fails returns an error, and
/// a single value that cannot be read is [`Reading::Unknown`]. An implementation may answer from a snapshot, and must not
/// write.
#[async_trait]
pub trait Observe: Send + Sync {
    /// The tenant's own name.
    fn tenant(&self) -> Arc<str>;

    /// The purchased, allocated and consumed units of each add-on.
    async fn totals(&self) -> Result<BTreeMap<AddOn, ObservedTotal>, ProviderError>;

    /// The environments that the caller can see.
    async fn environments(&self) -> Result<Environments, ProviderError>;

    /// The documents of all environments.
    async fn documents(&self) -> Result<Documents, ProviderError>;

    /// The cost of [`Observe::documents`], as far as it is known.
    fn listing_cost(&self) -> ListingCost {
        ListingCost::OneRequest
    }

    /// Whether the documents contain the switches, as far as is known. A surface that does not return switches does not
    /// accept them either.
    fn shows_switches(&self) -> bool {
        true
    }

    /// The document of one environment, never from a snapshot. It is absent only if the response proves that.
    async fn document(&self, environment: &EnvironmentId) -> Result<DocumentReading, ProviderError>;

    /// The consumed units of one environment by add-on. If the service meters an add-on but the response has no count,
    /// the value is [`Reading::Unknown`]. An add-on that is not in the map has no reported consumption.
    async fn consumption(&self, environment: &EnvironmentId) -> Result<BTreeMap<AddOn, Reading<Units>>, ProviderError>;

    /// The setting `whoCanAllocate`.
    async fn who_can_allocate(&self) -> Result<Reading<WhoCanAllocate>, ProviderError>;

    /// The caller.
    async fn caller(&self) -> Result<Caller, ProviderError>;
}

/// The writing half of the port.
///
/// Writes are idempotent, because amounts are absolute. Every error except [`ProviderErrorKind::OutcomeUnknown`] promises
/// that nothing changed.
#[async_trait]
pub trait Perform: Send + Sync {
    /// Replaces the whole document of an environment. `before` is the document as it was read, `document` the wanted
    /// one. Returns the document after the write.
    async fn write_document(
        &self,
        environment: &EnvironmentId,
        before: &KnownDocument,
        document: &EnvironmentDocument,
    ) -> Result<EnvironmentDocument, ProviderError>;

    /// Like [`Perform::write_document`], but leaves one switch out of the write because a policy owns it and keeps it
    /// unchanged ([`ProviderErrorKind::SwitchLocked`]). A tenant in which no policy owns a switch writes the whole
    /// document.
    async fn write_document_without(
        &self,
        _switch: Switch,
        environment: &EnvironmentId,
        before: &KnownDocument,
        document: &EnvironmentDocument,
    ) -> Result<EnvironmentDocument, ProviderError> {
        self.write_document(environment, before, document).await
    }

    /// Writes the setting `whoCanAllocate`.
    async fn write_who_can_allocate(&self, setting: WhoCanAllocate) -> Result<(), ProviderError>;
}
