//! The invariants of loading, for files of arbitrary bytes. The property test in `loader_laws` and the fuzz target in `fuzz/`
//! share them.
//!
//! An independent parser, `serde_yaml` (libyaml), must read the same values from every valid configuration. [`has_odd_letters`]
//! and [`is_odd`] define the texts that the two parsers read differently.

use allotment::files::text::text_of;
use allotment::load::patterns::compiled;
use allotment::manifest::check::{Checked, check};
use allotment::manifest::includes::includes;
use allotment::manifest::inputs::Inputs;
use allotment::manifest::parse::parse;
use allotment::manifest::tree::{Node, NodeKind};
use allotment::model::command::CommandName;
use allotment::model::finding::Finding;
use allotment::model::source::{SourceId, Sources, Span};
use allotment::planning::check::headroom;
use allotment::report::style::Style;
use allotment::report::view::validate::ValidateView;
use allotment::report::{findings, json, text};
use serde_yaml::Value;

/// The root file for bytes that are read as an environment file.
const ROOT: &str = r#"version: 1
tenant: { name: laws, timeZone: Europe/Berlin }
purchased: { app-passes: 1000, portal-logins: 1000, ai-builder-credits: { packs: 2, until: 2027-06-30 } }
reserve: { app-passes: 3% }
budgets: { hr: { limits: { app-passes: 400 } } }
defaults: { sandbox: { copilot-credits: { units: 0, whenExhausted: { drawFromTenant: false } } } }
floors: { root: { app-passes: 5 } }
environments: { root: { id: "00000000-0000-4000-8000-00000000000f", allocations: { app-passes: 10 } } }
"#;

/// The text before bytes that are read as a value.
const BEFORE_VALUE: &[u8] = b"version: 1\ntenant:\n  name: ";

/// The separator of files, a byte that UTF-8 never contains. The root file comes first, then the environment files.
const NEXT_FILE: u8 = 0xFF;
/// The maximum number of environment files that are read.
const MOST_FILES: usize = 4;

/// Checks every invariant with these bytes. If they contain [`NEXT_FILE`], they are a root file and its environment files.
/// Otherwise they are read as a root file, as an environment file of a valid root, and as a value.
pub(crate) fn hold(bytes: &[u8]) {
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let parts: Vec<&[u8]> = bytes.split(|byte| *byte == NEXT_FILE).take(1 + MOST_FILES).collect();
    match parts.as_slice() {
        [root, files @ ..] if !utf16 && !files.is_empty() => hold_together(root, files),
        _ => {
            hold_together(bytes, &[]);
            hold_together(ROOT.as_bytes(), &[bytes]);
            hold_together(&[BEFORE_VALUE, bytes, b"\n"].concat(), &[]);
        }
    }
}

/// Loads bytes as loading does files, and checks the invariants.
fn hold_together(root: &[u8], files: &[&[u8]]) {
    let Ok(root) = text_of(root.to_vec()) else { return };
    let mut sources = Sources::new();
    let root = sources.add("allotment.yaml", root);
    let mut told = included(&sources, root);
    let mut read = Vec::new();
    for (number, bytes) in (1..).zip(files) {
        match text_of(bytes.to_vec()) {
            Ok(text) => read.push(sources.add(format!("environments/{number}.yaml"), text)),
            Err(why) => told.push(Finding::error(allotment::model::code::Code::A110, why)),
        }
    }
    let inputs = Inputs { sources, root, files: read, findings: told };
    let checked = check(&inputs);
    assert_eq!(checked, check(&inputs), "loading is deterministic");
    let (Checked::Valid { findings, .. } | Checked::Invalid { findings }) = &checked;
    let mut findings = findings.clone();
    let has_error = findings.iter().any(Finding::is_error);
    if let Checked::Valid { desired, .. } = &checked {
        assert!(!has_error, "valid, and an error is found: {findings:?}");
        let today = "2026-11-24".parse().expect("a date");
        findings.extend(headroom::check_declared(desired, today));
        let _ = headroom::not_checkable(desired);
        inputs.sources.iter().for_each(|(id, source)| reads_alike(id, &source.text));
    } else {
        assert!(has_error, "not valid, and no error is found: {findings:?}");
    }
    findings.iter().for_each(|finding| is_placed(finding, &inputs.sources));
    is_shown(&findings, &inputs.sources);
}

/// The errors in the includes of a root, which loading finds before it looks for files.
fn included(sources: &Sources, root: SourceId) -> Vec<Finding> {
    let text = &sources.get(root).expect("the root").text;
    let Some(tree) = parse(root, text).root else { return Vec::new() };
    let (patterns, mut found) = includes(&tree);
    found.extend(compiled(&patterns).1);
    found
}

/// Every place of a finding lies in its file, between characters, and has a line and a column there.
fn is_placed(finding: &Finding, sources: &Sources) {
    for label in finding.primary.iter().chain(&finding.related) {
        let Span { source, start, end } = label.span;
        let text = &sources.get(source).expect("a file of these").text;
        let (start, end) = (start as usize, end as usize);
        assert!(start <= end && end <= text.len(), "{start}..{end} of {}: {finding:?}", text.len());
        assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "{start}..{end} cuts: {finding:?}");
        let place = sources.place(label.span);
        let line = text.split('\n').nth(place.line as usize - 1).expect("the line is there");
        let before = line.char_indices().map(|(at, _)| at).chain([line.len()]).nth(place.column as usize - 1);
        let line_start = line.as_ptr().addr() - text.as_ptr().addr();
        assert_eq!(before.map(|before| line_start + before), Some(start), "{place}: {finding:?}");
    }
}

