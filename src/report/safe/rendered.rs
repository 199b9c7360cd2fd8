//! Text that may be written. Only the functions of this file make it, one for each kind of reader, and nothing else reaches a stream or the
//! file of a report. Each applies the last step for its reader, and assumes nothing about the steps before it.

use std::borrow::Cow;

use super::ci_log;
use super::comment::Markdown;
use super::csv::table;
use super::markdown;
use super::terminal::{is_harmful, printed};

/// Text that is safe for its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    text: String,
    /// Whether the text goes to the log of a CI host unchanged: it contains no command any more, or it is meant to be a
    /// command.
    is_verbatim: bool,
}

impl Rendered {
    /// Text for a terminal, a log or a file: results, findings, errors and progress.
    pub fn text(text: &str) -> Rendered {
        Rendered { text: printed(text).into_owned(), is_verbatim: false }
    }

    /// A comment.
    pub(in crate::report) fn markdown(comment: &Markdown) -> Rendered {
        Rendered { text: markdown::written(comment), is_verbatim: false }
    }

    /// A table of comma-separated values. A number stays a number, and every other cell is text.
    ///
    /// # Errors
    ///
    /// If the text is no such table.
    pub(in crate::report) fn table(text: &str) -> csv::Result<Rendered> {
        Ok(Rendered::text(&table(text)?))
    }

    /// A page whose templates escaped each piece.
    pub(in crate::report) fn page(text: &str) -> Rendered {
        Rendered { text: ci_log::xml(&printed(text)).into_owned(), is_verbatim: true }
    }

    /// An XML document.
    pub(in crate::report) fn xml(text: &str) -> Rendered {
        Rendered::page(text)
    }

    /// A JSON document. Its values do not change.
    pub(in crate::report) fn json(text: &str) -> Rendered {
        Rendered { text: json(text), is_verbatim: true }
    }

    /// Commands of a CI host, whose text and properties [`super::ci_log`] escaped.
    pub(in crate::report) fn commands(text: &str) -> Rendered {
        Rendered { text: printed(text).into_owned(), is_verbatim: true }
    }

    /// The bytes for a file.
    pub fn for_file(&self) -> &str {
        &self.text
    }

    /// The bytes for a stream, which can be the log of a CI host.
    pub fn for_stream(&self) -> Cow<'_, str> {
        if self.is_verbatim { Cow::Borrowed(&self.text) } else { ci_log::text(&self.text) }
    }
}

/// JSON in which control and invisible characters are escaped, and commands of a CI host are broken by an escape.
pub(in crate::report) fn json(text: &str) -> String {
    let is_layout = |character: char| matches!(character, '\n' | '\t' | '\r');
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) && !is_layout(character) {
            let mut units = [0; 2];
            escaped.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            escaped.push(character);
        }
    }
    ci_log::json(&escaped).into_owned()
}
