//! Hostile checkouts. Committed files, links, folders and programs are never run, read, posted or mistaken for an answer of `allot`,
//! however `allot` ends.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::action::{PULL_REQUEST, PUSH, act, act_watched};
use super::machine::{Machine, exists};
use super::stranger::{ALL, Planted, assert_nothing_came_of_it, ends, named, plant, prepared};
use super::{azure, gitlab};

/// Checks that every artifact is from this run of `allot`, and that none is a link.
fn assert_artifacts(machine: &Machine, job: &str, may_be_there: bool, seen: &str) -> BTreeMap<String, String> {
    let artifacts = gitlab::artifacts(machine, job);
    for (path, text) in &artifacts {
        let place = machine.path(&format!("work/{path}"));
        let is_file = fs::symlink_metadata(&place).is_ok_and(|it| it.is_file());
        let folder = Path::new(&place).parent().and_then(|folder| fs::symlink_metadata(folder).ok());
        assert!(is_file && folder.is_some_and(|folder| folder.is_dir()), "{seen}: {path}");
        let ours = text.contains(&format!("of {}", if job == "apply" { "apply" } else { "" }));
        assert!(ours || text == "a plan\n" || text.starts_with("ALLOTMENT_"), "{seen}: {path}: {text}");
        assert!(!text.contains("planted") && !text.contains("secret"), "{seen}: {path}: {text}");
    }
    assert!(may_be_there || artifacts.is_empty(), "{seen}: {artifacts:?}");
    artifacts
}

#[test]
fn on_gitlab_a_plan_is_from_allot_or_missing() {
    for planted in ALL {
        for (code, leaves, is_answer) in ends(planted) {
            let (machine, seen) = prepared(planted, "plan", code, leaves);
            let ran = gitlab::run(&machine, "plan-merge-request", "");
            assert_nothing_came_of_it(&machine, &ran.log, &seen);
            assert_eq!(ran.code == 0, is_answer && (code == 0 || code == 2), "{seen}: {}", ran.log);
            assert_eq!(!machine.read("stub/posted").is_empty(), is_answer, "{seen}: {}", ran.log);
            let artifacts = assert_artifacts(&machine, "plan-merge-request", is_answer, &seen);
            assert_eq!(artifacts.contains_key("allotment-plan/plan.json"), ran.code == 0, "{seen}: {artifacts:?}");

            let (machine, seen) = prepared(planted, "plan", code, leaves);
            let ran = gitlab::run(&machine, "plan", "");
            assert_nothing_came_of_it(&machine, &ran.log, &seen);
            assert_eq!(ran.code == 0, is_answer && (code == 0 || code == 2), "{seen}: {}", ran.log);
            let artifacts = assert_artifacts(&machine, "plan", is_answer, &seen);
            assert_eq!(artifacts.contains_key("allotment-plan/plan.env"), ran.code == 0, "{seen}: {artifacts:?}");
            assert_eq!(artifacts.contains_key("allotment-plan/plan.json"), ran.code == 0, "{seen}: {artifacts:?}");

            let (machine, seen) = prepared(planted, "validate", code, leaves);
            let ran = gitlab::run(&machine, "validate", "");
            assert_nothing_came_of_it(&machine, &ran.log, &seen);
            assert_eq!(ran.code == 0, is_answer && code == 0, "{seen}: {}", ran.log);
            assert_artifacts(&machine, "validate", is_answer, &seen);
        }
    }
}

/// Puts the plan of the previous job into the checkout. Another case covers files of the branch at that path.
fn arrive(machine: &Machine) {
    let arrives = format!("work/{}", gitlab::arrives());
    let first = machine.path(&arrives.split('/').take(2).collect::<Vec<_>>().join("/"));
    fs::remove_dir_all(&first).or_else(|_| fs::remove_file(&first)).expect("the file exists");
    machine.write(&arrives, "a plan\n");
}

#[test]
fn on_gitlab_only_the_plan_that_was_made_is_applied_and_its_receipt_is_of_this_run() {
    let made = Machine::new();
    made.ends("plan", 2);
    assert_eq!(gitlab::run(&made, "plan", "").code, 0);
    let handed_over = gitlab::handed_over(&made);
    for planted in ALL {
        for (code, leaves, is_answer) in ends(planted) {
            let (machine, seen) = prepared(planted, "apply", code, leaves);
            arrive(&machine);
            let ran = gitlab::run(&machine, "apply", &handed_over);
            assert_nothing_came_of_it(&machine, &ran.log, &seen);
            assert!(machine.has_run("apply"), "{seen}: {}", ran.log);
            assert_eq!(ran.code == 0, is_answer && code == 0, "{seen}: {}", ran.log);
            assert_eq!(!machine.read("stub/posted").is_empty(), is_answer, "{seen}: {}", ran.log);
            assert_artifacts(&machine, "apply", is_answer, &seen);
        }
        // A committed file is never used as the plan, even if the artifact was written through a link.
        for handed_over in [handed_over.as_str(), ""] {
            let (machine, seen) = prepared(planted, "apply", 0, true);
            let ran = gitlab::run(&machine, "apply", handed_over);
            assert_nothing_came_of_it(&machine, &ran.log, &seen);
            assert!(ran.code == 1 && !machine.has_run("apply"), "{seen}: {}", ran.log);
            assert_artifacts(&machine, "apply", false, &seen);
        }
    }
}

