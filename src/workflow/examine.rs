//! Tries everything that is read of a tenant, each by itself, so that one refusal hides no other.

use futures::join;

use crate::model::observed::{Caller, Listing, Reading};
use crate::model::roles::WhoCanAllocate;
use crate::provider::port::{Observe, ProviderError};

/// What became of each thing that is read.
pub(super) struct Examination {
    /// The number of add-ons whose purchases the tenant reports.
    pub(super) totals: Result<u64, ProviderError>,
    /// The environments, and whether they are all.
    pub(super) environments: Result<(u64, Listing), ProviderError>,
    /// The environments whose document was read, and those whose was not.
    pub(super) documents: Result<(u64, u64), ProviderError>,
    /// Who may allocate.
    pub(super) who_can_allocate: Result<Reading<WhoCanAllocate>, ProviderError>,
    /// Who is calling.
    pub(super) caller: Result<Caller, ProviderError>,
}

/// Reads everything once. Nothing is written, so whether it could be is not tried.
pub(super) async fn examine(reader: &dyn Observe) -> Examination {
    let (totals, environments, documents, who_can_allocate, caller) =
        join!(reader.totals(), reader.environments(), reader.documents(), reader.who_can_allocate(), reader.caller());
    Examination {
        totals: totals.map(|totals| many(totals.len())),
        environments: environments.map(|listed| (many(listed.environments.len()), listed.listing)),
        documents: documents.map(|documents| {
            let unknown = documents.values().filter(|document| document.unknown().is_some()).count();
            (many(documents.len() - unknown), many(unknown))
        }),
        who_can_allocate,
        caller,
    }
}

fn many(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
