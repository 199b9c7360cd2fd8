//! Parses YAML text into the marked tree, and reports errors of YAML.
//!
//! A reviewer must see every number in the diff. So anchors, aliases, merge keys, tags, and several documents in one file are refused,
//! never expanded.

mod commas;
mod keys;
mod syntax;

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, Span as Marks};

use self::commas::Commas;
use self::keys::MappingKeys;
use super::mistakes;
use super::other_format;
use super::shortened::shortened;
use super::tree::{Node, NodeKind, Pair};
use crate::model::code::Code;
use crate::model::digits::grouped;
use crate::model::finding::Finding;
use crate::model::source::{Located, SourceId, Span};

/// A parsed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<'text> {
    /// The tree of the file, without keys that were refused and their values, and with null for each alias; `None` if the text is empty
    /// or broken.
    pub root: Option<Node<'text>>,
    /// Errors of YAML.
    pub findings: Vec<Finding>,
    /// The places of keys and values that span several lines, in order.
    pub long: Vec<Span>,
}

/// The most levels of nesting. A configuration needs about eight; more are an accident or an attack.
const DEEPEST: usize = 32;
/// The initial capacity of a mapping. Most mappings have no more keys.
const USUAL_KEYS: usize = 8;
/// The most values in one file of a configuration. Only programs write more.
const MOST_NODES: usize = 1_000_000;
/// The most values in a seed. One of 100,000 environments has about a million.
pub(super) const MOST_NODES_OF_SEED: usize = 4_000_000;
/// Reading stops after this number of findings about one file.
const MOST_FINDINGS: usize = 200;

/// Parses a text of a configuration, which must not begin with a byte order mark.
pub fn parse(source: SourceId, text: &str) -> Parsed<'_> {
    parse_up_to(MOST_NODES, source, text)
}

/// Parses a text that may have this many values.
pub(super) fn parse_up_to(most: usize, source: SourceId, text: &str) -> Parsed<'_> {
    let mut builder = Builder {
        source,
        text,
        findings: Vec::new(),
        long: Vec::new(),
        open: Vec::new(),
        nodes: 0,
        most,
        commas: Commas::default(),
        root: None,
    };
    if let Some(finding) = mistakes::conflict(source, text) {
        return Parsed { root: None, findings: vec![finding], long: Vec::new() };
    }
    builder.refuse_doubtful_breaks();
    let ended = builder.read(Parser::new_from_str(text));
    let root = builder.root.as_ref().filter(|_| ended.is_ok());
    if let Some(finding) = other_format::finding(source, text, root, &builder.long) {
        return Parsed { root: None, findings: vec![finding], long: Vec::new() };
    }
    if let Err(stop) = ended {
        builder.findings.push(*stop);
        // Open collections are incomplete: a check would report keys as missing that were never reached.
        return Parsed { root: None, findings: builder.findings, long: builder.long };
    }
    if builder.root.is_none() && builder.findings.is_empty() {
        let finding = Finding::error(Code::A101, "the file is empty").at(builder.span(0, 0), "nothing here");
        builder.findings.push(finding.help("begin with `version: 1`, or delete the file"));
    }
    Parsed { root: builder.root, findings: builder.findings, long: builder.long }
}

enum Open<'text> {
    Sequence { start: usize, items: Vec<Node<'text>> },
    Mapping { start: usize, pairs: Vec<Pair<'text>>, key: Key<'text>, seen: MappingKeys<'text> },
}

/// The role of the next node in a mapping.
enum Key<'text> {
    /// A key.
    Wanted,
    /// The value of this key.
    Read(Located<Cow<'text, str>>),
    /// The value of a key that was refused. The value is read and dropped.
    Dropped,
}

struct Builder<'text> {
    source: SourceId,
    text: &'text str,
    findings: Vec<Finding>,
    long: Vec<Span>,
    open: Vec<Open<'text>>,
    nodes: usize,
    most: usize,
    commas: Commas,
    root: Option<Node<'text>>,
}

type SyntaxError = Box<Finding>;

