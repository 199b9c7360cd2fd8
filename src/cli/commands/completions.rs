//! `allot completions`: what a shell needs to complete commands and flags.

use clap::CommandFactory;

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::stopped::Stopped;

/// Prints the script for one shell.
///
/// # Errors
///
/// Where stdout cannot be written to.
pub fn run(context: &Context, args: &CompletionsArgs) -> Result<Exit, Stopped> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "allot", &mut script);
    context.output.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}
