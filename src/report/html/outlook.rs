//! The months to come of each pool: a drawing, what starts and ends, shortages with what to do, who holds units, this month's use.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::chart::Chart;
use crate::model::desired::DesiredState;
use crate::model::forecast::PoolEvent;
use crate::report::marks;
use crate::report::number::number;
use crate::report::origin::Frame;
use crate::report::safe::html::{PlaceText, name};
use crate::report::view::forecast::{EventView, ForecastView, HolderView, MonthUseView, PoolForecastView};
use crate::report::view::plan::PlanView;
use crate::report::view::pool::{FutureLevel, PoolView};

/// A page shows at most this many holders of a pool, and at most this many shares that run out.
const MOST: usize = 50;

/// One pool.
#[derive(Default)]
pub(super) struct PoolOutlook {
    pub(super) name: String,
    pub(super) chart: Option<Chart>,
    /// What starts or ends on each later day on which the pool changes.
    pub(super) dates: Vec<(Date, String)>,
    pub(super) shortages: Vec<(String, String)>,
    /// Whether this month's units run out, and when.
    pub(super) month: Option<(bool, String)>,
    /// The shares that run out, each with its environment.
    pub(super) shares: Vec<(String, String)>,
    pub(super) more_shares: usize,
    pub(super) unknown_shares: u64,
    pub(super) holders: Vec<HolderRow>,
    pub(super) more_holders: usize,
}

/// An environment that holds units.
pub(super) struct HolderRow {
    pub(super) environment: String,
    pub(super) units: String,
    pub(super) used: String,
    pub(super) spare: String,
    pub(super) place: Option<PlaceText>,
}

/// Every pool of a forecast.
pub(super) fn all(view: &ForecastView, frame: &Frame<'_>) -> Vec<PoolOutlook> {
    view.pools.iter().map(|pool| one(pool, frame)).collect()
}

/// The pools of a plan that change on later days: the drawing, and what starts or ends. Those that the plan changes come first.
pub(super) fn planned(view: &PlanView, desired: &DesiredState) -> Vec<PoolOutlook> {
    let events: BTreeMap<String, Vec<EventView>> = PoolEvent::all(desired, view.date)
        .into_iter()
        .map(|(pool, events)| (pool.to_string(), events.iter().map(EventView::new).collect()))
        .collect();
    let mut changing: Vec<&PoolView> = view.pools.iter().filter(|pool| !pool.future.is_empty()).collect();
    changing.sort_by_key(|pool| pool.also_on_base == Some(true) || pool.before.allocated == pool.after.allocated);
    let outlook = |pool: &PoolView| {
        let events = events.get(&pool.pool.slug).map(Vec::as_slice).unwrap_or_default();
        let happens = |point: &FutureLevel| (point.from, name(&point.happens(events)).into_owned());
        let dates: Vec<(Date, String)> = pool.future.iter().map(happens).collect();
        let words: Vec<String> = dates.iter().map(|(_, words)| words.clone()).collect();
        let now = FutureLevel { from: view.date, level: pool.after };
        let levels: Vec<FutureLevel> = std::iter::once(now).chain(pool.future.iter().copied()).collect();
        PoolOutlook {
            name: name(&pool.pool.name).into_owned(),
            chart: Chart::new(&levels, &words),
            dates,
            ..PoolOutlook::default()
        }
    };
    changing.into_iter().map(outlook).collect()
}

fn one(pool: &PoolForecastView, frame: &Frame<'_>) -> PoolOutlook {
    let dates: Vec<(Date, String)> =
        pool.points.iter().skip(1).map(|point| (point.from, name(&pool.happens_on(point)).into_owned())).collect();
    let words: Vec<String> = dates.iter().map(|(_, words)| words.clone()).collect();
    let shown = |month: &MonthUseView| name(&month.words()).into_owned();
    let short = pool.month.as_ref().map(|month| month.short_shares()).unwrap_or_default();
    let is_short = pool.short_from.is_some();
    PoolOutlook {
        name: name(&pool.pool.name).into_owned(),
        chart: Chart::new(&pool.points, &words),
        dates,
        shortages: pool.shortages.iter().map(|period| (period.words(), period.remedy())).collect(),
        month: pool.month.as_ref().map(|month| (month.pool.is_short(), shown(&month.pool))),
        shares: short.iter().take(MOST).map(|share| (share.environment.to_string(), shown(&share.month))).collect(),
        more_shares: short.len().saturating_sub(MOST),
        unknown_shares: pool.month.as_ref().map_or(0, |month| month.unknown_shares()),
        holders: pool.holders.iter().filter(|_| is_short).take(MOST).map(|holder| row(holder, frame)).collect(),
        more_holders: if is_short { pool.holders.len().saturating_sub(MOST) } else { 0 },
    }
}

fn row(holder: &HolderView, frame: &Frame<'_>) -> HolderRow {
    HolderRow {
        environment: name(holder.environment.as_str()).into_owned(),
        units: number(holder.units),
        used: match (holder.consumed, holder.per_month) {
            (_, Some(month)) => format!("{} a month", number(month)),
            (used, None) => marks::or_unknown(used),
        },
        spare: marks::or_unknown(holder.can_give_back),
        place: holder.declared_at.as_ref().map(|place| PlaceText::new(place, frame)),
    }
}
