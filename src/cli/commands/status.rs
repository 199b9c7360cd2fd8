//! `allot status`: a gauge for each add-on, and what needs attention.

use crate::cli::args::tenant::PoolsArgs;
use crate::cli::context::Context;
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;
use crate::workflow::status::status;

/// Shows the gauges.
///
/// # Errors
///
/// The errors of [`status`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &PoolsArgs) -> Result<Ending, Stopped> {
    let answer = block_on(status(&context.ports, &args.tenant.options()))??;
    context.finish(answer, &args.format.formats())
}
