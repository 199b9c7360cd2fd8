//! Output is written to the named file, and never through a link of the checkout.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::SEED;
use crate::support::{Folder, LOOK_AGAIN, PATIENCE};

const ROOT: &str = r#"version: 1
tenant: { name: contoso, provider: local, whoCanAllocate: environment-admins }
purchased: { app-passes: 50 }
environments:
  hr: { id: "00000000-0000-4000-8000-000000000001", allocations: { app-passes: 5 } }
"#;
const PRECIOUS: &str = "precious\n";

/// A checkout beside a private file and a private folder.
struct Checkout(Folder);

impl Checkout {
    fn new() -> Checkout {
        let folder = Folder::with(&[
            ("checkout/allotment.yaml", ROOT),
            ("checkout/tenant.seed.yaml", SEED),
            ("beside/precious", PRECIOUS),
            ("beside/folder/.keep", ""),
        ]);
        Checkout(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path("checkout").join(name)
    }

    fn link(&self, name: &str, target: &str) {
        fs::create_dir_all(self.path(name).parent().expect("below")).expect("a folder");
        symlink(self.0.path(target), self.path(name)).expect("a link");
    }

    /// Runs a command that has to fail, and returns what it wrote to stderr.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.0.allot(arguments).current_dir(self.path("")).output().expect("the binary runs");
        let aside = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(matches!(output.status.code(), Some(1 | 4)), "{arguments:?}: {:?} {aside}", output.status);
        self.assert_untouched();
        aside
    }

    fn assert_untouched(&self) {
        assert_eq!(fs::read_to_string(self.0.path("beside/precious")).expect("the file exists"), PRECIOUS);
        assert_eq!(fs::read_dir(self.0.path("beside/folder")).expect("the file exists").count(), 1);
        assert_eq!(fs::read_dir(self.0.path("beside")).expect("the file exists").count(), 2);
    }
}

#[test]
fn no_report_or_plan_is_written_through_a_link() {
    for target in ["beside/precious", "beside/new"] {
        let checkout = Checkout::new();
        checkout.link("linked", target);
        checkout.link("out", "beside/folder");
        for file in ["linked", "out/file", "./out/file", "out/below/file"] {
            let aside = checkout.refused(&["plan", "--out", file]);
            assert!(aside.contains("is a link"), "{file}: {aside}");
            for face in ["html", "markdown", "json", "summary"] {
                for command in [["plan", ""], ["validate", ""], ["apply", "--auto-approve"]] {
                    let report = format!("{face}={file}");
                    let mut arguments = vec![command[0], "--report", &report];
                    arguments.extend(command.into_iter().skip(1).filter(|argument| !argument.is_empty()));
                    assert!(checkout.refused(&arguments).contains("is a link"), "{file} {face}");
                }
            }
        }
        let absolute = checkout.path("out/file").display().to_string();
        assert!(checkout.refused(&["plan", "--out", &absolute]).contains("is a link"));
    }
}

#[test]
fn no_file_of_ours_is_written_through_a_link() {
    let checkout = Checkout::new();
    checkout.link("out", "beside/folder");
    checkout.link("schemas/allotment.schema.json", "beside/precious");
    checkout.link("pages/allot.1", "beside/precious");
    checkout.link("fresh/environments", "beside/folder");
    checkout.link("starter/allotment.yaml", "beside/new");
    checkout.link("certificate.pem", "beside/precious");
    for arguments in [
        ["schema", "--write", "out"].as_slice(),
        &["schema", "--write", "schemas"],
        &["man", "--out", "out"],
        &["man", "--out", "pages"],
        &["init", "out"],
        &["emulate", "--seed", "tenant.seed.yaml", "--listen", "127.0.0.1:0", "--database", "out/tenant.db"],
        &["init", "fresh"],
        &[
            "emulate",
            "--seed",
            "tenant.seed.yaml",
            "--listen",
            "127.0.0.1:0",
            "--tls",
            "--tls-cert-out",
            "certificate.pem",
        ],
    ] {
        assert!(checkout.refused(arguments).contains("link"), "{arguments:?}");
    }
    assert!(checkout.refused(&["init", "starter"]).contains("exists already"));
}

