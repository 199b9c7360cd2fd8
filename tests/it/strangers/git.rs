//! Git's configuration in a checkout can run no program. Every key that may name a program names one that leaves a mark, in every
//! place where a checkout can hold git configuration. The keys come from the installed git, so new keys are tested as well.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::prelude::*;

use super::SEED;
use crate::support::Folder;

const ROOT: &str = "version: 1
tenant: { name: contoso, provider: local, whoCanAllocate: environment-admins }
purchased: { app-passes: 50 }
";

fn environment(amount: u32) -> String {
    format!(
        "version: 1\nenvironments:\n  hr: {{ id: \"00000000-0000-4000-8000-000000000001\", allocations: {{ app-passes: {amount} }} }}\n"
    )
}

/// Keys that the list of git leaves out.
const UNLISTED: [&str; 3] = ["filter.<driver>.process", "submodule.<name>.update", "core.gitProxy"];

/// Keys that enable the programs of other keys.
const OPEN: &str =
    "[protocol]\n\tallow = always\n[protocol \"ext\"]\n\tallow = always\n[log]\n\tshowSignature = true\n";

/// Every name of a hook that git 2.47 knows.
const HOOKS: [&str; 12] = [
    "applypatch-msg",
    "fsmonitor-watchman",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "reference-transaction",
    "commit-msg",
];

fn git(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    command
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments)
        .output()
        .expect("git is there")
}

