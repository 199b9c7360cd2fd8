//! The pools over the months to come: every shortage, who could give units back, what to buy, and how long this month's units last.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::pool::{FutureLevel, PoolName, PoolState};
use crate::model::desired::Provider;
use crate::model::forecast::{EventCause, Holder, MonthUse, PoolEvent, PoolMonth, PoolOutlook, RunOut, ShortPeriod};
use crate::model::source::{Place, Sources};
use crate::model::terms::{EnvironmentKey, Percent, Units};
use crate::report::number::{count, number};

/// An environment that holds units of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HolderView {
    /// The environment's key in the configuration.
    pub environment: EnvironmentKey,
    /// The units that the environment holds.
    pub units: Units,
    /// The units that the environment uses; `null` if unknown.
    pub consumed: Option<Units>,
    /// The units that a whole month uses at the rate of the reading; `null` if unknown, or if the pool does not reset every month.
    pub per_month: Option<Units>,
    /// The units that the environment could give back; `null` if unknown.
    pub can_give_back: Option<Units>,
    /// The place that declares the amount.
    pub declared_at: Option<Place>,
}

/// A period in which a pool lacks units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShortageView {
    /// The first day.
    pub from: Date,
    /// The last day before the next change; `null` if no later change is known.
    pub until: Option<Date>,
    /// The missing units: what is allocated and reserved above what is owned.
    pub short_by: Units,
    /// Whether only the reserve is short.
    pub of_reserve: bool,
    /// The units that the holders whose use is known could give back.
    pub can_give_back: Units,
    /// The number of holders whose use is unknown.
    pub unknown_holders: u64,
    /// The units that are missing even if the units of `can_give_back` are given back.
    pub missing: Units,
    /// The packs that cover the missing units; `null` if the add-on is not sold in packs.
    pub packs: Option<u64>,
    /// The last day on which to buy.
    pub buy_by: Date,
}

impl ShortageView {
    /// The number and the dates.
    pub fn words(&self) -> String {
        let until = self.until.map_or_else(String::new, |until| format!(" until {until}"));
        let what = if self.of_reserve { "the reserve is " } else { "" };
        format!("{what}short by {} from {}{until}", number(self.short_by), self.from)
    }

    /// What the holders could give back, and what is missing even then.
    pub fn remedy(&self) -> String {
        let unknown = count(self.unknown_holders, "environment", "environments");
        let back = match (self.can_give_back.get(), self.unknown_holders) {
            (0, 0) => "nothing that is held can be given back".to_owned(),
            (0, _) => format!("the use of {unknown} is unknown, and so is what can be given back"),
            (_, 0) => format!("{} can be given back", number(self.can_give_back)),
            (..) => {
                let more = count(self.unknown_holders, "more environment", "more environments");
                format!("{} can be given back (the use of {more} is unknown)", number(self.can_give_back))
            }
        };
        if self.missing.is_zero() {
            return format!("{back}, which is enough");
        }
        let missing = if self.can_give_back.is_zero() {
            String::new()
        } else {
            format!(", and {} are missing even then", number(self.missing))
        };
        let buy = match self.packs {
            Some(packs) => count(packs, "pack", "packs"),
            None => number(self.missing),
        };
        format!("{back}{missing}: buy {buy} by {}", self.buy_by)
    }
}

/// What starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A purchase.
    Purchase,
    /// A grant to an environment.
    Grant,
}

/// Something that starts or ends on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    /// The first day on which it counts, or no longer counts.
    pub date: Date,
    /// What it is.
    pub kind: EventKind,
    /// Whether it starts; else it has ended.
    pub starts: bool,
    /// The units.
    pub units: Units,
    /// The environment of a grant.
    pub environment: Option<EnvironmentKey>,
    /// The agreement of a purchase.
    pub agreement: Option<String>,
}

impl EventView {
    /// A view of an event.
    pub fn new(event: &PoolEvent) -> EventView {
        let (kind, environment, agreement) = match &event.cause {
            EventCause::Purchase(agreement) => (EventKind::Purchase, None, agreement.clone()),
            EventCause::Grant(environment) => (EventKind::Grant, Some(environment.clone()), None),
        };
        EventView { date: event.date, kind, starts: event.starts, units: event.units, environment, agreement }
    }

    /// What starts or ends, in words.
    pub fn words(&self) -> String {
        let units = number(self.units);
        let verb = if self.starts { "starts" } else { "has ended" };
        match (&self.environment, &self.agreement) {
            (Some(environment), _) => format!("a grant of {units} to {environment} {verb}"),
            (None, Some(agreement)) => format!("a purchase of {units} ({agreement}) {verb}"),
            (None, None) => format!("a purchase of {units} {verb}"),
        }
    }
}

