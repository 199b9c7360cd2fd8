//! Valid and invalid YAML, and the trees and findings that the parser makes of it.

use super::*;
use crate::model::source::Sources;

/// The codes and places of all findings, then the tree, in one line.
fn read(text: &str) -> String {
    let mut sources = Sources::new();
    let source = sources.add("f.yaml", text);
    let parsed = parse(source, text);
    let mut parts: Vec<String> = parsed
        .findings
        .iter()
        .map(|finding| {
            let place = finding.primary.as_ref().map(|label| sources.place(label.span));
            format!(
                "{} {}",
                finding.code,
                place.map_or("nowhere".to_owned(), |place| format!("{}:{}", place.line, place.column))
            )
        })
        .collect();
    parts.extend(parsed.root.as_ref().map(|root| show(root, text)));
    parts.join(" | ")
}

fn show(node: &Node, text: &str) -> String {
    match &node.kind {
        NodeKind::Null => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Integer(value) => value.to_string(),
        NodeKind::Text { value, quoted: true } => format!("{value:?}"),
        NodeKind::Text { value, quoted: false } => {
            let start = usize::try_from(node.span.start).unwrap();
            let end = usize::try_from(node.span.end).unwrap();
            assert_eq!(&text[start..end], value.as_ref(), "the span of a plain scalar is the scalar");
            format!("<{value}>")
        }
        NodeKind::Sequence(items) => {
            format!("[{}]", items.iter().map(|item| show(item, text)).collect::<Vec<_>>().join(" "))
        }
        NodeKind::Mapping(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|pair| format!("{}={}", pair.key.value, show(&pair.value, text))).collect();
            format!("{{{}}}", pairs.join(" "))
        }
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(read(text), expected, "for {text:?}");
}

#[test]
fn values_are_what_they_look_like() {
    check("a: 1\nb: true\nc: yes\n", "{a=1 b=true c=<yes>}");
    check("a: 012\nb: 1e3\nc: 1_000\nd: 10.0\ne: -5\n", "{a=<012> b=<1e3> c=<1_000> d=<10.0> e=<-5>}");
    check("a: 18446744073709551615\nb: 18446744073709551616\n", "{a=18446744073709551615 b=<18446744073709551616>}");
    check("a: \"120\"\nb: '1'\nc: ~\nd:\n", "{a=\"120\" b=\"1\" c=null d=null}");
    check("a: [1, {b: 2}]   # why\n", "{a=[1 {b=2}]}");
    check("a: HR (Prod)   \r\nb: 2\r\n", "{a=<HR (Prod)> b=2}");
    check("---\na: 1\n", "{a=1}");
}

#[test]
fn constructs_that_hide_values_are_refused() {
    check("a: &x 1\nb: *x\n", "A109 1:7 | A109 2:4 | {a=1 b=null}");
    check("a: !!int 1\n", "A109 1:10 | {a=1}");
    check("a:\n  <<: {b: 1}\n  c: 2\n", "A109 2:3 | {a={c=2}}");
    check("a: 1\n---\nb: 2\n", "A109 2:1");
}

#[test]
fn every_duplicate_key_is_reported() {
    check("a: 1\na: 2\nb: {c: 1, c: 2}\n", "A102 2:1 | A102 3:11 | {a=1 b={c=1}}");
}

#[test]
fn errors_of_broken_yaml_have_places() {
    check("a:\n\tb: 1\n", "A101 2:1");
    check("", "A101 1:1");
    check("# nothing\n", "A101 1:1");
    let unclosed = read("a: [1, 2\n");
    assert!(unclosed.starts_with("A101 "), "{unclosed}");
    let quote = read("a: \"open\nb: 1\n");
    assert!(quote.starts_with("A101 "), "{quote}");
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(read(&deep).starts_with("A111 1:") || read(&deep).starts_with("A101 1:"), "{}", read(&deep));
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n";
    assert!(read(bomb).starts_with("A109 1:"));
}
