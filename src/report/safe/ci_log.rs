//! For the log of a CI host, which runs commands that it finds there: the author of a name or a reason must not be able to issue one.
//!
//! For GitHub a command is a line that begins, after blanks, with `::` or `##[`; for Azure DevOps a line that contains `##vso[` or
//! `##[`. `text`, `json` and `xml` break both in all that is printed. Annotations are commands themselves and are printed
//! unchanged; the text in them is escaped by `github_data`, `azure_data` and the functions for properties. A host may take a carriage
//! return for the end of a line, too.

use std::borrow::Cow;

use super::terminal::{clean, clean_lines};

/// The characters that end a line.
const ENDS: [char; 2] = ['\n', '\r'];

/// Breaks commands in plain text with a backslash: they stay readable and have no effect.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    broken(text, "#\\#", "\\::")
}

/// A value in the log of the program itself (`-v`): one line, in which nothing controls a terminal or a CI host.
pub fn logged(value: &str) -> String {
    text(&clean(value)).into_owned()
}

/// Breaks commands in JSON with an escape; the values do not change.
pub(super) fn json(text: &str) -> Cow<'_, str> {
    broken(text, "\\u0023#", "::")
}

/// Breaks commands in XML or HTML with a character reference; the content does not change.
pub(super) fn xml(text: &str) -> Cow<'_, str> {
    broken(text, "&#35;#", "&#58;:")
}

fn broken<'a>(text: &'a str, signs: &str, colons: &str) -> Cow<'a, str> {
    let is_command = |line: &str| opens_command(line.trim_start());
    if !text.contains("##") && !text.split(ENDS).any(is_command) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive(ENDS) {
        let blank = line.len() - line.trim_start().len();
        let (indent, rest) = line.split_at(blank);
        safe.push_str(indent);
        let rest = match rest.strip_prefix("::").filter(|_| opens_command(rest)) {
            Some(rest) => {
                safe.push_str(colons);
                rest
            }
            None => rest,
        };
        let mut from = 0;
        for (at, _) in rest.match_indices('#') {
            let after = rest.get(at..).and_then(|rest| rest.strip_prefix("##")).unwrap_or_default();
            let opens = after.starts_with('[') || after.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("vso["));
            if opens {
                safe.push_str(&rest[from..at]);
                safe.push_str(signs);
                from = at + 2;
            }
        }
        safe.push_str(&rest[from..]);
    }
    Cow::Owned(safe)
}

/// Whether a line begins with `::` and can be a command. `::: ` begins no command; findings introduce related places with it.
fn opens_command(line: &str) -> bool {
    line.starts_with("::") && !line.starts_with("::: ")
}

/// The text of a workflow command of GitHub, after the second pair of colons.
pub(in crate::report) fn github_data(text: &str) -> String {
    clean_lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a workflow command of GitHub.
pub(in crate::report) fn github_property(text: &str) -> String {
    github_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The text of a logging command of Azure DevOps, after its bracket.
pub(in crate::report) fn azure_data(text: &str) -> String {
    clean_lines(text).replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a logging command of Azure DevOps.
pub(in crate::report) fn azure_property(text: &str) -> String {
    azure_data(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_command() {
        for (given, shown) in [
            ("HR ## 3 :: ok", "HR ## 3 :: ok"),
            ("a ##vso[task.x]y", "a #\\#vso[task.x]y"),
            ("##VSO[x]", "#\\#VSO[x]"),
            ("###[group]", "##\\#[group]"),
            ("one\n   ::error::x\ntwo", "one\n   \\::error::x\ntwo"),
            ("::", "\\::"),
            (" ::: a.yaml:1:2", " ::: a.yaml:1:2"),
        ] {
            assert_eq!(text(given), shown);
        }
        assert_eq!(logged("a\u{1b}[2J\n::error::x ##vso[y]"), "a␛[2J␊::error::x #\\#vso[y]");
        let shown = serde_json::to_string_pretty(&["##vso[x]", "::error::"]).unwrap();
        assert!(!json(&shown).contains("##vso["));
        assert_eq!(serde_json::from_str::<Vec<String>>(&json(&shown)).unwrap(), ["##vso[x]", "::error::"]);
        assert_eq!(xml("<a>\n::error::##vso[x]</a>"), "<a>\n&#58;:error::&#35;#vso[x]</a>");
    }

    #[test]
    fn nothing_ends_a_command_of_azure_devops() {
        assert_eq!(azure_data("100%\n##vso[x]y"), "100%AZP25%0A##vso[x]y");
        assert_eq!(azure_property("a;b]c"), "a%3Bb%5Dc");
    }

    #[test]
    fn nothing_ends_a_command_of_github() {
        assert_eq!(github_data("100%\n::error::x"), "100%25%0A::error::x");
        assert_eq!(github_property("a:b,c%\n"), "a%3Ab%2Cc%25");
    }
}