impl<'text> Builder<'text> {
    fn read(&mut self, parser: Parser<'text, granit_parser::StrInput<'text>>) -> Result<(), SyntaxError> {
        let mut documents = 0_u32;
        for event in parser {
            let (event, marks) = event.map_err(|error| Box::new(syntax::finding(self.source, self.text, &error)))?;
            let (start, end) = bytes(&marks);
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if let Some((start, end)) = self.directive_before(start) {
                        self.refuse(start, end, "a directive", "delete the line; the language has no directives");
                    }
                    if documents > 1 {
                        let finding = self.not_in_language(start, end, "a second document in one file");
                        return Err(Box::new(finding.help("give it a file of its own, or delete the `---`")));
                    }
                }
                Event::Scalar(value, style, anchor, tag) => {
                    let is_marked = anchor != 0 || tag.is_some();
                    // The parser writes `~` for a value that is not there.
                    let is_absent = value.is_empty() || value == "~" && self.text.get(start..end) != Some("~");
                    if is_marked && is_absent && matches!(style, ScalarStyle::Plain) {
                        self.mark_without_value(start)?;
                    } else {
                        self.node_properties(start, end, anchor, tag.is_some());
                        self.scalar(value, style, start, end)?;
                    }
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
                let message = format!("this file has more than {MOST_FINDINGS} problems; the rest is not reported");
                let finding = Finding::error(Code::A111, message);
                return Err(Box::new(
                    finding.at(self.span(start, end), "reading stopped here").help("fix the first ones and run again"),
                ));
            }
        }
        Ok(())
    }

    fn span(&self, start: usize, end: usize) -> Span {
        // The parser ends the span of an empty value one byte into the next character, which may be the middle of that character.
        let (start, end) = (self.text.floor_char_boundary(start), self.text.ceil_char_boundary(end));
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source: self.source, start: offset(start), end: offset(end) }
    }

    fn not_in_language(&self, start: usize, end: usize, what: &str) -> Finding {
        Finding::error(Code::A109, format!("{what} is not part of the language")).at(self.span(start, end), "here")
    }

    fn refuse(&mut self, start: usize, end: usize, what: &str, help: &str) {
        let finding = self.not_in_language(start, end, what).help(help);
        self.findings.push(finding);
    }

    /// Refuses characters that end a line in YAML 1.1 but not in 1.2: they let one program read a value where another reads a comment.
    fn refuse_doubtful_breaks(&mut self) {
        let name = |letter| match letter {
            '\u{85}' => Some("a next-line character (U+0085)"),
            '\u{2028}' => Some("a line separator (U+2028)"),
            '\u{2029}' => Some("a paragraph separator (U+2029)"),
            _ => None,
        };
        // Most files are ASCII and cannot contain these characters.
        let text = if self.text.is_ascii() { "" } else { self.text };
        let found = text.char_indices().filter_map(|(at, letter)| Some((at, letter.len_utf8(), name(letter)?)));
        for (at, width, what) in found.take(MOST_FINDINGS) {
            self.refuse(at, at + width, what, "delete it; some programs end the line there, and others do not");
        }
    }

    /// The first directive before a document. All other lines before a document are comments or blank.
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
        const ANCHOR: &str =
            "delete `&…`, and write the value out where it is used; a text that begins with `&` needs quotes";
        const TAG: &str =
            "delete `!…`, as the schema defines the type of every value; a text that begins with `!` needs quotes";
        if anchor != 0 {
            self.refuse(start, end, "an anchor", ANCHOR);
        }
        if tagged {
            self.refuse(start, end, "a tag", TAG);
        }
    }

    /// Reads an anchor or a tag that no value follows, such as that of `name: &HR`, as the text that it probably is.
    fn mark_without_value(&mut self, before: usize) -> Result<(), SyntaxError> {
        let read = self.text.get(..before).unwrap_or_default().trim_end();
        let start = read.rfind([' ', '\t', '\n', ',', '[', '{', ':']).map_or(0, |blank| blank + 1);
        let mark = read.get(start..).unwrap_or_default();
        let span = self.span(start, read.len());
        let what = if mark.starts_with('!') { "a tag" } else { "an anchor" };
        let finding = self.not_in_language(start, read.len(), what);
        let meant = mistakes::quoted(&shortened(mark));
        self.findings.push(finding.help(format!("put a text that begins with this character in quotes: `{meant}`")));
        if let Some(Open::Mapping { key: Key::Wanted, .. }) = self.open.last() {
            self.expect_dropped();
            return Ok(());
        }
        self.place(Node { span, kind: NodeKind::Text { value: mark.to_owned().into(), quoted: true } })
    }

    fn scalar(
        &mut self,
        value: Cow<'text, str>,
        style: ScalarStyle,
        start: usize,
        end: usize,
    ) -> Result<(), SyntaxError> {
        let plain = matches!(style, ScalarStyle::Plain);
        // The parser's span of a plain scalar includes the blanks up to the next token.
        let end = match &value {
            Cow::Borrowed(value) if plain => start + value.len(),
            _ if plain => self.trimmed_end(start, end),
            _ => end,
        };
        let span = self.span(start, end);
        if self.text.get(start..end).is_some_and(|text| text.contains(['\n', '\r'])) {
            self.long.push(span);
        }
        if let Some(finding) = mistakes::odd_blank(self.source, self.text, start, end).filter(|_| plain) {
            return Err(Box::new(finding));
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
                .push(finding.help("write the keys out, or set a value for a class of environments under `defaults:`"));
            self.expect_dropped();
            return;
        }
        if plain && let Some(finding) = self.commas.split(self.text, &value, span) {
            self.findings.extend(finding);
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
        let mut finding =
            Finding::error(Code::A102, format!("duplicate key `{}`", shortened(&value))).at(span, "the second time");
        if let Some(first) = first {
            finding = finding.see(first, "the first time");
        }
        self.findings.push(finding.help("merge them into one; otherwise all but one would be lost silently"));
    }

    fn expect_dropped(&mut self) {
        if let Some(Open::Mapping { key, .. }) = self.open.last_mut() {
            *key = Key::Dropped;
        }
    }

    fn begin(&mut self, open: Open<'text>, start: usize, end: usize) -> Result<(), SyntaxError> {
        if self.open.len() >= DEEPEST {
            let finding = Finding::error(Code::A111, format!("nested deeper than {DEEPEST} levels"))
                .at(self.span(start, end), "one level too deep");
            return Err(Box::new(
                finding.help("the language needs about eight; look for a bracket or an indentation that was not meant"),
            ));
        }
        self.open.push(open);
        Ok(())
    }

    fn finish(&mut self, end: usize) {
        let (start, kind) = match self.open.pop() {
            Some(Open::Sequence { start, items }) => (start, NodeKind::Sequence(fitted(items))),
            Some(Open::Mapping { start, pairs, .. }) => (start, NodeKind::Mapping(fitted(pairs))),
            None => return,
        };
        let end = self.trimmed_end(start, end.max(start));
        let node = Node { span: self.span(start, end), kind };
        // The only error is too many nodes, which the next scalar returns as well.
        if let Err(stop) = self.place(node) {
            self.findings.push(*stop);
        }
    }

    fn place(&mut self, node: Node<'text>) -> Result<(), SyntaxError> {
        self.nodes += 1;
        if self.nodes > self.most {
            let most = grouped(&self.most.to_string());
            let finding = Finding::error(Code::A111, format!("more than {most} values in one file"))
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
                    let finding =
                        Finding::error(Code::A104, "a list or a mapping is used as a key").at(node.span, "not a key");
                    let start =
                        usize::try_from(finding.primary.as_ref().map_or(0, |label| label.span.start)).unwrap_or(0);
                    let is_template = self.text.get(..start).is_some_and(|before| before.ends_with('{'));
                    self.findings.push(finding.help(match is_template {
                        true => "a template is not filled in here: write the value",
                        false => "a key is a word followed by a colon",
                    }));
                }
            },
        }
        Ok(())
    }
}

/// A list without its spare room if that is most of it: a hostile file can have a million small mappings.
fn fitted<T>(mut list: Vec<T>) -> Vec<T> {
    if list.len() < list.capacity() / 2 {
        list.shrink_to_fit();
    }
    list
}

fn bytes(marks: &Marks) -> (usize, usize) {
    let range = marks.byte_range().unwrap_or(0..0);
    (range.start, range.end)
}

/// The type of a plain scalar: null, `true`, `false`, a plain decimal integer, else text.
fn plain_kind(value: Cow<'_, str>) -> NodeKind<'_> {
    let special = match value.as_bytes() {
        [] | b"~" | b"null" => Some(NodeKind::Null),
        b"true" => Some(NodeKind::Bool(true)),
        b"false" => Some(NodeKind::Bool(false)),
        [b'0'] => Some(NodeKind::Integer(0)),
        // An integer above `u64::MAX` is text.
        digits @ [b'1'..=b'9', ..] if digits.iter().all(u8::is_ascii_digit) => {
            value.parse().ok().map(NodeKind::Integer)
        }
        _ => None,
    };
    special.unwrap_or(NodeKind::Text { value, quoted: false })
}

#[cfg(test)]
mod tests;
