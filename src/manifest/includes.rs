//! The `include:` patterns of a root file.

use super::shortened::shortened;
use super::tree::{Node, NodeKind};
use crate::model::code::Code;
use crate::model::digits::grouped;
use crate::model::finding::Finding;
use crate::model::source::{Located, Span};

/// The pattern of a root without `include:`.
pub const DEFAULT_PATTERN: &str = "environments/**/*.yaml";

/// The longest pattern, in bytes. No path is longer. The limit also bounds how deeply a pattern can nest: deep nesting
/// could exhaust the machine.
const LONGEST: usize = 4096;

/// The most patterns. Each one is compiled, and compared with every file.
const MOST_PATTERNS: usize = 1_000;

/// One include pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The pattern, relative to the root's folder.
    pub text: String,
    /// The place of the pattern; `None` for the default pattern.
    pub span: Option<Span>,
}

/// The patterns of a root, and findings about refused ones. A pattern that could lead out of the folder is refused.
/// Items that are no text are skipped; `decode` reports them.
pub fn includes(root: &Node<'_>) -> (Vec<Pattern>, Vec<Finding>) {
    let NodeKind::Mapping(pairs) = &root.kind else { return (Vec::new(), Vec::new()) };
    let Some(pair) = pairs.iter().find(|pair| pair.key.value.as_ref() == "include") else {
        return (vec![Pattern { text: DEFAULT_PATTERN.to_owned(), span: None }], Vec::new());
    };
    let NodeKind::Sequence(items) = &pair.value.kind else { return (Vec::new(), Vec::new()) };
    let mut patterns = Vec::new();
    let mut findings = Vec::new();
    if let Some(first) = items.get(MOST_PATTERNS) {
        let message = format!("more than {} includes in one file", grouped(&MOST_PATTERNS.to_string()));
        let finding =
            Finding::error(Code::A111, message).at(first.span, "this one and those after it are not followed");
        findings.push(finding.help("write patterns that match many files, such as `environments/**/*.yaml`"));
    }
    for item in items.iter().take(MOST_PATTERNS) {
        let NodeKind::Text { value, .. } = &item.kind else { continue };
        let pattern = Located::new(value.as_ref(), item.span);
        match fault(pattern.value) {
            Some(fault) => findings.push(refused(pattern, fault)),
            None => patterns.push(Pattern { text: pattern.value.to_owned(), span: Some(pattern.span) }),
        }
    }
    (patterns, findings)
}

fn fault(pattern: &str) -> Option<&'static str> {
    let has_drive = pattern.as_bytes().get(1) == Some(&b':');
    if pattern.is_empty() {
        Some("is empty")
    } else if pattern.len() > LONGEST {
        Some("is longer than any path")
    } else if pattern.contains('\\') {
        Some("has a backslash; folders are separated by `/`")
    } else if pattern.starts_with('/') || has_drive {
        Some("is absolute")
    } else if pattern.split('/').any(|part| part == "..") {
        Some("leads out of the folder of allotment.yaml")
    } else {
        None
    }
}

fn refused(pattern: Located<&str>, fault: &str) -> Finding {
    Finding::error(Code::A112, format!("the include `{}` {fault}", shortened(pattern.value)))
        .at(pattern.span, "not followed")
        .help("name files below the folder of allotment.yaml, such as `environments/**/*.yaml`")
}
