//! Texts that need quotes: plain YAML gives their first character, or a colon within them, another meaning.

use super::mistakes::quoted;
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::{SourceId, Span};

/// The longest line that is looked at, in bytes. People write no longer one, and a hostile one may have megabytes.
const LONGEST: usize = 300;

/// Why a text is not read as it is written.
struct Fault<'line> {
    /// The text as it is written.
    value: &'line str,
    message: String,
    label: &'static str,
    /// The text in the quotes that it needs.
    meant: String,
}

impl<'line> Fault<'line> {
    fn begins(value: &'line str, first: char) -> Fault<'line> {
        let message = match first {
            '`' => "a text that begins with a backtick needs quotes".to_owned(),
            _ => format!("a text that begins with `{first}` needs quotes"),
        };
        Fault { value, message, label: NEEDS_QUOTES, meant: quoted(value) }
    }
}

const NEEDS_QUOTES: &str = "needs quotes";

/// Reports a text without the quotes that it needs, in a line that is not valid YAML. `start` is the place of the line in the file, and
/// `at` the place where reading stopped, in the line.
pub(super) fn finding(source: SourceId, start: usize, line: &str, at: usize) -> Option<Finding> {
    // A character that ends a line for some programs has a finding of its own.
    if line.len() > LONGEST || line.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return None;
    }
    let line = line.trim_end();
    let (key, value) = pair(line).unwrap_or(("", line));
    let whole = (!key.is_empty()).then(|| fault(value)).flatten();
    let whole_is_key = whole.is_some() && line.ends_with(':');
    let (fault, shown) = match whole {
        Some(fault) => {
            let shown = format!("{key}: {}", fault.meant);
            (fault, shown)
        }
        None => {
            let fault = within(line, at)?;
            let shown = fault.meant.clone();
            (fault, shown)
        }
    };
    // `HR: Prod:` is a key.
    let help = match line.trim_end().strip_suffix(':') {
        Some(name) if whole_is_key => format!(
            "a key has one colon: write a key such as `hr-prod:`, and the name below it as `name: {}`",
            quoted(name.trim())
        ),
        _ if fault.value.starts_with(['>', '<', '=', '~', '*', '@', '%', ','])
            && !key.is_empty()
            && number(fault.value).is_some() =>
        {
            let number = number(fault.value).unwrap_or_default();
            format!("for a number, write `{key}: {number}`; for a text, `{shown}`")
        }
        _ => match fault.value.split_once(": ") {
            Some((first, _)) if first.starts_with(|first: char| first.is_ascii_digit()) && first.contains(' ') => {
                "write each key on a line of its own, or a comma between the entries within braces".to_owned()
            }
            Some((second, _)) if is_like_key(second) => {
                format!("put the text in quotes: `{shown}`; or, if `{second}` is a key, write it on a line of its own")
            }
            _ => format!("put the text in quotes: `{shown}`"),
        },
    };
    let from = start + (fault.value.as_ptr().addr() - line.as_ptr().addr());
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span { source, start: offset(from), end: offset(from + fault.value.len()) };
    Some(Finding::error(Code::A101, fault.message).at(span, fault.label).help(help))
}

