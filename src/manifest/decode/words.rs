//! Texts, booleans, dates, and words from a fixed set.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::Date;

use super::fields::Fields;
use super::reader::Reader;
use super::wrong::{BOOLEAN, TEXT};
use crate::manifest::core_type::core_type;
use crate::manifest::shortened::shortened;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::code::Code;
use crate::model::day::{NotADay, day};
use crate::model::finding::Finding;
use crate::model::near::did_you_mean;
use crate::model::source::Located;
use crate::model::terms::{Interval, MalformedTerm};

impl Reader<'_> {
    /// A text that is not blank.
    pub(super) fn text<'node>(
        &mut self,
        node: &'node Node<'node>,
        what: impl Display + Copy,
    ) -> Option<Located<&'node str>> {
        match &node.kind {
            NodeKind::Text { value, quoted } if !value.trim().is_empty() => match core_type(value) {
                // Other programs that read the file, such as editors, would take another value from it.
                Some(kind) if !quoted => self.unquoted(node, what, kind, value),
                _ => Some(Located::new(value.as_ref(), node.span)),
            },
            NodeKind::Text { .. } => {
                let finding = Finding::error(Code::A120, format!("{what} is an empty text"));
                self.report(finding.at(node.span, "nothing here").help("give it a value, or delete the line"));
                None
            }
            NodeKind::Integer(number) => self.unquoted(node, what, node.kind.describe(), &number.to_string()),
            NodeKind::Bool(value) => self.unquoted(node, what, node.kind.describe(), &value.to_string()),
            _ => self.wrong(node, what, TEXT),
        }
    }

    fn unquoted<T>(&mut self, node: &Node<'_>, what: impl Display + Copy, kind: &str, written: &str) -> Option<T> {
        let message = format!("{what} must be a text, and this is {kind}");
        let finding = Finding::error(Code::A104, message).at(node.span, "expected a text");
        self.report(finding.help(format!("write \"{written}\" with quotes")));
        None
    }

    pub(super) fn optional_text<'node>(&mut self, fields: &Fields<'node>, key: &str) -> Option<Located<&'node str>> {
        let node = fields.get(key)?;
        self.text(node, format_args!("`{key}`"))
    }

    pub(super) fn boolean(&mut self, node: &Node<'_>, what: impl Display + Copy) -> Option<Located<bool>> {
        match &node.kind {
            NodeKind::Bool(value) => Some(Located::new(*value, node.span)),
            NodeKind::Text { value, .. } => {
                const TRUE: [&str; 11] = ["yes", "on", "y", "true", "ja", "j", "wahr", "an", "enabled", "oui", "x"];
                const FALSE: [&str; 9] = ["no", "off", "n", "false", "nein", "falsch", "aus", "disabled", "non"];
                let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value.trim()));
                let meant = if is_one_of(&TRUE) {
                    "write true"
                } else if is_one_of(&FALSE) {
                    "write false"
                } else {
                    "write true or false, without quotes"
                };
                let finding = Finding::error(Code::A104, format!("{what} must be true or false, and this is text"))
                    .at(node.span, "expected true or false");
                self.report(finding.help(meant));
                None
            }
            _ => self.wrong(node, what, BOOLEAN),
        }
    }

    pub(super) fn choice<T: Copy>(
        &mut self,
        node: &Node<'_>,
        what: impl Display + Copy,
        choices: &[(&str, T)],
    ) -> Option<Located<T>> {
        let text = match &node.kind {
            NodeKind::Integer(number) => Cow::from(number.to_string()),
            NodeKind::Bool(value) => Cow::from(value.to_string()),
            _ => Cow::from(self.text(node, what)?.value),
        };
        let is_text = matches!(node.kind, NodeKind::Text { .. });
        if let Some((_, value)) = choices.iter().filter(|_| is_text).find(|(word, _)| *word == text) {
            return Some(Located::new(*value, node.span));
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let finding = Finding::error(Code::A120, format!("{what} cannot be `{}`", shortened(&text)))
            .at(node.span, "not one of the choices")
            .note(format!("possible: {}", words.join(", ")));
        self.report(match did_you_mean(&text, words) {
            Some(meant) => finding.help(meant),
            None => finding,
        });
        None
    }

    /// An identifier or a key, parsed from its text.
    pub(super) fn term<T: FromStr<Err = MalformedTerm>>(&mut self, text: Located<&str>) -> Option<Located<T>> {
        self.term_with(text, || None)
    }

    /// Like [`Reader::term`], with help for malformed text.
    pub(super) fn term_with<T: FromStr<Err = MalformedTerm>>(
        &mut self,
        text: Located<&str>,
        help: impl FnOnce() -> Option<String>,
    ) -> Option<Located<T>> {
        match text.value.parse() {
            Ok(value) => Some(Located::new(value, text.span)),
            Err(error) => {
                let finding = Finding::error(Code::A119, error.to_string()).at(text.span, "malformed");
                self.report(help().into_iter().fold(finding, Finding::help));
                None
            }
        }
    }

    /// A calendar date in the form `2027-03-31`.
    pub(super) fn date(&mut self, node: &Node<'_>, what: impl Display + Copy) -> Option<Date> {
        let written = match &node.kind {
            NodeKind::Text { value, .. } => value.to_string(),
            NodeKind::Integer(number) => number.to_string(),
            _ => return self.wrong(node, what, "a date"),
        };
        let read = day(&written);
        if let Err(error) = &read {
            let is_endless = ["never", "none", "forever", "unlimited", "unbegrenzt", "nie", "-"];
            let help = match is_endless.iter().any(|word| word.eq_ignore_ascii_case(&written)) {
                true => "write a day; where a day is optional, delete the key instead".to_owned(),
                false => error.help(),
            };
            let written = shortened(&written);
            let message = match error {
                NotADay::NoSuchDay(_) => format!("{what} is `{written}`, and {error}"),
                NotADay::OtherForm(_) => format!("{what} is `{written}`, which is {error}"),
            };
            self.report(Finding::error(Code::A108, message).at(node.span, "expected a date").help(help));
        }
        read.ok()
    }

    /// `from` and `until` of a mapping; `None` if one is malformed, or `until` lies before `from`.
    pub(super) fn interval(&mut self, fields: &Fields<'_>) -> Option<Interval> {
        let from = fields.get("from").map(|node| (self.date(node, "`from`"), node));
        let until = fields.get("until").map(|node| (self.date(node, "`until`"), node));
        if matches!(from, Some((None, _))) || matches!(until, Some((None, _))) {
            return None;
        }
        let interval = Interval { from: from.and_then(|end| end.0), until: until.and_then(|end| end.0) };
        if let (true, Some((_, from)), Some((_, until))) = (interval.is_empty(), from, until) {
            let finding = Finding::error(Code::A108, "`until` lies before `from`, so no day is left")
                .at(until.span, "the last day")
                .see(from.span, "the first day");
            self.report(finding.help("both days are included; swap them, or fix one"));
            return None;
        }
        Some(interval)
    }
}
