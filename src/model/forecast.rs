//! The forecast of a pool, and the environments that hold its units.

use jiff::civil::Date;

use super::catalog::Pool;
use super::plan::pool::FuturePool;
use super::source::Span;
use super::terms::{EnvironmentKey, Units};

/// An environment that holds units of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The environment.
    pub environment: EnvironmentKey,
    /// The units that the environment holds on the date.
    pub units: Units,
    /// The units used, if they are known.
    pub consumed: Option<Units>,
    /// The unused units, if they are known.
    pub can_give_back: Option<Units>,
    /// The place of the amount.
    pub span: Option<Span>,
}

/// The forecast of a pool from a date on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolForecast {
    /// The pool.
    pub pool: Pool,
    /// The pool on the date and on each later day on which it changes.
    pub points: Vec<FuturePool>,
}

impl PoolForecast {
    /// The day for which to list who can give units back: the first day with a shortage, or the last day.
    pub fn pressing(&self) -> Option<Date> {
        let short = |point: &&FuturePool| point.owned.is_some_and(|owned| point.allocated > owned);
        self.points.iter().find(short).or(self.points.last()).map(|point| point.from)
    }
}
