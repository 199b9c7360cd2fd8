//! Who made a report, for which commit and pull request, and when, as the host of the job says; and who owns what changes.

use serde_json::{Value, json};

use crate::support::Folder;

const CONFIGURATION: &str = r#"version: 1
tenant: { name: contoso, provider: local }
purchased: { app-passes: 100 }
environments:
  a:
    id: "00000000-0000-4000-8000-000000000001"
    owner: "<img src=x> @owners | x"
    allocations: { app-passes: { units: 10, ticket: CHG1 } }
"#;

const ACTOR: &str = "<script>alert(1)</script> @team #1 \u{202e}";

const JOB: [(&str, &str); 8] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_REPOSITORY", "contoso/capacity"),
    ("GITHUB_SHA", "4f2c9d1e"),
    ("GITHUB_RUN_ID", "77"),
    ("GITHUB_REF", "refs/pull/12/merge"),
    ("GITHUB_ACTOR", ACTOR),
    // The variables of the machine that runs the tests do not count.
    ("GITHUB_TRIGGERING_ACTOR", ""),
];

fn reports(folder: &Folder, command: &[&str], variables: &[(&str, &str)]) -> [String; 4] {
    let files = ["markdown", "html", "json", "csv"].map(|format| format!("--report={format}=out.{format}"));
    let mut allot = folder.allot(command);
    let output = allot.args(&files).envs(variables.iter().copied()).env_remove("GITHUB_EVENT_PATH").output();
    let output = output.expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    ["markdown", "html", "json", "csv"]
        .map(|format| std::fs::read_to_string(folder.path(&format!("out.{format}"))).expect("the report"))
}

fn origin(text: &str) -> Value {
    let value: Value = serde_json::from_str(text).expect("JSON");
    value["origin"].clone()
}

#[test]
fn a_report_says_who_made_it_and_no_name_is_markup() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION)]);
    for (command, words) in [
        (&["plan"][..], "<sub>Planned by "),
        (&["apply", "--auto-approve"], "<sub>Applied by "),
        (&["apply", "--auto-approve"], "<sub>Run by "),
    ] {
        let [markdown, html, json, _] = reports(&folder, command, &JOB);
        assert!(markdown.contains(words), "{markdown}");
        // Before anything is applied, the comment says who does it.
        let then = "approved. After the merge, the pipeline that runs `allot apply` makes these changes";
        assert_eq!(markdown.contains(then), command == ["plan"], "{markdown}");
        assert!(markdown.contains("commit `4f2c9d1`") && markdown.contains("contoso/capacity/pull/12"), "{markdown}");
        for markup in ["<script", "<img", "@team", "@owners", "\u{202e}"] {
            assert!(!markdown.contains(markup), "{markup}: {markdown}");
        }
        assert!(html.contains("by &#60;script&#62;") && html.contains("pull request 12"), "{html}");
        assert!(!html.contains("<script") && !html.contains("<img src"), "{html}");
        let told = json!({
            "actor": ACTOR,
            "commit": "4f2c9d1e",
            "pullRequest": { "number": 12, "address": "https://github.com/contoso/capacity/pull/12" },
            "run": "https://github.com/contoso/capacity/actions/runs/77",
            "startedAt": "2026-11-24T09:30:00Z",
            "endedAt": "2026-11-24T09:30:00Z",
        });
        assert_eq!(origin(&json), told);
    }
}

#[test]
fn a_receipt_says_from_when_to_when_and_which_run() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION)]);
    let [markdown, html, ..] = reports(&folder, &["apply", "--auto-approve"], &JOB);
    assert!(markdown.contains(", at 2026-11-24 09:30 UTC, run 77 · "), "{markdown}");
    let page = "https://github.com/contoso/capacity/actions/runs/77";
    assert_eq!(markdown.matches(page).count(), 1, "{markdown}");
    assert!(html.contains("run at 2026-11-24 09:30 UTC"), "{html}");
}

#[test]
fn outside_a_host_nobody_is_named() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION)]);
    let [markdown, _, json, _] = reports(&folder, &["apply", "--auto-approve"], &[]);
    assert!(markdown.contains("<sub>Applied at 2026-11-24 09:30 UTC · for"), "{markdown}");
    assert_eq!(origin(&json), json!({ "startedAt": "2026-11-24T09:30:00Z", "endedAt": "2026-11-24T09:30:00Z" }));
}

