//! For a terminal, and the first step of every other format: control characters and invisible characters become visible.
//!
//! Stops escape sequences (colors, titles, links, cursor movements), control characters, and characters that are invisible or
//! reverse the order of others (such as `U+202E`), which can make one name look like another.

use std::borrow::Cow;

/// Replaces a character that cannot be shown, if exactly one character must take its place.
const REPLACEMENT: char = '\u{fffd}';

/// Whether a character is invisible, moves other characters or controls a terminal.
fn is_harmful(character: char) -> bool {
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
    fn line_ends_can_be_kept() {
        assert_eq!(clean_lines("one\ntwo\u{7}\r\nthree"), "one\ntwo␇\nthree");
    }
}
