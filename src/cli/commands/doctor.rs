//! `allot doctor`: how the tenant is reached, what this caller can read there, and how to get access to the rest.

use crate::cli::args::tenant::ReadArgs;
use crate::cli::context::Context;
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::doctor::doctor;
use crate::workflow::failure::Stopped;

/// Examines the tenant.
///
/// # Errors
///
/// The errors of [`doctor`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &ReadArgs) -> Result<Ending, Stopped> {
    let answer = block_on(doctor(&context.ports, &args.tenant.options()))??;
    context.finish(answer, &args.format.formats())
}
