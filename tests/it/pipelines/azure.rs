//! Azure Pipelines: what each stage leaves for the next, and when a run is red.

use std::collections::BTreeMap;

use super::called::assert_taken;
use super::machine::{Machine, Ran, resolved};
use super::scripts::{AZURE, Script, all, at, entries, read, text};

/// Where `allot` is installed.
pub(super) const INSTALL: [&str; 4] = [
    "stages 0 jobs 0 steps 1",
    "stages 0 jobs 1 steps 1",
    "stages 0 jobs 2 steps 1",
    "stages 1 jobs 0 strategy runOnce deploy steps 2",
];
pub(super) const VALIDATE: &str = "stages 0 jobs 0 steps 2";
pub(super) const PLAN: &str = "stages 0 jobs 1 steps 2";
pub(super) const COMMENT: &str = "stages 0 jobs 1 steps 3";
const DRIFT: &str = "stages 0 jobs 2 steps 2";
pub(super) const APPLY: &str = "stages 1 jobs 0 strategy runOnce deploy steps 3";
pub(super) const RECEIPT: &str = "stages 1 jobs 0 strategy runOnce deploy steps 4";

/// Runs the script at this place. `sha256` is the output of the stage before. Variables and PATH entries that a script sets apply to the
/// next script on this machine.
pub(super) fn run(machine: &Machine, place: &str, reason: &str, sha256: &str) -> Ran {
    let scripts = all();
    let script = scripts.iter().find(|script| script.place == format!("{AZURE} {place}"));
    let Script { text, variables, .. } = script.unwrap_or_else(|| panic!("no script at {place}"));
    let set = machine.read("stub/variables");
    let set = |name: &str| set.lines().rev().find_map(|line| line.strip_prefix(&format!("{name}="))).map(str::to_owned);
    let known = |name: &str| match name {
        "System.AccessToken" => Some("planted-token".to_owned()),
        "planSha256" => Some(sha256.to_owned()),
        "folder" => Some("prod".to_owned()),
        "allotRepository" | "allotCommit" => Some("x".to_owned()),
        // A variable that no script has set stays as it is written.
        _ => set(name).or_else(|| Some(format!("$({name})"))),
    };
    let resolve = |(name, text): (&String, &String)| (name.clone(), resolved(text, "$(", ")", &known));
    let mut variables: BTreeMap<String, String> = variables.iter().map(resolve).collect();
    machine.write("temp/staging/.keep", "");
    machine.write("work/prod/.keep", "");
    for (name, value) in [
        ("PATH", set("PATH").unwrap_or_default().as_str()),
        ("AGENT_TEMPDIRECTORY", machine.path("temp").as_str()),
        ("BUILD_SOURCESDIRECTORY", &machine.path("work")),
        ("BUILD_ARTIFACTSTAGINGDIRECTORY", &machine.path("temp/staging")),
        ("PIPELINE_WORKSPACE", &machine.path("temp/workspace")),
        ("BUILD_REASON", reason),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "connection"),
        ("AZURESUBSCRIPTION_CLIENT_ID", "application"),
        ("AZURESUBSCRIPTION_TENANT_ID", "tenant"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let file = read(AZURE);
    let inputs = at(&file, &place.replace(' ', ".")).get("inputs");
    let begins_in = inputs.and_then(|inputs| inputs.get("workingDirectory")).map(super::scripts::text);
    let folder = if begins_in.as_deref() == Some("$(Agent.TempDirectory)") { "temp" } else { "work" };
    let ran = machine.run_in(folder, text, &variables);
    assert!(!ran.log.contains("planted"), "{}", ran.log);
    let mut known = machine.read("stub/variables");
    for line in ran.log.lines() {
        if let Some((name, value)) =
            line.strip_prefix("##vso[task.setvariable variable=").and_then(|it| it.split_once(']'))
        {
            known.push_str(&format!("{}={value}\n", name.split(';').next().unwrap_or_default()));
        } else if let Some(folder) = line.strip_prefix("##vso[task.prependpath]") {
            known.push_str(&format!("PATH={folder}:\n"));
        }
    }
    machine.write("stub/variables", &known);
    ran
}

/// An output variable of a script.
pub(super) fn put_out(ran: &Ran, name: &str) -> String {
    let begins = format!("##vso[task.setvariable variable={name};isOutput=true]");
    ran.log.lines().find_map(|line| line.strip_prefix(&begins)).unwrap_or_default().to_owned()
}

#[test]
fn a_plan_puts_out_whether_there_are_changes() {
    for (code, changes, ends) in [(0, "false", 0), (2, "true", 0), (1, "", 1), (3, "", 3)] {
        for reason in ["PullRequest", "IndividualCI"] {
            let machine = Machine::new();
            machine.ends("plan", code);
            let ran = run(&machine, PLAN, reason, "");
            assert_eq!((ran.code, put_out(&ran, "hasChanges").as_str()), (ends, changes), "{}", ran.log);
            assert_eq!(put_out(&ran, "planSha256").len(), if code == 2 { 64 } else { 0 });
            assert!(ran.log.contains("plan as application with connection"), "{}", ran.log);
            assert!(ran.log.contains("##vso[task.uploadsummary]"), "also where it is refused");
            let given = machine.calls()[0].join(" ");
            assert_eq!(given.contains("--base refs/remotes/origin/main"), reason == "PullRequest", "{given}");
            assert_eq!(run(&machine, COMMENT, reason, "").code, 0);
            assert!(machine.has_run("comment"), "also where it is refused");
            assert_taken(&machine.calls());
        }
    }
}

#[test]
fn an_apply_is_green_only_if_everything_was_applied() {
    let planned = Machine::new();
    planned.ends("plan", 2);
    let sha256 = put_out(&run(&planned, PLAN, "IndividualCI", ""), "planSha256");
    let plan = "a plan\n";
    for (code, ends) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (130, 130)] {
        let machine = Machine::new();
        machine.write("temp/workspace/allotment-plan-1/plan.json", "the plan of a first attempt\n");
        machine.write("temp/workspace/allotment-plan-2/plan.json", plan);
        machine.ends("apply", code);
        let ran = run(&machine, APPLY, "IndividualCI", &sha256);
        assert_eq!((ran.code, ran.log.contains("type=error")), (ends, code != 0), "{}", ran.log);
        assert_eq!(ran.log.contains("Run a new pipeline"), code == 3 || code == 4, "what to do about it");
        assert_eq!(std::fs::read_to_string(&machine.calls()[0][1]).expect("a plan"), plan);
        assert_eq!(run(&machine, RECEIPT, "IndividualCI", "").code, 0);
        assert!(machine.has_run("comment"), "the receipt is posted anyway");
        assert_taken(&machine.calls());
    }
    for (plan, sha256) in [("", sha256.as_str()), ("another plan", &sha256), (plan, "")] {
        let machine = Machine::new();
        machine.write("temp/workspace/allotment-plan-1/plan.json", plan);
        let ran = run(&machine, APPLY, "IndividualCI", sha256);
        assert!(ran.code == 1 && machine.calls().is_empty(), "{}", ran.log);
    }
    assert_eq!(run(&Machine::new(), APPLY, "IndividualCI", &sha256).code, 1, "the artifact is missing");
}

