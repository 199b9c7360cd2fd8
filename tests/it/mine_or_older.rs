//! With `--base`, the verdict, the colour and the exit code are about the branch. What the base has as well is folded away.

use serde_json::Value;

use crate::support::Folder;

/// Three environments of two pools. `sales` is protected, and holds more than its file says, so the plan of `main` is refused too.
fn root(hr: u64, sales: u64) -> String {
    format!(
        "version: 1
tenant: {{ name: contoso, whoCanAllocate: environment-admins }}
reserve: {{ app-passes: 5 }}
environments:
  hr: {{ id: 00000000-0000-4000-8000-000000000000, allocations: {{ app-passes: {hr} }} }}
  sales: {{ id: 00000000-0000-4000-8000-000000000001, protect: true, allocations: {{ app-passes: {sales} }} }}
  lab: {{ id: 00000000-0000-4000-8000-000000000002, allocations: {{ portal-logins: 7 }} }}
"
    )
}

const SEED: &str = "tenant: contoso
purchased: { app-passes: 50, portal-logins: 100 }
environments:
  - { id: 00000000-0000-4000-8000-000000000000, name: HR, allocations: { app-passes: 10 } }
  - { id: 00000000-0000-4000-8000-000000000001, name: Sales, allocations: { app-passes: 10 } }
  - { id: 00000000-0000-4000-8000-000000000002, name: Lab, allocations: { portal-logins: 7 } }
";

/// A repository whose `main` has this root file, with a branch checked out.
fn on_branch_of(main: &str) -> Folder {
    let folder = Folder::with(&[("allotment.yaml", main), ("tenant.seed.yaml", SEED)]);
    folder.git(&["init", "-q", "-b", "main"]);
    folder.git(&["add", "-A"]);
    folder.git(&["commit", "-q", "-m", "first"]);
    folder.git(&["checkout", "-q", "-b", "change"]);
    folder
}

