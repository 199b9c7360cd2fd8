//! `allot init`: a first configuration, commented, that validates.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::args::InitArgs;
use crate::cli::context::Context;
use crate::cli::exit::{Advised, Exit};
use crate::cli::stopped::Stopped;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::manifest::starter;

/// Writes the files of the starter. A file that is there already stays as it is, and nothing else is written then.
///
/// # Errors
///
/// Where one of the files exists, or cannot be written.
pub fn run(context: &Context, args: &InitArgs) -> Result<Exit, Stopped> {
    let folder = context.working_folder.join(&args.folder);
    let files = starter::FILES;
    if let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).symlink_metadata().is_ok()) {
        return Err(Advised::error(
            format!("{} is there already, so nothing was written", slashed(&args.folder.join(name))),
            "name another folder, or edit what is there",
        )
        .into());
    }
    let target = typed::folder(&context.working_folder, &args.folder)
        .with_context(|| format!("{} cannot be created", slashed(&folder)))?;
    for (name, text) in files {
        let path = Path::new(name);
        let written = target
            .subfolder(path.parent().unwrap_or(Path::new("")))
            .and_then(|parent| parent.create(Path::new(path.file_name().unwrap_or_default()), text.as_bytes()));
        match written {
            Ok(()) => context.output.chatter(&format!("wrote {}\n", slashed(&args.folder.join(name)))),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(Advised::error(
                    format!("{} appeared meanwhile", slashed(&folder.join(name))),
                    "look at it, then run `allot init` elsewhere",
                )
                .into());
            }
            Err(error) => {
                let context = format!("{} cannot be written", slashed(&folder.join(name)));
                return Err(anyhow::Error::new(error).context(context).into());
            }
        }
    }
    context
        .output
        .chatter("\nNext: `allot plan` shows what would change, `allot apply` changes it on the built-in tenant.\n");
    Ok(Exit::Fine)
}
