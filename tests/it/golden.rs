//! Golden files of every scenario in every format: a folder for each scenario, a file for each format. Comments are in
//! `tests/comments/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::comment::{Scenario, receipts, scenarios};
use crate::html::between;
use crate::support::formats;

/// The formats and the names of their files.
const FORMATS: [(&str, &str); 9] = [
    ("text", "text.txt"),
    ("json", "plan.json"),
    ("github", "github.txt"),
    ("azure", "azure.txt"),
    ("gitlab", "gitlab.json"),
    ("sarif", "findings.sarif"),
    ("junit", "junit.xml"),
    ("csv", "changes.csv"),
    ("html", "report.html"),
];

/// Scenarios that are too long for golden files: four hundred changes. The comment's golden file shows the cut.
const TOO_MANY: &str = "over-budget";

fn golden(scenario: &Scenario, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(scenario.name).join(file)
}

/// Removes the style sheet of a page, which is the same on every page and is tested in a browser.
fn without_style(page: &str) -> String {
    let (style, digest) = (between(page, "<style>", "</style>"), between(page, "sha256-", "'"));
    page.replace(style, "").replace(digest, "")
}

/// The formats without files here: comments have their own, and `ci` is the format of one of the hosts.
const ELSEWHERE: [&str; 3] = ["markdown", "summary", "ci"];

#[test]
fn every_format_has_golden_files() {
    let known: BTreeSet<&str> = FORMATS.iter().map(|(format, _)| *format).chain(ELSEWHERE).collect();
    let formats = formats();
    assert_eq!(known, formats.iter().map(String::as_str).collect());
}

/// Compares with the golden files. `ALLOT_BLESS=1` rewrites them.
#[test]
fn every_format_matches_its_golden_file() {
    let mut wrong = Vec::new();
    for scenario in scenarios().into_iter().chain(receipts()).filter(|scenario| scenario.name != TOO_MANY) {
        let folder = scenario.folder();
        let reports = FORMATS.map(|(format, file)| format!("--report={format}=out/{file}"));
        let mut arguments = vec![scenario.command];
        arguments.extend(&scenario.arguments);
        arguments.extend(reports.iter().map(String::as_str));
        let output = folder.run(&arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(scenario.exit), "{}: {told}", scenario.name);
        for (format, file) in FORMATS {
            let written = fs::read_to_string(folder.path("out").join(file)).expect("the report is written");
            let written = if format == "html" { without_style(&written) } else { written };
            let golden = golden(&scenario, file);
            if std::env::var_os("ALLOT_BLESS").is_some() {
                fs::create_dir_all(golden.parent().expect("a folder")).expect("a folder");
                fs::write(&golden, &written).expect("a golden file");
            }
            if fs::read_to_string(&golden).ok().as_deref() != Some(written.as_str()) {
                wrong.push(format!("{}/{file}", scenario.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
