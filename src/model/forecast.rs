//! The forecast of a pool: its units on later dates, its shortages, the environments that hold its units, and the day
//! on which the units of this month run out.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::catalog::Pool;
use super::desired::DesiredState;
use super::plan::pool::FuturePool;
use super::source::Span;
use super::terms::{EnvironmentKey, Interval, Units};

/// A declared environment that is to hold units of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The environment.
    pub environment: EnvironmentKey,
    /// The declared units on the date.
    pub units: Units,
    /// The units used, if they are known.
    pub consumed: Option<Units>,
    /// The units used in a whole month at the rate of the reading, if the pool resets every month and the use is known.
    pub per_month: Option<Units>,
    /// The unused units, if they are known. If the pool resets every month: the units unused after a whole month at
    /// this rate.
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
        let short = |point: &&FuturePool| point.free().is_some_and(|free| free < 0);
        self.points.iter().find(short).or(self.points.last()).map(|point| point.from)
    }
}

/// A period in which a pool lacks the same number of units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortPeriod {
    /// The first day.
    pub from: Date,
    /// The last day, before the next change; `None` if no later change is known.
    pub until: Option<Date>,
    /// The units that are missing: `-free`.
    pub short: Units,
    /// Whether only the reserve is short.
    pub of_reserve: bool,
    /// The units that the holders could give back. Holders whose use is unknown count as zero.
    pub can_give_back: Units,
    /// The number of holders whose use is unknown.
    pub unknown_holders: u64,
    /// The units that are still missing after the holders give back all that they can.
    pub missing: Units,
    /// The packs that cover the missing units, if the add-on is sold in packs.
    pub packs: Option<u64>,
    /// The last day on which to buy: the day before the shortage, or its first day if that is the first day of the forecast.
    pub buy_by: Date,
}

/// Something that starts or ends in a pool on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolEvent {
    /// The first day on which it counts, or no longer counts.
    pub date: Date,
    /// Whether it starts on that day; else it has ended on the day before.
    pub starts: bool,
    /// The units.
    pub units: Units,
    /// What starts or ends.
    pub cause: EventCause,
}

/// What starts or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventCause {
    /// A purchase, with its agreement.
    Purchase(Option<String>),
    /// A grant to an environment.
    Grant(EnvironmentKey),
}

impl PoolEvent {
    /// What starts and ends in each pool after a date, by date; purchases before grants.
    pub fn all(desired: &DesiredState, from: Date) -> BTreeMap<Pool, Vec<PoolEvent>> {
        let mut all: BTreeMap<Pool, Vec<PoolEvent>> = BTreeMap::new();
        let mut add = |pool: Pool, Interval { from: start, until }: Interval, units: Units, cause: EventCause| {
            let end = until.and_then(|until| until.tomorrow().ok());
            let edges = [(start, true), (end, false)].into_iter().filter_map(|(date, starts)| Some((date?, starts)));
            for (date, starts) in edges.filter(|(date, _)| *date > from) {
                all.entry(pool.clone()).or_default().push(PoolEvent { date, starts, units, cause: cause.clone() });
            }
        };
        for (add_on, purchases) in &desired.purchased {
            for part in &purchases.parts {
                add(add_on.pool(), part.interval, part.units, EventCause::Purchase(part.agreement.clone()));
            }
        }
        for environment in desired.environments.values() {
            for (add_on, cell) in environment.managed().filter(|(_, cell)| cell.units.is_some()) {
                for grant in cell.grants() {
                    let cause = EventCause::Grant(environment.key.value.clone());
                    add(add_on.pool(), grant.interval, grant.add.value, cause);
                }
            }
        }
        all.values_mut().for_each(|events| events.sort_by_key(|event| event.date));
        all
    }
}

/// How long units that reset every month last at this month's rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthUse {
    /// The units for the month: all owned units of a pool, or the share of one environment. `None` if they are unknown.
    pub units: Option<Units>,
    /// The units used since the first of the month, if they are known.
    pub consumed: Option<Units>,
    /// The day of the reading.
    pub read_on: Option<Date>,
    /// When they run out.
    pub runs_out: RunOut,
}

/// When the units of a month run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunOut {
    /// They were used up on the day of the reading.
    UsedUp,
    /// On a day of this month.
    On(Date),
    /// Not before the units are reset.
    Lasts,
    /// It cannot be said, for this reason.
    Unknown(String),
}

/// The use of a pool that resets every month, and of each share of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolMonth {
    /// The first day on which the use counts from zero again.
    pub resets_on: Date,
    /// The pool.
    pub pool: MonthUse,
    /// The environments that hold units, largest first.
    pub shares: Vec<(EnvironmentKey, MonthUse)>,
}

/// Everything that is known about the months to come of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolOutlook {
    /// The pool on every date.
    pub forecast: PoolForecast,
    /// The environments that are to hold units on the [pressing](PoolForecast::pressing) day, largest first.
    pub holders: Vec<Holder>,
    /// Every shortage.
    pub shortages: Vec<ShortPeriod>,
    /// What starts and ends after the first day, by date.
    pub events: Vec<PoolEvent>,
    /// This month's use; `None` if the pool does not reset every month.
    pub month: Option<PoolMonth>,
}
