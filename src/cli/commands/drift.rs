//! `allot drift`: the tenant against the configuration, for scheduled runs.

use crate::cli::args::tenant::ReadArgs;
use crate::cli::context::Context;
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::drift::drift;
use crate::workflow::failure::Stopped;

/// Compares.
///
/// # Errors
///
/// The errors of [`drift`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &ReadArgs) -> Result<Ending, Stopped> {
    let answer = block_on(drift(&context.ports, &args.tenant.options()))??;
    context.finish(answer, &args.format.formats())
}
