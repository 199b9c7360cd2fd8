//! The tenant's own figures: how old the newest are, and whether they agree with a reading that shows a write without an answer of success.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::comparison::grouped;
use super::others::Others;
use super::snapshots::{Snapshots, Totals};
use super::writes::{Confirming, Writes};
use crate::model::catalog::{AddOn, Pool};
use crate::model::observed::Reading;
use crate::model::terms::Units;
use crate::planning::schedule::machine::WriteNumber;

/// Whether the tenant's totals agree that a write took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    Agrees,
    /// The clause says how they differ.
    Differs(String),
    /// No totals were read since the write.
    NotRead,
}

/// The newest figures of the tenant.
#[derive(Default)]
pub(super) struct Figures {
    newest: Option<FiguresRead>,
    /// The add-ons whose totals any reading of this run has shown.
    shown: BTreeSet<AddOn>,
}

struct FiguresRead {
    turn: u64,
    at: Instant,
    totals: Totals,
}

impl Figures {
    /// Keeps the totals of a read that began at this turn and time. Returns whether they are the newest.
    pub(super) fn take_in(&mut self, turn: u64, at: Instant, totals: Totals) -> bool {
        self.shown.extend(totals.keys().cloned());
        let is_newest = self.newest.as_ref().is_none_or(|newest| newest.turn < turn);
        if is_newest {
            self.newest = Some(FiguresRead { turn, at, totals });
        }
        is_newest
    }

    /// The units that the tenant counts in a pool by the newest totals, if they are known.
    pub(super) fn count(&self, pool: &Pool) -> Option<Units> {
        self.counted(pool, self.totals()?).ok()
    }

    /// The newest totals.
    pub(super) fn totals(&self) -> Option<&Totals> {
        self.newest.as_ref().map(|newest| &newest.totals)
    }

    /// When the read of the newest totals began.
    pub(super) fn read_at(&self) -> Option<Instant> {
        self.newest.as_ref().map(|newest| newest.at)
    }

    /// Whether the tenant counts no more units in any pool of a write than the pool can hold if the write took effect: by the
    /// schedule's worst case, or by the readings of a moment in which no other write is under way in the pool.
    pub(super) fn agreement(
        &self,
        snapshots: &Snapshots,
        writes: &Writes,
        others: &Others<'_>,
        number: WriteNumber,
        confirming: &Confirming,
    ) -> Agreement {
        let pools = writes.schedule.held_if_confirmed(number);
        if pools.is_empty() {
            return Agreement::Agrees;
        }
        let Some(newest) = self.newest.as_ref().filter(|newest| confirming.turn < newest.turn) else {
            return Agreement::NotRead;
        };
        for (pool, most) in pools {
            let name = pool.display_name();
            let counted = match self.counted(&pool, &newest.totals) {
                Ok(counted) => counted,
                Err(why) => return Agreement::Differs(format!("the tenant's total of {name} is unknown: {why}")),
            };
            let most = match writes.is_sending_elsewhere(number, &pool) {
                true => most,
                false => most.max(others.expected(&pool, snapshots)),
            };
            if counted > most {
                let (counted, most) = (grouped(counted), grouped(most));
                return Agreement::Differs(format!("the tenant counts {counted} {name}, where {most} are expected"));
            }
        }
        Agreement::Agrees
    }

    /// The units that the tenant counts in a pool. A total that is missing is not a total of zero: one member of a pool may never have had
    /// one, but not all of them.
    ///
    /// # Errors
    ///
    /// Why they are unknown.
    fn counted(&self, pool: &Pool, totals: &Totals) -> Result<Units, String> {
        let mut sum = None;
        for member in pool.members() {
            match totals.get(&member).map(|total| &total.allocated) {
                Some(Reading::Known { value, .. }) => sum = Some(sum.into_iter().chain([*value]).sum()),
                Some(Reading::Unknown { why }) => return Err(why.to_string()),
                Some(Reading::Absent) | None if self.shown.contains(&member) => {
                    return Err(format!("the last reading lacks {}", member.display_name()));
                }
                Some(Reading::Absent) | None => {}
            }
        }
        sum.ok_or_else(|| "no reading has shown it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::Figures;
    use crate::apply::snapshots::Totals;
    use crate::model::observed::{ObservedTotal, Reading};
    use crate::model::terms::Units;
    use crate::provider::fake::add_on;

    #[test]
    fn a_total_that_is_missing_is_not_a_total_of_zero() {
        let (mut figures, pool) = (Figures::default(), add_on("app-passes").pool());
        let total = |units: u64| {
            let known = |units| Reading::Known { value: Units::new(units), as_of: jiff::Timestamp::UNIX_EPOCH };
            ObservedTotal { purchased: known(500), allocated: known(units), consumed: Reading::Absent }
        };
        let nothing = Totals::new();
        assert_eq!(figures.counted(&pool, &nothing), Err("no reading has shown it".to_owned()));
        let shown = Totals::from([(add_on("app-passes"), total(7))]);
        figures.take_in(1, Instant::now(), shown.clone());
        assert_eq!(figures.counted(&pool, &shown), Ok(Units::new(7)));
        assert_eq!(figures.counted(&pool, &nothing), Err("the last reading lacks App passes".to_owned()));
        // Two add-ons share this pool.
        let [process, unattended] = ["process", "unattended-rpa"].map(add_on);
        let first = Totals::from([(process.clone(), total(2))]);
        assert_eq!(figures.counted(&process.pool(), &first), Ok(Units::new(2)), "the other one never had a total");
        let both = Totals::from([(process.clone(), total(2)), (unattended, total(3))]);
        figures.take_in(2, Instant::now(), both.clone());
        assert_eq!(figures.counted(&process.pool(), &both), Ok(Units::new(5)));
        assert!(figures.counted(&process.pool(), &first).is_err());
    }
}
