//! Breaks text into lines at blanks, never inside `code`.

use unicode_width::UnicodeWidthStr;

/// The number of blanks before the first line of a text, and before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Indent {
    pub(super) first: usize,
    pub(super) rest: usize,
}

/// Wraps text to lines of at most `columns` columns, unless a word is longer. Text between backticks stays in one piece,
/// so that commands can be copied. Existing line ends are kept.
pub fn wrap(text: &str, columns: usize) -> String {
    let flush = Indent { first: 0, rest: 0 };
    let paragraphs: Vec<String> = text.split('\n').map(|paragraph| fill(words(paragraph), columns, flush)).collect();
    paragraphs.join("\n")
}

/// Text after a head such as a code. The head may be painted and is `head_width` columns wide. Continued lines begin with
/// `rest` blanks. Existing line ends are kept.
pub(super) fn behind(head: &str, head_width: usize, text: &str, rest: usize, columns: usize) -> String {
    let indents = std::iter::once(head_width).chain(std::iter::repeat(rest));
    let paragraph = |(first, text)| fill(words(text), columns, Indent { first, rest });
    let all = indents.zip(text.split('\n')).map(paragraph).collect::<Vec<_>>().join("\n");
    // The first line begins with as many blanks as the head has columns; the head replaces them.
    format!("{head}{}\n", all.get(head_width..).unwrap_or_default())
}

/// Text without a head.
pub(super) fn prose(text: &str, columns: usize, indent: Indent) -> String {
    fill(words(text), columns, indent) + "\n"
}

/// An enumeration, broken after its commas. A piece that is too wide for a line is broken at its blanks.
pub(super) fn enumeration(pieces: &[String], columns: usize, indent: Indent) -> String {
    let last = pieces.len().saturating_sub(1);
    let with_commas: Vec<String> =
        (0..).zip(pieces).map(|(at, piece)| if at < last { format!("{piece},") } else { piece.clone() }).collect();
    let room = columns.saturating_sub(indent.first.max(indent.rest));
    let parts = with_commas.iter().flat_map(|piece| match piece.width() > room {
        true => words(piece).collect(),
        false => vec![piece.as_str()],
    });
    fill(parts, columns, indent) + "\n"
}

/// Joins pieces with blanks, on as few lines as possible.
fn fill<'text>(pieces: impl IntoIterator<Item = &'text str>, columns: usize, indent: Indent) -> String {
    let mut text = " ".repeat(indent.first);
    let (mut used, mut is_begun) = (indent.first, false);
    for piece in pieces {
        let width = piece.width();
        if is_begun && used + 1 + width > columns {
            text.push('\n');
            text.push_str(&" ".repeat(indent.rest));
            used = indent.rest;
        } else if is_begun {
            text.push(' ');
            used += 1;
        }
        text.push_str(piece);
        used += width;
        is_begun = true;
    }
    text
}

/// The pieces between blanks. Blanks between two backticks do not separate, and an unpaired backtick has no effect.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut backticks = text.matches('`').count() / 2 * 2;
    let mut in_code = false;
    text.split(move |character: char| {
        if character == '`' && backticks > 0 {
            backticks -= 1;
            in_code = !in_code;
        }
        character == ' ' && !in_code
    })
    .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_not_in_code() {
        for (text, columns, lines) in [
            ("short", 20, "short"),
            ("one two three four", 9, "one two\nthree\nfour"),
            ("run `allot plan --out x` now", 10, "run\n`allot plan --out x`\nnow"),
            ("averyveryverylongword stays", 5, "averyveryverylongword\nstays"),
            ("first line\nsecond line", 40, "first line\nsecond line"),
            ("an `open backtick is itself", 8, "an `open\nbacktick\nis\nitself"),
            ("", 10, ""),
        ] {
            assert_eq!(wrap(text, columns), lines);
        }
    }

    #[test]
    fn what_hangs_behind_a_head_goes_on_under_it() {
        assert_eq!(behind("<b>A1</b> ", 3, "one two three", 1, 10), "<b>A1</b> one two\n three\n");
        assert_eq!(behind("A1 ", 3, "one\ntwo", 1, 10), "A1 one\n two\n");
        assert_eq!(behind("A1 ", 3, "", 1, 10), "A1 \n");
    }

    #[test]
    fn enumerations_break_after_commas() {
        let pieces = |all: &[&str]| all.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>();
        let indent = Indent { first: 2, rest: 4 };
        for (all, columns, lines) in [
            (["1 owned", "2 free"].as_slice(), 20, "  1 owned, 2 free\n"),
            (&["1 owned", "2 free"], 16, "  1 owned,\n    2 free\n"),
            (&["a piece too wide for it", "2 free"], 12, "  a piece\n    too wide\n    for it,\n    2 free\n"),
            (&[], 12, "  \n"),
        ] {
            assert_eq!(enumeration(&pieces(all), columns, indent), lines);
        }
    }
}