/// Findings can be rendered without control characters, and their JSON is one value with the same locations.
fn is_shown(found: &[Finding], sources: &Sources) {
    let shown = findings::render(found, sources, &Style::PLAIN);
    if let Some(steers) = shown.chars().find(|shown| steers(*shown)) {
        panic!("{steers:?} is shown in {shown:?}");
    }
    for finding in found {
        assert!(shown.contains(finding.code.as_str()), "{finding:?} is not shown in {shown}");
    }
    let view = ValidateView::new(found, sources, None, &[]);
    let verdict = text::validate::validate(&view, &Style::PLAIN);
    assert!(!verdict.contains(steers), "{verdict:?}");
    for (seen, finding) in view.findings.iter().zip(found) {
        let place = seen.primary.as_ref().map(|label| label.place.clone());
        assert_eq!(place, finding.primary.as_ref().map(|label| sources.place(label.span)));
    }
    let said = json::document(Some(CommandName::Validate), &view);
    let value: serde_json::Value = serde_json::from_str(&said).expect("one JSON value");
    assert_eq!(value["findings"].as_array().map(Vec::len), Some(found.len()));
}

fn steers(shown: char) -> bool {
    shown.is_control() && shown != '\n'
        || matches!(shown, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Checks that libyaml reads the same values from a valid text.
fn reads_alike(id: SourceId, text: &str) {
    let ours = parse(id, text).root.expect("a file of a valid configuration has values");
    if has_odd_letters(text) || is_odd(&ours, text, false) {
        return;
    }
    match serde_yaml::from_str::<Value>(text) {
        Ok(theirs) => assert!(is_same(&ours, &theirs), "we read {ours:?}, libyaml reads {theirs:?}\nin {text:?}"),
        // libyaml's numbers have 64 bits. Longer digits in a text that is a string to us are no error of libyaml.
        Err(error) if error.to_string().contains("128, expected any YAML value") => {}
        Err(error) => panic!("valid, but libyaml reports: {error}\nin {text:?}"),
    }
}

/// Whether a text has a construct that libyaml, which follows YAML 1.1, reads differently from YAML 1.2, which we follow:
///
/// - a tab before the first letter of a line, also behind `-`, `?` or `:`: 1.2 takes it for a separation (6.2, 6.6) or for the
///   text of a block scalar (8.1.2), libyaml refuses it;
/// - a surrogate pair as two escapes: 1.2 reads all of JSON, libyaml refuses it.
fn has_odd_letters(text: &str) -> bool {
    let tab_first = text.split(['\n', '\r']).any(|line| {
        let first = line.find(|letter| !matches!(letter, ' ' | '\t' | '-' | '?' | ':')).unwrap_or(line.len());
        line[..first].contains('\t')
    });
    tab_first || text.contains("\\ud") || text.contains("\\uD")
}

/// The same for flow collections, in brackets and braces:
///
/// - a plain text that begins with `:` or `?`, or has a `:` before a `?`: 1.2 allows each before a letter (7.3.3), libyaml
///   takes it for a key or a value, or refuses it;
/// - a key whose end or colon is on a later line than its beginning, or more than 1,024 characters after it: 1.2 allows that in
///   braces (7.4.2), libyaml does not.
fn is_odd(node: &Node<'_>, text: &str, in_brackets: bool) -> bool {
    let at = |span: Span| text.get(span.start as usize..).unwrap_or_default();
    let in_brackets = in_brackets || at(node.span).starts_with(['[', '{']);
    let is_odd_text = |text: &str| in_brackets && (text.starts_with([':', '?']) || text.contains(":?"));
    match &node.kind {
        NodeKind::Text { value, quoted: false } => is_odd_text(value),
        NodeKind::Sequence(items) => items.iter().any(|item| is_odd(item, text, in_brackets)),
        NodeKind::Mapping(pairs) => pairs.iter().any(|pair| {
            let between = &text[pair.key.span.start as usize..pair.value.span.start.max(pair.key.span.end) as usize];
            let to_colon = between.rfind(':').map_or(between, |colon| &between[..colon]);
            let is_far = to_colon.contains(['\n', '\r']) || to_colon.len() > 1_000;
            in_brackets && is_far || is_odd_text(to_colon) || is_odd(&pair.value, text, in_brackets)
        }),
        _ => false,
    }
}

/// Whether both parsers read the same value. Unquoted texts such as `1e3` and `0x10` are numbers to libyaml and strings to us,
/// which no amount accepts.
fn is_same(ours: &Node<'_>, theirs: &Value) -> bool {
    match (&ours.kind, theirs) {
        (NodeKind::Null, Value::Null) => true,
        (NodeKind::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (NodeKind::Integer(ours), Value::Number(theirs)) => theirs.as_u64() == Some(*ours),
        (NodeKind::Text { value, .. }, Value::String(theirs)) => value == theirs,
        (NodeKind::Text { quoted: false, .. }, Value::Number(_) | Value::Bool(_) | Value::Null) => true,
        (NodeKind::Sequence(ours), Value::Sequence(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs))
        }
        (NodeKind::Mapping(ours), Value::Mapping(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, (key, theirs))| {
                    let same_key = key.as_str().is_none_or(|key| key == ours.key.value);
                    same_key && is_same(&ours.value, theirs)
                })
        }
        _ => false,
    }
}
