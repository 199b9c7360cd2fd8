//! A forecast: one pool over the days to come, and the environments that hold its units.

use jiff::civil::Date;

use super::catalog::Pool;
use super::plan::pool::FuturePool;
use super::source::Span;
use super::terms::{EnvironmentKey, Units};

/// An environment that holds units of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Which.
    pub environment: EnvironmentKey,
    /// The units it holds on the date.
    pub units: Units,
    /// What it uses, where that is known.
    pub consumed: Option<Units>,
    /// What it holds and does not use, where that is known.
    pub can_give_back: Option<Units>,
    /// Where its amount is declared.
    pub span: Option<Span>,
}

/// A pool from a date on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolForecast {
    /// Which.
    pub pool: Pool,
    /// How it stands on the date, and on each later day on which it changes.
    pub points: Vec<FuturePool>,
}

impl PoolForecast {
    /// The day on which to ask who could give back: the first on which units are missing, or else the last.
    pub fn pressing(&self) -> Option<Date> {
        let short = |point: &&FuturePool| point.owned.is_some_and(|owned| point.allocated > owned);
        self.points.iter().find(short).or(self.points.last()).map(|point| point.from)
    }
}
