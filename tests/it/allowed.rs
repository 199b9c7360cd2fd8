//! The receipt of an apply names each refusal that was allowed, and what allowed it.

use serde_json::{Value, json};

use crate::support::Folder;

const CONFIGURATION: &str = r#"version: 1
tenant: { name: contoso, provider: local }
purchased: { app-passes: 100 }
floors: { a: { app-passes: 50 } }
allow: [{ code: A303, scope: a/app-passes, to: 40, until: 2026-12-31, ticket: CHG0048222, reason: "<b>the new wing</b>" }]
environments:
  a: { id: "00000000-0000-4000-8000-00000000000a", protect: true, allocations: { app-passes: 40 } }
"#;

const TENANT: &str = r#"tenant: contoso
settings: { whoCanAllocate: only-specific-admins }
purchased: { app-passes: 100 }
environments:
  - { id: "00000000-0000-4000-8000-00000000000a", name: A, allocations: { app-passes: 60 } }
"#;

#[test]
fn every_face_of_a_receipt_names_the_entry_and_the_flag() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION), ("tenant.seed.yaml", TENANT)]);
    let faces = ["text", "markdown", "html", "json"];
    let reports = faces.map(|face| format!("--report={face}=out.{face}"));
    let mut allot = folder.allot(&["apply", "--auto-approve", "--allow", "A304:a/app-passes"]);
    let output = allot.args(&reports).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for face in faces {
        let report = std::fs::read_to_string(folder.path(&format!("out.{face}"))).expect("the report");
        for word in ["A303:a/app-passes", "A304:a/app-passes", "below its floor of 50", "2026-12-31", "CHG0048222"] {
            assert!(report.contains(word), "{face} lacks {word}: {report}");
        }
        assert!(face == "text" || face == "json" || !report.contains("<b>the new wing"), "{face}: {report}");
        if face == "json" {
            let value: Value = serde_json::from_str(&report).expect("JSON");
            let allowed = value["allowed"].as_array().expect("a list");
            let entry = allowed.iter().find(|it| it["refusal"] == "A303:a/app-passes").expect("the entry");
            assert_eq!(entry["place"]["line"], json!(5));
            let flag = allowed.iter().find(|it| it["refusal"] == "A304:a/app-passes").expect("the flag");
            assert_eq!((&flag["by"], &flag["place"]), (&json!("`--allow A304:a/app-passes`"), &Value::Null));
            assert_eq!(allowed.len(), 2);
        }
    }
    // Nothing was refused this time, so nothing was allowed.
    let again = folder.run(&["apply", "--auto-approve", "--format", "json"]);
    let value: Value = serde_json::from_slice(&again.stdout).expect("JSON");
    let allowed: Vec<&Value> = value["allowed"].as_array().expect("a list").iter().map(|it| &it["refusal"]).collect();
    assert_eq!(allowed, ["A303:a/app-passes"], "the floor still needs its exception");
}

/// In a log and on a terminal, with the plan, and not among the findings too.
#[test]
fn what_was_allowed_is_shown_with_the_plan_and_not_twice() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION), ("tenant.seed.yaml", TENANT)]);
    let output = folder.run(&["apply", "--auto-approve", "--allow", "A304:a/app-passes"]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    for refusal in ["A303:a/app-passes", "A304:a/app-passes"] {
        assert_eq!(stdout.matches(&format!("{refusal}: ")).count(), 1, "{stdout}");
    }
    let (allowed, applied) = (stdout.find("Refusals that were allowed"), stdout.find("Applied 1 change"));
    assert!(allowed.is_some() && allowed < applied, "{stdout}");
    assert!(!stderr.contains("is protected") && !stderr.contains("below its floor"), "{stderr}");
}
