//! Entries of `allow:` in the root file: exceptions that are reviewed as the rest of the configuration is.

use std::fmt;

use jiff::civil::Date;

use super::finding::Allowance;
use super::source::{Located, Span};
use super::terms::Units;

/// An exception: until a day, the refusal that it names is a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowEntry {
    /// The place of the entry.
    pub span: Span,
    /// The refusal.
    pub allowance: Allowance,
    /// The least units that the environment must keep. A refusal that is not about the units of one environment has none.
    pub to: Option<Units>,
    /// The last day on which the entry counts.
    pub until: Located<Date>,
    /// The ticket.
    pub ticket: Option<String>,
    /// The reason.
    pub reason: Option<String>,
}

impl AllowEntry {
    /// Whether the entry counts on a day.
    pub fn counts_on(&self, date: Date) -> bool {
        date <= self.until.value
    }

    /// Whether the entry permits all that another permits.
    pub fn covers(&self, other: &AllowEntry) -> bool {
        self.allowance == other.allowance && self.until.value >= other.until.value && self.to <= other.to
    }
}

/// The limits of the entry: `down to 80, until 2026-12-15`.
impl fmt::Display for AllowEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(least) = self.to {
            write!(formatter, "down to {}, ", least.get())?;
        }
        write!(formatter, "until {}", self.until.value)
    }
}
