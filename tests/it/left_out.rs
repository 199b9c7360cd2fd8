//! What is left out is reported: files that a person takes for a part of the configuration, and what a branch no longer manages.

use serde_json::Value;

use crate::support::Folder;

const ROOT: &str = "version: 1\ntenant: { name: x }\npurchased: { app-passes: 100 }\n";
/// A file of environments that is short by 900.
const FILE: &str = "version: 1\nenvironments:\n  hr: { id: \"00000000-0000-4000-8000-00000000000a\", allocations: { app-passes: 1000 } }\n";

/// The messages of A126 and their helps, without line breaks.
fn left_out(folder: &Folder) -> Vec<String> {
    let answer: Value = serde_json::from_slice(&folder.run(&["validate", "--format", "json"]).stdout).expect("JSON");
    let findings = answer["findings"].as_array().expect("findings").iter();
    let told = |finding: &Value| {
        format!("{} [{}]", finding["message"].as_str().unwrap_or("-"), finding["help"][0].as_str().unwrap_or("-"))
    };
    findings.filter(|finding| finding["code"] == "A126").map(told).collect()
}

#[test]
fn files_that_look_like_a_part_of_the_configuration_are_named() {
    const NO_MATCH: &str = "end its name in `.yaml`, or name it under `include:`";
    const ENDING: &str = "rename it, so that its name ends in `.yaml` and in nothing else";
    const FOLDER: &str = "rename the folder, name it under `include:`, or delete it";
    const HIDDEN: &str = "move or rename it: a name that begins with a dot is not read";
    for (path, help) in [
        ("environments/hr.yml", NO_MATCH),
        ("environments/hr.YAML", NO_MATCH),
        ("environments/emea/hr.yml", NO_MATCH),
        ("Environments/hr.yaml", FOLDER),
        ("environment/hr.yaml", FOLDER),
        ("hr.yaml", "move it into `environments/`, or name it under `include:`"),
        ("environments/.hidden/hr.yaml", HIDDEN),
        (".environments/hr.yaml", HIDDEN),
        ("environments/.hr.yaml", HIDDEN),
        ("environments/hr.yaml.txt", ENDING),
        ("environments/hr.yml.bak", ENDING),
        ("environment/hr.yaml.txt", FOLDER),
        ("envs/hr.yaml", FOLDER),
    ] {
        let folder = Folder::with(&[("allotment.yaml", ROOT), (path, FILE)]);
        let expected = format!("{path} declares environments and is not part of the configuration [{help}]");
        assert_eq!(left_out(&folder), [expected], "{path}");
    }
}

#[test]
fn a_file_of_environments_in_json_is_named() {
    let json = r#"{ "version": 1, "environments": { "hr": { "id": "00000000-0000-4000-8000-00000000000a" } } }"#;
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("environments/hr.json", json)]);
    let expected = "environments/hr.json declares environments and is not part of the configuration \
                    [rename it, so that its name ends in `.yaml` and in nothing else]";
    assert_eq!(left_out(&folder), [expected]);
    // What the help says is enough.
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("environments/hr.yaml", json)]);
    assert_eq!(left_out(&folder), Vec::<String>::new());
}

/// The codes of A126 in a plan against `main`, each with whether `main` has the finding too.
fn left_out_on(folder: &Folder, arguments: &[&str]) -> Vec<bool> {
    let output = folder.run(&[&["plan", "--base", "main", "--format", "json"], arguments].concat());
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = answer["findings"].as_array().expect("findings").iter();
    let left_out = findings.filter(|finding| finding["code"] == "A126");
    left_out.map(|finding| finding["alsoOnBase"].as_bool().expect("compared")).collect()
}