#[test]
fn the_built_in_tenant_is_kept_behind_no_link() {
    // The folder itself.
    let checkout = Checkout::new();
    checkout.link(".allotment", "beside/folder");
    let aside = checkout.refused(&["apply", "--auto-approve"]);
    assert!(aside.contains("is a link") && aside.contains("delete it"), "{aside}");
    // A folder that is not there yet.
    let checkout = Checkout::new();
    checkout.link(".allotment", "beside/new");
    assert!(checkout.refused(&["apply", "--auto-approve"]).contains("is a link"));
    // A file in it.
    for (name, target) in [("tenant.db", "beside/precious"), ("tenant.db", "beside/new")] {
        let checkout = Checkout::new();
        checkout.link(&format!(".allotment/{name}"), target);
        for command in [["plan", "--quiet"], ["apply", "--auto-approve"], ["status", "--quiet"]] {
            assert!(checkout.refused(&command).contains("is a link"), "{name} {command:?}");
        }
    }
    // A journal is a file of SQLite's that names another one, which is deleted.
    let checkout = Checkout::new();
    fs::create_dir_all(checkout.path(".allotment")).expect("a folder");
    fs::write(checkout.path(".allotment/tenant.db-journal"), "planted").expect("a file");
    assert!(checkout.refused(&["apply", "--auto-approve"]).contains("not a file of the built-in tenant"));
    // An existing `.gitignore` that is a link is not written through.
    let checkout = Checkout::new();
    checkout.link(".allotment/.gitignore", "beside/precious");
    let output =
        checkout.0.allot(&["apply", "--auto-approve"]).current_dir(checkout.path("")).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    checkout.assert_untouched();
    // Logs beside the file.
    for name in ["tenant.db-wal", "tenant.db-shm"] {
        let checkout = Checkout::new();
        let apply = ["apply", "--auto-approve"];
        let output = checkout.0.allot(&apply).current_dir(checkout.path("")).output().expect("it runs");
        assert_eq!(output.status.code(), Some(0));
        checkout.link(&format!(".allotment/{name}"), "beside/precious");
        let _ = checkout.0.allot(&["plan"]).current_dir(checkout.path("")).output().expect("it runs");
        checkout.assert_untouched();
    }
}

/// Streams and devices named by the user are written to.
#[test]
fn a_stream_can_be_named() {
    let checkout = Checkout::new();
    let arguments = ["plan", "--quiet", "--out", "/dev/null", "--report", "json=/dev/stdout"];
    let output = checkout.0.allot(&arguments).current_dir(checkout.path("")).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"formatVersion\""));
}

