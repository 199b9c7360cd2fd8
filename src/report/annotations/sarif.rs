//! SARIF 2.1.0: one run, a rule for each code, and results whose fingerprints do not depend on lines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::annotated::{Annotated, failure_text, finding_text};
use super::fingerprint::fingerprints;
use crate::model::code::Code;
use crate::model::finding::Severity;
use crate::report::explain::pages::page;
use crate::report::safe::address::encoded;
use crate::report::safe::rendered::Rendered;
use crate::report::view::basics::{FindingView, LabelView};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The address of the project, if the package has one.
const HOME: &str = env!("CARGO_PKG_HOMEPAGE");

/// The findings as a log of one run.
pub fn sarif(annotated: &Annotated<'_>) -> Rendered {
    let findings = annotated.by_severity();
    let mut rules: BTreeMap<Code, usize> = findings.iter().map(|finding| (finding.code, 0)).collect();
    for (at, index) in rules.values_mut().enumerate() {
        *index = at;
    }
    let rule = |code: &Code| {
        let page = page(*code);
        let mut rule = json!({
            "id": code.to_string(),
            "shortDescription": { "text": format!("{}.", code.title()) },
            "fullDescription": { "text": page.meaning },
            "help": { "text": format!("{}\n\n`allot explain {code}` shows an example, too.", page.remedy) },
        });
        if !HOME.is_empty() {
            rule["helpUri"] = json!(HOME);
        }
        rule
    };
    let prints = fingerprints(&findings, annotated);
    let results: Vec<Value> =
        findings.iter().zip(&prints).map(|(finding, print)| result(finding, print, annotated, &rules)).collect();
    let notifications: Vec<Value> = annotated
        .failure
        .iter()
        .map(|failure| json!({ "level": "error", "message": { "text": failure_text(failure) } }))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Allotment",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.keys().map(rule).collect::<Vec<_>>(),
            } },
            "automationDetails": {
                "id": format!("allot/{}/", annotated.frame.command),
                "description": { "text": annotated.headline() },
            },
            "invocations": [{
                "executionSuccessful": annotated.failure.is_none(),
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Rendered::json(&format!("{log:#}\n"))
}

fn result(finding: &FindingView, fingerprint: &str, annotated: &Annotated<'_>, rules: &BTreeMap<Code, usize>) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    };
    let location = |label: &LabelView| {
        let place = &label.place;
        let mut location = json!({ "physicalLocation": {
            "artifactLocation": { "uri": encoded(&annotated.path(&place.file)) },
            "region": { "startLine": place.line, "startColumn": place.column },
        } });
        if !label.text.is_empty() {
            location["message"] = json!({ "text": label.text });
        }
        location
    };
    let mut result = json!({
        "ruleId": finding.code.to_string(),
        "ruleIndex": rules.get(&finding.code),
        "level": level,
        "message": { "text": finding_text(finding) },
        "partialFingerprints": { "allotFinding/v1": fingerprint },
        // Hosts that show results at lines reject a result without a location.
        "locations": [finding.primary.as_ref().map_or_else(|| json!({ "physicalLocation": {
            "artifactLocation": { "uri": encoded(&annotated.frame.origin.root_file) }, "region": { "startLine": 1 },
        } }), location)],
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().zip(1..).map(|(label, id)| {
            let mut related = location(label);
            related["id"] = json!(id);
            related
        });
        result["relatedLocations"] = related.collect();
    }
    result
}
