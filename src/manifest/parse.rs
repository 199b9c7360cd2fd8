//! YAML text to the marked tree, and what is wrong with it as YAML.
//!
//! A reviewer must see every number in the diff, so what hides values is left out of the language: anchors, aliases, merge
//! keys, tags, several documents in one file. They are named and refused, never expanded.

use std::borrow::Cow;
use std::collections::HashSet;

use ahash::RandomState;
use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as Marks};

use super::tree::{Node, NodeKind, Pair};
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::{Located, SourceId, Span};

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<'text> {
    /// The document, as far as it could be read; `None` where there is nothing to go on with.
    pub root: Option<Node<'text>>,
    /// What is wrong with it as YAML.
    pub findings: Vec<Finding>,
    /// Where the keys and values are whose text goes over several lines.
    pub long: Vec<Span>,
}

/// The language nests about eight levels; deeper is an accident or an attack.
const DEEPEST: usize = 32;
/// Most mappings have no more keys.
const USUAL_KEYS: usize = 8;
/// No file that people write comes near; a file past it is a program's.
const MOST_NODES: usize = 4_000_000;
/// Past so many complaints about one file nobody reads on.
const MOST_FINDINGS: usize = 200;

/// Reads one text. The text must not begin with a byte order mark.
pub fn parse(source: SourceId, text: &str) -> Parsed<'_> {
    let mut builder =
        Builder { source, text, findings: Vec::new(), long: Vec::new(), open: Vec::new(), nodes: 0, root: None };
    builder.refuse_doubtful_breaks();
    let ended = builder.read(Parser::new_from_str(text));
    if let Err(stop) = ended {
        builder.findings.push(*stop);
        // Whatever was open is incomplete; checking it would complain about what was never reached.
        return Parsed { root: None, findings: builder.findings, long: builder.long };
    }
    if builder.root.is_none() && builder.findings.is_empty() {
        let finding = Finding::error(Code::A101, "the file is empty").at(builder.span(0, 0), "nothing here");
        builder.findings.push(finding.help("begin with `version: 1`, or delete the file"));
    }
    Parsed { root: builder.root, findings: builder.findings, long: builder.long }
}

/// A collection that is still open.
enum Open<'text> {
    Sequence { start: usize, items: Vec<Node<'text>> },
    Mapping { start: usize, pairs: Vec<Pair<'text>>, key: Key<'text>, seen: MappingKeys<'text> },
}

/// The keys that a mapping has already, for finding one that stands twice. Most mappings have a handful, which are compared
/// one by one; one that grows keeps an index as well.
#[derive(Default)]
struct MappingKeys<'text> {
    index: HashSet<Cow<'text, str>, RandomState>,
}

impl<'text> MappingKeys<'text> {
    const INDEXED_FROM: usize = 16;

    /// Whether the key is new. `pairs` are all keys that were new before.
    #[expect(clippy::ptr_arg, reason = "a name that borrows from the text is kept borrowed")]
    fn is_new(&mut self, pairs: &[Pair<'text>], name: &Cow<'text, str>) -> bool {
        if pairs.len() < Self::INDEXED_FROM {
            return pairs.iter().all(|pair| pair.key.value != *name);
        }
        if self.index.is_empty() {
            self.index.extend(pairs.iter().map(|pair| pair.key.value.clone()));
        }
        self.index.insert(name.clone())
    }
}

/// What a mapping waits for.
enum Key<'text> {
    /// A key.
    Wanted,
    /// The value of this key.
    Read(Located<Cow<'text, str>>),
    /// The value of a key that was complained about; it is read and dropped.
    Dropped,
}

struct Builder<'text> {
    source: SourceId,
    text: &'text str,
    findings: Vec<Finding>,
    long: Vec<Span>,
    open: Vec<Open<'text>>,
    nodes: usize,
    root: Option<Node<'text>>,
}

type SyntaxError = Box<Finding>;

