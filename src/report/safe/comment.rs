//! A comment in the making. A piece of it is our own words, a value without markup, or a text that [`super::markdown`] made safe: a comment
//! cannot be made of anything else.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::model::code::Code;
use crate::model::marker::Marker;

/// Markdown that shows text of strangers as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct Markdown(String);

/// A value that can be a piece of a comment unchanged.
pub(in crate::report) trait Piece {
    /// Appends the piece.
    fn append(&self, to: &mut String);
}

impl Piece for Markdown {
    fn append(&self, to: &mut String) {
        to.push_str(&self.0);
    }
}

/// Our own words: only text in the code of the program has the lifetime `'static`.
impl Piece for &'static str {
    fn append(&self, to: &mut String) {
        to.push_str(self);
    }
}

macro_rules! values {
    ($($value:ty),*) => {
        $(impl Piece for $value {
            fn append(&self, to: &mut String) {
                let _ = write!(to, "{self}");
            }
        })*
    };
}

// A marker escapes itself.
values!(Date, Code, Marker, usize, u64, i32);

/// A comment of pieces, in their order.
macro_rules! md {
    ($($piece:expr),* $(,)?) => {{
        let mut text = $crate::report::safe::comment::Markdown::default();
        $(text.push(&$piece);)*
        text
    }};
}
pub(in crate::report) use md;

impl Markdown {
    /// Text that was made safe.
    pub(super) fn safe(text: String) -> Markdown {
        Markdown(text)
    }

    /// Appends a piece.
    pub(in crate::report) fn push(&mut self, piece: &impl Piece) {
        piece.append(&mut self.0);
    }

    /// Pieces with a separator between them.
    pub(in crate::report) fn join(pieces: impl IntoIterator<Item = Markdown>, separator: &'static str) -> Markdown {
        let pieces: Vec<String> = pieces.into_iter().map(|piece| piece.0).collect();
        Markdown(pieces.join(separator))
    }

    /// Whether there is no text.
    pub(in crate::report) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the text has at most this many characters. Hosts count Unicode scalar values, and so do we.
    pub(in crate::report) fn fits(&self, budget: usize) -> bool {
        // Text has at least as many bytes as characters, and the number of bytes is known without counting.
        self.0.len() <= budget || self.0.chars().count() <= budget
    }

    /// The text.
    pub(in crate::report) fn text(&self) -> &str {
        &self.0
    }
}

impl FromIterator<Markdown> for Markdown {
    fn from_iter<T: IntoIterator<Item = Markdown>>(pieces: T) -> Markdown {
        Markdown::join(pieces, "")
    }
}

impl Extend<Markdown> for Markdown {
    fn extend<T: IntoIterator<Item = Markdown>>(&mut self, pieces: T) {
        pieces.into_iter().for_each(|piece| self.push(&piece));
    }
}
