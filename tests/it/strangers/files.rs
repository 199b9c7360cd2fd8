//! A file of a checkout may be a link to any file of the machine. No format shows the content of the target, and the message names
//! the link as the problem.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;

use super::SEED;
use crate::support::{Folder, formats};

/// The secret that no message, report or plan may contain.
const SECRET: &str = "ghp-SECRET-0123456789";

const ROOT: &str = "version: 1
tenant: { name: contoso, provider: local, whoCanAllocate: environment-admins }
purchased: { app-passes: 50 }
";
const ENVIRONMENT: &str = r#"version: 1
environments:
  hr: { id: "00000000-0000-4000-8000-000000000001", allocations: { app-passes: 5 } }
"#;

/// Typical secret files. Each reaches a different part of a parser.
fn secrets() -> Vec<(&'static str, String)> {
    vec![
        ("plain", SECRET.to_owned()),
        ("assignment", format!("TOKEN={SECRET}\0HOME=/root\0")),
        ("mapping", format!("token: {SECRET}\n")),
        ("key", format!("{SECRET}: 1\n")),
        ("ini", format!("[http \"https://github.com/\"]\n\textraheader = AUTHORIZATION: basic {SECRET}\n")),
        ("json", format!("{{ \"private_key\": \"-----BEGIN KEY-----\\n{SECRET}\" }}\n")),
        ("version", format!("version: {SECRET}\n")),
        ("environment", format!("version: 1\nenvironments:\n  {SECRET}: {{ id: \"{SECRET}\", class: {SECRET} }}\n")),
        ("budget", format!("version: 1\nbudget: {SECRET}\nenvironments: {{}}\n")),
        ("tenant", format!("version: 1\ntenant: {{ name: x, timeZone: {SECRET}, cloud: {SECRET} }}\n")),
        ("include", format!("version: 1\ntenant: {{ name: x }}\ninclude: [\"{SECRET}/*.yaml\", \"../{SECRET}\"]\n")),
        ("amount", format!("tenant: t\npurchased: {{ app-passes: {SECRET} }}\nenvironments: [{SECRET}]\n")),
    ]
}

/// A checkout in its own folder, beside private files.
struct Checkout(Folder);

impl Checkout {
    fn new() -> Checkout {
        let folder = Folder::with(&[
            ("checkout/allotment.yaml", ROOT),
            ("checkout/environments/hr.yaml", ENVIRONMENT),
            ("checkout/tenant.seed.yaml", SEED),
            ("checkout/.git/HEAD", "ref: refs/heads/main\n"),
            ("checkout/.git/objects/info/packs", ""),
        ]);
        Checkout(folder)
    }

    /// Puts a link in the place of a file.
    fn link(&self, name: &str, target: impl AsRef<Path>) {
        let path = self.0.path("checkout").join(name);
        let _ = fs::remove_file(&path);
        fs::create_dir_all(path.parent().expect("below")).expect("a folder");
        symlink(target, path).expect("a link");
    }

    fn write(&self, name: &str, text: &str) {
        self.0.write(&format!("checkout/{name}"), text);
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.0.allot(arguments);
        command.current_dir(self.0.path("checkout")).env("PLANTED", SECRET);
        command.output().expect("the binary runs")
    }

