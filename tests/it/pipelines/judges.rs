//! Others judge the files: the schemas of the hosts, the linter of shells, the auditor of workflows. What they do not know, such as
//! which job may log in, is asked here.

use std::fs;
use std::process::Command;

use serde_yaml::Value;

use super::scripts::{
    ACTION, AZURE, GITLAB, WORKFLOWS, all, as_judged, at, entries, gitlab_job, gitlab_jobs, path, read, text,
};
use crate::debian::debian_program;
use crate::python::python_with;
use crate::support::Folder;

/// The package that carries the schemas of the hosts, as `independent_schema.rs` installs it.
const SCHEMAS: &str = "check-jsonschema==0.39.0";
/// The auditor of workflows.
const AUDITOR: &str = "zizmor==1.32.0";

/// Opinions that are not ours: braces around every name, and how failures are seen in a condition.
const NOT_OURS: &str = "SC2250,SC2310,SC2311,SC2312";

/// What the auditor is to take for granted. REF stands for a commit, official actions are named by their major version, and of the
/// workflow that applies only the job that applies has to be alone.
const GRANTED: &str = "\
rules:
  unpinned-uses:
    config:
      policies:
        \"actions/*\": ref-pin
        \"OWNER/*\": ref-pin
  concurrency-limits:
    ignore: [apply.yml]
";

