//! `plan --base` and `plan --with` in a real repository: separates the changes of a branch from those that were pending before
//! it, and checks the branch together with others.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Folder, LOOK_AGAIN, PATIENCE};

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A root file that declares these amounts for two environments.
fn root(amounts: [u64; 2]) -> String {
    let mut root =
        "version: 1\ntenant: { name: contoso, whoCanAllocate: environment-admins }\nenvironments:\n".to_owned();
    for (number, (key, amount)) in ["hr", "sales"].into_iter().zip(amounts).enumerate() {
        let _ = writeln!(root, "  {key}: {{ id: \"{}\", allocations: {{ app-passes: {amount} }} }}", id(number));
    }
    root
}

/// Both hold ten.
fn seed() -> String {
    let environment = |number: usize| {
        format!("  - {{ id: \"{}\", name: E{number}, allocations: {{ app-passes: 10 }} }}\n", id(number))
    };
    format!("tenant: contoso\npurchased: {{ app-passes: 50 }}\nenvironments:\n{}{}", environment(0), environment(1))
}

struct Repository(Folder);

impl Repository {
    /// A repository whose first commit has these files, on a branch `main`; another branch is checked out.
    fn new(files: &[(&str, &str)]) -> Repository {
        let repository = Repository(Folder::with(files));
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit("first");
        repository.git(&["checkout", "-q", "-b", "change"]);
        repository
    }

