//! A failure that does not fail its job: a warning in the log of a CI host.

use super::annotated::failure_text;
use crate::ci::host::Host;
use crate::model::command::CommandName;
use crate::report::safe::ci_log::{azure_data, github_data, github_property};
use crate::report::safe::rendered::Rendered;
use crate::report::view::failure::FailureView;

/// The failure of a command as a warning; empty for a host whose log has no warnings.
pub fn warning(host: Option<Host>, command: CommandName, failure: &FailureView) -> Rendered {
    let text = failure_text(failure);
    let command = match host {
        Some(Host::GitHub) => {
            let title = github_property(&format!("allot {command}"));
            format!("::warning title={title}::{}\n", github_data(&text))
        }
        Some(Host::AzureDevOps) => format!("##vso[task.logissue type=warning;]{}\n", azure_data(&text)),
        Some(Host::GitLab) | None => String::new(),
    };
    Rendered::commands(&command)
}
