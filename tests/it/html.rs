//! The HTML page: how a browser renders it, that it is deterministic, and that it stays small.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::columns::copy;
use crate::comment::{Scenario, receipts, scenarios};
use crate::debian::debian_program;
use crate::guards;
use crate::hostile;
use crate::mine_or_older;
use crate::node::node_modules_with;
use crate::outlook;
use crate::support::Folder;

const PLAYWRIGHT: (&str, &str) = ("playwright-core", "1.65.1");
const AXE: (&str, &str) = ("axe-core", "4.14.1");

/// The size that no page may reach, however many environments there are.
const TOO_LARGE: usize = 1_000_000;

/// The page of a scenario.
fn page(scenario: &Scenario, folder: &Folder) -> String {
    let arguments = [&[scenario.command, "--format", "html"], scenario.arguments.as_slice()].concat();
    let output = folder.run(&arguments);
    assert_eq!(output.status.code(), Some(scenario.exit), "{}", scenario.name);
    String::from_utf8(output.stdout).expect("text")
}

/// The page of a plan in this folder.
fn planned(folder: &Folder, more: &[&str]) -> String {
    let output = folder.run(&[&["plan", "--format", "html"], more].concat());
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.ends_with("</html>"), "{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The text between two others, each at its first occurrence.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} is in {text}"));
    rest.split_once(after).map_or_else(|| panic!("{after} is in {rest}"), |(found, _)| found)
}

/// A plan has one page: the same whether printed or written, and whichever folder it is in. Its heading is that of the comment.
#[test]
fn one_plan_is_one_page_with_the_comments_verdict() {
    for scenario in scenarios() {
        let folder = scenario.folder();
        let first = page(&scenario, &folder);
        let comment = [&["plan", "--format", "markdown", "--report", "html=out/a.html"], scenario.arguments.as_slice()];
        let comment = folder.run(&comment.concat());
        let written = std::fs::read_to_string(folder.path("out/a.html")).expect("the report is written");
        assert!(first == written, "{}: {written}", scenario.name);
        assert!(first == page(&scenario, &scenario.folder()), "{}: elsewhere", scenario.name);
        let comment = String::from_utf8_lossy(&comment.stdout).into_owned();
        let heading = between(&comment, "\n### ", "\n");
        let (_, words) = heading.split_once(' ').expect("an icon");
        let words = words.split(" · built-in tenant ").next().expect("words");
        assert_eq!(between(&first, "<h1>", "</h1>"), words);
    }
}

#[test]
fn the_page_allows_its_own_style_and_nothing_else() {
    for scenario in scenarios() {
        let page = page(&scenario, &scenario.folder());
        let digest = STANDARD.encode(Sha256::digest(between(&page, "<style>", "</style>")));
        let policy = format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'");
        assert_eq!(between(&page, "\"Content-Security-Policy\" content=\"", "\""), policy);
    }
}

#[test]
fn on_a_host_places_are_links_and_nothing_else_is() {
    let folder = Folder::with(&[("allotment.yaml", HOSTILE_ROOT), ("tenant.seed.yaml", &hostile_seed())]);
    let here = folder.path("").canonicalize().expect("a folder");
    let page = |server: &str| {
        let variables = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", server),
            ("GITHUB_REPOSITORY", "contoso/capacity"),
            ("GITHUB_SHA", "4f2c9d1"),
            ("GITHUB_RUN_ID", "77"),
        ];
        let mut command = folder.allot(&["plan", "--format", "html"]);
        let output = command.envs(variables).env("GITHUB_WORKSPACE", &here).output().expect("the binary runs");
        String::from_utf8(output.stdout).expect("text")
    };
    let addresses = |page: &str| -> Vec<String> {
        let all = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().expect("its end").to_owned());
        all.filter(|address| !address.starts_with('#')).collect()
    };
    let ours = addresses(&page("https://github.com"));
    let at = "https://github.com/contoso/capacity/";
    assert!(ours.len() >= 3 && ours.iter().all(|address| address.starts_with(at)), "{ours:?}");
    assert!(ours.contains(&format!("{at}blob/4f2c9d1/allotment.yaml#L7")), "{ours:?}");
    assert_eq!(ours.last().map(String::as_str), Some("https://github.com/contoso/capacity/actions/runs/77"));
    assert_eq!(addresses(&page("javascript:alert(1)//")), Vec::<String>::new());
}

