//! GitLab CI: what each job leaves for the next, and when a pipeline is red.

use std::collections::BTreeMap;
use std::fs;

use serde_yaml::Value;

use super::called::assert_taken;
use super::machine::{Machine, Ran};
use super::scripts::{GITLAB, at, entries, gitlab_job, gitlab_jobs, gitlab_script, read, text};

/// Runs a job as the runner does, with the variables of the previous job.
pub(super) fn run(machine: &Machine, name: &str, handed_over: &str) -> Ran {
    run_with(machine, name, handed_over, "")
}

/// The same, with something in front of the PATH.
pub(super) fn run_with(machine: &Machine, name: &str, handed_over: &str, path: &str) -> Ran {
    let script = gitlab_script(&read(GITLAB), name);
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in script.variables {
        // The value of a project variable is its own name.
        variables.insert(name, value.trim_start_matches('$').to_owned());
    }
    variables.insert("PATH".to_owned(), path.to_owned());
    variables.insert("CI_PROJECT_DIR".to_owned(), machine.path("work"));
    variables.insert("CI_MERGE_REQUEST_TARGET_BRANCH_NAME".to_owned(), "main".to_owned());
    let handed_over = handed_over.lines().filter_map(|line| line.split_once('='));
    variables.extend(handed_over.map(|(name, value)| (name.to_owned(), value.to_owned())));
    machine.run(&script.text, &variables)
}

/// The artifacts and reports that GitLab would take from the checkout: each path with its content, links followed.
pub(super) fn artifacts(machine: &Machine, name: &str) -> BTreeMap<String, String> {
    let job = gitlab_job(&read(GITLAB), name);
    let Some(artifacts) = job.get("artifacts") else { return BTreeMap::new() };
    let paths = artifacts.get("paths").and_then(Value::as_sequence).into_iter().flatten().map(text);
    let reports = entries(artifacts.get("reports")).into_values();
    let there = paths.chain(reports).filter(|path| fs::symlink_metadata(machine.path(&format!("work/{path}"))).is_ok());
    there.map(|path| (path.clone(), machine.read(&format!("work/{path}")))).collect()
}

/// Where in the checkout the plan of the job `plan` arrives.
pub(super) fn arrives() -> String {
    let paths = at(&gitlab_job(&read(GITLAB), "plan"), "artifacts.paths").as_sequence().expect("paths").clone();
    paths.iter().map(text).find(|path| path.ends_with("plan.json")).expect("a plan")
}

/// The variables that the job `plan` hands over.
pub(super) fn handed_over(machine: &Machine) -> String {
    let report = text(at(&gitlab_job(&read(GITLAB), "plan"), "artifacts.reports.dotenv"));
    machine.read(&format!("work/{report}"))
}

#[test]
fn a_merge_request_gets_its_answer() {
    for (code, ends) in [(0, 0), (2, 0), (1, 1), (3, 3)] {
        let machine = Machine::new();
        machine.ends("plan", code);
        machine.ends("comment", 1);
        let ran = run(&machine, "plan-merge-request", "");
        assert_eq!(ran.code, ends, "{}", ran.log);
        assert!(
            ran.log.contains("plan as ALLOTMENT_PLAN_CLIENT_ID") && ran.log.contains("could not be posted"),
            "{}",
            ran.log
        );
        assert!(machine.has_run("comment"), "also where it is refused");
        assert!(machine.calls()[0].join(" ").contains("--base refs/remotes/origin/main"));
        let kept = artifacts(&machine, "plan-merge-request");
        let plan = if code == 0 || code == 2 { Some("plan.json") } else { None };
        let names = ["gl-code-quality-report.json", "junit.xml"].into_iter().chain(plan).chain(["report.html"]);
        let names: Vec<String> = names.map(|name| format!("allotment-plan/{name}")).collect();
        assert_eq!(kept.into_keys().collect::<Vec<_>>(), names);
        assert_taken(&machine.calls());
    }
    let machine = Machine::new();
    machine.is_silent();
    let ran = run(&machine, "plan-merge-request", "");
    assert!(ran.code == 1 && !machine.has_run("comment") && ran.log.contains("left no answer"), "{}", ran.log);
}

#[test]
fn an_apply_is_green_only_if_everything_was_applied() {
    for (code, ends) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (130, 130)] {
        let machine = Machine::new();
        machine.ends("plan", 2);
        machine.ends("apply", code);
        assert_eq!(run(&machine, "plan", "").code, 0);
        let ran = run(&machine, "apply", &handed_over(&machine));
        assert_eq!(ran.code, ends, "{}", ran.log);
        assert!(ran.log.contains("apply as ALLOTMENT_APPLY_CLIENT_ID"), "{}", ran.log);
        assert_eq!(ran.log.contains("Run a new pipeline"), code == 3 || code == 4, "what to do about it");
        assert!(machine.has_run("comment"), "the receipt is posted anyway");
        assert_taken(&machine.calls());
    }
}

#[test]
fn without_the_saved_plan_nothing_is_applied_and_the_job_fails() {
    let planned = |code: i32| {
        let machine = Machine::new();
        machine.ends("plan", code);
        let ran = run(&machine, "plan", "");
        (machine, ran.code)
    };
    let (machine, code) = planned(0);
    let ran = run(&machine, "apply", &handed_over(&machine));
    assert!((code, ran.code) == (0, 0) && !machine.has_run("apply"), "nothing was to be changed: {}", ran.log);
    for code in [1, 3] {
        let (machine, ends) = planned(code);
        assert_eq!((ends, handed_over(&machine).as_str()), (code, ""));
        assert_eq!(run(&machine, "apply", "").code, 1);
        assert!(!machine.has_run("apply"));
    }
    for plan in ["", "another plan"] {
        let (machine, _) = planned(2);
        machine.write(&format!("work/{}", arrives()), plan);
        let ran = run(&machine, "apply", &handed_over(&machine));
        assert!(ran.code == 1 && !machine.has_run("apply"), "{}", ran.log);
    }
}

#[test]
fn a_pipeline_stays_blocked_until_somebody_applies() {
    let file = read(GITLAB);
    let apply = gitlab_job(&file, "apply");
    assert_eq!(at(&apply, "rules").as_sequence().map(Vec::len), Some(1));
    assert_eq!(text(at(&apply, "rules.0.when")), "manual");
    assert_eq!(
        (text(at(&apply, "environment.name")).as_str(), at(&apply, "allow_failure")),
        ("production", &Value::Bool(false))
    );
    for name in gitlab_jobs(&file).iter().filter(|name| *name != "apply") {
        let job = gitlab_job(&file, name);
        assert!(job.get("allow_failure").is_none() && job.get("environment").is_none(), "{name}");
    }
}

#[test]
fn validation_and_drift_end_as_they_should() {
    for (name, code) in [("validate", 0), ("validate", 3), ("drift", 0), ("drift", 2), ("drift", 1)] {
        let machine = Machine::new();
        machine.ends(name, code);
        let ran = run(&machine, name, "");
        assert_eq!(ran.code, code, "{}", ran.log);
        assert_eq!(ran.log.contains("as nobody"), name == "validate", "a fork does not log in: {}", ran.log);
        assert_taken(&machine.calls());
    }
}
