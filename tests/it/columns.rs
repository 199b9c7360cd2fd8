//! All output for people fits in 80 columns: every format over the examples and over a tenant with long keys, names, numbers and
//! reasons, and the help of every command.
//!
//! [`may_be_wider`] defines the two exceptions: quoted lines of the user's own file under a finding, and a line with a single word,
//! such as a path, after its head.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use allotment::model::catalog::AddOn;
use allotment::model::code::Code;
use unicode_width::UnicodeWidthStr as _;

use crate::support::Folder;

const WIDTH: usize = 80;
/// The widest head: `warning[A202]: `.
const WIDEST_HEAD: usize = 15;

/// The column at which the last word begins. A command in backticks is one word, so that it can be copied.
fn last_word_begins(line: &str) -> usize {
    let mut in_code = false;
    let mut begins = 0;
    let mut before = 0;
    for (at, character) in line.char_indices() {
        in_code ^= character == '`';
        if character == ' ' && !in_code {
            before = at + 1;
        } else {
            begins = before;
        }
    }
    line.get(..begins).unwrap_or_default().width()
}

/// Whether a line quotes the user's file: `12 | text`, or the marks `|   ^^^^` below it.
fn is_picture(line: &str) -> bool {
    line.trim_start().trim_start_matches(|digit: char| digit.is_ascii_digit()).trim_start().starts_with('|')
}

/// Whether a line may exceed the width: it quotes the user's file, or it cannot be broken.
fn may_be_wider(line: &str) -> bool {
    is_picture(line) || last_word_begins(line) <= WIDEST_HEAD
}

fn too_wide(text: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(text).expect("what is printed is UTF-8");
    text.lines().filter(|line| line.width() > WIDTH && !may_be_wider(line)).map(str::to_owned).collect()
}

/// Runs a command and checks its exit code and the width of its output, which is returned.
#[track_caller]
fn check(folder: &Folder, arguments: &[&str], exit: i32) -> Output {
    let output = folder.run(arguments);
    let told = || format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}:\n{}", told());
    let wide = [too_wide(&output.stdout), too_wide(&output.stderr)].concat();
    assert!(wide.is_empty(), "{arguments:?} is wider than {WIDTH} columns:\n{}", wide.join("\n"));
    output
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true if path.ends_with(".allotment") => {}
            true => copy(&path, &target),
            false => fs::copy(&path, &target).map(|_| ()).expect("a copy"),
        }
    }
}

#[test]
fn the_examples_hold() {
    for (name, drifts) in [("quickstart", true), ("contoso", true)] {
        let folder = Folder::with(&[]);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name), &folder.path("."));
        check(&folder, &["validate"], 0);
        check(&folder, &["plan"], 0);
        check(&folder, &["plan", "--diff"], 0);
        check(&folder, &["drift"], if drifts { 2 } else { 0 });
        check(&folder, &["status"], 0);
        check(&folder, &["status", "--by", "environment"], 0);
        check(&folder, &["status", "--by", "budget"], 0);
        check(&folder, &["forecast"], 0);
        check(&folder, &["apply", "--auto-approve"], 0);
        check(&folder, &["apply", "--auto-approve"], 0);
        check(&folder, &["status"], 0);
        check(&folder, &["plan", "--strict"], if name == "contoso" { 3 } else { 0 });
        check(&folder, &["explain"], 0);
    }
}

/// A key of sixty characters.
fn key(word: &str) -> String {
    format!(
        "{word}-{}",
        "a-very-long-key-of-an-environment-for-a-team-in-the-far-north".get(..59 - word.len()).expect("long")
    )
}

fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

const REASON: &str =
    "The contractors of the second and third wave need them until their own agreement begins in spring";
const NAME: &str = "Customer Relationship Management of the Northern Regions (Production, formerly Staging)";

/// Every kind of change, each with the longest words and numbers that people might have: `(key, declared, seeded)`.
const CELLS: [(&str, &str, &str); 8] = [
    ("assign", "portal-page-views: 2147483647", ""),
    (
        "increase",
        "portal-page-views: { units: 2147483647, ticket: CHG0048211, reason: REASON }",
        "portal-page-views: 1000000000",
    ),
    ("decrease", "portal-page-views: 2147483647", "portal-page-views: 500000000000"),
    ("release", "portal-page-views: 0", "portal-page-views: 123456789012"),
    (
        "switch",
        "copilot-credits: { units: 2000000000, whenExhausted: { drawFromTenant: true, payAsYouGo: true, alert: true, deny: false } }",
        "copilot-credits: 2000000000",
    ),
    (
        "loan",
        "pages-authenticated-users: { units: 1000000000, grants: [{ add: 1000000000, from: 2026-11-01, until: 2027-03-31, reason: REASON }] }",
        "pages-authenticated-users: 1",
    ),
    ("pages", "pages-anonymous-users: 1000000000", "pages-anonymous-users: 700000000000"),
    ("process", "unattended-rpa: 1000000000", "process: 1000000000"),
];