    fn git(&self, arguments: &[&str]) {
        self.0.git(arguments);
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn plan(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = self.0.run(&[&["plan"], arguments].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// The environments that change, each with the origin of its change.
    fn origins(&self, arguments: &[&str]) -> Vec<(String, String)> {
        let (exit, told, aside) = self.plan(&[&["--format", "json"], arguments].concat());
        assert_eq!(exit, Some(0), "{aside}");
        let view: Value = serde_json::from_str(&told).expect("JSON");
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let change = |change: &Value| (word(&change["environment"]["key"]), word(&change["origin"]));
        view["changes"].as_array().expect("changes").iter().map(change).collect()
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

#[test]
fn changes_of_a_branch_and_pending_changes_are_separated() {
    // Main declares twelve for sales, which was never applied; the branch declares fifteen for hr.
    let repository = Repository::new(&[("allotment.yaml", &root([10, 12])), ("tenant.seed.yaml", &seed())]);
    repository.0.write("allotment.yaml", root([15, 12]));
    assert_eq!(repository.origins(&["--base", "main"]), pairs(&[("hr", "branch"), ("sales", "pending")]));
    assert_eq!(repository.origins(&[]), pairs(&[("hr", "-"), ("sales", "-")]), "no origins without --base");
    let (_, text, _) = repository.plan(&["--base", "main"]);
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains("): 1 change comes from this branch, 1 was pending before it."), "{text}");
    assert!(text.contains("12  +2\n      pending before this branch\n"), "{text}");
    let (_, comment, _) = repository.plan(&["--base", "main", "--format", "markdown"]);
    let (branch, pending) =
        comment.split_once("**Pending before this pull request**, on `main` (`").expect("both tables");
    assert!(
        branch.contains("**This pull request changes**") && branch.contains("| E0 |") && !branch.contains("| E1 |"),
        "{comment}"
    );
    assert!(pending.contains("| E1 |"), "{comment}");
    let (_, page, _) = repository.plan(&["--base", "main", "--format", "html"]);
    let (branch, pending) = page.split_once("<span>Pending before this pull request, on main (").expect("both tables");
    assert!(branch.contains("<span>This pull request changes</span>") && branch.contains(">E0</th>"), "{page}");
    assert!(!branch.contains(">E1</th>") && pending.contains(">E1</th>"), "{page}");
    repository.0.write("allotment.yaml", root([10, 12]));
    let (_, page, _) = repository.plan(&["--base", "main", "--format", "html"]);
    assert!(page.contains("<p>This pull request changes nothing in the tenant.</p>"), "{page}");
}

#[test]
fn a_file_whose_ending_is_in_capitals_is_part_of_the_base_too() {
    let root = "version: 1\ntenant: { name: contoso, whoCanAllocate: environment-admins }\ninclude: [HR.YAML]\n";
    let hr =
        format!("version: 1\nenvironments: {{ hr: {{ id: \"{}\", allocations: {{ app-passes: 12 }} }} }}\n", id(0));
    let repository = Repository::new(&[("allotment.yaml", root), ("HR.YAML", &hr), ("tenant.seed.yaml", &seed())]);
    assert_eq!(repository.origins(&["--base", "main"]), pairs(&[("hr", "pending")]));
}

#[test]
fn later_commits_on_main_do_not_count_for_the_branch() {
    let repository = Repository::new(&[("allotment.yaml", &root([10, 10])), ("tenant.seed.yaml", &seed())]);
    repository.0.write("allotment.yaml", root([15, 10]));
    repository.commit("more for hr");
    repository.git(&["checkout", "-q", "main"]);
    repository.0.write("allotment.yaml", root([10, 30]));
    repository.commit("more for sales, after the branch");
    repository.git(&["checkout", "-q", "change"]);
    assert_eq!(repository.origins(&["--base", "main"]), pairs(&[("hr", "branch")]));
}

/// A damaged history must not be taken for one without a merge base: the changes of main would then count as the branch's.
#[test]
fn a_damaged_history_is_reported() {
    let repository = Repository::new(&[("allotment.yaml", &root([10, 10])), ("tenant.seed.yaml", &seed())]);
    let first = fs::read_to_string(repository.0.path(".git/refs/heads/main")).expect("a commit");
    repository.0.write("allotment.yaml", root([15, 10]));
    repository.commit("more for hr");
    repository.git(&["checkout", "-q", "main"]);
    repository.0.write("allotment.yaml", root([10, 30]));
    repository.commit("more for sales, after the branch");
    repository.git(&["checkout", "-q", "change"]);
    let (folder, object) = first.trim().split_at(2);
    fs::remove_file(repository.0.path(&format!(".git/objects/{folder}/{object}"))).expect("the object is loose");
    let (exit, text, aside) = repository.plan(&["--base", "main"]);
    assert!(exit == Some(1) && text.is_empty(), "{text}{aside}");
    let told = aside.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.starts_with("error: git cannot follow the history to ") && told.contains("help: "), "{aside}");
}

#[test]
fn a_configuration_below_the_top_is_found_with_its_includes() {
    let file = |amount: u64| {
        format!("version: 1\nenvironments:\n  lab: {{ id: \"{}\", allocations: {{ app-passes: {amount} }} }}\n", id(7))
    };
    let seed = seed() + &format!("  - {{ id: \"{}\", name: Lab }}\n", id(7));
    let files = [
        ("prod/allotment.yaml", root([10, 10])),
        ("prod/tenant.seed.yaml", seed),
        ("prod/environments/lab.yaml", file(1)),
        ("elsewhere/notes.txt", "not ours\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let repository = Repository::new(&files);
    assert_eq!(repository.origins(&["-C", "prod", "--base", "main"]), pairs(&[("lab", "pending")]));
    repository.0.write("prod/environments/lab.yaml", file(2));
    assert_eq!(repository.origins(&["-C", "prod", "--base", "main"]), pairs(&[("lab", "branch")]));
    // The comparison leaves no files behind and does not touch the working tree.
    let output =
        Command::new("git").args(["status", "--porcelain"]).current_dir(repository.0.path("")).output().expect("git");
    assert_eq!(String::from_utf8_lossy(&output.stdout), " M prod/environments/lab.yaml\n");
}

#[test]
fn a_base_that_cannot_be_compared_is_reported() {
    let repository = Repository::new(&[("tenant.seed.yaml", &seed())]);
    repository.0.write("allotment.yaml", root([15, 10]));
    let (exit, text, _) = repository.plan(&["--base", "main"]);
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(exit, Some(0), "{text}");
    let unread = "which changes were pending before this branch left main, and which guards it changes: there is no configuration in commit ";
    assert!(one_line.contains(unread), "{text}");
    repository.0.write("allotment.yaml", "version: 1\nenvironments: 7\n");
    repository.commit("broken");
    repository.git(&["branch", "-f", "main"]);
    repository.0.write("allotment.yaml", root([15, 10]));
    let (exit, text, _) = repository.plan(&["--base", "main"]);
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!((exit, one_line.contains("is invalid")), (Some(0), true), "{text}");
    for (reference, why) in
        [("nowhere", "git does not know `nowhere`"), ("--output=x", "git does not know `--output=x`")]
    {
        let (exit, _, aside) = repository.plan(&[&format!("--base={reference}")]);
        assert!(exit == Some(1) && aside.contains(why), "{aside}");
    }
    let nowhere = Folder::with(&[("allotment.yaml", &root([15, 10])), ("tenant.seed.yaml", &seed())]);
    let output = nowhere.run(&["plan", "--base", "main"]);
    let aside = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && aside.contains("the configuration is in no git repository"), "{aside}");
}

#[test]
fn a_missing_git_object_is_an_error() {
    let repository = Repository::new(&[("allotment.yaml", &root([10, 10])), ("tenant.seed.yaml", &seed())]);
    let mut asked = Command::new("git");
    asked.args(["rev-parse", "main:allotment.yaml"]).current_dir(repository.0.path(""));
    let object = String::from_utf8(asked.output().expect("git").stdout).expect("text");
    let (folder, rest) = object.trim().split_at(2);
    std::fs::remove_file(repository.0.path(&format!(".git/objects/{folder}/{rest}"))).expect("a loose object");
    let (exit, _, aside) = repository.plan(&["--base", "main"]);
    let one_line = aside.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        exit == Some(1) && one_line.contains("cannot be read: git does not show allotment.yaml"),
        "{exit:?}: {aside}"
    );
}

/// The file of one environment. Each environment has its own file, because git cannot merge changes of neighbouring lines.
fn file(key: &str, number: usize, amount: u64) -> String {
    format!(
        "version: 1\nenvironments:\n  {key}: {{ id: \"{}\", allocations: {{ app-passes: {amount} }} }}\n",
        id(number)
    )
}

/// A repository of three environments that hold ten each, of forty; the branch gives hr eight more.
fn contested() -> Repository {
    let environment = |number: usize| {
        format!("  - {{ id: \"{}\", name: E{number}, allocations: {{ app-passes: 10 }} }}\n", id(number))
    };
    let seed = format!(
        "tenant: contoso\npurchased: {{ app-passes: 40 }}\nenvironments:\n{}",
        (0..3).map(environment).collect::<String>()
    );
    let files = [
        ("allotment.yaml", "version: 1\ntenant: { name: contoso, whoCanAllocate: environment-admins }\n".to_owned()),
        ("tenant.seed.yaml", seed),
        ("environments/hr.yaml", file("hr", 0, 10)),
        ("environments/sales.yaml", file("sales", 1, 10)),
        ("environments/lab.yaml", file("lab", 2, 10)),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let repository = Repository::new(&files);
    repository.0.write("environments/hr.yaml", file("hr", 0, 18));
    repository.commit("more for hr");
    repository
}

impl Repository {
    /// Another branch from main with this in one file.
    fn other(&self, name: &str, path: &str, text: &str) {
        self.git(&["checkout", "-q", "-b", name, "main"]);
        self.0.write(path, text);
        self.commit(name);
        self.git(&["checkout", "-q", "change"]);
    }

    /// How many objects the repository keeps.
    fn objects(&self) -> usize {
        let mut folders = vec![self.0.path(".git/objects")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { files += 1 }
            }
        }
        files
    }
}

#[test]
fn a_shortage_caused_by_an_earlier_merge_is_a_warning() {
    let repository = contested();
    repository.other("sales", "environments/sales.yaml", &file("sales", 1, 15));
    repository.other("little", "environments/sales.yaml", &file("sales", 1, 12));
    let objects = repository.objects();
    let (exit, _, aside) = repository.plan(&["--with", "sales"]);
    assert_eq!(exit, Some(0), "another branch causes warnings, no refusal: {aside}");
    let told = "warning[A211]: App passes would be short by 3 if `sales` merges before this branch";
    let one_line = aside.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains(told) && aside.contains("environments/hr.yaml:3:"), "{aside}");
    assert!(aside.contains("40 owned, 43 allocated by all branches together"), "{aside}");
    let (_, _, aside) = repository.plan(&["--with", "little"]);
    assert!(!aside.contains("A211"), "{aside}");
    assert_eq!(repository.objects(), objects, "nothing is left in the repository");
    // The wording in a comment, which links the pull request.
    repository.git(&["update-ref", "refs/pull/41/head", "sales"]);
    let (_, comment, _) = repository.plan(&["--with", "refs/pull/41/head", "--format", "markdown"]);
    let told = comment.lines().find(|line| line.starts_with("> - App passes would be short by 3 if"));
    assert!(told.is_some_and(|told| told.contains("41 merges before this branch (A211)")), "{comment}");
}

#[test]
fn branches_that_fit_one_by_one_may_not_fit_together() {
    let repository = contested();
    repository.other("sales", "environments/sales.yaml", &file("sales", 1, 12));
    repository.other("lab", "environments/lab.yaml", &file("lab", 2, 12));
    for alone in ["sales", "lab"] {
        let (_, _, aside) = repository.plan(&["--with", alone]);
        assert!(!aside.contains("A211"), "{aside}");
    }
    let (_, _, aside) = repository.plan(&["--with", "sales", "--with", "lab"]);
    let told = aside.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("App passes would be short by 2 if `sales` and `lab` merge before this"), "{aside}");
}

#[test]
fn merge_conflicts_and_invalid_merges_are_reported() {
    let repository = contested();
    repository.other("same-line", "environments/hr.yaml", &file("hr", 0, 12));
    repository.other("broken", "environments/sales.yaml", &file("sales", 1, 10).replace("app-passes", "app-pases"));
    let (_, text, _) = repository.plan(&["--with", "same-line"]);
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let conflict =
        "this plan, if `same-line` merges before it: git cannot merge the two: both change environments/hr.yaml";
    assert!(told.contains(conflict), "{text}");
    let (exit, _, aside) = repository.plan(&["--with", "broken"]);
    assert_eq!(exit, Some(0));
    let told = aside.split_whitespace().collect::<Vec<_>>().join(" ");
    let invalid = "warning[A211]: the configuration would be invalid if `broken` merges before this branch";
    assert!(told.contains(invalid) && told.contains("A113"), "{aside}");
    let (exit, _, aside) = repository.plan(&["--with", "no-such-branch"]);
    assert_eq!(exit, Some(1));
    assert!(aside.contains("git does not know `no-such-branch`") && aside.contains("fetch-depth: 0"), "{aside}");
    repository.0.write("environments/hr.yaml", file("hr", 0, 19));
    let (_, text, _) = repository.plan(&["--with", "main"]);
    assert!(text.contains("changes that are not committed"), "{text}");
}

/// The other branch may be hostile: its configuration is read, but its links, attributes and filters have no effect.
#[test]
fn a_strangers_branch_reads_and_runs_nothing() {
    let repository = contested();
    let secret = Folder::with(&[("secret.yaml", "top-secret-token: 1\n")]);
    repository.git(&["checkout", "-q", "-b", "links", "main"]);
    std::fs::remove_file(repository.0.path("allotment.yaml")).expect("the file exists");
    std::os::unix::fs::symlink(secret.path("secret.yaml"), repository.0.path("allotment.yaml")).expect("a link");
    repository.commit("links");
    repository.git(&["checkout", "-q", "change"]);
    let (exit, text, aside) = repository.plan(&["--with", "links"]);
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        exit == Some(0) && told.contains("`links` merges before it: the merged configuration cannot be read"),
        "{text}"
    );
    assert!(!format!("{text}{aside}").contains("top-secret"), "{text}{aside}");
    // Attributes hide files from archives, and filters are programs.
    let ran = secret.path("ran");
    repository.git(&["config", "filter.evil.smudge", &format!("touch {}; cat", ran.display())]);
    repository.git(&["checkout", "-q", "-b", "filters", "main"]);
    repository.0.write(".gitattributes", "*.yaml filter=evil\nenvironments/* export-ignore\n");
    repository.0.write("environments/sales.yaml", file("sales", 1, 15));
    repository.git(&["-c", "filter.evil.smudge=cat", "add", "-A"]);
    repository.commit("filters");
    repository.git(&["-c", "filter.evil.smudge=cat", "checkout", "-q", "change"]);
    let _ = std::fs::remove_file(&ran);
    let (_, _, aside) = repository.plan(&["--with", "filters"]);
    assert!(aside.contains("short by 3 if `filters` merges before this"), "{aside}");
    assert!(!ran.exists(), "no filter was run");
}