/// When units run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutState {
    /// They were used up on the day of the reading.
    UsedUp,
    /// They run out this month.
    RunsOut,
    /// They last until they are reset.
    Lasts,
    /// When they run out is unknown.
    Unknown,
}

/// How long the units of a month last at its rate. The rate is the units used since the first of the month, divided by
/// the days to the reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MonthUseView {
    /// The units for the month; `null` if unknown.
    pub units: Option<Units>,
    /// The units used since the first of the month; `null` if unknown.
    pub consumed: Option<Units>,
    /// The day of the reading.
    pub read_on: Option<Date>,
    /// When they run out.
    pub state: RunOutState,
    /// The day on which they run out, if that is in this month.
    pub runs_out_on: Option<Date>,
    /// The reason, if it is unknown when they run out.
    pub unknown: Option<String>,
}

impl MonthUseView {
    fn new(month: &MonthUse) -> MonthUseView {
        let MonthUse { units, consumed, read_on, runs_out } = month;
        let (state, runs_out_on, unknown) = match runs_out {
            RunOut::UsedUp => (RunOutState::UsedUp, None, None),
            RunOut::On(date) => (RunOutState::RunsOut, Some(*date), None),
            RunOut::Lasts => (RunOutState::Lasts, None, None),
            RunOut::Unknown(why) => (RunOutState::Unknown, None, Some(why.clone())),
        };
        MonthUseView { units: *units, consumed: *consumed, read_on: *read_on, state, runs_out_on, unknown }
    }

    /// Whether the units do not last.
    pub fn is_short(&self) -> bool {
        matches!(self.state, RunOutState::UsedUp | RunOutState::RunsOut)
    }

    /// What is used, and when it runs out.
    pub fn words(&self) -> String {
        let end = match (self.state, self.runs_out_on) {
            (RunOutState::RunsOut, Some(date)) => format!("runs out on {date} at this rate"),
            (RunOutState::UsedUp | RunOutState::RunsOut, _) => "used up".to_owned(),
            (RunOutState::Lasts, _) => "lasts until the end of the month at this rate".to_owned(),
            (RunOutState::Unknown, _) => {
                return format!("when it runs out is unknown: {}", self.unknown.as_deref().unwrap_or_default());
            }
        };
        let units = self.units.map_or_else(|| "unknown".to_owned(), number);
        let day = self.read_on.map_or_else(String::new, |day| format!(" by {day}"));
        format!("{} of {units} used{day}: {end}", number(self.consumed.unwrap_or_default()))
    }
}

/// The share of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareView {
    /// The environment's key in the configuration.
    pub environment: EnvironmentKey,
    /// How long its units last.
    #[serde(flatten)]
    pub month: MonthUseView,
}

/// This month's use of a pool that resets every month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolMonthView {
    /// The first day on which the use counts from zero again.
    pub resets_on: Date,
    /// The pool.
    pub pool: MonthUseView,
    /// The share of each environment, largest first.
    pub shares: Vec<ShareView>,
}

impl PoolMonthView {
    fn new(month: &PoolMonth) -> PoolMonthView {
        let share = |(environment, month): &(EnvironmentKey, MonthUse)| ShareView {
            environment: environment.clone(),
            month: MonthUseView::new(month),
        };
        PoolMonthView {
            resets_on: month.resets_on,
            pool: MonthUseView::new(&month.pool),
            shares: month.shares.iter().map(share).collect(),
        }
    }

    /// The shares that do not last, the first to run out first.
    pub fn short_shares(&self) -> Vec<&ShareView> {
        let mut short: Vec<&ShareView> = self.shares.iter().filter(|share| share.month.is_short()).collect();
        short.sort_by_key(|share| share.month.runs_out_on);
        short
    }

    /// The number of shares of which it is unknown how long they last. 0 if that is unknown of the pool as well.
    pub fn unknown_shares(&self) -> u64 {
        if self.pool.state == RunOutState::Unknown {
            return 0;
        }
        let unknown = self.shares.iter().filter(|share| share.month.state == RunOutState::Unknown).count();
        u64::try_from(unknown).unwrap_or(u64::MAX)
    }
}