/// A file of an earlier run or a commit at the path of a report is removed when a run begins, however the run ends.
#[test]
fn a_report_is_from_this_run_or_missing() {
    let checkout = Checkout::new();
    let forged = "<!-- allot:comment v=1 cmd=plan root=. tenant=contoso standing=passed at=2026%2D11%2D24T09%3A30%3A00Z -->\n### fine\n";
    for file in ["comment.md", "plan.json", "out/report.html"] {
        checkout.0.write(&format!("checkout/{file}"), forged);
    }
    // The run waits for its seed, which nothing is written to, and is killed.
    let arguments = ["plan", "--seed", "/dev/stdin", "--out", "plan.json"];
    let reports = ["--report", "markdown=comment.md", "--report", "html=out/report.html"];
    let mut command = checkout.0.allot(&[&arguments[..], &reports[..]].concat());
    command.current_dir(checkout.path("")).stdin(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let since = std::time::Instant::now();
    let left = || ["comment.md", "plan.json", "out/report.html"].iter().any(|file| checkout.path(file).exists());
    while left() {
        assert!(since.elapsed() < PATIENCE, "they are still there");
        std::thread::sleep(LOOK_AGAIN);
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(!left());
}

/// `comment` posts the text of an ordinary file, and never that of a link's target.
#[test]
fn a_comment_is_no_link() {
    let checkout = Checkout::new();
    let forged = "<!-- allot:comment v=1 cmd=plan root=. tenant=contoso standing=passed at=2026%2D11%2D24T09%3A30%3A00Z -->\n### fine\n";
    checkout.0.write("checkout/notes/forged.md", forged);
    symlink("notes/forged.md", checkout.path("comment.md")).expect("a link");
    let aside = checkout.refused(&["comment", "comment.md"]);
    assert!(aside.contains("links are not posted"), "{aside}");
}

/// An absolute path into the checkout may contain links of the checkout, too.
#[test]
fn an_absolute_path_into_the_checkout_follows_no_link_of_it() {
    let checkout = Checkout::new();
    checkout.0.write("checkout/.git/HEAD", "ref: refs/heads/main\n");
    checkout.link("out", "beside/folder");
    fs::create_dir(checkout.path("capacity")).expect("a folder");
    for name in ["allotment.yaml", "tenant.seed.yaml"] {
        fs::rename(checkout.path(name), checkout.path("capacity").join(name)).expect("a file");
    }
    symlink(checkout.path(""), checkout.0.path("way")).expect("a link");
    let absolute = checkout.path("out/plan.json").display().to_string();
    let by_a_way = checkout.0.path("way/out/plan.json").display().to_string();
    for file in [absolute.as_str(), "../out/plan.json", &by_a_way] {
        let mut command = checkout.0.allot(&["plan", "--out", file]);
        let output = command.current_dir(checkout.path("capacity")).output().expect("the binary runs");
        let aside = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && aside.contains("is a link"), "{file}: {aside}");
    }
    assert_eq!(fs::read_dir(checkout.0.path("beside/folder")).expect("the file exists").count(), 1);
}

/// The working folder may be outside the checkout, and the checkout may contain other repositories.
#[test]
fn a_checkout_beside_or_around_the_working_folder_is_one_too() {
    for working_folder in ["tools", "checkout/module"] {
        let checkout = Checkout::new();
        checkout.0.write("checkout/.git/HEAD", "ref: refs/heads/main\n");
        checkout.0.write("checkout/module/.git", "gitdir: ../.git/modules/module\n");
        checkout.0.write("tools/.keep", "");
        checkout.link("out", "beside/folder");
        let root = checkout.path("").display().to_string();
        let report = format!("markdown={}", checkout.path("out/precious").display());
        let mut command = checkout.0.allot(&["plan", "-C", &root, "--report", &report]);
        let output = command.current_dir(checkout.0.path(working_folder)).output().expect("the binary runs");
        let aside = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && aside.contains("is a link"), "{working_folder}: {aside}");
        checkout.assert_untouched();
    }
}

/// Only ordinary files are removed before a run, and none that the run reads.
#[test]
fn files_that_a_run_reads_are_not_removed() {
    let checkout = Checkout::new();
    let run = |arguments: &[&str]| {
        let output = checkout.0.allot(arguments).current_dir(checkout.path("")).output().expect("the binary runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(run(&["plan", "--out", "plan.json"]).0, Some(0));
    let (code, aside) = run(&["apply", "plan.json", "--report", "json=plan.json"]);
    assert_eq!(code, Some(0), "{aside}");
    let (code, aside) = run(&["validate", "--report", "json=allotment.yaml"]);
    assert_eq!(code, Some(0), "it is read before it is written over: {aside}");
    let pipe = checkout.path("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).expect("a pipe");
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).expect("a report")
    });
    fs::write(checkout.path("allotment.yaml"), ROOT).expect("a file");
    assert_eq!(run(&["validate", "--report", "json=pipe"]).0, Some(0));
    assert!(reader.join().expect("it reads").contains("\"formatVersion\""));
}
