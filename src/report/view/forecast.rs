//! The pools over the months to come, and which environments could give units back.

use jiff::civil::Date;
use serde::Serialize;

use super::pool::{FutureLevel, Level, PoolName, PoolState};
use crate::model::desired::Provider;
use crate::model::forecast::{Holder, PoolForecast};
use crate::model::source::{Place, Sources};
use crate::model::terms::{EnvironmentKey, Percent, Units};

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
    /// The units that the environment could give back; `null` if unknown.
    pub can_give_back: Option<Units>,
    /// The place that declares the amount.
    pub declared_at: Option<Place>,
}

/// One pool over the months to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolForecastView {
    /// The pool.
    pub pool: PoolName,
    /// The level on the first day and on every later day on which something changes.
    pub points: Vec<FutureLevel>,
    /// The first day with a shortage; `null` if there is none.
    pub short_from: Option<Date>,
    /// The largest shortage of all days, in units; 0 if there is none.
    pub short_by: Units,
    /// The environments that hold units of the pool, largest holder first.
    pub holders: Vec<HolderView>,
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
    /// The pools.
    pub pools: Vec<PoolForecastView>,
}

impl ForecastView {
    /// The pools from the day `from` on, each with its holders. A pool counts as nearly full from `near_from` percent on.
    pub fn new(
        tenant: &str,
        provider: Provider,
        from: Date,
        pools: &[(PoolForecast, Vec<Holder>)],
        sources: &Sources,
        near_from: Percent,
    ) -> ForecastView {
        let holder = |holder: &Holder| HolderView {
            environment: holder.environment.clone(),
            units: holder.units,
            consumed: holder.consumed,
            can_give_back: holder.can_give_back,
            declared_at: holder.span.map(|span| sources.place(span)),
        };
        let pools = pools.iter().map(|(pool, all)| pool_forecast(pool, all.iter().map(holder).collect(), near_from));
        let pools: Vec<PoolForecastView> = pools.collect();
        let unknown = |point: &FutureLevel| point.level.state == PoolState::Unknown;
        let verdict = if pools.iter().any(|pool| pool.short_from.is_some()) {
            ForecastVerdict::Short
        } else if pools.iter().flat_map(|pool| &pool.points).any(unknown) {
            ForecastVerdict::Unknown
        } else {
            ForecastVerdict::Enough
        };
        ForecastView { verdict, tenant: tenant.to_owned(), provider, from, pools }
    }
}

fn pool_forecast(forecast: &PoolForecast, holders: Vec<HolderView>, near_from: Percent) -> PoolForecastView {
    let points: Vec<FutureLevel> = forecast.points.iter().map(|point| FutureLevel::new(point, near_from)).collect();
    let short = |level: &Level| match level.state {
        PoolState::Over | PoolState::IntoReserve => u64::try_from(-level.free.unwrap_or(0)).unwrap_or(u64::MAX),
        PoolState::Ok | PoolState::Near | PoolState::Unknown => 0,
    };
    PoolForecastView {
        pool: PoolName::new(&forecast.pool),
        short_from: points.iter().find(|point| short(&point.level) > 0).map(|point| point.from),
        short_by: Units::new(points.iter().map(|point| short(&point.level)).max().unwrap_or(0)),
        points,
        holders,
    }
}
