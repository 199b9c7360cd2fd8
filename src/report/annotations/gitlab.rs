//! GitLab's code quality report.

use serde_json::{Value, json};

use super::fingerprint::fingerprint;
use super::{Annotated, told};
use crate::model::finding::Severity;
use crate::report::view::basics::FindingView;

/// The findings that have a line, as a JSON array. What has none has no place in this report, and stays in the log and the comment.
pub fn gitlab(annotated: &Annotated<'_>) -> String {
    let issue = |finding: &&FindingView| -> Option<Value> {
        let place = &finding.primary.as_ref()?.place;
        let severity = match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Hint => "info",
        };
        Some(json!({
            "description": format!("{}: {}", finding.code, told(finding)),
            "check_name": finding.code.to_string(),
            "fingerprint": fingerprint(finding, annotated),
            "severity": severity,
            "location": { "path": annotated.path(&place.file), "lines": { "begin": place.line } },
        }))
    };
    let issues: Vec<Value> = annotated.by_severity().iter().filter_map(issue).collect();
    format!("{:#}\n", Value::Array(issues))
}
