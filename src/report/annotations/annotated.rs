//! The input that the formats of all hosts share: findings, what was checked, and the names of files in the repository.

use std::cmp::Reverse;

use crate::report::origin::Frame;
use crate::report::tenant::named;
use crate::report::view::basics::FindingView;
use crate::report::view::failure::FailureView;

/// What was checked. A group that was not checked must not be reported as passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The groups of checks, by the first digit of their codes.
    pub groups: &'static str,
    /// The reason why the other groups were not checked; empty if there are none.
    pub otherwise: &'static str,
}

/// Findings and a failure, with what is needed to place them in the repository.
#[derive(Clone, Copy, Debug)]
pub struct Annotated<'a> {
    /// Facts about the report. GitLab and SARIF report findings without a place at its root file.
    pub frame: &'a Frame<'a>,
    /// The findings that the answer lists.
    pub findings: &'a [FindingView],
    /// The failure, if the command failed.
    pub failure: Option<&'a FailureView>,
    /// What was checked.
    pub reach: Reach,
}

impl Annotated<'_> {
    /// The headline: `allot plan`, or `allot plan (built-in tenant)`.
    pub(super) fn headline(&self) -> String {
        let command = format!("allot {}", self.frame.command);
        self.frame.provider.map_or(command.clone(), |provider| named(&command, provider).into_owned())
    }

    /// A file's path in the repository. The name of a file outside the repository stays as it is.
    pub(super) fn path(&self, file: &str) -> String {
        let links = self.frame.origin.links.as_ref();
        links.and_then(|links| links.path(file)).unwrap_or_else(|| file.trim_start_matches("./").replace('\\', "/"))
    }

    /// The findings, most severe first, and within a severity those of the pull request before those of its base: a host
    /// shows only the first few.
    pub(super) fn by_severity(&self) -> Vec<&FindingView> {
        let mut findings: Vec<&FindingView> = self.findings.iter().collect();
        findings.sort_by_key(|finding| (Reverse(finding.severity), finding.also_on_base == Some(true)));
        findings
    }
}

/// A failure as text of several lines: message, causes, help.
pub(super) fn failure_text(failure: &FailureView) -> String {
    lines(&failure.message, [("because", &failure.causes), ("help", failure.help.as_slice())])
}

/// A finding as text of several lines: message, notes, help.
pub(super) fn finding_text(finding: &FindingView) -> String {
    lines(&finding.message, [("note", &finding.notes), ("help", &finding.help)])
}

fn lines(message: &str, more: [(&str, &[String]); 2]) -> String {
    let more = more.into_iter().flat_map(|(head, all)| all.iter().map(move |text| format!("\n{head}: {text}")));
    message.to_owned() + &more.collect::<String>()
}
