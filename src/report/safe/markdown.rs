//! For a comment on a pull request: a stranger's text cannot become markup, HTML, a mention, a reference, an emoji or a link.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::address::is_web;
use super::comment::{Markdown, md};
use super::terminal::{clean, printed};
use crate::report::quotes::{Quoted, quotes};

/// A zero-width space. It is invisible and separates the characters on both sides.
const NOTHING: char = '\u{200B}';

/// Signs that start a reference if a word follows: to a person, an issue, a merge request, a label and so on. GitHub, GitLab and
/// Azure DevOps look for references after rendering, when a backslash is gone.
const REFERENCES: &str = "@#!~%$&^";

/// Signs that have no meaning inside a line of text.
const PLAIN: &str = ".,:;()/-'\"%?+=";

/// What ends an address in Markdown, or a cell of a table.
const ENDS_ADDRESS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'\'')
    .add(b'(')
    .add(b')')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'`')
    .add(b'|');

/// A whole comment, as it is written: control and invisible characters other than ours are made visible.
pub(super) fn written(comment: &Markdown) -> String {
    let text = comment.text();
    text.split(NOTHING).map(printed).collect::<Vec<_>>().join(NOTHING.encode_utf8(&mut [0; 4]))
}

/// Text of strangers, as one line of at most `longest` characters.
pub(in crate::report) fn escape(text: &str, longest: usize) -> Markdown {
    let cleaned = clean(text);
    let mut letters: Vec<char> = cleaned.chars().take(longest.saturating_add(1)).collect();
    if letters.len() > longest {
        letters.truncate(longest.saturating_sub(1));
        letters.push('…');
    }
    let escaped = escaped(&letters);
    // At the start of a line these signs would begin a list or underline a heading.
    let begins_list = letters.first().is_some_and(|first| matches!(first, '-' | '+' | '='));
    Markdown::safe(if begins_list { format!("\\{escaped}") } else { escaped })
}

/// One line that is composed of our own words and numbers. It is escaped as all text is.
pub(in crate::report) fn words(text: &str) -> Markdown {
    Markdown::safe(escaped(&clean(text).chars().collect::<Vec<_>>()))
}

fn escaped(letters: &[char]) -> String {
    let mut escaped = String::with_capacity(letters.len() * 2);
    for (at, &letter) in letters.iter().enumerate() {
        let rest = letters.get(at + 1..).unwrap_or_default();
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ if letter.is_ascii_punctuation() && !PLAIN.contains(letter) => escaped.extend(['\\', letter]),
            _ => escaped.push(letter),
        }
        let before = letters.get(..at).unwrap_or_default();
        let is_broken = refers(letter, rest)
            || is_scheme(letter, rest)
            || is_host(letter, rest)
            || is_issue(before, letter)
            || is_emoji(letter, rest);
        if is_broken {
            escaped.push(NOTHING);
        }
    }
    escaped
}

/// A link to a page on the web. Anything else is shown without a link.
pub(in crate::report) fn link(shown: &Markdown, address: &str) -> Markdown {
    if !is_web(address) {
        return shown.clone();
    }
    let address = Markdown::safe(utf8_percent_encode(address, ENDS_ADDRESS).to_string());
    md!["[", *shown, "](", address, ")"]
}

fn is_word(letter: &char) -> bool {
    letter.is_alphanumeric() || *letter == '_'
}

fn refers(letter: char, rest: &[char]) -> bool {
    REFERENCES.contains(letter) && rest.first().is_some_and(|next| is_word(next) || matches!(next, '"' | '('))
}

/// Whether the letter is the colon of `https://…`.
fn is_scheme(letter: char, rest: &[char]) -> bool {
    letter == ':' && rest.starts_with(&['/', '/'])
}

/// Whether the letter is the first one of `www.`. A host name may contain a zero-width space, so a space after the dot
/// would change the link and not prevent it.
fn is_host(letter: char, rest: &[char]) -> bool {
    let is_w = |letter: &char| letter.eq_ignore_ascii_case(&'w');
    is_w(&letter) && matches!(rest, [second, third, '.', ..] if is_w(second) && is_w(third))
}

/// Whether the letter is the dash of `GH-26`, which GitHub reads as an issue.
fn is_issue(before: &[char], letter: char) -> bool {
    let is = |letter: &char, wanted: char| letter.eq_ignore_ascii_case(&wanted);
    letter == '-' && matches!(before, [.., g, h] if is(g, 'g') && is(h, 'h'))
}

