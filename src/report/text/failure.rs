//! A failure on a terminal: the message, its causes, and advice.

use crate::report::safe::terminal::clean_lines;
use crate::report::style::Style;
use crate::report::wrap::behind;

/// The kind (`error` or `warning`) and the message, then the causes, outermost first, then the advice. Escape sequences
/// in text from files or the tenant are made visible.
pub fn failure<'a>(
    kind: &str,
    causes: impl IntoIterator<Item = &'a String>,
    help: impl IntoIterator<Item = &'a String>,
    style: &Style,
) -> String {
    let first = format!("{kind}: ");
    let heads = std::iter::once(first.as_str()).chain(std::iter::repeat("  because: "));
    let lines = heads.zip(causes).chain(help.into_iter().map(|help| ("  help: ", help)));
    lines.map(|(head, text)| behind(head, head.len(), &clean_lines(text), head.len(), style.columns())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_and_help_hang_below_their_heads() {
        let causes = ["the plan cannot be read".to_owned(), "a file that is \u{1b}[31mred\nand more".to_owned()];
        let help = ["save it again with `allot plan --out FILE`, and apply that".to_owned()];
        let style = Style { width: 40, ..Style::PLAIN };
        let expected = "error: the plan cannot be read\n  because: a file that is ␛[31mred\n           and more\n  help: save it again with\n        `allot plan --out FILE`, and\n        apply that\n";
        assert_eq!(failure("error", &causes, &help, &style), expected);
    }
}
