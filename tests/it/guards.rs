//! A pull request that takes guards away says so first, and is never "No changes".

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::columns::copy;
use crate::support::Folder;

/// The example of contoso, applied and committed.
fn contoso() -> Folder {
    let folder = Folder::with(&[]);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contoso"), &folder.path(""));
    folder.write(".gitignore", ".allotment\n");
    folder.git(&["init", "-q", "-b", "main"]);
    folder.git(&["add", "-A"]);
    folder.git(&["commit", "-q", "-m", "x"]);
    assert_eq!(folder.run(&["apply", "--auto-approve"]).status.code(), Some(0));
    folder
}

fn replace(folder: &Folder, file: &str, before: &str, after: &str) {
    let text = fs::read_to_string(folder.path(file)).expect("a file");
    assert_eq!(text.matches(before).count(), 1, "{before} in {file}");
    folder.write(file, text.replace(before, after));
}

/// The plan of the branch in a format.
fn plan(folder: &Folder, format: &str) -> String {
    let output = folder.run(&["-q", "plan", "--base", "main", "--format", format]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn verdict(folder: &Folder) -> String {
    let view: Value = serde_json::from_str(&plan(folder, "json")).expect("JSON");
    view["verdict"].as_str().expect("a verdict").to_owned()
}

/// Every edit of the pull request that took all guards away, and changed no amount.
fn take_guards_away(folder: &Folder) {
    for (file, before, after) in [
        ("allotment.yaml", "  app-passes: 3%\n", "  app-passes: 0%\n"),
        ("allotment.yaml", "maxDecrease: { percent: 30,", "maxDecrease: { percent: 90,"),
        ("allotment.yaml", "neverBelowConsumption: true", "neverBelowConsumption: false"),
        ("allotment.yaml", "  hr-prod: { app-passes: 100 }\n", ""),
        (
            "environments/hr.yaml",
            "    protect: true               # a decrease needs --allow, or an entry of allow: in the root file\n",
            "",
        ),
        ("environments/sales.yaml", "    protect: true\n", ""),
    ] {
        replace(folder, file, before, after);
    }
}

const TAKEN: [[&str; 3]; 5] = [
    ["reserve of App passes", "3%", "0%"],
    ["rules.maxDecrease.percent", "30%", "90%"],
    ["rules.neverBelowConsumption", "true", "false"],
    ["protect of hr-prod, sales-prod", "on", "off"],
    ["floor of hr-prod, App passes", "100", "none"],
];

/// The page of a pull request that changes guards and an amount.
pub(crate) fn page() -> String {
    let folder = contoso();
    take_guards_away(&folder);
    replace(&folder, "environments/hr.yaml", "      app-passes: 120\n", "      app-passes: 118\n");
    plan(&folder, "html")
}

#[test]
fn guards_that_are_taken_away_come_first_in_every_face() {
    let folder = contoso();
    assert_eq!(verdict(&folder), "no-changes");
    take_guards_away(&folder);

    let view: Value = serde_json::from_str(&plan(&folder, "json")).expect("JSON");
    assert_eq!(view["verdict"], "changes-guards");
    let told =
        |change: &Value| ["guard", "before", "after"].map(|key| change[key].as_str().expect("a text").to_owned());
    let guards: Vec<[String; 3]> = view["base"]["guards"].as_array().expect("guards").iter().map(told).collect();
    assert_eq!(guards, TAKEN.map(|change| change.map(str::to_owned)));

    let comment = plan(&folder, "markdown");
    assert!(comment.contains("### 🟡 Changes guards · built-in tenant `contoso`"), "{comment}");
    assert!(comment.contains("weakens or changes 5 guards. It changes nothing in the tenant."), "{comment}");
    let rows = comment.find("**This pull request changes guards**").expect("the section");
    assert!(rows < comment.find("| Add-on |").expect("the pools"), "the guards come first: {comment}");

    let text = plan(&folder, "text");
    let page = plan(&folder, "html");
    let section = page.split_once("<section id=\"guards\"").expect("the section").1;
    for [guard, before, after] in TAKEN {
        // What each means is wrapped on a terminal.
        assert!(text.contains(&format!(" ! {guard}: {before} → {after}")), "{text}");
        assert!(comment.contains(&format!("| {guard} | {before} | {after} | ")), "{comment}");
        let row = format!("<bdi>{guard}</bdi></th><td><bdi>{before}</bdi></td><td><bdi>{after}</bdi>");
        assert!(section.contains(&row), "{guard}: {section}");
    }
    for face in [text.split_whitespace().collect::<Vec<_>>().join(" "), comment.clone(), page.clone()] {
        assert!(face.contains("units that are in use can be taken away"), "{face}");
    }
    for face in [&text, &comment, &page] {
        assert!(!face.contains("No changes.") && !face.contains("Ready"), "{face}");
    }
    assert!(text.contains("No changes in the tenant. This branch changes 5 guards, shown above."), "{text}");
}

#[test]
fn guards_and_amounts_are_told_together_and_errors_before_both() {
    let folder = contoso();
    take_guards_away(&folder);
    replace(&folder, "environments/hr.yaml", "      app-passes: 120\n", "      app-passes: 110\n");
    let comment = plan(&folder, "markdown");
    assert!(comment.contains("### 🟡 Changes guards, and 1 change in 1 environment"), "{comment}");
    replace(&folder, "environments/hr.yaml", "      app-passes: 110\n", "      app-passes: 12000\n");
    let refused = folder.run(&["-q", "plan", "--base", "main", "--format", "markdown"]);
    assert_eq!(refused.status.code(), Some(3));
    let comment = String::from_utf8_lossy(&refused.stdout);
    assert!(
        comment.contains("### ⛔ Blocked") && comment.contains("**This pull request changes guards**"),
        "{comment}"
    );
}

#[test]
fn an_amount_alone_changes_no_guard() {
    let folder = contoso();
    replace(&folder, "environments/hr.yaml", "      app-passes: 120\n", "      app-passes: 121\n");
    let view: Value = serde_json::from_str(&plan(&folder, "json")).expect("JSON");
    assert_eq!(view["base"]["guards"], Value::Array(Vec::new()));
    assert!(!plan(&folder, "text").contains("guards"));
    assert!(!plan(&folder, "markdown").contains("guards"));
}

#[test]
fn an_include_that_changes_is_a_guard() {
    let folder = contoso();
    let root = fs::read_to_string(folder.path("allotment.yaml")).expect("a file");
    folder.write("allotment.yaml", format!("{root}\ninclude: [\"environments/*.yaml\"]\n"));
    let text = plan(&folder, "text");
    assert!(text.contains(" ! include: environments/**/*.yaml → environments/*.yaml"), "{text}");
}

#[test]
fn a_base_that_cannot_be_compared_is_no_quiet_plan() {
    let folder = contoso();
    let root = fs::read_to_string(folder.path("allotment.yaml")).expect("a file");
    folder.write("allotment.yaml", root.replace("version: 1\n", "version: 7\n"));
    folder.git(&["commit", "-qam", "broken"]);
    folder.write("allotment.yaml", root);
    take_guards_away(&folder);
    assert_eq!(verdict(&folder), "guards-unknown");
    let text = plan(&folder, "text");
    assert!(text.ends_with("No changes in the tenant. Guards not compared.\n"), "{text}");
    let comment = plan(&folder, "markdown");
    assert!(comment.contains("### 🟡 Guards not compared"), "{comment}");
    assert!(comment.contains("so it may weaken any guard. It changes nothing in the tenant."), "{comment}");
}
