//! `allot man`: manual pages, from the same source as `--help`.

use anyhow::Context as _;
use clap::CommandFactory;

use crate::cli::args::{Cli, ManArgs};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::stopped::Stopped;

/// Prints the page of `allot`, or writes a page for every command.
///
/// # Errors
///
/// Where the folder cannot be written to.
pub fn run(context: &Context, args: &ManArgs) -> Result<Exit, Stopped> {
    match &args.out {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            context.output.result(&String::from_utf8_lossy(&page))?;
        }
        Some(folder) => {
            let folder = context.working_folder.join(folder);
            std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
            clap_mangen::generate_to(Cli::command(), &folder)
                .with_context(|| format!("the pages cannot be written to {}", folder.display()))?;
            context.output.chatter(&format!("wrote the pages into {}\n", folder.display()));
        }
    }
    Ok(Exit::Fine)
}
