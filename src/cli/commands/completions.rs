//! `allot completions`: what a shell needs to complete commands and flags.

use clap::{Args, Command};

use crate::cli::context::Context;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;

/// `allot completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Prints the script for one shell.
///
/// # Errors
///
/// If stdout cannot be written to.
pub fn run(context: &Context, args: &CompletionsArgs, command: &Command) -> Result<Ending, Stopped> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command.clone(), "allot", &mut script);
    context.print(&String::from_utf8_lossy(&script))?;
    Ok(Ending::Fine)
}
