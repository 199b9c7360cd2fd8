//! What this run has read from the service: each environment's document as received, and the add-ons that each surface accepts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::wire::document::RawDocument;
use crate::model::terms::EnvironmentId;

/// A surface for writes. The variants are in the order in which they are tried (powerplatform-api.md 1.1, 2.1, 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WriteSurface {
    /// `PATCH licensing/allocationsByEnvironment`: amounts and rules.
    ByEnvironment,
    /// `PUT licensing/allocationsV2`: amounts and rules of entitlements.
    Entitlements,
    /// `PATCH licensing/environments/{id}/allocations`: amounts only.
    PerEnvironment,
}

impl WriteSurface {
    /// Every surface, the best first.
    pub(super) const ALL: [WriteSurface; 3] =
        [WriteSurface::ByEnvironment, WriteSurface::Entitlements, WriteSurface::PerEnvironment];
}

/// The memory of one run. Both halves of a tenant share it.
#[derive(Default)]
pub(super) struct ServiceMemory(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    documents: BTreeMap<EnvironmentId, RawDocument>,
    missing: BTreeSet<WriteSurface>,
    refused: BTreeSet<(WriteSurface, String)>,
}

impl ServiceMemory {
    /// Locks the memory. Each update is one step, so a panic elsewhere leaves the memory consistent.
    fn seen(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a listing of all documents.
    pub(super) fn record_listing(&self, documents: BTreeMap<EnvironmentId, RawDocument>) {
        self.seen().documents = documents;
    }

    /// Stores the document of one environment; `None` if there is none.
    pub(super) fn record_document(&self, id: &EnvironmentId, document: Option<RawDocument>) {
        let mut seen = self.seen();
        match document {
            Some(document) => seen.documents.insert(id.clone(), document),
            None => seen.documents.remove(id),
        };
    }

    /// The document as last read, or an empty one.
    pub(super) fn document(&self, id: &EnvironmentId) -> RawDocument {
        self.seen().documents.get(id).cloned().unwrap_or_else(|| RawDocument::new(id.as_str()))
    }

    /// Records that the service lacks this surface.
    pub(super) fn record_missing(&self, surface: WriteSurface) {
        self.seen().missing.insert(surface);
    }

    /// Whether the service has this surface, as far as this run knows.
    pub(super) fn has(&self, surface: WriteSurface) -> bool {
        !self.seen().missing.contains(&surface)
    }

    /// Records that a surface does not accept an add-on.
    pub(super) fn record_refused(&self, surface: WriteSurface, currency_type: &str) {
        self.seen().refused.insert((surface, currency_type.to_owned()));
    }

    /// Whether a surface accepts an add-on, as far as this run knows.
    pub(super) fn takes(&self, surface: WriteSurface, currency_type: &str) -> bool {
        let seen = self.seen();
        !seen.missing.contains(&surface) && !seen.refused.contains(&(surface, currency_type.to_owned()))
    }

    /// The best surface that accepts an add-on.
    pub(super) fn surface_for(&self, currency_type: &str) -> Option<WriteSurface> {
        WriteSurface::ALL.into_iter().find(|surface| self.takes(*surface, currency_type))
    }
}
