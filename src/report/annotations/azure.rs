//! Azure DevOps' logging commands: errors and warnings at their lines. There is nothing below a warning, so hints stay in the log.

use std::fmt::Write as _;

use super::annotated::{Annotated, told, told_failure};
use crate::model::finding::Severity;
use crate::report::safe::ci_log::{azure_data, azure_property};

/// The findings as commands, one line each.
pub fn azure(annotated: &Annotated<'_>) -> String {
    let mut text = String::new();
    if let Some(failure) = annotated.failure {
        let _ = writeln!(text, "##vso[task.logissue type=error;]{}", azure_data(&told_failure(failure)));
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
        let told = azure_data(&told(finding));
        let _ = writeln!(text, "##vso[task.logissue type={kind};{place}code={};]{told}", finding.code);
    }
    text
}
