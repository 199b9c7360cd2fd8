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

/// Writes the files of the starter into a folder, and reports each. If one of them exists, nothing is written. Also
/// writes the schemas that the first lines of these files name, so that an editor needs no network. A schema that
/// exists is kept.
///
/// # Errors
///
/// If one of the files exists, or cannot be written.
pub fn init(working_folder: &Path, folder: &Path, report: &mut dyn FnMut(&Path)) -> anyhow::Result<()> {
    let place = working_folder.join(folder);
    let named = |name: &str| -> PathBuf { folder.join(name) };
    if let Some((name, _)) = starter::FILES.iter().find(|(name, _)| place.join(name).symlink_metadata().is_ok()) {
        return Err(Advised::error(
            format!("{} exists already, so nothing was written", slashed(&named(name))),
            "name another folder, or edit what is there",
        ));
    }
    let target =
        typed::folder(working_folder, folder).with_context(|| format!("{} cannot be created", slashed(&place)))?;
    let texts = starter::FILES.iter().map(|(name, text)| ((*name).to_owned(), Cow::Borrowed(*text)));
    let missing = schema::files().filter(|(name, _)| !place.join(name).exists());
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
