//! For a table that a spreadsheet opens: text that begins like a formula is not run as one.

use super::terminal::clean;

/// The text of one cell. A spreadsheet takes text that begins with one of these signs for a formula, and runs it.
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
