//! The file of the built-in tenant: what else can be in its place, who may only read it, a disk that takes no more, and what a killed run
//! leaves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;

use crate::support::Folder;

const FILE: &str = ".allotment/tenant.db";

/// Two environments, whose amounts differ from those in the seed.
const CONFIGURATION: &str = r#"version: 1
tenant: { name: contoso }
environments:
  a: { id: 00000000-0000-4000-8000-00000000000a, allocations: { app-passes: 1 } }
  b: { id: 00000000-0000-4000-8000-00000000000b, allocations: { app-passes: 2 } }
"#;

fn folder(behaviour: &str) -> Folder {
    let seed = format!(
        "tenant: contoso\npurchased: {{ app-passes: 9 }}\nbehaviour: {{ {behaviour} }}\nenvironments:\n  \
         - {{ id: 00000000-0000-4000-8000-00000000000a, name: A }}\n  \
         - {{ id: 00000000-0000-4000-8000-00000000000b, name: B }}\n"
    );
    Folder::with(&[("allotment.yaml", CONFIGURATION), ("tenant.seed.yaml", &seed)])
}

/// A folder whose plan was applied, and whose configuration then wants one unit more.
fn applied() -> Folder {
    let folder = folder("");
    assert_eq!(folder.run(&["apply", "--auto-approve"]).status.code(), Some(0));
    folder.write("allotment.yaml", CONFIGURATION.replace("app-passes: 2", "app-passes: 3"));
    folder
}

/// How a command ended, and everything that it says, without line breaks.
fn ended(output: &Output) -> (Option<i32>, String) {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), told.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether `told` is a plan with the one change of [`applied`].
fn is_the_plan(told: &str) -> bool {
    told.contains("Plan: 0 to assign, 1 to increase")
}

#[test]
fn whatever_is_in_the_place_of_the_tenant_is_named_and_kept() {
    type Put = fn(&Folder);
    let cases: [(&str, &str, &str, Put); 8] = [
        (".allotment", "is not a folder", "move it away", |folder| folder.write(".allotment", "x")),
        (FILE, "is empty, so what the tenant held is lost", "delete it", |folder| folder.write(FILE, "")),
        (FILE, "is not an ordinary file", "move it away", |folder| {
            fs::create_dir_all(folder.path(FILE)).expect("a folder");
        }),
        (FILE, "is not a database", "move it away", |folder| folder.write(FILE, "x".repeat(9_000))),
        (FILE, "is a database of another program", "move it away", |folder| {
            fs::create_dir_all(folder.path(".allotment")).expect("a folder");
            folder.tenant().execute_batch("CREATE TABLE other (x)").expect("a table");
        }),
        (FILE, "is damaged", "keep a copy", |folder| {
            assert_eq!(folder.run(&["apply", "--auto-approve"]).status.code(), Some(0));
            let mut bytes = fs::read(folder.path(FILE)).expect("the file");
            bytes[100..].fill(7);
            folder.write(FILE, bytes);
        }),
        (FILE, "has a row that this program cannot read", "undo the changes of the other program", |folder| {
            assert_eq!(folder.run(&["apply", "--auto-approve"]).status.code(), Some(0));
            folder.tenant().execute("UPDATE document SET content = 'x'", []).expect("a change");
        }),
        (".allotment/tenant.db-wal", "is the log of a tenant whose file is gone", "delete the log", |folder| {
            folder.write(".allotment/tenant.db-wal", "x");
        }),
    ];
    for (place, what, advice, put) in cases {
        let folder = folder("");
        put(&folder);
        let before = fs::read(folder.path(place)).ok();
        for command in [&["plan"][..], &["status"], &["apply", "--auto-approve"]] {
            let (exit, told) = ended(&folder.run(command));
            assert_eq!(exit, Some(1), "{what}, {command:?}: {told}");
            assert!(told.contains(what) && told.contains(advice) && told.contains(place), "{what}: {told}");
        }
        assert!(fs::read(folder.path(place)).ok() == before, "{what}: it is kept");
    }
}

/// Runs a command for which the permissions of files count, also if the tests run as root.
fn without_privileges(mut command: Command) -> Output {
    let running = std::thread::spawn(move || {
        #[cfg(target_os = "linux")]
        if rustix::process::geteuid().is_root() {
            use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
            // These count for this thread and the programs that it starts.
            for capability in [CapabilitySet::DAC_OVERRIDE, CapabilitySet::DAC_READ_SEARCH] {
                remove_capability_from_bounding_set(capability).expect("a capability less");
            }
        }
        command.output().expect("the binary runs")
    });
    running.join().expect("it ends")
}

fn permit(folder: &Folder, name: &str, mode: u32) {
    fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).expect("other permissions");
}

