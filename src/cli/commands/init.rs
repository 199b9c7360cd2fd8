//! `allot init`: a first configuration, commented, that validates.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use anyhow::Context as _;

use crate::cli::args::InitArgs;
use crate::cli::context::Context;
use crate::cli::exit::{Advised, Exit};
use crate::cli::stopped::Stopped;
use crate::manifest::starter;

/// Writes the files of the starter. A file that is there already stays as it is, and nothing else is written then.
///
/// # Errors
///
/// Where one of the files exists, or cannot be written.
pub fn run(context: &Context, args: &InitArgs) -> Result<Exit, Stopped> {
    let folder = context.working_folder.join(&args.folder);
    let files = starter::FILES;
    if let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).exists()) {
        return Err(Advised::error(
            format!("{} is there already, so nothing was written", args.folder.join(name).display()),
            "name another folder, or edit what is there",
        )
        .into());
    }
    for (name, text) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("{} cannot be created", parent.display()))?;
        }
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        match written {
            Ok(()) => context.output.chatter(&format!("wrote {}\n", args.folder.join(name).display())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(Advised::error(
                    format!("{} appeared meanwhile", path.display()),
                    "look at it, then run `allot init` elsewhere",
                )
                .into());
            }
            Err(error) => {
                return Err(anyhow::Error::new(error).context(format!("{} cannot be written", path.display())).into());
            }
        }
    }
    context
        .output
        .chatter("\nNext: `allot plan` shows what would change, `allot apply` changes it on the built-in tenant.\n");
    Ok(Exit::Fine)
}
