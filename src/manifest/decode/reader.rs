//! The reader of one file, which collects findings. Each sibling module adds methods for some kinds of values.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::tree::Node;
use crate::model::code::Code;
use crate::model::finding::{Finding, MOST_OF_FILE, Severity};
use crate::model::source::{Located, Span};

/// A decoded file and its findings.
#[derive(Debug)]
pub(in crate::manifest) struct Decoded<T> {
    /// The decoded file, as far as it could be read.
    pub(in crate::manifest) file: T,
    pub(in crate::manifest) findings: Vec<Finding>,
}

/// Decodes values and collects findings, but not all of them: a hostile file must not use up the memory of the
/// machine. Keeps the first [`MOST_OF_FILE`] of each severity, and the first of each code and severity. Of the rest, keeps
/// one of each code and severity, which represents all others of that code and severity.
#[derive(Debug, Default)]
pub(super) struct Reader<'text> {
    /// The text of the file.
    pub(super) text: &'text str,
    pub(super) findings: Vec<Finding>,
    kept: BTreeMap<Severity, usize>,
    known: BTreeSet<(Code, Severity)>,
    rest: BTreeMap<(Code, Severity), Finding>,
}

impl<'text> Reader<'text> {
    pub(super) fn new(text: &'text str) -> Reader<'text> {
        Reader { text, ..Reader::default() }
    }

    /// Whether a key or a value spans several lines. A message quotes at most one line, so no help repeats such a text.
    pub(super) fn is_long(&self, span: Span) -> bool {
        let [start, end] = [span.start, span.end].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
        self.text.get(start..end).is_some_and(|text| text.contains(['\n', '\r']))
    }

    /// Whether an error with this code would be kept as it is. Only then is it worth looking for what was meant.
    pub(super) fn keeps(&self, code: Code) -> bool {
        !self.known.contains(&(code, Severity::Error))
            || self.kept.get(&Severity::Error).is_none_or(|kept| *kept < MOST_OF_FILE)
    }

    pub(super) fn report(&mut self, finding: Finding) {
        let kept = self.kept.entry(finding.severity).or_default();
        if self.known.insert((finding.code, finding.severity)) || *kept < MOST_OF_FILE {
            *kept += 1;
            self.findings.push(finding);
            return;
        }
        let represented = self.rest.entry((finding.code, finding.severity));
        represented.and_modify(|first| first.represents += 1).or_insert(finding);
    }

    /// The decoded file and the findings.
    pub(super) fn decoded<T>(self, file: T) -> Decoded<T> {
        let Reader { mut findings, rest, .. } = self;
        findings.extend(rest.into_values());
        Decoded { file, findings }
    }
}

pub(super) type KeyedNode<'node> = (Located<&'node str>, &'node Node<'node>);
