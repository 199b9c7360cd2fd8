//! Explains why a text is not valid YAML.

use granit_parser::ScanError;

use crate::manifest::shortened::shortened;
use crate::manifest::{mistakes, quoting};
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::{SourceId, Span};

/// The finding about the place at which the parser stopped.
pub(super) fn finding(source: SourceId, text: &str, error: &ScanError) -> Finding {
    let at = text.floor_char_boundary(error.marker().byte_offset().unwrap_or(text.len()).min(text.len()));
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let stop = Stop { source, text, at, start };
    stop.odd_blank()
        .or_else(|| stop.tab(error))
        .or_else(|| stop.control_character())
        .or_else(|| stop.alias(error))
        .or_else(|| stop.quote(error))
        .or_else(|| quoting::finding(source, start, stop.line(), at - start))
        .unwrap_or_else(|| stop.other(error))
}

/// The place at which the parser stopped.
struct Stop<'text> {
    source: SourceId,
    text: &'text str,
    at: usize,
    /// The start of the line.
    start: usize,
}

impl<'text> Stop<'text> {
    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source: self.source, start: offset(start), end: offset(end) }
    }

    fn rest(&self) -> &'text str {
        self.text.get(self.start..).unwrap_or_default()
    }

    fn line(&self) -> &'text str {
        self.rest().lines().next().unwrap_or_default()
    }

    fn odd_blank(&self) -> Option<Finding> {
        mistakes::odd_blank(self.source, self.text, self.start, self.start + self.line().len())
    }

    /// A tab in the indentation of this line or, if the parser speaks of a tab, of a later one: it stops at the value before it.
    fn tab(&self, error: &ScanError) -> Option<Finding> {
        let lines = if error.to_string().contains("tab") { usize::MAX } else { 1 };
        let mut start = self.start;
        for line in self.rest().split_inclusive('\n').take(lines) {
            let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = line.get(..blank).and_then(|blank| blank.find('\t')) {
                let finding = Finding::error(Code::A101, "a tab is used for indentation");
                let finding = finding.at(self.span(start + tab, start + tab + 1), "a tab");
                return Some(finding.help("indent with spaces; most editors can convert them"));
            }
            start += line.len();
        }
        None
    }

    /// An alias without an anchor, or a text that begins with `*`.
    fn alias(&self, error: &ScanError) -> Option<Finding> {
        let rest = self.text.get(self.at..).filter(|rest| rest.starts_with('*'))?;
        if !error.to_string().contains("anchor") {
            return None;
        }
        if rest.starts_with("* ") && self.text.get(self.start..self.at).is_some_and(|before| before.trim().is_empty()) {
            let finding =
                Finding::error(Code::A101, "a line begins with `*`").at(self.span(self.at, self.at + 1), "here");
            return Some(
                finding.help("delete the `* `: keys have no sign before them, and an item of a list begins with `- `"),
            );
        }
        let end = rest.find(|letter: char| letter.is_whitespace() || ",]}".contains(letter)).unwrap_or(rest.len());
        let finding = Finding::error(Code::A109, "an alias is not part of the language");
        let finding = finding.at(self.span(self.at, self.at + end), "here");
        let meant = mistakes::quoted(&shortened(rest.get(..end).unwrap_or_default()));
        Some(finding.help(format!("write the value out, or put a text that begins with `*` in quotes: `{meant}`")))
    }

    /// The first line with an odd number of double quotes, if the parser stopped at a quote in a later line.
    fn quote(&self, error: &ScanError) -> Option<Finding> {
        if !error.to_string().contains("quote") {
            return None;
        }
        let mut start = 0;
        for line in self.text.get(..self.start)?.split_inclusive('\n') {
            let is_open = line.matches('"').count() % 2 == 1 && !line.trim_start().starts_with('#');
            if let Some(quote) = line.rfind('"').filter(|_| is_open) {
                let place = self.span(start + quote, start + quote + 1);
                let finding = Finding::error(Code::A101, "a quote is not closed").at(place, "opened here");
                return Some(finding.help("write the closing quote in this line, or delete this one"));
            }
            start += line.len();
        }
        None
    }

    fn control_character(&self) -> Option<Finding> {
        let is_refused = |letter: &char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{85}');
        let (at, letter) = self.text.char_indices().find(|(_, letter)| is_refused(letter))?;
        let message = format!("the file contains a control character (U+{:04X})", u32::from(letter));
        let finding = Finding::error(Code::A101, message).at(self.span(at, at + letter.len_utf8()), "here");
        Some(finding.help("delete it; it usually comes from copying out of a terminal or a binary file"))
    }

    fn other(&self, error: &ScanError) -> Finding {
        let first = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let width = first.filter(|first| *first != '\n').map_or(0, char::len_utf8);
        let message = format!("this is not valid YAML: {}", without_position(&error.to_string()));
        let finding = Finding::error(Code::A101, message);
        let finding = finding.at(self.span(self.at, self.at + width), "reading stopped here");
        let before = self.text.get(..self.start).unwrap_or_default().lines().rev();
        let before = before.into_iter().find(|line| !line.trim().is_empty());
        let lines = [Some(self.line()), before];
        let mut near = lines.into_iter().flatten();
        let help = near
            .find_map(meant)
            .or_else(|| self.bracket(error))
            .or_else(|| self.comma())
            .or_else(|| self.indentation());
        finding.help(help.unwrap_or_else(|| {
            "look at this line and the one before: a missing quote, bracket or colon, or an indentation that fits no line above"
                .to_owned()
        }))
    }
}

