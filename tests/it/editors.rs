//! The schemas in editors: `ajv`, the validator of many, compiles them; npm's `yaml-language-server`, which runs in VS Code, finds
//! them by the first line of a file, checks with them, completes, and shows descriptions.

mod add_ons;
mod texts;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::independent_schema::{files_in_order, is_beyond_schemas, short};
use crate::nasty::corpus;
use crate::node::node_modules_with;
use crate::support::Folder;

const AJV: (&str, &str) = ("ajv", "8.20.0");
/// The last version that runs on every maintained Node.
const LANGUAGE_SERVER: (&str, &str) = ("yaml-language-server", "1.25.0");

/// Files that `allot` refuses for a tag or a character, which the YAML reader of this test ignores.
const READ_OTHERWISE: [&str; 3] = ["nasty/yaml-line-separator", "nasty/yaml-next-line", "nasty/yaml-tag-python"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The answer of a script in `tests/clients` to a job.
fn answer<T: for<'de> Deserialize<'de>>(script: &str, job: &Value) -> T {
    let folder = Folder::with(&[("job.json", &job.to_string())]);
    let script = root().join("tests/clients").join(script);
    let output = Command::new("node").arg(script).arg(folder.path("job.json")).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

/// A document of a test for `ajv`.
#[derive(Serialize)]
struct Judged {
    name: String,
    value: Value,
    #[serde(skip)]
    is_refused: bool,
}

/// The documents among these that YAML reads as one value, with our own verdict on them.
fn judged<'a>(files: &'a [PathBuf], is_refused: fn(&Path) -> bool) -> impl Iterator<Item = Judged> + 'a {
    let value = |path: &PathBuf| {
        let value: serde_yaml::Value = serde_yaml::from_str(&fs::read_to_string(path).ok()?).ok()?;
        serde_json::to_value(value).ok()
    };
    files.iter().filter(|path| !READ_OTHERWISE.contains(&short(path).as_str())).filter_map(move |path| {
        Some(Judged { name: path.display().to_string(), value: value(path)?, is_refused: is_refused(path) })
    })
}

/// The verdict of `allot validate`, as it is kept beside a file of a corpus.
fn has_exit_3(path: &Path) -> bool {
    fs::read_to_string(path.with_extension("txt")).expect("its golden file").starts_with("exit 3\n")
}

#[test]
fn ajv_compiles_both_schemas_and_agrees_with_validate() {
    let Some(modules) = node_modules_with(AJV.0, AJV.1) else { return };
    let started = Folder::with(&[]);
    let (roots, environments) = files_in_order(&started);
    let all = [
        ("allotment.schema.json", roots, corpus("nasty"), 90),
        ("environments.schema.json", environments, corpus("nasty-environments"), 50),
    ];
    let schema = |(schema, good, mut corpus, least): (&str, Vec<PathBuf>, Vec<PathBuf>, usize)| {
        corpus.retain(|path| !is_beyond_schemas(&short(path)));
        let documents: Vec<Judged> = judged(&good, |_| false).chain(judged(&corpus, has_exit_3)).collect();
        assert!(good.iter().all(|file| documents.iter().any(|it| *it.name == *file.to_string_lossy())), "all are YAML");
        let wrong = documents.iter().filter(|it| it.is_refused).count();
        assert!(wrong >= least, "{wrong} documents are wrong");
        (root().join("schemas").join(schema), documents)
    };
    let schemas = all.map(schema);
    let listed = schemas.each_ref().map(|(schema, documents)| json!({ "schema": schema, "documents": documents }));
    let refused: [BTreeSet<String>; 2] =
        answer("schemas_in_ajv.cjs", &json!({ "modules": modules, "schemas": listed }));
    for (theirs, (_, documents)) in refused.iter().zip(&schemas) {
        let differs = |it: &&Judged| theirs.contains(&it.name) != it.is_refused;
        let differing: Vec<&String> = documents.iter().filter(differs).map(|it| &it.name).collect();
        assert!(differing.is_empty(), "ajv disagrees: {differing:?}");
    }
}