#[test]
fn a_file_that_the_base_leaves_out_too_is_not_the_branchs() {
    let json = r#"{ "version": 1, "environments": { "hr": { "id": "00000000-0000-4000-8000-00000000000a" } } }"#;
    for (name, text) in [("hr.yml", FILE), ("hr.yaml.txt", FILE), ("hr.json", json)] {
        let path = format!("teams/environments/{name}");
        let folder = Folder::with(&[("teams/allotment.yaml", &root(1, None)), (&path, text)]);
        folder.git(&["init", "-q", "-b", "main"]);
        folder.git(&["add", "-A"]);
        folder.git(&["commit", "-q", "-m", "x"]);
        folder.git(&["checkout", "-q", "-b", "change"]);
        folder.write("teams/allotment.yaml", root(2, None));
        assert_eq!(left_out_on(&folder, &["-C", "teams"]), [true], "{name}");
        folder.git(&["rm", "-q", "--cached", &path]);
        folder.git(&["commit", "-q", "-m", "y"]);
        folder.git(&["branch", "-f", "main"]);
        assert_eq!(left_out_on(&folder, &["-C", "teams"]), [false], "{name} is new");
    }
}

#[test]
fn several_files_of_a_folder_are_one_finding() {
    let folder = Folder::with(&[("allotment.yaml", ROOT)]);
    let help = "[end its name in `.yaml`, or name it under `include:`]";
    for (number, listed) in [
        (2, "environments/1.yml and environments/2.yml"),
        (3, "environments/1.yml, environments/2.yml and environments/3.yml"),
        (
            7,
            "environments/1.yml, environments/2.yml, environments/3.yml, environments/4.yml, environments/5.yml and 2 more",
        ),
    ] {
        for file in 1..=number {
            folder.write(&format!("environments/{file}.yml"), FILE);
        }
        let expected = format!("{listed} declare environments and are not part of the configuration {help}");
        assert_eq!(left_out(&folder), [expected]);
    }
}

#[test]
fn a_linked_folder_is_named() {
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("teams/hr.yaml", FILE), ("environments/it.yaml", "")]);
    std::os::unix::fs::symlink("../teams", folder.path("environments/teams")).expect("a link");
    let told = left_out(&folder).join("\n");
    assert!(told.contains("environments/teams is a link to a folder, which is not followed"), "{told}");
}

#[test]
fn an_explicit_include_counts_as_well() {
    let root = format!("{ROOT}include: [\"teams/prod-*.yaml\"]\n");
    let folder = Folder::with(&[("allotment.yaml", &root), ("teams/prod-hr.yaml", FILE), ("teams/it.yaml", FILE)]);
    let told = left_out(&folder);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("teams/it.yaml declares environments"), "{told:?}");
}

#[test]
fn a_configuration_without_environments_is_reported() {
    let folder = Folder::with(&[("allotment.yaml", ROOT)]);
    let expected = "no environment is declared: `environments/**/*.yaml` matches no file [declare environments in \
                    files under environments/, or under `environments:` in the root file]";
    assert_eq!(left_out(&folder), [expected]);
    for root in [format!("{ROOT}environments: {{}}\n"), format!("{ROOT}include: []\n")] {
        assert_eq!(left_out(&Folder::with(&[("allotment.yaml", &root)])), Vec::<String>::new(), "{root}");
    }
}

#[test]
fn files_of_other_programs_are_not_named() {
    let root = format!("{ROOT}environments: {{}}\n");
    for (path, text) in [
        ("tenant.seed.yaml", "tenant: x\nenvironments:\n  - { id: \"00000000-0000-4000-8000-00000000000a\" }\n"),
        ("docker-compose.yml", "services: { web: { image: x } }\n"),
        ("environments/notes.yml", "text: nothing\n"),
        ("helmfile.yaml", "bases: []\nenvironments: { default: {} }\nreleases: []\n"),
        ("environments/hr.txt", FILE),
        ("other/allotment.yaml", "version: 1\ntenant: { name: y }\nenvironments: {}\n"),
        (".github/environments.yaml", FILE),
        (".git/environments/hr.yaml", FILE),
    ] {
        let folder = Folder::with(&[("allotment.yaml", &root), (path, text)]);
        assert_eq!(left_out(&folder), Vec::<String>::new(), "{path}");
    }
}