impl Stop<'_> {
    fn bracket(&self, error: &ScanError) -> Option<String> {
        let open =
            self.text.get(self.at..)?.chars().next().filter(|_| error.to_string().contains("unclosed bracket"))?;
        let close = match open {
            '[' => ']',
            '{' => '}',
            _ => return None,
        };
        Some(format!("write the `{close}` that closes it"))
    }

    /// The help for a comma at the end of a line outside brackets and braces.
    fn comma(&self) -> Option<String> {
        let rest = self.line().get(self.at - self.start..)?;
        (rest.trim_end() == ",").then(|| "delete the comma at the end of the line".to_owned())
    }

    /// The help for a line whose indentation fits no line above.
    fn indentation(&self) -> Option<String> {
        /// The most lines above that are looked at.
        const MOST_LINES: usize = 100;
        let width = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let here = width(self.line());
        if self.at - self.start != here {
            return None;
        }
        let above = self.text.get(..self.start)?.lines().rev().filter(|line| !line.trim().is_empty()).take(MOST_LINES);
        let widths: Vec<usize> = above.map(width).collect();
        if widths.contains(&here) {
            return None;
        }
        let less = widths.iter().filter(|width| **width < here).max()?;
        let more = widths.iter().filter(|width| **width > here).min()?;
        Some(format!("the line begins after {here} spaces: indent it by {less} or {more}, as a line above"))
    }
}

/// The longest line, in bytes, whose entries are looked at.
const LONGEST: usize = 1_000;

/// The help for a line that is probably wrong.
fn meant(line: &str) -> Option<String> {
    let colon = || mistakes::without_space(line).map(|meant| format!("write a space after the colon: `{meant}`"));
    let other = || mistakes::without_colon(line).map(|meant| format!("write a colon after the key: `{meant}`"));
    let dash =
        || line.trim_end().ends_with(": -").then(|| "write a value instead of `-`, or delete the line".to_owned());
    let semicolon = || {
        let is_mapping = line.len() < LONGEST && line.contains('{') && line.contains("; ");
        is_mapping.then(|| "within braces, separate the entries by commas".to_owned())
    };
    colon().or_else(other).or_else(dash).or_else(semicolon)
}

/// The parser's message without the position at its end.
fn without_position(message: &str) -> &str {
    message.split(" at char ").next().unwrap_or(message).split(" at line ").next().unwrap_or(message).trim()
}
