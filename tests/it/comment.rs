//! The comment on a pull request: one golden file for each scenario, and GitHub's own renderer to check the resulting HTML.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::debian::{Program, debian_program};
use crate::support::Folder;

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A scenario: a configuration, a tenant, and the arguments of the command.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) command: &'static str,
    root: String,
    seed: String,
    pub(crate) arguments: Vec<&'static str>,
    pub(crate) exit: i32,
}

/// A tenant of four environments that hold ten app passes each, of fifty.
fn tenant(purchased: &str, more: &str) -> String {
    let mut seed = format!("tenant: contoso\npurchased: {purchased}\nenvironments:\n");
    for (number, name) in ["HR (Prod)", "Sales (Prod)", "Supplier Portal", "Lab"].into_iter().enumerate() {
        let held = "{ app-passes: 10 }";
        let _ = writeln!(seed, "  - {{ id: \"{}\", name: {name:?}, allocations: {held} }}", id(number));
    }
    seed + more
}

const PASSES: &str = "{ app-passes: 50 }";

/// A configuration of the same environments, with these amounts.
fn root(top: &str, amounts: [&str; 4]) -> String {
    let mut root =
        format!("version: 1\ntenant: {{ name: contoso, whoCanAllocate: environment-admins }}\n{top}environments:\n");
    for (number, (key, held)) in ["hr", "sales", "portal", "lab"].into_iter().zip(amounts).enumerate() {
        let _ = writeln!(root, "  {key}:\n    id: \"{}\"\n    allocations: {held}", id(number));
    }
    root
}

const TEN: &str = "{ app-passes: 10 }";

fn scenario(name: &'static str, root: String, seed: String, exit: i32) -> Scenario {
    Scenario { name, command: "plan", root, seed, arguments: vec![], exit }
}

/// A tenant in which HR draws from the tenant.
fn switched() -> String {
    tenant("{ app-passes: 50, copilot-credits: 1000 }", "").replacen(
        "{ app-passes: 10 }",
        "{ copilot-credits: { units: 100, whenExhausted: { drawFromTenant: true } } }",
        1,
    )
}

