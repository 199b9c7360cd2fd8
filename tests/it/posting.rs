//! `allot comment`: the real binary over HTTP against a fake of each host.

use std::process::{Command, Output, Stdio};

use axum::http::StatusCode;

use crate::hosts::{ALL, Host, Kind, READS, TOKEN};
use crate::support::Folder;

const CONFIGURATION: &str = "version: 1\ntenant: { name: contoso, whoCanAllocate: environment-admins }\n\
    purchased: { app-passes: 50 }\nenvironments:\n  \
    hr:\n    id: \"d54a33bc-880a-e348-b341-3a0581585c02\"\n    allocations: { app-passes: 10 }\n";

/// A folder with a plan's comment in it.
pub(crate) fn planned() -> Folder {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION)]);
    write(&folder, "plan", "2026-11-24T09:30:00Z", 0);
    folder
}

/// Runs a command at a time and writes its report to `COMMAND.md`.
pub(crate) fn write(folder: &Folder, command: &str, at: &str, exit: i32) {
    let report = format!("--report=markdown={command}.md");
    let mut arguments = vec![command, report.as_str(), "--quiet"];
    if command == "apply" {
        arguments.push("--auto-approve");
    }
    let output = folder.allot(&arguments).env("ALLOT_CLOCK", at).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(exit), "{}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn comment(folder: &Folder, host: &Host, token: &str, file: &str) -> Command {
    let mut command = folder.allot(&["comment", file]);
    command.envs(host.variables(token));
    command
}

fn posted(folder: &Folder, host: &Host, file: &str) -> String {
    told(comment(folder, host, TOKEN, file).output().expect("the binary runs"), 0)
}

#[track_caller]
pub(crate) fn told(output: Output, exit: i32) -> String {
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text")).concat();
    assert_eq!(output.status.code(), Some(exit), "{told}");
    told
}

#[test]
fn twice_posting_gives_one_comment() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        host.seed(false, &std::fs::read_to_string(folder.path("plan.md")).unwrap());
        host.seed(true, "something else by the same account");
        host.seed(false, "LGTM");
        assert!(posted(&folder, &host, "plan.md").starts_with("created the comment on "), "{:?}", host.kind);
        assert!(posted(&folder, &host, "plan.md").contains("it has this text already"));
        folder.write("allotment.yaml", CONFIGURATION.replace("10", "12"));
        write(&folder, "plan", "2026-11-24T09:40:00Z", 0);
        assert!(posted(&folder, &host, "plan.md").starts_with("updated the comment on "), "{:?}", host.kind);
        let shown = host.shown();
        assert_eq!(shown.len(), 2, "{shown:?}");
        assert!(shown[0].starts_with("something else") && shown[1].contains("| **12** |"), "{}", shown[1]);
        // The status is on the head commit of the branch.
        let success = if host.kind == Kind::Azure { "succeeded" } else { "success" };
        let headline = "🟢 Ready: 1 change in 1 environment · built-in tenant contoso";
        let expected = ["head", "allot/plan", success, headline].map(str::to_owned);
        host.with(|state| assert_eq!(state.statuses.last(), Some(&expected)));
    }
}

#[test]
fn a_racing_run_does_not_make_two() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        host.hold_until_two();
        let start = || comment(&folder, &host, TOKEN, "plan.md").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let racing = [start().unwrap(), start().unwrap()];
        for run in racing {
            told(run.wait_with_output().unwrap(), 0);
        }
        host.with(|state| assert_eq!(state.comments.len(), 2, "both were written"));
        assert_eq!(host.shown().len(), 1, "{:?}", host.kind);
    }
}

#[test]
fn older_duplicates_are_hidden() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        let body = std::fs::read_to_string(folder.path("plan.md")).unwrap();
        (0..3).for_each(|_| host.seed(true, &body));
        write(&folder, "plan", "2026-11-24T09:40:00Z", 0);
        let told = posted(&folder, &host, "plan.md");
        assert!(told.contains("updated the comment") && told.contains("hid or deleted 2 older comments"), "{told}");
        assert_eq!(host.shown(), [std::fs::read_to_string(folder.path("plan.md")).unwrap()]);
    }
}

