//! Text in another format than YAML, such as CSV or Terraform, in the place of a configuration.

use super::tree::{Node, NodeKind};
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::{SourceId, Span};

/// The most lines, and the most bytes of each, that are looked at.
const MOST_LINES: usize = 50;
const MOST_BYTES: usize = 400;

/// Another format.
struct Format {
    name: &'static str,
    help: &'static str,
}

const XML: Format = Format { name: "XML", help: "write a key, a colon, a space and a value on each line" };
const HTML: Format = Format {
    name: "an HTML page",
    help: "save the file itself: a page in its place is often that of a sign-in or of an error",
};
const MARKDOWN: Format = Format { name: "Markdown", help: "delete the lines that begin with ```" };
const DIFF: Format = Format { name: "a diff", help: "write the file that results from it; `git apply` does that" };
const COMMENTED_JSON: Format = Format {
    name: "JSON with comments",
    help: "begin each comment with `#`, or delete it: JSON without comments is read",
};
const TERRAFORM: Format = Format {
    name: "Terraform's language",
    help: "write `key: value` instead of `key = value`, and indent what is in a block instead of writing braces",
};
const INI: Format = Format {
    name: "INI or TOML",
    help: "write `key: value` instead of `key = value`, and `section:` with indented lines instead of `[section]`",
};
const TABLE: Format = Format {
    name: "a table, such as CSV",
    help: "write each row as a key, such as `hr-prod: { id: …, allocations: { app-passes: … } }` under `environments:`",
};

/// Reports text in another format. `root` is what YAML makes of the text, and `long` are its keys and values that span several lines.
pub(super) fn finding(source: SourceId, text: &str, root: Option<&Node<'_>>, long: &[Span]) -> Option<Finding> {
    let sample = Sample::of(text);
    let format = match root.map(|root| &root.kind) {
        None => sample.format()?,
        Some(NodeKind::Text { .. }) => sample.format()?,
        // A comment of JSON becomes a part of the key after it.
        Some(NodeKind::Mapping(_)) if sample.is_json() && long.iter().any(|span| begins_comment(text, *span)) => {
            COMMENTED_JSON
        }
        Some(_) => return None,
    };
    let (start, line) = sample.lines.first().copied()?;
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span { source, start: offset(start), end: offset(start + line.len()) };
    let finding = Finding::error(Code::A101, format!("this file is {}, and not YAML", format.name));
    Some(finding.at(span, "not YAML").help(format.help))
}

fn begins_comment(text: &str, span: Span) -> bool {
    let start = usize::try_from(span.start).unwrap_or(usize::MAX);
    text.get(start..).is_some_and(|rest| rest.starts_with("//") || rest.starts_with("/*"))
}

/// The first lines of a text that are neither blank nor comments, each with its start and without blanks around it.
struct Sample<'text> {
    lines: Vec<(usize, &'text str)>,
}

impl<'text> Sample<'text> {
    fn of(text: &'text str) -> Sample<'text> {
        let mut lines = Vec::new();
        let mut start = 0;
        for whole in text.split_inclusive('\n').take(MOST_LINES) {
            let line = whole.get(..whole.floor_char_boundary(MOST_BYTES)).unwrap_or_default();
            let indented = line.trim_end();
            let line = indented.trim_start();
            if !line.is_empty() && !line.starts_with('#') {
                lines.push((start + indented.len() - line.len(), line));
            }
            start += whole.len();
        }
        Sample { lines }
    }

    fn any(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        self.lines.iter().any(|(_, line)| is_meant(line))
    }

    fn is_json(&self) -> bool {
        let code = self.lines.iter().find(|(_, line)| !is_comment(line));
        code.is_some_and(|(_, line)| line.starts_with(['{', '[']))
    }

    fn format(&self) -> Option<Format> {
        let (_, first) = self.lines.first()?;
        let begins = |with: &str| first.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
        // A pair of a mapping: then the file is YAML with a mistake in it.
        let has_pair = self.any(is_pair);
        let has_equals = self.any(|line| equals(line).is_some());
        if begins("<html") || begins("<!doctype html") {
            Some(HTML)
        } else if first.starts_with('<') && first.ends_with('>') {
            Some(XML)
        } else if first.starts_with("```") {
            Some(MARKDOWN)
        } else if first.starts_with("diff --git ")
            || first.starts_with("--- ") && self.any(|line| line.starts_with("+++ "))
        {
            Some(DIFF)
        } else if self.is_json() && self.any(|line| is_comment(line) || line.contains(" /*")) {
            Some(COMMENTED_JSON)
        } else if has_pair {
            None
        } else if begins("sep=") {
            Some(TABLE)
        } else if self.any(is_block) && (has_equals || is_block(first)) {
            Some(TERRAFORM)
        } else if is_section(first) || equals(first).is_some() {
            has_equals.then_some(INI)
        } else {
            self.is_table().then_some(TABLE)
        }
    }

    /// Whether the first two lines have as many separators, and the first has no space before one.
    fn is_table(&self) -> bool {
        let [(_, first), (_, second), ..] = self.lines.as_slice() else { return false };
        let count = |line: &str, separator: char| line.matches(separator).count();
        [';', '\t', ',', '|']
            .into_iter()
            .any(|separator| count(first, separator) > 0 && count(first, separator) == count(second, separator))
    }
}

fn is_comment(line: &str) -> bool {
    line.starts_with("//") || line.starts_with("/*")
}

/// The key and the value of a line such as `key = "value"`.
pub(super) fn equals(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.\"".contains(&byte));
    (is_key && !value.starts_with('=')).then_some((key, value))
}

/// Whether a line is a key with a value or with lines below it.
fn is_pair(line: &str) -> bool {
    let line = line.trim_start_matches("- ");
    let Some((key, rest)) = line.split_once(':') else { return false };
    (rest.is_empty() || rest.starts_with(' ')) && !key.contains(['=', ';', ',', '|', '\t'])
}

/// Whether a line is the head of a section, such as `[tenant]`.
fn is_section(line: &str) -> bool {
    let inner = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
    inner.is_some_and(|inner| !inner.is_empty() && !inner.contains([',', ':']))
}

/// Whether a line begins a block, such as `resource "type" "name" {`.
fn is_block(line: &str) -> bool {
    let Some(head) = line.strip_suffix('{').or_else(|| line.strip_suffix("{}")) else { return false };
    let is_word = |word: &str| {
        word.trim_matches('"').bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    head.starts_with(|first: char| first.is_ascii_alphabetic()) && head.split_whitespace().all(is_word)
}
