//! Applied changes are reported even if the tenant cannot be read after the last write. Then no run ends with 0.

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
    // Without purchases, the second write fails, and so does the last reading.
    folder.tenant().execute("DROP TABLE purchase", []).expect("the table is dropped");
    folder.go_on();
    let output = applying.wait_with_output().expect("its end");
    let (told, aside) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(4), "{told}{aside}");
    assert!(told.contains("\nApplied in part: 1 of 2 changes."), "{told}");
    assert!(aside.contains("error[A507]: the tenant could not be read at the end of the run"), "{aside}");
}

/// Every change was applied and confirmed, and what the tenant holds at the end is not known.
#[test]
fn a_whole_run_without_a_last_reading_does_not_end_with_0() {
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
    assert_eq!(output.status.code(), Some(4), "{told}{aside}");
    assert!(told.contains("Applied 1 change in 1 write.\n"), "{told}");
    assert!(aside.contains("error[A507]: the tenant could not be read at the end of the run"), "{aside}");
}