#[test]
fn why_is_why_and_the_owner_has_a_column_if_there_is_one() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION)]);
    let [markdown, html, _, csv] = reports(&folder, &["plan"], &[]);
    assert!(markdown.contains("**What to do:** run `allot apply` when it is approved.\n"), "{markdown}");
    assert!(markdown.contains("| Why | Owner |") && markdown.contains("| CHG1 | "), "{markdown}");
    assert!(html.contains("<th scope=\"col\">Owner</th>"), "{html}");
    let owner = csv.lines().nth(1).and_then(|row| row.rsplit_once(",\"")).map(|(_, owner)| owner.to_owned());
    assert!(
        owner.is_some_and(|owner| owner.contains("owners"))
            && csv.lines().next().is_some_and(|head| head.ends_with("\"owner\"")),
        "{csv}"
    );
    let folder = Folder::with(&[("allotment.yaml", &CONFIGURATION.replace("    owner:", "    # owner:"))]);
    let [markdown, html, ..] = reports(&folder, &["plan"], &[]);
    assert!(!markdown.contains("Owner") && !html.contains(">Owner<"), "{markdown}");
}

/// The comment and the page of a plan of a pull request that is refused, with what to edit.
fn refused(repository: &str, variables: &[(&str, &str)]) -> (String, String) {
    let event = format!(
        r##"{{ "pull_request": {{ "number": 12, "head": {{ "sha": "4f2c9d1e", "ref": "hr/#more",
            "repo": {{ "html_url": "{repository}" }} }} }} }}"##
    );
    let configuration = CONFIGURATION.replace("app-passes: 100", "app-passes: 5");
    let folder = Folder::with(&[("allotment.yaml", &configuration), ("event.json", &event)]);
    let root = folder.path("").canonicalize().expect("the folder");
    let mut allot = folder.allot(&["plan", "--format=markdown", "--report=html=out.html"]);
    let output = allot
        .envs(variables.iter().copied())
        .env("GITHUB_WORKSPACE", &root)
        .env("BUILD_SOURCESDIRECTORY", &root)
        .env("GITHUB_EVENT_PATH", root.join("event.json"))
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(3));
    let html = std::fs::read_to_string(folder.path("out.html")).expect("the page");
    (String::from_utf8_lossy(&output.stdout).into_owned(), html)
}

#[test]
fn the_place_to_edit_is_a_link_to_the_editor_of_the_host() {
    let (markdown, html) = refused("https://github.com/ana/capacity", &JOB);
    let editor = "https://github.com/ana/capacity/edit/hr/%23more/allotment.yaml#L8";
    assert!(markdown.contains(&format!("Edit [`allotment.yaml:8`]({editor})")), "{markdown}");
    assert!(html.contains(&format!("Edit <a href=\"{editor}\">")), "{html}");
}

#[test]
fn an_annotation_names_the_file_by_its_path_in_the_repository_from_any_folder() {
    let folder = Folder::with(&[
        ("tenants/contoso/allotment.yaml", &CONFIGURATION.replace("app-passes: 100", "app-passes: 5")),
        ("tenants/contoso/environments/README", "The search for the root file starts here."),
    ]);
    let root = folder.path("").canonicalize().expect("the folder");
    for (from, arguments) in [
        ("", &["-C", "tenants/contoso", "plan", "--format=github"][..]),
        ("tenants/contoso", &["plan", "--format=github"]),
        ("tenants/contoso/environments", &["plan", "--format=github"]),
    ] {
        let mut allot = folder.allot(arguments);
        let output = allot.envs(JOB).env("GITHUB_WORKSPACE", &root).current_dir(root.join(from)).output();
        let printed = String::from_utf8_lossy(&output.expect("the binary runs").stdout).into_owned();
        assert!(printed.contains("file=tenants/contoso/allotment.yaml,line=8"), "{from}: {printed}");
    }
}

/// A pull request of a fork that the variables do not name, and an event that names another host.
#[test]
fn the_place_to_edit_is_no_link_if_the_branch_is_not_known() {
    let azure = [
        ("TF_BUILD", "True"),
        ("BUILD_REPOSITORY_PROVIDER", "GitHub"),
        ("BUILD_REPOSITORY_URI", "https://github.com/contoso/capacity"),
        ("BUILD_SOURCEVERSION", "4f2c9d1e"),
        ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "12"),
        ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "hr/more"),
        ("SYSTEM_PULLREQUEST_ISFORK", "True"),
    ];
    for (repository, variables) in [("", &azure[..]), ("https://evil.example/ana/capacity", &JOB)] {
        let (markdown, html) = refused(repository, variables);
        assert!(markdown.contains(" Edit `allotment.yaml:8`."), "{markdown}");
        assert!(html.contains("Edit <code>allotment.yaml:8</code>"), "{html}");
        assert!(!markdown.contains("evil") && !html.contains("evil"), "{markdown}");
    }
}
