//! The line of a file that a finding is about, cut to a bounded length, so that long files and long lines stay cheap.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::safe::terminal::clean_character;
use crate::model::source::{Place, Source, SourceId, Sources, Span};

/// The longest line, in characters, that is shown whole. Of a longer line, about as many characters around the place are shown.
const LONGEST_LINE: usize = 240;
/// The number of characters before the place that are shown of a longer line.
const LEAD: usize = 80;
/// The longest underline, in characters.
const LONGEST_MARK: usize = 120;
const ELLIPSIS: &str = "...";

/// A place in a file, with the text of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The line, from 1.
    pub(super) line: usize,
    /// The column in characters, from 1.
    pub(super) column: usize,
    /// Whether the beginning of the line is cut off, so that `column` does not count from the start of `text`.
    pub(super) is_start_cut: bool,
    /// Whether the text of the file must not be shown.
    pub(super) is_withheld: bool,
    /// The text of the line, escaped and cut.
    pub(super) text: String,
    /// The bytes of `text` that the place covers; empty only if the text is withheld.
    pub(super) mark: Range<usize>,
}

/// An [`Index`] stores the number of characters before every position that is a multiple of this, in bytes.
const STRIDE: usize = 1024;

/// An index of a file, with which a place is found without a scan of the file or of a long line.
struct Index {
    /// The offsets at which lines start.
    line_starts: Vec<usize>,
    /// The number of characters before each multiple of [`STRIDE`].
    characters: Vec<usize>,
}

impl Index {
    fn new(text: &str) -> Index {
        let after_newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let characters = text.as_bytes().chunks(STRIDE).scan(0, |after, chunk| {
            let before = *after;
            *after += starts(chunk);
            Some(before)
        });
        Index { characters: characters.collect(), line_starts: std::iter::once(0).chain(after_newlines).collect() }
    }

    /// The number of characters before an offset.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let (known, rest) = match self.characters.get(offset / STRIDE) {
            Some(known) => (*known, offset - offset % STRIDE),
            None => (0, 0),
        };
        known + text.as_bytes().get(rest..offset).map_or(0, starts)
    }

    /// The line of an offset, from 1, and the offset at which the line starts.
    fn line_of(&self, offset: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|line_start| *line_start <= offset);
        (line, self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0))
    }

    /// The column of an offset, from 1, in the line that starts at `line_start`.
    fn column(&self, text: &str, line_start: usize, offset: usize) -> usize {
        self.characters_before(text, offset) - self.characters_before(text, line_start) + 1
    }
}

/// The number of characters that start in some bytes of UTF-8.
fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

/// Finds places in files. Caches an index, so that each file is scanned once, however many places lie in it.
pub(super) struct Spotter<'a> {
    sources: &'a Sources,
    indexes: RefCell<BTreeMap<SourceId, Rc<Index>>>,
}

impl<'a> Spotter<'a> {
    pub(super) fn new(sources: &'a Sources) -> Spotter<'a> {
        Spotter { sources, indexes: RefCell::default() }
    }

    fn index(&self, id: SourceId, text: &str) -> Rc<Index> {
        self.indexes.borrow_mut().entry(id).or_insert_with(|| Rc::new(Index::new(text))).clone()
    }

    /// The file of a span; `None` if the span belongs to other sources.
    pub(super) fn source(&self, span: Span) -> Option<&'a Source> {
        self.sources.get(span.source)
    }

    /// The file, line and column of a span's start.
    pub(super) fn place(&self, span: Span) -> Option<Place> {
        let source = self.source(span)?;
        let start = floor_boundary(&source.text, span.start);
        let index = self.index(span.source, &source.text);
        let (line, line_start) = index.line_of(start);
        let column = index.column(&source.text, line_start, start);
        Some(Place { file: source.name.clone(), line: number(line), column: number(column) })
    }

    /// The first line of a span. An offset outside the file or inside a character moves to a valid one nearby.
    pub(super) fn spot(&self, span: Span) -> Option<Spot> {
        let Source { text, is_linked, .. } = self.source(span)?;
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end).max(start);
        let index = self.index(span.source, text);
        let (line, line_start) = index.line_of(start);
        let next = index.line_starts.get(line).map_or(text.len(), |next| next - 1);
        let line_end =
            if text.get(line_start..next).is_some_and(|line| line.ends_with('\r')) { next - 1 } else { next };
        let before = text.get(line_start..start.min(line_end)).unwrap_or_default();
        let marked = text.get(start.min(line_end)..end.min(line_end)).unwrap_or_default();
        let after = text.get(start.min(line_end) + marked.len()..line_end).unwrap_or_default();
        let column = index.column(text, line_start, start);
        if *is_linked {
            return Some(Spot { line, column, is_start_cut: true, is_withheld: true, text: String::new(), mark: 0..0 });
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
    // `nth` stops early: a line may be megabytes long.
    let short = before.chars().chain(marked.chars()).chain(after.chars()).nth(LONGEST_LINE).is_none();
    let lead = match before.char_indices().rev().nth(LEAD) {
        Some((at, skipped)) if !short => {
            text.push_str(ELLIPSIS);
            before.get(at + skipped.len_utf8()..).unwrap_or_default()
        }
        _ => before,
    };
    let is_start_cut = lead.len() < before.len();
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
        // An empty place is underlined at the next character, or after the last one.
        end = text.get(start..).and_then(|rest| rest.chars().next()).map_or(start + 1, |next| start + next.len_utf8());
    }
    Spot { line, column, is_start_cut, is_withheld: false, text, mark: start..end }
}
