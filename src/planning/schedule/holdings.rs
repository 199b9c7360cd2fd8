//! The books of a run: the units that each pool holds in the worst case.
//!
//! A write that was claimed may have taken effect or not. The books debit the units that a write takes when it is
//! claimed, and credit those that it gives back when it is confirmed. The debit of a write with an unknown result stays
//! for the rest of the run. [`Holdings::claim`] is the only way to debit, and succeeds only if everything fits; the
//! owner of a [`Claim`] may send.
//!
//! Each pool has two accounts of what it holds: by the readings of environments, and by the tenant's own total, which includes units in
//! environments that no reading shows. The larger one counts.

use crate::model::catalog::Pool;
use crate::model::terms::Units;

/// The units that a change or a write moves in one pool: a positive number takes units, a negative one gives them back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The number of the pool.
    pub pool: usize,
    /// Units after minus units before.
    pub units: i128,
}

/// The result of a write, as far as the books need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteResult {
    /// The write took effect.
    Confirmed,
    /// The write took no effect.
    Failed,
    /// The write may have taken effect or not.
    Unknown,
}

/// Whether the tenant's newest total includes the effect of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InTotals {
    /// The write had not been sent when the total was read.
    No,
    /// The write was in flight when the total was read.
    Maybe,
    /// The write had been answered before the total was read, and no reading showed it yet.
    Answered,
    /// A reading showed the target of the write when the total was read.
    Shown,
}

/// The right to send one write, whose units are debited. [`Holdings::settle`] consumes the claim.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Claim(Vec<(Shift, InTotals)>);

/// The worst-case allocation and the ceiling of every pool.
#[derive(Clone, Debug)]
pub struct Holdings {
    accounts: Vec<Account>,
}

#[derive(Clone, Debug)]
struct Account {
    pool: Pool,
    ceiling: i128,
    /// By the readings of environments.
    held: i128,
    /// By the tenant's newest total, with the units of writes that it may lack; `None` if no total was read.
    counted: Option<i128>,
    /// Whether the run treats an excess of the total as units of others, and no longer waits for a newer total.
    is_trusted: bool,
}

impl Account {
    /// The larger of both accounts.
    fn most(&self) -> i128 {
        self.counted.map_or(self.held, |counted| counted.max(self.held))
    }

    fn has_excess(&self) -> bool {
        self.most() > self.held
    }
}

impl Holdings {
    /// The books before the first write. Each pool comes with its ceiling and its allocation; pools are numbered from 0 in this order.
    pub fn new(pools: impl IntoIterator<Item = (Pool, Units, Units)>) -> Holdings {
        let account = |(pool, ceiling, held): (Pool, Units, Units)| Account {
            pool,
            ceiling: ceiling.get().into(),
            held: held.get().into(),
            counted: None,
            is_trusted: false,
        };
        Holdings { accounts: pools.into_iter().map(account).collect() }
    }

    /// Units of a pool that are free whichever claimed writes take effect. Negative if over-allocated; zero if there is
    /// no such pool.
    pub fn free(&self, pool: usize) -> i128 {
        self.accounts.get(pool).map_or(0, |account| account.ceiling - account.most())
    }

    /// The free units of a pool by the readings of environments alone.
    pub fn free_by_readings(&self, pool: usize) -> i128 {
        self.accounts.get(pool).map_or(0, |account| account.ceiling - account.held)
    }

    /// The free units of a pool if a newer total showed no excess; the same as [`Holdings::free`] after
    /// [`Holdings::trust_total`].
    pub fn hoped_for(&self, pool: usize) -> i128 {
        match self.accounts.get(pool) {
            Some(account) if account.is_trusted => account.ceiling - account.most(),
            _ => self.free_by_readings(pool),
        }
    }

    /// Debits the units that a write takes. Returns `None` and debits nothing if a pool is short of units.
    pub fn claim(&mut self, shifts: &[Shift]) -> Option<Claim> {
        if shifts.iter().any(|shift| shift.units > 0 && shift.units > self.free(shift.pool)) {
            return None;
        }
        shifts.iter().filter(|shift| shift.units > 0).for_each(|shift| self.book(*shift, true, true));
        Some(Claim(shifts.iter().map(|shift| (*shift, InTotals::No)).collect()))
    }

    /// Books the result of a write.
    pub fn settle(&mut self, claim: Claim, result: WriteResult) {
        let Claim(shifts) = claim;
        match result {
            WriteResult::Confirmed => {
                for (shift, in_totals) in shifts {
                    match (shift.units < 0, in_totals) {
                        (true, InTotals::No) => self.book(shift, true, true),
                        (true, _) => self.book(shift, true, false),
                        // The total already included these units, and `count` added them again: undo that.
                        (false, InTotals::Answered) => self.book(back(shift), false, true),
                        (false, _) => {}
                    }
                }
            }
            WriteResult::Failed => {
                let taken = shifts.into_iter().filter(|(shift, _)| shift.units > 0);
                taken.for_each(|(shift, in_totals)| self.book(back(shift), true, in_totals != InTotals::Shown));
            }
            WriteResult::Unknown => {}
        }
    }

