//! The workflows: how their jobs depend on each other, when an apply is green, and that drift keeps a single issue.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::machine::{Machine, Ran, resolved};
use super::scripts::{Script, WORKFLOWS, all, at, path, read, text};
use crate::debian::debian_program;

/// Runs the script at this place with values for its expressions.
fn run(machine: &Machine, place: &str, known: &[(&str, &str)]) -> Ran {
    let scripts = all();
    let Script { text, variables, .. } = scripts.iter().find(|script| script.place == place).expect("a script");
    let value = |name: &str| known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let resolve = |(name, text): (&String, &String)| (name.clone(), resolved(text, "${{", "}}", &value));
    let mut variables: BTreeMap<String, String> = variables.iter().map(resolve).collect();
    variables.insert("RUNNER_TEMP".to_owned(), machine.path("temp"));
    machine.run(text, &variables)
}

#[test]
fn a_planned_change_that_was_not_applied_is_never_green() {
    let mut green = Vec::new();
    for plan in ["success", "failure", "cancelled", "skipped"] {
        for changes in ["true", "false", "unknown", ""] {
            for apply in ["success", "failure", "cancelled", "skipped"] {
                let known = [
                    ("needs.plan.result", plan),
                    ("needs.plan.outputs.has-changes", changes),
                    ("needs.apply.result", apply),
                ];
                let ran = run(&Machine::bare(), &format!("{} jobs result steps 0", WORKFLOWS[1]), &known);
                assert!(ran.code == 0 || ran.log.contains("::error"), "{}", ran.log);
                if ran.code == 0 {
                    green.push((plan, changes, apply));
                }
            }
        }
    }
    assert_eq!(green, [("success", "true", "success"), ("success", "false", "skipped")]);
}

#[test]
fn the_check_to_require_is_green_only_where_the_right_job_succeeded() {
    let results = ["success", "failure", "cancelled", "skipped", ""];
    let mut green = Vec::new();
    for is_fork in ["true", "false"] {
        for plan in results {
            for validate in results {
                let known = [
                    ("github.event.pull_request.head.repo.full_name != github.repository", is_fork),
                    ("needs.plan.result", plan),
                    ("needs.validate.result", validate),
                ];
                let ran = run(&Machine::bare(), &format!("{} jobs verdict steps 0", WORKFLOWS[0]), &known);
                assert!(ran.code == 0 || ran.log.contains("::error"), "{}", ran.log);
                if ran.code == 0 {
                    green.push((is_fork, plan, validate));
                }
            }
        }
    }
    assert_eq!(green, [("true", "skipped", "success"), ("false", "success", "skipped")]);
    // The job always runs, because GitHub counts a skipped job as passed. The documentation names this job and the two jobs behind it.
    let verdict = at(&read(WORKFLOWS[0]), "jobs.verdict").clone();
    let needs: Vec<String> = at(&verdict, "needs").as_sequence().expect("jobs").iter().map(text).collect();
    assert_eq!(
        (text(at(&verdict, "if")).as_str(), needs),
        ("always()", vec!["plan".to_owned(), "validate".to_owned()])
    );
    let documentation = std::fs::read_to_string(path("examples/ci/README.md")).expect("the file exists");
    for name in ["verdict", "plan", "validate"] {
        let check = text(at(&read(WORKFLOWS[0]), &format!("jobs.{name}.name")));
        assert!(documentation.contains(&format!("`{check}`")), "{check}");
    }
}

/// The inputs of the step of a job that calls this action.
fn given<'a>(job: &'a Value, action: &str) -> &'a Value {
    let steps = at(job, "steps").as_sequence().expect("steps");
    let step = steps.iter().find(|step| step.get("uses").is_some_and(|uses| text(uses).starts_with(action)));
    at(step.unwrap_or_else(|| panic!("no step uses {action}")), "with")
}

#[test]
fn the_plan_goes_through_the_environment_to_the_apply() {
    let workflow = read(WORKFLOWS[1]);
    let [plan, apply, result] = ["plan", "apply", "result"].map(|name| at(&workflow, &format!("jobs.{name}")));
    assert_eq!(text(at(apply, "needs")), "plan");
    assert_eq!(text(at(apply, "if")), "needs.plan.outputs.has-changes == 'true'");
    assert_eq!(text(at(apply, "environment")), "production");
    assert_eq!(text(at(apply, "concurrency.cancel-in-progress")), "false");
    assert!(plan.get("environment").is_none() && result.get("environment").is_none());
    assert_eq!(
        (text(at(result, "if")).as_str(), text(at(result, "needs.0")), text(at(result, "needs.1"))),
        ("always()", "plan".into(), "apply".into())
    );
    let (up, down) = (given(plan, "actions/upload-artifact"), given(apply, "actions/download-artifact"));
    assert_eq!(at(up, "name"), at(down, "name"));
    assert!(text(at(up, "name")).contains("github.sha") && text(at(up, "if-no-files-found")) == "error");
    let applied = given(apply, "OWNER/allotment");
    assert_eq!(text(at(applied, "plan-file")), format!("{}/plan.json", text(at(down, "path"))));
    assert_eq!(text(at(applied, "plan-sha256")), "${{ needs.plan.outputs.plan-sha256 }}");
    // Two applications: the one that plans cannot write.
    let client = |job: &Value| text(at(job, "env.POWER_PLATFORM_CLIENT_ID"));
    assert_ne!(client(plan), client(apply));
}