fn must(folder: &Path, arguments: &[&str]) -> String {
    let output = git(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A machine with a program that leaves a mark when it runs.
struct Trap {
    folder: Folder,
}

impl Trap {
    fn new() -> Trap {
        let folder = Folder::with(&[]);
        let program = format!("#!/bin/sh\necho \"$0 $*\" >>{}\n", folder.path("ran").display());
        folder.write("marker", program);
        fs::set_permissions(folder.path("marker"), fs::Permissions::from_mode(0o755))
            .expect("the program is made executable");
        Trap { folder }
    }

    fn program(&self) -> String {
        self.folder.path("marker").display().to_string()
    }

    /// The marks since the last call.
    fn ran(&self) -> Option<String> {
        let ran = fs::read_to_string(self.folder.path("ran")).ok();
        let _ = fs::remove_file(self.folder.path("ran"));
        ran
    }

    /// The ways in which a value can name the program.
    fn values(&self) -> [String; 3] {
        let program = self.program();
        [program.clone(), format!("!{program}"), format!("ext::{program} %S")]
    }

    /// A repository with the configuration in `capacity`, on a branch that leaves `main`, beside a branch `other`.
    fn checkout(&self, name: &str) -> PathBuf {
        let top = self.folder.path(name);
        fs::create_dir_all(top.join("capacity/environments")).expect("a folder");
        let write = |name: &str, text: &str| fs::write(top.join(name), text).expect("a file");
        write("capacity/allotment.yaml", ROOT);
        write("capacity/tenant.seed.yaml", SEED);
        write("capacity/environments/hr.yaml", &environment(10));
        for attributes in [".gitattributes", "capacity/.gitattributes"] {
            write(attributes, "* filter=marker diff=marker merge=marker\n");
        }
        must(&top, &["init", "-q", "-b", "main"]);
        must(&top, &["add", "-A"]);
        must(&top, &["commit", "-q", "-m", "first"]);
        must(&top, &["checkout", "-q", "-b", "other"]);
        write("capacity/environments/hr.yaml", &environment(20));
        must(&top, &["commit", "-q", "-am", "other"]);
        must(&top, &["checkout", "-q", "-b", "change", "main"]);
        write("capacity/environments/hr.yaml", &environment(30));
        must(&top, &["commit", "-q", "-am", "change"]);
        top
    }

    /// Runs every command of ours that calls git.
    fn run(&self, top: &Path) -> Vec<Output> {
        let run = |arguments: &[&str]| {
            let mut command = self.folder.allot(arguments);
            command.current_dir(top.join("capacity"));
            command.output().expect("the binary runs")
        };
        vec![
            run(&["plan", "--base", "main"]),
            run(&["plan", "--with", "other"]),
            run(&["plan", "-C", "../capacity", "--base", "origin/main", "--with", "main", "--with", "other"]),
            // A commit that the repository lacks, which git would fetch in a partial clone.
            run(&["plan", "--base", &"1".repeat(40)]),
        ]
    }
}

/// A key for `git config`, whose variable part is `marker` or a value that makes git use the key.
fn named(key: &str) -> String {
    let Some((head, rest)) = key.split_once('<') else { return key.trim_end_matches(".*").to_owned() };
    let (_, tail) = rest.split_once('>').expect("a closing delimiter");
    let part = match head {
        "remote." | "branch." => "origin",
        "pager." => "rev-parse",
        "gpg." => "openpgp",
        "protocol." => "ext",
        _ => "marker",
    };
    format!("{head}{part}{tail}")
}

/// The keys that may have the name of a program as their value: git fails if a boolean or a number has such a value.
fn keys(value: &str, probe: &Path) -> Vec<String> {
    let listed = must(probe, &["help", "--config"]);
    let listed = listed.lines().filter(|line| line.contains('.') && !line.contains(' '));
    let all: BTreeSet<String> = listed.chain(UNLISTED).map(named).collect();
    assert!(all.len() > 500, "{all:?}");
    // With such a value for these keys, git rejects the repository.
    let is_of_format = |key: &str| {
        key.starts_with("extensions.") || ["core.repositoryFormatVersion", "core.bare", "core.worktree"].contains(&key)
    };
    let works = |key: &&String| {
        let setting = format!("{key}={value}");
        let ask = |arguments: &[&str]| git(probe, &[&["-c", &setting], arguments].concat()).status.success();
        !is_of_format(key) && ask(&["status", "--porcelain"]) && ask(&["merge-tree", "--write-tree", "main", "other"])
    };
    let keys: Vec<String> = all.par_iter().filter(works).cloned().collect();
    for key in ["core.fsmonitor", "core.sshCommand", "filter.marker.clean", "merge.marker.driver", "remote.origin.url"]
    {
        assert!(keys.iter().any(|found| found == key), "{key} is not tried");
    }
    keys
}

/// A configuration that sets all of these.
fn poison(keys: &[String], value: &str) -> String {
    let mut text = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n".to_owned() + OPEN;
    for key in keys {
        let (section, name) = key.rsplit_once('.').expect("a section");
        let header = match section.split_once('.') {
            Some((section, sub)) => format!("[{section} \"{sub}\"]"),
            None => format!("[{section}]"),
        };
        let _ = writeln!(text, "{header}\n\t{name} = \"{value}\"");
    }
    text
}

/// Makes a folder look like a repository of git with this configuration.
fn plant(folder: &Path, config: &str, trap: &Trap) {
    for name in ["objects/info", "refs/heads", "refs/remotes/origin", "hooks"] {
        fs::create_dir_all(folder.join(name)).expect("a folder");
    }
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    write("HEAD", "ref: refs/heads/main\n");
    write("config", config);
    for (branch, digit) in [("heads/main", "1"), ("heads/other", "2"), ("remotes/origin/main", "3")] {
        write(&format!("refs/{branch}"), &format!("{}\n", digit.repeat(40)));
    }
    hooks(&folder.join("hooks"), trap);
}

fn hooks(folder: &Path, trap: &Trap) {
    fs::create_dir_all(folder).expect("a folder");
    for hook in HOOKS {
        fs::copy(trap.folder.path("marker"), folder.join(hook)).expect("a hook");
    }
}

/// The missing objects of a partial clone are fetched from its promisor.
fn partial(value: &str) -> String {
    format!(
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\tpromisor = true\n\turl = \"{value}\"\n\tuploadpack = \"{value}\"\n{OPEN}"
    )
}

/// Takes the file of another branch out of the repository, so that git has to fetch it.
fn forget(top: &Path) {
    for place in ["main:capacity/environments/hr.yaml", "other:capacity/environments/hr.yaml"] {
        let object = must(top, &["rev-parse", place]);
        let (folder, rest) = object.split_at(2);
        fs::remove_file(top.join(".git/objects").join(folder).join(rest)).expect("a loose object");
    }
}

/// Every way in which a checkout can hold a configuration for git.
fn planted(trap: &Trap, name: &str, config: &str) -> Vec<(String, PathBuf)> {
    let mut all = Vec::new();
    let mut add = |way: &str, change: &dyn Fn(&Path)| {
        let top = trap.checkout(&format!("{name}-{way}"));
        change(&top);
        all.push((way.to_owned(), top));
    };
    let append = |file: PathBuf| {
        let before = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, before + config).expect("a file");
    };
    add("own", &|top| {
        hooks(&top.join(".git/hooks"), trap);
        append(top.join(".git/config"));
    });
    add("own-partial", &|top| {
        forget(top);
        append(top.join(".git/config"));
    });
    // Such a folder is its own working tree.
    let own_tree = format!("{config}[core]\n\tworktree = .\n");
    add("embedded", &|top| plant(&top.join("capacity"), &own_tree, trap));
    add("dot-git-file", &|top| {
        plant(&top.join("planted"), config, trap);
        fs::write(top.join("capacity/.git"), "gitdir: ../planted\n").expect("a file");
    });
    add("worktree", &|top| {
        plant(&top.join("planted"), config, trap);
        let worktree = top.join("planted/worktrees/capacity");
        fs::create_dir_all(&worktree).expect("a folder");
        fs::write(worktree.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
        fs::write(worktree.join("commondir"), "../..\n").expect("a file");
        fs::write(worktree.join("config.worktree"), config).expect("a file");
        fs::write(top.join("capacity/.git"), "gitdir: ../planted/worktrees/capacity\n").expect("a file");
    });
    add("commondir", &|top| {
        plant(&top.join("capacity"), &own_tree, trap);
        plant(&top.join("common"), config, trap);
        fs::write(top.join("capacity/commondir"), "../common\n").expect("a file");
    });
    add("submodule", &|top| {
        plant(&top.join(".git/modules/capacity"), config, trap);
        fs::write(top.join("capacity/.git"), "gitdir: ../.git/modules/capacity\n").expect("a file");
        let module = format!(
            "[submodule \"capacity\"]\n\tpath = capacity\n\turl = ext::{0} %S\n\tupdate = !{0}\n",
            trap.program()
        );
        fs::write(top.join(".gitmodules"), module).expect("a file");
    });
    add("alternates", &|top| {
        forget(top);
        plant(&top.join("capacity"), config, trap);
        let planted = top.join("capacity/objects").display().to_string();
        fs::write(top.join(".git/objects/info/alternates"), planted + "\n").expect("a file");
        append(top.join(".git/config"));
    });
    all
}

#[test]
fn no_key_of_the_git_configuration_runs_a_program() {
    let trap = Trap::new();
    let keys = keys(&trap.program(), &trap.checkout("probe"));
    let _ = trap.ran();
    for (number, value) in trap.values().iter().enumerate() {
        for (kind, config) in [("all", poison(&keys, value)), ("partial", partial(value))] {
            for (way, top) in planted(&trap, &format!("{number}-{kind}"), &config) {
                let outputs = trap.run(&top);
                let ran = trap.ran();
                assert!(ran.is_none(), "{way}, {value}, {kind}: {}\n{outputs:?}", ran.unwrap_or_default());
                if way == "own" && kind == "all" {
                    for output in &outputs[..2] {
                        let aside = String::from_utf8_lossy(&output.stderr);
                        assert!(output.status.success(), "the repository itself is read: {aside}");
                    }
                }
            }
        }
    }
}

/// Control: plain git in the same repositories runs the program.
#[test]
fn git_by_itself_would_run_it() {
    let trap = Trap::new();
    let monitor = poison(&["core.fsmonitor".to_owned()], &trap.program());
    for (way, top) in planted(&trap, "control", &monitor) {
        if ["own", "embedded", "dot-git-file", "submodule"].contains(&way.as_str()) {
            let output = git(&top.join("capacity"), &["status", "--porcelain"]);
            assert!(trap.ran().is_some(), "{way}: {output:?}");
        }
    }
    for (way, top) in planted(&trap, "control-partial", &partial(&trap.values()[2])) {
        if way == "own-partial" {
            let _ = git(&top, &["show", "main:capacity/environments/hr.yaml"]);
            assert!(trap.ran().is_some(), "{way}");
        }
    }
}

/// A folder that only looks like a repository is ordinary files, and the repository around it is the one that is read.
#[test]
fn a_planted_repository_is_ordinary_files() {
    let trap = Trap::new();
    let top = trap.checkout("plain");
    plant(&top.join("capacity"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n", &trap);
    for output in trap.run(&top).iter().take(2) {
        let aside = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !aside.contains("error"), "{aside}");
    }
    // Without a repository around it, it is none.
    fs::remove_dir_all(top.join(".git")).expect("the file exists");
    for output in trap.run(&top) {
        let aside = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(1) && aside.contains("the configuration is in no git repository"),
            "{aside}"
        );
    }
    assert!(trap.ran().is_none());
}

/// A tiny branch can be expensive to read: one large object under many names.
#[test]
fn a_branch_that_is_too_large_is_not_read() {
    let trap = Trap::new();
    let top = trap.checkout("large");
    must(&top, &["checkout", "-q", "-b", "bomb", "main"]);
    fs::write(top.join("large"), vec![b'#'; 15 * 1024 * 1024]).expect("a file");
    let object = must(&top, &["hash-object", "-w", "large"]);
    for number in 0..20 {
        let entry = format!("100644,{object},capacity/environments/{number}.yaml");
        must(&top, &["update-index", "--add", "--cacheinfo", &entry]);
    }
    must(&top, &["commit", "-q", "-m", "bomb"]);
    must(&top, &["checkout", "-q", "-f", "change"]);
    let mut command = trap.folder.allot(&["plan", "--with", "bomb"]);
    let output = command.current_dir(top.join("capacity")).output().expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(output.status.success() && text.contains("YAML files have more than 64 MiB together"), "{text}");
}

/// A tree that contains another ten times, and so on, is small in the repository and endless for a merge.
#[test]
fn a_tree_without_end_is_not_merged() {
    let trap = Trap::new();
    let top = trap.checkout("endless");
    let mut tree = must(&top, &["rev-parse", "main:capacity/environments"]);
    for _ in 0..7 {
        let entries: String = (0..10).map(|number| format!("040000 tree {tree}\t{number}\n")).collect();
        fs::write(top.join("entries"), entries).expect("a file");
        let mut make = Command::new("git");
        let entries = fs::File::open(top.join("entries")).expect("a file");
        let made = make.current_dir(&top).arg("mktree").stdin(entries).output().expect("git is there");
        tree = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    }
    let commit = must(&top, &["commit-tree", &tree, "-p", "main", "-m", "endless"]);
    must(&top, &["branch", "endless", &commit]);
    let mut command = trap.folder.allot(&["plan", "--with", "endless"]);
    let output = command.current_dir(top.join("capacity")).output().expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(output.status.success() && text.contains("it has too many files"), "{text}");
}