#[test]
fn on_github_an_answer_is_from_allot_or_missing() {
    for planted in ALL {
        let commands = if planted == Planted::File { &["plan", "validate", "drift"][..] } else { &["plan"] };
        for command in commands.iter().copied() {
            for (code, leaves, is_answer) in ends(planted) {
                let (machine, seen) = prepared(planted, command, code, leaves);
                let acted = act(&machine, &[("command", command), ("comment", "always")], &PULL_REQUEST);
                assert_nothing_came_of_it(&machine, &acted.log, &seen);
                // The answer of drift is its output, which always exists.
                let is_answer = is_answer || (command == "drift" && code < 100);
                let is_green = is_answer && (code == 0 || (code == 2 && command != "validate"));
                assert_eq!(acted.code == 0, is_green, "{seen}: {}", acted.log);
                assert_eq!(
                    !machine.read("stub/posted").is_empty(),
                    is_answer && command != "drift",
                    "{seen}: {}",
                    acted.log
                );
                assert_eq!(exists(acted.output("comment-file")), is_answer, "{seen}: {}", acted.log);
                assert_eq!(acted.output("comment-sha256").len(), if is_answer { 64 } else { 0 }, "{seen}");
                assert_eq!(
                    !acted.output("plan-file").is_empty(),
                    is_green && command == "plan",
                    "{seen}: {}",
                    acted.log
                );
                let says = match (command, is_green, code) {
                    ("validate", _, _) => "",
                    (_, true, 0) => "false",
                    (_, true, _) => "true",
                    (_, false, _) => "unknown",
                };
                assert_eq!(acted.output("has-changes"), says, "{seen}");
            }
        }
        // Nothing is written to a place in the checkout.
        for name in ["plan.json", "allotment-plan/plan.json"] {
            let (machine, seen) = prepared(planted, "plan", 2, true);
            let acted = act(&machine, &[("command", "plan"), ("plan-file", name)], &PULL_REQUEST);
            assert_nothing_came_of_it(&machine, &acted.log, &seen);
            assert!(acted.code == 1 && !machine.has_run("plan"), "{seen}: {}", acted.log);
        }
    }
}

#[test]
fn on_github_only_the_plan_that_was_made_is_applied_and_its_receipt_is_of_this_run() {
    let made = Machine::new();
    made.ends("plan", 2);
    let made = act(&made, &[("command", "plan")], &PUSH);
    let sha256 = made.output("plan-sha256");
    for planted in ALL {
        for (code, leaves, is_answer) in ends(planted) {
            let (machine, seen) = prepared(planted, "apply", code, leaves);
            machine.write("temp/allotment/plan.json", "a plan\n");
            let file = machine.path("temp/allotment/plan.json");
            let inputs = [("command", "apply"), ("plan-file", file.as_str()), ("plan-sha256", sha256)];
            let acted = act(&machine, &inputs, &PUSH);
            assert_nothing_came_of_it(&machine, &acted.log, &seen);
            assert_eq!(acted.code == 0, is_answer && code == 0, "{seen}: {}", acted.log);
            assert_eq!(!machine.read("stub/posted").is_empty(), is_answer, "{seen}: {}", acted.log);
        }
        for sha256 in [sha256, ""] {
            let (machine, seen) = prepared(planted, "apply", 0, true);
            let inputs = [("command", "apply"), ("plan-file", "plan.json"), ("plan-sha256", sha256)];
            let acted = act(&machine, &inputs, &PUSH);
            assert_nothing_came_of_it(&machine, &acted.log, &seen);
            assert!(acted.code == 1 && !machine.has_run("apply"), "{seen}: {}", acted.log);
        }
    }
}