/// A seed in which everything is long; `behaviour` is appended.
fn long(rules: &str, behaviour: &str) -> Folder {
    let units = "999999999999";
    let mut configuration = format!(
        "version: 1\ntenant: {{ name: \"{NAME}\", whoCanAllocate: only-specific-admins }}\npurchased:\n  portal-page-views: [{{ units: {units}, until: 2026-12-31 }}, {{ units: 100000000000, from: 2027-01-01, until: 2027-06-30 }}]\n  copilot-credits: {units}\n  pages-authenticated-users: {{ units: {units}, until: 2027-02-28 }}\n  pages-anonymous-users: {units}\n  process: {units}\nreserve: {{ portal-page-views: 1%, pages-authenticated-users: 123456789012 }}\nrules: {{ {rules} }}\nenvironments:\n"
    );
    let mut tenant = format!(
        "tenant: long\nsettings: {{ whoCanAllocate: environment-admins }}\npurchased: {{ portal-page-views: {units}, copilot-credits: {units}, pages-authenticated-users: {units}, pages-anonymous-users: {units}, process: {units} }}\nbehaviour: {{ {behaviour} }}\nenvironments:\n  - {{ id: \"{}\", name: \"{NAME}\", allocations: {{ app-passes: 1, portal-logins: 2 }} }}\n",
        id(99)
    );
    for (number, (word, declared, seeded)) in (1..).zip(CELLS) {
        let declared = declared.replace("REASON", &format!("\"{REASON}\""));
        let _ = writeln!(
            configuration,
            "  {}:\n    id: \"{}\"\n    name: \"{NAME}\"\n    class: production\n    allocations: {{ {declared} }}",
            key(word),
            id(number)
        );
        let consumption = seeded.replace(|digit: char| digit.is_ascii_digit(), "1");
        let _ = writeln!(
            tenant,
            "  - {{ id: \"{}\", name: \"{NAME} {number}\", class: sandbox, allocations: {{ {seeded} }}, consumption: {{ {consumption} }} }}",
            id(number)
        );
    }
    Folder::with(&[("allotment.yaml", &configuration), ("tenant.seed.yaml", &tenant)])
}

const LENIENT: &str = "maxDecrease: { percent: 100 }, neverBelowConsumption: false, warnAtPercent: [1]";

#[test]
fn long_keys_and_numbers_hold() {
    let folder = long(LENIENT, "");
    check(&folder, &["validate"], 0);
    let planned = check(&folder, &["plan"], 0);
    let text = String::from_utf8_lossy(&planned.stdout);
    for kind in ["to assign", "1 to switch", "1 setting to change.", "−497,852,516,353", "Not checked"] {
        assert!(text.contains(kind), "{kind:?} is not in:\n{text}");
    }
    check(&folder, &["plan", "--diff"], 0);
    check(&folder, &["drift"], 2);
    check(&folder, &["status"], 0);
    check(&folder, &["status", "--by", "environment"], 0);
    check(&folder, &["status", "--by", "budget"], 0);
    let forecast = check(&folder, &["forecast"], 0);
    assert!(String::from_utf8_lossy(&forecast.stdout).contains("can give back"));
    check(&folder, &["plan", "--strict"], 3);
    check(&folder, &["plan", "--target", &key("assign"), "--out", "plan.json"], 0);
    // Pools of the tenant hold more than is owned, so neither run ends with 0.
    check(&folder, &["apply", "--auto-approve"], 4);
    check(&folder, &["apply", "plan.json"], 3);
    check(&folder, &["apply", "--auto-approve"], 3);
    check(&folder, &["status"], 0);
    check(&folder, &["drift"], 0);
}

