//! The few lines of a file that a finding is about, cut so that neither a long file nor a long line costs anything.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::safe::terminal::clean_character;
use crate::model::source::{Place, Source, SourceId, Sources, Span};

/// Of a line that is longer, only so many characters around the place are shown.
const LONGEST_LINE: usize = 240;
/// Of those, so many stand before the place.
const LEAD: usize = 80;
/// An underlining is never longer.
const LONGEST_MARK: usize = 120;
const ELLIPSIS: &str = "...";

/// A place in a file: where it is, and the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The line, from 1.
    pub(super) line: usize,
    /// The column in characters, from 1.
    pub(super) column: usize,
    /// Whether the beginning of the line is cut off, so that `column` cannot be counted on `text`.
    pub(super) is_beheaded: bool,
    /// Whether nothing of the file is shown, not even the line.
    pub(super) is_withheld: bool,
    /// The line's text, harmless and cut.
    pub(super) text: String,
    /// The bytes of `text` that the place covers; more than none.
    pub(super) mark: Range<usize>,
}

/// Finds places in files. Remembers where lines begin, so that many places in one file cost one pass over it.
pub(super) struct Spotter<'a> {
    sources: &'a Sources,
    line_starts: RefCell<BTreeMap<SourceId, Rc<[usize]>>>,
}

impl<'a> Spotter<'a> {
    pub(super) fn new(sources: &'a Sources) -> Spotter<'a> {
        Spotter { sources, line_starts: RefCell::default() }
    }

    fn line_starts(&self, id: SourceId, text: &str) -> Rc<[usize]> {
        let starts = || {
            let after_newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(after_newlines).collect()
        };
        self.line_starts.borrow_mut().entry(id).or_insert_with(starts).clone()
    }

    /// The file of a span; `None` where it is of other sources.
    pub(super) fn source(&self, span: Span) -> Option<&'a Source> {
        self.sources.get(span.source)
    }

    /// The file, line and column of a span's start.
    pub(super) fn place(&self, span: Span) -> Option<Place> {
        let source = self.source(span)?;
        let start = floor_boundary(&source.text, span.start);
        let (line, line_start) = self.line_of(span.source, &source.text, start);
        let column = source.text.get(line_start..start).unwrap_or_default().chars().count() + 1;
        Some(Place { file: source.name.clone(), line: number(line), column: number(column) })
    }

    fn line_of(&self, id: SourceId, text: &str, offset: usize) -> (usize, usize) {
        let starts = self.line_starts(id, text);
        let line = starts.partition_point(|line_start| *line_start <= offset);
        (line, starts.get(line.saturating_sub(1)).copied().unwrap_or(0))
    }

    /// The first line of a span. Offsets outside the file or inside a character are moved to the nearest that are not.
    pub(super) fn spot(&self, span: Span) -> Option<Spot> {
        let Source { text, is_linked, .. } = self.source(span)?;
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end).max(start);
        let (line, line_start) = self.line_of(span.source, text, start);
        let next = self.line_starts(span.source, text).get(line).map_or(text.len(), |next| next - 1);
        let line_end =
            if text.get(line_start..next).is_some_and(|line| line.ends_with('\r')) { next - 1 } else { next };
        let before = text.get(line_start..start.min(line_end)).unwrap_or_default();
        let marked = text.get(start.min(line_end)..end.min(line_end)).unwrap_or_default();
        let after = text.get(start.min(line_end) + marked.len()..line_end).unwrap_or_default();
        let column = text.get(line_start..start).unwrap_or_default().chars().count() + 1;
        if *is_linked {
            return Some(Spot { line, column, is_beheaded: true, is_withheld: true, text: String::new(), mark: 0..0 });
        }
        Some(cut(line, column, before, marked, after))
    }
}

fn floor_boundary(text: &str, offset: u32) -> usize {
    text.floor_char_boundary(usize::try_from(offset).unwrap_or(usize::MAX))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn cut(line: usize, column: usize, before: &str, marked: &str, after: &str) -> Spot {
    let mut text = String::new();
    // Counting stops early: a line may be megabytes long.
    let short = before.chars().chain(marked.chars()).chain(after.chars()).nth(LONGEST_LINE).is_none();
    let lead = match before.char_indices().rev().nth(LEAD) {
        Some((at, skipped)) if !short => {
            text.push_str(ELLIPSIS);
            before.get(at + skipped.len_utf8()..).unwrap_or_default()
        }
        _ => before,
    };
    let is_beheaded = lead.len() < before.len();
    text.extend(lead.chars().map(clean_character));
    let start = text.len();
    text.extend(marked.trim_end().chars().take(LONGEST_MARK).map(clean_character));
    let mut end = text.len();
    if marked.chars().nth(LONGEST_MARK).is_some() {
        text.push_str(ELLIPSIS);
    } else {
        let tail = if short { usize::MAX } else { LONGEST_LINE - LEAD };
        text.extend(marked.get(marked.trim_end().len()..).unwrap_or_default().chars().map(clean_character));
        text.extend(after.chars().take(tail).map(clean_character));
        if after.chars().nth(tail).is_some() {
            text.push_str(ELLIPSIS);
        }
    }
    if end == start {
        // A place between two characters is shown under the next one, or after the last.
        end = text.get(start..).and_then(|rest| rest.chars().next()).map_or(start + 1, |next| start + next.len_utf8());
    }
    Spot { line, column, is_beheaded, is_withheld: false, text, mark: start..end }
}
