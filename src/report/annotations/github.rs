//! GitHub's workflow commands. A step may have ten, and those past them are dropped without a word; so nine are written, and the tenth
//! says how many there are.

use std::fmt::Write as _;

use super::annotated::{Annotated, told, told_failure};
use crate::model::finding::Severity;
use crate::report::clean::clean_lines;
use crate::report::number::count;
use crate::report::view::basics::FindingView;

/// GitHub shows no more of one step.
const MOST: usize = 10;

/// The findings as commands, one line each.
pub fn github(annotated: &Annotated<'_>) -> String {
    let findings = annotated.by_severity();
    let shown = if findings.len() > MOST { MOST - 1 } else { findings.len() };
    let mut text = String::new();
    if let Some(failure) = annotated.failure {
        let title = property(&format!("allot {} failed", annotated.command));
        let _ = writeln!(text, "::error title={title}::{}", data(&told_failure(failure)));
    }
    for finding in findings.iter().take(shown) {
        text.push_str(&one(finding, annotated));
    }
    let rest = findings.get(shown..).unwrap_or_default();
    if let Some(worst) = rest.first() {
        let more = count(rest.len() as u64, "more finding", "more findings");
        let _ = writeln!(
            text,
            "::{}::{}",
            kind(worst.severity),
            data(&format!("and {more}; the log and the comment show all"))
        );
    }
    text
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "notice",
    }
}

fn one(finding: &FindingView, annotated: &Annotated<'_>) -> String {
    let title = property(&format!("{} {}", finding.code, finding.title));
    let place = finding.primary.as_ref().map_or_else(String::new, |label| {
        let place = &label.place;
        format!("file={},line={},col={},", property(&annotated.path(&place.file)), place.line, place.column)
    });
    format!("::{} {place}title={title}::{}\n", kind(finding.severity), data(&told(finding)))
}

/// Text after the second pair of colons.
fn data(text: &str) -> String {
    clean_lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_ends_a_command_does_not() {
        assert_eq!(data("100%\n::error::x"), "100%25%0A::error::x");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25");
    }
}
