//! Remembers facts about the service during one run: which surfaces exist, accept writes, and have answered a read;
//! which add-ons each surface accepts; which environments are ready.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::terms::EnvironmentId;

/// A surface: one of the service's three ways to read and write allocations. The variants are in the order in which
/// they are tried (powerplatform-api.md 1.1, 2.1, 2.2).
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
    ready: BTreeSet<EnvironmentId>,
    answered: BTreeSet<WriteSurface>,
    missing: BTreeSet<WriteSurface>,
    takes_no_writes: BTreeSet<WriteSurface>,
    refused: BTreeSet<(WriteSurface, String)>,
    lacks_consumption: bool,
}

impl ServiceMemory {
    /// Locks the memory. Each update is one step, so a panic elsewhere leaves the memory consistent.
    fn seen(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the environments that the environment listing shows as ready.
    pub(super) fn record_ready(&self, environments: BTreeSet<EnvironmentId>) {
        self.seen().ready = environments;
    }

    /// Records that a read through a surface succeeded, even if a listing was empty.
    pub(super) fn record_answer(&self, surface: WriteSurface) {
        self.seen().answered.insert(surface);
    }

    /// Whether documents come from the amounts-only surface.
    pub(super) fn reads_amounts_only(&self) -> bool {
        let seen = self.seen();
        seen.missing.contains(&WriteSurface::ByEnvironment) && seen.answered.contains(&WriteSurface::PerEnvironment)
    }

    /// Whether "no document" in a response of a surface proves that an environment has none: the environment is ready,
    /// and a read through the surface succeeded in this run.
    pub(super) fn proves_absence(&self, surface: WriteSurface, environment: &EnvironmentId) -> bool {
        let seen = self.seen();
        seen.ready.contains(environment) && seen.answered.contains(&surface)
    }

    /// Records that a surface accepts no writes. It may still be read: what a read shows does not change because a
    /// write was refused.
    pub(super) fn record_no_writes(&self, surface: WriteSurface) {
        self.seen().takes_no_writes.insert(surface);
    }

    /// Records that the service lacks this surface.
    pub(super) fn record_missing(&self, surface: WriteSurface) {
        self.seen().missing.insert(surface);
    }

    /// Whether the service has this surface, as far as this run knows.
    pub(super) fn has(&self, surface: WriteSurface) -> bool {
        !self.seen().missing.contains(&surface)
    }

    /// Records that the service shows no consumption of single environments.
    pub(super) fn record_no_consumption(&self) {
        self.seen().lacks_consumption = true;
    }

    /// Whether the service shows the consumption of single environments, as far as this run knows.
    pub(super) fn shows_consumption(&self) -> bool {
        !self.seen().lacks_consumption
    }

    /// Records that a surface does not accept an add-on.
    pub(super) fn record_refused(&self, surface: WriteSurface, currency_type: &str) {
        self.seen().refused.insert((surface, currency_type.to_owned()));
    }

    /// Whether a surface accepts an add-on, as far as this run knows.
    pub(super) fn takes(&self, surface: WriteSurface, currency_type: &str) -> bool {
        let seen = self.seen();
        let is_closed = seen.missing.contains(&surface) || seen.takes_no_writes.contains(&surface);
        !is_closed && !seen.refused.contains(&(surface, currency_type.to_owned()))
    }
}
