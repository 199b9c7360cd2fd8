//! Findings at their lines, as CI hosts take them. Everything that a host reads as its own language is escaped; every path is relative
//! to where the command ran, and to the repository where that is known.

mod azure;
mod fingerprint;
mod github;
mod gitlab;
mod junit;
mod sarif;

pub use self::azure::azure;
pub use self::github::github;
pub use self::gitlab::gitlab;
pub use self::junit::junit;
pub use self::sarif::sarif;

use super::links::joined;
use super::tenant::named;
use super::view::basics::FindingView;
use super::view::failure::FailureView;
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::finding::Severity;

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
    fn headline(&self) -> String {
        let command = format!("allot {}", self.command);
        self.provider.map_or(command.clone(), |provider| named(&command, provider).into_owned())
    }

    /// A file as the repository calls it.
    fn path(&self, file: &str) -> String {
        // What lies elsewhere is in no repository.
        if std::path::Path::new(file).is_absolute() {
            return file.to_owned();
        }
        joined([self.folder, file])
    }

    /// The worst first, each kind in the order given.
    fn by_severity(&self) -> Vec<&FindingView> {
        let of = |severity| self.findings.iter().filter(move |finding| finding.severity == severity);
        [Severity::Error, Severity::Warning, Severity::Hint].into_iter().flat_map(of).collect()
    }
}

/// Why a command failed and what to do: one text of several lines.
fn told_failure(failure: &FailureView) -> String {
    let causes = failure.causes.iter().map(|cause| format!("because: {cause}"));
    let help = failure.help.iter().map(|help| format!("help: {help}"));
    std::iter::once(failure.message.clone()).chain(causes).chain(help).collect::<Vec<_>>().join("\n")
}

/// What happened, why, and what to do: one text of several lines.
fn told(finding: &FindingView) -> String {
    let notes = finding.notes.iter().map(|note| format!("note: {note}"));
    let help = finding.help.iter().map(|help| format!("help: {help}"));
    std::iter::once(finding.message.clone()).chain(notes).chain(help).collect::<Vec<_>>().join("\n")
}
