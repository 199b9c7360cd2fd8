//! `action.yml`, step by step as GitHub runs a composite action: what each command leaves, and when the step is red.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::called::assert_taken;
use super::machine::{Machine, exists, resolved};
use super::scripts::{ACTION, at, entries, read, text};

/// The result of a run of the action.
pub(super) struct Acted {
    /// How its last step ended.
    pub(super) code: i32,
    outputs: BTreeMap<String, String>,
    pub(super) log: String,
}

impl Acted {
    pub(super) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}

/// A pull request of the repository itself.
pub(super) const PULL_REQUEST: [(&str, &str); 2] = [
    ("github.event_name == 'pull_request' || github.event_name == 'pull_request_target'", "true"),
    ("github.event.pull_request.head.repo.full_name", "contoso/capacity"),
];
/// A pull request of a fork.
const FORK: [(&str, &str); 2] =
    [PULL_REQUEST[0], ("github.event.pull_request.head.repo.full_name", "somebody/capacity")];
/// A push to the main branch.
pub(super) const PUSH: [(&str, &str); 2] = [(PULL_REQUEST[0].0, "false"), (PULL_REQUEST[1].0, "")];

/// Runs the action with these inputs on this event.
pub(super) fn act(machine: &Machine, inputs: &[(&str, &str)], event: &[(&str, &str)]) -> Acted {
    act_watched(machine, inputs, event, &|_| ())
}

/// The same, with a hook that is called with the name of each step before it runs.
pub(super) fn act_watched(
    machine: &Machine,
    inputs: &[(&str, &str)],
    event: &[(&str, &str)],
    before: &dyn Fn(&str),
) -> Acted {
    let action = read(ACTION);
    let mut known: BTreeMap<String, String> =
        event.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let declared = at(&action, "inputs").as_mapping().expect("inputs");
    for (name, input) in declared {
        known.insert(format!("inputs.{}", text(name)), input.get("default").map(text).unwrap_or_default());
    }
    for (name, value) in inputs {
        let before = known.insert(format!("inputs.{name}"), (*value).to_owned());
        assert!(before.is_some(), "{name} is an input");
    }
    known.insert("inputs.token".to_owned(), "planted-token".to_owned());
    known.insert("github.action_path".to_owned(), machine.path("sources"));
    known.insert("github.action_repository".to_owned(), "OWNER/allotment".to_owned());
    let mut acted = Acted { code: 0, outputs: BTreeMap::new(), log: String::new() };
    for step in at(&action, "runs.steps").as_sequence().expect("steps").iter().filter(|step| step.get("run").is_some())
    {
        assert!(step.get("if").is_none(), "a script decides by itself, so that this test sees it");
        assert_eq!(text(at(step, "shell")), "bash");
        before(&text(at(step, "name")));
        run_step(machine, step, &mut known, &mut acted);
        if acted.code != 0 {
            break;
        }
    }
    let outputs = at(&action, "outputs").as_mapping().expect("outputs");
    let value = |output: &Value| resolved(&text(at(output, "value")), "${{", "}}", &|name| looked_up(&known, name));
    acted.outputs = outputs.iter().map(|(name, output)| (text(name), value(output))).collect();
    acted
}

/// The value of an expression. An output that no step has set is empty.
fn looked_up(known: &BTreeMap<String, String>, name: &str) -> Option<String> {
    known.get(name).cloned().or_else(|| name.starts_with("steps.").then(String::new))
}