/// A hook of git sets `GIT_DIR` and `GIT_WORK_TREE`, which may name another repository.
#[test]
fn variables_of_an_outer_git_are_ignored() {
    let (repository, other) = (contested(), contested());
    repository.other("sales", "environments/sales.yaml", &file("sales", 1, 15));
    let mut command = repository.0.allot(&["plan", "--with", "sales", "--base", "main"]);
    command.env("GIT_DIR", other.0.path(".git")).env("GIT_WORK_TREE", other.0.path("")).env("GIT_PREFIX", "x/");
    let output = command.output().expect("the binary runs");
    let aside = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && aside.contains("short by 3 if `sales` merges before this"), "{aside}");
}

#[test]
fn faults_of_another_branch_do_not_fail_the_plan() {
    let repository = contested();
    repository.git(&["checkout", "-q", "--orphan", "orphan"]);
    repository.commit("orphan");
    repository.git(&["checkout", "-q", "change"]);
    repository.other("gone", "environments/x.yaml", "version: 1\nenvironments: {}\n");
    repository.git(&["checkout", "-q", "gone"]);
    repository.git(&["mv", "allotment.yaml", "elsewhere.yaml"]);
    repository.commit("elsewhere");
    repository.git(&["checkout", "-q", "change"]);
    for (reference, why) in
        [("orphan", "git finds no common ancestor of the two"), ("gone", "the merge has no configuration at this path")]
    {
        let (exit, text, aside) = repository.plan(&["--with", reference]);
        let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(exit == Some(0) && told.contains(why), "{text}{aside}");
    }
}