#[test]
fn an_apply_turns_the_comment_into_a_receipt() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        posted(&folder, &host, "plan.md");
        write(&folder, "apply", "2026-11-24T10:00:00Z", 0);
        // After the merge the CI job names no pull request.
        let mut command = comment(&folder, &host, TOKEN, "apply.md");
        command.env_remove(host.number_variable());
        let told = told(command.output().unwrap(), 0);
        assert!(told.starts_with("updated the comment on ") && told.contains("pull request 12"), "{told}");
        let shown = host.shown();
        assert!(shown.len() == 1 && shown[0].contains("Applied: 1 change"), "{shown:?}");
        // A commit without a pull request.
        let mut command = comment(&folder, &host, TOKEN, "apply.md");
        command.env_remove(host.number_variable()).args(["--commit", "pushed"]);
        let told = self::told(command.output().unwrap(), 0);
        assert_eq!(told, "nothing posted: pushed came from no pull request\n");
    }
}

#[test]
fn a_plan_that_is_blocked_holds_the_pull_request_back() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        folder.write("allotment.yaml", CONFIGURATION.replace("app-passes: 10", "app-passes: 60"));
        write(&folder, "plan", "2026-11-24T09:40:00Z", 3);
        posted(&folder, &host, "plan.md");
        host.with(|state| {
            let [_, _, word, headline] = state.statuses.last().unwrap();
            assert!(
                ["failure", "failed"].contains(&word.as_str()) && headline.contains("Blocked"),
                "{word} {headline}"
            );
            assert!(state.comments[0].is_open);
        });
        folder.write("allotment.yaml", CONFIGURATION);
        write(&folder, "plan", "2026-11-24T09:50:00Z", 0);
        posted(&folder, &host, "plan.md");
        // Only Azure DevOps has threads that are open or closed.
        host.with(|state| assert_eq!(state.comments[0].is_open, host.kind != Kind::Azure));
    }
}

#[test]
fn a_comment_that_is_too_long_never_fails_the_job() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        let long = std::fs::read_to_string(folder.path("plan.md")).unwrap() + &"| ü |\n".repeat(host.longest() / 6 + 1);
        folder.write("plan.md", long);
        let told = posted(&folder, &host, "plan.md");
        assert!(told.contains("too long for the host"), "{told}");
        let shown = host.shown();
        assert!(
            shown[0].contains("🟢 Ready") && shown[0].contains("does not accept a comment of this length"),
            "{shown:?}"
        );
    }
}

#[test]
fn a_fork_gets_a_validation_and_no_plan() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        host.with(|state| state.is_fork = true);
        let refused = told(comment(&folder, &host, TOKEN, "plan.md").output().unwrap(), 1);
        assert!(refused.contains("pull request 12 is from a fork") && refused.contains("allot validate"), "{refused}");
        write(&folder, "validate", "2026-11-24T09:30:00Z", 0);
        let reads = told(comment(&folder, &host, READS, "validate.md").output().unwrap(), 0);
        assert_eq!(reads, "nothing posted: pull request 12 is from a fork, whose runs may not comment\n");
        assert_eq!(host.shown(), Vec::<String>::new());
        assert!(posted(&folder, &host, "validate.md").starts_with("created"));
    }
}

#[test]
fn transient_errors_of_a_host_are_retried() {
    let faults =
        [(StatusCode::FORBIDDEN, Some(0)), (StatusCode::TOO_MANY_REQUESTS, None), (StatusCode::BAD_GATEWAY, None)];
    for (host, fault) in ALL.map(Host::start).into_iter().zip(faults) {
        let folder = planned();
        host.with(|state| state.faults = vec![fault]);
        assert!(posted(&folder, &host, "plan.md").starts_with("created"));
        assert_eq!(host.shown().len(), 1);
    }
}

#[test]
fn a_denial_names_the_missing_permission() {
    for (host, permission) in ALL.map(Host::start).into_iter().zip([
        "permissions: pull-requests: write",
        "project access token",
        "Build Service",
    ]) {
        let folder = planned();
        for token in [READS, "no-token"] {
            let told = told(comment(&folder, &host, token, "plan.md").output().unwrap(), 1);
            assert!(told.contains(permission) && !told.contains(token), "{told}");
        }
        assert_eq!(host.shown(), Vec::<String>::new());
    }
}

