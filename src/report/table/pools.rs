//! Pools as comma-separated values: a row for each pool of a status, and for each pool and date of a forecast.

use super::{Rows, collected};
use crate::report::safe::csv::cell;
use crate::report::view::forecast::{ForecastView, PoolForecastView};
use crate::report::view::pool::{FutureLevel, Level};
use crate::report::view::status::StatusView;

const STATUS: [&str; 14] = [
    "tenant",
    "provider",
    "date",
    "addOn",
    "owned",
    "reserve",
    "allocated",
    "free",
    "percent",
    "state",
    "consumed",
    "consumedAsOf",
    "environments",
    "unseen",
];

const FORECAST: [&str; 17] = [
    "tenant",
    "provider",
    "addOn",
    "from",
    "owned",
    "reserve",
    "allocated",
    "free",
    "percent",
    "state",
    "shortBy",
    "canGiveBack",
    "unknownHolders",
    "missing",
    "packs",
    "buyBy",
    "what",
];

/// The gauges.
pub(in crate::report) fn status(view: &StatusView) -> Result<String, csv::Error> {
    collected(&STATUS, |writer| {
        for gauge in &view.gauges {
            let tenant = (cell(&view.tenant), view.provider, view.date, &gauge.pool.slug);
            let used = (gauge.consumed.units, gauge.consumed.as_of.map(|at| at.to_string()));
            writer.serialize((tenant, level(&gauge.level), used, gauge.holders, gauge.unseen))?;
        }
        Ok(())
    })
}

/// The pools on every date.
pub(in crate::report) fn forecast(view: &ForecastView) -> Result<String, csv::Error> {
    collected(&FORECAST, |writer| {
        let mut rows = view.pools.iter().flat_map(|pool| pool.points.iter().map(move |point| (pool, point)));
        rows.try_for_each(|(pool, point)| dated(view, pool, point, writer))
    })
}

fn dated(view: &ForecastView, pool: &PoolForecastView, point: &FutureLevel, writer: &mut Rows) -> csv::Result<()> {
    let short = pool.shortages.iter().find(|shortage| shortage.from == point.from);
    let lacks = (
        short.map(|it| it.short_by),
        short.map(|it| it.can_give_back),
        short.map(|it| it.unknown_holders),
        short.map(|it| it.missing),
        short.and_then(|it| it.packs),
        short.map(|it| it.buy_by),
    );
    let pool_name = (cell(&view.tenant), view.provider, &pool.pool.slug, point.from);
    writer.serialize((pool_name, level(&point.level), lacks, cell(&pool.happens_on(point))))
}

fn level(level: &Level) -> impl serde::Serialize + use<> {
    (
        level.owned,
        level.reserve,
        level.allocated,
        level.free.and_then(|free| i64::try_from(free).ok()),
        level.percent,
        level.state,
    )
}
