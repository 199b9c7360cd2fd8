//! The books of a run: the units that each pool holds in the worst case.
//!
//! A write in flight may have taken effect or not. The books debit the units that a write takes when it is sent, and
//! credit those that it gives back when it is confirmed. A write with an unknown result stays in flight for the rest of the run.
//! [`Holdings::claim`] is the only way to debit, and succeeds only if everything fits; the owner of a [`Claim`] may send.

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

/// The right to send one write, whose units are debited. [`Holdings::settle`] takes the claim back, once.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Claim(Vec<Shift>);

/// The worst-case allocation and the ceiling of every pool.
#[derive(Clone, Debug)]
pub struct Holdings {
    accounts: Vec<Account>,
}

#[derive(Clone, Debug)]
struct Account {
    pool: Pool,
    ceiling: i128,
    held: i128,
}

impl Holdings {
    /// The books before the first write. Each pool comes with its ceiling and its allocation; pools are numbered from 0 in this order.
    pub fn new(pools: impl IntoIterator<Item = (Pool, Units, Units)>) -> Holdings {
        let account = |(pool, ceiling, held): (Pool, Units, Units)| Account {
            pool,
            ceiling: ceiling.get().into(),
            held: held.get().into(),
        };
        Holdings { accounts: pools.into_iter().map(account).collect() }
    }

    /// Units of a pool that are free whichever writes in flight take effect. Negative if over-allocated; zero if there is no such pool.
    pub fn free(&self, pool: usize) -> i128 {
        self.accounts.get(pool).map_or(0, |account| account.ceiling - account.held)
    }

    /// Debits the units that a write takes. Returns `None` and debits nothing if a pool is short of units.
    pub fn claim(&mut self, shifts: &[Shift]) -> Option<Claim> {
        if shifts.iter().any(|shift| shift.units > 0 && shift.units > self.free(shift.pool)) {
            return None;
        }
        self.book(shifts.iter().filter(|shift| shift.units > 0).copied());
        Some(Claim(shifts.to_vec()))
    }

    /// Books the result of a write.
    pub fn settle(&mut self, claim: Claim, result: WriteResult) {
        let Claim(shifts) = claim;
        match result {
            WriteResult::Confirmed => self.book(shifts.into_iter().filter(|shift| shift.units < 0)),
            WriteResult::Failed => {
                let taken = shifts.into_iter().filter(|shift| shift.units > 0);
                self.book(taken.map(|shift| Shift { pool: shift.pool, units: -shift.units }));
            }
            WriteResult::Unknown => {}
        }
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

    /// A pool with the units that it holds in the worst case.
    pub fn held(&self, number: usize) -> Option<(&Pool, i128)> {
        self.accounts.get(number).map(|account| (&account.pool, account.held))
    }

    /// The pool with this number.
    pub fn pool(&self, number: usize) -> Option<&Pool> {
        self.accounts.get(number).map(|account| &account.pool)
    }

    fn book(&mut self, shifts: impl Iterator<Item = Shift>) {
        for shift in shifts {
            if let Some(account) = self.accounts.get_mut(shift.pool) {
                account.held += shift.units;
            }
        }
    }
}