impl<'text> Builder<'text> {
    fn read(&mut self, parser: Parser<'text, granit_parser::StrInput<'text>>) -> Result<(), SyntaxError> {
        let mut documents = 0_u32;
        for event in parser {
            let (event, marks) = event.map_err(|error| Box::new(self.syntax(&error)))?;
            let (start, end) = bytes(&marks);
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if let Some((start, end)) = self.directive_before(start) {
                        self.refuse(start, end, "a directive", "delete the line; every file is read alike");
                    }
                    if documents > 1 {
                        let finding = self.left_out(start, end, "a second document in one file");
                        return Err(Box::new(finding.help("give it a file of its own, or delete the `---`")));
                    }
                }
                Event::Scalar(value, style, anchor, tag) => {
                    self.node_properties(start, end, anchor, tag.is_some());
                    self.scalar(value, style, start, end)?;
                }
                Event::SequenceStart(_, anchor, tag) => {
                    self.node_properties(start, end, anchor, tag.is_some());
                    self.begin(Open::Sequence { start, items: Vec::new() }, start, end)?;
                }
                Event::MappingStart(_, anchor, tag) => {
                    self.node_properties(start, end, anchor, tag.is_some());
                    self.begin(
                        Open::Mapping {
                            start,
                            pairs: Vec::with_capacity(USUAL_KEYS),
                            key: Key::Wanted,
                            seen: MappingKeys::default(),
                        },
                        start,
                        end,
                    )?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.finish(end),
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    self.refuse(start, end, "an alias", "write the value out, so that every number shows in the diff");
                    self.place(Node { span: self.span(start, end), kind: NodeKind::Null })?;
                }
                _ => {}
            }
            if self.findings.len() > MOST_FINDINGS {
                let finding =
                    Finding::error(Code::A111, "this file has more problems than anybody reads; the rest is left out");
                return Err(Box::new(
                    finding.at(self.span(start, end), "reading stopped here").help("fix the first ones and run again"),
                ));
            }
        }
        Ok(())
    }

    fn span(&self, start: usize, end: usize) -> Span {
        // Where nothing is written, the parser takes the next letter for one byte, whatever its width.
        let (start, end) = (self.text.floor_char_boundary(start), self.text.ceil_char_boundary(end));
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source: self.source, start: offset(start), end: offset(end) }
    }

    fn left_out(&self, start: usize, end: usize, what: &str) -> Finding {
        Finding::error(Code::A109, format!("{what} is not part of the language")).at(self.span(start, end), "here")
    }

    fn refuse(&mut self, start: usize, end: usize, what: &str, help: &str) {
        let finding = self.left_out(start, end, what).help(help);
        self.findings.push(finding);
    }

    /// A line ends there for readers that follow YAML 1.1 and goes on for those that follow 1.2, so that what one takes for
    /// a comment is a value to the other.
    fn refuse_doubtful_breaks(&mut self) {
        let name = |letter| match letter {
            '\u{85}' => Some("a next-line character (U+0085)"),
            '\u{2028}' => Some("a line separator (U+2028)"),
            '\u{2029}' => Some("a paragraph separator (U+2029)"),
            _ => None,
        };
        // Most files are told apart without looking at their letters.
        let text = if self.text.is_ascii() { "" } else { self.text };
        let found = text.char_indices().filter_map(|(at, letter)| Some((at, letter.len_utf8(), name(letter)?)));
        for (at, width, what) in found.take(MOST_FINDINGS) {
            self.refuse(at, at + width, what, "delete it; some programs end the line there, and others do not");
        }
    }

    /// The first directive before a document: besides them only comments and blank lines can stand there.
    fn directive_before(&self, document: usize) -> Option<(usize, usize)> {
        let mut start = 0;
        for line in self.text.get(..document)?.split_inclusive(['\n', '\r']) {
            if line.starts_with('%') {
                return Some((start, start + line.trim_end().len()));
            }
            start += line.len();
        }
        None
    }

    fn node_properties(&mut self, start: usize, end: usize, anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.refuse(start, end, "an anchor", "delete `&…`, and write the value out where it is used");
        }
        if tagged {
            self.refuse(start, end, "a tag", "delete `!…`; the schema says what every value is");
        }
    }

    fn scalar(
        &mut self,
        value: Cow<'text, str>,
        style: ScalarStyle,
        start: usize,
        end: usize,
    ) -> Result<(), SyntaxError> {
        let plain = matches!(style, ScalarStyle::Plain);
        // The parser ends a plain scalar where the next token begins; blanks after it are not part of it.
        let end = match &value {
            Cow::Borrowed(value) if plain => start + value.len(),
            _ if plain => self.trimmed_end(start, end),
            _ => end,
        };
        let span = self.span(start, end);
        if self.text.get(start..end).is_some_and(|text| text.contains(['\n', '\r'])) {
            self.long.push(span);
        }
        if let Some(Open::Mapping { key: Key::Wanted, .. }) = self.open.last() {
            self.key(value, plain, span);
            return Ok(());
        }
        let kind = if plain { plain_kind(value) } else { NodeKind::Text { value, quoted: true } };
        self.place(Node { span, kind })
    }

    fn trimmed_end(&self, start: usize, end: usize) -> usize {
        self.text.get(start..end).map_or(end, |text| start + text.trim_end().len())
    }

    fn key(&mut self, value: Cow<'text, str>, plain: bool, span: Span) {
        if plain && value == "<<" {
            let finding = Finding::error(Code::A109, "a merge key is not part of the language").at(span, "here");
            self.findings
                .push(finding.help("write the keys out; class defaults under `defaults:` say a value once for many"));
            self.expect_dropped();
            return;
        }
        if plain && matches!(plain_kind(Cow::Borrowed(&value)), NodeKind::Null) {
            let finding = Finding::error(Code::A104, "a key is missing before the colon").at(span, "here");
            self.findings.push(finding.help("write the key, or delete the line"));
            self.expect_dropped();
            return;
        }
        let Some(Open::Mapping { pairs, key, seen, .. }) = self.open.last_mut() else { return };
        if seen.is_new(pairs, &value) {
            *key = Key::Read(Located::new(value, span));
            return;
        }
        *key = Key::Dropped;
        let first = pairs.iter().find(|pair| pair.key.value == value).map(|pair| pair.key.span);
        let mut finding = Finding::error(Code::A102, format!("`{}` stands twice in one mapping", shortened(&value)))
            .at(span, "the second time");
        if let Some(first) = first {
            finding = finding.see(first, "the first time");
        }
        self.findings.push(finding.help("keep one of them; the other would be lost silently"));
    }

    fn expect_dropped(&mut self) {
        if let Some(Open::Mapping { key, .. }) = self.open.last_mut() {
            *key = Key::Dropped;
        }
    }

    fn begin(&mut self, open: Open<'text>, start: usize, end: usize) -> Result<(), SyntaxError> {
        if self.open.len() >= DEEPEST {
            let finding = Finding::error(Code::A111, format!("nested deeper than {DEEPEST} levels"))
                .at(self.span(start, end), "the level too many");
            return Err(Box::new(
                finding.help("the language needs about eight; look for a bracket or an indentation that was not meant"),
            ));
        }
        self.open.push(open);
        Ok(())
    }

    fn finish(&mut self, end: usize) {
        let (start, kind) = match self.open.pop() {
            Some(Open::Sequence { start, items }) => (start, NodeKind::Sequence(items)),
            Some(Open::Mapping { start, pairs, .. }) => (start, NodeKind::Mapping(pairs)),
            None => return,
        };
        let end = self.trimmed_end(start, end.max(start));
        let node = Node { span: self.span(start, end), kind };
        // Placing can stop only for too many nodes, which the next scalar reports as well.
        if let Err(stop) = self.place(node) {
            self.findings.push(*stop);
        }
    }

    fn place(&mut self, node: Node<'text>) -> Result<(), SyntaxError> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            let finding = Finding::error(Code::A111, "more than four million values in one file")
                .at(node.span, "reading stopped here");
            return Err(Box::new(finding.help("split it into several files under environments/")));
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { pairs, key, .. }) => match std::mem::replace(key, Key::Wanted) {
                Key::Read(key) => pairs.push(Pair { key, value: node }),
                Key::Dropped => {}
                Key::Wanted => {
                    *key = Key::Dropped;
                    let finding = Finding::error(Code::A104, "a list or a mapping stands where a key belongs")
                        .at(node.span, "not a key");
                    self.findings.push(finding.help("a key is a word followed by a colon"));
                }
            },
        }
        Ok(())
    }

    fn syntax(&self, error: &ScanError) -> Finding {
        let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        let rest = self.text.get(at..).unwrap_or_default();
        let width = rest.chars().next().filter(|first| *first != '\n').map_or(0, char::len_utf8);
        let line_start = self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let indentation: &str = self.text.get(line_start..).unwrap_or_default();
        let blank = indentation.len() - indentation.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = indentation.get(..blank).and_then(|blank| blank.find('\t')) {
            let tab = line_start + tab;
            return Finding::error(Code::A101, "a tab stands in the indentation")
                .at(self.span(tab, tab + 1), "a tab")
                .help("indent with spaces; most editors can convert them");
        }
        if let Some(control) = self
            .text
            .char_indices()
            .find(|(_, letter)| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{85}'))
        {
            let (at, letter) = control;
            return Finding::error(
                Code::A101,
                format!("a control character (U+{:04X}) stands in the file", u32::from(letter)),
            )
            .at(self.span(at, at + letter.len_utf8()), "here")
            .help("delete it; it usually comes from copying out of a terminal or a binary file");
        }
        Finding::error(Code::A101, format!("this is not valid YAML: {}", plainly(&error.to_string())))
            .at(self.span(at, at + width), "reading stopped here")
            .help("look at this line and the one before: a missing quote, bracket or colon, or an indentation that fits no line above")
    }
}