    /// Runs every command that reads a configuration, in every face; returns how `plan` ended and what it wrote to stderr. None of
    /// them shows the secret.
    fn inspect(&self) -> (Option<i32>, String) {
        let mut reports = Vec::new();
        for face in formats() {
            reports.extend(["--report".to_owned(), format!("{face}=../reports/{face}")]);
        }
        let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
        let mut shown = String::new();
        let mut all = vec![
            [&["validate"], reports.as_slice()].concat(),
            [&["apply", "--auto-approve"], reports.as_slice()].concat(),
            vec!["explain", "hr/app-passes"],
            vec!["-vv", "plan", "--diff"],
        ];
        for command in ["status", "forecast", "drift", "doctor"] {
            all.push(vec![command]);
            all.push(vec![command, "--format", "json"]);
        }
        let plan = self.run(&[&["plan"], reports.as_slice()].concat());
        let outputs = all.iter().map(|arguments| self.run(arguments));
        for output in std::iter::once(plan.clone()).chain(outputs) {
            shown += &String::from_utf8_lossy(&output.stdout);
            shown += &String::from_utf8_lossy(&output.stderr);
        }
        for report in fs::read_dir(self.0.path("reports")).into_iter().flatten() {
            shown += &String::from_utf8_lossy(&fs::read(report.expect("an entry").path()).expect("a report"));
        }
        assert!(!shown.contains("SECRET"), "{shown}");
        let aside = String::from_utf8_lossy(&plan.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        (plan.status.code(), aside)
    }
}

/// The places in a checkout at which a file is read without being named on the command line.
const PLACES: [&str; 3] = ["allotment.yaml", "environments/more.yaml", "tenant.seed.yaml"];

#[test]
fn a_link_out_of_the_folder_is_refused_and_shows_nothing() {
    for (kind, secret) in secrets() {
        for place in PLACES {
            let checkout = Checkout::new();
            checkout.0.write("beside/token.yaml", &secret);
            for target in [checkout.0.path("beside/token.yaml"), "../../beside/token.yaml".into()] {
                let target =
                    if place.contains('/') || target.is_absolute() { target } else { "../beside/token.yaml".into() };
                checkout.link(place, target);
                let (code, aside) = checkout.inspect();
                assert!(matches!(code, Some(1 | 3)), "{kind} {place}: {aside}");
                assert!(aside.contains("leads out of") && aside.contains("the file itself"), "{kind} {place}: {aside}");
            }
        }
    }
}

#[test]
fn special_files_are_refused_at_once() {
    for place in PLACES {
        let checkout = Checkout::new();
        for target in ["/proc/self/environ", "/dev/zero", "/dev/stdin"] {
            checkout.link(place, target);
            let (code, aside) = checkout.inspect();
            assert!(matches!(code, Some(1 | 3)) && aside.contains("leads out of"), "{place} {target}: {aside}");
        }
        let path = checkout.0.path("checkout").join(place);
        fs::remove_file(&path).expect("the link");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).expect("a pipe");
        let (code, aside) = checkout.inspect();
        assert!(matches!(code, Some(1 | 3)) && aside.contains("it is not an ordinary file"), "{place}: {aside}");
        fs::remove_file(&path).expect("the pipe");
        let most = if place == "tenant.seed.yaml" { 64 } else { 16 };
        fs::File::create(&path).expect("a file").set_len(most * 1024 * 1024 + 1).expect("a large one");
        let (code, aside) = checkout.inspect();
        let limit = format!("the limit is {most} MiB");
        assert!(matches!(code, Some(1 | 3)) && aside.contains(&limit), "{place}: {aside}");
        fs::remove_file(&path).expect("the file");
        fs::create_dir(&path).expect("a folder");
        let (code, aside) = checkout.inspect();
        let is_included = place.contains('/');
        assert_eq!(code, if is_included { Some(0) } else { Some(1) }, "{place}: {aside}");
    }
}

/// `actions/checkout` keeps its token in `.git/config`, which lies in the folder of the configuration.
#[test]
fn nothing_of_gits_own_folder_is_read() {
    for (kind, secret) in secrets() {
        for place in PLACES {
            let checkout = Checkout::new();
            checkout.write(".git/config", &secret);
            let up = if place.contains('/') { "../" } else { "" };
            checkout.link(place, format!("{up}.git/config"));
            let (code, aside) = checkout.inspect();
            assert!(matches!(code, Some(1 | 3)), "{kind} {place}: {aside}");
            let expected = if up.is_empty() { "it is a link into git's own folder" } else { "leads out of" };
            assert!(aside.contains(expected), "{kind} {place}: {aside}");
        }
        // By a pattern, without a link.
        let checkout = Checkout::new();
        checkout.write(".git/config", &secret);
        for pattern in [".git/config", ".git/*", "**/config", "./.git/config", ".GIT/config", "{.git,x}/config"] {
            checkout.write("allotment.yaml", &format!("{ROOT}include: [\"{pattern}\"]\n"));
            let (code, aside) = checkout.inspect();
            assert!(code == Some(3) && aside.contains("matches no file"), "{kind} {pattern}: {aside}");
        }
    }
}

/// A link inside the folder is followed, and shows nothing of the file but where it is wrong.
#[test]
fn a_link_inside_the_folder_shows_nothing_of_the_file() {
    for (kind, secret) in secrets() {
        for place in PLACES {
            let checkout = Checkout::new();
            checkout.write("notes/secret.txt", &secret);
            let up = if place.contains('/') { "../" } else { "" };
            checkout.link(place, format!("{up}notes/secret.txt"));
            let (code, aside) = checkout.inspect();
            assert!(matches!(code, Some(1 | 3)), "{kind} {place}: {aside}");
            assert!(
                aside.contains("its content is not shown") || aside.contains("is not UTF-8"),
                "{kind} {place}: {aside}"
            );
        }
    }
    let checkout = Checkout::new();
    checkout.write("kept/environments.yaml", ENVIRONMENT);
    checkout.write("kept/seed.yaml", SEED);
    checkout.write("kept/root.yaml", ROOT);
    checkout.link("environments/hr.yaml", "../kept/environments.yaml");
    checkout.link("tenant.seed.yaml", "kept/seed.yaml");
    checkout.link("allotment.yaml", "kept/root.yaml");
    let (code, aside) = checkout.inspect();
    assert_eq!(code, Some(0), "links that stay inside are a way to lay out a configuration: {aside}");
}

/// A finding in a valid file behind a link has a location, but no quoted line.
#[test]
fn a_valid_file_behind_a_link_is_not_quoted() {
    let checkout = Checkout::new();
    let text = r#"version: 1
environments:
  hr:
    id: "00000000-0000-4000-8000-000000000001"
    allocations:
      app-passes: 60 # a remark of the owner
"#;
    checkout.write("environments/hr.yaml", text);
    let quoted = checkout.run(&["plan"]);
    assert!(String::from_utf8_lossy(&quoted.stderr).contains("a remark of the owner"), "the control");
    checkout.write("kept/hr.yaml", text);
    checkout.link("environments/hr.yaml", "../kept/hr.yaml");
    let output = checkout.run(&["plan"]);
    let aside = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && aside.contains("A201"), "{aside}");
    assert!(aside.contains("environments/hr.yaml:6:") && !aside.contains("a remark"), "{aside}");
}