#[test]
fn targets_restrict_only_this_plan() {
    let repository = contested();
    repository.other("sales", "environments/sales.yaml", &file("sales", 1, 15));
    let (exit, _, aside) = repository.plan(&["--target", "hr", "--with", "sales"]);
    assert!(exit == Some(0) && aside.contains("short by 3 if `sales` merges before this"), "{aside}");
}

/// A linked worktree, a submodule and objects with long names are repositories like any other.
#[test]
fn every_layout_of_a_repository_is_read() {
    let repository = contested();
    repository.other("sales", "environments/sales.yaml", &file("sales", 1, 15));
    let top = repository.0.path("");
    let outside = Folder::with(&[]);
    let linked = outside.path("linked").display().to_string();
    repository.git(&["branch", "again", "change"]);
    repository.git(&["worktree", "add", "-q", &linked, "again"]);
    let whole = outside.path("whole");
    let git = |folder: &std::path::Path, arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"]);
        let output = command.args(arguments).output().expect("git is there");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    fs::create_dir(&whole).expect("a folder");
    git(&whole, &["init", "-q", "-b", "main"]);
    git(&whole, &["submodule", "add", "-q", "-b", "change", &top.display().to_string(), "capacity"]);
    let module = whole.join("capacity");
    git(&module, &["branch", "main", "origin/main"]);
    git(&module, &["branch", "sales", "origin/sales"]);
    let long = outside.path("a: long \"way\"");
    fs::create_dir(&long).expect("a folder");
    for name in ["allotment.yaml", "tenant.seed.yaml", "environments"] {
        let copied = Command::new("cp").arg("-R").arg(top.join(name)).arg(&long).status().expect("cp is there");
        assert!(copied.success());
    }
    git(&long, &["init", "-q", "-b", "main", "--object-format=sha256"]);
    let write = |name: &str, text: String| fs::write(long.join(name), text).expect("a file");
    write("environments/hr.yaml", file("hr", 0, 10));
    git(&long, &["add", "-A"]);
    git(&long, &["commit", "-q", "-m", "first"]);
    git(&long, &["checkout", "-q", "-b", "sales"]);
    write("environments/sales.yaml", file("sales", 1, 15));
    git(&long, &["commit", "-q", "-am", "sales"]);
    git(&long, &["checkout", "-q", "-b", "change", "main"]);
    write("environments/hr.yaml", file("hr", 0, 18));
    git(&long, &["commit", "-q", "-am", "more for hr"]);
    for folder in [std::path::Path::new(&linked), module.as_path(), long.as_path()] {
        let mut command = repository.0.allot(&["plan", "--base", "main", "--with", "sales"]);
        let output = command.current_dir(folder).output().expect("the binary runs");
        let (text, aside) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}: {aside}", folder.display());
        assert!(aside.contains("short by 3 if `sales` merges before this"), "{}: {aside}", folder.display());
        assert!(text.contains("1 change comes from this branch, 0 were pending"), "{}: {text}", folder.display());
    }
}

