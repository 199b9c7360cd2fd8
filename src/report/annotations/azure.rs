//! Logging commands of Azure DevOps: errors and warnings at their lines. Azure DevOps has no lower severity, so hints appear only in the log.

use std::fmt::Write as _;

use super::annotated::{Annotated, failure_text, finding_text};
use crate::model::finding::Severity;
use crate::report::safe::ci_log::{azure_data, azure_property};
use crate::report::safe::rendered::Rendered;

/// The findings as commands, one line each.
pub fn azure(annotated: &Annotated<'_>) -> Rendered {
    let mut text = String::new();
    if let Some(failure) = annotated.failure {
        let _ = writeln!(text, "##vso[task.logissue type=error;]{}", azure_data(&failure_text(failure)));
    }
    for finding in annotated.by_severity() {
        let kind = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => continue,
        };
        let place = finding.primary.as_ref().map_or_else(String::new, |label| {
            let (path, place) = (azure_property(&annotated.path(&label.place.file)), &label.place);
            format!("sourcepath={path};linenumber={};columnnumber={};", place.line, place.column)
        });
        let message = azure_data(&finding_text(finding));
        let _ = writeln!(text, "##vso[task.logissue type={kind};{place}code={};]{message}", finding.code);
    }
    Rendered::commands(&text)
}
