//! The pools over the months to come, and who could give back.

use jiff::civil::Date;
use serde::Serialize;

use super::basics::FORMAT_VERSION;
use super::pool::{FutureLevel, Level, PoolName, PoolState};
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::forecast::{Holder, PoolForecast};
use crate::model::source::{Place, Sources};
use crate::model::terms::{EnvironmentKey, Percent, Units};

/// An environment that holds units of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HolderView {
    /// What the configuration calls it.
    pub environment: EnvironmentKey,
    /// What it holds.
    pub units: Units,
    /// What it uses; `null` where unknown.
    pub consumed: Option<Units>,
    /// What it could do without; `null` where unknown.
    pub can_give_back: Option<Units>,
    /// Where its amount is declared.
    pub declared_at: Option<Place>,
}

impl HolderView {
    fn new(holder: &Holder, sources: &Sources) -> HolderView {
        HolderView {
            environment: holder.environment.clone(),
            units: holder.units,
            consumed: holder.consumed,
            can_give_back: holder.can_give_back,
            declared_at: holder.span.map(|span| sources.place(span)),
        }
    }
}

/// One pool over the months to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolForecastView {
    /// Which.
    pub pool: PoolName,
    /// The first day and every later one on which something changes.
    pub points: Vec<FutureLevel>,
    /// The first day on which units are missing; `null` where none is.
    pub short_from: Option<Date>,
    /// The most units that are missing on any of the days; 0 where none are.
    pub short_by: Units,
    /// Who holds its units, those who hold most first.
    pub holders: Vec<HolderView>,
}

/// What a forecast comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForecastVerdict {
    /// Every pool suffices on every day.
    Enough,
    /// Some pool falls short on some day.
    Short,
    /// No pool falls short, and of some it is unknown.
    Unknown,
}

/// The pools over the months to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForecastView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that asked: `forecast`.
    pub command: CommandName,
    /// What it comes to.
    pub verdict: ForecastVerdict,
    /// What the configuration calls the tenant.
    pub tenant: String,
    /// Where the tenant lives: the built-in one, or the service.
    pub provider: Provider,
    /// The first day.
    pub from: Date,
    /// The pools.
    pub pools: Vec<PoolForecastView>,
}

impl ForecastView {
    /// The pools from a day on, each with its holders, where a pool counts as nearly full from a share on.
    pub fn new(
        tenant: &str,
        provider: Provider,
        from: Date,
        pools: &[(PoolForecast, Vec<Holder>)],
        sources: &Sources,
        near_from: Percent,
    ) -> ForecastView {
        let pools: Vec<PoolForecastView> = pools
            .iter()
            .map(|(pool, holders)| {
                let holders = holders.iter().map(|holder| HolderView::new(holder, sources)).collect();
                pool_forecast(pool, holders, near_from)
            })
            .collect();
        let unknown = |point: &FutureLevel| point.level.state == PoolState::Unknown;
        let verdict = if pools.iter().any(|pool| pool.short_from.is_some()) {
            ForecastVerdict::Short
        } else if pools.iter().flat_map(|pool| &pool.points).any(unknown) {
            ForecastVerdict::Unknown
        } else {
            ForecastVerdict::Enough
        };
        ForecastView {
            format_version: FORMAT_VERSION,
            command: CommandName::Forecast,
            verdict,
            tenant: tenant.to_owned(),
            provider,
            from,
            pools,
        }
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