fn bytes(marks: &Marks) -> (usize, usize) {
    let range = marks.byte_range().unwrap_or(0..0);
    (range.start, range.end)
}

/// The library's words without the position that it puts behind them.
fn plainly(message: &str) -> &str {
    message.split(" at char ").next().unwrap_or(message).split(" at line ").next().unwrap_or(message).trim()
}

/// A name, cut where it is longer than anybody reads.
pub fn shortened(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(60) {
        Some((at, _)) => Cow::Owned(format!("{}…", name.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(name),
    }
}

/// The scalar rules: `true`, `false`, plain decimal integers, nothing; all else is text.
fn plain_kind(value: Cow<'_, str>) -> NodeKind<'_> {
    let special = match value.as_bytes() {
        [] | b"~" | b"null" => Some(NodeKind::Null),
        b"true" => Some(NodeKind::Bool(true)),
        b"false" => Some(NodeKind::Bool(false)),
        [b'0'] => Some(NodeKind::Integer(0)),
        // What is too large for a number stays text, and so does what only begins like one.
        digits @ [b'1'..=b'9', ..] if digits.iter().all(u8::is_ascii_digit) => {
            value.parse().ok().map(NodeKind::Integer)
        }
        _ => None,
    };
    special.unwrap_or(NodeKind::Text { value, quoted: false })
}

#[cfg(test)]
mod tests;
