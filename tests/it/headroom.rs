//! Headroom, reserve and budgets on every date, and the one number that an owner needs.

use std::fs;
use std::path::Path;

use crate::columns::copy;
use crate::support::Folder;

/// A tenant with budgets, reserves, a renewal that is smaller, grants, and a pool of two add-ons.
const ROOT: &str = "version: 1
tenant: { name: fabrikam, provider: local, timeZone: Europe/Vienna }
purchased:
  app-passes: 333
  ai-builder-credits:
    - { packs: 2, until: 2027-06-30, agreement: EA-1 }
    - { packs: 1, from: 2027-02-01, agreement: CSP-9 }
  portal-page-views:
    - { units: 500000, until: 2026-12-31 }
    - { units: 300000, from: 2027-01-01 }
  process: 12
  unattended-rpa: 8
reserve: { app-passes: 7%, portal-page-views: 5%, process: 10% }
budgets:
  hr: { costCenter: CC-1, limits: { app-passes: 100, process: 4 } }
  web: { costCenter: CC-2, limits: { portal-page-views: 400000 } }
  ops: { costCenter: CC-3, limits: { process: 8, unattended-rpa: 6 } }
";

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// The environments, of which the web's hold these page views.
fn environments(web: [&str; 3]) -> String {
    let [portal, partner, events] = web;
    let ids: Vec<String> = (1..=5).map(id).collect();
    format!(
        "version: 1
budget: web
environments:
  portal-prod: {{ id: \"{}\", allocations: {{ portal-page-views: {portal} }} }}
  partner: {{ id: \"{}\", allocations: {{ portal-page-views: {partner} }} }}
  events: {{ id: \"{}\", allocations: {{ portal-page-views: {events} }} }}
  hr-prod: {{ id: \"{}\", budget: hr, allocations: {{ app-passes: 70, process: 4 }} }}
  ops-prod:
    id: \"{}\"
    budget: ops
    allocations: {{ process: 8, unattended-rpa: 6, app-passes: 100, ai-builder-credits: 1500000 }}
",
        ids[0], ids[1], ids[2], ids[3], ids[4]
    )
}

/// What a command says on one line, results and findings together, and its exit code.
fn told(folder: &Folder, arguments: &[&str]) -> (String, Option<i32>) {
    let output = folder.run(arguments);
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text")).concat();
    (text.split_whitespace().collect::<Vec<_>>().join(" "), output.status.code())
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// `short by` is what is owned less the reserve and the allocated units, in every format.
#[test]
fn short_by_means_the_same_everywhere() {
    let web = ["250000", "120000", "30000"];
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("environments/all.yaml", &environments(web))]);
    let (text, exit) = told(&folder, &["validate"]);
    let message = "Portal page views are short by 115,000 from 2027-01-01";
    has(
        &text,
        &[message, "portal-prod holds 250,000; at most 135,000 fits", "partner holds 120,000; at most 5,000 fits"],
    );
    assert!(text.contains("events holds 30,000") && !text.contains("events holds 30,000;"), "{text}");
    assert_eq!(exit, Some(0), "{text}");
    for format in ["json", "markdown", "html", "sarif", "github", "junit", "gitlab"] {
        let (text, _) = told(&folder, &["plan", "--format", format]);
        has(&text, &["short by 115,000", "at most 135,000 fits"]);
        assert!(!text.contains("short by 100,000"), "{format}: {text}");
    }
    let (text, _) = told(&folder, &["forecast"]);
    has(&text, &["from 2027-01-01: 400,000 allocated, 300,000 owned, 15,000 reserve, short by 115,000"]);
}

/// The largest number is over all dates, so one edit is enough.
#[test]
fn one_edit_to_the_number_is_enough() {
    let folder = Folder::with(&[]);
    copy(Path::new("examples/contoso"), &folder.path(""));
    folder.run(&["apply", "--auto-approve"]);
    let file = fs::read_dir(folder.path("environments")).expect("a folder").map(|file| file.expect("a file").path());
    let file = file.into_iter().find(|file| fs::read_to_string(file).is_ok_and(|text| text.contains("sales-prod:")));
    let file = file.expect("the file of sales-prod");
    let before = fs::read_to_string(&file).expect("text");
    let (head, rest) = before.split_once("sales-prod:").expect("the environment");
    let plan = |units: u64| {
        let edited = rest.replacen("app-passes: 150", &format!("app-passes: {units}"), 1);
        fs::write(&file, format!("{head}sales-prod:{edited}")).expect("written");
        told(&folder, &["plan"])
    };
    let (text, exit) = plan(190);
    has(
        &text,
        &[
            "short by 10; at most 170 fits in sales-prod on every date",
            "write 170 here",
            "the largest shortage: 20 from 2026-12-01",
        ],
    );
    assert_eq!(exit, Some(3), "{text}");
    let (text, exit) = plan(170);
    assert!(exit == Some(0) && !text.contains("fits in sales-prod"), "{text}");
    let (text, _) = plan(171);
    has(&text, &["the reserve of App passes is short by 1 from 2026-12-01; at most 170 fits in sales-prod"]);
}

/// Limits that the renewal does not cover are reported before it, and refuse no decrease after it.
#[test]
fn limits_of_budgets_are_checked_on_every_date() {
    let web = |units: u64, more: u64| format!("{{ units: {units}, grants: [{{ add: {more}, until: 2026-12-31 }}] }}");
    let all = environments([&web(180_000, 70_000), &web(80_000, 40_000), &web(25_000, 5_000)]);
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("environments/all.yaml", &all)]);
    let over = "warning[A205]: the limits of all budgets exceed what is available by 115,000 Portal page views";
    let (text, exit) = told(&folder, &["validate"]);
    has(&text, &[over, "from 2027-01-01"]);
    assert_eq!(exit, Some(0), "{text}");
    folder.run(&["apply", "--auto-approve"]);
    let (text, exit) = told(&folder, &["plan", "--at", "2027-01-01"]);
    assert!(exit == Some(0) && text.contains(over), "the loans end, whatever the budgets are: {text}");
    let rules = "rules: { failBeforeExpiryDays: 60 }\n";
    folder.write("allotment.yaml", format!("{ROOT}{rules}"));
    let (text, exit) = told(&folder, &["validate"]);
    assert!(exit == Some(3) && text.contains("error[A205]"), "{text}");
    let dated = "[{ units: 400000, until: 2026-12-31 }, { units: 285000, from: 2027-01-01 }]";
    folder.write(
        "allotment.yaml",
        format!("{ROOT}{rules}").replace("portal-page-views: 400000", &format!("portal-page-views: {dated}")),
    );
    let (text, exit) = told(&folder, &["validate"]);
    assert!(exit == Some(0) && !text.contains("A205") && !text.contains("A204"), "{text}");
    let (text, _) = told(&folder, &["explain", "portal-prod/portal-page-views", "--at", "2027-01-01"]);
    has(&text, &["285,000"]);
}

/// A budget that is exceeded refuses what raises it, and nothing else.
#[test]
fn a_decrease_is_not_refused_because_of_a_budget() {
    let all = |passes: u64, events: u64| {
        environments(["180000", "80000", &events.to_string()])
            .replace("app-passes: 70", &format!("app-passes: {passes}"))
    };
    let folder = Folder::with(&[("allotment.yaml", ROOT), ("environments/all.yaml", &all(70, 20_000))]);
    folder.run(&["apply", "--auto-approve"]);
    folder.write("allotment.yaml", ROOT.replace("app-passes: 100, process", "app-passes: 50, process"));
    folder.write("environments/all.yaml", all(60, 21_000));
    let (text, exit) = told(&folder, &["plan"]);
    assert_eq!(exit, Some(0), "{text}");
    has(&text, &["warning[A204]: the budget hr is exceeded by 10 passes"]);
    folder.write("environments/all.yaml", all(71, 21_000));
    let (text, exit) = told(&folder, &["plan"]);
    assert_eq!(exit, Some(3), "{text}");
    has(&text, &["error[A204]: the budget hr is exceeded by 21 passes; more than 70 in hr-prod"]);
}