/// The possible results of an apply.
pub(crate) fn receipts() -> Vec<Scenario> {
    let receipt = |name, amounts: [&str; 4], seed: String, exit| Scenario {
        command: "apply",
        arguments: vec!["--auto-approve", "--confirm-timeout", "0s"],
        ..scenario(name, root("", amounts), seed, exit)
    };
    // HR gives back the units that Sales gets.
    let moved =
        ["{ app-passes: { units: 4, reason: \"FY27 | renewal\" } }", "{ app-passes: 16 }", "{ app-passes: 8 }", TEN];
    let full = "{ app-passes: 40 }";
    let failing = |kind: &str| {
        tenant(full, &format!("behaviour: {{ failWrites: [{{ environment: \"{}\", kind: {kind} }}] }}\n", id(0)))
    };
    vec![
        receipt("receipt", moved, tenant(full, ""), 0),
        receipt(
            "receipt-in-part",
            [moved[0], "{ app-passes: 16 }", "{ app-passes: 4 }", "{ app-passes: 12 }"],
            failing("denied"),
            4,
        ),
        receipt("receipt-unconfirmed", moved, failing("unknownBefore"), 4),
        receipt("receipt-not-confirmed", ["{ app-passes: 4 }", TEN, TEN, TEN], failing("unknownBefore"), 4),
        receipt("receipt-not-applied", ["{ app-passes: 4 }", TEN, TEN, TEN], failing("denied"), 1),
        receipt("receipt-nothing", [TEN; 4], tenant(full, ""), 0),
        Scenario {
            root: root(
                "",
                [
                    "{ copilot-credits: { units: 120, whenExhausted: { drawFromTenant: false, alert: true } } }",
                    TEN,
                    TEN,
                    TEN,
                ],
            )
            .replace("environment-admins", "only-specific-admins"),
            ..receipt("receipt-switches", [TEN; 4], switched(), 0)
        },
        receipt(
            "receipt-unread",
            [TEN; 4],
            tenant(full, &format!("behaviour: {{ unreadable: [\"{}\"] }}\n", id(0))),
            3,
        ),
        receipt("receipt-blocked", ["{ app-passes: 60 }", TEN, TEN, TEN], tenant(full, ""), 3),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
pub(crate) fn scenarios() -> Vec<Scenario> {
    let purchases = "purchased: { app-passes: 50 }\n";
    let hostile = tenant(PASSES, "")
        .replace("HR (Prod)", "@all | `x` <img src=x onerror=alert(1)> [a](http://evil.example) :tada:");
    let many = many_environments(412);
    vec![
        scenario("no-changes", root("", [TEN; 4]), tenant(PASSES, ""), 0),
        scenario("one-integer", root("", ["{ app-passes: 12 }", TEN, TEN, TEN]), tenant(PASSES, ""), 0),
        scenario(
            "more-and-less",
            root(
                "purchased: { app-passes: 50 }\nreserve: { app-passes: 2 }\n",
                [
                    "{ app-passes: { units: 10, grants: [{ add: 5, until: 2026-12-31, ticket: CHG0048211, reason: \"Year end\" }] } }",
                    "{ app-passes: 14 }",
                    "{ app-passes: { units: 4, reason: \"FY27 | renewal\" } }",
                    "{ app-passes: 0 }",
                ],
            ),
            tenant(PASSES, ""),
            0,
        ),
        scenario("blocked", root(purchases, ["{ app-passes: 60 }", TEN, TEN, TEN]), tenant(PASSES, ""), 3),
        scenario(
            "short-later",
            root(
                "purchased:\n  app-passes:\n    - { units: 50, until: 2026-12-31 }\n    - { units: 30, from: 2027-01-01, until: 2027-12-31 }\n",
                ["{ app-passes: 11 }", TEN, TEN, TEN],
            ),
            tenant(PASSES, ""),
            0,
        ),
        scenario(
            "switches",
            root(
                "",
                [
                    "{ copilot-credits: { units: 100, whenExhausted: { drawFromTenant: false, alert: true } } }",
                    TEN,
                    TEN,
                    TEN,
                ],
            ),
            switched(),
            0,
        ),
        scenario(
            "setting",
            root("", [TEN; 4]).replace("environment-admins", "only-specific-admins"),
            tenant(PASSES, ""),
            0,
        ),
        scenario(
            "change-and-drift",
            root("", ["{ app-passes: 12 }", TEN, TEN, TEN]),
            tenant(PASSES, "").replacen(
                "name: \"Sales (Prod)\", allocations: { app-passes: 10 }",
                "name: \"Sales (Prod)\", allocations: { app-passes: 15 }",
                1,
            ),
            0,
        ),
        scenario("hostile-names", root("", ["{ app-passes: 12 }", TEN, TEN, TEN]), hostile, 0),
        scenario(
            "unknown-values",
            root("", ["{ app-passes: 12 }", TEN, TEN, "{ app-passes: 3 }"]),
            tenant(PASSES, &format!("behaviour: {{ unreadable: [\"{}\"] }}\n", id(0))),
            0,
        ),
        scenario("not-valid", root("", ["{ app-pases: 12 }", "{ app-passes: many }", TEN, TEN]), tenant(PASSES, ""), 3),
        scenario("failed", root("", [TEN; 4]), "tenant: [contoso\n".to_owned(), 1),
        Scenario { arguments: vec!["--budget", "20000"], ..scenario("over-budget", many.0, many.1, 0) },
        Scenario {
            arguments: vec!["--target", "nobody"],
            ..scenario("no-such-target", root("", [TEN; 4]), tenant(PASSES, ""), 1)
        },
    ]
}

/// So many environments that all change.
fn many_environments(count: usize) -> (String, String) {
    let mut root =
        "version: 1\ntenant: { name: contoso, whoCanAllocate: environment-admins }\nenvironments:\n".to_owned();
    let mut seed = format!("tenant: contoso\npurchased: {{ app-passes: {} }}\nenvironments:\n", count * 40);
    for at in 0..count {
        let (held, wanted) = if at % 3 == 0 { (30, 30 - at % 17 - 1) } else { (10, 10 + at % 19 + 1) };
        let _ = writeln!(root, "  e{at}: {{ id: \"{}\", allocations: {{ app-passes: {wanted} }} }}", id(at));
        let _ = writeln!(
            seed,
            "  - {{ id: \"{}\", name: \"Environment {at} | of @many\", allocations: {{ app-passes: {held} }} }}",
            id(at)
        );
    }
    (root, seed)
}

impl Scenario {
    pub(crate) fn folder(&self) -> Folder {
        Folder::with(&[("allotment.yaml", &self.root), ("tenant.seed.yaml", &self.seed)])
    }

    fn comment(&self, folder: &Folder, more: &[&str]) -> String {
        let arguments = [&[self.command, "--format", "markdown"], self.arguments.as_slice(), more].concat();
        let output = folder.run(&arguments);
        assert_eq!(output.status.code(), Some(self.exit), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/comments").join(name).with_extension("md")
}

/// Compares every comment with its golden file. `ALLOT_BLESS=1` rewrites the golden files.
#[test]
fn every_comment_matches_its_golden_file() {
    let mut wrong = Vec::new();
    for scenario in scenarios().into_iter().chain(receipts()) {
        let (comment, file) = (scenario.comment(&scenario.folder(), &[]), golden(scenario.name));
        if std::env::var_os("ALLOT_BLESS").is_some() {
            std::fs::write(&file, &comment).expect("a golden file");
        }
        if std::fs::read_to_string(&file).ok().as_deref() != Some(comment.as_str()) {
            wrong.push(scenario.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The HTML that GitHub's renderer makes of Markdown.
pub(crate) fn rendered(program: &Program, comment: &str) -> String {
    let mut command = program.command();
    let extensions = ["table", "autolink", "strikethrough", "tasklist"].map(|name| ["-e", name]).concat();
    let mut running = command
        .arg("--unsafe")
        .args(extensions)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program was run before");
    running.stdin.take().expect("its stdin").write_all(comment.as_bytes()).expect("it reads");
    let output = running.wait_with_output().expect("its end");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

/// Checks that table rows have as many cells as the heading, that folds are closed, and that only our elements occur.
pub(crate) fn is_well_formed(html: &str) {
    for table in html.split("<table>").skip(1) {
        let table = table.split("</table>").next().expect("its end");
        let columns = table.matches("<th").count() - table.matches("<thead").count();
        for row in table.split("<tr>").skip(2) {
            assert_eq!(row.matches("<td").count(), columns, "{row}");
        }
    }
    for element in ["details", "summary", "sub", "table", "blockquote", "ul", "li"] {
        let (opened, closed) = (format!("<{element}>"), format!("</{element}>"));
        assert_eq!(html.matches(&opened).count(), html.matches(&closed).count(), "{element}");
    }
    const OURS: [&str; 21] = [
        "!--",
        "a",
        "blockquote",
        "br",
        "code",
        "details",
        "em",
        "h3",
        "hr",
        "li",
        "p",
        "strong",
        "sub",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    for element in html.split('<').skip(1) {
        let name: String = element
            .trim_start_matches('/')
            .chars()
            .take_while(|it| it.is_alphanumeric() || "!-".contains(*it))
            .collect();
        assert!(OURS.contains(&name.as_str()), "<{element}");
    }
}

#[test]
fn github_renders_only_tables_and_folds() {
    let Some(program) = debian_program("cmark-gfm") else { return };
    for scenario in scenarios().into_iter().chain(receipts()) {
        let comment = scenario.comment(&scenario.folder(), &[]);
        let html = rendered(&program, &comment);
        is_well_formed(&html);
        assert!(!html.contains("**"), "{}: emphasis that was not rendered: {html}", scenario.name);
        let heading = html.split("<h3>").nth(1).unwrap_or_else(|| panic!("{}: {html}", scenario.name));
        let icon = heading.chars().next().expect("an icon");
        assert!("✅🟢🟡🟠⛔❌".contains(icon), "{}: {heading}", scenario.name);
        assert!(html.contains("Not checked"), "{}", scenario.name);
        assert!(!html.contains("<a "), "{}: no links without a host", scenario.name);
    }
}

#[test]
fn hostile_names_are_no_element_no_mention_and_no_link() {
    let Some(program) = debian_program("cmark-gfm") else { return };
    let scenarios = scenarios();
    let hostile = scenarios.iter().find(|scenario| scenario.name == "hostile-names").expect("the scenario exists");
    let html = rendered(&program, &hostile.comment(&hostile.folder(), &[]));
    assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"), "it stays text: {html}");
    for nothing in ["<img", "@all", "://evil", ":tada:", "<a "] {
        assert!(!html.contains(nothing), "{nothing} is in {html}");
    }
}

#[test]
fn every_size_limit_is_kept_and_cuts_leave_valid_markdown() {
    let Some(program) = debian_program("cmark-gfm") else { return };
    let (root, seed) = many_environments(700);
    let scenario = scenario("many", root, seed, 0);
    let folder = scenario.folder();
    let mut before = 0;
    for budget in (2_000..=70_000).step_by(4_250).chain([2_001, 65_536, 70_000]) {
        let comment = scenario.comment(&folder, &["--budget", &budget.to_string()]);
        let length = comment.chars().count();
        assert!(length <= budget, "{length} of {budget}");
        before = length.max(before);
        let html = rendered(&program, &comment);
        is_well_formed(&html);
        assert!(html.contains("<h3>🟢 Ready: ") && html.contains("App passes"), "{budget}: {html}");
    }
    assert!(before > 30_000, "the largest budget is used");
    let refused = folder.run(&["plan", "--format", "markdown", "--budget", "1999"]);
    assert_eq!(refused.status.code(), Some(1));
}

/// Adds `provider:`, which is required in CI.
pub(crate) fn provider_is_written(folder: &Folder) {
    let text = fs::read_to_string(folder.path("allotment.yaml")).expect("the root file");
    let said = text.replacen("{ name: contoso", "{ name: contoso, provider: local", 1);
    assert_ne!(said, text, "the tenant was not found in the root file");
    folder.write("allotment.yaml", said);
}

#[test]
fn on_a_host_every_location_is_a_link() {
    let scenarios = scenarios();
    let scenario = scenarios.iter().find(|scenario| scenario.name == "blocked").expect("the scenario exists");
    let folder = scenario.folder();
    provider_is_written(&folder);
    let output = folder
        .allot(&["plan", "--format", "markdown"])
        .envs([
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "contoso/capacity"),
            ("GITHUB_SHA", "4f2c9d1"),
            ("GITHUB_RUN_ID", "77"),
        ])
        .env("GITHUB_WORKSPACE", folder.path("").canonicalize().expect("a folder").parent().expect("a folder above"))
        .output()
        .expect("the binary runs");
    let comment = String::from_utf8_lossy(&output.stdout).into_owned();
    let name =
        folder.path("").canonicalize().expect("a folder").file_name().expect("its name").to_string_lossy().into_owned();
    assert!(
        comment.contains(&format!("](https://github.com/contoso/capacity/blob/4f2c9d1/{name}/allotment.yaml#L")),
        "{comment}"
    );
    assert!(comment.contains("[whole report](https://github.com/contoso/capacity/actions/runs/77)"), "{comment}");
    assert!(comment.lines().next().expect("a line").contains(" commit=4f2c9d1"), "{comment}");
}
