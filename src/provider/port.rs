//! The port to a tenant: what the tool asks of whoever keeps the capacity.
//!
//! Reading and writing are two traits, so that what only plans cannot write.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::model::catalog::AddOn;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::{Caller, Documents, Listing, ObservedEnvironment, ObservedTotal, Reading};
use crate::model::terms::{EnvironmentId, WhoCanAllocate};
pub use crate::net::clock::Clock;

/// What every method of a port returns.
pub type PortFuture<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// What can be branched on when a tenant does not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderErrorKind {
    /// This caller may not do it.
    Denied,
    /// A policy of the tenant forbids it to everybody.
    Locked,
    /// What was asked about is not there.
    NotFound,
    /// It would break a rule of the tenant, such as allocating more than there is.
    Conflict,
    /// Too many requests; try again after so long, where the tenant said.
    Throttled(Option<Duration>),
    /// The tenant cannot be reached or is out of order; nothing changed.
    Unavailable,
    /// The request was sent, and whether it took effect is not known.
    OutcomeUnknown,
    /// The tenant answered with something that makes no sense.
    Malformed,
}

impl ProviderErrorKind {
    /// Whether the same request may succeed later without anybody doing anything.
    pub const fn is_transient(self) -> bool {
        matches!(self, ProviderErrorKind::Throttled(_) | ProviderErrorKind::Unavailable)
    }
}

/// Why a tenant did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ProviderError {
    /// What to branch on.
    pub kind: ProviderErrorKind,
    /// What happened, in words for people, without a full stop.
    pub message: String,
    /// What to do next, where something can be done.
    pub help: Option<String>,
    /// What lies beneath.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ProviderError {
    /// An error with nothing beneath.
    pub fn new(kind: ProviderErrorKind, message: impl Into<String>) -> ProviderError {
        ProviderError { kind, message: message.into(), help: None, source: None }
    }

    /// What to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> ProviderError {
        self.help = Some(help.into());
        self
    }

    /// What lies beneath.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ProviderError {
        self.source = Some(source.into());
        self
    }
}

/// The environments of a tenant and whether they are all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environments {
    /// Whether the listing can be taken for all there is.
    pub listing: Listing,
    /// The environments. Their documents are [`Reading::Unknown`] here; [`Observe::documents`] reads them.
    pub environments: BTreeMap<EnvironmentId, Box<ObservedEnvironment>>,
}

/// What it takes to read what every environment holds: whoever needs to know of a few chooses by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingCost {
    /// One request, however many environments there are.
    OneRequest,
    /// One request for each environment.
    OnePerEnvironment,
}

/// Reading a tenant.
///
/// An implementation must never turn a failed read into an empty or zero value: a call that fails returns an error, and
/// a single value that cannot be read is [`Reading::Unknown`]. It may answer from a snapshot, and must not write.
pub trait Observe: Send + Sync {
    /// What the tenant calls itself.
    fn tenant(&self) -> Arc<str>;

    /// What was purchased, allocated and consumed of each add-on.
    fn totals(&self) -> PortFuture<'_, BTreeMap<AddOn, ObservedTotal>>;

    /// The environments that the caller can see.
    fn environments(&self) -> PortFuture<'_, Environments>;

    /// What every environment holds. An environment that is missing in the answer has no document.
    fn documents(&self) -> PortFuture<'_, Documents>;

    /// What [`Observe::documents`] takes, as far as is known.
    fn listing_cost(&self) -> ListingCost {
        ListingCost::OneRequest
    }

    /// What one environment holds, read afresh.
    fn document<'a>(&'a self, environment: &'a EnvironmentId) -> PortFuture<'a, Reading<EnvironmentDocument>>;

    /// Who may allocate.
    fn who_can_allocate(&self) -> PortFuture<'_, Reading<WhoCanAllocate>>;

    /// Who is calling.
    fn caller(&self) -> PortFuture<'_, Caller>;
}

/// Writing to a tenant.
///
/// Amounts are absolute, so that a write that is sent twice does what it does once. An error of any kind but
/// [`ProviderErrorKind::OutcomeUnknown`] promises that nothing changed.
pub trait Perform: Send + Sync {
    /// Replaces what one environment holds with this complete document, and answers with what it holds then.
    fn write_document<'a>(
        &'a self,
        environment: &'a EnvironmentId,
        document: &'a EnvironmentDocument,
    ) -> PortFuture<'a, EnvironmentDocument>;

    /// Sets who may allocate.
    fn write_who_can_allocate(&self, setting: WhoCanAllocate) -> PortFuture<'_, ()>;
}
