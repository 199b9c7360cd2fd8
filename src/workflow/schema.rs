//! The JSON Schemas that editors and `validate` use.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::files::shown::slashed;
use crate::files::typed;
use crate::manifest::schema;

/// The files that have a schema. `clap` takes their names and their help from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// allotment.yaml
    Root,
    /// Files that it includes
    Environments,
}

impl SchemaName {
    const fn file(self) -> &'static str {
        match self {
            SchemaName::Root => schema::ROOT_FILE,
            SchemaName::Environments => schema::ENVIRONMENTS_FILE,
        }
    }
}

/// The schemas as files below the folder of a root file: path and text.
pub(super) fn files() -> impl Iterator<Item = (String, Cow<'static, str>)> {
    let all = SchemaName::value_variants().iter().copied();
    all.map(|name| (format!("schemas/{}", name.file()), Cow::Owned(schema(name))))
}

/// The text of a schema.
pub fn schema(name: SchemaName) -> String {
    match name {
        SchemaName::Root => schema::root_text(),
        SchemaName::Environments => schema::environments_text(),
    }
}

/// Writes every schema into a folder, and returns the files.
///
/// # Errors
///
/// If the folder cannot be written to.
pub fn write_schemas(working_folder: &Path, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let target = typed::folder(working_folder, folder);
    let target = target.with_context(|| format!("{} cannot be created", slashed(folder)))?;
    let write = |name: SchemaName| {
        let path = working_folder.join(folder).join(name.file());
        let written = target.replace(Path::new(name.file()), schema(name).as_bytes());
        written.with_context(|| format!("{} cannot be written", slashed(&path)))?;
        Ok(path)
    };
    SchemaName::value_variants().iter().copied().map(write).collect()
}