#[test]
fn refusals_and_failures_hold() {
    let strict = "maxDecrease: { percent: 1, units: { portal-page-views: 1 } }, maxEnvironmentsChanged: 1, unmanagedEnvironments: fail, requireTicket: [portal-page-views]";
    let folder = long(strict, "");
    check(&folder, &["plan"], 3);
    check(&folder, &["apply"], 3);
    check(&folder, &["drift"], 2);
    let unreadable = format!("unreadable: [\"{}\"], hidden: [\"{}\"]", id(2), id(3));
    let folder = long(LENIENT, &unreadable);
    check(&folder, &["plan"], 3);
    check(&folder, &["status"], 0);
    let fails = |number: u32, kind: &str| format!("{{ environment: \"{}\", kind: {kind} }}", id(number));
    let behaviour = format!("failWrites: [{}, {}, {}]", fails(3, "denied"), fails(4, "locked"), fails(1, "denied"));
    let folder = long(LENIENT, &behaviour);
    let applied = check(&folder, &["apply", "--auto-approve"], 4);
    assert!(String::from_utf8_lossy(&applied.stdout).contains("refused"));
    check(&folder, &["apply"], 1);
    check(&folder, &["plan", "-C", "a/folder/that/is/nowhere/to/be/found/and/has/a/long/name/nevertheless"], 1);
    check(&folder, &["plan", "--target", &key("assigned")], 1);
    check(&folder, &["plan", "--seed", "a/seed/that/is/nowhere/to/be/found/and/has/a/long/name/nevertheless"], 1);
    check(&folder, &["apply", "a/plan/that/is/nowhere/to/be/found/and/has/a/long/name/nevertheless.json"], 1);
    fs::write(folder.path("tenant.seed.yaml"), "tenant: changed\n").expect("a file");
    check(&folder, &["status"], 0);
}

#[test]
fn every_corpus_of_wrong_files_holds() {
    for (folder, validate) in [
        ("nasty", crate::nasty::validate_root as fn(&Path) -> Output),
        ("nasty-environments", crate::nasty::validate_environments),
    ] {
        for path in crate::nasty::corpus(folder) {
            let wide = too_wide(&validate(&path).stderr);
            assert!(wide.is_empty(), "{} says:\n{}", path.display(), wide.join("\n"));
        }
    }
}

#[test]
fn explanations_hold() {
    let empty = Folder::with(&[]);
    for code in Code::ALL {
        check(&empty, &["explain", code.as_str()], 0);
    }
    for add_on in AddOn::all() {
        check(&empty, &["explain", add_on.slug()], 0);
    }
    let (environment, budget) = (key("everything"), key("budget"));
    let configuration = format!(
        "version: 1\ntenant: {{ name: x }}\nbudgets: {{ {budget}: {{ limits: {{ portal-logins: 9007199254740991 }} }} }}\nfloors: {{ {environment}: {{ portal-logins: 1, process: 1 }} }}\ndefaults:\n  production:\n    portal-logins: {{ units: 2147483647, grants: [{{ add: 2147483647, from: 2026-11-01, until: 2027-03-31 }}], whenExhausted: {{ drawFromTenant: true }} }}\n    pages-authenticated-users: unmanaged\nenvironments:\n  {environment}:\n    id: \"{}\"\n    class: production\n    protect: true\n    budget: {budget}\n    allocations:\n      portal-logins: {{ units: 2000000000, whenExhausted: {{ drawFromTenant: false }} }}\n      pages-authenticated-users: 5\n      process: unmanaged\n",
        id(1)
    );
    let folder = Folder::with(&[(&format!("{}/allotment.yaml", key("folder")), &configuration)]);
    for add_on in AddOn::all() {
        let cell = format!("{environment}/{}", add_on.slug());
        check(&folder, &["-C", &key("folder"), "explain", &cell], 0);
    }
    for wrong in [environment.as_str(), &format!("{environment}/nothing"), &format!("{budget}/process"), &budget] {
        check(&folder, &["-C", &key("folder"), "explain", wrong], 1);
    }
}

#[test]
fn help_holds() {
    let folder = Folder::with(&[]);
    for flag in ["-h", "--help"] {
        let help = String::from_utf8(check(&folder, &[flag], 0).stdout).expect("text");
        let (_, commands) = help.split_once("Commands:\n").expect("a list of commands");
        let lines = commands.lines().take_while(|line| !line.is_empty());
        let names: Vec<&str> =
            lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split(' ').nth(2)).collect();
        assert!(names.len() > 10, "{names:?}");
        for command in names {
            check(&folder, &[command, flag], 0);
        }
    }
    for wrong in [["plan", "--nonsense"], ["plan", "--at"], ["apply", "--as"], ["plann", "--diff"]] {
        check(&folder, &wrong, 1);
    }
}
