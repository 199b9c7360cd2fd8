//! Names and amounts of add-ons in an editor: completions, messages and hover texts at each place that has them.

use std::collections::BTreeSet;

use allotment::model::catalog::CATALOG;
use allotment::model::catalog::names::other_names;

use super::{ENVIRONMENTS, LANGUAGE_SERVER, Opened, ROOT, Shown, root, show};
use crate::node::node_modules_with;

const ROOT_START: &str = "# yaml-language-server: $schema=../../schemas/allotment.schema.json
version: 1
tenant: { name: contoso }
";
const ENVIRONMENTS_START: &str = "# yaml-language-server: $schema=../../../schemas/environments.schema.json
version: 1
environments:
  hr:
    id: 00000000-0000-4000-8000-00000000000a
    allocations:
";

/// A root file that ends with these lines.
fn in_root(name: &str, lines: &str) -> Opened {
    let file = root().join(ROOT).with_file_name(format!("add-ons-{name}.yaml"));
    Opened { file, text: format!("{ROOT_START}{lines}"), ..Opened::default() }
}

/// A file of environments that ends with these lines, which are below `allocations:`.
fn in_allocations(name: &str, lines: &str) -> Opened {
    let file = root().join(ENVIRONMENTS).with_file_name(format!("add-ons-{name}.yaml"));
    Opened { file, text: format!("{ENVIRONMENTS_START}{lines}"), ..Opened::default() }
}

/// The messages of a document, each with its line.
fn messages(shown: &Shown) -> Vec<(usize, &str)> {
    shown.diagnostics.iter().map(|found| (found.line, found.message.as_str())).collect()
}