/// One pool over the months to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolForecastView {
    /// The pool.
    pub pool: PoolName,
    /// The level on the first day and on every later day on which something changes.
    pub points: Vec<FutureLevel>,
    /// What starts and ends after the first day, by date.
    pub events: Vec<EventView>,
    /// The first day with a shortage; `null` if there is none.
    pub short_from: Option<Date>,
    /// The largest shortage of all days, in units; 0 if there is none.
    pub short_by: Units,
    /// Every shortage with its own dates and number.
    pub shortages: Vec<ShortageView>,
    /// The environments that hold units of the pool on the first day with a shortage, or on the last day if there is none; largest first.
    pub holders: Vec<HolderView>,
    /// This month's use; `null` if the pool does not reset every month.
    pub month: Option<PoolMonthView>,
}

impl PoolForecastView {
    /// What starts or ends on the day of a point, and how short the pool is from then on.
    pub fn happens_on(&self, point: &FutureLevel) -> String {
        point.happens(&self.events)
    }
}

impl FutureLevel {
    /// What starts or ends on this day, of the events of a pool, and how short the pool is from then on.
    pub fn happens(&self, events: &[EventView]) -> String {
        const MOST: usize = 4;
        let events: Vec<String> = events.iter().filter(|event| event.date == self.from).map(EventView::words).collect();
        let more = events.len().saturating_sub(MOST);
        let mut words = events.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
        if more > 0 {
            words.push_str(&format!(" and {} more", number(more)));
        }
        if let Some(free) = self.level.free.filter(|free| *free < 0) {
            words.push_str(&format!("; short by {}", number(free.unsigned_abs())));
        }
        words
    }
}

/// The result of a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForecastVerdict {
    /// No pool has a shortage on any day.
    Enough,
    /// At least one pool has a shortage on at least one day.
    Short,
    /// No shortage is known, but the level of at least one pool is unknown.
    Unknown,
}

/// The pools over the months to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForecastView {
    /// The result.
    pub verdict: ForecastVerdict,
    /// The tenant's name in the configuration.
    pub tenant: String,
    /// The built-in tenant, or the service.
    pub provider: Provider,
    /// The first day.
    pub from: Date,
    /// When the tenant was read.
    pub read_at: Timestamp,
    /// The pools.
    pub pools: Vec<PoolForecastView>,
}

impl ForecastView {
    /// The pools from the day `from` on. A pool counts as nearly full from `near_from` percent on.
    pub fn new(
        tenant: &str,
        provider: Provider,
        (from, read_at): (Date, Timestamp),
        pools: &[PoolOutlook],
        sources: &Sources,
        near_from: Percent,
    ) -> ForecastView {
        let pools: Vec<PoolForecastView> = pools.iter().map(|pool| pool_forecast(pool, sources, near_from)).collect();
        let unknown = |point: &FutureLevel| point.level.state == PoolState::Unknown;
        let verdict = if pools.iter().any(|pool| pool.short_from.is_some()) {
            ForecastVerdict::Short
        } else if pools.iter().flat_map(|pool| &pool.points).any(unknown) {
            ForecastVerdict::Unknown
        } else {
            ForecastVerdict::Enough
        };
        ForecastView { verdict, tenant: tenant.to_owned(), provider, from, read_at, pools }
    }
}

fn pool_forecast(outlook: &PoolOutlook, sources: &Sources, near_from: Percent) -> PoolForecastView {
    let PoolOutlook { forecast, holders, shortages, events, month } = outlook;
    let level = |point| FutureLevel::new(point, near_from);
    let holder = |holder: &Holder| HolderView {
        environment: holder.environment.clone(),
        units: holder.units,
        consumed: holder.consumed,
        per_month: holder.per_month,
        can_give_back: holder.can_give_back,
        declared_at: holder.span.map(|span| sources.place(span)),
    };
    PoolForecastView {
        pool: PoolName::new(&forecast.pool),
        points: forecast.points.iter().map(level).collect(),
        events: events.iter().map(EventView::new).collect(),
        short_from: shortages.first().map(|period| period.from),
        short_by: shortages.iter().map(|period| period.short).max().unwrap_or_default(),
        shortages: shortages.iter().map(shortage).collect(),
        holders: holders.iter().map(holder).collect(),
        month: month.as_ref().map(PoolMonthView::new),
    }
}

fn shortage(period: &ShortPeriod) -> ShortageView {
    ShortageView {
        from: period.from,
        until: period.until,
        short_by: period.short,
        of_reserve: period.of_reserve,
        can_give_back: period.can_give_back,
        unknown_holders: period.unknown_holders,
        missing: period.missing,
        packs: period.packs,
        buy_by: period.buy_by,
    }
}