#[test]
fn on_azure_an_answer_is_from_allot_or_missing() {
    let made = Machine::new();
    made.ends("plan", 2);
    let sha256 = azure::put_out(&azure::run(&made, azure::PLAN, "IndividualCI", ""), "planSha256");
    for planted in ALL {
        for (code, leaves, is_answer) in ends(planted) {
            let (machine, seen) = prepared(planted, "plan", code, leaves);
            let ran = azure::run(&machine, azure::PLAN, "PullRequest", "");
            assert_eq!(ran.code == 0, is_answer && (code == 0 || code == 2), "{seen}: {}", ran.log);
            assert_eq!(!azure::put_out(&ran, "hasChanges").is_empty(), ran.code == 0, "{seen}: {}", ran.log);
            assert_eq!(!azure::put_out(&ran, "planSha256").is_empty(), ran.code == 0 && code == 2, "{seen}");
            let then = azure::run(&machine, azure::COMMENT, "PullRequest", "");
            assert_nothing_came_of_it(&machine, &(ran.log + &then.log), &seen);
            assert_eq!(!machine.read("stub/posted").is_empty(), is_answer, "{seen}: {}", then.log);

            let (machine, seen) = prepared(planted, "apply", code, leaves);
            machine.write("temp/workspace/allotment-plan-1/plan.json", "a plan\n");
            let ran = azure::run(&machine, azure::APPLY, "IndividualCI", &sha256);
            assert_eq!(ran.code == 0, is_answer && code == 0, "{seen}: {}", ran.log);
            let then = azure::run(&machine, azure::RECEIPT, "IndividualCI", "");
            assert_nothing_came_of_it(&machine, &(ran.log + &then.log), &seen);
            assert_eq!(!machine.read("stub/posted").is_empty(), is_answer, "{seen}: {}", then.log);

            let (machine, seen) = prepared(planted, "validate", code, leaves);
            let ran = azure::run(&machine, azure::VALIDATE, "PullRequest", "");
            assert_nothing_came_of_it(&machine, &ran.log, &seen);
            assert_eq!(ran.code == 0, is_answer && code == 0, "{seen}: {}", ran.log);
            assert_eq!(ran.log.contains("##vso[task.uploadsummary]"), is_answer, "{seen}: {}", ran.log);
        }
    }
}

#[test]
fn a_report_that_was_changed_later_is_not_posted() {
    let machine = Machine::new();
    machine.ends("plan", 2);
    let change = |step: &str| {
        if step == "Comment" {
            fs::read_dir(machine.path("temp"))
                .expect("a folder")
                .map(named)
                .filter(|name| name.starts_with("allot."))
                .for_each(|folder| machine.write(&format!("temp/{folder}/comment.md"), "planted"));
        }
    };
    let acted = act_watched(&machine, &[("command", "plan")], &PULL_REQUEST, &change);
    assert!(acted.code == 1 && !machine.has_run("comment"), "{}", acted.log);

    for (before, after, file, sha256) in [
        (azure::PLAN, azure::COMMENT, "comment.md", ""),
        (
            azure::APPLY,
            azure::RECEIPT,
            "receipt.md",
            "4b882d031ff5018059602c993ed0c2ec23e4823b41f2796eb35aaa8baa7bc3d8",
        ),
    ] {
        let machine = Machine::new();
        machine.write("temp/workspace/allotment-plan-1/plan.json", "a plan\n");
        assert_eq!(azure::run(&machine, before, "PullRequest", sha256).code, 0);
        for folder in fs::read_dir(machine.path("temp")).expect("a folder").map(named) {
            if folder.starts_with("allotment.") || folder == "staging" || folder == "allotment" {
                machine.write(&format!("temp/{folder}/{file}"), "another answer");
            }
        }
        let then = azure::run(&machine, after, "PullRequest", "");
        assert!(then.code == 1 && !machine.has_run("comment"), "{}", then.log);
    }

    // On GitLab everything is one script, so another program could change the file in between.
    for (job, handed_over) in [("plan-merge-request", ""), ("apply", HANDED_OVER)] {
        let machine = Machine::new();
        machine.write(&format!("work/{}", gitlab::arrives()), "a plan\n");
        let cp = "#!/bin/bash\nfor file in \"${2%/*}\"/{comment,receipt}.md; do if [[ -f $file ]]; then echo x >>\"$file\"; fi; done\n\
                  exec /bin/cp \"$@\"\n";
        machine.program("cp", cp);
        let ran = gitlab::run(&machine, job, handed_over);
        assert!(ran.code == 1 && !machine.has_run("comment"), "{job}: {}", ran.log);
    }
}

/// The variables that the job `plan` hands over for a plan of `a plan` and a line break.
const HANDED_OVER: &str =
    "ALLOTMENT_CHANGES=true\nALLOTMENT_PLAN_SHA256=4b882d031ff5018059602c993ed0c2ec23e4823b41f2796eb35aaa8baa7bc3d8";

/// A fake `cargo install`, which does not build an installed program again.
const CARGO: &str = "#!/usr/bin/env bash\nroot=''\nfor word in \"$@\"; do if [[ \"${previous:-}\" == --root ]]; then root=$word; fi; previous=$word; done\n\
    printf '%s\\x1f%s\\n' \"$PWD\" \"$root\" >>\"$STUB/cargo\"\nif [[ -f \"$root/.crates2.json\" ]]; then exit 0; fi\n\
    mkdir -p \"$root/bin\" && cp \"$STUB/allot\" \"$root/bin/allot\"\n";

