//! `allot validate`: language, rules and headroom without a tenant.

use crate::cli::args::{TextOrJson, ValidateArgs};
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::door::Stopped;
use crate::cli::exit::{Exit, leave_behind};
use crate::model::finding::{Finding, Severity};
use crate::planning::headroom;
use crate::report::view::validate::ValidateView;
use crate::report::{json, text};

/// Checks, and says what could not be checked.
///
/// # Errors
///
/// Where there is no configuration, or it is not valid.
pub fn run(context: &Context, args: &ValidateArgs) -> Result<Exit, Stopped> {
    let configuration = Configuration::read(context)?;
    let desired = &configuration.desired;
    let date = context.date(desired, args.at);
    let mut findings = configuration.findings.clone();
    findings.extend(headroom::check_declared(desired, date));
    let environments = u64::try_from(desired.environments.len()).ok();
    let view = ValidateView::new(&findings, configuration.sources(), environments, &headroom::not_checkable(desired));
    match args.format {
        TextOrJson::Json => context.output.result(&json::json(&view))?,
        TextOrJson::Text => {
            context.output.findings(&findings, configuration.sources());
            context.output.result(&text::validate::validate(&view, &context.output.stdout_style()))?;
        }
    }
    let refused = |finding: &Finding| finding.is_error() || args.strict && finding.severity == Severity::Warning;
    let exit = if findings.iter().any(refused) { Exit::Refused } else { Exit::Fine };
    leave_behind(configuration);
    Ok(exit)
}
