//! For a table that a spreadsheet opens: text must not be run as a formula.
//!
//! The table is separated by commas. A spreadsheet of another locale separates it by semicolons instead, and then reads a quoted text as
//! several cells.

use super::terminal::clean;

/// The signs with which a formula begins.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The signs that separate cells in some locale or setting. Tabs and line ends are no longer in the text.
const SEPARATORS: [char; 3] = [',', ';', '|'];

/// The text of one cell. An apostrophe makes a formula text; it goes before each place where a cell can begin with a formula.
pub(in crate::report) fn cell(text: &str) -> String {
    let shown = clean(text);
    let mut safe = String::with_capacity(shown.len() + 1);
    let mut rest = shown.as_ref();
    loop {
        if is_formula(rest) {
            safe.push('\'');
        }
        let Some(at) = rest.find(SEPARATORS) else {
            safe.push_str(rest);
            return safe;
        };
        // Each of the separators has one byte.
        let (cell, next) = rest.split_at(at + 1);
        safe.push_str(cell);
        rest = next;
    }
}

/// Whether a cell that begins with this text is a formula. Blanks and quotes before it may not count.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"').starts_with(FORMULAS)
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_name_is_a_formula() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("@a", "'@a"),
            ("HR", "HR"),
            ("-", "'-"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("\"=1", "'\"=1"),
            ("a;=1;b", "a;'=1;b"),
            ("a; \"+1", "a;' \"+1"),
            ("a|@x,-y", "a|'@x,'-y"),
            ("Sales; and 10-5=5", "Sales; and 10-5=5"),
            ("ü;＝1", "ü;'＝1"),
        ] {
            assert_eq!(cell(text), shown);
        }
    }
}
