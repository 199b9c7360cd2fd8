//! Two environments swap what they hold in two pools that are full.

use crate::support::Folder;

const CONFIGURATION: &str = r#"
version: 1
tenant: { name: swap, whoCanAllocate: only-specific-admins }
purchased: { app-passes: 10, portal-logins: 10 }
rules: { maxDecrease: { percent: 100 } }
environments:
  a: { id: "00000000-0000-4000-8000-00000000000a", allocations: { app-passes: 0, portal-logins: 10 } }
  b: { id: "00000000-0000-4000-8000-00000000000b", allocations: { app-passes: 10, portal-logins: 0 } }
"#;

const TENANT: &str = r#"
tenant: swap
settings: { whoCanAllocate: only-specific-admins }
purchased: { app-passes: 10, portal-logins: 10 }
environments:
  - { id: "00000000-0000-4000-8000-00000000000a", name: A, allocations: { app-passes: 10 } }
  - { id: "00000000-0000-4000-8000-00000000000b", name: B, allocations: { portal-logins: 10 } }
"#;

#[test]
fn full_pools_are_swapped_in_three_writes_and_never_overdrawn() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION), ("tenant.seed.yaml", TENANT)]);
    let applied = folder.run(&["apply", "--auto-approve"]);
    assert_eq!(applied.status.code(), Some(0), "{}", String::from_utf8_lossy(&applied.stderr));
    let trace = folder.trace();
    assert_eq!(trace.len(), 3, "the fewest writes: {trace:?}");
    for totals in &trace {
        for (pool, units) in totals.as_object().expect("pools") {
            assert!(units.as_u64().is_some_and(|units| units <= 10), "{pool} held {units}");
        }
    }
    let again = folder.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(again.status.code(), Some(0), "the second plan is empty");
}