#[test]
fn completing_an_add_on_offers_the_slugs_and_an_amount_that_is_not_zero() {
    let Some(modules) = node_modules_with(LANGUAGE_SERVER.0, LANGUAGE_SERVER.1) else { return };
    let places = [
        ("purchased:\n  ", 18, "app-passes: ${1:10}", "copilot-credits: ${1:25000}"),
        ("reserve:\n  ", 15, "app-passes: ${1:3%}", "copilot-credits: ${1:3%}"),
        ("debts:\n  ", 15, "app-passes: ${1:10}", "copilot-credits: ${1:25000}"),
        ("budgets:\n  hr:\n    limits:\n      ", 15, "app-passes: ${1:10}", "copilot-credits: ${1:25000}"),
        ("floors:\n  hr:\n    ", 15, "app-passes: ${1:10}", "copilot-credits: ${1:25000}"),
        ("defaults:\n  trial:\n    ", 15, "app-passes: ${1:10}", "copilot-credits: ${1:25000}"),
        ("rules:\n  maxDecrease:\n    units:\n      ", 15, "app-passes: ${1:10}", "copilot-credits: ${1:25000}"),
        ("rules:\n  requireTicket:\n    - ", 15, "app-passes", "copilot-credits"),
        ("    allocations:\n      ", 15, "app-passes: ${1:10}", "copilot-credits: ${1:25000}"),
    ];
    let document = |(at, (place, ..)): (usize, &(&'static str, usize, &str, &str))| {
        let name = format!("completed-{at}");
        let opened = match place.strip_prefix("    allocations:\n") {
            Some(blank) => in_allocations(&name, &format!("{blank}\n")),
            None => in_root(&name, &format!("{place}\n")),
        };
        Opened { complete: Some((*place, &[])), ..opened }
    };
    let documents: Vec<Opened> = places.iter().enumerate().map(document).collect();
    let slugs: BTreeSet<&str> = CATALOG.iter().map(|entry| entry.slug).collect();
    for (shown, (place, count, passes, credits)) in show(&modules, &documents).iter().zip(places) {
        let offered = &shown.completions;
        assert_eq!(offered.len(), count, "{place}: {offered:?}");
        for completion in offered {
            assert!(slugs.contains(completion.label.as_str()), "{place}: {completion:?}");
            assert!(!completion.inserted.contains(": 0") && !completion.inserted.contains(":0"), "{completion:?}");
            assert!(place.ends_with("- ") || completion.inserted.contains(": ${1:"), "{place}: {completion:?}");
        }
        for wanted in [passes, credits] {
            assert!(offered.iter().any(|completion| completion.inserted == wanted), "{place}: {offered:?}");
        }
    }
}

#[test]
fn completing_the_value_of_an_add_on_offers_its_forms() {
    let Some(modules) = node_modules_with(LANGUAGE_SERVER.0, LANGUAGE_SERVER.1) else { return };
    let documents = [
        Opened { complete: Some(("app-passes: ", &[])), ..in_allocations("value", "      app-passes: \n") },
        Opened { complete: Some(("app-passes: ", &[])), ..in_root("value", "purchased:\n  app-passes: \n") },
    ];
    let expected: [&[(&str, &str)]; 2] = [
        &[
            ("10", "10"),
            ("units and switches", "\n  units: ${1:10}\n  whenExhausted:\n    alert: ${2:true}"),
            ("unmanaged", "unmanaged"),
        ],
        &[("10", "10"), ("units until a day", "\n  units: ${1:10}\n  until: ${2:2027-12-31}")],
    ];
    for (shown, expected) in show(&modules, &documents).iter().zip(expected) {
        let offered: Vec<(&str, &str)> =
            shown.completions.iter().map(|offered| (offered.label.as_str(), offered.inserted.as_str())).collect();
        assert_eq!(offered, expected);
    }
}

#[test]
fn a_wrong_name_or_value_gets_one_sentence() {
    let Some(modules) = node_modules_with(LANGUAGE_SERVER.0, LANGUAGE_SERVER.1) else { return };
    let passes = "No add-on has this name; did you mean `app-passes` or `app-passes-teams`?";
    let credits = "No add-on has this name; did you mean `copilot-credits` or `copilot-sessions`?";
    let portal = "No add-on has this name; did you mean `portal-logins` or `portal-page-views` or `portal-add-ons`?";
    let unknown = "No add-on has this name; `allot explain` lists all names.";
    let not_held = "This add-on cannot be allocated to environments.";
    let only_unmanaged = "This version of allot does not know the add-on, so it can only be `unmanaged`.";
    let no_cell = "Write the amount in digits only, such as 500000, or `unmanaged`.";
    let no_purchase = "Write the amount in digits only, such as 500000, or purchases with `units` or `packs`.";
    let no_share = "Write the amount in digits only, such as 500000, or a share such as 3%.";
    let digits = "Write the amount in digits only, such as 500000.";
    let no_add_ons = "Write add-ons with their values below this key, such as `app-passes: 10`.";
    let in_root_file = [
        ("purchased: { app-pases: 3 }", passes),
        ("purchased: { portal-login: 3 }", portal),
        ("reserve: { wrong: 3% }", unknown),
        ("debts: { Copilot-Credits: 3 }", credits),
        ("rules: { requireTicket: [app-pases] }", passes),
        ("rules: { requireTicket: [3] }", "Write the name of an add-on, such as `app-passes`."),
        ("floors: { hr: { invoice: 3 } }", not_held),
        ("purchased: { app-passes: 1.5 }", no_purchase),
        ("purchased: { app-passes: [{ units: many }] }", digits),
        ("purchased: { app-passes: [{ units: 3, untill: x }] }", "Property untill is not allowed."),
        ("reserve: { app-passes: 3 % }", no_share),
        ("debts: { app-passes: 500.5 }", digits),
        ("purchased: 5", no_add_ons),
    ];
    let in_allocations_file = [
        ("app-pases: 3", passes),
        ("Portal-Add-Ons: 3", "No add-on has this name; did you mean `portal-logins` or `portal-page-views`?"),
        ("wrong-thing: 3", unknown),
        ("sc-messages: 3", not_held),
        ("Invoice: unmanaged", not_held),
        ("NewThing: 3", only_unmanaged),
        ("app-passes: 500,000", no_cell),
        ("app-passes: 1e3x", no_cell),
        ("app-passes: [1]", no_cell),
        ("app-passes: -1", "Value is below the minimum of 0."),
        ("app-passes: { units: 500.5 }", digits),
        ("app-passes: { units: 3, unit: 3 }", "Property unit is not allowed."),
    ];
    let roots = in_root_file.iter().enumerate().map(|(at, (line, _))| in_root(&format!("wrong-{at}"), line));
    let allocations = in_allocations_file.iter().enumerate();
    let allocations =
        allocations.map(|(at, (line, _))| in_allocations(&format!("wrong-{at}"), &format!("      {line}\n")));
    let documents: Vec<Opened> = roots.chain(allocations).collect();
    let expected = in_root_file.iter().map(|row| (4, row)).chain(in_allocations_file.iter().map(|row| (7, row)));
    for (shown, (line, (text, message))) in show(&modules, &documents).iter().zip(expected) {
        assert_eq!(messages(shown), [(line, *message)], "{text}");
        assert!(message.len() < 200, "{message}");
    }
}

/// Every name of the catalog is accepted; a name that lacks one letter of a slug gets exactly one message.
#[test]
fn every_other_name_is_accepted_and_every_misspelled_slug_gets_one_message() {
    let Some(modules) = node_modules_with(LANGUAGE_SERVER.0, LANGUAGE_SERVER.1) else { return };
    let all = CATALOG.iter().flat_map(|entry| std::iter::once(entry.slug).chain(other_names(entry)));
    let all: String = all.map(|name| format!("  {name}: 1\n")).collect();
    let held = CATALOG.iter().filter(|entry| entry.not_allocatable.is_none());
    let held: Vec<&str> = held.flat_map(|entry| std::iter::once(entry.slug).chain(other_names(entry))).collect();
    let allocations: String = held.iter().map(|name| format!("      {name}: 1\n")).collect();
    let shortened = |slug: &'static str| (0..slug.len()).map(move |at| format!("{}{}", &slug[..at], &slug[at + 1..]));
    let typos: BTreeSet<String> = CATALOG.iter().flat_map(|entry| shortened(entry.slug)).collect();
    assert!(held.len() > 60 && typos.len() > 200, "{held:?} {typos:?}");
    let wrong = |indent: &str| -> String { typos.iter().map(|name| format!("{indent}{name}: 1\n")).collect() };
    let documents = [
        in_root("names", &format!("purchased:\n{all}")),
        in_allocations("names", &allocations),
        in_root("typos", &format!("purchased:\n{}", wrong("  "))),
        in_allocations("typos", &wrong("      ")),
    ];
    let shown = show(&modules, &documents);
    assert_eq!(messages(&shown[0]), [], "purchased");
    assert_eq!(messages(&shown[1]), [], "allocations");
    for (shown, first) in [(&shown[2], 5), (&shown[3], 7)] {
        let lines: Vec<usize> = shown.diagnostics.iter().map(|found| found.line).collect();
        assert_eq!(lines, (first..first + typos.len()).collect::<Vec<usize>>());
        for found in &shown.diagnostics {
            assert!(found.message.starts_with("No add-on has this name; ") && found.message.len() < 200, "{found:?}");
        }
    }
}

#[test]
fn hover_says_what_an_amount_means_at_its_place() {
    let Some(modules) = node_modules_with(LANGUAGE_SERVER.0, LANGUAGE_SERVER.1) else { return };
    let root_lines = "purchased:
  app-passes: 25
reserve:
  app-passes: 3%
debts:
  app-passes: 1
budgets:
  hr:
    limits:
      app-passes: 5
floors:
  hr:
    app-passes: 2
defaults:
  trial:
    app-passes: unmanaged
rules:
  maxDecrease:
    units:
      app-passes: 7
";
    let long = "      app-passes:\n        units: 5\n      process: 3\n";
    let root_hovers = vec![
        ("purchased:\n  app-passes", "#### App passes: purchased\n\nApp passes, in passes. The amount purchased:"),
        ("reserve:\n  app-passes", "#### App passes: reserve\n\nApp passes, in passes. The amount that no plan may"),
        ("debts:\n  app-passes", "#### App passes: debt\n\nApp passes, in passes. The amount by which the pool may"),
        ("limits:\n      app-passes", "#### App passes: limit of a budget\n\nApp passes, in passes. The most that"),
        ("floors:\n  hr:\n    app-passes", "#### App passes: floor\n\nApp passes, in passes. The amount below which"),
        ("trial:\n    app-passes", "#### App passes: default of a class\n\nApp passes, in passes. The amount of each"),
        (
            "units:\n      app-passes",
            "#### App passes: largest decrease\n\nApp passes, in passes. The most that one plan",
        ),
    ];
    let allocation_hovers = vec![
        (
            "      app-passes",
            "#### App passes: allocation\n\nApp passes, in passes. The amount that this environment holds",
        ),
        ("        units", "#### App passes: allocation\n\nThe units held, without grants."),
        ("      process", "#### Process: allocation\n\nProcess, in processes. The amount that this environment holds"),
    ];
    let documents = [
        Opened { hover: root_hovers, ..in_root("hover", root_lines) },
        Opened { hover: allocation_hovers, ..in_allocations("hover", long) },
    ];
    for (opened, shown) in documents.iter().zip(show(&modules, &documents)) {
        assert_eq!(messages(&shown), []);
        assert_eq!(shown.hovers.len(), opened.hover.len());
        for ((at, words), hover) in opened.hover.iter().zip(&shown.hovers) {
            assert!(hover.as_ref().is_some_and(|text| text.starts_with(words)), "{at}: {hover:?}");
        }
    }
}

/// Names in full and pairs of mappings by add-on make the schemas long. Editors and `allot` itself read them on each start.
#[test]
fn the_schemas_stay_small() {
    for file in ["allotment.schema.json", "environments.schema.json"] {
        let bytes = std::fs::metadata(root().join("schemas").join(file)).expect("a schema").len();
        assert!(bytes < 150_000, "{file} has {bytes} bytes");
    }
}