    /// Stores the tenant's total of a pool, plus the units that the writes of `claims` take. A write adds nothing if a
    /// reading shows its target already, because then the total includes these units.
    pub fn count<'a>(&mut self, pool: &Pool, total: Units, claims: impl Iterator<Item = (&'a mut Claim, InTotals)>) {
        let Some((number, account)) = self.accounts.iter_mut().enumerate().find(|(_, account)| account.pool == *pool)
        else {
            return;
        };
        let mut counted = i128::from(total.get());
        for (Claim(shifts), in_total) in claims {
            for (shift, in_totals) in shifts.iter_mut().filter(|(shift, _)| shift.pool == number) {
                *in_totals = in_total;
                if in_total != InTotals::Shown {
                    counted += shift.units.max(0);
                }
            }
        }
        account.counted = Some(counted);
        account.is_trusted &= account.has_excess();
    }

    /// Treats an excess of this pool's total as units of others from now on.
    pub fn trust_total(&mut self, pool: &Pool) {
        if let Some(account) = self.accounts.iter_mut().find(|account| account.pool == *pool) {
            account.is_trusted = account.has_excess();
        }
    }

    /// The units of a pool by the total and by the readings, if the total is the larger one.
    pub fn excess(&self, pool: usize) -> Option<(Units, Units)> {
        let units = |amount: i128| Units::new(u64::try_from(amount.max(0)).unwrap_or(u64::MAX));
        let account = self.accounts.get(pool).filter(|account| account.has_excess())?;
        Some((units(account.most()), units(account.held)))
    }

    /// Adds units that others allocated since the plan was made.
    pub fn add_foreign(&mut self, pool: &Pool, units: Units) {
        if let Some(account) = self.accounts.iter_mut().find(|account| account.pool == *pool) {
            account.held += i128::from(units.get());
        }
    }

    /// Sets the units that a pool may hold.
    pub fn set_ceiling(&mut self, pool: &Pool, ceiling: Units) {
        if let Some(account) = self.accounts.iter_mut().find(|account| account.pool == *pool) {
            account.ceiling = ceiling.get().into();
        }
    }

    /// A pool with the units that it holds in the worst case, by the readings of environments alone.
    pub fn held(&self, number: usize) -> Option<(&Pool, i128)> {
        self.accounts.get(number).map(|account| (&account.pool, account.held))
    }

    /// The pool with this number.
    pub fn pool(&self, number: usize) -> Option<&Pool> {
        self.accounts.get(number).map(|account| &account.pool)
    }

    /// Books a shift in one account or in both.
    fn book(&mut self, shift: Shift, by_readings: bool, by_totals: bool) {
        let Some(account) = self.accounts.get_mut(shift.pool) else { return };
        if by_readings {
            account.held += shift.units;
        }
        if by_totals {
            account.counted = account.counted.map(|counted| counted + shift.units);
        }
    }
}

/// The shift that undoes another.
fn back(shift: Shift) -> Shift {
    Shift { pool: shift.pool, units: -shift.units }
}

#[cfg(test)]
mod tests {
    use super::{Claim, Holdings, InTotals, Shift, WriteResult};
    use crate::model::terms::Units;
    use crate::provider::fake::add_on;

    /// A pool that may hold 100 and holds 60, of which the tenant counts 75 before the first write.
    fn pool() -> Holdings {
        let pool = add_on("app-passes").pool();
        let mut holdings = Holdings::new([(pool.clone(), Units::new(100), Units::new(60))]);
        holdings.count(&pool, Units::new(75), std::iter::empty());
        holdings
    }

    fn claim(holdings: &mut Holdings, units: i128) -> Claim {
        holdings.claim(&[Shift { pool: 0, units }]).expect("enough units")
    }

    fn count(holdings: &mut Holdings, total: u64, claim: &mut Claim, in_totals: InTotals) {
        holdings.count(&add_on("app-passes").pool(), Units::new(total), std::iter::once((claim, in_totals)));
    }

    #[test]
    fn the_larger_account_counts() {
        let mut holdings = pool();
        assert_eq!((holdings.free(0), holdings.free_by_readings(0)), (25, 40));
        assert!(holdings.claim(&[Shift { pool: 0, units: 26 }]).is_none());
        let take = claim(&mut holdings, 25);
        assert_eq!((holdings.free(0), holdings.free_by_readings(0)), (0, 15));
        holdings.settle(take, WriteResult::Failed);
        assert_eq!((holdings.free(0), holdings.free_by_readings(0)), (25, 40));
    }

    #[test]
    fn what_is_given_back_is_free_once() {
        for (in_totals, total, free) in [
            (InTotals::No, 75, 35),
            (InTotals::Maybe, 65, 35),
            (InTotals::Maybe, 75, 25),
            (InTotals::Answered, 65, 35),
            (InTotals::Shown, 65, 35),
        ] {
            let mut holdings = pool();
            let mut give = claim(&mut holdings, -10);
            count(&mut holdings, total, &mut give, in_totals);
            holdings.settle(give, WriteResult::Confirmed);
            assert_eq!(holdings.free(0), free, "{in_totals:?}, {total}");
        }
    }

    #[test]
    fn what_a_write_takes_counts_until_a_reading_shows_it() {
        for (in_totals, total, before, confirmed, failed) in [
            (InTotals::No, 75, 5, 5, 25),
            (InTotals::Maybe, 75, 5, 5, 25),
            (InTotals::Maybe, 95, -15, -15, 5),
            (InTotals::Answered, 95, -15, 5, 5),
            (InTotals::Shown, 95, 5, 5, 5),
        ] {
            for (result, free) in [(WriteResult::Confirmed, confirmed), (WriteResult::Failed, failed)] {
                let mut holdings = pool();
                let mut take = claim(&mut holdings, 20);
                count(&mut holdings, total, &mut take, in_totals);
                assert_eq!(holdings.free(0), before, "{in_totals:?}");
                holdings.settle(take, result);
                assert_eq!(holdings.free(0), free, "{in_totals:?}, {result:?}");
            }
        }
    }
}