/// The names in the tenant's folder.
fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path(".allotment")).expect("the folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_tenant_that_may_only_be_read_is_planned_and_not_written() {
    for (file, around) in [(0o444, 0o555), (0o444, 0o755), (0o644, 0o555)] {
        let folder = applied();
        permit(&folder, FILE, file);
        permit(&folder, ".allotment", around);
        let before = (names(&folder), fs::read(folder.path(FILE)).expect("the file"));
        for (command, exit) in
            [(&["plan"][..], 0), (&["status"], 0), (&["forecast"], 0), (&["drift"], 2), (&["doctor"], 0)]
        {
            let (ended, told) = ended(&without_privileges(folder.allot(command)));
            assert_eq!(ended, Some(exit), "{file:o} in {around:o}, {command:?}: {told}");
            assert!(command != ["plan"] || is_the_plan(&told), "{told}");
            assert!(command != ["doctor"] || told.contains("tenant.db cannot be written by this user"), "{told}");
        }
        let (exit, told) = ended(&without_privileges(folder.allot(&["apply", "--auto-approve"])));
        assert_eq!(exit, Some(1), "{file:o} in {around:o}: {told}");
        assert!(told.contains("cannot be written by this user"), "{told}");
        let after = (names(&folder), fs::read(folder.path(FILE)).expect("the file"));
        assert!(before == after, "nothing was written, not even beside the file: {:?}", after.0);
        permit(&folder, ".allotment", 0o755);
        permit(&folder, FILE, 0o644);
        assert_eq!(folder.run(&["apply", "--auto-approve"]).status.code(), Some(0));
    }
}

#[test]
fn a_tenant_that_may_not_even_be_read_is_named() {
    let folder = applied();
    permit(&folder, FILE, 0o000);
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let (exit, told) = ended(&without_privileges(folder.allot(command)));
        assert_eq!(exit, Some(1), "{command:?}: {told}");
        assert!(told.contains("tenant.db cannot be read by this user"), "{told}");
    }
}

/// Kills an apply after its first write: its change is in the log and not in the file.
fn killed() -> Folder {
    let folder = folder("holdAtWrite: { write: 1, moment: after }");
    let command = &mut folder.allot(&["apply", "--auto-approve", "--parallelism", "1"]);
    let mut applying = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    folder.await_held_writes(1);
    applying.kill().expect("SIGKILL");
    applying.wait().expect("it is gone");
    folder
}

#[test]
fn what_a_killed_run_leaves_is_taken_over_or_named() {
    let log = ".allotment/tenant.db-wal";
    let half = |told: &str| told.contains("Plan: 1 to assign");
    let folder = killed();
    assert!(fs::metadata(folder.path(log)).is_ok_and(|about| about.len() > 0), "the log is not empty");
    // A user who may only read sees the change too, or hears why not; never the state before it.
    for name in [FILE, log, ".allotment/tenant.db-shm"] {
        permit(&folder, name, 0o444);
    }
    permit(&folder, ".allotment", 0o555);
    let (exit, told) = ended(&without_privileges(folder.allot(&["plan"])));
    assert_eq!((exit, half(&told)), (Some(0), true), "{told}");
    permit(&folder, ".allotment", 0o755);
    fs::remove_file(folder.path(".allotment/tenant.db-shm")).expect("the index");
    permit(&folder, ".allotment", 0o555);
    let (exit, told) = ended(&without_privileges(folder.allot(&["plan"])));
    let is_named = exit == Some(1) && told.contains("holds changes of an interrupted run");
    assert!(is_named || (exit == Some(0) && half(&told)), "{told}");
    permit(&folder, ".allotment", 0o755);
    for name in [FILE, log] {
        permit(&folder, name, 0o644);
    }
    let (exit, told) = ended(&folder.run(&["plan"]));
    assert_eq!((exit, half(&told)), (Some(0), true), "{told}");
}

#[test]
fn the_log_of_a_file_that_is_gone_changes_no_new_tenant() {
    let folder = killed();
    fs::remove_file(folder.path(FILE)).expect("the file");
    let (exit, told) = ended(&folder.run(&["plan"]));
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("tenant.db-wal is the log of a tenant whose file is gone"), "{told}");
    fs::remove_file(folder.path(".allotment/tenant.db-wal")).expect("the log");
    let (exit, told) = ended(&folder.run(&["plan"]));
    assert_eq!((exit, told.contains("Plan: 2 to assign")), (Some(0), true), "{told}");
}

/// A limit on the size of files, in blocks of `sh`. Writes beyond it fail with an error, as on a broken disk.
fn limited(folder: &Folder, blocks: u32, arguments: &[&str]) -> (Option<i32>, String) {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let allot = folder.allot(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(allot.get_program()).args(allot.get_args());
    command.current_dir(folder.path("."));
    for (name, value) in allot.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    ended(&command.output().expect("the shell runs"))
}

#[test]
fn a_disk_that_takes_no_more_loses_nothing() {
    let fresh = folder("");
    let (exit, told) = limited(&fresh, 0, &["apply", "--auto-approve"]);
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("a limit of this process") && !told.contains("start again"), "{told}");
    assert_eq!(
        fresh.run(&["apply", "--auto-approve"]).status.code(),
        Some(0),
        "the next run begins as if there was none"
    );
    let folder = applied();
    let before = fs::read(folder.path(FILE)).expect("the file");
    let (exit, told) = limited(&folder, 1, &["apply", "--auto-approve"]);
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("a limit of this process") && !told.contains("start again"), "{told}");
    assert!(fs::read(folder.path(FILE)).expect("the file") == before, "the file is as it was");
    let (exit, told) = ended(&folder.run(&["plan"]));
    assert_eq!((exit, is_the_plan(&told)), (Some(0), true), "{told}");
    let totals: String = Connection::open(folder.path(FILE))
        .and_then(|file| file.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
        .expect("a check");
    assert_eq!(totals, "ok");
}
