//! What was seen of the service in this run: each environment's document as it came, and what each surface takes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::wire::document::RawDocument;
use crate::model::terms::EnvironmentId;

/// A way to write, in the order in which they are tried (powerplatform-api.md 1.1, 2.1, 2.2).
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

/// What was seen. Both halves of a tenant share it.
#[derive(Default)]
pub(super) struct ServiceMemory(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    documents: BTreeMap<EnvironmentId, RawDocument>,
    missing: BTreeSet<WriteSurface>,
    refused: BTreeSet<(WriteSurface, String)>,
}

impl ServiceMemory {
    /// What was seen is written in one step each, so a panic elsewhere leaves it whole.
    fn seen(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All documents were listed.
    pub(super) fn listed(&self, documents: BTreeMap<EnvironmentId, RawDocument>) {
        self.seen().documents = documents;
    }

    /// One document was read; `None` where there is none.
    pub(super) fn read(&self, id: &EnvironmentId, document: Option<RawDocument>) {
        let mut seen = self.seen();
        match document {
            Some(document) => seen.documents.insert(id.clone(), document),
            None => seen.documents.remove(id),
        };
    }

    /// The document as it was last seen, or an empty one.
    pub(super) fn document(&self, id: &EnvironmentId) -> RawDocument {
        self.seen().documents.get(id).cloned().unwrap_or_else(|| RawDocument::new(id.as_str()))
    }

    /// The service has no such surface.
    pub(super) fn is_missing(&self, surface: WriteSurface) {
        self.seen().missing.insert(surface);
    }

    /// Whether the service has this surface, as far as was seen.
    pub(super) fn has(&self, surface: WriteSurface) -> bool {
        !self.seen().missing.contains(&surface)
    }

    /// A surface does not take an add-on.
    pub(super) fn refuses(&self, surface: WriteSurface, currency_type: &str) {
        self.seen().refused.insert((surface, currency_type.to_owned()));
    }

    /// Whether a surface takes an add-on, as far as was seen.
    pub(super) fn takes(&self, surface: WriteSurface, currency_type: &str) -> bool {
        let seen = self.seen();
        !seen.missing.contains(&surface) && !seen.refused.contains(&(surface, currency_type.to_owned()))
    }

    /// The best surface that takes an add-on.
    pub(super) fn surface_for(&self, currency_type: &str) -> Option<WriteSurface> {
        WriteSurface::ALL.into_iter().find(|surface| self.takes(*surface, currency_type))
    }
}
