//! Every script of every pipeline, with the variables that its host gives it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

pub(crate) const ACTION: &str = "action.yml";
pub(crate) const WORKFLOWS: [&str; 3] =
    ["examples/ci/github/plan.yml", "examples/ci/github/apply.yml", "examples/ci/github/drift.yml"];
/// The workflows of a copy of this repository on GitHub.
pub(crate) const OWN: [&str; 2] = [".github/workflows/ci.yml", ".github/workflows/release.yml"];
pub(crate) const AZURE: &str = "examples/ci/azure-pipelines.yml";
pub(crate) const GITLAB: &str = "examples/ci/gitlab-ci.yml";

/// The variables that each host sets and these pipelines use.
const HOST: [&str; 21] = [
    "GITHUB_OUTPUT",
    "GITHUB_PATH",
    "GITHUB_REF_NAME",
    "GITHUB_REPOSITORY",
    "GITHUB_REPOSITORY_OWNER",
    "GITHUB_SERVER_URL",
    "GITHUB_STEP_SUMMARY",
    "RUNNER_ARCH",
    "RUNNER_OS",
    "RUNNER_TEMP",
    "AGENT_TEMPDIRECTORY",
    "AZURESUBSCRIPTION_CLIENT_ID",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "AZURESUBSCRIPTION_TENANT_ID",
    "BUILD_REASON",
    "BUILD_SOURCESDIRECTORY",
    "PIPELINE_WORKSPACE",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "CI_COMMIT_SHA",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CI_PROJECT_DIR",
];

/// One script as its host would run it.
pub(crate) struct Script {
    /// The file and the place in it.
    pub(crate) place: String,
    /// Bash.
    pub(crate) text: String,
    /// The variables that the file gives it.
    pub(crate) variables: BTreeMap<String, String>,
}

pub(crate) fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

pub(crate) fn read(file: &str) -> Value {
    let text = fs::read_to_string(path(file)).expect(file);
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The value at a path of keys and indexes such as `jobs.plan.steps.0`.
pub(crate) fn at<'a>(value: &'a Value, place: &str) -> &'a Value {
    place.split('.').fold(value, |value, part| {
        let found = part.parse::<usize>().map_or_else(|_| value.get(part), |index| value.get(index));
        found.unwrap_or_else(|| panic!("nothing at {part} of {place}"))
    })
}

/// A value as a host would put it into a variable.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => value.clone(),
        other => panic!("{other:?} is no text"),
    }
}

/// The entries of a mapping of texts; none where there is none.
pub(crate) fn entries(value: Option<&Value>) -> BTreeMap<String, String> {
    let entries = value.and_then(Value::as_mapping).into_iter().flatten();
    entries.map(|(name, value)| (text(name), text(value))).collect()
}

/// The scripts of all steps of GitHub and Azure, at any depth.
fn of_steps(place: &str, value: &Value, inherited: &BTreeMap<String, String>, found: &mut Vec<Script>) {
    match value {
        Value::Mapping(mapping) => {
            let mut variables = inherited.clone();
            variables.extend(entries(value.get("env")));
            let inline = value.get("inputs").and_then(|inputs| inputs.get("inlineScript"));
            let script = value.get("run").or(value.get("bash")).or(value.get("script")).or(inline);
            if let Some(script) = script.and_then(Value::as_str) {
                found.push(Script { place: place.to_owned(), text: script.to_owned(), variables: variables.clone() });
            }
            for (key, value) in mapping {
                of_steps(&format!("{place} {}", text(key)), value, &variables, found);
            }
        }
        Value::Sequence(sequence) => {
            for (index, value) in sequence.iter().enumerate() {
                of_steps(&format!("{place} {index}"), value, inherited, found);
            }
        }
        _ => {}
    }
}

/// A job of GitLab's with what it extends.
pub(crate) fn gitlab_job(file: &Value, name: &str) -> Value {
    let own = file.get(name).and_then(Value::as_mapping).unwrap_or_else(|| panic!("no job {name}")).clone();
    let Some(base) = own.get("extends").and_then(Value::as_str) else { return Value::Mapping(own) };
    let mut job = gitlab_job(file, base).as_mapping().expect("a job").clone();
    job.extend(own);
    Value::Mapping(job)
}

/// The names of the jobs of a file of GitLab's.
pub(crate) fn gitlab_jobs(file: &Value) -> Vec<String> {
    let mapping = file.as_mapping().expect("a mapping");
    let jobs = mapping.iter().filter(|(name, value)| !text(name).starts_with('.') && value.get("script").is_some());
    jobs.map(|(name, _)| text(name)).collect()
}

/// A job of GitLab's as the one script that its runner makes of it.
pub(crate) fn gitlab_script(file: &Value, name: &str) -> Script {
    let job = gitlab_job(file, name);
    let lines = |key: &str| {
        let lines = job.get(key).and_then(Value::as_sequence).into_iter().flatten();
        lines.map(text).collect::<Vec<_>>().join("\n")
    };
    let mut variables = entries(file.get("variables"));
    variables.extend(entries(job.get("variables")));
    let text = format!("{}\n{}", lines("before_script"), lines("script"));
    Script { place: format!("{GITLAB} {name}"), text, variables }
}

/// All of them.
pub(crate) fn all() -> Vec<Script> {
    let mut found = Vec::new();
    for file in [ACTION].into_iter().chain(WORKFLOWS).chain(OWN).chain([AZURE]) {
        of_steps(file, &read(file), &BTreeMap::new(), &mut found);
    }
    let gitlab = read(GITLAB);
    found.extend(gitlab_jobs(&gitlab).iter().map(|name| gitlab_script(&gitlab, name)));
    found
}

/// A script for the shell linter, which begins with its variables, so that the linter finds variables that are never set.
pub(crate) fn as_judged(script: &Script) -> String {
    let given = HOST.into_iter().chain(script.variables.keys().map(String::as_str));
    let given: String = given.map(|name| format!("export {name}=''\n")).collect();
    format!("#!/usr/bin/env bash\n{given}{}", script.text)
}

#[test]
fn every_script_is_found() {
    let scripts = all();
    let of = |file: &str| scripts.iter().filter(|script| script.place.starts_with(file)).count();
    let texts: String = [ACTION]
        .into_iter()
        .chain(WORKFLOWS)
        .chain(OWN)
        .chain([AZURE, GITLAB])
        .map(|file| fs::read_to_string(path(file)).expect(file))
        .collect();
    assert_eq!((of(ACTION), of(AZURE), of(GITLAB)), (5, 11, 5));
    // Every script begins with this line. GitLab runs `before_script` in the same shell, so it needs the line once more.
    let begun = texts.matches("set -euo pipefail").count();
    assert_eq!(begun, scripts.len() + 1, "a script that was not found, or one that goes on after a failure");
}
