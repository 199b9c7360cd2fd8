//! `allot drift`: the tenant against the configuration, for scheduled runs.

use crate::cli::args::{DriftArgs, TextOrJson};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::stopped::Stopped;
use crate::cli::tenant::{self, Planned, Scope};
use crate::report::view::validate::DriftView;
use crate::report::{json, text};

/// Compares. Exit 2 where they differ, also where closing the difference would be refused.
///
/// # Errors
///
/// Where the configuration is not valid, or the tenant cannot be read.
pub fn run(context: &Context, args: &DriftArgs) -> Result<Exit, Stopped> {
    let (configuration, mut tenant) = tenant::open(context, &args.tenant)?;
    let date = context.date(&configuration.desired, None);
    let planned = Planned::make(context, &configuration, &mut tenant, &Scope::everything(date))?;
    let findings = planned.findings(&configuration);
    let view = DriftView::new(planned.draft(), &findings, configuration.sources());
    match args.format {
        TextOrJson::Json => context.output.result(&json::json(&view))?,
        TextOrJson::Text => {
            context.output.findings(&findings, configuration.sources());
            context.output.result(&text::drift::drift(&view, &context.output.stdout_style()))?;
        }
    }
    Ok(if planned.draft().is_empty() { Exit::Fine } else { Exit::Changes })
}
