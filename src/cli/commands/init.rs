//! `allot init`: a first configuration, commented, that validates.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::context::Context;
use crate::files::shown::slashed;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;
use crate::workflow::init::{InitOptions, init};

/// `allot init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to write to
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Also write a task for Visual Studio Code, which marks what `allot watch` finds; in a folder with a configuration, only the task
    #[arg(long)]
    pub vscode: bool,
}

/// Writes the starter.
///
/// # Errors
///
/// The errors of [`init`].
pub fn run(context: &Context, args: &InitArgs) -> Result<Ending, Stopped> {
    let mut report = |file: &Path| context.output.chatter(&format!("wrote {}\n", slashed(file)));
    let options = InitOptions { folder: args.folder.clone(), vscode: args.vscode };
    init(&context.ports.working_folder, &options, &mut report)?;
    let next = "\nNext: `allot plan` shows what would change, `allot apply` changes it on the built-in tenant.\n";
    context.output.chatter(next);
    Ok(Ending::Fine)
}
