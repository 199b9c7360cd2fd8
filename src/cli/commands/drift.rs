//! `allot drift`: the tenant against the configuration, for scheduled runs.

use clap::Args;

use crate::cli::args::formats::TextOrJson;
use crate::cli::args::tenant::TenantArgs;
use crate::cli::context::{Context, leak_at_exit};
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::drift::drift;
use crate::workflow::failure::Stopped;

/// `allot drift`
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// The format of the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Compares.
///
/// # Errors
///
/// The errors of [`drift`]; also if stdout cannot be written to.
pub fn run(context: &Context, args: &DriftArgs) -> Result<Ending, Stopped> {
    let answer = block_on(drift(&context.ports, &args.tenant.options()))??;
    let ending = context.present(&answer, &args.format.formats())?;
    leak_at_exit(answer);
    Ok(ending)
}
