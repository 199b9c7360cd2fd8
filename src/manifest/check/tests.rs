//! Whole configurations, valid and invalid, and the agreement of decoder and schema.

use std::path::Path;

use jiff::civil::date;

use super::{Checked, Inputs, check};
use crate::manifest::decode;
use crate::manifest::parse::parse;
use crate::manifest::schema::Validators;
use crate::manifest::starter;
use crate::manifest::tree::Node;
use crate::model::catalog::AddOn;
use crate::model::desired::{AmountOrigin, DesiredCell, DesiredState};
use crate::model::finding::Finding;
use crate::model::source::Sources;
use crate::model::terms::Units;

const ROOT: &str = "version: 1\ntenant: { name: t }\n";
const ID: &str = "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55";

fn inputs(root: &str, files: &[&str]) -> Inputs {
    let mut sources = Sources::new();
    let root = sources.add("allotment.yaml", root);
    let files = files.iter().enumerate().map(|(at, text)| sources.add(format!("{at}.yaml"), *text)).collect();
    Inputs { sources, root, files, findings: Vec::new() }
}

fn valid(inputs: &Inputs) -> DesiredState {
    match check(inputs) {
        Checked::Valid { desired, .. } => *desired,
        Checked::Invalid { findings } => panic!("{findings:#?}"),
    }
}

fn one_line(finding: &Finding, sources: &Sources) -> String {
    let place = finding.primary.as_ref().map_or(String::new(), |label| sources.place(label.span).to_string());
    let help = finding.help.first().map_or(String::new(), |help| format!(" [{help}]"));
    format!("{} {place} {}{help}", finding.code, finding.message)
}

/// All findings about a root and its environment files, one line each.
fn messages(root: &str, files: &[&str]) -> Vec<String> {
    let inputs = inputs(root, files);
    let (Checked::Valid { findings, .. } | Checked::Invalid { findings }) = check(&inputs);
    findings.iter().map(|finding| one_line(finding, &inputs.sources)).collect()
}

fn allocation(text: &str) -> String {
    format!("{ROOT}environments:\n  a:\n    id: {ID}\n    allocations: {{ {text} }}\n")
}

#[test]
fn the_examples_are_valid() {
    for (folder, environments) in [("quickstart", 3), ("contoso", 40)] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(folder);
        let root = std::fs::read_to_string(folder.join("allotment.yaml")).unwrap();
        let files: Vec<String> = std::fs::read_dir(folder.join("environments"))
            .map(|all| all.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect())
            .unwrap_or_default();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        assert_eq!(messages(&root, &files), Vec::<String>::new());
        assert_eq!(valid(&inputs(&root, &files)).environments.len(), environments);
    }
}

#[test]
fn the_starter_is_valid() {
    let [(_, root), (_, first)] = starter::FILES else { panic!("two files") };
    assert_eq!(messages(root, &[first]), Vec::<String>::new());
    assert_eq!(valid(&inputs(root, &[first])).environments.len(), 1);
}