/// Objects that a partial clone lacks are not fetched; the message says how to fetch them.
#[test]
fn a_partial_clone_reports_its_missing_objects() {
    let repository = contested();
    let outside = Folder::with(&[]);
    let top = format!("file://{}", repository.0.path("").display());
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = outside.path("clone").display().to_string();
    repository.git(&["clone", "-q", "--filter=blob:none", "--no-local", &top, &clone]);
    let mut command = repository.0.allot(&["plan", "--base", "origin/main"]);
    let output = command.current_dir(&clone).output().expect("the binary runs");
    let aside = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(output.status.code() == Some(1) && aside.contains("fetch what is missing"), "{aside}");
}

/// Git prefers a tag to a branch of the same name, so whoever may push a tag could choose the base of the comparison.
#[test]
fn a_name_that_means_two_commits_is_refused() {
    let repository = contested();
    repository.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    assert_eq!(repository.plan(&["--base", "origin/main"]).0, Some(0));
    repository.git(&["tag", "origin/main", "change"]);
    for arguments in [["--base", "origin/main"], ["--with", "origin/main"]] {
        let (exit, _, aside) = repository.plan(&arguments);
        let told = aside.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(exit == Some(1) && told.contains("write the full name, such as refs/remotes/origin/main"), "{aside}");
    }
    assert_eq!(repository.plan(&["--base", "refs/remotes/origin/main"]).0, Some(0));
}

