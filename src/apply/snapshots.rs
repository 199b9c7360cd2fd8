//! The readings of a run, their age, and whether they are still valid.
//!
//! Reads and writes overlap. Turns order them: a turn is a number, and each new turn is larger than all before. A read gets a
//! turn when it begins. A write gets one when it begins, and another when it is answered. A reading is valid only if the read
//! began after the last write to its environment was answered. Its age counts from when it was requested.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::model::catalog::AddOn;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::{Listing, ObservedTotal};
use crate::model::terms::EnvironmentId;
use crate::provider::port::{Clock, DocumentReading, Documents, KnownDocument, MissingRow, Observe, ProviderError};

/// The maximum age of a reading on which a write may be sent.
pub(super) const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// What a read covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReadScope {
    /// All environments in one listing, and the tenant's totals.
    All,
    /// One environment.
    One(EnvironmentId),
    /// The tenant's totals.
    Totals,
}

impl ReadScope {
    pub(super) fn covers(&self, environment: &EnvironmentId) -> bool {
        match self {
            ReadScope::All => true,
            ReadScope::One(one) => one == environment,
            ReadScope::Totals => false,
        }
    }
}

/// The tenant's own totals.
pub(super) type Totals = BTreeMap<AddOn, ObservedTotal>;

/// What a read returned.
pub(super) struct Found {
    pub(super) documents: Documents,
    pub(super) totals: Option<Totals>,
}

/// A read that ended.
pub(super) struct FinishedRead {
    /// The turn at which the read began.
    pub(super) turn: u64,
    /// When the read began, by the executor's timer.
    pub(super) began: Instant,
    /// When the read began, by the clock.
    pub(super) at: Timestamp,
    pub(super) scope: ReadScope,
    pub(super) result: Result<Found, ProviderError>,
}

/// Reads a scope.
pub(super) async fn read(reader: &dyn Observe, clock: &Clock, scope: ReadScope, turn: u64) -> FinishedRead {
    let (began, at) = (Instant::now(), clock());
    let none =
        || Documents { rows: BTreeMap::new(), missing_row: MissingRow::ProvesNothing, listing: Listing::Complete };
    let result = match &scope {
        ReadScope::All => {
            let (documents, totals) = futures::join!(reader.documents(), reader.totals());
            documents.and_then(|documents| Ok(Found { documents, totals: Some(totals?) }))
        }
        ReadScope::One(environment) => reader.document(environment).await.map(|reading| {
            let rows = BTreeMap::from([(environment.clone(), reading)]);
            Found { documents: Documents { rows, ..none() }, totals: None }
        }),
        ReadScope::Totals => reader.totals().await.map(|totals| Found { documents: none(), totals: Some(totals) }),
    };
    FinishedRead { turn, began, at, scope, result }
}

/// The newest reading of each environment.
#[derive(Default)]
pub(super) struct Snapshots {
    turn: u64,
    rows: BTreeMap<EnvironmentId, Row>,
    listing: Option<ListingRead>,
    /// The turn of the last write to each environment.
    written: BTreeMap<EnvironmentId, u64>,
}

/// The newest listing.
struct ListingRead {
    turn: u64,
    at: Timestamp,
    /// The empty document of an environment without a row; `None` if a missing row proves nothing.
    missing: Option<KnownDocument>,
}

struct Row {
    turn: u64,
    at: Timestamp,
    reading: DocumentReading,
    /// The newest document that could be read.
    last_known: Option<KnownDocument>,
}

/// What the readings of a run show of one environment.
#[derive(Debug, PartialEq)]
pub(super) enum Seen {
    /// A reading of the environment.
    Reading(DocumentReading),
    /// A listing lacks the environment, which proves nothing. Only a read of the environment alone helps.
    NotListed,
    /// There is no valid reading.
    Nothing,
}

