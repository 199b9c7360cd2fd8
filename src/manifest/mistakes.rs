//! Mistakes that people make in YAML and in ids, and what they meant.

use super::other_format::equals;
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::{SourceId, Span};
use crate::model::terms::EnvironmentId;

/// Reports the first conflict marker of git.
pub(super) fn conflict(source: SourceId, text: &str) -> Option<Finding> {
    let is_marker = |line: &str| {
        let rest = line.strip_prefix("<<<<<<<").or_else(|| line.strip_prefix(">>>>>>>"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r']))
    };
    // Most files have none, and need no search line by line.
    if !text.contains("<<<<<<<") && !text.contains(">>>>>>>") {
        return None;
    }
    let mut start = 0;
    for line in text.split('\n') {
        if is_marker(line) {
            let finding = Finding::error(Code::A101, "a merge conflict in this file is not resolved");
            let finding = finding.at(span(source, start, start + line.trim_end().len()), "git wrote this line");
            return Some(finding.help(
                "keep what is right of both sides, and delete the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`",
            ));
        }
        start += line.len() + 1;
    }
    None
}

fn span(source: SourceId, start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { source, start: offset(start), end: offset(end) }
}

/// The name of a character that looks like a space, or like nothing, but is not a space in YAML.
fn name_of(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{a0}' | '\u{202f}' => "a no-break space",
        '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => "a space of unusual width",
        '\u{200b}' | '\u{2060}' | '\u{feff}' => "an invisible character",
        _ => return None,
    })
}

