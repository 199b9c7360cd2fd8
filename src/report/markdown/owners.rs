//! The column of owners of a table of changes. A table in which no change has an owner has no such column.

use super::sections::LONGEST_CELL;
use crate::report::safe::comment::{Markdown, md};
use crate::report::safe::markdown::escape;
use crate::report::view::plan::ChangeView;

/// Whether a table has the column, which is its last one.
#[derive(Clone, Copy)]
pub(super) struct Owners {
    is_shown: bool,
}

impl Owners {
    /// The column of a table of these changes.
    pub(super) fn of<'a>(mut changes: impl Iterator<Item = &'a ChangeView>) -> Owners {
        Owners { is_shown: changes.any(|change| change.owner.is_some()) }
    }

    /// The heading, behind the one before it.
    pub(super) fn heading(self) -> &'static str {
        if self.is_shown { " Owner |" } else { "" }
    }

    /// The rule below the heading.
    pub(super) fn rule(self) -> &'static str {
        if self.is_shown { ":--|" } else { "" }
    }

    /// The end of a row whose other cells are closed.
    pub(super) fn end(self) -> &'static str {
        if self.is_shown { " |" } else { "" }
    }

    /// The owner of a change, behind the text of the cell before it.
    pub(super) fn cell(self, change: &ChangeView) -> Markdown {
        match &change.owner {
            Some(owner) if self.is_shown => md![" | ", escape(owner, LONGEST_CELL)],
            Some(_) | None => self.no_cell(),
        }
    }

    /// An empty cell behind the text of the cell before it.
    pub(super) fn no_cell(self) -> Markdown {
        if self.is_shown { md![" | "] } else { Markdown::default() }
    }
}