fn check(python: &std::path::Path, schema: &str, more: &[&str], files: &[&str]) {
    let mut command = Command::new(python);
    command.args(["-m", "check_jsonschema", "--builtin-schema", schema]).args(more);
    let output = command.args(files.iter().map(|file| path(file))).output().expect("it was started before");
    let told = String::from_utf8_lossy(&output.stdout);
    // The best deep match stands last, and what comes before it is long.
    let tail = told.char_indices().rev().nth(1_500).map_or(0, |(at, _)| at);
    assert!(
        output.status.success(),
        "{files:?} by {schema}: {}{}",
        &told[tail..],
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_schemas_of_the_hosts_take_every_file() {
    let Some(python) = python_with("check-jsonschema", &[SCHEMAS]) else { return };
    check(&python, "vendor.github-actions", &[], &[ACTION]);
    check(&python, "vendor.github-workflows", &[], &WORKFLOWS);
    // As the package itself calls these two for `pre-commit`: their patterns are of another dialect.
    let azure = ["--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"];
    check(&python, "vendor.azure-pipelines", &azure, &[AZURE]);
    let gitlab = ["--data-transform", "gitlab-ci", "--regex-variant", "nonunicode"];
    check(&python, "vendor.gitlab-ci", &gitlab, &[GITLAB]);
}

#[test]
fn shellcheck_finds_nothing_in_any_script() {
    let Some(shellcheck) = debian_program("shellcheck") else { return };
    let folder = Folder::with(&[]);
    for script in all() {
        folder.write("script.sh", as_judged(&script));
        let mut command = shellcheck.command();
        command.args(["--norc", "--shell=bash", "--severity=style", "--enable=all", "--exclude", NOT_OURS]);
        let output = command.arg(folder.path("script.sh")).output().expect("it was started before");
        assert!(output.status.success(), "{}:\n{}", script.place, String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_auditor_of_workflows_finds_nothing() {
    let Some(python) = python_with("zizmor", &[AUDITOR]) else { return };
    let folder = Folder::with(&[("zizmor.yml", GRANTED)]);
    let mut command = Command::new(python.with_file_name("zizmor"));
    // With low confidence it says that a program which is put on the PATH may be run: that is what it is put there for.
    command.args(["--offline", "--quiet", "--persona=auditor", "--min-confidence=medium", "--config"]);
    command.arg(folder.path("zizmor.yml")).args([ACTION].iter().chain(&WORKFLOWS).map(|file| path(file)));
    let output = command.output().expect("it was installed before");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn nothing_of_an_event_or_an_input_becomes_shell_text() {
    for script in all() {
        assert!(!script.text.contains("${{"), "{}: an expression is replaced before the shell reads it", script.place);
        // `$(Name)` of Azure's is replaced, too; what a shell runs has arguments.
        let words = script.text.split("$(").skip(1).filter_map(|after| after.split_once(')'));
        let is_name = |word: &str| word.chars().all(|letter| letter.is_alphanumeric() || letter == '.');
        let macros: Vec<&str> = words.map(|(word, _)| word).filter(|word| is_name(word)).collect();
        assert!(macros.is_empty(), "{}: {macros:?}", script.place);
        assert!(script.text.trim_start().starts_with("set -euo pipefail"), "{}", script.place);
    }
    // A script that has the token is not the one that is told what to run.
    let steps = at(&read(ACTION), "runs.steps").as_sequence().expect("steps").clone();
    let with_token =
        steps.iter().filter(|step| entries(step.get("env")).values().any(|it| it.contains("inputs.token")));
    assert_eq!(with_token.map(|step| text(at(step, "name"))).collect::<Vec<_>>(), ["Comment"]);
}

/// The commands of the action that a job of a workflow calls.
fn commands(job: &Value) -> Vec<String> {
    let steps = at(job, "steps").as_sequence().expect("steps");
    let calls = steps.iter().filter(|step| step.get("uses").is_some_and(|uses| text(uses) == "OWNER/allotment@REF"));
    calls.map(|step| text(at(step, "with.command"))).collect()
}

#[test]
fn a_workflow_may_do_no_more_than_it_has_to() {
    let nothing = Value::Mapping(serde_yaml::Mapping::new());
    for file in WORKFLOWS {
        let workflow = read(file);
        assert_eq!(at(&workflow, "permissions"), &nothing, "{file}: each job asks for what it needs");
        for (name, job) in at(&workflow, "jobs").as_mapping().expect("jobs") {
            let (name, commands) = (format!("{file} {}", text(name)), commands(job));
            let may = entries(job.get("permissions"));
            assert!(job.get("permissions").is_some() && job.get("timeout-minutes").is_some(), "{name}");
            let logs_in = commands.iter().any(|command| command != "validate");
            assert_eq!(may.contains_key("id-token"), logs_in, "{name}: whoever logs in, and nobody else");
            assert_ne!(may.get("contents").map(String::as_str), Some("write"), "{name}");
            let writes = |what: &str| may.get(what).is_some_and(|may| may == "write");
            let comments = name == format!("{} plan", WORKFLOWS[0]) || name == format!("{} apply", WORKFLOWS[1]);
            assert_eq!((writes("pull-requests"), writes("statuses")), (comments, comments), "{name}");
            assert_eq!(writes("issues"), name == format!("{} issue", WORKFLOWS[2]), "{name}");
            // The repository's own secrets are asked for nowhere.
            assert!(!serde_yaml::to_string(job).expect("YAML").contains("secrets."), "{name}");
        }
    }
    let fork = at(&read(WORKFLOWS[0]), "jobs.validate").clone();
    assert_eq!(serde_yaml::to_string(at(&fork, "permissions")).expect("YAML"), "contents: read\n");
    assert_eq!((commands(&fork), fork.get("env")), (vec!["validate".to_owned()], None));
    assert_eq!(text(at(&fork, "if")), "github.event.pull_request.head.repo.full_name != github.repository");
}

#[test]
fn only_official_actions_are_called_and_by_their_major_version() {
    let known =
        ["actions/cache@v4", "actions/checkout@v4", "actions/download-artifact@v4", "actions/upload-artifact@v4"];
    for file in [ACTION].iter().chain(&WORKFLOWS) {
        let source = fs::read_to_string(path(file)).expect(file);
        for uses in source.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: ")) {
            assert!(known.contains(&uses) || uses == "OWNER/allotment@REF", "{file}: {uses}");
        }
    }
}

#[test]
fn a_fork_is_checked_offline_on_every_host() {
    let azure = read(AZURE);
    let (validate, plan) = (at(&azure, "stages.0.jobs.0"), at(&azure, "stages.0.jobs.1"));
    assert_eq!(text(at(validate, "condition")), "eq(variables['System.PullRequest.IsFork'], 'True')");
    assert!(text(at(plan, "condition")).contains("ne(variables['System.PullRequest.IsFork'], 'True')"));
    let validate = serde_yaml::to_string(validate).expect("YAML");
    let logs_in = ["azureSubscription", "AccessToken", "POWER_PLATFORM", "allot plan", "allot comment"];
    assert!(logs_in.iter().all(|word| !validate.contains(word)), "{validate}");

    let gitlab = read(GITLAB);
    for name in gitlab_jobs(&gitlab) {
        let job = gitlab_job(&gitlab, &name);
        let rules = serde_yaml::to_string(at(&job, "rules")).expect("YAML");
        assert_eq!(job.get("id_tokens").is_none(), name == "validate", "{name}");
        let ours = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID";
        let is_ours = rules.contains(ours) || rules.contains("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH");
        assert_eq!(is_ours, name != "validate", "{name}: {rules}");
    }
}
