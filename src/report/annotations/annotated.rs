//! What every host gets to know of the findings: the findings themselves, how far the command came, and how files are called.

use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::finding::Severity;
use crate::report::links::joined;
use crate::report::tenant::named;
use crate::report::view::basics::FindingView;
use crate::report::view::failure::FailureView;

/// What was looked at: what was not has not passed either.
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
    /// Only the configuration, because it is not in order.
    Configuration,
    /// Only whether a saved plan still fits.
    SavedPlan,
    /// Nothing, because the command failed.
    Nothing,
}

/// What can be told at lines: everything that was found, and where file names begin in the repository.
#[derive(Clone, Copy, Debug)]
pub struct Annotated<'a> {
    /// The command that found it.
    pub command: CommandName,
    /// Everything that was found.
    pub findings: &'a [FindingView],
    /// Where the tenant lives, as far as it is known.
    pub provider: Option<Provider>,
    /// Why the command failed, where it did.
    pub failure: Option<&'a FailureView>,
    /// How far it came.
    pub reach: Reach,
    /// The folder of the repository that file names are relative to; empty for its root.
    pub folder: &'a str,
    /// The root file as the repository calls it: what has no line of its own is told there.
    pub root: &'a str,
}

impl Annotated<'_> {
    /// What this is about, as a headline: `allot plan`, or `allot plan (built-in tenant)`.
    pub(super) fn headline(&self) -> String {
        let command = format!("allot {}", self.command);
        self.provider.map_or(command.clone(), |provider| named(&command, provider).into_owned())
    }

    /// A file as the repository calls it.
    pub(super) fn path(&self, file: &str) -> String {
        // What lies elsewhere is in no repository.
        if std::path::Path::new(file).is_absolute() {
            return file.to_owned();
        }
        joined([self.folder, file])
    }

    /// The worst first, each kind in the order given.
    pub(super) fn by_severity(&self) -> Vec<&FindingView> {
        let of = |severity| self.findings.iter().filter(move |finding| finding.severity == severity);
        [Severity::Error, Severity::Warning, Severity::Hint].into_iter().flat_map(of).collect()
    }
}

/// Why a command failed and what to do: one text of several lines.
pub(super) fn told_failure(failure: &FailureView) -> String {
    let causes = failure.causes.iter().map(|cause| format!("because: {cause}"));
    let help = failure.help.iter().map(|help| format!("help: {help}"));
    std::iter::once(failure.message.clone()).chain(causes).chain(help).collect::<Vec<_>>().join("\n")
}

/// What happened, why, and what to do: one text of several lines.
pub(super) fn told(finding: &FindingView) -> String {
    let notes = finding.notes.iter().map(|note| format!("note: {note}"));
    let help = finding.help.iter().map(|help| format!("help: {help}"));
    std::iter::once(finding.message.clone()).chain(notes).chain(help).collect::<Vec<_>>().join("\n")
}
