//! `allot man`: manual pages, from the same source as `--help`.

use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory;

use crate::cli::args::{Cli, ManArgs};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::stopped::Stopped;
use crate::files::typed;

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
            let shown = context.working_folder.join(folder);
            let unwritable = || format!("the pages cannot be written to {}", shown.display());
            // The library follows links, so it writes to a folder of ours.
            let pages = tempfile::tempdir().with_context(unwritable)?;
            clap_mangen::generate_to(Cli::command(), &pages).with_context(unwritable)?;
            let written = typed::folder(&context.working_folder, folder).with_context(unwritable)?;
            for page in std::fs::read_dir(&pages).with_context(unwritable)? {
                let page = page.with_context(unwritable)?;
                let bytes = std::fs::read(page.path()).with_context(unwritable)?;
                written.replace(Path::new(&page.file_name()), &bytes).with_context(unwritable)?;
            }
            context.output.chatter(&format!("wrote the pages into {}\n", shown.display()));
        }
    }
    Ok(Exit::Fine)
}
