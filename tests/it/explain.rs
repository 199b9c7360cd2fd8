//! The pages that explain codes are complete, fit in 80 columns, and are true. Every example of files is run: it must raise the code
//! of its page, and the corrected files must not.

use std::process::{Output, Stdio};

use allotment::model::code::Code;
use allotment::model::finding::Allowance;
use allotment::report::explain;
use allotment::report::explain::page::{Example, Page, corrected, files, seed};
use allotment::report::explain::pages::page;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::support::Folder;

fn pages() -> impl Iterator<Item = (Code, &'static Page)> {
    Code::ALL.iter().map(|code| (*code, page(*code)))
}

#[test]
fn every_page_has_all_parts_and_holds_in_80_columns() {
    let mut faults = Vec::new();
    for (code, page) in pages() {
        let text = explain::code(code);
        let mut fault = |what: String| faults.push(format!("{code}: {what}"));
        for line in text.lines().filter(|line| line.width() > 80 || line.ends_with(' ') || line.contains('\t')) {
            fault(format!("a line of {} columns: {line:?}", line.width()));
        }
        let parts: Vec<usize> =
            ["\n\nExample", "\n\nWhat to do\n\n"].iter().filter_map(|heading| text.find(heading)).collect();
        if !matches!(parts.as_slice(), [example, remedy] if example < remedy) {
            fault("a part is missing".to_owned());
        }
        let meaning = text.lines().skip(2).take_while(|line| !line.is_empty()).count();
        if !(2..=4).contains(&meaning) {
            fault(format!("{meaning} lines of meaning"));
        }
        for prose in [page.meaning, page.remedy] {
            if !prose.ends_with('.') || prose.contains("  ") {
                fault(format!("no plain sentences: {prose:?}"));
            }
        }
        for word in ["violation", "illegal", "currency", "reconcil"] {
            if text.to_lowercase().contains(word) {
                fault(format!("says {word}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_flag_is_shown_for_just_those_codes_that_can_be_allowed() {
    for (code, page) in pages() {
        let has_flag = matches!(page.example, Example::Plan { allow: Some(_), .. });
        assert_eq!(has_flag, code.can_be_allowed(), "{code}");
    }
}

#[test]
fn every_correction_names_a_text_that_occurs_once() {
    for (code, page) in pages() {
        let (Example::Validate { wrong, corrections } | Example::Plan { wrong, corrections, .. }) = page.example else {
            continue;
        };
        for (fault, _) in corrections {
            assert_eq!(wrong.matches(fault).count(), 1, "{code}: {fault}");
        }
    }
}

#[test]
fn codes_without_an_example_of_files_say_why() {
    let told: Vec<&str> = pages()
        .filter_map(|(code, page)| match page.example {
            Example::Situation { because, .. } => {
                assert!(!because.is_empty());
                Some(code.as_str())
            }
            Example::Validate { .. } | Example::Plan { .. } => None,
        })
        .collect();
    // Each of these codes has its own test below, or no test because nothing raises it yet.
    assert_eq!(
        told,
        [
            "A110", "A123", "A124", "A125", "A210", "A211", "A311", "A401", "A407", "A501", "A502", "A503", "A504",
            "A505", "A506", "A507"
        ]
    );
}

/// A folder with the files of an example and a seed. A root file without environments has an empty list of them.
fn folder(example: &str, tenant: &str) -> Folder {
    let folder = Folder::with(&[]);
    let files = files(example);
    let declares = files.iter().any(|(_, text)| text.contains("environments:") || text.contains("include:"));
    for (name, text) in files {
        let is_bare = name == "allotment.yaml" && !declares && !text.trim().is_empty();
        folder.write(&name, if is_bare { format!("{text}\nenvironments: {{}}\n") } else { text });
    }
    if !folder.path("allotment.yaml").exists() {
        folder.write("allotment.yaml", "version: 1\ntenant: { name: contoso }\n");
    }
    if !tenant.is_empty() {
        folder.write("tenant.seed.yaml", seed(tenant));
    }
    folder
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The code and severity of each finding of a command.
fn found(folder: &Folder, arguments: &[&str]) -> Vec<(String, String)> {
    let answer = json(&folder.run(arguments));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let findings = answer["findings"].as_array().expect("findings");
    findings.iter().map(|finding| (text(&finding["code"]), text(&finding["severity"]))).collect()
}

const VALIDATE: [&str; 3] = ["validate", "--format", "json"];
const PLAN: [&str; 3] = ["plan", "--format", "json"];

/// The codes that accompany an example. An alias leaves its key without a value, which is a second finding.
const COMES_WITH: [(Code, &str); 1] = [(Code::A109, "A104")];

#[test]
fn what_validate_reports_for_an_example_is_the_code_of_its_page() {
    for (code, page) in pages() {
        let Example::Validate { wrong, corrections } = page.example else { continue };
        let mut raised = found(&folder(wrong, ""), &VALIDATE);
        assert!(raised.iter().any(|(raised, _)| raised == code.as_str()), "{code} is not among {raised:?}");
        raised.retain(|(raised, _)| raised != code.as_str() && !COMES_WITH.contains(&(code, raised)));
        assert_eq!(raised, [], "{code} is not the only finding");
        assert!(!corrections.is_empty(), "{code} has no correction");
        let right = folder(&corrected(wrong, corrections), "");
        assert_eq!(found(&right, &VALIDATE), [], "{code}: the corrected files still have findings");
    }
}

#[test]
fn what_plan_reports_for_an_example_is_the_code_of_its_page() {
    let is_error = |(_, severity): &&(String, String)| severity == "error";
    for (code, page) in pages() {
        let Example::Plan { tenant, wrong, corrections, .. } = page.example else { continue };
        let raised = found(&folder(wrong, tenant), &PLAN);
        assert!(raised.iter().any(|(raised, _)| raised == code.as_str()), "{code} is not among {raised:?}");
        let others: Vec<_> = raised.iter().filter(is_error).filter(|(raised, _)| raised != code.as_str()).collect();
        assert!(others.is_empty(), "{code} is not the only finding: {others:?}");
        if corrections.is_empty() {
            continue;
        }
        let raised = found(&folder(&corrected(wrong, corrections), tenant), &PLAN);
        assert!(!raised.iter().any(|(raised, _)| raised == code.as_str()), "{code} is among {raised:?}");
        assert_eq!(raised.iter().find(is_error), None, "{code}: the right files are refused");
    }
}

#[test]
fn the_flag_of_a_page_allows_its_example() {
    for (code, page) in pages() {
        let Example::Plan { tenant, wrong, allow: Some(scope), .. } = page.example else { continue };
        let flag = format!("{code}:{scope}");
        assert_eq!(flag.parse(), Ok(Allowance { code, scope: scope.to_owned() }));
        let folder = folder(wrong, tenant);
        assert_eq!(folder.run(&["plan"]).status.code(), Some(3), "{code} does not refuse");
        let allowed = folder.run(&["plan", "--allow", &flag]);
        assert_eq!(allowed.status.code(), Some(0), "{code}: {}", String::from_utf8_lossy(&allowed.stderr));
    }
}

const HR: &str = "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55";
const SALES: &str = "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21";
const TEST: &str = "7fbd1b5c-06fd-566e-b249-708201220002";

/// A root file in which these environments hold app passes.
fn root(amounts: &[(&str, &str, u32)]) -> String {
    let environment = |(key, id, units): &(&str, &str, u32)| {
        format!("  {key}:\n    id: \"{id}\"\n    allocations: {{ app-passes: {units} }}\n")
    };
    let environments: String = amounts.iter().map(environment).collect();
    format!("version: 1\ntenant: {{ name: contoso }}\nenvironments:\n{environments}")
}

/// A seed in which these environments hold app passes.
fn held(before: &str, purchased: u32, amounts: &[(&str, &str, u32)]) -> String {
    let environment = |(key, id, units): &(&str, &str, u32)| {
        format!("  - id: \"{id}\"\n    name: {key}\n    allocations: {{ app-passes: {units} }}\n")
    };
    let environments: String = amounts.iter().map(environment).collect();
    format!("tenant: contoso\n{before}purchased: {{ app-passes: {purchased} }}\nenvironments:\n{environments}")
}

#[test]
fn a110_is_raised_by_a_file_that_is_no_text() {
    let folder = Folder::with(&[("allotment.yaml", &root(&[]).replace("environments:\n", ""))]);
    folder.write("environments/sales.yaml", b"\xFF\xFEv\0e\0r\0");
    assert_eq!(found(&folder, &VALIDATE), [("A110".to_owned(), "error".to_owned())]);
    let said = json(&folder.run(&VALIDATE));
    let Example::Situation { situation, .. } = page(Code::A110).example else { panic!("a situation") };
    let (_, message) = situation.split_once("The message is: ").expect("the message");
    assert_eq!(said["findings"][0]["message"].as_str(), Some(message.trim_end_matches('.')));
}

#[test]
fn a401_is_raised_where_an_environment_admin_may_not_allocate() {
    let closed = "settings: { whoCanAllocate: only-specific-admins }\n";
    let folder = Folder::with(&[
        ("allotment.yaml", &root(&[("hr-prod", HR, 120)])),
        ("tenant.seed.yaml", &held(closed, 200, &[("hr-prod", HR, 110)])),
    ]);
    let codes = |arguments: &[&str]| found(&folder, &[&PLAN[..], arguments].concat());
    let raised = ("A401".to_owned(), "error".to_owned());
    assert!(codes(&["--as", "environment-admin"]).contains(&raised));
    assert!(!codes(&["--as", "power-platform-admin"]).contains(&raised));
}

#[test]
fn a501_is_raised_by_a_saved_plan_once_its_cell_has_moved() {
    let planned = root(&[("hr-prod", HR, 120)]);
    let folder =
        Folder::with(&[("allotment.yaml", &planned), ("tenant.seed.yaml", &held("", 200, &[("hr-prod", HR, 110)]))]);
    assert_eq!(folder.run(&["plan", "--out", "hr.json"]).status.code(), Some(0));
    folder.write("allotment.yaml", root(&[("hr-prod", HR, 115)]));
    assert_eq!(folder.run(&["apply", "--auto-approve"]).status.code(), Some(0));
    folder.write("allotment.yaml", planned);
    let stopped = folder.run(&["apply", "hr.json"]);
    assert_eq!(stopped.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&stopped.stderr).contains("error[A501]"));
    // A plan that was already applied raises the code as well.
    assert_eq!(folder.run(&["plan", "--out", "again.json"]).status.code(), Some(0));
    assert_eq!(folder.run(&["apply", "again.json"]).status.code(), Some(0));
    assert_eq!(folder.run(&["apply", "again.json"]).status.code(), Some(3));
}

/// The outcome of each change of an apply: key, word, code.
fn outcomes(run: &Output) -> Vec<(String, String, Option<String>)> {
    let answer = json(run);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let settled = answer["changes"].as_array().expect("changes").iter().map(|settled| {
        let (key, outcome) = (&settled["change"]["environment"]["key"], &settled["outcome"]);
        (text(key).expect("a key"), text(&outcome["result"]).expect("a word"), text(&outcome["code"]))
    });
    let mut outcomes: Vec<_> = settled.collect();
    outcomes.sort_unstable();
    outcomes
}

fn outcome(key: &str, word: &str, code: Option<&str>) -> (String, String, Option<String>) {
    (key.to_owned(), word.to_owned(), code.map(str::to_owned))
}

/// How a refused write fails, and the code that it gets.
#[test]
fn a401_and_a407_are_raised_by_writes_that_are_denied_and_locked() {
    for (kind, code) in [("denied", "A401"), ("locked", "A407")] {
        let failing = format!("behaviour: {{ failWrites: [{{ environment: \"{HR}\", kind: {kind} }}] }}\n");
        let folder = Folder::with(&[
            ("allotment.yaml", &root(&[("hr-prod", HR, 120), ("hr-test", TEST, 15)])),
            ("tenant.seed.yaml", &held(&failing, 200, &[("hr-prod", HR, 110), ("hr-test", TEST, 10)])),
        ]);
        let run = folder.run(&["apply", "--auto-approve", "--format", "json"]);
        assert_eq!(outcomes(&run), [outcome("hr-prod", "refused", Some(code)), outcome("hr-test", "applied", None)]);
    }
}

#[test]
fn a504_is_raised_by_a_write_that_is_refused_and_only_what_needs_its_units_waits() {
    let before = [("hr-prod", HR, 100), ("sales-prod", SALES, 100), ("hr-test", TEST, 20)];
    // The environment is disabled between the plan and its write.
    let hold = "behaviour: { holdAtWrite: { write: 1, moment: before } }\n";
    let folder = Folder::with(&[
        ("allotment.yaml", &root(&[("hr-prod", HR, 80), ("sales-prod", SALES, 120), ("hr-test", TEST, 15)])),
        ("tenant.seed.yaml", &held(hold, 220, &before)),
    ]);
    let mut command = folder.allot(&["apply", "--auto-approve", "--parallelism", "1", "--format", "json"]);
    let applying = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    folder.await_held_writes(1);
    folder.tenant().execute("UPDATE environment SET state = 'disabled' WHERE id = ?1", [HR]).expect("disabled");
    folder.go_on();
    let run = applying.wait_with_output().expect("its end");
    let expected = [
        outcome("hr-prod", "refused", Some("A504")),
        outcome("hr-test", "applied", None),
        outcome("sales-prod", "not-sent", Some("A506")),
    ];
    assert_eq!(outcomes(&run), expected);
    assert_eq!(run.status.code(), Some(4));
}

#[test]
fn a505_is_raised_by_a_write_of_which_nobody_knows_whether_it_took_effect() {
    let broken = format!("behaviour: {{ failWrites: [{{ environment: \"{HR}\", kind: unknownBefore }}] }}\n");
    let folder = Folder::with(&[
        ("allotment.yaml", &root(&[("hr-prod", HR, 120)])),
        ("tenant.seed.yaml", &held(&broken, 200, &[("hr-prod", HR, 110)])),
    ]);
    let run = folder.run(&["apply", "--auto-approve", "--confirm-timeout", "0s", "--format", "json"]);
    assert_eq!(outcomes(&run), [outcome("hr-prod", "unconfirmed", Some("A505"))]);
}
