//! Checks the configuration without a tenant: syntax, names, rules and headroom.

use jiff::civil::Date;

use super::configuration::Configuration;
use super::failure::Stopped;
use super::ports::Ports;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::finding::{Finding, Severity};
use crate::planning::check::headroom;
use crate::planning::guard;
use crate::report::answer::{Answer, Content};
use crate::report::view::validate::ValidateView;

/// Checks from a day on, and lists what could not be checked; `None` is today in the tenant's time zone. If `strict`, warnings
/// refuse too.
///
/// # Errors
///
/// If there is no configuration, or it is invalid.
pub fn validate(ports: &Ports, at: Option<Date>, strict: bool) -> Result<Answer, Stopped> {
    let configuration = Configuration::read(ports)?;
    let desired = &configuration.desired;
    let date = ports.date(desired, at);
    let mut findings = configuration.findings.clone();
    // `validate` has no `--allow`, so only the exceptions in the files count. The advice about the flag is removed.
    let declared = guard::entries::apply(desired, date, headroom::check_declared(desired, date));
    findings.extend(declared.into_iter().map(|finding| Finding { allowance: None, ..finding }));
    // `--allow` can permit an amount below its floor, but only for a plan, so here the finding is a warning.
    let floors = guard::entries::apply(desired, date, guard::rules::floors(desired, date));
    findings.extend(floors.into_iter().map(|finding| Finding { severity: Severity::Warning, ..finding }));
    findings.extend(guard::entries::over(desired, date));
    if strict {
        findings = findings.into_iter().map(guard::deny_warnings).collect();
    }
    let environments = u64::try_from(desired.environments.len()).ok();
    let left_out = headroom::not_checkable(desired);
    let view = ValidateView {
        tenant: Some(desired.tenant.name.value.clone()),
        provider: Some(desired.tenant.provider()),
        ..ValidateView::new(&findings, configuration.sources(), environments, &left_out)
    };
    let ending = if findings.iter().any(Finding::is_error) { Ending::Refused } else { Ending::Fine };
    Ok(Answer {
        command: CommandName::Validate,
        content: Content::Validated(Box::new(view)),
        findings,
        sources: configuration.into_sources(),
        ending,
    })
}
