//! `allot man`: manual pages, from the same source as `--help`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Command};

use crate::cli::context::Context;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;

/// `allot man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write one page for every command into this folder
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// Prints the page of `allot`, or writes a page for every command.
///
/// # Errors
///
/// If the folder cannot be written to.
pub fn run(context: &Context, args: &ManArgs, command: &Command) -> Result<Ending, Stopped> {
    match &args.out {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command.clone()).render(&mut page)?;
            context.print(&String::from_utf8_lossy(&page))?;
        }
        Some(folder) => {
            let shown = context.ports.working_folder.join(folder);
            let unwritable = || format!("the pages cannot be written to {}", slashed(&shown));
            // `clap_mangen` follows symbolic links, so it writes to a temporary folder first.
            let pages = tempfile::tempdir().with_context(unwritable)?;
            clap_mangen::generate_to(command.clone(), &pages).with_context(unwritable)?;
            let written = typed::folder(&context.ports.working_folder, folder).with_context(unwritable)?;
            for page in std::fs::read_dir(&pages).with_context(unwritable)? {
                let page = page.with_context(unwritable)?;
                let bytes = std::fs::read(page.path()).with_context(unwritable)?;
                written.replace(Path::new(&page.file_name()), &bytes).with_context(unwritable)?;
            }
            context.output.chatter(&format!("wrote the pages into {}\n", slashed(&shown)));
        }
    }
    Ok(Ending::Fine)
}
