//! `allot doctor`: how the tenant is reached, what may be read there, and what to do about what may not.

use clap::Args;

use crate::cli::args::formats::TextOrJson;
use crate::cli::args::tenant::TenantArgs;
use crate::cli::context::{Context, leak_at_exit};
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::workflow::doctor::doctor;
use crate::workflow::failure::Stopped;

/// `allot doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The format of the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Examines the tenant.
///
/// # Errors
///
/// The errors of [`doctor`]; also if stdout cannot be written to.
pub fn run(context: &Context, args: &DoctorArgs) -> Result<Ending, Stopped> {
    let answer = block_on(doctor(&context.ports, &args.tenant.options()))??;
    let ending = context.present(&answer, &args.format.formats())?;
    leak_at_exit(answer);
    Ok(ending)
}
