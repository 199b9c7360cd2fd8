//! A pull request that removes or changes `provider:` never turns green silently. Through the real binary.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::emulate::Emulated;
use crate::support::{Folder, formats};

/// A configuration for the service without its `provider:` line, so that the built-in tenant is used.
const DROPPED: &str = r#"version: 1
tenant:
  name: contoso
  id: "03ab3068-c403-406d-8351-bdbb6374c8b0"
  cloud: public
purchased: { app-passes: 1000 }
environments:
  hr-prod: { id: "d54a33bc-880a-e348-b341-3a0581585c02", allocations: { app-passes: 120 } }
"#;

const SEED: &str = r#"
tenant: contoso
purchased: { app-passes: 1000 }
environments:
  - { id: "d54a33bc-880a-e348-b341-3a0581585c02", name: "HR (Prod)" }
"#;

/// The same with this provider.
fn with_provider(provider: &str) -> Folder {
    let text = DROPPED.replace("name: contoso\n", &format!("name: contoso\n  provider: {provider}\n"));
    Folder::with(&[("allotment.yaml", &text), ("tenant.seed.yaml", SEED), ("seed.yaml", SEED)])
}

fn ended(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = folder.allot(arguments).envs(variables.iter().copied()).output().expect("the binary runs");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), told)
}

