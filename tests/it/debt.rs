//! A pool that holds more than is owned: it hands nothing out before it is out of debt.

use crate::support::Folder;

const TENANT: &str = r#"
tenant: debt
settings: { whoCanAllocate: only-specific-admins }
purchased: { app-passes: 10 }
environments:
  - { id: "00000000-0000-4000-8000-00000000000a", name: A, allocations: { app-passes: 2 } }
  - { id: "00000000-0000-4000-8000-00000000000b", name: B, allocations: { app-passes: 13 } }
  - { id: "00000000-0000-4000-8000-00000000000c", name: C }
"#;

fn configuration(a: u64, b: u64, c: u64) -> String {
    format!(
        r#"
version: 1
tenant: {{ name: debt }}
environments:
  a: {{ id: "00000000-0000-4000-8000-00000000000a", allocations: {{ app-passes: {a} }} }}
  b: {{ id: "00000000-0000-4000-8000-00000000000b", allocations: {{ app-passes: {b} }} }}
  c: {{ id: "00000000-0000-4000-8000-00000000000c", allocations: {{ app-passes: {c} }} }}
"#
    )
}

/// What the command came to and said.
fn run(configuration: &str, tenant: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let folder = Folder::with(&[("allotment.yaml", configuration), ("tenant.seed.yaml", tenant)]);
    let output = folder.run(arguments);
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code(), String::from_utf8(said).expect("text"))
}

#[test]
fn a_debt_that_stays_hands_nothing_out() {
    let (code, said) = run(&configuration(0, 13, 1), TENANT, &["plan"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("short by 4 already, and more would be handed out"), "{said}");
    let (code, said) = run(&configuration(0, 13, 0), TENANT, &["plan"]);
    assert_eq!(code, Some(0), "a debt that only shrinks is told: {said}");
}

#[test]
fn what_waits_for_the_end_of_a_debt_is_not_sent_before() {
    let (code, said) = run(&configuration(0, 5, 2), TENANT, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(0), "{said}");
    let denied =
        "behaviour: { failWrites: [{ environment: \"00000000-0000-4000-8000-00000000000b\", kind: denied }] }\n";
    let (code, said) = run(&configuration(0, 5, 2), &format!("{TENANT}{denied}"), &["apply", "--auto-approve"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("not sent") && said.contains("b may still hold them"), "{said}");
}