fn root(a: u64, b: Option<u64>) -> String {
    let b = b.map_or_else(String::new, |units| {
        format!("  b: {{ id: \"00000000-0000-4000-8000-00000000000b\", allocations: {{ app-passes: {units} }} }}\n")
    });
    format!(
        "{ROOT}environments:\n  a: {{ id: \"00000000-0000-4000-8000-00000000000a\", allocations: {{ app-passes: {a} }} }}\n{b}"
    )
}

/// A repository: the branch `main` has moved on since the branch `change` left it.
fn repository() -> Folder {
    let folder = Folder::with(&[("allotment.yaml", &root(1, Some(0)))]);
    let commit = |text: String| {
        folder.write("allotment.yaml", text);
        folder.git(&["add", "-A"]);
        folder.git(&["commit", "-q", "-m", "x"]);
    };
    folder.git(&["init", "-q", "-b", "main"]);
    commit(root(1, Some(0)));
    folder.git(&["checkout", "-q", "-b", "change"]);
    commit(root(1, Some(7)));
    folder.git(&["checkout", "-q", "main"]);
    commit(root(9, Some(0)));
    folder.git(&["checkout", "-q", "change"]);
    folder
}

/// Both streams of a plan, without line breaks.
fn plan(folder: &Folder, base: &str) -> String {
    let output = folder.run(&["plan", "--base", base]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_shallow_checkout_blames_the_branch_for_nothing() {
    let whole = repository();
    let told = plan(&whole, "main");
    assert!(told.contains("1 change comes from this branch, 1 was pending before it"), "{told}");
    let shallow = Folder::with(&[]);
    let from = format!("file://{}", whole.path("").display());
    shallow.git(&["clone", "-q", "--depth", "1", "--branch", "change", &from, "."]);
    shallow.git(&["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    let told = plan(&shallow, "origin/main");
    assert!(!told.contains("from this branch"), "{told}");
    assert!(told.contains("the checkout is shallow") && told.contains("(`fetch-depth: 0`)"), "{told}");
}

#[test]
fn what_a_branch_no_longer_manages_is_listed() {
    let folder = repository();
    folder.write("allotment.yaml", root(1, None));
    let told = plan(&folder, "main");
    assert!(told.contains("b: this branch no longer manages it, and what is allocated stays as it is"), "{told}");
}

#[test]
fn a_folder_that_holds_the_environments_or_another_root_is_named() {
    for (path, text, help) in [
        (
            "config/environments/hr.yaml",
            FILE,
            "move config/environments up, or write `include: [config/environments/**/*.yaml]`",
        ),
        ("prod/allotment.yaml", ROOT, "prod/allotment.yaml is another root file, and `allot -C prod` reads it"),
    ] {
        let folder = Folder::with(&[("allotment.yaml", ROOT), (path, text)]);
        let expected = format!("no environment is declared: `environments/**/*.yaml` matches no file [{help}]");
        assert_eq!(left_out(&folder), [expected], "{path}");
    }
    // What the help says is enough.
    let folder = Folder::with(&[
        ("allotment.yaml", &format!("{ROOT}include: [config/environments/**/*.yaml]\n")),
        ("config/environments/hr.yaml", FILE),
    ]);
    assert_eq!(left_out(&folder), Vec::<String>::new());
}

#[test]
fn files_that_are_not_searched_are_counted() {
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("environments/hr.yaml", FILE)]);
    for number in 0..1_002 {
        folder.write(&format!("environments/{number}.yml"), "version: 1\n");
    }
    let expected = "1,000 of 1,002 other YAML files were searched for environments that are left out \
                    [keep YAML files of other programs in other folders]";
    assert_eq!(left_out(&folder), [expected]);
}
