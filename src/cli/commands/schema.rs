//! `allot schema`: the JSON Schemas that editors and `validate` use.

use std::path::Path;

use anyhow::Context as _;

use crate::cli::args::{SchemaArgs, SchemaName};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::stopped::Stopped;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::manifest::schema;

/// Prints one schema, or writes both.
///
/// # Errors
///
/// Where the folder cannot be written to.
pub fn run(context: &Context, args: &SchemaArgs) -> Result<Exit, Stopped> {
    let Some(folder) = &args.write else {
        let text = match args.name {
            SchemaName::Root => schema::root_text(),
            SchemaName::Environments => schema::environments_text(),
        };
        context.output.result(&text)?;
        return Ok(Exit::Fine);
    };
    let written = typed::folder(&context.working_folder, folder);
    let written = written.with_context(|| format!("{} cannot be created", folder.display()))?;
    for (name, text) in
        [(schema::ROOT_FILE, schema::root_text()), (schema::ENVIRONMENTS_FILE, schema::environments_text())]
    {
        let path = context.working_folder.join(folder).join(name);
        written
            .replace(Path::new(name), text.as_bytes())
            .with_context(|| format!("{} cannot be written", path.display()))?;
        context.output.chatter(&format!("wrote {}\n", slashed(&path)));
    }
    Ok(Exit::Fine)
}