#[test]
fn other_notations_of_amounts_get_a_suggestion() {
    for (written, expected) in [
        ("500_000", "write 500000"),
        ("'500,000'", "write 500000"),
        ("012", "write 12"),
        ("1e3", "write 1000"),
        ("\"120\"", "write 120"),
        ("10.0", "write 10"),
        ("-5", "write the whole amount that is meant; amounts are never relative to what is held"),
        ("+20", "write the whole amount that is meant; amounts are never relative to what is held"),
        ("20 passes", "write 20; its key says what it counts"),
        ("2 packs", "write `{ packs: 2 }`, or the number of units"),
        ("2 million", "write the whole number in digits only"),
        ("30 45", "write the whole number in digits only"),
        ("500 000", "write 500000"),
        ("3%", "write a number of units; only `reserve` takes a percentage"),
        ("1.5", "write the whole number in digits only"),
    ] {
        let findings = messages(&allocation(&format!("app-passes: {written}")), &[]);
        assert_eq!(findings.len(), 1, "{written}: {findings:?}");
        assert!(findings[0].starts_with("A106 allotment.yaml:6:32 "), "{findings:?}");
        assert!(findings[0].ends_with(&format!("[{expected}]")), "{findings:?}");
    }
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
#[test]
fn one_fault_is_one_finding() {
    let environment = |more: &str| format!("{ROOT}environments: {{ a: {{ id: {ID}{more} }} }}\n");
    let mut wrong = Vec::new();
    for (root, expected) in [
        (
            allocation("app-pases: 1"),
            "A113 allotment.yaml:6:20 no add-on is called `app-pases` [did you mean `app-passes`?]",
        ),
        (
            allocation("AppPass: 1"),
            "A118 allotment.yaml:6:20 `AppPass` is called `app-passes` here [write `app-passes`]",
        ),
        (allocation("invoice: 1"), "A117 allotment.yaml:6:20 Invoice cannot be allocated to environments"),
        (
            allocation("app-passes: 2147483648"),
            "A107 allotment.yaml:6:32 `app-passes` is 2,147,483,648; the maximum is 2,147,483,647",
        ),
        (allocation("app-passes: 1, AppPass: 2"), "A122"),
        (
            allocation("app-passes: { units: 1, grants: [{ add: 1, from: 2027-02-30 }] }"),
            "A108 allotment.yaml:6:69 `from` is `2027-02-30`, and the calendar has no such day [the last day of that month is 2027-02-28]",
        ),
        (allocation("app-passes: { units: 1, grants: [{ add: 1, from: 2027-02-02, until: 2027-02-01 }] }"), "A108"),
        (allocation("app-passes: { grants: [{ add: 1 }] }"), "A105"),
        (allocation("app-passes: { packs: 1 }"), "A120"),
        (allocation("app-passes: {}"), "A105"),
        (
            environment(", clas: sandbox"),
            "A103 allotment.yaml:3:64 an environment has no key `clas` [did you mean `class`?]",
        ),
        (
            environment(", class: sandbx"),
            "A120 allotment.yaml:3:71 `class` cannot be `sandbx` [did you mean `sandbox`?]",
        ),
        (
            environment(", budget: hr"),
            "A114 allotment.yaml:3:72 no budget is called `hr` [declare it under `budgets` of allotment.yaml]",
        ),
        (environment(", protect: yes"), "A104"),
        (environment(", name: 7"), "A104"),
        (format!("{ROOT}environments: {{ a: {{ name: x }} }}\n"), "A105 allotment.yaml:3:17 an environment lacks `id`"),
        (format!("{ROOT}environments: {{ a: {{ id: x }} }}\n"), "A119"),
        (format!("{ROOT}environments: {{ a b: {{ id: {ID} }} }}\n"), "A119"),
        (
            format!("{ROOT}floors: {{ a: {{ app-passes: 1 }} }}\n"),
            "A114 allotment.yaml:3:11 no environment is called `a`",
        ),
        (format!("{ROOT}reserve: {{ app-passes: 101% }}\n"), "A107"),
        (format!("{ROOT}reserve: {{ process: 1, unattended-rpa: 2 }}\n"), "A122"),
        (
            format!("{ROOT}debts: {{ process: 1, unattended-rpa: 2 }}\n"),
            "A122 allotment.yaml:3:22 Process + Unattended RPA share a pool, and its debt is declared twice [keep one, under `process`]",
        ),
        (
            format!("{ROOT}debts: {{ app-pases: 1 }}\n"),
            "A113 allotment.yaml:3:10 no add-on is called `app-pases` [did you mean `app-passes`?]",
        ),
        (
            format!("{ROOT}debts: {{ app-passes: 1_000 }}\n"),
            "A106 allotment.yaml:3:22 `1_000` is not a plain integer [write 1000]",
        ),
        (format!("{ROOT}debts: {{ app-passes: 9007199254740992 }}\n"), "A107"),
        (
            format!("{ROOT}debt: {{ app-passes: 1 }}\n"),
            "A103 allotment.yaml:3:1 the root file has no key `debt` [did you mean `debts`?]",
        ),
        (
            "version: 2\ntenant: { name: t }\n".to_owned(),
            "A120 allotment.yaml:1:10 version 2 of the language is unknown",
        ),
        ("version: 1\ntenant: { name: t, timeZone: Europe/Berln }\n".to_owned(), "A114 allotment.yaml:2:30"),
        ("version: 1\ntenant: { provider: local }\n".to_owned(), "A105"),
        ("version: 1\n".to_owned(), "A105"),
    ] {
        let findings = messages(&root, &[]);
        if findings.len() != 1 || !findings[0].starts_with(expected) {
            wrong.push((root, expected, findings));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn conflicts_between_files_are_found() {
    let file = |key: &str, id: &str| format!("version: 1\nenvironments: {{ {key}: {{ id: \"{id}\" }} }}\n");
    let other = "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21";
    let findings = messages(ROOT, &[&file("a", ID), &file("b", &ID.to_uppercase())]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].starts_with("A115 1.yaml:2:26 `b` and `a` have the same id"), "{findings:?}");
    let findings = messages(ROOT, &[&file("a", ID), &file("a", other)]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].starts_with("A116 1.yaml:2:17 "), "{findings:?}");
    // An unreadable file may declare the environment of the floor.
    let floors = format!("{ROOT}floors: {{ a: {{ app-passes: 1 }} }}\n");
    let findings = messages(&floors, &["version: [\n"]);
    assert!(findings.iter().all(|finding| finding.starts_with("A101")), "{findings:?}");
    let findings = messages(&floors, &["version: 1\nenvironments: 5\n"]);
    assert!(matches!(findings.as_slice(), [only] if only.starts_with("A104 0.yaml:2:15 ")), "{findings:?}");
}

#[test]
fn own_fields_of_an_environment_override_class_defaults() {
    let root = format!(
        "{ROOT}defaults:\n  sandbox:\n    app-passes: 7\n    ai-builder-credits: {{ packs: 2 }}\n    \
         copilot-credits: {{ units: 5, whenExhausted: {{ alert: true, deny: true }} }}\n    portal-logins: 3\n\
         environments:\n  a:\n    id: {ID}\n    class: sandbox\n    allocations:\n      portal-logins: unmanaged\n      \
         app-passes: 9\n      copilot-credits: {{ whenExhausted: {{ deny: false }} }}\n"
    );
    let desired = valid(&inputs(&root, &[]));
    let environment = desired.environments.values().next().unwrap();
    let seen = |slug: &str| match environment.cell(&AddOn::from_slug(slug).unwrap()).unwrap() {
        DesiredCell::Unmanaged(_) => "unmanaged".to_owned(),
        DesiredCell::Managed(cell) => {
            let switches: Vec<String> =
                cell.switches().iter().map(|(switch, on)| format!("{}={}", switch.as_str(), on.value)).collect();
            let own = if cell.origin == AmountOrigin::Environment { "own" } else { "class" };
            format!("{} {own} {}", cell.effective(date(2026, 1, 1)).unwrap(), switches.join(","))
        }
    };
    assert_eq!(seen("app-passes"), "9 own ");
    assert_eq!(seen("ai-builder-credits"), "2000000 class ");
    assert_eq!(seen("copilot-credits"), "5 own alert=true,deny=false");
    assert_eq!(seen("portal-logins"), "unmanaged");
}

#[test]
fn digests_follow_the_content() {
    let root = format!("{ROOT}purchased: {{ app-passes: 5 }}\n");
    let file = format!("version: 1\nenvironments: {{ a: {{ id: {ID} }} }}\n");
    let of = |root: &str, files: &[&str]| valid(&inputs(root, files)).digests;
    let base = of(&root, &[&file]);
    assert_eq!(base.files.len(), 64);
    let without = of(&root, &[]);
    assert_ne!(base.files, without.files);
    assert_eq!(base.rules, without.rules);
    assert_ne!(base.rules, of(&root.replace('5', "6"), &[&file]).rules);
    assert_eq!(base.rules, of(&format!("# a comment\n{root}"), &[&file]).rules);
}

#[test]
fn purchases_multiply_packs_and_end() {
    let root = format!(
        "{ROOT}purchased:\n  ai-builder-credits: {{ packs: 2, until: 2026-12-31 }}\n  portal-page-views: [{{ units: 5 }}]\n"
    );
    let desired = valid(&inputs(&root, &[]));
    let purchases = &desired.purchased[&AddOn::from_slug("ai-builder-credits").unwrap()];
    assert_eq!(purchases.effective(date(2026, 12, 31)), Units::new(2_000_000));
    assert_eq!(purchases.effective(date(2027, 1, 1)), Units::ZERO);
}

/// Values that the decoder and the schema must both accept or both refuse.
const VALUES: [&str; 24] = [
    "0",
    "12",
    "012",
    "1e3",
    "-1",
    "10.0",
    "\"5\"",
    "3%",
    "101%",
    "true",
    "'true'",
    "yes",
    "~",
    "unmanaged",
    "text",
    "''",
    "' '",
    "[]",
    "[1]",
    "{}",
    "9007199254740992",
    "2147483648",
    "2027-01-01",
    "{ units: 1 }",
];

/// Asserts that decoder and schema refuse the same values in the place of `VALUE`. Returns the number of comparisons.
fn agree(
    shapes: &[&str],
    head: impl Fn(&str) -> &'static str,
    decoder_refuses: impl Fn(&Node, &str) -> bool,
    schema_findings: impl Fn(&Node) -> Vec<Finding>,
) -> usize {
    let mut compared = 0;
    for shape in shapes {
        for value in VALUES {
            let text = format!("{}{}\n", head(shape), shape.replace("ID", ID).replace("VALUE", value));
            let mut sources = Sources::new();
            let parsed = parse(sources.add("a", text.as_str()), &text);
            let (Some(node), true) = (parsed.root, parsed.findings.is_empty()) else { continue };
            let refused = schema_findings(&node);
            assert_eq!(decoder_refuses(&node, &text), !refused.is_empty(), "{text}{refused:?}");
            compared += 1;
        }
    }
    compared
}

#[test]
fn the_schema_and_the_decoder_agree() {
    let validators = Validators::new();
    let shapes = [
        "version: VALUE\ntenant: { name: t }",
        "tenant: VALUE",
        "version: 1\ntenant: { name: VALUE }",
        "version: 1\ntenant: { name: t, provider: VALUE }",
        "version: 1\ntenant: { name: t, id: VALUE }",
        "include: VALUE",
        "include: [VALUE]",
        "purchased: VALUE",
        "purchased: { app-passes: VALUE }",
        "purchased: { app-passes: { units: VALUE } }",
        "purchased: { app-passes: { units: 1, packs: VALUE } }",
        "purchased: { app-passes: { units: 1, from: VALUE } }",
        "reserve: { app-passes: VALUE }",
        "debts: VALUE",
        "debts: { app-passes: VALUE }",
        "budgets: { hr: VALUE }",
        "budgets: { hr: { limits: { app-passes: VALUE } } }",
        "budgets: { hr: { limits: { app-passes: [VALUE] } } }",
        "budgets: { hr: { limits: { app-passes: { units: VALUE } } } }",
        "budgets: { hr: { limits: { app-passes: { units: 1, until: VALUE } } } }",
        "budgets: { hr: { limits: { app-passes: { units: 1, agreement: VALUE } } } }",
        "defaults: { sandbox: { app-passes: VALUE } }",
        "defaults: { VALUE: {} }",
        "rules: VALUE",
        "rules: { maxDecrease: { percent: VALUE } }",
        "rules: { warnAtPercent: [VALUE] }",
        "rules: { neverBelowConsumption: VALUE }",
        "rules: { failBeforeExpiryDays: VALUE }",
        "rules: { requireTicket: [VALUE] }",
        "floors: { a: { app-passes: VALUE } }",
        "environments: VALUE",
        "environments: { a: { id: VALUE } }",
        "environments: { a: { id: ID, protect: VALUE } }",
        "environments: { a: { id: ID, owner: VALUE } }",
        "environments: { a: { id: ID, allocations: { app-passes: VALUE } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { units: VALUE, ticket: T } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { whenExhausted: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { units: 1, grants: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { units: 1, grants: [{ add: VALUE }] } } } }",
    ];
    let compared = agree(
        &shapes,
        |shape| if shape.contains("tenant") { "" } else { ROOT },
        |node, text| decode::root(node, text).findings.iter().any(Finding::is_error),
        |node| validators.root(node),
    );
    assert!(compared > 500, "{compared}");
}

#[test]
fn the_schema_and_the_decoder_agree_on_environment_files() {
    let validators = Validators::new();
    let shapes = [
        "VALUE",
        "VALUE: {}\nenvironments: {}",
        "version: VALUE\nenvironments: {}",
        "budget: VALUE\nenvironments: {}",
        "owner: VALUE\nenvironments: {}",
        "tenant: VALUE\nenvironments: {}",
        "environments: VALUE",
        "environments: { VALUE: { id: ID } }",
        "environments: { a: VALUE }",
        "environments: { a: { id: VALUE } }",
        "environments: { a: { id: ID, VALUE: 1 } }",
        "environments: { a: { id: ID, name: VALUE } }",
        "environments: { a: { id: ID, class: VALUE } }",
        "environments: { a: { id: ID, protect: VALUE } }",
        "environments: { a: { id: ID, budget: VALUE } }",
        "environments: { a: { id: ID, owner: VALUE } }",
        "environments: { a: { id: ID, allocations: VALUE } }",
        "environments: { a: { id: ID, allocations: { VALUE: 1 } } }",
        "environments: { a: { id: ID, allocations: { app-passes: VALUE } } }",
        "environments: { a: { id: ID, allocations: { AppPass: VALUE } } }",
        "environments: { a: { id: ID, allocations: { invoice: VALUE } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { units: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { ai-builder-credits: { units: 1, packs: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { units: 1, ticket: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { units: 1, reason: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { ticket: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { units: 1, VALUE: 1 } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { units: 1, whenExhausted: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { whenExhausted: { alert: VALUE } } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { whenExhausted: { VALUE: true } } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { grants: VALUE } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { grants: [VALUE] } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { grants: [{ add: VALUE }] } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { grants: [{ add: 1, from: VALUE }] } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { grants: [{ add: 1, until: VALUE }] } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { grants: [{ add: 1, ticket: VALUE }] } } } }",
        "environments: { a: { id: ID, allocations: { app-passes: { grants: [{ add: 1, VALUE: 1 }] } } } }",
    ];
    let head = |shape: &str| match shape {
        "VALUE" => "",
        shape if shape.starts_with("version") => "",
        _ => "version: 1\n",
    };
    let compared = agree(
        &shapes,
        head,
        |node, text| decode::environments(node, text).findings.iter().any(Finding::is_error),
        |node| validators.environments(node),
    );
    assert!(compared > 700, "{compared}");
}

/// An exception accepts the code and scope that a refusal prints after `--allow`, even for an add-on that the catalog
/// does not know.
#[test]
fn an_exception_takes_the_scope_of_a_refusal() {
    let entry = "allow: [{ code: A310, scope: \"a/unknown:VoiceMinutes\", until: 2099-12-31 }]\n";
    assert!(messages(&(allocation("app-passes: 1") + entry), &[]).is_empty());
}
