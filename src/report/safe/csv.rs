//! For a table that a spreadsheet opens: text must not be run as a formula.

use super::terminal::clean;

/// The text of one cell. Spreadsheets run text as a formula if it begins with one of these signs, so such text gets an apostrophe.
pub(in crate::report) fn cell(text: &str) -> String {
    let shown = clean(text);
    if shown.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        format!("'{shown}")
    } else {
        shown.into_owned()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_name_is_a_formula() {
        for (text, shown) in [("=1+1", "'=1+1"), ("@a", "'@a"), ("HR", "HR"), ("-", "'-")] {
            assert_eq!(super::cell(text), shown);
        }
    }
}
