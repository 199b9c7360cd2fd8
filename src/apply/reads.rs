//! What was read of the tenant during an apply, how old it is, and whether it still counts.
//!
//! Reads and writes overlap, so they are numbered: what was read counts for an environment only where the read began
//! after the last write to it had been answered.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::model::document::EnvironmentDocument;
use crate::model::observed::Reading;
use crate::model::terms::EnvironmentId;
use crate::provider::port::{Observe, ProviderError};

/// A write goes out only where its environment was read within so long.
pub(super) const FRESH: SignedDuration = SignedDuration::from_secs(10);

pub(super) type Readings = BTreeMap<EnvironmentId, Reading<EnvironmentDocument>>;

/// What a read covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// Every environment, by one listing.
    All,
    /// One environment.
    One(EnvironmentId),
}

impl Scope {
    /// Whether an environment is part of it.
    pub(super) fn covers(&self, environment: &EnvironmentId) -> bool {
        match self {
            Scope::All => true,
            Scope::One(one) => one == environment,
        }
    }
}

/// What came of a read.
pub(super) struct Seen {
    /// When it began, in the order of reads and writes.
    pub(super) turn: u64,
    /// When it began.
    pub(super) began: Instant,
    /// What it covers.
    pub(super) scope: Scope,
    /// What was read. An environment of the scope that is missing has no document.
    pub(super) result: Result<Readings, ProviderError>,
}

/// Reads the tenant.
pub(super) async fn look(reader: &dyn Observe, scope: Scope, turn: u64) -> Seen {
    let began = Instant::now();
    let result = match &scope {
        Scope::All => reader.documents().await,
        Scope::One(environment) => {
            reader.document(environment).await.map(|reading| BTreeMap::from([(environment.clone(), reading)]))
        }
    };
    Seen { turn, began, scope, result }
}

/// What was read, at its newest.
#[derive(Default)]
pub(super) struct Reads {
    turn: u64,
    listing: Option<Taken<Readings>>,
    singles: BTreeMap<EnvironmentId, Taken<Reading<EnvironmentDocument>>>,
    written: BTreeMap<EnvironmentId, u64>,
}

struct Taken<T> {
    turn: u64,
    at: Timestamp,
    value: T,
}

impl Reads {
    /// A number later than all before.
    pub(super) fn turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }

    /// A write to an environment begins, or was answered: what was read of it counts no longer. Returns when.
    pub(super) fn written(&mut self, environment: &EnvironmentId) -> u64 {
        let turn = self.turn();
        self.written.insert(environment.clone(), turn);
        turn
    }

    /// Takes in what was read, at this time.
    pub(super) fn take_in(&mut self, scope: &Scope, turn: u64, at: Timestamp, readings: Readings) {
        match scope {
            Scope::All => self.listing = Some(Taken { turn, at, value: readings }),
            Scope::One(environment) => {
                let value = readings.into_values().next().unwrap_or(Reading::Absent);
                self.singles.insert(environment.clone(), Taken { turn, at, value });
            }
        }
    }

    /// What is known of an environment, whatever its age; `None` where nothing counts.
    fn newest(&self, environment: &EnvironmentId) -> Option<(Timestamp, Reading<EnvironmentDocument>)> {
        let counts = |turn: u64| self.written.get(environment).is_none_or(|written| *written < turn);
        let single = self.singles.get(environment).filter(|single| counts(single.turn));
        let listing = self.listing.as_ref().filter(|listing| counts(listing.turn));
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

    /// What an environment holds, where it was read recently enough to write to it.
    pub(super) fn fresh(&self, environment: &EnvironmentId, now: Timestamp) -> Option<Reading<EnvironmentDocument>> {
        let (at, reading) = self.newest(environment)?;
        let age = now.duration_since(at);
        // A clock that was set back says nothing about an age.
        (SignedDuration::ZERO <= age && age <= FRESH).then_some(reading)
    }

    /// The last listing.
    pub(super) fn into_listing(self) -> Option<Readings> {
        self.listing.map(|listing| listing.value)
    }

    /// The last listing, where there was one.
    pub(super) fn last_listing(&self) -> Option<&Readings> {
        self.listing.as_ref().map(|listing| &listing.value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use litemap::LiteMap;

    use super::{Reads, Scope};
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
    fn what_was_read_is_fresh_for_ten_seconds() {
        let mut reads = Reads::default();
        let turn = reads.turn();
        reads.take_in(&Scope::All, turn, at(0), BTreeMap::from([(id(1), holding(5))]));
        assert_eq!(reads.fresh(&id(1), at(10)), Some(holding(5)));
        assert_eq!(reads.fresh(&id(2), at(10)), Some(Reading::Absent), "the listing is of all there is");
        assert_eq!(reads.fresh(&id(1), at(11)), None);
        assert_eq!(reads.fresh(&id(1), at(-1)), None, "the clock was set back");
    }

    #[test]
    fn a_write_makes_what_was_read_before_its_end_worthless() {
        let mut reads = Reads::default();
        let before = reads.turn();
        reads.written(&id(1));
        let during = reads.turn();
        reads.written(&id(1));
        let after = reads.turn();
        for (turn, expected) in [(before, None), (during, None), (after, Some(holding(7)))] {
            reads.take_in(&Scope::All, turn, at(0), BTreeMap::from([(id(1), holding(7)), (id(2), holding(1))]));
            assert_eq!(reads.fresh(&id(1), at(1)), expected);
            assert_eq!(reads.fresh(&id(2), at(1)), Some(holding(1)), "another environment is as it was");
        }
    }

    #[test]
    fn the_read_that_began_last_counts() {
        let mut reads = Reads::default();
        let (first, second, third) = (reads.turn(), reads.turn(), reads.turn());
        reads.take_in(&Scope::One(id(1)), second, at(0), BTreeMap::from([(id(1), holding(2))]));
        reads.take_in(&Scope::All, first, at(1), BTreeMap::from([(id(1), holding(1))]));
        assert_eq!(reads.fresh(&id(1), at(1)), Some(holding(2)));
        reads.take_in(&Scope::All, third, at(1), BTreeMap::from([(id(1), holding(3))]));
        assert_eq!(reads.fresh(&id(1), at(1)), Some(holding(3)));
    }
}
