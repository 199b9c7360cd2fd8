//! For a table that a spreadsheet opens: text must not be run as a formula.
//!
//! The table is separated by commas. A spreadsheet of another locale separates it by semicolons instead, and then reads a quoted text as
//! several cells.

use std::io;

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

/// A whole table, as it is written. Every cell that is not a number is made safe, whatever wrote it.
pub(super) fn table(text: &str) -> csv::Result<String> {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut writer = writer();
    for row in rows.records() {
        let safe = |field: &str| if field.parse::<f64>().is_ok() { field.to_owned() } else { cell(field) };
        writer.write_record(row?.iter().map(safe))?;
    }
    written(writer)
}

/// A writer that quotes everything but numbers.
pub(in crate::report) fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().flexible(true).quote_style(csv::QuoteStyle::NonNumeric).from_writer(Vec::new())
}

/// What was written. Writing to memory does not fail.
pub(in crate::report) fn written(writer: csv::Writer<Vec<u8>>) -> csv::Result<String> {
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error).into())
}

/// Whether a cell that begins with this text is a formula. A spreadsheet may ignore blanks and quotes before the sign.
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
