//! `allot status`: a gauge for each add-on, and what needs attention.

use crate::cli::args::{StatusArgs, TextOrJson};
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::stopped::Stopped;
use crate::cli::tenant::{near_from, open};
use crate::model::observed::ObservedState;
use crate::planning::status;
use crate::report::view::status::{StatusFacts, StatusView};
use crate::report::{json, text};

/// Reads the tenant and shows how it stands.
///
/// # Errors
///
/// Where the configuration is not valid, or the tenant cannot be read.
pub fn run(context: &Context, args: &StatusArgs) -> Result<Exit, Stopped> {
    let (configuration, mut tenant) = open(context, &args.tenant)?;
    let observed = tenant.observe(context)?;
    let date = context.date(&configuration.desired, None);
    let status = status::status(&configuration.desired, &observed, date);
    match args.format {
        TextOrJson::Json => context.output.result(&json::json(&view(context, &configuration, &observed, &status)))?,
        TextOrJson::Text => {
            let view = view(context, &configuration, &observed, &status);
            context.output.result(&text::status::status(&view, &context.output.stdout_style()))?;
        }
    }
    Ok(Exit::Fine)
}

/// The gauges alone, as `apply` ends with.
pub fn gauges(context: &Context, configuration: &Configuration, observed: &ObservedState) -> String {
    let gauges = status::gauges(&configuration.desired, observed, context.date(&configuration.desired, None));
    let status = status::TenantStatus { gauges, attention: Vec::new() };
    let view = view(context, configuration, observed, &status);
    text::status::gauges(&view, &context.output.stdout_style())
}

fn view(
    context: &Context,
    configuration: &Configuration,
    observed: &ObservedState,
    status: &status::TenantStatus,
) -> StatusView {
    StatusView::new(&StatusFacts {
        tenant: &configuration.desired.tenant.name.value,
        provider: configuration.desired.tenant.provider(),
        date: context.date(&configuration.desired, None),
        read_at: observed.captured_at,
        environments: u64::try_from(observed.environments.len()).unwrap_or(u64::MAX),
        who_can_allocate: observed.who_can_allocate.known().copied(),
        gauges: &status.gauges,
        findings: &status.attention,
        sources: configuration.sources(),
        near_from: near_from(&configuration.desired),
    })
}
