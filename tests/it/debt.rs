//! Over-allocated pools: which changes are allowed, and in which order they are sent.

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

/// The exit code and the output of a command.
fn run(configuration: &str, tenant: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let folder = Folder::with(&[("allotment.yaml", configuration), ("tenant.seed.yaml", tenant)]);
    let output = folder.run(arguments);
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code(), String::from_utf8(said).expect("text"))
}

#[test]
fn over_allocated_units_may_move_but_not_grow() {
    let takes_all = format!("{TENANT}behaviour: {{ overAllocation: accept }}\n");
    let (code, said) = run(&configuration(0, 13, 2), &takes_all, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning[A207]: App passes are already short by 5"), "{said}");
    let (code, said) = run(&configuration(0, 13, 3), &takes_all, &["plan"]);
    assert_eq!(code, Some(3), "over-allocation must not grow: {said}");
    let (code, said) = run(&configuration(0, 13, 2), TENANT, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(4), "the tenant's refusal is reported: {said}");
    assert!(said.contains("refused [A504]"), "{said}");
    let (code, said) = run(&configuration(0, 13, 0), TENANT, &["plan"]);
    assert_eq!(code, Some(0), "an over-allocation that only shrinks is no error: {said}");
}

#[test]
fn writes_that_wait_for_the_end_of_over_allocation_are_not_sent_before() {
    let (code, said) = run(&configuration(0, 5, 2), TENANT, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(0), "{said}");
    let denied =
        "behaviour: { failWrites: [{ environment: \"00000000-0000-4000-8000-00000000000b\", kind: denied }] }\n";
    let (code, said) = run(&configuration(0, 5, 2), &format!("{TENANT}{denied}"), &["apply", "--auto-approve"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("not sent [A506]") && said.contains("b may still hold"), "{said}");
}
