//! `allot schema`: the JSON Schemas that editors and `validate` use.

use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::files::shown::slashed;
use crate::model::ending::Ending;
use crate::workflow::failure::Stopped;
use crate::workflow::schema::{SchemaName, schema, write_schemas};

/// `allot schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The file whose schema to print
    #[arg(default_value = "root", value_name = "FILE")]
    pub name: SchemaName,
    /// Write both schemas into this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "name")]
    pub write: Option<PathBuf>,
}

/// Prints one schema, or writes all of them.
///
/// # Errors
///
/// The errors of [`write_schemas`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &SchemaArgs) -> Result<Ending, Stopped> {
    match &args.write {
        None => context.print(&schema(args.name))?,
        Some(folder) => {
            for path in write_schemas(&context.ports.working_folder, folder)? {
                context.output.chatter(&format!("wrote {}\n", slashed(&path)));
            }
        }
    }
    Ok(Ending::Fine)
}
