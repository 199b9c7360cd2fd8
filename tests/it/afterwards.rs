//! What was applied is told, also where the tenant cannot be read any more once everything is written.

use std::process::Stdio;

use crate::support::Folder;

const ID: &str = "00000000-0000-4000-8000-00000000000a";

#[test]
fn a_reading_that_fails_at_the_end_takes_nothing_away() {
    let configuration = format!(
        "version: 1\ntenant: {{ name: afterwards }}\npurchased: {{ app-passes: 5 }}\nenvironments: {{ a: {{ id: \"{ID}\", allocations: {{ app-passes: 1 }} }} }}\n"
    );
    let tenant = format!(
        "tenant: afterwards\npurchased: {{ app-passes: 5 }}\nbehaviour: {{ holdAtWrite: {{ write: 1, moment: after }} }}\nenvironments: [{{ id: \"{ID}\", name: a }}]\n"
    );
    let folder = Folder::with(&[("allotment.yaml", &configuration), ("tenant.seed.yaml", &tenant)]);
    let mut command = folder.allot(&["apply", "--auto-approve"]);
    let applying = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    folder.await_standing(1);
    // The purchases are read again only for the gauges at the end.
    folder.tenant().execute("DROP TABLE purchase", []).expect("they are gone");
    folder.go_on();
    let output = applying.wait_with_output().expect("its end");
    let (told, aside) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}{aside}");
    assert!(told.ends_with("\nApplied 1 change in 1 write.\n"), "{told}");
    assert!(aside.contains("note: no gauges"), "{aside}");
}
