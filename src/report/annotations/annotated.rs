//! The input that the formats of all hosts share: findings, what was checked, and the names of files in the repository.

use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::finding::Severity;
use crate::report::links::joined;
use crate::report::origin::Origin;
use crate::report::tenant::named;
use crate::report::view::basics::FindingView;
use crate::report::view::failure::FailureView;

/// What was checked. A group that was not checked must not be reported as passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everything.
    Everything,
    /// Everything but a run, because a plan writes nothing.
    Plan,
    /// Everything but a run, because it was refused.
    Refused,
    /// The configuration and headroom, without a tenant.
    Offline,
    /// Only the configuration, because it is invalid.
    Configuration,
    /// Only whether a saved plan is stale.
    SavedPlan,
    /// Nothing, because the command failed.
    Nothing,
}

/// Findings and a failure, with what is needed to place them in the repository.
#[derive(Clone, Copy, Debug)]
pub struct Annotated<'a> {
    /// The command.
    pub command: CommandName,
    /// All findings.
    pub findings: &'a [FindingView],
    /// The built-in tenant or the service; `None` if unknown.
    pub provider: Option<Provider>,
    /// The failure, if the command failed.
    pub failure: Option<&'a FailureView>,
    /// What was checked.
    pub reach: Reach,
    /// Where the report comes from. Findings without a place are reported at its root file.
    pub origin: &'a Origin,
}

impl Annotated<'_> {
    /// The headline: `allot plan`, or `allot plan (built-in tenant)`.
    pub(super) fn headline(&self) -> String {
        let command = format!("allot {}", self.command);
        self.provider.map_or(command.clone(), |provider| named(&command, provider).into_owned())
    }

    /// A file's path in the repository.
    pub(super) fn path(&self, file: &str) -> String {
        // An absolute path is outside the repository.
        if std::path::Path::new(file).is_absolute() {
            return file.to_owned();
        }
        joined([self.origin.folder(), file])
    }

    /// The findings, most severe first; the order within a severity is kept.
    pub(super) fn by_severity(&self) -> Vec<&FindingView> {
        let of = |severity| self.findings.iter().filter(move |finding| finding.severity == severity);
        [Severity::Error, Severity::Warning, Severity::Hint].into_iter().flat_map(of).collect()
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
