//! `allot forecast`: the pools on every date on which something changes, and who could give back.

use clap::Args;
use jiff::civil::Date;

use crate::cli::args::formats::TextOrJson;
use crate::cli::args::tenant::TenantArgs;
use crate::cli::context::{Context, leak_at_exit};
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;
use crate::workflow::forecast::forecast;

/// `allot forecast`
#[derive(Debug, Args)]
pub struct ForecastArgs {
    /// The first day [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE")]
    pub at: Option<Date>,
    /// The format of the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Forecasts.
///
/// # Errors
///
/// The errors of [`forecast`]; also if stdout cannot be written to.
pub fn run(context: &Context, args: &ForecastArgs) -> Result<Ending, Stopped> {
    let answer = block_on(forecast(&context.ports, &args.tenant.options(), args.at))??;
    let ending = context.present(&answer, &args.format.formats())?;
    leak_at_exit(answer);
    Ok(ending)
}
