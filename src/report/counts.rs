//! How many findings of each severity there are. A report may list only some of them.

use serde::Serialize;

use super::view::basics::FindingView;
use crate::model::finding::{Finding, Severity};

/// The number of findings of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// Hints.
    pub hints: u64,
}

impl Counts {
    /// Counts findings, with those that they represent.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Counts {
        Counts::sum(findings.into_iter().map(|finding| (finding.severity, finding.represents)))
    }

    /// Counts the entries of a list.
    pub fn of_listed<'a>(findings: impl IntoIterator<Item = &'a FindingView>) -> Counts {
        Counts::sum(findings.into_iter().map(|finding| (finding.severity, 1)))
    }

    fn sum(all: impl Iterator<Item = (Severity, u64)>) -> Counts {
        let mut counts = Counts::default();
        for (severity, many) in all {
            match severity {
                Severity::Error => counts.errors += many,
                Severity::Warning => counts.warnings += many,
                Severity::Hint => counts.hints += many,
            }
        }
        counts
    }

    /// How many more findings of each severity there are than a list has entries.
    #[must_use]
    pub fn beyond(self, entries: Counts) -> Counts {
        Counts {
            errors: self.errors.saturating_sub(entries.errors),
            warnings: self.warnings.saturating_sub(entries.warnings),
            hints: self.hints.saturating_sub(entries.hints),
        }
    }

    /// The number of findings of one severity.
    pub fn number_of(self, severity: Severity) -> u64 {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
            Severity::Hint => self.hints,
        }
    }

    /// The number of all findings.
    pub fn total(self) -> u64 {
        self.errors + self.warnings + self.hints
    }
}
