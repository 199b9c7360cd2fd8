//! `status` and `forecast` as a page, in Markdown and as a table.

use std::path::Path;

use crate::columns::copy;
use crate::html::between;
use crate::support::Folder;

fn contoso() -> Folder {
    let folder = Folder::with(&[]);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contoso"), &folder.path(""));
    folder
}

/// Text that people wrote, and that must stay text: in the tenant's name, an agreement and an add-on.
const HOSTILE: &str = r#"version: 1
tenant: { name: "<b>contoso</b> \u202e", provider: local }
purchased:
  app-passes:
    - { units: 10, until: 2026-12-31, agreement: "</title><script>alert(1)</script>" }
    - { units: 4, from: 2027-01-01, agreement: "=cmd|' /C calc'!A0 | x \u202e ::error::" }
budgets: { b: { costCenter: "</td><img src=x> \u202e @team", limits: { app-passes: 9 } } }
environments:
  a: { id: "00000000-0000-4000-8000-000000000001", budget: b, owner: "=1+1|<script>alert(2)</script> \u202e `#1`", allocations: { app-passes: { units: 1, grants: [{ add: 8, from: 2026-12-10 }] } } }
"#;

fn hostile() -> Folder {
    Folder::with(&[("allotment.yaml", HOSTILE)])
}