impl Snapshots {
    /// A turn later than all before.
    pub(super) fn turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }

    /// A write to an environment begins or was answered: earlier readings of the environment are no longer valid. Returns
    /// the turn.
    pub(super) fn written(&mut self, environment: &EnvironmentId) -> u64 {
        let turn = self.turn();
        self.written.insert(environment.clone(), turn);
        turn
    }

    /// The turn of the last write to an environment; 0 if there was none.
    pub(super) fn written_turn(&self, environment: &EnvironmentId) -> u64 {
        self.written.get(environment).copied().unwrap_or_default()
    }

    /// Keeps the documents of a read that began at this time.
    pub(super) fn take_in(&mut self, scope: &ReadScope, turn: u64, at: Timestamp, documents: Documents) {
        if *scope == ReadScope::All && self.listing.as_ref().is_none_or(|listing| listing.turn < turn) {
            self.listing = Some(ListingRead { turn, at, missing: documents.missing() });
        }
        for (environment, reading) in documents.rows {
            let before = self.rows.get(&environment);
            if before.is_some_and(|before| before.turn > turn) {
                continue;
            }
            let last_known = reading.as_ref().ok().or(before.and_then(|before| before.last_known.as_ref())).cloned();
            self.rows.insert(environment, Row { turn, at, reading, last_known });
        }
    }

    /// The valid reading of an environment, if it is recent enough for a write. A newer listing may have no row for the
    /// environment. Such a listing replaces the older reading only if a missing row proves that an environment holds
    /// nothing.
    pub(super) fn fresh(&self, environment: &EnvironmentId, now: Timestamp) -> Seen {
        // A negative age means that the clock was set back.
        let is_fresh = |at: Timestamp| (SignedDuration::ZERO..=FRESH).contains(&now.duration_since(at));
        let row = self.valid_row(environment).filter(|row| is_fresh(row.at));
        let listing = self.valid_listing(environment).filter(|listing| is_fresh(listing.at));
        let missing = listing.and_then(|listing| Some((listing.turn, listing.missing.clone()?)));
        match (row, missing) {
            (Some(row), Some((turn, missing))) if row.turn < turn => Seen::Reading(Ok(missing)),
            (Some(row), _) => Seen::Reading(row.reading.clone()),
            (None, Some((_, missing))) => Seen::Reading(Ok(missing)),
            (None, None) if listing.is_some() => Seen::NotListed,
            (None, None) => Seen::Nothing,
        }
    }

    /// The newest valid reading of an environment, whatever its age: what confirms a write.
    pub(super) fn newest(&self, environment: &EnvironmentId) -> Seen {
        let row = self.valid_row(environment);
        match (row, self.valid_listing(environment)) {
            (Some(row), listing) if listing.is_none_or(|listing| listing.turn <= row.turn) => {
                Seen::Reading(row.reading.clone())
            }
            (_, Some(listing)) => match &listing.missing {
                Some(missing) => Seen::Reading(Ok(missing.clone())),
                None => Seen::NotListed,
            },
            (_, None) => Seen::Nothing,
        }
    }

    fn valid_row(&self, environment: &EnvironmentId) -> Option<&Row> {
        self.rows.get(environment).filter(|row| self.written_turn(environment) < row.turn)
    }

    fn valid_listing(&self, environment: &EnvironmentId) -> Option<&ListingRead> {
        self.listing.as_ref().filter(|listing| self.written_turn(environment) < listing.turn)
    }

    /// The last known document of an environment, whatever its age.
    pub(super) fn last_known(&self, environment: &EnvironmentId) -> Option<&EnvironmentDocument> {
        Some(self.rows.get(environment)?.last_known.as_ref()?.contents())
    }

    /// The last known documents of all environments, whatever their age. An environment that a later listing lacks
    /// keeps its last known document.
    pub(super) fn all_last_known(&self) -> impl Iterator<Item = &EnvironmentDocument> {
        self.rows.values().filter_map(|row| Some(row.last_known.as_ref()?.contents()))
    }
}

#[cfg(test)]
mod tests;