#[test]
fn only_pull_request_workflows_read_the_event() {
    for file in &WORKFLOWS[1..] {
        let workflow = std::fs::read_to_string(path(file)).expect(file);
        assert!(!workflow.contains("github.event."), "{file}: a schedule's event, for one, names no repository");
    }
}

/// A fake `gh` that records its arguments and lists the given issues.
const GH: &str = r#"#!/usr/bin/env bash
IFS=$'\x1f'
printf '%s\n' "$*" >>"$STUB/gh"
if [[ "$1" == issue && "$2" == list ]]; then cat "$STUB/issues.json"; fi
"#;

/// The beginnings of the script's calls for these open issues, and its exit code.
fn kept(changes: &str, issues: &str, drift: &str) -> (Machine, Vec<String>, i32) {
    kept_if(true, changes, issues, drift)
}

/// The same, with a file that may differ from the one that the previous job wrote.
fn kept_if(as_written: bool, changes: &str, issues: &str, drift: &str) -> (Machine, Vec<String>, i32) {
    let machine = Machine::bare();
    machine.program("gh", GH);
    machine.write("stub/issues.json", issues);
    machine.write("temp/drift/comment.md", drift);
    let hashed = machine.run("sha256sum <../temp/drift/comment.md | cut -c 1-64", &BTreeMap::new()).log;
    let sha256 = if as_written { hashed.trim() } else { "" };
    let temp = machine.path("temp");
    let known = [
        ("github.token", "planted-token"),
        ("github.repository", "contoso/capacity"),
        ("github.server_url", "https://forge.example"),
        ("github.run_id", "77"),
        ("runner.temp", temp.as_str()),
        ("needs.drift.outputs.has-changes", changes),
        ("needs.drift.outputs.comment-sha256", sha256),
    ];
    let ran = run(&machine, &format!("{} jobs issue steps 1", WORKFLOWS[2]), &known);
    assert!(!ran.log.contains("planted"), "{}", ran.log);
    let calls = machine.calls_in("gh").into_iter().filter(|call| call[1] != "list");
    let calls = calls.map(|call| call.iter().take(3).cloned().collect::<Vec<_>>().join(" ")).collect();
    (machine, calls, ran.code)
}

#[test]
fn drift_keeps_exactly_one_issue() {
    if debian_program("jq").is_none() {
        return;
    }
    let ours =
        r#"[{"number": 9, "body": "<!-- allotment:drift -->\r\nx"}, {"number": 4, "body": "mine, with the label"}]"#;
    let twice =
        r#"[{"number": 9, "body": "<!-- allotment:drift -->"}, {"number": 7, "body": "<!-- allotment:drift -->"}]"#;
    let drift = "    hr-prod  App passes  120 -> 150 <!-- @all -->\n";

    let (machine, calls, code) = kept("true", "[]", drift);
    assert_eq!((calls, code), (vec!["label create allotment-drift".into(), "issue create --title".into()], 0));
    let body = machine.read("temp/body.md");
    assert!(
        body.starts_with("<!-- allotment:drift -->\n") && body.contains(drift) && body.contains("/actions/runs/77"),
        "{body}"
    );
    let (_, calls, code) = kept("true", ours, drift);
    assert_eq!((calls, code), (vec!["label create allotment-drift".into(), "issue edit 9".into()], 0));
    let (_, calls, code) = kept("true", twice, drift);
    assert_eq!((calls.last(), calls.len(), code), (Some(&"issue close 9".to_owned()), 3, 0));
    assert_eq!(calls[1], "issue edit 7");
    // The body stays within GitHub's limit, however much differs.
    let (machine, _, code) = kept("true", "[]", &drift.repeat(5_000));
    assert!(code == 0 && machine.read("temp/body.md").len() < 65_536);

    let (_, calls, code) = kept("false", ours, "");
    assert_eq!((calls, code), (vec!["issue close 9".into()], 0));
    let (_, calls, code) = kept("false", "[]", "");
    assert_eq!((calls, code), (vec![], 0));
    let (_, calls, code) = kept_if(false, "true", ours, drift);
    assert_eq!((calls, code), (vec![], 1), "another file than the job before wrote");
    // If the drift is unknown, no issue is closed or opened.
    for (changes, drift) in [("unknown", drift), ("", drift), ("true", "")] {
        let (_, calls, code) = kept(changes, ours, drift);
        assert_eq!((calls, code), (vec![], 1), "{changes}");
    }
}
