//! Amounts: plain decimal integers, and suggestions for other notations.

use std::fmt::Display;

use super::reader::Reader;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::catalog::CATALOG;
use crate::model::code::Code;
use crate::model::digits::grouped;
use crate::model::finding::Finding;
use crate::model::source::Located;
use crate::model::terms::{Percent, Units};

/// The plain integer that another notation means; `None` if the text is no number or is ambiguous.
pub(super) fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
        let zeros: usize = exponent.trim_start_matches('+').parse().ok().filter(|zeros| *zeros <= 15)?;
        return digits(mantissa).map(|digits| trimmed(&format!("{digits}{}", "0".repeat(zeros))));
    }
    if let Some((whole, fraction)) = text.split_once('.') {
        // Three digits after the point are ambiguous: German groups thousands with a point.
        let is_zero_fraction = !fraction.is_empty() && fraction.len() != 3 && fraction.bytes().all(|byte| byte == b'0');
        return if is_zero_fraction { digits(whole).map(trimmed) } else { None };
    }
    let is_separator = |sign: char| matches!(sign, ',' | '\'' | ' ' | '\u{a0}' | '\u{202f}');
    let joined: String = text.chars().filter(|sign| *sign != '_' && !is_separator(*sign)).collect();
    // Groups of another length are probably several numbers, such as two columns of a table.
    let groups_thousands = text.split(is_separator).skip(1).all(|group| group.len() == 3);
    if groups_thousands { digits(&joined).map(trimmed) } else { None }
}

fn digits(text: &str) -> Option<&str> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then_some(text)
}

fn trimmed(digits: &str) -> String {
    let rest = digits.trim_start_matches('0');
    if rest.is_empty() { "0".to_owned() } else { rest.to_owned() }
}

/// Advice for an amount with text after the digits, such as a comment or a unit.
fn meant(written: &str) -> String {
    let end = written.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(written.len());
    let (number, rest) = written.split_at(end);
    match (number, rest.trim_start().strip_prefix('#')) {
        (number, Some(comment)) if !number.is_empty() => {
            format!("write a space before the comment: `{number} # {}`", comment.trim())
        }
        (number, None) if !number.is_empty() && is_unit(rest.trim()) => {
            format!("write {number}; its key says what it counts")
        }
        _ => "write digits only, such as 500000".to_owned(),
    }
}

/// Whether a word is the unit of an add-on in the catalog. Any other word may change the number: `2 packs`, `3
/// percent`, `5 per user`.
fn is_unit(word: &str) -> bool {
    CATALOG.iter().flat_map(|entry| [entry.unit, entry.units]).any(|unit| unit.eq_ignore_ascii_case(word))
}

impl Reader {
    pub(super) fn units(&mut self, node: &Node<'_>, what: impl Display + Copy, max: Units) -> Option<Located<Units>> {
        let number = self.number(node, what, max.get())?;
        Some(number.map(Units::new))
    }

    pub(super) fn number(&mut self, node: &Node<'_>, what: impl Display + Copy, max: u64) -> Option<Located<u64>> {
        match &node.kind {
            NodeKind::Integer(number) if *number <= max => Some(Located::new(*number, node.span)),
            NodeKind::Integer(number) => self.too_large(node, what, &grouped(&number.to_string()), max),
            NodeKind::Text { value, .. } => {
                let plain = plain(value);
                match plain.as_deref() {
                    Some(digits) if digits == value.as_ref() && digits.parse::<u64>().is_err() => {
                        self.too_large(node, what, digits, max)
                    }
                    _ => self.not_plain(node, value, plain),
                }
            }
            _ => self.wrong(node, what, "a plain integer"),
        }
    }

    /// A percentage as a plain integer from 0 to 100.
    pub(super) fn percent(&mut self, node: &Node<'_>, what: impl Display + Copy) -> Option<Located<Percent>> {
        if let NodeKind::Text { value, .. } = &node.kind
            && let Some(digits) = value.strip_suffix('%').and_then(plain)
        {
            let finding = Finding::error(Code::A106, format!("{what} is `{value}`, which is not a plain integer"));
            self.report(finding.at(node.span, "expected digits only").help(format!("write {digits}")));
            return None;
        }
        let number = self.number(node, what, 100)?;
        let percent = u8::try_from(number.value).ok().and_then(Percent::new)?;
        Some(Located::new(percent, number.span))
    }

    fn too_large<T>(&mut self, node: &Node<'_>, what: impl Display + Copy, written: &str, max: u64) -> Option<T> {
        let finding =
            Finding::error(Code::A107, format!("{what} is {written}; the maximum is {}", grouped(&max.to_string())));
        self.report(finding.at(node.span, "too large"));
        None
    }

    fn not_plain<T>(&mut self, node: &Node<'_>, written: &str, plain: Option<String>) -> Option<T> {
        const WHOLE: &str = "write the whole amount that is meant; amounts are never relative to what is held";
        let without_sign = |sign: char| written.strip_prefix(sign).and_then(self::plain).is_some();
        let finding = if without_sign('-') {
            Finding::error(Code::A106, format!("an amount cannot be negative, and this is {written}"))
                .at(node.span, "below zero")
                .help(WHOLE)
        } else if without_sign('+') {
            Finding::error(Code::A106, format!("`{written}` is not a plain integer"))
                .at(node.span, "expected digits only")
                .help(WHOLE)
        } else if written.ends_with('%') {
            Finding::error(Code::A106, format!("`{written}` is not a plain integer"))
                .at(node.span, "a percentage")
                .help("write a number of units; only `reserve` takes a percentage")
        } else {
            let finding = Finding::error(Code::A106, format!("`{written}` is not a plain integer"))
                .at(node.span, "expected digits only");
            match plain {
                Some(plain) => finding.help(format!("write {plain}")),
                None => finding.help(meant(written)),
            }
        };
        self.report(finding);
        None
    }
}
