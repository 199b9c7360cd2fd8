//! The readings of a run, their age, and whether they are still valid.
//!
//! Reads and writes overlap. Turns order them: a turn is a number, and each new turn is larger than all before. A read gets a
//! turn when it begins. A write gets one when it begins, and another when it is answered. A reading is valid only if the read began after the last write to its
//! environment was answered.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::model::document::EnvironmentDocument;
use crate::model::observed::{Documents, Reading};
use crate::model::terms::EnvironmentId;
use crate::provider::port::{Observe, ProviderError};

/// The maximum age of a reading on which a write may be sent.
pub(super) const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// The environments that a read covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReadScope {
    /// All environments, in one listing.
    All,
    /// One environment.
    One(EnvironmentId),
}

impl ReadScope {
    pub(super) fn covers(&self, environment: &EnvironmentId) -> bool {
        match self {
            ReadScope::All => true,
            ReadScope::One(one) => one == environment,
        }
    }
}

/// A read that ended.
pub(super) struct FinishedRead {
    /// The turn at which the read began.
    pub(super) turn: u64,
    /// When the read began.
    pub(super) began: Instant,
    pub(super) scope: ReadScope,
    /// The documents. An environment of the scope that is missing here has no document.
    pub(super) result: Result<Documents, ProviderError>,
}

/// Reads the documents of a scope.
pub(super) async fn read(reader: &dyn Observe, scope: ReadScope, turn: u64) -> FinishedRead {
    let began = Instant::now();
    let result = match &scope {
        ReadScope::All => reader.documents().await,
        ReadScope::One(environment) => {
            reader.document(environment).await.map(|reading| BTreeMap::from([(environment.clone(), reading)]))
        }
    };
    FinishedRead { turn, began, scope, result }
}

/// The newest readings.
#[derive(Default)]
pub(super) struct Snapshots {
    turn: u64,
    listing: Option<Snapshot<Documents>>,
    singles: BTreeMap<EnvironmentId, Snapshot<Reading<EnvironmentDocument>>>,
    /// The turn of the last write to each environment.
    written: BTreeMap<EnvironmentId, u64>,
}

struct Snapshot<T> {
    turn: u64,
    at: Timestamp,
    value: T,
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

    /// Keeps the documents of a read that ended at this time.
    pub(super) fn take_in(&mut self, scope: &ReadScope, turn: u64, at: Timestamp, documents: Documents) {
        match scope {
            ReadScope::All => self.listing = Some(Snapshot { turn, at, value: documents }),
            ReadScope::One(environment) => {
                let value = documents.into_values().next().unwrap_or(Reading::Absent);
                self.singles.insert(environment.clone(), Snapshot { turn, at, value });
            }
        }
    }

    /// The newest valid reading of an environment, whatever its age.
    fn newest(&self, environment: &EnvironmentId) -> Option<(Timestamp, Reading<EnvironmentDocument>)> {
        let is_valid = |turn: u64| self.written.get(environment).is_none_or(|written| *written < turn);
        let single = self.singles.get(environment).filter(|single| is_valid(single.turn));
        let listing = self.listing.as_ref().filter(|listing| is_valid(listing.turn));
        match (single, listing) {
            (Some(single), listing) if listing.is_none_or(|listing| listing.turn < single.turn) => {
                Some((single.at, single.value.clone()))
            }
            (_, Some(listing)) => {
                Some((listing.at, listing.value.get(environment).cloned().unwrap_or(Reading::Absent)))
            }
            (Some(_) | None, None) => None,
        }
    }

    /// The valid reading of an environment, if it is recent enough for a write.
    pub(super) fn fresh(&self, environment: &EnvironmentId, now: Timestamp) -> Option<Reading<EnvironmentDocument>> {
        let (at, reading) = self.newest(environment)?;
        let age = now.duration_since(at);
        // A negative age means that the clock was set back.
        (SignedDuration::ZERO <= age && age <= FRESH).then_some(reading)
    }

    /// The last listing, if there was one.
    pub(super) fn into_listing(self) -> Option<Documents> {
        self.listing.map(|listing| listing.value)
    }

    /// The last listing, if there was one.
    pub(super) fn last_listing(&self) -> Option<&Documents> {
        self.listing.as_ref().map(|listing| &listing.value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use litemap::LiteMap;

    use super::{ReadScope, Snapshots};
    use crate::model::document::{Entry, EnvironmentDocument};
    use crate::model::observed::Reading;
    use crate::model::terms::Units;
    use crate::provider::fake::{add_on, id};

    fn at(second: i64) -> Timestamp {
        Timestamp::new(1_790_000_000 + second, 0).unwrap()
    }

    fn holding(units: u64) -> Reading<EnvironmentDocument> {
        let entries = LiteMap::from_iter([(add_on("app-passes"), Entry::of(Units::new(units)))]);
        Reading::Known { value: EnvironmentDocument { entries }, as_of: at(0) }
    }

    #[test]
    fn a_reading_is_fresh_for_ten_seconds() {
        let mut snapshots = Snapshots::default();
        let turn = snapshots.turn();
        snapshots.take_in(&ReadScope::All, turn, at(0), BTreeMap::from([(id(1), holding(5))]));
        assert_eq!(snapshots.fresh(&id(1), at(10)), Some(holding(5)));
        assert_eq!(snapshots.fresh(&id(2), at(10)), Some(Reading::Absent), "a listing shows all environments");
        assert_eq!(snapshots.fresh(&id(1), at(11)), None);
        assert_eq!(snapshots.fresh(&id(1), at(-1)), None, "the clock was set back");
    }

    #[test]
    fn a_write_invalidates_readings_that_began_before_its_answer() {
        let mut snapshots = Snapshots::default();
        let before = snapshots.turn();
        snapshots.written(&id(1));
        let during = snapshots.turn();
        snapshots.written(&id(1));
        let after = snapshots.turn();
        for (turn, expected) in [(before, None), (during, None), (after, Some(holding(7)))] {
            snapshots.take_in(&ReadScope::All, turn, at(0), BTreeMap::from([(id(1), holding(7)), (id(2), holding(1))]));
            assert_eq!(snapshots.fresh(&id(1), at(1)), expected);
            assert_eq!(snapshots.fresh(&id(2), at(1)), Some(holding(1)), "readings of other environments stay valid");
        }
    }

    #[test]
    fn the_read_that_began_last_wins() {
        let mut snapshots = Snapshots::default();
        let (first, second, third) = (snapshots.turn(), snapshots.turn(), snapshots.turn());
        snapshots.take_in(&ReadScope::One(id(1)), second, at(0), BTreeMap::from([(id(1), holding(2))]));
        snapshots.take_in(&ReadScope::All, first, at(1), BTreeMap::from([(id(1), holding(1))]));
        assert_eq!(snapshots.fresh(&id(1), at(1)), Some(holding(2)));
        snapshots.take_in(&ReadScope::All, third, at(1), BTreeMap::from([(id(1), holding(3))]));
        assert_eq!(snapshots.fresh(&id(1), at(1)), Some(holding(3)));
    }
}