/// Whether the letter is the first colon of an emoji such as `:tada:`.
fn is_emoji(letter: char, rest: &[char]) -> bool {
    let name = rest.iter().take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '+' | '-')).count();
    letter == ':' && name > 0 && rest.get(name) == Some(&':')
}

/// Escapes one of our sentences. Text between backticks becomes code; an unclosed backtick is plain text.
pub(in crate::report) fn sentence(text: &str, longest: usize) -> Markdown {
    if text.chars().count() > longest {
        return escape(text, longest);
    }
    let part = |part: Quoted<'_>| match part {
        Quoted::Code("") => md!["\\`\\`"],
        Quoted::Code(part) => code(part),
        Quoted::Text(part) => escape(part, longest),
    };
    quotes(text).into_iter().map(part).collect()
}

/// Text as code, between more backticks than the text contains in a row.
pub(in crate::report) fn code(text: &str) -> Markdown {
    let cleaned = barred(&clean(text));
    if cleaned.is_empty() {
        return md!["` `"];
    }
    let longest = cleaned.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if cleaned.starts_with('`') || cleaned.ends_with('`') { " " } else { "" };
    Markdown::safe(format!("{fence}{space}{cleaned}{space}{fence}"))
}

/// Code in which a bar ends no cell of a table. A table takes a bar after an odd number of backslashes for text.
fn barred(code: &str) -> String {
    let mut text = String::with_capacity(code.len() + 2);
    let mut backslashes = 0;
    for letter in code.chars() {
        if letter == '|' {
            if backslashes % 2 == 1 {
                text.push(NOTHING);
            }
            text.push('\\');
        }
        backslashes = if letter == '\\' { backslashes + 1 } else { 0 };
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{code, escape, link, md, sentence, words};

    #[test]
    fn hostile_names_stay_text() {
        for (text, escaped) in [
            ("HR (Prod)", "HR (Prod)"),
            ("a|b`c*d_e", "a\\|b\\`c\\*d\\_e"),
            ("<script>", "&lt;script&gt;"),
            ("[x](http://y)", "\\[x\\](http:\u{200B}//y)"),
            ("@team", "\\@\u{200B}team"),
            ("a@b.com", "a\\@\u{200B}b.com"),
            ("issue #12, GH-12", "issue \\#\u{200B}12, GH-\u{200B}12"),
            (
                "!7 ~bug %\"1.0\" $3 &4 10%",
                "\\!\u{200B}7 \\~\u{200B}bug %\u{200B}\"1.0\" \\$\u{200B}3 &amp;\u{200B}4 10%",
            ),
            (":tada: at 12:30", ":\u{200B}tada: at 12:30"),
            ("www.example.com", "w\u{200B}ww.example.com"),
            ("see WwW.x, wwww.y", "see W\u{200B}wW.x, ww\u{200B}ww.y"),
            ("- item", "\\- item"),
            ("one\ntwo\u{202e}", "one␊two\\\\u\\{202e\\}"),
        ] {
            assert_eq!(escape(text, 100).text(), escaped, "{text}");
        }
        assert_eq!(escape("abcdef", 4).text(), "abc…");
        assert_eq!(escape("abcd", 4).text(), "abcd");
    }

    #[test]
    fn what_our_sentences_quote_is_code() {
        assert_eq!(sentence("no add-on is called `a|b<c>`", 99).text(), "no add-on is called `a\\|b<c>`");
        assert_eq!(sentence("run `allot plan`, or not", 99).text(), "run `allot plan`, or not");
        assert_eq!(sentence("one ` is open", 99).text(), "one \\` is open");
        assert_eq!(sentence("`` is nothing", 99).text(), "\\`\\` is nothing");
    }

    #[test]
    fn an_address_ends_no_link_and_runs_nothing() {
        let page = words("a [page]");
        assert_eq!(
            link(&page, "https://x/a) [b](c|d`e\"").text(),
            "[a \\[page\\]](https://x/a%29%20%5Bb%5D%28c%7Cd%60e%22)"
        );
        assert_eq!(link(&page, "javascript:alert(1)"), page);
        assert_eq!(md!["| ", words("+3"), " |"].text(), "| +3 |");
    }

    #[test]
    fn code_is_closed_where_it_should_be() {
        assert_eq!(code("a").text(), "`a`");
        assert_eq!(code("a`b").text(), "``a`b``");
        assert_eq!(code("`").text(), "`` ` ``");
        assert_eq!(code("a|b").text(), "`a\\|b`");
        assert_eq!(code("a\\|b").text(), "`a\\\u{200B}\\|b`");
        assert_eq!(code("a\\\\|b").text(), "`a\\\\\\|b`");
    }
}