/// Add-ons with separate pools.
const ADD_ONS: [&str; 8] = [
    "app-passes",
    "flow-per-business-process",
    "ai-builder-credits",
    "portal-logins",
    "portal-page-views",
    "copilot-credits",
    "process",
    "hosted-process",
];

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A tenant of this many environments. Each holds some of eight add-ons, three cells of twenty are filled, and every
/// `changes_each`-th environment changes.
fn tenant(environments: usize, changes_each: usize) -> Folder {
    let mut root =
        "version: 1\ntenant: { name: contoso, provider: local, whoCanAllocate: environment-admins }\nenvironments:\n"
            .to_owned();
    let owned: Vec<String> = ADD_ONS.iter().map(|add_on| format!("{add_on}: 200000")).collect();
    let mut seed = format!("tenant: contoso\npurchased: {{ {} }}\nenvironments:\n", owned.join(", "));
    for at in 0..environments {
        let held = |more: usize| -> String {
            let holds = |column: &usize| (at * 13 + column * 7 + at / 20 * column) % 20 < 3;
            let cells = (0..8).filter(holds).map(|column| format!("{}: {}", ADD_ONS[column], 5 + at % 90 + more));
            cells.collect::<Vec<_>>().join(", ")
        };
        let more = usize::from(at % changes_each == 0);
        let _ = writeln!(root, "  environment-{at}:\n    id: \"{}\"\n    allocations: {{ {} }}", id(at), held(more));
        let name = format!("Business unit {} environment {at} (Prod)", at % 37);
        let _ = writeln!(seed, "  - {{ id: \"{}\", name: \"{name}\", allocations: {{ {} }} }}", id(at), held(0));
    }
    Folder::with(&[("allotment.yaml", &root), ("tenant.seed.yaml", &seed)])
}

/// The limit holds even if every environment changes and every location is a link.
#[test]
fn fifteen_hundred_environments_are_less_than_a_megabyte() {
    for changes_each in [40, 1] {
        let folder = tenant(1_500, changes_each);
        let variables = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "contoso/capacity"),
            ("GITHUB_SHA", "4f2c9d1f0e5b7a6c8d9e0f1a2b3c4d5e6f708192"),
        ];
        let mut command = folder.allot(&["plan", "--format", "html"]);
        let here = folder.path("").canonicalize().expect("a folder");
        let output = command.envs(variables).env("GITHUB_WORKSPACE", &here).output().expect("the binary runs");
        let page = String::from_utf8(output.stdout).expect("text");
        let filled = page.matches("<td class=\"s").count();
        assert!((1_750..=1_850).contains(&filled), "{filled} cells are filled");
        assert!(page.contains("/blob/4f2c9d1f0e5b7a6c8d9e0f1a2b3c4d5e6f708192/allotment.yaml#L"));
        assert!(page.len() < TOO_LARGE, "{} bytes where every {changes_each}. changes", page.len());
    }
}

/// The cells of each row of the table of allocations.
fn holdings(page: &str) -> Vec<Vec<String>> {
    let table = between(page, "<table class=\"matrix\">", "</table>");
    let rows = table.split("<tr").skip(2).map(|row| row.split("</tr>").next().expect("its end"));
    let text = |cell: &str| {
        let (_, cell) = cell.split_once('>').expect("its beginning");
        let pieces = cell.split('<').enumerate().map(|(at, piece)| match at {
            0 => piece,
            _ => piece.split_once('>').map_or("", |(_, text)| text),
        });
        pieces.filter(|piece| !piece.is_empty()).map(str::trim).collect::<Vec<_>>().join(" ")
    };
    let cells = |row: &str| row.replace("<th", "<td").split("<td").skip(1).map(text).collect();
    rows.map(cells).collect()
}

