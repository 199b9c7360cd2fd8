//! The process is killed at every write of an apply of 100 changes, before and after it takes effect: the next plan shows
//! exactly what is left.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Folder, LOOK_AGAIN, PATIENCE};

const CHANGES: u64 = 100;

fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// A full pool: the first half gives back one each, and the second half gets one each.
fn folder() -> Folder {
    let mut configuration = format!(
        "version: 1\ntenant: {{ name: recovery }}\npurchased: {{ app-passes: {CHANGES} }}\nrules: {{ maxDecrease: {{ percent: 100 }} }}\nenvironments:\n"
    );
    let mut tenant = format!(
        "tenant: recovery\npurchased: {{ app-passes: {CHANGES} }}\nbehaviour: {{ holdAtWrite: {{ write: 1, moment: before }} }}\nenvironments:\n"
    );
    for number in 0..CHANGES {
        let holds = if number < CHANGES / 2 { 2 } else { 0 };
        let _ = writeln!(configuration, "  e{number}: {{ id: \"{}\", allocations: {{ app-passes: 1 }} }}", id(number));
        let _ = writeln!(
            tenant,
            "  - {{ id: \"{}\", name: E{number}, allocations: {{ app-passes: {holds} }} }}",
            id(number)
        );
    }
    Folder::with(&[("allotment.yaml", &configuration), ("tenant.seed.yaml", &tenant)])
}

fn written(folder: &Folder) -> u64 {
    let count: i64 = folder.tenant().query_row("SELECT count(*) FROM write", [], |row| row.get(0)).expect("a count");
    u64::try_from(count).expect("a count")
}

/// Applies until this many writes have taken effect, and kills the process. The tenant holds the next write back meanwhile.
fn kill_after(folder: &Folder, writes: u64) {
    let mut applying = folder
        .allot(&["apply", "--auto-approve"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    while !folder.path(".allotment/tenant.db").exists() || written(folder) < writes {
        assert!(applying.try_wait().expect("its state").is_none(), "it ended before it was killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    applying.kill().expect("SIGKILL");
    applying.wait().expect("it is gone");
    assert_eq!(written(folder), writes);
}

fn left(folder: &Folder) -> u64 {
    let planned = folder.run(&["plan", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_slice(&planned.stdout).expect("stdout is JSON");
    u64::try_from(plan["changes"].as_array().expect("changes").len()).expect("a count")
}

fn hold(folder: &Folder, write: u64, moment: &str) {
    let value = format!("{{\"write\":{write},\"moment\":\"{moment}\"}}");
    folder.tenant().execute("INSERT OR REPLACE INTO fact VALUES ('holdAtWrite', ?1)", [value]).expect("a fact");
}

#[test]
fn after_a_kill_at_any_write_the_next_plan_has_exactly_the_rest() {
    let folder = folder();
    assert_eq!(left(&folder), CHANGES);
    for write in 1..=CHANGES {
        if write > 1 {
            hold(&folder, write, "before");
        }
        kill_after(&folder, write - 1);
        assert_eq!(left(&folder), CHANGES - (write - 1), "killed before write {write}");
        hold(&folder, write, "after");
        kill_after(&folder, write);
        assert_eq!(left(&folder), CHANGES - write, "killed after write {write}");
    }
    for totals in folder.trace() {
        assert!(totals["app-passes"].as_u64().is_some_and(|held| held <= CHANGES), "{totals}");
    }
    let again = folder.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(again.status.code(), Some(0), "the second plan is empty");
}

#[test]
fn a_signal_is_heard_while_the_built_in_tenant_is_written() {
    const MANY: u32 = 1_500;
    let id = |at: u32| format!("00000000-0000-4000-8000-{at:012}");
    let mut root = "version: 1\ntenant: { name: x }\npurchased: { app-passes: 9000 }\nenvironments:\n".to_owned();
    let mut seed = "tenant: x\npurchased: { app-passes: 9000 }\nenvironments:\n".to_owned();
    for at in 0..MANY {
        root.push_str(&format!("  e{at}: {{ id: \"{}\", allocations: {{ app-passes: 1 }} }}\n", id(at)));
        seed.push_str(&format!("  - {{ id: \"{}\", name: e{at} }}\n", id(at)));
    }
    let folder = Folder::with(&[("allotment.yaml", &root), ("tenant.seed.yaml", &seed)]);
    let mut allot = folder.allot(&["apply", "--auto-approve", "--format", "json"]);
    let child = allot.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let since = Instant::now();
    while !folder.path(".allotment/tenant.db").exists() || folder.written() == 0 {
        assert!(since.elapsed() < PATIENCE, "nothing was ever written");
        std::thread::sleep(LOOK_AGAIN);
    }
    kill_process(Pid::from_child(&child), Signal::INT).expect("it hears");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.written() < MANY, "every write was sent after the signal");
}
