//! Applied changes are reported even if the tenant cannot be read after the last write.

use std::process::Stdio;

use crate::support::Folder;

const ID: &str = "00000000-0000-4000-8000-00000000000a";
const OTHER: &str = "00000000-0000-4000-8000-00000000000b";

#[test]
fn a_failed_read_after_the_run_does_not_hide_applied_changes() {
    let environment = |key: &str, id: &str| format!("{key}: {{ id: \"{id}\", allocations: {{ app-passes: 1 }} }}");
    let configuration = format!(
        "version: 1\ntenant: {{ name: afterwards }}\npurchased: {{ app-passes: 5 }}\nenvironments: {{ {}, {} }}\n",
        environment("a", ID),
        environment("b", OTHER)
    );
    let tenant = format!(
        "tenant: afterwards\npurchased: {{ app-passes: 5 }}\nbehaviour: {{ holdAtWrite: {{ write: 1, moment: after }} }}\nenvironments: [{{ id: \"{ID}\", name: a }}, {{ id: \"{OTHER}\", name: b }}]\n"
    );
    let folder = Folder::with(&[("allotment.yaml", &configuration), ("tenant.seed.yaml", &tenant)]);
    let mut command = folder.allot(&["apply", "--auto-approve", "--parallelism", "1"]);
    let applying = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    folder.await_held_writes(1);
    // Without purchases, the second write fails, and so does the read for the gauges, which an incomplete run needs.
    folder.tenant().execute("DROP TABLE purchase", []).expect("the table is dropped");
    folder.go_on();
    let output = applying.wait_with_output().expect("its end");
    let (told, aside) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(4), "{told}{aside}");
    assert!(told.contains("\nApplied in part: 1 of 2 changes."), "{told}");
    assert!(aside.contains("note: no gauges"), "{aside}");
}

/// After a complete run the new state is known, so the tenant is not read again.
#[test]
fn the_gauges_after_a_whole_run_need_no_reading() {
    let configuration = format!(
        "version: 1\ntenant: {{ name: afterwards }}\npurchased: {{ app-passes: 5 }}\nenvironments: {{ a: {{ id: \"{ID}\", allocations: {{ app-passes: 1 }} }} }}\n"
    );
    let tenant = format!(
        "tenant: afterwards\npurchased: {{ app-passes: 5 }}\nbehaviour: {{ holdAtWrite: {{ write: 1, moment: after }} }}\nenvironments: [{{ id: \"{ID}\", name: a }}]\n"
    );
    let folder = Folder::with(&[("allotment.yaml", &configuration), ("tenant.seed.yaml", &tenant)]);
    let mut command = folder.allot(&["apply", "--auto-approve"]);
    let applying = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    folder.await_held_writes(1);
    folder.tenant().execute("DROP TABLE purchase", []).expect("the table is dropped");
    folder.go_on();
    let output = applying.wait_with_output().expect("its end");
    let (told, aside) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((output.status.code(), aside.contains("no gauges")), (Some(0), false), "{told}{aside}");
    let gauges = told.split_once("Applied 1 change in 1 write.\n").expect("it says so").1;
    assert!(gauges.contains("1 allocated to 1 environment, 5 owned, 4 free"), "{gauges}");
}