/// Amounts can be present, changed, managed and known; environments can be declared, listed and deleted. Every combination looks
/// different.
#[test]
fn every_state_of_a_cell_looks_different() {
    let mut root =
        "version: 1\ntenant: { name: contoso, whoCanAllocate: environment-admins }\nenvironments:\n".to_owned();
    for (at, (key, cells)) in [
        ("changes", "app-passes: 12, portal-logins: 0"),
        ("stays", "app-passes: 10"),
        ("unreadable", "app-passes: 10"),
        ("hidden", "app-passes: 10"),
        ("deleted", "app-passes: 10"),
        ("empty", "app-passes: 0"),
    ]
    .into_iter()
    .enumerate()
    {
        let _ = writeln!(root, "  {key}: {{ id: \"{}\", allocations: {{ {cells} }} }}", id(at));
    }
    let mut seed = "tenant: contoso\npurchased: { app-passes: 200, portal-logins: 1000 }\nenvironments:\n".to_owned();
    for (at, (name, more)) in [
        ("Changes", "allocations: { app-passes: 10, portal-logins: 200 }"),
        ("Stays", "allocations: { app-passes: 10, portal-logins: 9 }"),
        ("Unreadable", "allocations: { app-passes: 10 }"),
        ("Hidden", "allocations: { app-passes: 10 }"),
        ("Deleted", "state: deleted, allocations: { app-passes: 1 }"),
        ("Empty", "allocations: {}"),
        ("Stray", "allocations: { app-passes: 60 }"),
    ]
    .into_iter()
    .enumerate()
    {
        let _ = writeln!(seed, "  - {{ id: \"{}\", name: {name}, {more} }}", id(at));
    }
    let _ = writeln!(seed, "behaviour: {{ unreadable: [\"{}\"], hidden: [\"{}\"] }}", id(2), id(3));
    let page = planned(&Folder::with(&[("allotment.yaml", &root), ("tenant.seed.yaml", &seed)]), &[]);
    let expected: [&[&str]; 10] = [
        &["Changed by this plan 1"],
        &["Changes", "10 → 12 + increase 2", "200 → 0 − release 200"],
        &["Declared and unchanged 2"],
        &["Deleted deleted", "1", ""],
        &["Stays", "10", "9 not managed"],
        &["Not declared, not changed 1"],
        &["Stray", "60 not managed", ""],
        &["Unknown 2"],
        &["hidden", "? unknown: the tenant refused to show what this environment holds"],
        &["Unreadable", "? unknown: the tenant refused to show what this environment holds"],
    ];
    let expected: Vec<Vec<String>> =
        expected.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect();
    assert_eq!(holdings(&page), expected);
    assert!(page.contains("1 environment that holds nothing is left out."), "{page}");
}

/// Hostile names: invisible characters, markup, excessive length, and right-to-left text.
const HOSTILE: [&str; 6] = [
    r"@all | `x` <img src=x onerror=alert(1)> [a](http://evil.example) :tada:",
    r#"</style></title><script>alert(1)</script>\" onmouseover=\"alert(1)"#,
    r"\u202etxt.exe\u200b zero \a bell",
    r"مرحبا بالعالم (Prod) ##vso[task.x] ::error::",
    r"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    r"javascript:alert(1) {{ 7 * 7 }} {% include %} &lt;b&gt; <!-- -->",
];

/// The visible text of a hostile name.
const STAYS_TEXT: [&str; 7] = [
    "<img src=x onerror=alert(1)>",
    "</style></title><script>alert(1)</script>\" onmouseover=",
    "\\u{202e}txt.exe\\u{200b} zero ␇ bell",
    "{{ 7 * 7 }}",
    "&lt;b&gt; <!-- -->",
    "<b>\\u{202e}bold</b> `x`",
    "<b>contoso</b> \\u{202e}",
];