/// A signal while git works leaves no temporary folder.
#[test]
fn a_signal_leaves_nothing_behind() {
    for signal in [Signal::INT, Signal::TERM] {
        let folder = Folder::with(&[("allotment.yaml", "version: 1\ntenant: { name: contoso }\nenvironments: {}\n")]);
        folder.git(&["init", "-q"]);
        // A git that works until somebody writes to the pipe.
        let (pipe, began) = (folder.path("pipe"), folder.path("began"));
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
        folder.write("programs/git", format!("#!/bin/sh\n: >'{}'\nread line <'{}'\n", began.display(), pipe.display()));
        let program = folder.path("programs/git");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
        fs::create_dir(folder.path("tmp")).expect("a folder");
        let path = format!("{}:/usr/bin:/bin", folder.path("programs").display());
        let mut command = folder.allot(&["plan", "--base", "main"]);
        command.env("PATH", path).env("TMPDIR", folder.path("tmp")).stdout(Stdio::null()).stderr(Stdio::null());
        let mut planning = command.spawn().expect("the binary runs");
        let since = Instant::now();
        while !began.exists() {
            assert!(since.elapsed() < PATIENCE, "git was never started");
            std::thread::sleep(LOOK_AGAIN);
        }
        assert_eq!(fs::read_dir(folder.path("tmp")).expect("a folder").count(), 1, "git has a home");
        kill_process(Pid::from_child(&planning), signal).expect("it hears");
        let ended = planning.wait().expect("it ends");
        fs::write(&pipe, "go on\n").expect("git ends, too");
        assert_eq!(ended.code(), Some(130));
        assert_eq!(fs::read_dir(folder.path("tmp")).expect("a folder").count(), 0, "{signal:?}");
    }
}