fn run_step(machine: &Machine, step: &Value, known: &mut BTreeMap<String, String>, acted: &mut Acted) {
    let mut variables: BTreeMap<String, String> = [
        ("GITHUB_OUTPUT", machine.path("temp/output")),
        ("GITHUB_PATH", machine.path("temp/path")),
        ("GITHUB_STEP_SUMMARY", machine.path("temp/summary.md")),
        ("GITHUB_REPOSITORY", "contoso/capacity".to_owned()),
        ("GITHUB_SERVER_URL", "https://forge.example".to_owned()),
        ("RUNNER_TEMP", machine.path("temp")),
        ("RUNNER_OS", "Linux".to_owned()),
        ("RUNNER_ARCH", "X64".to_owned()),
        ("PATH", machine.read("temp/path").lines().map(|line| format!("{line}:")).collect()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (name, value) in entries(step.get("env")) {
        variables.insert(name, resolved(&value, "${{", "}}", &|name| looked_up(known, name)));
    }
    machine.write("temp/output", "");
    let ran = machine.run(&text(at(step, "run")), &variables);
    acted.code = ran.code;
    acted.log.push_str(&ran.log);
    let Some(id) = step.get("id").map(text) else { return };
    for (name, value) in machine.read("temp/output").lines().filter_map(|line| line.split_once('=')) {
        known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
    }
}

#[test]
fn a_plan_says_whether_there_are_changes() {
    for (code, changes, refused, ends) in
        [(0, "false", "false", 0), (2, "true", "false", 0), (3, "unknown", "true", 3), (1, "unknown", "false", 1)]
    {
        let machine = Machine::new();
        machine.ends("plan", code);
        let inputs = [("command", "plan"), ("path", "prod"), ("base", "origin/main"), ("with", "fix-a\nfix b\n")];
        let acted = act(&machine, &inputs, &PULL_REQUEST);
        assert_eq!(acted.code, ends, "{}", acted.log);
        let outputs = ["exitcode", "has-changes", "refused"].map(|name| acted.output(name));
        assert_eq!(outputs, [code.to_string().as_str(), changes, refused]);
        assert_eq!(exists(acted.output("plan-file")), code == 0 || code == 2, "only an applicable plan is an output");
        assert_eq!(acted.output("plan-sha256").len(), if acted.output("plan-file").is_empty() { 0 } else { 64 });
        assert!(
            exists(acted.output("comment-file")) && exists(acted.output("report-html")),
            "also where it is refused"
        );
        assert!(machine.read("temp/summary.md").contains("summary of plan"));
        let calls = machine.calls();
        let call = calls.iter().find(|call| call[0] == "plan").expect("it planned");
        let given = call.join(" ");
        assert!(
            given.contains("-C prod") && given.contains("--base origin/main") && given.contains("--detailed-exitcode")
        );
        assert!(call.windows(2).any(|pair| pair == ["--with", "fix b"]), "a line is one branch: {call:?}");
        assert!(machine.has_run("comment"), "a failure is posted as well");
        assert_taken(&calls.into_iter().filter(|call| call[0] != "--version").collect::<Vec<_>>());
    }
}

#[test]
fn an_apply_is_green_only_if_everything_was_applied() {
    // The digest of `a plan` and a line break.
    let sha256 = "4b882d031ff5018059602c993ed0c2ec23e4823b41f2796eb35aaa8baa7bc3d8";
    for (code, ends) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (130, 130)] {
        let machine = Machine::new();
        machine.write("work/plan.json", "a plan\n");
        machine.ends("apply", code);
        let inputs = [("command", "apply"), ("plan-file", "plan.json"), ("plan-sha256", sha256)];
        let acted = act(&machine, &inputs, &PUSH);
        assert_eq!(acted.code, ends, "{}", acted.log);
        assert_eq!((acted.output("exitcode"), acted.output("has-changes")), (code.to_string().as_str(), ""));
        assert_eq!(acted.output("refused"), (code == 3).to_string());
        assert!(machine.has_run("comment") && exists(acted.output("comment-file")), "the receipt is posted anyway");
        assert_eq!(acted.log.contains("plans afresh"), code == 3, "a stale plan says what to do");
        assert_taken(&machine.calls().into_iter().filter(|call| call[0] != "--version").collect::<Vec<_>>());
    }
    // Without the saved plan, nothing is run and the step fails.
    let another = "7f5a8f8f2b20a8d8d4fbea0a24d2f2e8e9d2c0b84cfe1a5c4c9c9f5a4e4c7c11";
    for (file, sha256) in [
        ("", sha256),
        ("missing.json", sha256),
        ("empty.json", sha256),
        ("plan.json", another),
        ("plan.json", ""),
        ("plan.json", "*"),
    ] {
        let machine = Machine::new();
        machine.write("work/plan.json", "a plan\n");
        machine.write("work/empty.json", "");
        let inputs = [("command", "apply"), ("plan-file", file), ("plan-sha256", sha256)];
        let acted = act(&machine, &inputs, &PUSH);
        assert!(acted.code == 1 && !machine.has_run("apply"), "{file}: {}", acted.log);
    }
}

#[test]
fn the_plan_that_was_made_is_the_one_that_is_applied() {
    let machine = Machine::new();
    machine.ends("plan", 2);
    let planned = act(&machine, &[("command", "plan")], &PUSH);
    let inputs = [
        ("command", "apply"),
        ("plan-file", planned.output("plan-file")),
        ("plan-sha256", planned.output("plan-sha256")),
    ];
    assert_eq!(act(&machine, &inputs, &PUSH).code, 0);
    let calls = machine.calls();
    let applied = calls.iter().find(|call| call[0] == "apply").expect("it applied");
    let copy = applied.iter().find(|argument| argument.ends_with("/plan.json")).expect("a plan");
    let copy = std::fs::read(copy).expect("a plan");
    assert_eq!(copy, std::fs::read(planned.output("plan-file")).expect("a plan"), "{applied:?}");
    // A failed plan step sets no output from an earlier run, and no step writes a plan to a path that a branch controls.
    machine.ends("plan", 3);
    let refused = act(&machine, &[("command", "plan")], &PUSH);
    assert_eq!((refused.code, refused.output("plan-file")), (3, ""));
    let named = act(&machine, &[("command", "plan"), ("plan-file", "mine.json")], &PUSH);
    assert!(named.code == 1 && named.log.contains("leave plan-file empty"), "{}", named.log);
    assert!(named.output("plan-file").is_empty() && !exists(&machine.path("work/mine.json")));
}

#[test]
fn drift_leaves_what_differs() {
    for (code, changes, fail_on, ends) in [
        (0, "false", "error", 0),
        (2, "true", "error", 0),
        (2, "true", "changes", 2),
        (1, "unknown", "error", 1),
        (3, "unknown", "error", 3),
    ] {
        let machine = Machine::new();
        machine.ends("drift", code);
        let acted = act(&machine, &[("command", "drift"), ("fail-on", fail_on)], &PUSH);
        assert_eq!((acted.code, acted.output("has-changes")), (ends, changes), "{}", acted.log);
        assert!(!machine.has_run("comment"), "there is no pull request to comment on");
        assert!(exists(acted.output("comment-file")));
        // Every line with names from the tenant is in a code block.
        let summary = machine.read("temp/summary.md");
        assert!(
            summary.lines().filter(|line| line.contains("hr-prod")).all(|line| line.starts_with("    ")),
            "{summary}"
        );
        assert_taken(&machine.calls().into_iter().filter(|call| call[0] != "--version").collect::<Vec<_>>());
    }
}

#[test]
fn warnings_and_changes_fail_where_that_is_asked_for() {
    let fails = |command: &str, code: i32, fail_on: &str| {
        let machine = Machine::new();
        machine.ends(command, code);
        let acted = act(
            &machine,
            &[("command", command), ("fail-on", fail_on), ("args", "--allow=A303:hr/app-passes\n")],
            &PUSH,
        );
        let calls = machine.calls();
        let call = calls.iter().find(|call| call[0] == command).expect("it was run");
        assert!(call.iter().any(|argument| argument == "--allow=A303:hr/app-passes"));
        (acted.code, call.iter().any(|argument| argument == "--strict"))
    };
    assert_eq!(fails("plan", 2, "changes"), (2, false));
    assert_eq!(fails("plan", 2, "warning"), (0, true));
    assert_eq!(fails("plan", 2, "error"), (0, false));
    assert_eq!(fails("validate", 3, "warning"), (3, true));
    for wrong in [("command", "destroy"), ("fail-on", "nothing"), ("comment", "loudly")] {
        let machine = Machine::new();
        assert_eq!(act(&machine, &[("command", "plan"), wrong], &PULL_REQUEST).code, 1, "{wrong:?}");
    }
}

#[test]
fn a_comment_goes_where_it_may() {
    let comments = |inputs: &[(&str, &str)], event: &[(&str, &str)], code: i32| {
        let machine = Machine::new();
        machine.ends(inputs[0].1, code);
        act(&machine, inputs, event);
        machine.has_run("comment")
    };
    assert!(comments(&[("command", "validate")], &PULL_REQUEST, 0));
    assert!(!comments(&[("command", "validate")], &FORK, 0), "its token cannot write");
    assert!(!comments(&[("command", "plan"), ("comment", "always")], &FORK, 2));
    assert!(!comments(&[("command", "plan")], &PUSH, 2), "there is no pull request");
    assert!(!comments(&[("command", "plan"), ("comment", "never")], &PULL_REQUEST, 2));
    let on_change = [("command", "plan"), ("comment", "on-change")];
    assert_eq!([0, 2, 3, 1].map(|code| comments(&on_change, &PULL_REQUEST, code)), [false, true, true, true]);
    // A failed post is reported, and fails the step only if the comment is its purpose.
    for (comment, ends) in [("auto", 0), ("always", 1)] {
        let machine = Machine::new();
        machine.ends("comment", 1);
        let acted = act(&machine, &[("command", "plan"), ("comment", comment)], &PULL_REQUEST);
        assert_eq!(acted.code, ends, "{}", acted.log);
        assert!(acted.log.contains("could not be posted") && !acted.log.contains("planted-token"));
    }
    let machine = Machine::new();
    machine.is_silent();
    let acted = act(&machine, &[("command", "plan")], &PULL_REQUEST);
    assert!(acted.code == 1 && !machine.has_run("comment") && acted.log.contains("left no answer"), "{}", acted.log);
}

/// Fake programs for the toolchain and for the releases page.
fn with_toolchain(machine: &Machine) {
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs", "schemas/a.json"] {
        machine.write(&format!("sources/{file}"), file);
    }
    let cargo = "#!/usr/bin/env bash\nIFS=$'\\x1f'\nprintf '%s\\n' \"$PWD\x1f$*\" >>\"$STUB/cargo\"\n";
    let install = "mkdir -p \"${*: -1}/bin\" && cp \"$STUB/allot\" \"${*: -1}/bin/allot\"\n";
    machine.program("cargo", &format!("{cargo}{install}"));
    machine.program_at("stub/allot", Machine::allot());
}

