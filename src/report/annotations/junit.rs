//! JUnit XML, for the test page of any host: a test case for each group of checks, and a failed one for each error.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::annotated::{Annotated, failure_text, finding_text};
use crate::model::finding::Severity;
use crate::report::safe::rendered::Rendered;
use crate::report::safe::terminal::clean_lines;
use crate::report::view::basics::FindingView;

/// The groups of checks, by the first digit of their codes.
const GROUPS: [(char, &str); 5] =
    [('1', "the configuration is valid"), ('2', "headroom"), ('3', "rules"), ('4', "the tenant"), ('5', "the run")];

/// The findings as a report of test cases.
///
/// # Errors
///
/// If the report cannot be written as XML.
pub fn junit(annotated: &Annotated<'_>) -> Result<Rendered, SerializeError> {
    let mut suite = TestSuite::new(annotated.headline());
    if let Some(failure) = annotated.failure {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(clean_lines(&failure.message));
        status.set_description(clean_lines(&failure_text(failure)));
        suite.add_test_case(case("the command finished", "allot", status));
    }
    for (digit, name) in GROUPS {
        let of_group = |finding: &&FindingView| finding.code.to_string().chars().nth(1) == Some(digit);
        let found: Vec<&FindingView> = annotated.by_severity().into_iter().filter(of_group).collect();
        if found.is_empty() && !annotated.reach.groups.contains(digit) {
            let mut status = TestCaseStatus::skipped();
            // The reason is text, because an older schema of Jenkins has no attribute for it.
            status.set_description(format!("not checked: {}", annotated.reach.otherwise));
            suite.add_test_case(case(name, "allot", status));
        } else {
            suite.add_test_cases(cases(name, &found, annotated));
        }
    }
    let mut report = Report::new("allot");
    report.add_test_suite(suite);
    Ok(Rendered::xml(&report.to_string()?))
}

fn case(name: impl Into<XmlString>, class: impl Into<XmlString>, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

/// A failed case for each error. Without errors, one case that passed, with the other findings as its output.
fn cases(name: &str, found: &[&FindingView], annotated: &Annotated<'_>) -> Vec<TestCase> {
    let placed = |finding: &FindingView| {
        let place = finding.primary.as_ref().map(|label| &label.place);
        place.map_or_else(String::new, |place| {
            format!("{}:{}:{}\n", annotated.path(&place.file), place.line, place.column)
        })
    };
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
    let mut cases: Vec<TestCase> = errors
        .map(|finding| {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(finding.code.to_string());
            status.set_message(clean_lines(&finding.message));
            status.set_description(clean_lines(&format!("{}{}", placed(finding), finding_text(finding))));
            case(format!("{name}: {}", clean_lines(&finding.message)), format!("allot.{}", finding.code), status)
        })
        .collect();
    if cases.is_empty() {
        let mut case = case(name, "allot", TestCaseStatus::success());
        let others: Vec<String> =
            found.iter().map(|it| format!("{}: {}{}", it.code, placed(it), finding_text(it))).collect();
        if !others.is_empty() {
            case.set_system_out(clean_lines(&others.join("\n\n")));
        }
        cases.push(case);
    }
    cases
}
