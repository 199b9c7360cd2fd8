//! Very many findings, as hostile files have: every format lists a bounded number of them, and states how many there are.

use std::fmt::Write as _;
use std::process::Output;

use serde_json::Value;

use crate::support::{Folder, formats};

const ROOT: &str = "version: 1\ntenant: { name: x }\npurchased: { app-passes: 10 }\n";
/// A file lists 1,000 of these, and counts 300.
const OF_LARGE: usize = 1_300;
/// Seven files of these fill the 4,000 that the run lists besides, and 900 are counted.
const OF_SMALL: usize = 700;
const OF_LARGE_COUNTED: &str = "300 more errors with this code in environments/a.yaml are counted, not listed";
const OF_RUN_COUNTED: &str = "900 more errors with this code are counted, not listed";
/// What a report may hold, in bytes.
const LARGEST: usize = 10_000_000;

fn unknown_keys(many: usize) -> String {
    (0..many).fold("version: 1\nenvironments: {}\n".to_owned(), |mut text, at| {
        let _ = writeln!(text, "k{at}: 1");
        text
    })
}

/// A folder with 6,200 errors.
fn folder() -> Folder {
    let folder = Folder::with(&[("allotment.yaml", ROOT)]);
    folder.write("environments/a.yaml", unknown_keys(OF_LARGE));
    for name in ["b", "c", "d", "e", "f", "g", "h"] {
        folder.write(&format!("environments/{name}.yaml"), unknown_keys(OF_SMALL));
    }
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_owned()).expect("text")
}

/// Text without the line breaks and marks of excerpts.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_format_states_how_many_findings_there_are() {
    let folder = folder();
    for format in formats() {
        let Output { status, stdout, stderr } = folder.run(&["validate", "--format", &format]);
        assert_eq!(status.code(), Some(3), "{format}");
        assert!(stdout.len() + stderr.len() < LARGEST, "{format} is {} bytes", stdout.len() + stderr.len());
        let (stdout, stderr) = (unwrapped(&text(&stdout)), unwrapped(&text(&stderr)));
        let expected: &[&str] = match format.as_str() {
            "json" => {
                &["\"found\": { \"errors\": 6200, \"warnings\": 0, \"hints\": 0 }", OF_LARGE_COUNTED, OF_RUN_COUNTED]
            }
            "markdown" | "summary" => &["Blocked: 6,200 problems", "6,199 more problems are below"],
            "html" => &["6,200 problems", OF_LARGE_COUNTED, OF_RUN_COUNTED],
            "github" => &["and 6,191 more findings"],
            "sarif" => &["there are 6,200 findings, and this log has 5,000 results"],
            "azure" | "gitlab" | "junit" => &[OF_LARGE_COUNTED, OF_RUN_COUNTED],
            // The findings are on stderr.
            "text" | "csv" | "ci" => &[],
            other => panic!("what does {other} state?"),
        };
        for expected in expected {
            assert!(stdout.contains(expected), "{format} lacks {expected}");
        }
        let embeds = ["json", "markdown", "summary", "html"].contains(&format.as_str());
        assert_eq!(stderr.contains("6,200 errors"), !embeds, "{format}");
        assert_eq!(stderr.contains("900 more errors with this code are counted"), !embeds, "{format}");
    }
}

#[test]
fn a_report_in_text_states_how_many_findings_there_are() {
    let folder = folder();
    folder.run(&["validate", "--report", "text=findings.txt"]);
    let report = std::fs::read_to_string(folder.path("findings.txt")).expect("a report");
    assert!(report.contains(OF_LARGE_COUNTED) && report.contains(OF_RUN_COUNTED));
    assert_eq!(report.matches("error[A103]").count(), 5_002);
}

/// Environments whose add-on has its former name, which is a hint for each.
fn environments(many: usize) -> String {
    (0..many).fold("version: 1\nenvironments:\n".to_owned(), |mut text, at| {
        let _ = writeln!(
            text,
            "  e{at}: {{ id: \"{at:08x}-0000-4000-8000-000000000000\", allocations: {{ AppPass: 1 }} }}"
        );
        text
    })
}

fn plan(folder: &Folder, arguments: &[&str], exit: i32) -> Value {
    let output = folder.run(&[&["plan", "--format", "json"], arguments].concat());
    assert_eq!(output.status.code(), Some(exit), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn seed(many: usize) -> String {
    (0..many).fold("tenant: x\npurchased: { app-passes: 10 }\nenvironments:\n".to_owned(), |mut text, at| {
        let _ = writeln!(text, "  - {{ id: \"{at:08x}-0000-4000-8000-000000000000\", name: e{at} }}");
        text
    })
}

#[test]
fn an_error_refuses_a_plan_however_many_hints_there_are() {
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("tenant.seed.yaml", &seed(1_200))]);
    folder.write("environments/a.yaml", environments(1_200));
    let plan = plan(&folder, &[], 3);
    assert_eq!(plan["verdict"], "refused");
    let findings = plan["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|finding| finding["severity"] == "error"), "errors are listed first");
    assert!(plan["found"]["hints"].as_u64() >= Some(1_200), "{}", plan["found"]);
    let hints = findings.iter().filter(|finding| finding["severity"] == "hint").count();
    assert!(hints < 1_010, "{hints} hints are listed");
}

#[test]
fn what_a_branch_adds_is_counted_apart_from_its_base() {
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("tenant.seed.yaml", &seed(1_202))]);
    folder.write("environments/a.yaml", environments(1_200));
    folder.git(&["init", "--quiet", "--initial-branch=main"]);
    folder.git(&["add", "."]);
    folder.git(&["commit", "--quiet", "-m", "base"]);
    folder.write("environments/a.yaml", environments(1_202));
    let compared = plan(&folder, &["--base", "main"], 3);
    let findings = compared["findings"].as_array().expect("findings");
    let counting: Vec<(&str, &Value)> = findings
        .iter()
        .filter_map(|finding| Some((finding["message"].as_str()?, &finding["alsoOnBase"])))
        .filter(|(message, _)| message.contains("counted, not listed"))
        .collect();
    assert_eq!(counting.iter().map(|(_, on_base)| on_base.as_bool()).collect::<Vec<_>>(), [Some(true)]);
    let page = folder.run(&["plan", "--format", "markdown", "--base", "main"]);
    assert!(text(&page.stdout).contains("Also without this pull request"), "{}", text(&page.stdout));
}

#[test]
fn one_error_of_each_code_is_listed() {
    let folder = Folder::with(&[("allotment.yaml", ROOT)]);
    let mut text = "version: 1\nenvironments:\n".to_owned();
    for at in 0..1_500 {
        let _ = writeln!(text, "  e{at}: {{ id: \"{at:08x}-0000-4000-8000-000000000000\", colour: red }}");
    }
    text.push_str("  last: { name: Last }\n");
    folder.write("environments/a.yaml", text);
    let output = folder.run(&["validate", "--format", "json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let messages: Vec<&str> =
        answer["findings"].as_array().expect("findings").iter().filter_map(|it| it["message"].as_str()).collect();
    assert!(messages.contains(&"an environment lacks `id`"), "{:?}", &messages[messages.len() - 3..]);
    assert!(messages.contains(&"500 more errors with this code in environments/a.yaml are counted, not listed"));
}