#[test]
fn without_a_release_it_is_built_from_the_sources_of_the_action() {
    let machine = Machine::bare();
    with_toolchain(&machine);
    let acted = act(&machine, &[("command", "validate")], &PUSH);
    assert!(acted.code == 0 && machine.has_run("validate"), "{}", acted.log);
    let (sources, root) = (machine.path("sources"), machine.path("temp/allot-root"));
    let expected = [sources.as_str(), "install", "--locked", "--path", ".", "--root", &root];
    assert_eq!(machine.calls_in("cargo"), [expected], "away from the checkout, which may hold settings of cargo");
    // A cached program is not built again.
    act(&machine, &[("command", "validate")], &PUSH);
    assert_eq!(machine.calls_in("cargo").len(), 1);
    let without = Machine::bare();
    without.write("sources/Cargo.toml", "");
    let acted = act(&without, &[("command", "validate")], &PUSH);
    assert!(acted.code != 0 && !without.has_run("validate"), "{}", acted.log);
}

#[test]
fn a_release_is_installed_only_where_its_checksum_is_right() {
    let pack = "tar -czf \"$STUB/archive\" -C \"$STUB\" allot; sha256sum \"$STUB/archive\" | cut -c 1-64";
    let curl = "#!/usr/bin/env bash\nfor word in \"$@\"; do\n  case \"$previous\" in --output) out=$word ;; esac\n  previous=$word\ndone\n\
                case \"$out\" in SHA256SUMS) cp \"$STUB/sums\" \"$out\" ;; *) cp \"$STUB/archive\" \"$out\" ;; esac\n";
    // An old `gh`, which does not support attestations.
    let gh = "#!/usr/bin/env bash\nexit 1\n";
    let archive = "allot-1.2.3-x86_64-unknown-linux-gnu.tar.gz";
    let installs = |version: &str, sums: &dyn Fn(&str) -> String| {
        let machine = Machine::bare();
        machine.program_at("stub/allot", Machine::allot());
        machine.program("curl", curl);
        machine.program("gh", gh);
        let packed = machine.run(pack, &BTreeMap::new());
        machine.write("stub/sums", &sums(packed.log.trim()));
        let acted = act(&machine, &[("command", "validate"), ("version", version)], &PUSH);
        assert_eq!(acted.code == 0, machine.has_run("validate"), "{}", acted.log);
        acted.code == 0
    };
    let right = |sum: &str| format!("{sum}  {archive}\n{sum}  another.tar.gz\n");
    assert!(installs("1.2.3", &right) && installs("v1.2.3", &right));
    assert!(!installs("1.2.3", &|_| format!("{}  {archive}\n", "0".repeat(64))), "another checksum");
    assert!(!installs("1.2.3", &|sum| format!("{sum}  another.tar.gz\n")), "no checksum");
    assert!(!installs("1.2.3", &|_| String::new()), "no checksums");
    assert!(!installs("1.2.3/../../evil", &right) && !installs("latest", &right), "no version");
}