/// A document as an editor holds it, and what the editor must show.
#[derive(Default)]
struct Opened {
    file: PathBuf,
    text: String,
    /// The line and the beginning of every message.
    diagnostics: Vec<(usize, &'static str)>,
    /// Texts, each with a part of the hover text at its end.
    hover: Vec<(&'static str, &'static str)>,
    /// A text, and completions that are offered after it.
    complete: Option<(&'static str, &'static [&'static str])>,
}

/// The messages, hover texts and completions of an editor.
#[derive(Debug, Deserialize)]
struct Shown {
    diagnostics: Vec<Diagnostic>,
    hovers: Vec<Option<String>>,
    completions: Vec<Completion>,
}

#[derive(Debug, Deserialize)]
struct Completion {
    label: String,
    inserted: String,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    line: usize,
    message: String,
}

const ROOT: &str = "examples/quickstart/allotment.yaml";
const ENVIRONMENTS: &str = "examples/contoso/environments/hr.yaml";

/// An unsaved file: an example in which one text, which occurs once, is replaced. The file is beside the example, so that the path
/// in its first line leads to the same schema.
fn edited(example: &str, name: &str, before: &str, after: &str) -> Opened {
    let text = fs::read_to_string(root().join(example)).expect("an example");
    assert_eq!(text.matches(before).count(), 1, "{example} has {before:?} once");
    let file = root().join(example).with_file_name(format!("{name}.yaml"));
    Opened { file, text: text.replace(before, after), ..Opened::default() }
}

/// The same with an invalid edit, which the editor must report on its line.
fn wrong(example: &str, name: &str, before: &str, after: &str, message: &'static str) -> Opened {
    let opened = edited(example, name, before, after);
    let (above, _) = opened.text.split_once(after).expect("it was put there");
    let line = above.matches('\n').count() + 1;
    Opened { diagnostics: vec![(line, message)], ..opened }
}

/// Every file of the examples, each as it is.
fn examples() -> Vec<Opened> {
    let (roots, environments) = files_in_order(&Folder::with(&[]));
    let as_it_is = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("a file");
        Opened { file, text, ..Opened::default() }
    };
    roots.into_iter().chain(environments).filter(|file| file.starts_with(root())).map(as_it_is).collect()
}

fn wrong_files() -> Vec<Opened> {
    let no_name = "No add-on has this name; did you mean `app-passes` or `app-passes-teams`?";
    let not_held = "This add-on cannot be allocated to environments.";
    let no_amount = "Write the amount in digits only, such as 500000, or";
    let no_class = "Value is not accepted. Valid values: \"production\", \"sandbox\"";
    vec![
        wrong(ROOT, "unknown-key", "reserve:", "reserved:", "Property reserved is not allowed."),
        wrong(ROOT, "unknown-add-on", "app-passes: 25", "app-pases: 25", no_name),
        wrong(ROOT, "no-amount", "app-passes: 25", "app-passes: many", no_amount),
        wrong(ROOT, "below-zero", "app-passes: 25", "app-passes: -25", "Value is below the minimum of 0."),
        wrong(ROOT, "no-such-version", "version: 1", "version: 2", "Value is not accepted. Valid values: 1."),
        wrong(ROOT, "no-name", "tenant:\n  name: quickstart", "tenant:", "Missing property \"name\"."),
        wrong(ENVIRONMENTS, "unknown-owner", "owner: hr", "onwer: hr", "Property onwer is not allowed."),
        wrong(ENVIRONMENTS, "unknown-class", "class: sandbox", "class: sandbx", no_class),
        wrong(ENVIRONMENTS, "no-switch", "protect: true", "protect: perhaps", "Incorrect type. Expected \"boolean\"."),
        wrong(ENVIRONMENTS, "unknown-pass", "app-passes: 15", "app-pases: 15", no_name),
        wrong(ENVIRONMENTS, "not-allocatable", "app-passes: 15", "invoice: 15", not_held),
        wrong(ENVIRONMENTS, "a-text", "app-passes: 15", "app-passes: \"15\"", no_amount),
    ]
}

/// Files in which a person types and looks something up.
fn helped_files() -> Vec<Opened> {
    let line = "      app-passes: 15\n      ";
    vec![
        Opened {
            complete: Some(("purchased:\n  ", &["copilot-credits", "process", "invoice"])),
            hover: vec![("reserve:", "Units that no plan may allocate: a number, or a share of what was purchased")],
            ..edited(ROOT, "typed-purchase", "purchased:\n", "purchased:\n  \n")
        },
        Opened {
            complete: Some((line, &["copilot-credits", "portal-logins"])),
            hover: vec![(line.trim_end().trim_end_matches(": 15"), "App passes, in passes.")],
            ..edited(ENVIRONMENTS, "typed-allocation", "      app-passes: 15\n", "      app-passes: 15\n      \n")
        },
    ]
}

/// Wrong files whose first line names no schema: nothing else tells an editor which one is meant.
fn files_without_a_schema() -> Vec<Opened> {
    let without = |opened: Opened, name: &str| {
        let (first, rest) = opened.text.split_once('\n').expect("a first line");
        assert!(first.starts_with("# yaml-language-server: $schema=../"), "{first}");
        let file = opened.file.with_file_name(format!("{name}.yaml"));
        Opened { file, text: rest.to_owned(), ..Opened::default() }
    };
    wrong_files().into_iter().enumerate().map(|(at, opened)| without(opened, &format!("unchecked-{at}"))).collect()
}

/// What an editor shows for each document.
fn show(modules: &Path, documents: &[Opened]) -> Vec<Shown> {
    let listed = |opened: &Opened| {
        json!({
            "file": opened.file,
            "text": opened.text,
            "hover": opened.hover.iter().map(|(at, _)| at).collect::<Vec<_>>(),
            "complete": opened.complete.map(|(at, _)| at),
        })
    };
    let job = json!({ "modules": modules, "documents": documents.iter().map(listed).collect::<Vec<_>>() });
    let shown: Vec<Shown> = answer("yaml_in_editor.cjs", &job);
    assert_eq!(shown.len(), documents.len());
    shown
}

#[test]
fn an_editor_checks_completes_and_explains() {
    let Some(modules) = node_modules_with(LANGUAGE_SERVER.0, LANGUAGE_SERVER.1) else { return };
    let examples = examples();
    assert!(examples.len() >= 11, "three roots and eight files of environments");
    let documents: Vec<Opened> =
        examples.into_iter().chain(wrong_files()).chain(helped_files()).chain(files_without_a_schema()).collect();
    let shown = show(&modules, &documents);
    for (opened, shown) in documents.iter().zip(&shown) {
        let file = opened.file.display();
        let is_wanted = |(found, (line, message)): (&Diagnostic, &(usize, &str))| {
            found.line == *line && found.message.starts_with(message)
        };
        let diagnostics = &shown.diagnostics;
        let as_wanted =
            diagnostics.len() == opened.diagnostics.len() && diagnostics.iter().zip(&opened.diagnostics).all(is_wanted);
        assert!(as_wanted, "{file}: {diagnostics:?} and not {:?}", opened.diagnostics);
        for ((_, words), hover) in opened.hover.iter().zip(&shown.hovers) {
            assert!(hover.as_ref().is_some_and(|text| text.contains(words)), "{file}: {hover:?}");
        }
        for word in opened.complete.into_iter().flat_map(|(_, words)| words) {
            assert!(
                shown.completions.iter().any(|offered| offered.label == *word),
                "{file} does not offer {word}: {shown:?}"
            );
        }
    }
}