#[test]
fn mistakes_are_told() {
    let folder = planned();
    folder.write("notes.md", "### Ready\n");
    let host = Host::start(Kind::GitHub);
    for (file, words) in
        [("notes.md", "notes.md does not begin with the marker of a comment"), ("none.md", "none.md cannot be read")]
    {
        let told = told(comment(&folder, &host, TOKEN, file).output().unwrap(), 1);
        assert!(told.contains(words), "{told}");
    }
    let nowhere = told(folder.allot(&["comment", "plan.md"]).output().unwrap(), 1);
    assert!(nowhere.contains("no variable names a known CI host") && nowhere.contains("--forge"), "{nowhere}");
}

/// `pull_request_target` runs on the main branch, whose head commit belongs to another pull request.
#[test]
fn the_event_names_the_pull_request_and_its_head() {
    let host = Host::start(Kind::GitHub);
    let folder = planned();
    let run = |event: Option<&str>| {
        let mut command = comment(&folder, &host, TOKEN, "plan.md");
        command.env("GITHUB_REF", "refs/heads/main");
        if let Some(head) = event {
            folder.write(
                "event.json",
                format!(r#"{{ "pull_request": {{ "number": 12, "head": {{ "sha": "{head}" }} }} }}"#),
            );
            command.env("GITHUB_EVENT_PATH", folder.path("event.json"));
        }
        command.output().expect("the binary runs")
    };
    let nowhere = told(run(None), 1);
    assert!(nowhere.contains("neither an option nor the CI job names the pull request"), "{nowhere}");
    let older = told(run(Some("older")), 0);
    assert_eq!(older, "kept the comment on GitHub pull request 12: the branch has a newer commit\n");
    host.with(|state| assert!(state.comments.is_empty() && state.statuses.is_empty()));
    assert!(told(run(Some("head")), 0).starts_with("created the comment on GitHub pull request 12"));
}

/// A repeated job after a complete apply finds the plan stale, and keeps the receipt.
#[test]
fn a_receipt_is_kept_whatever_is_tried_later() {
    for host in ALL.map(Host::start) {
        let folder = planned();
        write(&folder, "apply", "2026-11-24T10:00:00Z", 0);
        posted(&folder, &host, "apply.md");
        folder.write("allotment.yaml", CONFIGURATION.replace("app-passes: 10", "app-passes: 60"));
        write(&folder, "apply", "2026-11-24T10:10:00Z", 3);
        posted(&folder, &host, "apply.md");
        let shown = host.shown();
        assert!(
            shown.len() == 2 && shown[0].contains("Applied: 1 change") && shown[1].contains("Blocked"),
            "{shown:?}"
        );
    }
}

/// What a host answers is in the log, where it neither controls the terminal nor is a command of the CI host.
#[test]
fn the_log_is_inert() {
    let host = Host::start(Kind::GitHub);
    let folder = planned();
    host.with(|state| {
        state.faults = vec![(StatusCode::BAD_GATEWAY, None)];
        state.fault = "##vso[task.setvariable variable=x]y \u{202e}\u{9b}2J ##[group]z";
    });
    let mut command = comment(&folder, &host, TOKEN, "plan.md");
    let told = told(command.arg("-v").output().expect("the binary runs"), 0);
    assert!(told.contains("posted again") && told.contains("#\\#vso[task.setvariable"), "{told}");
    for command in ["##vso[", "##[", "\u{202e}", "\u{9b}", "\u{1b}"] {
        assert!(!told.contains(command), "{command:?} is in {told}");
    }
}

#[test]
fn a_password_in_an_address_is_never_shown() {
    let host = Host::start(Kind::GitHub);
    let folder = planned();
    let with_password = |address: String| address.replace("http://", "http://someone:sesame@");
    let run = |api: String| {
        let mut command = comment(&folder, &host, TOKEN, "plan.md");
        command.arg("-vvv").env("ALLOT_LOG", "trace").env("GITHUB_API_URL", api);
        command.env("GITHUB_GRAPHQL_URL", with_password(format!("{}/api/graphql", host.address)));
        command.output().expect("the binary runs")
    };
    let posted = told(run(with_password(format!("{}/api/v3", host.address))), 0);
    assert!(posted.contains("created the comment") && !posted.contains("sesame"), "{posted}");
    let refused = told(run("http://someone:sesame@ghe.example/api/v3".to_owned()), 1);
    assert!(refused.contains("GITHUB_API_URL is a value that may be a secret"), "{refused}");
    assert!(!refused.contains("sesame"), "{refused}");
}
