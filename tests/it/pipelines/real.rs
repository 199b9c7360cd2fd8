//! The action with the real command and the built-in tenant: when a saved plan can be applied, and when it is stale.

use super::action::{PULL_REQUEST, PUSH, act};
use super::called::real_allot;
use super::gitlab;
use super::machine::{Machine, exists};

const QUICKSTART: &str = include_str!("../../../examples/quickstart/allotment.yaml");

fn machine() -> Machine {
    let machine = Machine::bare();
    machine.program("allot", &real_allot());
    machine.write("work/allotment.yaml", QUICKSTART);
    machine
}

#[test]
fn a_plan_is_applied_once_and_is_stale_then() {
    let machine = machine();
    let planned = act(&machine, &[("command", "plan")], &PUSH);
    assert_eq!((planned.code, planned.output("has-changes")), (0, "true"), "{}", planned.log);
    let (file, sha256) = (planned.output("plan-file"), planned.output("plan-sha256"));
    let apply = [("command", "apply"), ("plan-file", file), ("plan-sha256", sha256)];
    let applied = act(&machine, &apply, &PUSH);
    assert_eq!((applied.code, applied.output("exitcode")), (0, "0"), "{}", applied.log);
    assert!(applied.log.contains("Applied 5 changes"), "{}", applied.log);

    let again = act(&machine, &[("command", "plan")], &PUSH);
    assert_eq!((again.code, again.output("has-changes")), (0, "false"), "{}", again.log);
    let stale = act(&machine, &apply, &PUSH);
    assert_eq!((stale.code, stale.output("refused")), (3, "true"), "{}", stale.log);
    assert!(stale.log.contains("A501") && stale.log.contains("plans afresh"), "{}", stale.log);
}

#[test]
fn a_refusal_leaves_no_applicable_plan() {
    let machine = machine();
    machine.write("work/allotment.yaml", &QUICKSTART.replace("app-passes: 10 ", "app-passes: 1000 "));
    let planned = act(&machine, &[("command", "plan")], &PULL_REQUEST);
    assert_eq!((planned.code, planned.output("has-changes")), (3, "unknown"), "{}", planned.log);
    assert_eq!((planned.output("refused"), planned.output("plan-file")), ("true", ""));
    assert!(exists(planned.output("comment-file")), "why it is refused is an answer, too");
    let validated = act(&machine, &[("command", "validate")], &PULL_REQUEST);
    assert_eq!((validated.code, validated.output("refused")), (3, "true"), "{}", validated.log);
}

#[test]
fn drift_is_seen() {
    let machine = machine();
    let drifted = act(&machine, &[("command", "drift")], &PUSH);
    assert_eq!((drifted.code, drifted.output("has-changes")), (0, "true"), "{}", drifted.log);
    assert!(machine.read("temp/summary.md").contains("App passes"));
    let planned = act(&machine, &[("command", "plan")], &PUSH);
    let (file, sha256) = (planned.output("plan-file"), planned.output("plan-sha256"));
    let apply = [("command", "apply"), ("plan-file", file), ("plan-sha256", sha256)];
    assert_eq!(act(&machine, &apply, &PUSH).code, 0);
    let none = act(&machine, &[("command", "drift"), ("fail-on", "changes")], &PUSH);
    assert_eq!((none.code, none.output("has-changes")), (0, "false"), "{}", none.log);
}

#[test]
fn on_gitlab_the_plan_arrives_at_the_apply_and_the_folder_for_artifacts_is_no_part_of_the_configuration() {
    let machine = machine();
    machine.write("work/allotment-plan/plan.env", "ALLOTMENT_CHANGES=false\n");
    let planned = gitlab::run(&machine, "plan", "");
    assert_eq!(planned.code, 0, "{}", planned.log);
    assert!(!planned.log.contains("allotment-plan"), "{}", planned.log);
    let kept: Vec<String> = gitlab::artifacts(&machine, "plan").into_keys().collect();
    let names = ["gl-code-quality-report.json", "junit.xml", "plan.env", "plan.json", "report.html"];
    assert_eq!(kept, names.map(|name| format!("allotment-plan/{name}")));
    let applied = gitlab::run(&machine, "apply", &gitlab::handed_over(&machine));
    assert_eq!(applied.code, 0, "{}", applied.log);
    let receipt = machine.read("work/allotment-receipt/receipt.md");
    assert!(
        receipt.contains("Applied") && applied.log.contains("so there is no pull request to"),
        "{receipt}{}",
        applied.log
    );
    let stale = gitlab::run(&machine, "apply", &gitlab::handed_over(&machine));
    assert!(stale.code == 3 && stale.log.contains("Run a new pipeline"), "{}", stale.log);
}
