//! Names and reasons of a hostile alphabet, in what reads them: GitHub's renderer and a browser. `src/report/safe/tests.rs` tries the other
//! readers.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::comment::{is_well_formed, rendered};
use crate::debian::debian_program;
use crate::support::Folder;

/// The number of texts.
const TEXTS: usize = 240;

/// Texts of a few pieces each, the same in every run.
fn texts() -> Vec<String> {
    let pieces: Vec<String> = serde_json::from_str(include_str!("../hostile.json")).expect("the alphabet");
    let mut runner = TestRunner::deterministic();
    let mut text = |pieces: Vec<String>, most| {
        let several = prop::collection::vec(prop::sample::select(pieces), 1..most);
        several.new_tree(&mut runner).expect("a text").current().concat()
    };
    // Each piece by itself, then mixtures.
    let mixed: Vec<String> = (pieces.len()..TEXTS).map(|_| text(pieces.clone(), 5)).collect();
    pieces.into_iter().chain(mixed).collect()
}

/// A text between double quotes in YAML.
fn quoted(text: &str) -> String {
    let letter = |letter: char| match u32::from(letter) {
        _ if letter.is_ascii_alphanumeric() => letter.to_string(),
        small @ ..=0xffff => format!("\\u{small:04x}"),
        large => format!("\\U{large:08x}"),
    };
    format!("\"{}\"", text.chars().map(letter).collect::<String>())
}

/// A tenant in which every environment has such a name, and changes for such a reason. A letter at each end keeps blanks.
pub(crate) fn folder() -> Folder {
    let mut root =
        "version: 1\ntenant: { name: contoso, provider: local, whoCanAllocate: environment-admins }\nenvironments:\n"
            .to_owned();
    let mut seed = format!("tenant: contoso\npurchased: {{ app-passes: {} }}\nenvironments:\n", TEXTS * 10);
    for (at, text) in texts().into_iter().enumerate() {
        let id = format!("00000000-0000-4000-8000-{at:012}");
        let text = quoted(&format!("{text} n{at}n"));
        let reason = text.replacen('"', "\"r ", 1);
        let _ = writeln!(
            root,
            "  e{at}: {{ id: \"{id}\", allocations: {{ app-passes: {{ units: 2, reason: {reason} }} }} }}"
        );
        let _ = writeln!(seed, "  - {{ id: \"{id}\", name: {text}, allocations: {{ app-passes: 1 }} }}");
    }
    Folder::with(&[("allotment.yaml", &root), ("tenant.seed.yaml", &seed)])
}

/// The texts that a reader sees as they are: those without a control or invisible character.
pub(crate) fn visible() -> Vec<String> {
    let is_seen =
        |letter: char| letter.is_ascii_graphic() || letter == ' ' || (letter.is_alphabetic() && letter != '\u{3164}');
    texts().into_iter().filter(|text| text.chars().all(is_seen)).collect()
}

/// What a page says, without elements and without the space that hosts do not show.
fn said(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn github_renders_no_name_as_anything_but_text() {
    let Some(program) = debian_program("cmark-gfm") else { return };
    let folder = folder();
    let output = folder.run(&["plan", "--format", "markdown", "--budget", "1000000"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let comment = String::from_utf8(output.stdout).expect("text");
    let html = rendered(&program, &comment);
    is_well_formed(&html);
    assert!(!html.contains("<a "), "a link");
    let elements: BTreeSet<&str> =
        html.split('<').skip(1).filter_map(|element| element.split(['>', ' ']).next()).collect();
    for strange in ["em", "del", "h1", "h2", "img", "ol", "pre", "input"] {
        assert!(!elements.contains(strange), "<{strange}>");
    }
    let said = said(&html);
    for (at, text) in visible().into_iter().enumerate() {
        let plain = said.replace('\u{200b}', "");
        assert!(plain.contains(text.trim()), "{at}: {text:?} is not seen");
    }
    // What GitHub looks for after rendering.
    let letters: Vec<char> = said.chars().collect();
    for (at, pair) in letters.windows(2).enumerate() {
        let around: String = letters[at.saturating_sub(20)..(at + 20).min(letters.len())].iter().collect();
        assert!(!(matches!(pair[0], '@' | '#' | '!' | '~') && pair[1].is_alphanumeric()), "a reference: {around}");
    }
    for sign in ["://", "www.", "WWW.", ":tada:", "GH-26"] {
        assert!(!said.contains(sign), "{sign}");
    }
}
