//! Breaks prose into lines at blanks, never inside `code`.

use unicode_width::UnicodeWidthStr;

/// Lines of at most so many columns, where words allow it. Text between backticks stays in one piece, so that commands
/// can be copied. Line ends that are there stay.
pub(super) fn wrap(text: &str, columns: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in words(paragraph) {
            let width = word.width();
            if used > 0 && used + 1 + width > columns {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += width;
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// The pieces between blanks; blanks between two backticks do not part.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.split(move |character: char| {
        in_code ^= character == '`';
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
            ("an `open backtick stays in one", 8, "an\n`open backtick stays in one"),
            ("", 10, ""),
        ] {
            assert_eq!(wrap(text, columns), lines);
        }
    }
}
