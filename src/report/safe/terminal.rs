//! For a terminal, and the first step of every other format: control characters and invisible characters become visible.
//!
//! [`clean`] and [`clean_lines`] are for a text of strangers, before it becomes a part of ours. [`printed`] is for all that a stream gets, and
//! assumes nothing about what was cleaned before.
//!
//! Stops escape sequences (colors, titles, links, cursor movements), control characters, and characters that are invisible or
//! reverse the order of others (such as `U+202E`), which can make one name look like another.

use std::borrow::Cow;

/// Replaces a character that cannot be shown, if exactly one character must take its place.
const REPLACEMENT: char = '\u{fffd}';

/// Whether a character is invisible, moves other characters or controls a terminal.
pub(super) fn is_harmful(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// One line of text with all characters visible: a control character becomes its picture (`␛`, `␊`), an invisible one
/// its number (`\u{202e}`).
pub(in crate::report) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\u{0}'..='\u{1f}' => shown.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or(REPLACEMENT)),
            '\u{7f}' => shown.push('\u{2421}'),
            _ if is_harmful(character) => shown.extend(character.escape_unicode()),
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Like [`clean`], line by line: line ends are kept.
pub(in crate::report) fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// Whole lines as a terminal gets them: line ends, tabs and our colors are kept, and every other control or invisible character is made
/// visible, whatever wrote it.
pub(super) fn printed(text: &str) -> Cow<'_, str> {
    let is_kept = |character: char| matches!(character, '\n' | '\t');
    if !text.contains(|character| is_harmful(character) && !is_kept(character)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let kept = if is_kept(character) { 1 } else { color(rest) };
        let (head, tail) = rest.split_at(kept.max(character.len_utf8()));
        shown.push_str(&if kept > 0 { Cow::Borrowed(head) } else { clean(head) });
        rest = tail;
    }
    Cow::Owned(shown)
}

/// The length of the escape sequence at the start of a text, if it sets a color or a weight of [`crate::report::style`], or of the excerpts
/// of files; otherwise 0. Other attributes can hide text.
fn color(text: &str) -> usize {
    let is_ours = |parameter: &str| matches!(parameter.parse(), Ok(0..=4 | 22..=24 | 30..=37 | 39 | 90..=97_u8));
    let Some((parameters, _)) = text.strip_prefix("\u{1b}[").and_then(|rest| rest.split_once('m')) else { return 0 };
    if parameters.split(';').all(is_ours) { "\u{1b}[m".len() + parameters.len() } else { 0 }
}

/// Like [`clean`], but each character becomes exactly one, so that columns in source lines are kept.
pub(in crate::report) fn clean_character(character: char) -> char {
    match character {
        '\t' => '\t',
        _ if is_harmful(character) => REPLACEMENT,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_cannot_see_is_shown() {
        for (text, shown) in [
            ("HR (Prod)", "HR (Prod)"),
            ("Übergabe 部門 🚀", "Übergabe 部門 🚀"),
            ("\u{1b}[31mred\u{1b}[0m", "␛[31mred␛[0m"),
            ("\u{1b}]8;;https://evil\u{7}x", "␛]8;;https://evil␇x"),
            ("one\ntwo\r\n\tthree", "one␊two␍␊␉three"),
            ("abc\u{202e}txt", "abc\\u{202e}txt"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("csi\u{9b}31m", "csi\\u{9b}31m"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("line\u{2028}separator", "line\\u{2028}separator"),
            ("del\u{7f}", "del␡"),
        ] {
            assert_eq!(clean(text), shown);
        }
    }

    #[test]
    fn a_stream_gets_lines_tabs_and_our_colors_only() {
        for (text, shown) in [
            ("one\n\ttwo\n", "one\n\ttwo\n"),
            ("\u{1b}[1m\u{1b}[31mred\u{1b}[0m", "\u{1b}[1m\u{1b}[31mred\u{1b}[0m"),
            ("\u{1b}[8mhidden\u{1b}[0;5m\u{1b}[2J\u{1b}[m\u{1b}", "␛[8mhidden␛[0;5m␛[2J␛[m␛"),
            ("a\rb\u{9b}2J\u{202e}", "a␍b\\u{9b}2J\\u{202e}"),
            ("\u{1b}]8;;https://evil\u{7}m", "␛]8;;https://evil␇m"),
        ] {
            assert_eq!(printed(text), shown);
        }
    }

    #[test]
    fn line_ends_can_be_kept() {
        assert_eq!(clean_lines("one\ntwo\u{7}\r\nthree"), "one\ntwo␇\nthree");
    }
}