/// The digits that follow a sign.
fn number(value: &str) -> Option<&str> {
    let digits = value.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Whether a word looks like a key of the language, such as `name`.
fn is_like_key(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The key and the value of a line, without its indentation, the dashes of lists, and a comment.
fn pair(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    let (key, value) = line.split_once(": ")?;
    let is_key = !key.is_empty() && !key.contains(['{', '[', ',', '#', '"', '\'']);
    let value = value.trim();
    let value = value.split_once(" #").map_or(value, |(value, _)| value.trim_end());
    (is_key && !value.is_empty()).then_some((key, value))
}

/// What is wrong with the value of a line.
fn fault(value: &str) -> Option<Fault<'_>> {
    let first = value.chars().next()?;
    let begins = || Some(Fault::begins(value, first));
    let after = |close: char| value.get(value.find(close)? + close.len_utf8()..).map(str::trim_start);
    match first {
        '@' | '`' | '%' | '*' | '&' | '!' | ',' => begins(),
        '|' | '>' if value.len() > 1 => begins(),
        '-' | '?' if value.chars().nth(1) == Some(' ') => begins(),
        '[' | '{' => {
            let rest = after(if first == '[' { ']' } else { '}' })?;
            if rest.is_empty() || rest.starts_with([',', ']', '}', ':']) { None } else { begins() }
        }
        '"' | '\'' => {
            let inner = value.get(1..)?;
            let (message, label) = match inner.find(first) {
                None => ("the quote is not closed", "no closing quote"),
                Some(_) => ("text follows the closing quote", "more than the text in quotes"),
            };
            let is_closed = inner.find(first) == Some(inner.len().saturating_sub(1)) && !inner.is_empty();
            let text = match first {
                '"' => inner.replace('"', ""),
                _ => inner.strip_suffix('\'').unwrap_or(inner).to_owned(),
            };
            (!is_closed).then(|| Fault { value, message: message.to_owned(), label, meant: quoted(&text) })
        }
        _ if value.contains(": ") || value.ends_with(':') => {
            let message = "a text with a colon in it needs quotes".to_owned();
            Some(Fault { value, message, label: NEEDS_QUOTES, meant: quoted(value) })
        }
        _ => None,
    }
}

/// A text within brackets or braces, or a key, at the place where reading stopped.
fn within(line: &str, at: usize) -> Option<Fault<'_>> {
    let rest = line.get(at..)?;
    let first = rest.chars().next().filter(|first| ['@', '`', '%', '*'].contains(first))?;
    let end = rest.find([',', '}', ']', '#']).unwrap_or(rest.len());
    let value = rest.get(..end)?.trim_end();
    let value = value.strip_suffix(':').unwrap_or(value);
    Some(Fault::begins(value, first))
}

#[cfg(test)]
mod tests {
    use super::finding;
    use crate::model::source::Sources;

    /// The message and the help about a line at which reading stops.
    fn help(line: &str, at: usize) -> Option<String> {
        let mut sources = Sources::new();
        let source = sources.add("f", line);
        let finding = finding(source, 0, line, at)?;
        let help = finding.help.first()?.strip_prefix("put the text in quotes: ")?.to_owned();
        Some(format!("{} {help}", finding.message))
    }

    #[test]
    fn a_text_is_shown_in_the_quotes_that_it_needs() {
        for (line, expected) in [
            ("    name: HR: Produktion", "a text with a colon in it needs quotes `name: \"HR: Produktion\"`"),
            ("  - name: HR: Produktion  # x", "a text with a colon in it needs quotes `name: \"HR: Produktion\"`"),
            ("name: @HR", "a text that begins with `@` needs quotes `name: \"@HR\"`"),
            ("name: @\"HR\"", "a text that begins with `@` needs quotes `name: '@\"HR\"'`"),
            ("name: %HR's \\", "a text that begins with `%` needs quotes `name: '%HR''s \\'`"),
            ("name: [PROD] HR", "a text that begins with `[` needs quotes `name: \"[PROD] HR\"`"),
            ("name: {PROD} HR", "a text that begins with `{` needs quotes `name: \"{PROD} HR\"`"),
            ("name: \"HR\" Prod", "text follows the closing quote `name: \"HR Prod\"`"),
            ("name: 'HR's", "text follows the closing quote `name: \"HR's\"`"),
            ("name: \"HR", "the quote is not closed `name: \"HR\"`"),
            ("name: | HR", "a text that begins with `|` needs quotes `name: \"| HR\"`"),
            ("name: - HR", "a text that begins with `-` needs quotes `name: \"- HR\"`"),
            ("name: `HR`", "a text that begins with a backtick needs quotes `name: \"`HR`\"`"),
        ] {
            assert_eq!(help(line, 0).as_deref(), Some(expected), "{line}");
        }
        let within = help("a: { id: x, name: @HR Prod }", 18);
        assert_eq!(within.as_deref(), Some("a text that begins with `@` needs quotes `\"@HR Prod\"`"));
        for line in
            ["name: HR", "name: [HR]", "name: \"HR\"", "- HR", "", "name: -5", "name: >", "name: [a, b", "a: {b: 1}, c"]
        {
            assert_eq!(help(line, 0), None, "{line}");
        }
        assert_eq!(help(&format!("name: @{}", "x".repeat(1_000_000)), 6), None);
    }
}
