//! Workflow commands of GitHub. GitHub shows ten for each step and silently drops the rest; so if there are more, the tenth counts
//! the findings that are left out.

use std::fmt::Write as _;

use super::annotated::{Annotated, failure_text, finding_text};
use crate::model::finding::Severity;
use crate::report::number::count;
use crate::report::safe::ci_log::{github_data, github_property};
use crate::report::safe::rendered::Rendered;
use crate::report::view::basics::FindingView;

/// The number of annotations that GitHub shows for one step.
const MOST: usize = 10;

/// The findings as commands, one line each.
pub fn github(annotated: &Annotated<'_>) -> Rendered {
    let findings = annotated.by_severity();
    let unlisted = annotated.frame.more.total();
    let shown = if findings.len() > MOST { MOST - 1 } else { findings.len() };
    let mut text = String::new();
    if let Some(failure) = annotated.failure {
        let title = github_property(&format!("allot {} failed", annotated.frame.command));
        let _ = writeln!(text, "::error title={title}::{}", github_data(&failure_text(failure)));
    }
    for finding in findings.iter().take(shown) {
        text.push_str(&one(finding, annotated));
    }
    let rest = findings.get(shown..).unwrap_or_default();
    if let Some(worst) = rest.first() {
        let more = count(rest.len() as u64 + unlisted, "more finding", "more findings");
        let shown = if unlisted == 0 { "show all" } else { "show the first of them" };
        let message = github_data(&format!("and {more}; the log and the comment {shown}"));
        let _ = writeln!(text, "::{}::{message}", kind(worst.severity));
    }
    Rendered::commands(&text)
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "notice",
    }
}

fn one(finding: &FindingView, annotated: &Annotated<'_>) -> String {
    let title = github_property(&format!("{} {}", finding.code, finding.title));
    let place = finding.primary.as_ref().map_or_else(String::new, |label| {
        let place = &label.place;
        format!("file={},line={},col={},", github_property(&annotated.path(&place.file)), place.line, place.column)
    });
    format!("::{} {place}title={title}::{}\n", kind(finding.severity), github_data(&finding_text(finding)))
}
