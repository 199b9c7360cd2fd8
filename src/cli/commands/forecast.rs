//! `allot forecast`: the pools on every date at which something changes, and who could give back.

use crate::cli::args::{ForecastArgs, TextOrJson};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::stopped::Stopped;
use crate::cli::tenant::{near_from, open};
use crate::planning::forecast;
use crate::report::view::forecast::ForecastView;
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
    let pools = forecast::with_holders(desired, Some(&observed), from);
    let sources = configuration.sources();
    let tenant = &desired.tenant;
    let view = ForecastView::new(&tenant.name.value, tenant.provider(), from, &pools, sources, near_from(desired));
    match args.format {
        TextOrJson::Json => context.output.result(&json::json(&view))?,
        TextOrJson::Text => context.output.result(&text::forecast::forecast(&view, &context.output.stdout_style()))?,
    }
    Ok(Exit::Fine)
}
