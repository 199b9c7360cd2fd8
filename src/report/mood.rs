//! The kind of a verdict: its icon, its color, and what it means for the pull request.

use crate::model::marker::CommentVerdict;

/// The kind of verdict, which decides the icon and the color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// Nothing to do, or everything is applied or valid.
    Fine,
    /// The plan can be applied.
    Ready,
    /// Nothing new blocks, but a person has to look: warnings, changed guards, problems of the base, shortages.
    Warned,
    /// The plan must not be applied, or there is none.
    Blocked,
    /// Some of the changes were applied, or the run was interrupted.
    Partial,
    /// The command failed, or applied nothing.
    Failed,
}

impl Mood {
    /// The icon in a comment.
    pub(super) const fn icon(self) -> &'static str {
        match self {
            Mood::Fine => "✅",
            Mood::Ready => "🟢",
            Mood::Warned => "🟡",
            Mood::Blocked => "⛔",
            Mood::Partial => "🟠",
            Mood::Failed => "❌",
        }
    }

    /// The verdict in the marker of a comment, from which the status of the pull request is set.
    pub(super) const fn comment_verdict(self) -> CommentVerdict {
        match self {
            Mood::Fine | Mood::Ready | Mood::Warned => CommentVerdict::Passed,
            Mood::Blocked => CommentVerdict::Blocked,
            Mood::Partial | Mood::Failed => CommentVerdict::Failed,
        }
    }
}