#[test]
fn allot_is_installed_outside_the_checkout_and_from_nothing_in_it() {
    let bare = |planted: Planted| {
        let machine = Machine::bare();
        plant(&machine, planted);
        machine.program("cargo", CARGO);
        machine.program_at("stub/allot", Machine::allot());
        let sources = ["Cargo.toml", "Cargo.lock", "src/main.rs", "schemas/a.json"];
        sources.iter().for_each(|file| machine.write(&format!("sources/{file}"), file));
        machine
    };
    let assert_installed = |machine: &Machine, log: &str, seen: &str| {
        assert_nothing_came_of_it(machine, log, seen);
        let calls = machine.calls_in("cargo");
        assert_eq!(calls.len(), 1, "{seen}: {log}");
        for path in &calls[0] {
            assert!(!path.starts_with(&machine.path("work")), "{seen}: {path} is in the checkout");
        }
    };
    for planted in [Planted::File, Planted::LinkToFolder] {
        for job in ["plan-merge-request", "plan", "validate", "drift", "apply"] {
            let machine = bare(planted);
            arrive(&machine);
            let ran = gitlab::run(&machine, job, HANDED_OVER);
            assert_installed(&machine, &ran.log, job);
            assert!(ran.code == 0 && machine.has_run(job.split('-').next().unwrap_or_default()), "{job}: {}", ran.log);
        }
        let machine = bare(planted);
        machine.program_at("temp/allot-root/bin/allot", "#!/bin/sh\necho \"$0\" >>\"$STUB/ran\"\n");
        let acted = act(&machine, &[("command", "validate")], &PUSH);
        assert_installed(&machine, &acted.log, "GitHub");
        assert!(acted.code == 0 && machine.has_run("validate"), "{}", acted.log);
        for place in azure::INSTALL {
            let machine = bare(planted);
            machine.write("temp/allot/.crates2.json", "of an earlier job");
            let ran = azure::run(&machine, place, "IndividualCI", "");
            assert_installed(&machine, &ran.log, place);
            assert_eq!(ran.code, 0, "{place}: {}", ran.log);
            let ran = azure::run(&machine, azure::PLAN, "IndividualCI", "");
            assert!(ran.code == 0 && machine.has_run("plan"), "{place}: {}", ran.log);
        }
    }
}

/// On macOS runners, PATH contains entries with `~`, which bash expands to the home folder.
#[test]
fn path_entries_may_begin_with_a_tilde() {
    let machine = Machine::new();
    plant(&machine, Planted::FolderOfFiles);
    let ran = gitlab::run_with(&machine, "validate", "", "~/.dotnet/tools:");
    assert!(ran.code == 0 && machine.has_run("validate"), "{}", ran.log);
}

#[test]
fn a_path_that_leads_into_the_checkout_is_refused() {
    for leads in ["", ".", "bin", "~", "~other/bin", "WORK", "WORK/bin", "WORK//bin", "WORK/../work/bin", "LINK/bin"] {
        let machine = || {
            let machine = Machine::new();
            plant(&machine, Planted::FolderOfFiles);
            std::os::unix::fs::symlink(machine.path("work"), machine.path("link")).expect("a link");
            let folder = leads.replace("WORK", &machine.path("work")).replace("LINK", &machine.path("link"));
            (machine, format!("{folder}:"))
        };
        let refused = |log: &str| log.contains("the PATH has a folder") || log.contains("The PATH has a folder");
        for job in ["plan-merge-request", "plan", "validate", "drift", "apply"] {
            let (there, path) = machine();
            let ran = gitlab::run_with(&there, job, "", &path);
            assert_nothing_came_of_it(&there, &ran.log, leads);
            assert!(ran.code == 1 && refused(&ran.log) && there.calls().is_empty(), "{job} {leads}: {}", ran.log);
            assert_artifacts(&there, job, false, leads);
        }
        let (there, path) = machine();
        let path = if leads.is_empty() { "\n" } else { path.trim_end_matches(':') };
        there.write("temp/path", path);
        let acted = act(&there, &[("command", "validate")], &PUSH);
        assert_nothing_came_of_it(&there, &acted.log, leads);
        assert!(acted.code == 1 && refused(&acted.log) && there.calls().is_empty(), "{leads}: {}", acted.log);
        for place in azure::INSTALL {
            let (there, path) = machine();
            there.write("stub/variables", &format!("PATH={path}\n"));
            let ran = azure::run(&there, place, "IndividualCI", "");
            assert_nothing_came_of_it(&there, &ran.log, leads);
            assert!(ran.code == 1 && refused(&ran.log), "{place} {leads}: {}", ran.log);
        }
    }
}
