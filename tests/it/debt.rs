//! Over-allocated pools: which changes are allowed, and in which order they are sent.

use allotment::model::ending::Ending;
use allotment::workflow::apply::{ApplyOptions, Stop};
use allotment::workflow::planned::Scope;
use allotment::workflow::ports::{Ports, TenantOptions};

use crate::steps::in_steps;
use crate::support::Folder;
use crate::workflows::ports;

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
    let declared = |a, b, c| format!("{}debts: {{ app-passes: 5 }}\n", configuration(a, b, c));
    let (code, said) = run(&declared(0, 13, 2), TENANT, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning[A207]: App passes are already short by 5"), "{said}");
    let (code, said) = run(&declared(0, 13, 3), TENANT, &["plan", "--allow", "A207:app-passes"]);
    assert_eq!(code, Some(3), "over-allocation must not grow: {said}");
    let (code, said) = run(&configuration(0, 13, 0), TENANT, &["plan"]);
    assert_eq!(code, Some(0), "an over-allocation that only shrinks is no error: {said}");
    let (code, said) = run(&declared(2, 13, 0), TENANT, &["apply", "--auto-approve"]);
    assert_eq!(code, Some(0), "a declared debt is no error at the end of a run: {said}");
}

#[test]
fn the_built_in_tenant_refuses_over_allocation_whatever_its_seed_says() {
    let accepting = format!("{TENANT}behaviour: {{ overAllocation: accept }}\n");
    for tenant in [TENANT, &accepting] {
        let (code, said) = run(&configuration(0, 13, 2), tenant, &["apply", "--auto-approve"]);
        assert_eq!(code, Some(4), "the tenant's refusal is reported: {said}");
        assert!(said.contains("refused [A504]"), "{said}");
    }
}

#[test]
fn on_a_tenant_that_refuses_the_other_pools_go_on() {
    let tenant = TENANT.replace("app-passes: 10 }", "app-passes: 10, portal-logins: 9 }");
    let both = configuration(0, 13, 2).replace("app-passes: 13", "app-passes: 13, portal-logins: 9");
    let folder = Folder::with(&[("allotment.yaml", both.as_str()), ("tenant.seed.yaml", tenant.as_str())]);
    let output = folder.run(&["apply", "--auto-approve"]);
    assert_eq!(output.status.code(), Some(4));
    let last = folder.trace().pop().expect("a write");
    assert_eq!((last["app-passes"].as_u64(), last["portal-logins"].as_u64()), (Some(13), Some(9)), "{last}");
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

#[tokio::test]
async fn two_applies_at_once_never_hold_more_than_is_owned() {
    let id = |run: usize, at: usize| format!("00000000-0000-4000-8000-0000000000{run}{at}");
    let mut tenant = "tenant: both\nsettings: { whoCanAllocate: only-specific-admins }\npurchased: { app-passes: 1000 }\nbehaviour: { overAllocation: accept }\nenvironments:\n".to_owned();
    let folder = Folder::with(&[]);
    for run in 0..2 {
        let mut text = "version: 1\ntenant: { name: both }\nenvironments:\n".to_owned();
        for at in 0..10 {
            let id = id(run, at);
            text.push_str(&format!("  j{run}k{at}: {{ id: \"{id}\", allocations: {{ app-passes: 100 }} }}\n"));
            tenant.push_str(&format!("  - {{ id: \"{id}\", name: j{run}k{at} }}\n"));
        }
        folder.write(&format!("c{run}.yaml"), text);
    }
    folder.write("tenant.seed.yaml", tenant);
    let both = [0, 1].map(|run| Ports { start: folder.path(&format!("c{run}.yaml")), ..ports(&folder, Vec::new()) });
    let options = ApplyOptions::unattended(Scope::default(), TenantOptions { role: None, seed: None, endpoint: None });
    let stop = Stop::default();
    let one_apply = |ports| in_steps(ports, &options, &stop, async |_| Ok(()), |_| {});
    let answers = tokio::join!(one_apply(&both[0]), one_apply(&both[1]));
    let held: Vec<u64> = folder.trace().iter().filter_map(|totals| totals["app-passes"].as_u64()).collect();
    assert!(held.iter().all(|held| *held <= 1000), "{held:?}");
    assert_eq!(held.last(), Some(&1000), "the pool is used up: {held:?}");
    let endings = [answers.0, answers.1].map(|answer| answer.map(|answer| answer.ending));
    assert!(endings.iter().any(|ending| !matches!(ending, Ok(Ending::Fine))), "not both can succeed: {endings:?}");
}