/// Files that are named on the command line: the pipeline chooses the name, but the checkout chooses what is there.
#[test]
fn a_named_file_that_leads_out_shows_nothing() {
    for (kind, secret) in secrets() {
        let checkout = Checkout::new();
        checkout.0.write("beside/token", &secret);
        for name in ["plan.json", "comment.md", "seed.yaml", "faults.json"] {
            checkout.link(name, "../beside/token");
        }
        for arguments in [
            ["apply", "plan.json", "--auto-approve"].as_slice(),
            &["comment", "comment.md"],
            &["plan", "--seed", "seed.yaml"],
            &["emulate", "--seed", "seed.yaml", "--listen", "127.0.0.1:0"],
            &["emulate", "--seed", "tenant.seed.yaml", "--faults", "faults.json", "--listen", "127.0.0.1:0"],
        ] {
            let output = checkout.run(arguments);
            let shown =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.code() == Some(1) && shown.contains("leads out of"), "{kind} {arguments:?}: {shown}");
            assert!(!shown.contains("SECRET"), "{kind} {arguments:?}: {shown}");
        }
    }
}

/// A message quotes only the line that it is about.
#[test]
fn a_message_quotes_no_further_line() {
    let checkout = Checkout::new();
    for text in [
        format!("version: |\n  1\n  {SECRET}\nenvironments: {{}}\n"),
        format!("version: 1\nenvironments:\n  hr:\n    id: \"0\n      {SECRET}\"\n"),
        format!("version: 1\nenvironments:\n  hr:\n    class: |\n      nothing\n      {SECRET}\n"),
        format!(
            "version: 1\nenvironments:\n  hr:\n    allocations:\n      app-passes: |\n        5\n        {SECRET}\n"
        ),
        format!("version: 1\n? |\n  other\n  {SECRET}\n: 1\n"),
    ] {
        checkout.write("environments/hr.yaml", &text);
        let (code, aside) = checkout.inspect();
        assert_eq!(code, Some(3), "{text}: {aside}");
    }
    // A pattern that goes over several lines, which loading itself complains about.
    checkout.write("environments/hr.yaml", ENVIRONMENT);
    checkout.write("allotment.yaml", &format!("{ROOT}include:\n  - none/*.yaml\n    {SECRET}\n"));
    let (code, aside) = checkout.inspect();
    assert!(code == Some(3) && aside.contains("A112"), "{aside}");
}

/// Earlier steps leave files in a workspace that no commit contains, such as keys.
#[test]
fn only_yaml_files_are_included() {
    let checkout = Checkout::new();
    checkout.write("gha-creds-1.json", &format!("{{ \"type\": \"x\", \"private_key\": \"{SECRET}\" }}"));
    checkout.write("prod.env", &format!("TOKEN={SECRET}\n"));
    for pattern in ["gha-creds-*.json", "*.env", "*", "**/*"] {
        checkout.write("allotment.yaml", &format!("{ROOT}include: [\"{pattern}\"]\n"));
        let (code, aside) = checkout.inspect();
        assert!(code == Some(3) && aside.contains("only .yaml and .yml files are part of"), "{pattern}: {aside}");
    }
    checkout.write("more/x.yml", "version: 1\nenvironments: {}\n");
    checkout.write("allotment.yaml", &format!("{ROOT}include: [\"environments/*.yaml\", \"more/*.yml\"]\n"));
    assert_eq!(checkout.inspect().0, Some(0));
}

/// If a pull request removes the root file, no root file of another folder is planned instead.
#[test]
fn the_root_file_is_where_it_was_named_or_in_the_repository() {
    let checkout = Checkout::new();
    checkout.write("prod/environments/hr.yaml", ENVIRONMENT);
    let output = checkout.run(&["plan", "-C", "prod"]);
    let aside = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && aside.contains("there is no allotment.yaml in"), "{aside}");
    assert!(!aside.contains("any folder above it"), "{aside}");
    let output = checkout.run(&["plan", "-C", "prod", "--format", "markdown"]);
    let comment = String::from_utf8_lossy(&output.stdout);
    assert!(
        comment.starts_with("<!-- allot:comment v=1 cmd=plan root=prod "),
        "it is about the folder that was named: {comment}"
    );
    let run_in = |folder: &str| {
        let mut command = checkout.0.allot(&["validate"]);
        command.current_dir(checkout.0.path("checkout").join(folder)).output().expect("the binary runs").status.code()
    };
    assert_eq!(run_in("prod"), Some(0), "the working folder is searched upwards");
    checkout.0.write("allotment.yaml", ROOT);
    fs::remove_file(checkout.0.path("checkout/allotment.yaml")).expect("the file exists");
    assert_eq!(run_in("prod"), Some(1), "up to the top of the repository and not further");
}