fn told(folder: &Folder, arguments: &[&str]) -> String {
    let output = folder.run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The pages to look at in a browser.
pub(crate) fn pages() -> [(&'static str, String); 7] {
    let (contoso, hostile) = (contoso(), hostile());
    let page = |folder: &Folder, command: &str| told(folder, &[command, "--format", "html"]);
    let nothing = Folder::with(&[("allotment.yaml", "version: 1\ntenant: { name: t, provider: local }\n")]);
    [
        ("forecast", page(&contoso, "forecast")),
        ("status", page(&contoso, "status")),
        ("forecast-hostile", page(&hostile, "forecast")),
        ("status-hostile", page(&hostile, "status")),
        ("status-by-budget", told(&contoso, &["status", "--by", "budget", "--format", "html"])),
        ("status-by-environment-hostile", told(&hostile, &["status", "--by", "environment", "--format", "html"])),
        ("forecast-of-nothing", page(&nothing, "forecast")),
    ]
}

#[test]
fn the_page_of_a_forecast_draws_every_pool() {
    let folder = contoso();
    let page = told(&folder, &["forecast", "--format", "html"]);
    assert!(page == told(&contoso(), &["forecast", "--format", "html"]), "the same forecast is the same page");
    let pools = told(&folder, &["forecast", "--format", "json"]);
    let pools: serde_json::Value = serde_json::from_str(&pools).expect("JSON");
    let pools = pools["pools"].as_array().expect("pools");
    assert_eq!(page.matches("<svg class=\"chart\"").count(), pools.len());
    let views = between(&page, ">Portal page views</h3>", "</svg>");
    assert_eq!(views.matches("<rect class=\"shortage\"").count(), 1, "{views}");
    assert_eq!(views.matches("<a class=\"mark over\"").count(), 1, "one later day, and it is short: {views}");
    let words = "2027-01-01: a purchase of 500,000 (EA-77310) has ended, a purchase of 300,000 (EA-90122) starts; \
                 short by 170,000";
    assert!(views.contains(&format!("aria-label=\"{words}\"><title>{words}</title>")), "{views}");
    let passes = between(&page, ">App passes</h3>", "</svg>");
    assert!(passes.contains("a grant of 10 to hr-contractors starts"), "{passes}");
    assert!(passes.contains("<path class=\"available\"") && !views.contains("<path class=\"available\""));
    assert!(page.contains("pools fall short</h1>"), "{page}");
}

#[test]
fn markdown_says_each_shortage_and_what_to_do() {
    let folder = contoso();
    let forecast = told(&folder, &["forecast", "--format", "markdown"]);
    for text in [
        "pools fall short · built-in tenant `contoso`",
        "| ↳ from 2027-01-01 | 470,000 | 300,000 | 0 | **−170,000** | `████████████████████▌` 156% ✖ over-allocated |",
        "- Portal page views: **short by 170,000 from 2027-01-01 until 2027-12-31**; ",
        "**This month**",
        "`service-bots`: 38,700 of 40,000 used by 2026-11-22: runs out on 2026-11-23 at this rate",
        "<details><summary>Who holds Portal page views</summary>",
    ] {
        assert!(forecast.contains(text), "{text}: {forecast}");
    }
    let status = told(&folder, &["status", "--format", "markdown"]);
    for text in ["Needs attention: ", "| Portal page views | 480,000, 311,261 consumed as of 2026-11-22 |", "**A202**"]
    {
        assert!(status.contains(text), "{text}: {status}");
    }
    let hostile = hostile();
    for command in ["status", "forecast"] {
        let text = told(&hostile, &[command, "--format", "markdown"]);
        // The name of the tenant is in a span of code.
        assert!(!text.contains("<script>") && !text.contains('\u{202e}'), "{text}");
    }
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

#[test]
fn tables_have_a_row_for_each_pool_and_date() {
    let folder = contoso();
    let table = rows(&told(&folder, &["forecast", "--format", "csv"]));
    let views: Vec<&Vec<String>> = table.iter().filter(|row| row[2] == "portal-page-views").collect();
    assert_eq!(views.len(), 3, "{table:#?}");
    let short =
        ["contoso", "local", "portal-page-views", "2027-01-01", "300000", "0", "470000", "-170000", "156", "over"];
    assert_eq!(views[1][..10], short);
    assert_eq!(views[1][10], "170000", "short by");
    assert_eq!(views[1][15], "2026-12-31", "buy by");
    let status = rows(&told(&folder, &["status", "--format", "csv"]));
    assert_eq!(status[0].len(), 14);
    assert!(status.iter().skip(1).all(|row| row.len() == 14 && row[0] == "contoso"), "{status:#?}");
    for by in ["environment", "budget"] {
        for folder in [&folder, &self::hostile()] {
            let table = rows(&told(folder, &["status", "--by", by, "--format", "csv"]));
            let is_safe = |row: &Vec<String>| row.len() == 17 && !row.iter().any(|cell| cell.starts_with('='));
            assert!(table.len() > 1 && table.iter().all(is_safe), "{table:#?}");
        }
    }
    let hostile = rows(&told(&hostile(), &["forecast", "--format", "csv"]));
    assert!(hostile.iter().all(|row| row.len() == 17 && !row.iter().any(|cell| cell.starts_with('='))), "{hostile:#?}");
}

#[test]
fn an_invalid_configuration_is_reported_in_each_format() {
    let folder = Folder::with(&[("allotment.yaml", "version: 1\ntenant: { name: t, provider: local }\nnonsense: 1\n")]);
    for command in [&["status"][..], &["status", "--by", "environment"], &["forecast"], &["plan"]] {
        for (format, part) in [("html", "</html>"), ("markdown", "**A103**"), ("csv", "")] {
            let output = folder.run(&[command, &["--format", format]].concat());
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(output.status.code(), Some(3), "{command:?} {format}");
            assert!(text.contains(part), "{command:?} {format}: {text}");
            // A heading without rows would say that there is nothing.
            assert_eq!(text.is_empty(), format == "csv", "{command:?} {format}: {text}");
            let on_stderr = String::from_utf8_lossy(&output.stderr).contains("error[A103]");
            assert_eq!(on_stderr, format == "csv", "{command:?} {format}");
        }
    }
}

/// App passes come first in the catalog, and the plan changes page views: they are what a reviewer looks for.
#[test]
fn the_page_of_a_plan_draws_first_what_changes_and_warns_below_the_verdict() {
    let configuration = r#"version: 1
tenant: { name: t, provider: local }
purchased:
  app-passes: [{ units: 100, until: 2026-12-31 }, { units: 90, from: 2027-01-01 }]
  portal-page-views: [{ units: 100, until: 2026-12-31 }, { units: 96, from: 2027-01-01 }]
environments:
  a: { id: "00000000-0000-4000-8000-00000000000a", allocations: { app-passes: 10, portal-page-views: 95 } }
"#;
    let tenant = r#"tenant: t
purchased: { app-passes: 100, portal-page-views: 100 }
environments:
  - { id: "00000000-0000-4000-8000-00000000000a", name: A, allocations: { app-passes: 10 } }
"#;
    let folder = Folder::with(&[("allotment.yaml", configuration), ("tenant.seed.yaml", tenant)]);
    let page = told(&folder, &["plan", "--format", "html"]);
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is not in {page}"));
    let months = at("<section id=\"months\"");
    let drawn = |name: &str| months + page[months..].find(name).unwrap_or_else(|| panic!("{name} has no drawing"));
    assert!(drawn("Portal page views") < drawn("App passes"), "{page}");
    let (verdict, findings) = (at("<div class=\"verdict"), at("<section id=\"findings\""));
    assert!(verdict < findings && findings < at("<section id=\"pools\""), "{page}");
    let (nav, pools) = (at("<a href=\"#warnings\">"), at("<a href=\"#pools\">"));
    assert!(nav < pools, "the list of sections has their order");
    assert!(page.contains("95%</span> <span aria-hidden=\"true\">▲</span> nearly full"), "{page}");
}
