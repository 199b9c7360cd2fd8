//! `allot status`: a gauge for each add-on, and what needs attention.

use clap::Args;

use crate::cli::args::formats::TextOrJson;
use crate::cli::args::tenant::TenantArgs;
use crate::cli::context::{Context, leak_at_exit};
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;
use crate::workflow::status::status;

/// `allot status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The format of the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Shows the gauges.
///
/// # Errors
///
/// The errors of [`status`]; also if stdout cannot be written to.
pub fn run(context: &Context, args: &StatusArgs) -> Result<Ending, Stopped> {
    let answer = block_on(status(&context.ports, &args.tenant.options()))??;
    let ending = context.present(&answer, &args.format.formats())?;
    leak_at_exit(answer);
    Ok(ending)
}
