//! Amounts: plain decimal integers, and suggestions for other notations.

use std::fmt::Display;

use super::reader::Reader;
use super::wrong::INTEGER;
use crate::manifest::mistakes;
use crate::manifest::shortened::shortened;
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

const DIGITS_ONLY: &str = "write the whole number in digits only";

/// Advice for an amount with other text, such as a comment or a unit.
fn meant(written: &str) -> String {
    if let Some(formula) = written.strip_prefix('=') {
        return match digits(formula.trim()) {
            Some(digits) => format!("write {}, without the sign of a formula", trimmed(digits)),
            None => "a formula is not computed here: write its result".to_owned(),
        };
    }
    if written.contains(['$', '{']) || written.starts_with("var.") || written.starts_with("local.") {
        return "a variable is not replaced here: write its value".to_owned();
    }
    if written == "unmanaged" {
        return "`unmanaged` is the whole value of an add-on under `allocations`: `app-passes: unmanaged`".to_owned();
    }
    if let Some(meant) = mistakes::without_colon(written) {
        return format!("write a colon after the key: `{meant}`");
    }
    let end = written.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(written.len());
    let (number, rest) = written.split_at(end);
    let rest = rest.trim();
    let advice = if number.is_empty() { None } else { after_digits(number, rest) };
    advice.unwrap_or_else(|| DIGITS_ONLY.to_owned())
}

/// Advice for a number with other text after its digits.
fn after_digits(number: &str, rest: &str) -> Option<String> {
    if let Some(comment) = rest.strip_prefix('#') {
        return Some(format!("write a space before the comment: `{number} # {}`", shortened(comment.trim())));
    }
    if rest.starts_with("//") {
        let comment = rest.trim_start_matches('/').trim();
        return Some(format!("a comment begins with `#`: write `{number} # {}`", shortened(comment)));
    }
    if matches!(rest, ";" | "," | ".") {
        return Some(format!("write {}, without the `{rest}`", trimmed(number)));
    }
    if matches!(rest, "pack" | "packs") {
        return Some(format!("write `{{ packs: {number} }}`, or the number of units"));
    }
    if matches!(rest, "k" | "K") {
        return Some(format!("write every digit: {}000", trimmed(number)));
    }
    let thousands = rest.strip_prefix('.').and_then(digits).filter(|digits| digits.len() == 3);
    if let Some(thousands) = thousands {
        return Some(format!("write {}, if the point separates thousands", trimmed(&format!("{number}{thousands}"))));
    }
    is_unit(rest).then(|| format!("write {number}; its key says what it counts"))
}

/// Whether a word is the unit of an add-on in the catalog, or of anything. Any other word may change the number: `2 packs`, `3
/// percent`, `5 per user`.
fn is_unit(word: &str) -> bool {
    const OF_ANYTHING: [&str; 9] = ["unit", "units", "pcs", "Stück", "Stk", "Stk.", "day", "days", "Tage"];
    let catalogued = CATALOG.iter().flat_map(|entry| [entry.unit, entry.units]);
    catalogued.chain(OF_ANYTHING).any(|unit| unit.eq_ignore_ascii_case(word))
}

/// The percentage of a share of one: 30 for `0.3`.
pub(super) fn share_of_one(written: &str) -> Option<String> {
    let fraction = written.strip_prefix("0.").or_else(|| written.strip_prefix("0,"))?;
    let fraction = digits(fraction).filter(|fraction| fraction.len() <= 2)?;
    Some(trimmed(&format!("{fraction:0<2}"))).filter(|percent| percent != "0")
}

/// Advice for a percentage that is not whole, where a whole one is followed by this sign.
pub(super) fn whole_percent(written: &str, sign: &str) -> Option<String> {
    if let Some(percent) = share_of_one(written) {
        return Some(format!("write {percent}{sign}, if that many percent are meant"));
    }
    let number = written.strip_suffix('%').unwrap_or(written).trim();
    let (whole, fraction) = number.split_once(['.', ','])?;
    let (whole, _) = (digits(whole)?, digits(fraction)?);
    let below: u32 = whole.parse().ok().filter(|below| *below < 100)?;
    Some(format!("write a whole number: {below}{sign} or {}{sign}", below + 1))
}

impl Reader<'_> {
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
            _ => self.wrong(node, what, INTEGER),
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
        if let NodeKind::Text { value, .. } = &node.kind
            && let Some(help) = whole_percent(value, "")
        {
            let finding = Finding::error(Code::A106, format!("{what} is `{value}`, which is not a plain integer"));
            self.report(finding.at(node.span, "expected digits only").help(help));
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
                None if self.is_long(node.span) => finding.help(DIGITS_ONLY),
                None => finding.help(meant(written)),
            }
        };
        self.report(finding);
        None
    }
}
