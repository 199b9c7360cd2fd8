//! A policy owns the switch `drawFromTenant` of an environment: whether the service refuses a body that only carries it is not documented, so
//! a plan that does not change it has to succeed under both. Through the real binary.

use crate::emulate::Emulated;
use crate::support::Folder;

const ROOT: &str = r#"
version: 1
tenant: { name: contoso, provider: power-platform }
environments:
  hr: { id: "00000000-0000-4000-8000-0000000000a1", name: HR, allocations: { app-passes: 12 } }
  lab: { id: "00000000-0000-4000-8000-0000000000a2", name: Lab, allocations: { app-passes: 1 } }
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
      copilot-credits: { units: 5, whenExhausted: { drawFromTenant: true, alert: true } }
  - { id: "00000000-0000-4000-8000-0000000000a2", name: Lab }
"#;

/// An emulator in which the switch of HR is locked, and a folder to apply from.
struct Locked {
    folder: Folder,
    emulated: Emulated,
}

impl Locked {
    fn by(lock: &str, semantics: &str) -> Locked {
        let folder = Folder::with(&[("allotment.yaml", ROOT), ("seed.yaml", SEED)]);
        let (lock, semantics) = (format!("lock={lock}"), format!("semantics={semantics}"));
        let environment = "lockedEnvironments=[\"00000000-0000-4000-8000-0000000000a1\"]";
        let faults = ["--fault", environment, "--fault", &lock, "--fault", &semantics];
        Locked { emulated: Emulated::start(&folder, &faults), folder }
    }

    fn run(&self, root: &str, arguments: &[&str]) -> (Option<i32>, String) {
        self.folder.write("allotment.yaml", root);
        let output = self.folder.run(&[arguments, &["--endpoint", self.emulated.address.as_str()]].concat());
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), said.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Whether the tenant holds these credits of HR with both of their switches.
    #[track_caller]
    fn holds(&self, credits: u32) {
        let switches = "{ drawFromTenant: true, alert: true }";
        let cell = format!("app-passes: 12, copilot-credits: {{ units: {credits}, whenExhausted: {switches} }}");
        let (code, said) = self.run(&ROOT.replace("app-passes: 12", &cell), &["plan", "--detailed-exitcode"]);
        assert_eq!(code, Some(0), "{said}");
    }
}

#[test]
fn a_locked_switch_that_the_plan_does_not_change_is_left_out_and_kept() {
    for semantics in ["merge", "replace"] {
        for (lock, is_retried) in [("changed", false), ("carried", true)] {
            let locked = Locked::by(lock, semantics);
            let (code, said) = locked.run(ROOT, &["apply", "--auto-approve"]);
            assert_eq!(code, Some(0), "{lock} {semantics}: {said}");
            assert_eq!(said.contains("trying hr again"), is_retried, "{lock} {semantics}: {said}");
            locked.holds(5);
            // The same in the entry that changes.
            let root = ROOT.replace("app-passes: 12", "app-passes: 12, copilot-credits: 7");
            let (code, said) = locked.run(&root, &["apply", "--auto-approve"]);
            assert_eq!(code, Some(0), "{lock} {semantics}: {said}");
            locked.holds(7);
        }
    }
}

#[test]
fn a_switch_that_is_lost_without_its_rule_is_named_and_the_change_not_applied() {
    for cell in ["app-passes: 12", "app-passes: 10, copilot-credits: 7"] {
        let locked = Locked::by("unkept", "replace");
        let arguments = ["apply", "--auto-approve", "--confirm-timeout", "0s"];
        let (code, said) = locked.run(&ROOT.replace("app-passes: 12", cell), &arguments);
        assert_eq!(code, Some(4), "{said}");
        let lost = "\"draw from tenant\" of Copilot Credits was on and is no longer stated";
        assert!(said.contains("not confirmed [A505] hr") && said.contains(lost), "{said}");
        assert!(said.contains("1 of 2 changes"), "{said}");
    }
}

#[test]
fn a_policy_that_refuses_the_write_without_the_switch_too_is_named() {
    let locked = Locked::by("everything", "merge");
    let (code, said) = locked.run(ROOT, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("refused [A407] hr App passes"), "{said}");
    assert!(said.contains("CostControlsDrawFromTenantCreditPool"), "{said}");
    assert!(said.contains("the write was refused without this switch too"), "{said}");
    // A plan that changes the switch is refused at once.
    let cell = "app-passes: 10, copilot-credits: { units: 5, whenExhausted: { drawFromTenant: false } }";
    let (_, said) = locked.run(&ROOT.replace("app-passes: 12", cell), &["apply", "--auto-approve"]);
    assert!(said.contains("refused [A407] hr") && !said.contains("trying hr again"), "{said}");
}
