//! The pools on every date on which something changes, and the environments that could give units back.

use jiff::civil::Date;

use super::failure::Stopped;
use super::planned::near_from;
use super::ports::{Ports, TenantOptions};
use super::tenant;
use crate::model::ending::Ending;
use crate::model::source::Sources;
use crate::planning::forecast::{self, Holder, PoolForecast};
use crate::report::answer::{Answer, Content};
use crate::report::view::forecast::{ForecastFacts, ForecastView, HolderView};

/// Forecasts from a day on; `None` is today in the tenant's time zone.
///
/// # Errors
///
/// If the configuration is invalid, or the tenant cannot be read.
pub async fn forecast(ports: &Ports, options: &TenantOptions, at: Option<Date>) -> Result<Answer, Stopped> {
    let (configuration, mut tenant) = tenant::open(ports, options)?;
    let desired = &configuration.desired;
    let from = ports.date(desired, at);
    let observed = tenant.observe(ports).await?;
    let forecast = forecast::forecast(desired, Some(&observed), from);
    let facts: Vec<ForecastFacts> = forecast
        .iter()
        .map(|pool| {
            let day = pool.pressing().unwrap_or(from);
            let holders = forecast::holders(desired, Some(&observed), &pool.pool, day);
            facts(pool, &holders, configuration.sources())
        })
        .collect();
    let (name, provider) = (&desired.tenant.name.value, desired.tenant.provider());
    let view = ForecastView::new(name, provider, from, &facts, near_from(desired));
    Ok(Answer {
        content: Content::Forecast(Box::new(view)),
        findings: Vec::new(),
        sources: configuration.into_sources(),
        ending: Ending::Fine,
    })
}

fn facts(pool: &PoolForecast, holders: &[Holder], sources: &Sources) -> ForecastFacts {
    let holder = |holder: &Holder| HolderView {
        environment: holder.environment.clone(),
        units: holder.units,
        consumed: holder.consumed,
        can_give_back: holder.can_give_back,
        declared_at: holder.span.map(|span| sources.place(span)),
    };
    ForecastFacts {
        pool: pool.pool.clone(),
        points: pool.points.clone(),
        holders: holders.iter().map(holder).collect(),
    }
}