const HOSTILE_ROOT: &str = "version: 1
tenant: { name: \"<b>contoso</b> \\u202e\", provider: local, whoCanAllocate: environment-admins }
environments:
  a:
    id: \"00000000-0000-4000-8000-000000000000\"
    owner: \"<script>\"
    allocations: { app-passes: { units: 12, ticket: \"<i>\", reason: \"<b>\\u202Ebold</b> `x`\" } }
  b: { id: \"00000000-0000-4000-8000-000000000001\", allocations: { app-passes: 12 } }
  c: { id: \"00000000-0000-4000-8000-000000000002\", name: \"<u>other</u>\", allocations: { app-passes: 8 } }
";

fn hostile_seed() -> String {
    let mut seed = "tenant: contoso\npurchased: { app-passes: 70 }\nenvironments:\n".to_owned();
    for (at, name) in HOSTILE.into_iter().enumerate() {
        let _ = writeln!(seed, "  - {{ id: \"{}\", name: \"{name}\", allocations: {{ app-passes: 10 }} }}", id(at));
    }
    seed
}

/// The report of the script in `tests/clients/` on a page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    name: String,
    violations: BTreeMap<String, Vec<serde_json::Value>>,
    overflow: BTreeMap<String, u64>,
    first_stop: String,
    hidden_on_paper: u64,
    complaints: Vec<String>,
    page: Inspected,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inspected {
    title: String,
    heading: Vec<String>,
    elements: Vec<String>,
    attributes: Vec<String>,
    addresses: Vec<String>,
    broken_addresses: Vec<String>,
    tables: u64,
    captions: u64,
    uneven_tables: u64,
    gauges: u64,
    is_styled: bool,
    text: String,
}

/// The reports on the pages in Chromium; `None` if Chromium is missing.
fn seen(pages: &[Page]) -> Option<Vec<Seen>> {
    let chromium = debian_program("chromium")?;
    let playwright = node_modules_with(PLAYWRIGHT.0, PLAYWRIGHT.1)?;
    let axe = node_modules_with(AXE.0, AXE.1)?;
    let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("html-screenshots");
    let folder = Folder::with(&[]);
    let written = |page: &Page| {
        let file = format!("{}.html", page.name);
        folder.write(&file, &page.text);
        serde_json::json!({ "name": page.name, "file": folder.path(&file), "judged": page.is_judged, "pictured": page.is_pictured })
    };
    let job = serde_json::json!({
        "playwright": playwright.join("playwright-core"),
        "axe": axe.join("axe-core/axe.min.js"),
        "chromium": chromium.path,
        "libraries": chromium.libraries.map(|folders| folders.to_string_lossy().into_owned()),
        "screenshots": screenshots,
        "pages": pages.iter().map(written).collect::<Vec<_>>(),
    });
    folder.write("job.json", job.to_string());
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients/report_in_chromium.cjs");
    let output = Command::new("node").arg(script).arg(folder.path("job.json")).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("its answer"))
}

/// A page to look at.
struct Page {
    name: &'static str,
    text: String,
    /// Whether axe-core checks the page as well. Pages with a thousand equal rows are skipped: a hundred rows show the same.
    is_judged: bool,
    /// Whether a screenshot is kept for people.
    is_pictured: bool,
}

/// All pages to check, including the widest and the longest.
fn pages() -> Vec<Page> {
    let telling = [
        "receipt-in-part",
        "blocked",
        "failed",
        "more-and-less",
        "short-later",
        "unknown-values",
        "hostile",
        "contoso",
        "guards",
        "forecast",
        "status",
        "forecast-hostile",
    ];
    let page = |name, text| Page { name, text, is_judged: name != "over-budget", is_pictured: telling.contains(&name) };
    let mut pages: Vec<Page> =
        scenarios().iter().chain(&receipts()).map(|it| page(it.name, self::page(it, &it.folder()))).collect();
    let hostile = Folder::with(&[("allotment.yaml", HOSTILE_ROOT), ("tenant.seed.yaml", &hostile_seed())]);
    pages.push(page("hostile", planned(&hostile, &[])));
    pages.push(Page { is_judged: false, ..page("strangers", planned(&hostile::folder(), &[])) });
    let contoso = Folder::with(&[]);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contoso"), &contoso.path(""));
    pages.push(page("contoso", planned(&contoso, &[])));
    pages.push(page("guards", guards::page()));
    pages.push(page("mine-or-older", mine_or_older::page()));
    let validated = contoso.run(&["validate", "--format", "html"]);
    pages.push(page("validated", String::from_utf8(validated.stdout).expect("text")));
    pages.extend(outlook::pages().map(|(name, text)| page(name, text)));
    pages.push(page("matrix", planned(&tenant(100, 10), &[])));
    pages.push(Page { is_judged: false, is_pictured: true, ..page("large-matrix", planned(&tenant(1_500, 40), &[])) });
    pages
}

#[test]
fn in_chromium_every_page_is_accessible_whole_and_harmless() {
    let pages = pages();
    let Some(all) = seen(&pages) else { return };
    assert_eq!(all.len(), pages.len());
    for (page, seen) in pages.iter().zip(&all) {
        assert_eq!(page.name, seen.name);
        let modes: Vec<&str> = seen.violations.keys().map(String::as_str).collect();
        assert_eq!(modes, if page.is_judged { vec!["dark", "forced", "light"] } else { vec![] });
        assert!(seen.violations.values().all(Vec::is_empty), "{}: {:#?}", page.name, seen.violations);
        fits_and_behaves(seen);
        is_well_made(&seen.name, &seen.page);
    }
    let hostile = all.iter().find(|seen| seen.name == "hostile").expect("the page exists");
    for text in STAYS_TEXT {
        assert!(hostile.page.text.contains(text), "{text} is text in {}", hostile.page.text);
    }
    let strangers = all.iter().find(|seen| seen.name == "strangers").expect("the page exists");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = words(&strangers.page.text);
    for text in hostile::visible() {
        assert!(shown.contains(&words(&text)), "{text:?} is not seen");
    }
}

/// At every width and on paper, nothing is cut off and axe-core reports nothing.
fn fits_and_behaves(seen: &Seen) {
    for (at, width) in [("320", 320), ("640", 640), ("paper", 960)] {
        assert_eq!(seen.overflow.get(at), Some(&width), "{} at {at}", seen.name);
    }
    assert_eq!(seen.first_stop, "skip", "{}: the first stop of the keyboard", seen.name);
    assert_eq!(seen.hidden_on_paper, 0, "{}", seen.name);
    assert!(seen.complaints.is_empty(), "{}: {:?}", seen.name, seen.complaints);
}

fn is_well_made(name: &str, page: &Inspected) {
    assert!(page.is_styled, "{name}: the policy allows the style sheet");
    assert_eq!((page.heading.len(), page.captions, page.uneven_tables), (1, page.tables, 0), "{name}");
    assert!(page.title.starts_with(&page.heading[0]), "{name}: {}", page.title);
    assert!(page.broken_addresses.is_empty(), "{name}: {:?}", page.broken_addresses);
    assert!(page.addresses.iter().all(|address| address.starts_with('#')), "{name}: {:?}", page.addresses);
    assert!(page.text.contains("Not checked"), "{name}");
    assert!(page.gauges > 0 || page.tables == 0, "{name}");
    is_ours(name, page);
}

/// The page has nothing that a script, a name or another site could have added.
fn is_ours(name: &str, page: &Inspected) {
    for element in ["script", "img", "link", "iframe", "object", "form", "i", "u"] {
        assert!(!page.elements.iter().any(|it| it == element), "{name} has <{element}>");
    }
    for attribute in &page.attributes {
        assert!(
            !attribute.starts_with("on") && !["style", "src", "action"].contains(&attribute.as_str()),
            "{name} has {attribute}"
        );
    }
}
