//! `allot validate`: language, rules and headroom without a tenant.

use crate::cli::args::ValidateArgs;
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, leave_behind};
use crate::cli::faces::{Answer, says_what_was_found};
use crate::cli::stopped::Stopped;
use crate::model::finding::{Finding, Severity};
use crate::planning::check::headroom;
use crate::planning::guard;
use crate::report::text;
use crate::report::view::validate::ValidateView;

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
    // Only a plan can be allowed to go below a floor, so without one it is a warning.
    let floors = guard::rules::floors(desired, date).into_iter();
    findings.extend(floors.map(|finding| Finding { severity: Severity::Warning, ..finding }));
    if args.strict {
        findings = findings.into_iter().map(guard::hardened).collect();
    }
    let environments = u64::try_from(desired.environments.len()).ok();
    let left_out = headroom::not_checkable(desired);
    let view = ValidateView::new("validate", &findings, configuration.sources(), environments, &left_out)
        .of_tenant(&desired.tenant.name.value, desired.tenant.provider());
    if !says_what_was_found(args.faces.format) {
        context.output.findings(&findings, configuration.sources());
    }
    let all_written = Answer::Validated(&view)
        .tell(context, &args.faces, |output| output.result(&text::validate::validate(&view, &output.stdout_style())))?;
    let exit = match findings.iter().any(Finding::is_error) {
        true => Exit::Refused,
        false if !all_written => Exit::Failed,
        false => Exit::Fine,
    };
    leave_behind(configuration);
    Ok(exit)
}
