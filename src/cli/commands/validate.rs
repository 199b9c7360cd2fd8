//! `allot validate`: syntax, names, rules and headroom without a tenant.

use clap::Args;
use jiff::civil::Date;

use crate::cli::args::day::parse_day;
use crate::cli::args::formats::FormatArgs;
use crate::cli::context::Context;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;
use crate::workflow::validate::validate;

/// `allot validate`
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// The first day [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub at: Option<Date>,
    /// Refuse on warnings too
    #[arg(long)]
    pub strict: bool,
    /// The formats
    #[command(flatten)]
    pub formats: FormatArgs,
}

/// Validates.
///
/// # Errors
///
/// The errors of [`validate`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &ValidateArgs) -> Result<Ending, Stopped> {
    let answer = validate(&context.ports, args.at, args.strict)?;
    context.finish(answer, &args.formats)
}
