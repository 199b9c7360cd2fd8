//! `allot status`: a gauge for each pool, and what needs attention.

use clap::Args;

use crate::cli::args::tenant::PoolsArgs;
use crate::cli::context::Context;
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::report::view::breakdown::BreakdownBy;
use crate::workflow::failure::Stopped;
use crate::workflow::status::status;

/// `allot status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Show what is declared, observed and consumed, with owner, cost center and agreement, instead of the pools. For a budget,
    /// also show the limit and how many units of the limit are not declared. Consumption is read for the 200 largest amounts
    /// at most, and is unknown otherwise
    #[arg(long, value_name = "WHAT")]
    pub by: Option<BreakdownBy>,
    /// The format and the tenant
    #[command(flatten)]
    pub read: PoolsArgs,
}

/// Shows the gauges, or a table.
///
/// # Errors
///
/// The errors of [`status`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &StatusArgs) -> Result<Ending, Stopped> {
    let answer = block_on(status(&context.ports, &args.read.tenant.options(), args.by))??;
    context.finish(answer, &args.read.format.formats())
}
