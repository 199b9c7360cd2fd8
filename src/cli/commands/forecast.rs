//! `allot forecast`: the pools on every date on which something changes, and who could give units back.

use clap::Args;
use jiff::civil::Date;

use crate::cli::args::day::parse_day;
use crate::cli::args::tenant::PoolsArgs;
use crate::cli::context::Context;
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;
use crate::workflow::forecast::forecast;

/// `allot forecast`
#[derive(Debug, Args)]
pub struct ForecastArgs {
    /// The first day [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub at: Option<Date>,
    /// The format and the tenant
    #[command(flatten)]
    pub read: PoolsArgs,
}

/// Forecasts.
///
/// # Errors
///
/// The errors of [`forecast`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &ForecastArgs) -> Result<Ending, Stopped> {
    let answer = block_on(forecast(&context.ports, &args.read.tenant.options(), args.at))??;
    context.finish(answer, &args.read.format.formats())
}