/// The exit code, stdout, and stderr in one line.
fn plan(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = folder.run(&[&["plan", "--base", "main"], arguments].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let aside = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    (output.status.code(), text(&output.stdout), aside)
}

fn view(folder: &Folder) -> Value {
    serde_json::from_str(&plan(folder, &["--format", "json"]).1).expect("JSON")
}

/// The page of a branch with a change of its own, beside changes, findings and pools that its base has as well.
pub(crate) fn page() -> String {
    let folder = on_branch_of(&root(10, 4));
    folder.write("allotment.yaml", root(12, 4));
    plan(&folder, &["--format", "html"]).1
}

/// The codes of the errors, each with whether the base has it too.
fn errors(view: &Value) -> Vec<(String, bool)> {
    let errors = view["findings"].as_array().expect("findings").iter().filter(|finding| finding["severity"] == "error");
    let error = |finding: &Value| {
        let code = finding["code"].as_str().expect("a code").to_owned();
        (code, finding["alsoOnBase"].as_bool().expect("compared"))
    };
    errors.map(error).collect()
}

#[test]
fn a_problem_that_main_has_too_does_not_block_the_branch() {
    let folder = on_branch_of(&root(10, 4));
    assert_eq!(folder.run(&["plan"]).status.code(), Some(3), "main itself is refused");
    folder.write("allotment.yaml", root(12, 4));

    let of = view(&folder);
    assert_eq!(of["verdict"], "refused-before");
    assert_eq!(errors(&of), [("A304".to_owned(), true)]);
    assert_eq!(of["planId"], Value::Null);

    let (exit, text, aside) = plan(&folder, &[]);
    assert_eq!(exit, Some(0), "{aside}");
    assert!(!aside.contains("A304"), "{aside}");
    let (_, older) = text.split_once("Also without this branch\n").expect("a section");
    assert!(older.contains("error[A304]"), "{text}");
    assert!(text.contains("Refused also without this branch. None of the errors is new."), "{text}");

    let (_, comment, _) = plan(&folder, &["--format", "markdown"]);
    assert!(comment.contains("### 🟡 Blocked also without this pull request: 1 change in 1 environment"), "{comment}");
    let (shown, folded) =
        comment.split_once("<details><summary>Also without this pull request: 1 change and ").expect("a fold");
    assert!(shown.contains("| HR |") && !shown.contains("| Sales |"), "{comment}");
    assert!(folded.contains("| Sales |") && folded.contains("**A304**"), "{comment}");
    let (changes, pools) = shown.split_once("| Add-on | Allocated now").expect("pools");
    assert!(changes.contains("**This pull request changes**"), "the changes come first: {comment}");
    assert!(pools.contains("| App passes |"), "{comment}");

    // There is no plan to save, so a pipeline that asks for one must not go on.
    let (exit, ..) = plan(&folder, &["--out", "plan.json"]);
    assert_eq!(exit, Some(3));
    assert!(!folder.path("plan.json").exists());
    // An apply has no base, and is refused as before.
    assert_eq!(folder.run(&["apply", "--auto-approve"]).status.code(), Some(3));
}

#[test]
fn a_problem_that_the_branch_adds_blocks_it() {
    let folder = on_branch_of(&root(10, 10));
    folder.write("allotment.yaml", root(60, 10));
    let of = view(&folder);
    assert_eq!(of["verdict"], "refused");
    assert_eq!(errors(&of), [("A201".to_owned(), false)]);
    let (exit, comment, _) = plan(&folder, &["--format", "markdown"]);
    assert_eq!(exit, Some(3));
    assert!(comment.contains("### ⛔ Blocked: 1 problem · 1 change in 1 environment"), "{comment}");
    assert!(comment.contains("\n**What to do:** "), "{comment}");
    assert!(comment.contains(" Edit `allotment.yaml:5`."), "{comment}");
}

/// The same problem with another number is the branch's: it may be worse.
#[test]
fn a_problem_that_the_branch_makes_worse_is_its_own() {
    let folder = on_branch_of(&root(60, 10));
    folder.write("allotment.yaml", root(61, 10));
    assert_eq!(errors(&view(&folder)), [("A201".to_owned(), false)]);
    folder.write("allotment.yaml", root(60, 10) + "# a comment\n");
    let of = view(&folder);
    assert_eq!((errors(&of), &of["verdict"]), (vec![("A201".to_owned(), true)], &Value::from("refused-before")));
}

#[test]
fn pools_that_the_branch_does_not_change_are_folded() {
    let folder = on_branch_of(&root(10, 10));
    folder.write("allotment.yaml", root(12, 10));
    let of = view(&folder);
    let shared: Vec<_> = of["pools"].as_array().expect("pools").iter().map(|pool| &pool["alsoOnBase"]).collect();
    assert_eq!(shared, [false, true]);
    let (_, text, _) = plan(&folder, &[]);
    assert!(text.contains("Not changed by this branch: Portal logins 7% ok\n"), "{text}");
    let (_, comment, _) = plan(&folder, &["--format", "markdown"]);
    let (shown, folded) = comment
        .split_once("<details><summary>1 pool that this pull request does not change</summary>")
        .expect("a fold");
    assert!(!shown.contains("Portal logins") && folded.contains("| Portal logins |"), "{comment}");
    let (_, page, _) = plan(&folder, &["--format", "html"]);
    let (changes, pools) = page.split_once("<section id=\"pools\"").expect("pools");
    assert!(changes.contains("<section id=\"changes\""), "the changes come first");
    let (shown, folded) =
        pools.split_once("<summary>1 pool that this pull request does not change</summary>").expect("a fold");
    assert!(!shown.contains("Portal logins") && folded.contains("Portal logins"), "{page}");
    // A reserve changes a pool without a change in the tenant.
    folder.write("allotment.yaml", root(10, 10).replace("app-passes: 5 ", "app-passes: 6 "));
    assert_eq!(view(&folder)["pools"][0]["alsoOnBase"], false);
}

#[test]
fn a_branch_without_changes_is_green_although_others_are_pending() {
    let folder = on_branch_of(&root(12, 10));
    folder.write("allotment.yaml", root(12, 10) + "# a comment\n");
    let (exit, comment, _) = plan(&folder, &["--format", "markdown"]);
    assert_eq!(exit, Some(0));
    assert!(comment.contains("### ✅ No changes by this pull request"), "{comment}");
    assert!(
        comment.contains("It changes nothing in the tenant. 1 change that was pending before it is applied with it."),
        "{comment}"
    );
    assert!(
        comment.contains("**What to do:** merge this pull request when it is approved. After the merge, the pipeline that runs `allot apply` \
             makes these changes; without one, run it by hand.\n"),
        "{comment}"
    );
}

/// Who can allocate is a setting of the tenant; its change may be pending too.
#[test]
fn a_pending_setting_is_not_the_branchs() {
    let main = root(10, 10).replace("environment-admins", "only-specific-admins");
    let folder = on_branch_of(&main);
    folder.write("allotment.yaml", main.replace("app-passes: 10 } }\n  sales", "app-passes: 11 } }\n  sales"));
    let of = view(&folder);
    assert_eq!((&of["setting"]["origin"], &of["verdict"]), (&Value::from("pending"), &Value::from("ready")));
    folder.write("allotment.yaml", root(10, 10));
    folder.git(&["add", "-A"]);
    folder.git(&["commit", "-q", "-m", "by hand"]);
    folder.git(&["branch", "-f", "main"]);
    folder.write("allotment.yaml", &main);
    assert_eq!(view(&folder)["setting"]["origin"], "branch");
}

/// A rule that `main` breaks as well does not cover a change that breaks it further.
#[test]
fn a_broken_rule_is_the_branchs_if_its_amount_is() {
    let rules = "rules: { requireTicket: [app-passes], defaultEnvironment: deny }\n";
    let with = |hr: u64| {
        root(hr, 10).replace(
            "id: 00000000-0000-4000-8000-000000000000,",
            "id: 00000000-0000-4000-8000-000000000000, class: default,",
        ) + rules
    };
    let folder = on_branch_of(&with(11));
    let broken = |is_on_base| ["A306", "A307"].map(|code| (code.to_owned(), is_on_base)).to_vec();
    folder.write("allotment.yaml", with(11) + "# a comment\n");
    assert_eq!(errors(&view(&folder)), broken(true));
    folder.write("allotment.yaml", with(30));
    assert_eq!(errors(&view(&folder)), broken(false));
    assert_eq!(plan(&folder, &[]).0, Some(3));
}

/// The message about a key is the same, but it is about another environment now.
#[test]
fn a_key_that_names_another_environment_has_no_older_problems() {
    let folder = on_branch_of(&root(10, 4));
    folder.write("allotment.yaml", root(10, 4) + "# a comment\n");
    assert_eq!(errors(&view(&folder)), [("A304".to_owned(), true)]);
    let [hr, sales] = ["00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"];
    let swapped = root(10, 4).replace(hr, "hr's").replace(sales, hr).replace("hr's", sales);
    folder.write("allotment.yaml", swapped);
    assert_eq!(errors(&view(&folder)), [("A304".to_owned(), false)]);
}

#[test]
fn the_findings_of_the_branch_come_first_in_the_log_of_a_host() {
    let root = |zoo: u64| {
        let guarded = root(10, 4).replace("  lab: {", "  zoo: { protect: true,");
        guarded.replace("portal-logins: 7", &format!("portal-logins: {zoo}"))
    };
    let folder = on_branch_of(&root(7));
    folder.write("allotment.yaml", root(6));
    assert_eq!(errors(&view(&folder)), [("A304".to_owned(), true), ("A304".to_owned(), false)]);
    let (_, log, _) = plan(&folder, &["--format", "github"]);
    let at = |words: &str| log.find(words).unwrap_or_else(|| panic!("no {words} in {log}"));
    assert!(at("zoo is protected") < at("sales is protected"), "{log}");
}
