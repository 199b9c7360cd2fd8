//! A gauge: one pool today, with what environments hold and use of it.

use super::catalog::Pool;
use super::observed::Reading;
use super::plan::pool::{FuturePool, Owned};
use super::terms::Units;

/// One pool of a tenant on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// Which.
    pub pool: Pool,
    /// What is owned.
    pub owned: Owned,
    /// What is kept back.
    pub reserve: Units,
    /// What environments hold, as far as it is known.
    pub allocated: Units,
    /// Environments of which it is unknown what they hold.
    pub unknown_environments: u64,
    /// Units that the tenant counts and no environment was seen to hold; `None` where nobody knows how many.
    pub unseen: Option<Units>,
    /// Environments that hold some.
    pub holders: u64,
    /// What is used.
    pub consumed: Reading<Units>,
    /// Later days on which something changes.
    pub future: Vec<FuturePool>,
}
