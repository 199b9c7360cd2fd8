//! What cannot be read is said, and never taken for what is declared. Through the real binary.

use crate::emulate::Emulated;
use crate::support::Folder;

const ROOT: &str = r#"
version: 1
tenant: { name: contoso, provider: power-platform }
rules: { maxDecrease: { percent: 100 } }
environments:
  hr: { id: "00000000-0000-4000-8000-0000000000a1", name: HR, allocations: { app-passes: 0 } }
"#;

const SEED: &str = r#"
tenant: contoso
settings: { whoCanAllocate: only-specific-admins }
purchased: { app-passes: 100, copilot-credits: 10 }
environments:
  - id: "00000000-0000-4000-8000-0000000000a1"
    name: HR
    allocations:
      app-passes: 10
      copilot-credits: { units: 5, whenExhausted: { drawFromTenant: false } }
    consumption: { app-passes: { units: 9, asOf: 2026-11-26 } }
"#;

/// The exit code and the output of a command against an emulator.
fn run(root: &str, seed: &str, faults: &[&str], arguments: &[&str]) -> (Option<i32>, String) {
    let folder = Folder::with(&[("allotment.yaml", root), ("seed.yaml", seed)]);
    let emulated = Emulated::start(&folder, faults);
    let output = folder.run(&[arguments, &["--endpoint", emulated.address.as_str()]].concat());
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code(), said.split_whitespace().collect::<Vec<_>>().join(" "))
}

const OLD: [&str; 2] = ["--fault", "surfaces=[\"old\"]"];

#[test]
fn nothing_goes_below_what_an_environment_uses_behind_the_service() {
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let (code, said) = run(ROOT, SEED, &[], command);
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains("error[A305]: hr uses 9 App passes"), "{said}");
        let (code, said) = run(ROOT, SEED, &OLD, command);
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains("error[A305]: the consumption of App passes in hr could not be read"), "{said}");
        let allowed = [command, &["--allow", "A305:hr/app-passes"]].concat();
        for faults in [&[][..], &OLD] {
            let (code, said) = run(ROOT, SEED, faults, &allowed);
            assert_eq!(code, Some(0), "{said}");
            // A plan shows what was let through among its findings, an apply in a list of its own.
            assert!(said.contains("warning[A305]") || said.contains("A305:hr/app-passes"), "{said}");
        }
        let enough = ROOT.replace("app-passes: 0", "app-passes: 9");
        let (code, said) = run(&enough, SEED, &[], command);
        assert_eq!(code, Some(0), "{said}");
    }
}

#[test]
fn a_drift_check_that_could_not_read_everything_does_not_end_as_no_drift() {
    let root = ROOT.replace(", provider: power-platform", "").replace("app-passes: 0", "app-passes: 10");
    let check = |behaviour: &str| {
        let seed = format!("{SEED}{behaviour}");
        let folder = Folder::with(&[("allotment.yaml", &root), ("tenant.seed.yaml", &seed)]);
        let output = folder.run(&["drift"]);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = check("");
    assert!(code == Some(0) && said.contains("No drift."), "{said}");
    let (code, said) = check("behaviour: { unreadable: [\"00000000-0000-4000-8000-0000000000a1\"] }\n");
    assert!(code == Some(1) && said.contains("Not all of the tenant could be read."), "{code:?} {said}");
}

/// The older interface returns amounts only. Its switches are neither wanted for ever nor taken for a change of somebody else.
#[test]
fn switches_that_an_interface_cannot_return_are_not_checked() {
    let cell = "app-passes: 10, copilot-credits: { units: 7, whenExhausted: { drawFromTenant: true } }";
    let root = ROOT.replace("app-passes: 0", cell);
    for surfaces in ["surfaces=[\"old\"]", "surfaces=[\"old\",\"v2\"]"] {
        for semantics in ["semantics=merge", "semantics=replace"] {
            let folder = Folder::with(&[("allotment.yaml", &root), ("seed.yaml", SEED)]);
            let emulated = Emulated::start(&folder, &["--fault", surfaces, "--fault", semantics]);
            let run = |arguments: &[&str]| {
                let output = folder.run(&[arguments, &["--endpoint", emulated.address.as_str()]].concat());
                let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
                (output.status.code(), said.split_whitespace().collect::<Vec<_>>().join(" "))
            };
            let (code, said) = run(&["apply", "--auto-approve"]);
            assert_eq!(code, Some(0), "{surfaces} {semantics}: {said}");
            let (code, said) = run(&["plan", "--out", "saved.json"]);
            assert!(code == Some(0) && said.contains("All that could be read matches"), "{said}");
            assert!(said.contains("the `whenExhausted` switches of Copilot Credits"), "{said}");
            let (code, said) = run(&["drift"]);
            assert_eq!(code, Some(1), "{said}");
        }
    }
}

/// The older interface takes no switch, so a plan does not promise one to an environment that has no document yet.
#[test]
fn a_switch_that_an_interface_does_not_take_is_a_finding_of_the_plan() {
    let cell = "app-passes: 10, copilot-credits: 5 }";
    let new = "{ id: \"00000000-0000-4000-8000-0000000000a2\", name: New, allocations: { copilot-credits: { units: 2, whenExhausted: { deny: true } } } }";
    let root = format!("{}  new: {new}\n", ROOT.replace("app-passes: 0 }", cell));
    let seed = format!("{SEED}  - {{ id: \"00000000-0000-4000-8000-0000000000a2\", name: New }}\n");
    let folder = Folder::with(&[("allotment.yaml", &root), ("seed.yaml", &seed)]);
    let emulated = Emulated::start(&folder, &OLD);
    let run = |arguments: &[&str]| {
        let output = folder.run(&[arguments, &["--endpoint", emulated.address.as_str()]].concat());
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), said.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    for arguments in [&["plan"][..], &["apply", "--auto-approve"], &["plan", "--detailed-exitcode"]] {
        let (code, said) = run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        assert!(said.contains("hint[A410]: the `whenExhausted` switches could not be read"), "{said}");
        assert!(said.contains("the `whenExhausted` switches of Copilot Credits, in 1 environment"), "{said}");
    }
}

/// A built-in tenant knows everything that it owns: zero of an add-on that only the configuration names.
#[test]
fn a_built_in_tenant_reports_zero_for_what_only_the_configuration_names() {
    let root = ROOT.replace("provider: power-platform", "provider: local").replace("app-passes: 0", "portal-logins: 5");
    let root = root.replace("rules:", "purchased: { portal-logins: 100 }\nrules:");
    let folder = Folder::with(&[("allotment.yaml", &root), ("tenant.seed.yaml", SEED)]);
    let output = folder.run(&["plan"]);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("error[A201]") && said.contains("the tenant reports 0"), "{said}");
}
