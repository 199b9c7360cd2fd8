//! The books of an apply: what each pool holds in the worst case.
//!
//! A write in flight may have taken effect or not. So what it takes is debited when it is sent, and what it gives back is
//! credited once it is confirmed; a write of which nobody knows stays as if in flight for ever. [`Holdings::claim`] is the
//! only way to debit, and it does so only where everything fits: whoever holds a [`Claim`] may send.

use crate::model::catalog::Pool;
use crate::model::terms::Units;

/// What a write does to what its environment holds of one pool: positive takes, negative gives back, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The number of the pool.
    pub pool: usize,
    /// Units after less units before.
    pub units: i128,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It took effect, and the tenant confirmed it.
    Confirmed,
    /// It did not; nothing changed.
    Failed,
    /// It may have taken effect or not.
    Unknown,
}

/// The right to send one write: its units are debited. Given back through [`Holdings::settle`], once.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Claim(Vec<Shift>);

/// What every pool holds in the worst case, and what it may hold at most.
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
    /// The books before anything is written: for each pool what it may hold at most, and what it holds. Pools are numbered
    /// in this order, from 0.
    pub fn new(pools: impl IntoIterator<Item = (Pool, Units, Units)>) -> Holdings {
        let account = |(pool, ceiling, held): (Pool, Units, Units)| Account {
            pool,
            ceiling: ceiling.get().into(),
            held: held.get().into(),
        };
        Holdings { accounts: pools.into_iter().map(account).collect() }
    }

    /// What may still be taken from a pool, whatever has become of the writes in flight. Negative where a pool holds more
    /// than it may; none in a pool that there is not.
    pub fn free(&self, pool: usize) -> i128 {
        self.accounts.get(pool).map_or(0, |account| account.ceiling - account.held)
    }

    /// Debits what a write takes; `None`, and nothing debited, where a pool has too little.
    pub fn claim(&mut self, shifts: &[Shift]) -> Option<Claim> {
        if shifts.iter().any(|shift| shift.units > 0 && shift.units > self.free(shift.pool)) {
            return None;
        }
        self.book(shifts.iter().filter(|shift| shift.units > 0).copied());
        Some(Claim(shifts.to_vec()))
    }

    /// Books what became of a write.
    pub fn settle(&mut self, claim: Claim, settled: Settled) {
        let Claim(shifts) = claim;
        match settled {
            Settled::Confirmed => self.book(shifts.into_iter().filter(|shift| shift.units < 0)),
            Settled::Failed => {
                let taken = shifts.into_iter().filter(|shift| shift.units > 0);
                self.book(taken.map(|shift| Shift { pool: shift.pool, units: -shift.units }));
            }
            Settled::Unknown => {}
        }
    }

    /// Units that turn out to be held besides all that the plan knew.
    pub fn also_held(&mut self, pool: &Pool, units: Units) {
        if let Some(account) = self.accounts.iter_mut().find(|account| account.pool == *pool) {
            account.held += i128::from(units.get());
        }
    }

    /// The most that a pool can hold now, whichever writes in flight have taken effect. None in a pool that the plan does
    /// not show.
    pub fn worst_case(&self, pool: &Pool) -> Units {
        let held = self.accounts.iter().find(|account| account.pool == *pool).map_or(0, |account| account.held);
        Units::new(u64::try_from(held.max(0)).unwrap_or(u64::MAX))
    }

    /// The pool with this number.
    pub fn pool(&self, number: usize) -> Option<&Pool> {
        self.accounts.get(number).map(|account| &account.pool)
    }

    /// How many pools there are.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there is no pool.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    fn book(&mut self, shifts: impl Iterator<Item = Shift>) {
        for shift in shifts {
            if let Some(account) = self.accounts.get_mut(shift.pool) {
                account.held += shift.units;
            }
        }
    }
}