#[test]
fn a_release_is_installed_only_where_its_attestation_holds() {
    let curl = "#!/usr/bin/env bash\nfor word in \"$@\"; do\n  case \"$previous\" in --output) out=$word ;; esac\n  previous=$word\ndone\n\
                case \"$out\" in *.tar.gz) cp \"$STUB/archive\" \"$out\" ;; *) cp \"$STUB/$out\" \"$out\" ;; esac\n";
    let gh = "#!/usr/bin/env bash\nIFS=$'\\x1f'\nprintf '%s\\n' \"$*\" >>\"$STUB/gh\"\n\
              case \"$3\" in --help) ;; *) [[ -f provenance.json && \"${GH_TOKEN:-none}\" == none ]] && exit \"$(<\"$STUB/holds\")\" ;; esac\n";
    for (holds, expected) in [("0", true), ("1", false)] {
        let machine = Machine::bare();
        machine.program_at("stub/allot", Machine::allot());
        machine.program("curl", curl);
        machine.program("gh", gh);
        machine.write("stub/holds", holds);
        machine.write("stub/provenance.json", "{}");
        let archive = "allot-1.2.3-x86_64-unknown-linux-gnu.tar.gz";
        let pack = format!(
            "cd \"$STUB\"; echo MIT >LICENSE-MIT; tar -czf archive allot LICENSE-MIT; cp archive {archive}; sha256sum {archive} >SHA256SUMS"
        );
        machine.run(&pack, &BTreeMap::new());
        let acted = act(&machine, &[("command", "validate"), ("version", "1.2.3")], &PUSH);
        assert_eq!((acted.code == 0, machine.has_run("validate")), (expected, expected), "{}", acted.log);
        let root = machine.path("temp/allot-root/bin");
        let installed: Vec<_> = std::fs::read_dir(root).expect("a folder").filter_map(Result::ok).collect();
        assert_eq!(installed.len(), usize::from(expected), "the program, and nothing else");
        let asked = machine.calls_in("gh").pop().expect("it was asked");
        assert!(asked.starts_with(&["attestation".into(), "verify".into(), archive.into()]), "{asked:?}");
        assert!(asked.last().is_some_and(|last| last.ends_with("/.github/workflows/release.yml")), "{asked:?}");
    }
}
