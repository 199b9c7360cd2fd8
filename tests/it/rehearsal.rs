//! A rehearsal of the service on this machine, as examples/power-platform/README.md describes it, and the options that have no effect on
//! a tenant.

use std::path::Path;

use crate::emulate::Emulated;
use crate::support::Folder;

const GUIDE: &str = include_str!("../../examples/power-platform/README.md");

/// The lines of the first block of commands after a text.
fn commands_after(text: &str) -> Vec<&'static str> {
    let (_, after) = GUIDE.split_once(text).unwrap_or_else(|| panic!("{text} is in the guide"));
    let block = after.split("```").nth(1).expect("a block of commands");
    block.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect()
}

fn ended(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = folder.allot(arguments).envs(variables.iter().copied()).output().expect("the binary runs");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), told)
}

/// The folder of the example, as the guide lets a user copy it.
fn copied() -> Folder {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/power-platform");
    let folder = Folder::with(&[]);
    for name in ["allotment.yaml", "environments/hr.yaml", "tenant.seed.yaml"] {
        folder.write(name, std::fs::read(from.join(name)).expect("a file of the example"));
    }
    folder
}

/// The variables that the guide exports, with values.
fn exported() -> Vec<(&'static str, &'static str)> {
    let [line] = commands_after("**Put its ids and its secret into environment variables**")[..] else {
        panic!("one line of variables")
    };
    let names = line.trim_start_matches("export ").split(' ').map(|pair| pair.split('=').next().expect("a name"));
    let variables: Vec<_> = names
        .map(|name| match name {
            "POWER_PLATFORM_TENANT_ID" => (name, "03ab3068-c403-406d-8351-bdbb6374c8b0"),
            "POWER_PLATFORM_CLIENT_ID" => (name, "6f2d7c1e-3f2a-4c47-9f0e-8a1d2c3b4e5f"),
            "POWER_PLATFORM_CLIENT_SECRET" => (name, "a-secret"),
            "POWER_PLATFORM_CLOUD" => (name, "public"),
            _ => panic!("{name} has no value in this test"),
        })
        .collect();
    assert_eq!(variables.len(), 4, "{line}");
    variables
}

/// Without the faults, which make some commands wait.
fn without_faults(command: &str) -> Vec<&str> {
    let mut words: Vec<&str> = command.trim_end_matches(" &").split(' ').skip(1).collect();
    while let Some(at) = words.iter().position(|word| *word == "--fault") {
        words.drain(at..at + 2);
    }
    words
}

#[test]
fn the_guide_leads_from_the_variables_to_an_applied_plan() {
    let folder = copied();
    let commands = commands_after("## Rehearse");
    let (emulate, clients) = commands.split_first().expect("commands");
    for variables in [exported(), Vec::new()] {
        let strict: &[&str] = if variables.is_empty() { &[] } else { &["--strict-auth"] };
        let emulated =
            Emulated::run(&folder, &[&without_faults(emulate)[..], &["--listen", "127.0.0.1:0"], strict].concat());
        let lines = clients.iter().map(|line| line.replace("http://127.0.0.1:8790", &emulated.address));
        for line in lines.chain([format!("allot doctor --endpoint {}", emulated.address)]) {
            let mut arguments: Vec<&str> = line.split(' ').skip(1).collect();
            if arguments[0] == "apply" {
                arguments.push("--auto-approve");
            }
            let (exit, told) = ended(&folder, &arguments, &variables);
            assert_eq!(exit, Some(0), "{line}: {told}");
            let signed_in = told.contains("the directory gives a token");
            assert_eq!(signed_in, arguments[0] == "doctor" && !variables.is_empty(), "{told}");
            if arguments[0] == "plan" {
                for part in
                    ["hr-prod  App passes          110  →     120", "15,000  →  20,000", "2 to increase", "1 setting"]
                {
                    assert!(told.contains(part), "{part}: {told}");
                }
            }
        }
    }
}

#[test]
fn the_help_of_the_emulator_shows_a_seed_that_it_serves() {
    let folder = Folder::with(&[]);
    let (_, help) = ended(&folder, &["emulate", "--help"], &[]);
    let seed: Vec<&str> = help.lines().skip_while(|line| *line != "  tenant: contoso").collect();
    assert!(seed.len() > 20 && seed.iter().all(|line| line.starts_with("  ")), "{help}");
    folder.write("seed.yaml", seed.join("\n"));
    assert!(Emulated::start(&folder, &[]).address.starts_with("http://"), "the emulator starts");
}

#[test]
fn an_option_that_has_no_effect_on_the_tenant_is_refused() {
    let local = Folder::with(&[(
        "allotment.yaml",
        "version: 1\ntenant: { name: contoso }\npurchased: { app-passes: 9 }\nenvironments:\n  a: { id: 3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55, allocations: { app-passes: 1 } }\n",
    )]);
    let service = copied();
    let nowhere = "http://127.0.0.1:9";
    let commands = [&["plan"][..], &["apply", "--auto-approve"], &["drift"], &["status"], &["forecast"], &["doctor"]];
    for command in commands {
        for (folder, option, variables, subject) in [
            (&local, &["--endpoint", nowhere][..], vec![], "`--endpoint` (ALLOT_ENDPOINT)"),
            (&local, &[], vec![("ALLOT_ENDPOINT", nowhere)], "`--endpoint` (ALLOT_ENDPOINT)"),
            (&service, &["--seed", "tenant.seed.yaml", "--endpoint", nowhere], vec![], "`--seed`"),
            (&service, &["--as", "power-platform-admin", "--endpoint", nowhere], vec![], "`--as`"),
        ] {
            let (exit, told) = ended(folder, &[command, option].concat(), &variables);
            assert_eq!(exit, Some(1), "{command:?} {option:?}: {told}");
            assert!(told.contains(&format!("{subject} has no effect on")), "{command:?} {option:?}: {told}");
        }
        // An empty variable is as good as none.
        let (exit, told) = ended(&local, command, &[("ALLOT_ENDPOINT", "")]);
        assert_eq!(exit, Some(if command == ["drift"] { 2 } else { 0 }), "{command:?}: {told}");
        std::fs::remove_dir_all(local.path(".allotment")).unwrap_or_default();
    }
}
