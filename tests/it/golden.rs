//! Every face of everything that can happen, as it was read: a folder a scenario, a file a face. Comments stand in `tests/comments/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::comment::{Scenario, receipts, scenarios};
use crate::html::between;
use crate::support::formats;

/// The faces, and how their files are called.
const FACES: [(&str, &str); 9] = [
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

/// What nobody reads line by line: four hundred changes, which the comment shows as they are cut.
const TOO_MANY: &str = "over-budget";

fn golden(scenario: &Scenario, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(scenario.name).join(file)
}

/// How a page looks is judged in a browser, and its style is the same on each.
fn without_style(page: &str) -> String {
    let (style, digest) = (between(page, "<style>", "</style>"), between(page, "sha256-", "'"));
    page.replace(style, "").replace(digest, "")
}

/// The formats without files here: comments have their own, and `ci` is the format of one of the hosts.
const ELSEWHERE: [&str; 3] = ["markdown", "summary", "ci"];

#[test]
fn every_format_has_golden_files() {
    let known: BTreeSet<&str> = FACES.iter().map(|(format, _)| *format).chain(ELSEWHERE).collect();
    let formats = formats();
    assert_eq!(known, formats.iter().map(String::as_str).collect());
}

/// `ALLOT_BLESS=1` writes them anew.
#[test]
fn every_face_is_as_it_was_read() {
    let mut wrong = Vec::new();
    for scenario in scenarios().into_iter().chain(receipts()).filter(|scenario| scenario.name != TOO_MANY) {
        let folder = scenario.folder();
        let reports = FACES.map(|(face, file)| format!("--report={face}=out/{file}"));
        let mut arguments = vec![scenario.command];
        arguments.extend(&scenario.arguments);
        arguments.extend(reports.iter().map(String::as_str));
        let output = folder.run(&arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(scenario.exit), "{}: {told}", scenario.name);
        for (face, file) in FACES {
            let written = fs::read_to_string(folder.path("out").join(file)).expect("it is written");
            let written = if face == "html" { without_style(&written) } else { written };
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
