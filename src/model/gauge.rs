//! The state of a pool on a day, which a gauge shows.

use super::catalog::Pool;
use super::observed::Reading;
use super::plan::pool::{FuturePool, Owned};
use super::terms::Units;

/// The state of one pool of a tenant on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// The pool.
    pub pool: Pool,
    /// The units owned.
    pub owned: Owned,
    /// The units that no plan may allocate.
    pub reserve: Units,
    /// The units that environments hold, as far as they are known.
    pub allocated: Units,
    /// The number of environments whose units are unknown.
    pub unknown_environments: u64,
    /// Units that the tenant counts as allocated and that no document shows; `None` if unknown.
    pub unseen: Option<Units>,
    /// The number of environments that hold units of the pool.
    pub holders: u64,
    /// The units used.
    pub consumed: Reading<Units>,
    /// The later days on which the pool changes.
    pub future: Vec<FuturePool>,
}