/// Reports a Unicode space where YAML needs an ASCII space: before a plain value or key, or after the colon of a key.
/// `from..end` is a value, or a line that is not valid YAML.
pub(super) fn odd_blank(source: SourceId, text: &str, from: usize, end: usize) -> Option<Finding> {
    let value = text.get(from..end).filter(|value| !value.is_ascii())?;
    let begin = from + value.len() - value.trim_start_matches([' ', '-']).len();
    let value = text.get(begin..end)?;
    let after_key = || {
        let (key, rest) = value.split_once(':')?;
        let is_key = !key.is_empty() && key.trim_matches(['"', '\'']).bytes().all(is_word);
        is_key.then(|| end - rest.trim_start_matches(' ').len())
    };
    let odd = |at: usize| text.get(at..end)?.chars().next().and_then(|letter| Some((at, letter, name_of(letter)?)));
    // A value that follows a key may itself contain a colon and a Unicode space; that is no mistake. The line may be megabytes long, so
    // the search for the colon of the key ends at the nearest one.
    let is_value = || {
        let before = text.get(..begin).unwrap_or_default();
        before.rfind(['\n', ':']).is_some_and(|at| before.as_bytes().get(at) == Some(&b':'))
    };
    let (at, letter, name) = odd(begin).or_else(|| odd(after_key()?).filter(|_| !is_value()))?;
    let line = text.get(..at)?.rsplit('\n').next()?;
    let place = if line.trim_matches([' ', '-']).is_empty() { "in the indentation" } else { "after the colon" };
    let finding = Finding::error(Code::A101, format!("{name} (U+{:04X}) is {place}", u32::from(letter)));
    let finding = finding.at(span(source, at, at + letter.len_utf8()), "not a space");
    Some(finding.help("replace it with a space; such characters come from copying out of a web page or a document"))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// A text in the quotes that it needs: double ones, or single ones if it contains what double quotes would change.
pub(super) fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

/// What was meant by a line or a text such as `app-passes:20`, which lacks the space after its colon.
pub(super) fn without_space(line: &str) -> Option<String> {
    let (key, value) = line.trim().trim_start_matches("- ").split_once(':')?;
    let is_key = !key.is_empty() && key.bytes().all(is_word);
    let is_value = !value.is_empty() && !value.starts_with([' ', '/', ':']);
    // A text of several lines, of which each lacks the space, is one value.
    let first = value.split_once(' ').filter(|(_, rest)| rest.contains(':')).map_or(value, |(first, _)| first);
    (is_key && is_value).then(|| format!("{key}: {first}"))
}

/// What was meant by a line such as `app-passes = 20` or `app-passes 20`, which lacks its colon.
pub(super) fn without_colon(line: &str) -> Option<String> {
    /// The longest line that is taken for a key and a value.
    const LONGEST: usize = 200;
    let line = line.trim().trim_start_matches("- ").trim_end_matches([',', ';']);
    if line.len() > LONGEST || line.contains(": ") {
        return None;
    }
    if let Some((key, value)) = equals(line).filter(|(_, value)| !value.is_empty()) {
        return Some(format!("{key}: {value}"));
    }
    let (key, value) = line.split_once(' ')?;
    let is_key =
        !key.is_empty() && key.bytes().all(is_word) && key.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_amount = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    (is_key && is_amount).then(|| format!("{key}: {value}"))
}

/// The environment id that a text contains beside other signs, such as braces, quotation marks or the rest of an address.
pub(super) fn id_within(text: &str) -> Option<EnvironmentId> {
    const LENGTH: usize = 36;
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '-';
    // An address has other ids as well: of the tenant, of an app.
    let text = match (text.split_once("/environments/"), text.split_once("/e/")) {
        (Some((_, rest)), _) | (None, Some((_, rest))) => rest.split('/').next()?,
        (None, None) if text.contains("://") => return None,
        (None, None) => text,
    };
    text.char_indices().find_map(|(at, _)| {
        let id: EnvironmentId = text.get(at..at + LENGTH)?.parse().ok()?;
        let (before, after) = (text.get(..at)?, text.get(at + LENGTH..)?);
        let default = before
            .len()
            .checked_sub("default-".len())
            .filter(|from| before.get(*from..).is_some_and(|prefix| prefix.eq_ignore_ascii_case("default-")));
        if after.starts_with(is_part) || before.get(..default.unwrap_or(at))?.ends_with(is_part) {
            return None;
        }
        default.map_or(Some(id.clone()), |_| format!("Default-{id}").parse().ok())
    })
}

#[cfg(test)]
mod tests {
    use super::{id_within, without_space};

    const ID: &str = "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55";

    #[test]
    fn an_id_is_found_within_braces_quotes_and_addresses() {
        for text in [
            format!("{{{ID}}}"),
            format!("“{ID}”"),
            format!(" {ID}\u{a0}"),
            format!("https://admin.powerplatform.microsoft.com/environments/{ID}/hub"),
            ID.to_uppercase(),
        ] {
            assert_eq!(id_within(&text).map(|id| id.to_string()), Some(ID.to_owned()), "{text}");
        }
        let default = format!("https://make.powerapps.com/environments/default-{ID}/home");
        assert_eq!(id_within(&default).map(|id| id.to_string()), Some(format!("Default-{ID}")));
        let other =
            format!("https://admin.powerplatform.microsoft.com/tenants/{}/environments/{ID}/hub", ID.replace('3', "1"));
        assert_eq!(id_within(&other).map(|id| id.to_string()), Some(ID.to_owned()));
        let app = format!("https://contoso.crm4.dynamics.com/main.aspx?appid={ID}");
        assert_eq!(id_within(&app), None);
        for text in ["", "HR (Prod)", "3f5c1f8e-aa10-4f0e-9e57", "äöü"] {
            assert_eq!(id_within(text), None, "{text}");
        }
        for text in [format!("{ID}0"), format!("0{ID}"), format!("my-{ID}"), format!("{ID}-1")] {
            assert_eq!(id_within(&text), None, "{text}: what is wrong with it is unknown");
        }
    }

    #[test]
    fn a_colon_without_its_space_is_noticed() {
        for (line, meant) in [
            ("      app-passes:20", Some("app-passes: 20")),
            ("  - add:5", Some("add: 5")),
            ("id:3f5c", Some("id: 3f5c")),
            ("app-passes: 20", None),
            ("https://contoso.com", None),
            ("HR (Prod):x", None),
            (":5", None),
            ("key:", None),
        ] {
            assert_eq!(without_space(line).as_deref(), meant, "{line}");
        }
    }
}