/// The text without line breaks.
fn flowing(told: &str) -> String {
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn without_a_provider_no_command_is_green_in_ci_or_beside_a_credential() {
    let folder = Folder::with(&[("allotment.yaml", DROPPED), ("tenant.seed.yaml", SEED)]);
    let (exit, told) = ended(&folder, &["plan", "--out", "saved.json"], &[]);
    assert_eq!(exit, Some(0), "at a desk where nothing is set, the built-in tenant is meant: {told}");
    let commands = [
        &["validate"][..],
        &["plan"],
        &["apply", "--auto-approve"],
        &["apply", "saved.json"],
        &["drift"],
        &["status"],
        &["forecast"],
        &["doctor"],
    ];
    let variables = [
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITLAB_CI", "true"),
        ("TF_BUILD", "True"),
        ("JENKINS_URL", "https://ci.example.com/"),
        ("AZURE_TENANT_ID", "03ab3068-c403-406d-8351-bdbb6374c8b0"),
        ("AZURE_CLIENT_ID", "an-application"),
        ("POWER_PLATFORM_CLIENT_SECRET", "planted-secret"),
        ("POWER_PLATFORM_USE_CLI", "true"),
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/"),
    ];
    for command in commands {
        for (variable, value) in variables {
            let (exit, told) = ended(&folder, command, &[(variable, value)]);
            assert_eq!(exit, Some(3), "{command:?} with {variable}: {told}");
            let told = flowing(&told);
            for part in
                ["error[A124]", "allotment.yaml:2:1", variable, "`provider: power-platform`", "`provider: local`"]
            {
                assert!(told.contains(part), "{part} is missing for {command:?} with {variable}: {told}");
            }
            assert!(!told.contains("planted"), "{told}");
        }
        // `CI=false` is not CI.
        let (_, told) = ended(&folder, command, &[("CI", "false"), ("POWER_PLATFORM_USE_CLI", "false")]);
        assert!(!told.contains("A124"), "{command:?}: {told}");
    }
}

#[test]
fn a_watch_applies_nothing_without_a_provider_in_ci() {
    let folder = Folder::with(&[("allotment.yaml", DROPPED), ("tenant.seed.yaml", SEED)]);
    let mut command = folder.allot(&["watch", "--apply", "--auto-approve"]);
    let command = command.env("CI", "true").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut watching = command.spawn().expect("it starts");
    let mut lines = BufReader::new(watching.stdout.take().expect("stdout")).lines().map_while(Result::ok);
    let first = lines.find(|line| !line.starts_with("watching ")).expect("a line about the first pass");
    let problem = lines.next().expect("the problem");
    watching.kill().expect("the process can be killed");
    watching.wait().expect("it ends");
    assert!(first.ends_with("start: invalid: 1 error; nothing was changed"), "{first}");
    assert!(problem.contains("error: ") && problem.ends_with("[A124]"), "{problem}");
}

/// The comment on a fork's pull request, which shows only the result of `validate`, blocks the merge.
#[test]
fn a_comment_without_a_provider_is_red() {
    let folder = Folder::with(&[("allotment.yaml", DROPPED), ("tenant.seed.yaml", SEED)]);
    for command in [&["validate"][..], &["plan"], &["apply", "--auto-approve"]] {
        let reports = [
            "--report=markdown=out.md",
            "--report=sarif=out.sarif",
            "--report=junit=out.xml",
            "--report=html=out.html",
        ];
        let (exit, told) = ended(&folder, &[command, &reports].concat(), &[("GITHUB_ACTIONS", "true")]);
        assert_eq!(exit, Some(3), "{told}");
        let report = |name: &str| std::fs::read_to_string(folder.path(name)).expect("a report");
        assert!(report("out.md").contains("standing=blocked") && report("out.md").contains("A124"), "{command:?}");
        assert!(report("out.sarif").contains("\"A124\"") && report("out.xml").contains("<failure "), "{command:?}");
        assert!(report("out.html").contains("A124"), "{command:?}");
    }
}

/// Every format of every command names the built-in tenant as such, and never the service.
#[test]
fn every_format_names_the_built_in_tenant_as_such() {
    let service = with_provider("power-platform");
    let emulated = Emulated::start(&service, &[]);
    let endpoint = ["--endpoint", emulated.address.as_str()];
    // A125 is a hint, and Azure shows none; no CI host is known, so `ci` shows nothing.
    let faces: Vec<String> =
        formats().into_iter().filter(|format| !["azure", "ci"].contains(&format.as_str())).collect();
    for command in [&["validate"][..], &["plan"], &["apply", "--auto-approve"], &["apply", "--auto-approve"]] {
        for (folder, variables, is_built_in) in [
            (with_provider("local"), vec![("CI", "true")], true),
            (with_provider("power-platform"), vec![("CI", "true")], false),
        ] {
            let reports: Vec<String> = faces.iter().map(|face| format!("--report={face}=out/{face}")).collect();
            let mut arguments = command.to_vec();
            if !is_built_in && command != ["validate"] {
                arguments.extend(endpoint);
            }
            arguments.extend(reports.iter().map(String::as_str));
            let (exit, told) = ended(&folder, &arguments, &variables);
            assert_eq!(exit, Some(0), "{told}");
            for face in &faces {
                let shown = flowing(&std::fs::read_to_string(folder.path(&format!("out/{face}"))).expect("a report"));
                let names = match face.as_str() {
                    "json" => shown.contains("\"provider\": \"local\""),
                    "csv" => shown.contains("\"contoso\",\"local\","),
                    // They show findings and nothing else.
                    "github" | "gitlab" => shown.contains("A125") && shown.contains("built-in tenant"),
                    _ => shown.contains("built-in tenant"),
                };
                // A table of no changes has no rows.
                let has_rows = face != "csv" || shown.contains("\"contoso\",");
                assert_eq!(names, is_built_in && has_rows, "{face} of {command:?}: {shown}");
            }
        }
    }
    for command in ["status", "forecast", "drift"] {
        for (folder, arguments, is_built_in) in [
            (with_provider("local"), vec![command], true),
            (with_provider("power-platform"), [&[command][..], &endpoint].concat(), false),
        ] {
            let (_, told) = ended(&folder, &arguments, &[]);
            assert_eq!(told.contains("contoso (built-in tenant)"), is_built_in, "{command}: {told}");
            let json = folder.run(&[&arguments[..], &["--format", "json"]].concat()).stdout;
            let json: Value = serde_json::from_slice(&json).expect("JSON");
            let provider = if is_built_in { "local" } else { "power-platform" };
            assert_eq!(json["provider"], provider, "{command}");
        }
    }
    let local = with_provider("local");
    let (_, told) = ended(&local, &["plan", "--out", "saved.json"], &[]);
    assert!(flowing(&told).contains("saved the plan for contoso (built-in tenant)"), "{told}");
}

/// Hosts truncate a status, and a name can be arbitrarily long.
#[test]
fn a_long_name_hides_nothing() {
    let folder = with_provider("local");
    let text = std::fs::read_to_string(folder.path("allotment.yaml")).expect("the root");
    folder.write("allotment.yaml", text.replace("name: contoso", &format!("name: {}", "contoso".repeat(40))));
    let (exit, told) = ended(&folder, &["plan", "--format", "markdown"], &[("CI", "true")]);
    assert_eq!(exit, Some(0), "{told}");
    let headline = told.lines().find(|line| line.starts_with("### ")).expect("a headline");
    let shown: String = headline.chars().take(140).collect();
    assert!(shown.contains("built-in tenant"), "{shown}");
}

#[test]
fn a_plan_that_was_saved_for_one_provider_is_not_applied_to_another() {
    let folder = with_provider("local");
    let (exit, told) = ended(&folder, &["plan", "--out", "saved.json"], &[]);
    assert_eq!(exit, Some(0), "{told}");
    let service = with_provider("power-platform");
    let emulated = Emulated::start(&service, &[]);
    let saved = std::fs::read_to_string(folder.path("saved.json")).expect("the plan");
    service.write("saved.json", &saved);
    let apply = ["apply", "saved.json", "--endpoint", emulated.address.as_str()];
    let (exit, told) = ended(&service, &apply, &[]);
    let told = flowing(&told);
    assert_eq!(exit, Some(3), "{told}");
    let moved = "it was made for the built-in tenant, and this is a tenant of the service";
    assert!(told.contains("error[A501]") && told.contains(moved), "{told}");
    // Nor if the saved plan was edited to name the other provider.
    let turned = saved.replace("\"provider\": \"local\"", "\"provider\": \"power-platform\"");
    assert_ne!(turned, saved);
    service.write("saved.json", turned);
    let (exit, told) = ended(&service, &apply, &[]);
    assert_eq!(exit, Some(1), "{told}");
    assert!(flowing(&told).contains("was changed after it was saved as plan"), "{told}");
}

/// What `init` writes works in CI as it is.
#[test]
fn a_first_configuration_works_in_ci() {
    let folder = Folder::with(&[]);
    let ci = [("CI", "true")];
    for arguments in [&["init"][..], &["validate"], &["plan"], &["apply", "--auto-approve"]] {
        let (exit, told) = ended(&folder, arguments, &ci);
        assert_eq!(exit, Some(0), "{arguments:?}: {told}");
    }
}

/// The files of `init` name their schemas by paths, and the schemas are there: an editor needs no network.
#[test]
fn a_first_configuration_has_its_schemas_beside_it() {
    let folder = Folder::with(&[]);
    assert_eq!(folder.run(&["init"]).status.code(), Some(0));
    for file in ["allotment.yaml", "environments/first.yaml"] {
        let path = folder.path(file);
        let text = std::fs::read_to_string(&path).expect("a file");
        let first = text.lines().next().expect("a line");
        let schema = first.strip_prefix("# yaml-language-server: $schema=").expect("a schema line");
        let written = std::fs::read(path.parent().expect("a folder").join(schema)).expect("the schema");
        let name = schema.rsplit('/').next().expect("a name");
        let ours = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
        assert!(written == std::fs::read(ours).expect("our schema"), "{schema}");
    }
}

/// A misspelt provider is reported as such, and not as missing.
#[test]
fn a_misspelt_provider_is_reported_once() {
    let (exit, told) = ended(&with_provider("Power-Platform"), &["validate"], &[("CI", "true")]);
    assert_eq!(exit, Some(3), "{told}");
    assert!(told.contains("error[A120]") && !told.contains("A124"), "{told}");
}
