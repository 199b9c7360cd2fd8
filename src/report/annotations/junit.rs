//! JUnit XML, for the test page of any host: a test case for each group of checks, and a failed one for each error.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::annotated::{Annotated, Reach, failure_text, finding_text};
use crate::model::finding::Severity;
use crate::report::safe::ci_log;
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
pub fn junit(annotated: &Annotated<'_>) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new(annotated.headline());
    if let Some(failure) = annotated.failure {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(clean_lines(&failure.message));
        status.set_description(clean_lines(&failure_text(failure)));
        let mut case = TestCase::new("it ran to its end", status);
        case.set_classname("allot");
        suite.add_test_case(case);
    }
    for (digit, name) in GROUPS {
        let of_group = |finding: &&FindingView| finding.code.to_string().chars().nth(1) == Some(digit);
        let found: Vec<&FindingView> = annotated.by_severity().into_iter().filter(of_group).collect();
        match not_checked(digit, annotated.reach).filter(|_| found.is_empty()) {
            None => {
                suite.add_test_cases(cases(name, &found, annotated));
            }
            Some(why) => {
                let mut status = TestCaseStatus::skipped();
                // The reason is text, because an older schema of Jenkins has no attribute for it.
                status.set_description(format!("not checked: {why}"));
                let mut case = TestCase::new(name, status);
                case.set_classname("allot");
                suite.add_test_case(case);
            }
        };
    }
    let mut report = Report::new("allot");
    report.add_test_suite(suite);
    Ok(ci_log::xml(&report.to_string()?).into_owned())
}

/// The reason, if a group was not checked.
fn not_checked(group: char, reach: Reach) -> Option<&'static str> {
    match (reach, group) {
        (Reach::Everything, _)
        | (Reach::Plan | Reach::Refused, '1'..='4')
        | (Reach::Offline, '1'..='3')
        | (Reach::Configuration, '1')
        | (Reach::SavedPlan, '5') => None,
        (Reach::Plan, _) => Some("a plan writes nothing"),
        (Reach::Refused, _) => Some("nothing was applied"),
        (Reach::Offline, _) => Some("validate works without a tenant"),
        (Reach::Configuration, _) => Some("the configuration must be fixed first"),
        (Reach::SavedPlan, _) => Some("the saved plan no longer fits"),
        (Reach::Nothing, _) => Some("the command failed"),
    }
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
            let mut case = TestCase::new(format!("{name}: {}", clean_lines(&finding.message)), status);
            case.set_classname(format!("allot.{}", finding.code));
            case
        })
        .collect();
    if cases.is_empty() {
        let mut case = TestCase::new(name, TestCaseStatus::success());
        case.set_classname("allot");
        let others: Vec<String> =
            found.iter().map(|it| format!("{}: {}{}", it.code, placed(it), finding_text(it))).collect();
        if !others.is_empty() {
            case.set_system_out(clean_lines(&others.join("\n\n")));
        }
        cases.push(case);
    }
    cases
}
