//! Azure DevOps' logging commands: errors and warnings at their lines. There is nothing below a warning, so hints stay in the log.

use std::fmt::Write as _;

use super::annotated::{Annotated, told, told_failure};
use crate::model::finding::Severity;
use crate::report::clean::clean_lines;

/// The findings as commands, one line each.
pub fn azure(annotated: &Annotated<'_>) -> String {
    let mut text = String::new();
    if let Some(failure) = annotated.failure {
        let _ = writeln!(text, "##vso[task.logissue type=error;]{}", data(&told_failure(failure)));
    }
    for finding in annotated.by_severity() {
        let kind = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => continue,
        };
        let place = finding.primary.as_ref().map_or_else(String::new, |label| {
            let (path, place) = (property(&annotated.path(&label.place.file)), &label.place);
            format!("sourcepath={path};linenumber={};columnnumber={};", place.line, place.column)
        });
        let told = data(&told(finding));
        let _ = writeln!(text, "##vso[task.logissue type={kind};{place}code={};]{told}", finding.code);
    }
    text
}

/// Text after the bracket.
fn data(text: &str) -> String {
    clean_lines(text).replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property.
fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_ends_a_command_does_not() {
        assert_eq!(data("100%\n##vso[x]y"), "100%AZP25%0A##vso[x]y");
        assert_eq!(property("a;b]c"), "a%3Bb%5Dc");
    }
}
