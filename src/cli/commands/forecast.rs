//! `allot forecast`: the pools on every date at which something changes, and who could give back.

use crate::cli::args::{ForecastArgs, TextOrJson};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::stopped::Stopped;
use crate::cli::tenant::{near_from, open};
use crate::planning::forecast::{self, Holder, PoolForecast};
use crate::report::view::forecast::{ForecastFacts, ForecastView, HolderView};
use crate::report::{json, text};

/// Shows what is ahead.
///
/// # Errors
///
/// Where the configuration is not valid, or the tenant cannot be read.
pub fn run(context: &Context, args: &ForecastArgs) -> Result<Exit, Stopped> {
    let (configuration, mut tenant) = open(context, &args.tenant)?;
    let desired = &configuration.desired;
    let from = context.date(desired, args.at);
    let observed = tenant.observe(context)?;
    let forecast = forecast::forecast(desired, Some(&observed), from);
    let facts: Vec<ForecastFacts> = forecast
        .iter()
        .map(|pool| {
            let day = pool.pressing().unwrap_or(from);
            let holders = forecast::holders(desired, Some(&observed), &pool.pool, day);
            facts(pool, &holders, configuration.sources())
        })
        .collect();
    let tenant = &desired.tenant;
    let view = ForecastView::new(&tenant.name.value, tenant.provider(), from, &facts, near_from(desired));
    match args.format {
        TextOrJson::Json => context.output.result(&json::json(&view))?,
        TextOrJson::Text => context.output.result(&text::forecast::forecast(&view, &context.output.stdout_style()))?,
    }
    Ok(Exit::Fine)
}

fn facts(pool: &PoolForecast, holders: &[Holder], sources: &crate::model::source::Sources) -> ForecastFacts {
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
