//! A pool that holds more than is owned: what may still be done, and in which order.

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
fn within_a_debt_that_stays_units_move_and_none_are_added() {
    let takes_all = format!("{TENANT}behaviour: {{ overAllocation: accept }}\n");
    let (code, said) = run(&configuration(0, 13, 2), &takes_all, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning[A207]: App passes are already short by 5"), "{said}");
    let (code, said) = run(&configuration(0, 13, 3), &takes_all, &["plan"]);
    assert_eq!(code, Some(3), "one more than is held already: {said}");
    let (code, said) = run(&configuration(0, 13, 2), TENANT, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(4), "a tenant that refuses it is reported: {said}");
    assert!(said.contains("refused [A504]"), "{said}");
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
    assert!(said.contains("not sent [A506]") && said.contains("b may still hold"), "{said}");
}