#[test]
fn a_failed_post_is_reported() {
    let planned = Machine::new();
    planned.ends("plan", 2);
    let sha256_of_a_plan = put_out(&run(&planned, PLAN, "PullRequest", ""), "planSha256");
    for place in [COMMENT, RECEIPT] {
        for leaves in [true, false] {
            let machine = Machine::new();
            machine.ends("comment", 1);
            if leaves {
                let (before, sha256) = if place == COMMENT { (PLAN, "") } else { (APPLY, sha256_of_a_plan.as_str()) };
                machine.write("temp/workspace/allotment-plan-1/plan.json", "a plan\n");
                assert_eq!(run(&machine, before, "PullRequest", sha256).code, 0);
            }
            let ran = run(&machine, place, "PullRequest", "");
            assert!(ran.code == 0 && ran.log.contains("type=warning"), "{}", ran.log);
            assert_eq!(machine.has_run("comment"), leaves);
        }
    }
}

#[test]
fn validation_and_drift_end_as_they_should() {
    for (place, command, code) in [
        (VALIDATE, "validate", 0),
        (VALIDATE, "validate", 3),
        (DRIFT, "drift", 0),
        (DRIFT, "drift", 2),
        (DRIFT, "drift", 1),
    ] {
        let machine = Machine::new();
        machine.ends(command, code);
        let ran = run(&machine, place, "Schedule", "");
        assert_eq!(ran.code, code, "{}", ran.log);
        assert_eq!(ran.log.contains("as nobody"), place == VALIDATE, "a fork does not log in: {}", ran.log);
        assert_taken(&machine.calls());
    }
}

#[test]
fn a_stage_that_applied_nothing_is_never_green() {
    let file = read(AZURE);
    let [plan, apply, last] = [0, 1, 2].map(|index| at(&file, &format!("stages.{index}")));
    assert_eq!([plan, apply, last].map(|stage| text(at(stage, "stage"))), ["plan", "apply", "not_applied"]);
    let planned = "eq(dependencies.plan.outputs['plan.run.hasChanges'], 'true')";
    let main = "eq(variables['Build.SourceBranch'], 'refs/heads/main')";
    assert_eq!(text(at(apply, "condition")), format!("and(succeeded(), {main}, {planned})"));
    let unless = "notIn(dependencies.apply.result, 'Succeeded', 'SucceededWithIssues')";
    assert_eq!(text(at(last, "condition")), format!("and(always(), {main}, {planned}, {unless})"));
    assert_eq!(run(&Machine::bare(), "stages 2 jobs 0 steps 1", "IndividualCI", "").code, 1);
    // The names in the conditions are those of the job and of the step that puts them out.
    let job = at(plan, "jobs.1");
    assert_eq!((text(at(job, "job")), text(at(job, "steps.2.name"))), ("plan".to_owned(), "run".to_owned()));
    let digest = entries(at(apply, "variables.0").as_mapping().map(|_| at(apply, "variables.0")));
    assert_eq!(digest["value"], "$[ stageDependencies.plan.plan.outputs['run.planSha256'] ]");
    assert_eq!(text(at(apply, "jobs.0.environment")), "allotment-production");
    let connection = |place: &str| text(at(&file, &format!("{place}.inputs.azureSubscription")));
    assert_eq!(connection("stages.0.jobs.1.steps.2"), "allotment-plan");
    assert_eq!(connection("stages.0.jobs.2.steps.2"), "allotment-plan");
    assert_eq!(connection("stages.1.jobs.0.strategy.runOnce.deploy.steps.3"), "allotment-apply");
}
