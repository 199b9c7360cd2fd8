//! The tenant's own totals: how old the newest are, and whether they agree with a reading. This matters if a reading
//! shows a write, and no response of the service reports that the write succeeded.

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

/// The newest totals of the tenant.
#[derive(Default)]
pub(super) struct NewestTotals {
    newest: Option<TotalsRead>,
    /// The add-ons whose totals any reading of this run has shown.
    shown: BTreeSet<AddOn>,
}

struct TotalsRead {
    turn: u64,
    at: Instant,
    totals: Totals,
}

impl NewestTotals {
    /// Keeps the totals of a read that began at this turn and time. Returns whether they are the newest.
    pub(super) fn take_in(&mut self, turn: u64, at: Instant, totals: Totals) -> bool {
        self.shown.extend(totals.keys().cloned());
        let is_newest = self.newest.as_ref().is_none_or(|newest| newest.turn < turn);
        if is_newest {
            self.newest = Some(TotalsRead { turn, at, totals });
        }
        is_newest
    }

    /// The units that the tenant counts in a pool by the newest totals, if they are known.
    pub(super) fn count(&self, pool: &Pool) -> Option<Units> {
        self.counted(pool, self.newest()?).ok()
    }

    /// The newest totals.
    pub(super) fn newest(&self) -> Option<&Totals> {
        self.newest.as_ref().map(|newest| &newest.totals)
    }

    /// When the read of the newest totals began.
    pub(super) fn read_at(&self) -> Option<Instant> {
        self.newest.as_ref().map(|newest| newest.at)
    }

    /// Compares the tenant's total of each pool that a write changes with a maximum. A larger total disagrees. The maximum
    /// is the most that the pool can hold if the write took effect, by the schedule. If no other sent write can still
    /// change the pool, and the sum of the readings is larger, that sum is the maximum.
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
                return Agreement::Differs(format!("the tenant counts {counted} {name}, but {most} are expected"));
            }
        }
        Agreement::Agrees
    }

    /// The units that the tenant counts in a pool. A missing total is unknown, not zero. Only a member whose total this
    /// run has never seen may be missing, and at least one member must have a total.
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
                    return Err(format!("the last reading has no total of {}", member.display_name()));
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

    use super::NewestTotals;
    use crate::apply::snapshots::Totals;
    use crate::model::observed::{ObservedTotal, Reading};
    use crate::model::terms::Units;
    use crate::provider::fake::add_on;

    #[test]
    fn a_total_that_is_missing_is_not_a_total_of_zero() {
        let (mut newest, pool) = (NewestTotals::default(), add_on("app-passes").pool());
        let total = |units: u64| {
            let known = |units| Reading::Known { value: Units::new(units), as_of: jiff::Timestamp::UNIX_EPOCH };
            ObservedTotal { purchased: known(500), allocated: known(units), consumed: Reading::Absent }
        };
        let nothing = Totals::new();
        assert_eq!(newest.counted(&pool, &nothing), Err("no reading has shown it".to_owned()));
        let shown = Totals::from([(add_on("app-passes"), total(7))]);
        newest.take_in(1, Instant::now(), shown.clone());
        assert_eq!(newest.counted(&pool, &shown), Ok(Units::new(7)));
        assert_eq!(newest.counted(&pool, &nothing), Err("the last reading has no total of App passes".to_owned()));
        // Two add-ons share this pool.
        let [process, unattended] = ["process", "unattended-rpa"].map(add_on);
        let first = Totals::from([(process.clone(), total(2))]);
        assert_eq!(newest.counted(&process.pool(), &first), Ok(Units::new(2)), "the other one never had a total");
        let both = Totals::from([(process.clone(), total(2)), (unattended, total(3))]);
        newest.take_in(2, Instant::now(), both.clone());
        assert_eq!(newest.counted(&process.pool(), &both), Ok(Units::new(5)));
        assert!(newest.counted(&process.pool(), &first).is_err());
    }
}
