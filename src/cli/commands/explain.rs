//! `allot explain`: what a code means, what an add-on is, why a cell has its value.

use clap::Args;
use jiff::civil::Date;

use crate::cli::args::day::parse_day;
use crate::cli::context::Context;
use crate::model::ending::Ending;
use crate::workflow::explain::explain;
use crate::workflow::failure::Stopped;

/// `allot explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A code (A201), an add-on (app-passes), or a cell (hr-prod/app-passes); without it, list all codes and add-ons
    #[arg(value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// The day to explain a cell for [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub at: Option<Date>,
}

/// Explains.
///
/// # Errors
///
/// The errors of [`explain`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &ExplainArgs) -> Result<Ending, Stopped> {
    let text = explain(&context.ports, args.subject.as_deref(), args.at)?;
    context.print(&text)?;
    Ok(Ending::Fine)
}
