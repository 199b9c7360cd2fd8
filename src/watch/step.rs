//! What a watch takes in, and what it does next.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

/// A moment, by two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time since the watch began, by a clock that never jumps.
    pub running: Duration,
    /// The time of day. It jumps when a machine wakes up.
    pub wall: Timestamp,
}

/// How a watch works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Whether a pass applies its plan.
    pub applies: bool,
    /// Whether events say when a program closes a file that it wrote to.
    pub sees_closes: bool,
}

/// The content of the configuration: a digest of all files, and of what cannot be read.
pub type Content = String;

/// What the system reports about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// A program wrote to the file, and may go on.
    Written,
    /// A program closed the file after writing, or the path was renamed or removed.
    Done,
    /// Something else changed, such as rights. A program that has the file open may go on.
    Changed,
}

/// What hinders a read of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The root file is missing.
    NoRoot,
    /// Git is in the middle of something, such as `a rebase`.
    Git(&'static str),
}

/// Why a pass is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The watch begins.
    Start,
    /// These files were saved; none if the system lost the events.
    Saved(BTreeSet<PathBuf>),
    /// The pass before did not end well.
    Retry,
    /// A date has come on which the files change something.
    Date,
    /// It is time to look for changes in the tenant.
    Interval,
}

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassEnd {
    /// Everything that was to be done is done.
    Done,
    /// The files or the guards refuse it. Only a change of the files, the tenant or the date helps.
    Refused,
    /// Something failed that may work later: the tenant could not be reached, or not everything was applied.
    Failed,
    /// The files changed while the pass was made, before it wrote anything.
    Overtaken,
}

/// When a pass is made although nothing was saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appointments {
    /// The next date on which the files change something.
    pub date: Option<Timestamp>,
    /// The time until the next look for changes in the tenant.
    pub check: Option<Duration>,
}

/// A note for the person who watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A file is waited for, because a program has it open for writing.
    WaitingForFile(PathBuf),
    /// Something is waited for, for this long already.
    WaitingFor(Obstacle, Duration),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Wait for an event, but for this long at most.
    Wait(Option<Duration>),
    /// Find what hinders a read, and report it with `looked`.
    Look,
    /// Read the files, then find again what hinders a read, and report both with `read`.
    Read,
    /// Make a pass with the content that was just read, and report its end with `ended`.
    Pass(Trigger),
    /// Show a note.
    Note(Note),
    /// End the watch.
    End,
}
