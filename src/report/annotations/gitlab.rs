//! GitLab's code quality report.

use serde_json::{Value, json};

use super::annotated::{Annotated, failure_text, finding_text};
use super::fingerprint::{fingerprints, of_failure};
use crate::model::finding::Severity;
use crate::report::safe::rendered::Rendered;
use crate::report::view::basics::FindingView;

/// The findings as a JSON array. A finding without a place gets the first line of the root file.
pub fn gitlab(annotated: &Annotated<'_>) -> Rendered {
    let findings = annotated.by_severity();
    let prints = fingerprints(&findings, annotated);
    let issue = |(finding, print): (&&FindingView, &String)| {
        let severity = match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Hint => "info",
        };
        let place = finding.primary.as_ref().map(|label| (annotated.path(&label.place.file), label.place.line));
        let (path, line) = place.unwrap_or_else(|| (annotated.frame.origin.root_file.clone(), 1));
        json!({
            "description": format!("{}: {}", finding.code, finding_text(finding)),
            "check_name": finding.code.to_string(),
            "fingerprint": print,
            "severity": severity,
            "location": { "path": path, "lines": { "begin": line } },
        })
    };
    // GitLab takes an empty report to mean that all earlier findings are fixed, so a failure is an entry too.
    let failure = annotated.failure.map(|failure| {
        json!({
            "description": format!("allot {} failed: {}", annotated.frame.command, failure_text(failure)),
            "check_name": "failed",
            "fingerprint": of_failure(annotated),
            "severity": "blocker",
            "location": { "path": annotated.frame.origin.root_file, "lines": { "begin": 1 } },
        })
    });
    let issues: Vec<Value> = failure.into_iter().chain(findings.iter().zip(&prints).map(issue)).collect();
    Rendered::json(&format!("{:#}\n", Value::Array(issues)))
}
