//! Writes a first configuration.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::failure::Advised;
use super::schema;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::manifest::starter;

/// What to write.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// The folder.
    pub folder: PathBuf,
    /// Whether to write a task for Visual Studio Code too. In a folder with a configuration, only the task is written.
    pub vscode: bool,
}

/// Writes the files of the starter into a folder, and reports each. If one of them exists, nothing is written. Also
/// writes the schemas that the first lines of these files name, so that an editor needs no network. A schema that
/// exists is kept.
///
/// # Errors
///
/// If one of the files exists, or cannot be written.
pub fn init(working_folder: &Path, options: &InitOptions, report: &mut dyn FnMut(&Path)) -> anyhow::Result<()> {
    let folder = options.folder.as_path();
    let place = working_folder.join(folder);
    let named = |name: &str| -> PathBuf { folder.join(name) };
    let exists = |(name, _): &&(&str, &str)| place.join(name).symlink_metadata().is_ok();
    let task = options.vscode.then_some(starter::VSCODE_TASK);
    let (found, help) = match starter::FILES.iter().find(exists) {
        Some(_) if options.vscode => {
            (task.iter().find(exists), "add a task that runs `allot watch --format gnu` there")
        }
        Some(file) => (Some(file), "name another folder, or edit what is there"),
        None => (task.iter().find(exists), "leave `--vscode` out, and add a task that runs `allot watch --format gnu`"),
    };
    if let Some((name, _)) = found {
        let message = format!("{} exists already, so nothing was written", slashed(&named(name)));
        return Err(Advised::error(message, help));
    }
    let starter = if starter::FILES.iter().any(|file| exists(&file)) { &[] } else { starter::FILES };
    let target =
        typed::folder(working_folder, folder).with_context(|| format!("{} cannot be created", slashed(&place)))?;
    let texts = starter.iter().chain(&task).map(|(name, text)| ((*name).to_owned(), Cow::Borrowed(*text)));
    let missing = schema::files().filter(|(name, _)| !starter.is_empty() && !place.join(name).exists());
    for (name, text) in texts.chain(missing) {
        let path = Path::new(&name);
        let written = target
            .subfolder(path.parent().unwrap_or(Path::new("")))
            .and_then(|parent| parent.create(Path::new(path.file_name().unwrap_or_default()), text.as_bytes()));
        match written {
            Ok(()) => report(&named(&name)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(Advised::error(
                    format!("another program created {} meanwhile", slashed(&place.join(&name))),
                    "check it, and run `allot init` in another folder",
                ));
            }
            Err(error) => {
                let context = format!("{} cannot be written", slashed(&place.join(&name)));
                return Err(anyhow::Error::new(error).context(context));
            }
        }
    }
    Ok(())
}
