//! Where a text is wanted, `allot validate` and an editor agree about every scalar: one that YAML 1.2 takes for a number, a boolean or
//! null needs quotes.

use std::collections::BTreeSet;
use std::fs;

use super::{ENVIRONMENTS, LANGUAGE_SERVER, Opened, root, show};
use crate::node::node_modules_with;
use crate::support::Folder;

/// Scalars that need quotes where a text is wanted.
const NOT_TEXTS: &str = "0 1 012 0815 -1 +5 1.5 1. .5 -.5 +1.5 1e3 1E3 1e+3 1.5e-3 .5e3 1.e3 0o17 0xFf .inf -.Inf +.INF .nan .NAN \
    18446744073709551616 true True TRUE false False FALSE ~ null Null NULL";
/// Scalars that are texts.
const TEXTS: &str = "yes no on off y nUll tRue 1_000 12:30 2027-01-01 1.2.3 . + e3 1e 1e+ .e3 0o 0o8 -0o7 0x 0xG -.nan .iNf 1,5 1e3x hr \
    '1.5' \"1e3\" 'Null' \"True\" '0815'";

#[test]
fn validate_and_an_editor_agree_which_scalars_are_texts() {
    let Some(modules) = node_modules_with(LANGUAGE_SERVER.0, LANGUAGE_SERVER.1) else { return };
    let scalars: Vec<&str> = NOT_TEXTS.split_whitespace().chain(TEXTS.split_whitespace()).collect();
    let mut text = "# yaml-language-server: $schema=../../../schemas/environments.schema.json\n".to_owned();
    text.push_str("version: 1\nenvironments:\n");
    let mut expected = BTreeSet::new();
    for (at, scalar) in scalars.iter().enumerate() {
        let id = format!("00000000-0000-4000-8000-0000000000{at:02x}");
        text.push_str(&format!("  a{at}:\n    id: {id:?}\n    owner: {scalar}\n"));
        if at < NOT_TEXTS.split_whitespace().count() {
            expected.insert(text.matches('\n').count());
        }
    }
    let folder = Folder::with(&[("allotment.yaml", "version: 1\ntenant: { name: texts }\n")]);
    fs::create_dir(folder.path("environments")).expect("a folder");
    folder.write("environments/texts.yaml", &text);
    let output = folder.run(&["validate", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = answer["findings"].as_array().expect("findings");
    let line = |finding: &serde_json::Value| {
        finding["primary"]["place"]["line"].as_u64().and_then(|line| line.try_into().ok())
    };
    let ours: BTreeSet<usize> =
        findings.iter().filter(|finding| finding["severity"] == "error").filter_map(line).collect();
    let file = root().join(ENVIRONMENTS).with_file_name("texts.yaml");
    let shown = show(&modules, &[Opened { file, text: text.clone(), ..Opened::default() }]);
    let theirs: BTreeSet<usize> = shown[0].diagnostics.iter().map(|found| found.line).collect();
    let written =
        |lines: &BTreeSet<usize>| lines.iter().filter_map(|line| text.lines().nth(line - 1)).collect::<Vec<_>>();
    assert_eq!(written(&ours), written(&expected), "allot refuses");
    assert_eq!(written(&theirs), written(&expected), "the editor refuses");
    let quoted =
        |finding: &serde_json::Value| finding["help"][0].as_str().is_some_and(|help| help.ends_with("with quotes"));
    let advised = findings.iter().filter(|finding| quoted(finding)).count();
    assert_eq!(advised, expected.len() - 2, "all but `~` and `null`, which have no value");
}
