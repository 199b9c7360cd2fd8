//! SARIF 2.1.0: one run, a rule for each code, and results whose fingerprints do not depend on lines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::annotated::{Annotated, failure_text, finding_text};
use super::fingerprint::fingerprints;
use crate::model::code::Code;
use crate::model::finding::Severity;
use crate::report::explain::pages::page;
use crate::report::number::{count, number};
use crate::report::safe::address::encoded;
use crate::report::safe::rendered::Rendered;
use crate::report::view::basics::{FindingView, LabelView};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The address of the project, if the package has one.
const HOME: &str = env!("CARGO_PKG_HOMEPAGE");

/// The most results of a run: GitHub shows 5,000, the most severe first, and rejects a log with more than 25,000.
const MOST_RESULTS: usize = 5_000;
/// The most bytes of all results, without their indentation in the log. GitHub rejects a log of more than 10 MB, compressed.
const MOST_BYTES: usize = 6 * 1024 * 1024;
/// The most places that explain one result. GitHub shows 100 places of a result.
const MOST_PLACES: usize = 100;

/// The findings as a log of one run, the most severe first. What GitHub would not take is counted in a notification.
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
    let results = findings.iter().zip(&prints).map(|(finding, print)| result(finding, print, annotated, &rules));
    let results = fitting(results);
    let notification = |level: &str, text: String| json!({ "level": level, "message": { "text": text } });
    let mut notifications: Vec<Value> =
        annotated.failure.iter().map(|failure| notification("error", failure_text(failure))).collect();
    let unlisted = annotated.frame.more.total();
    let all = count(findings.len() as u64 + unlisted, "finding", "findings");
    let left_out = findings.len() - results.len();
    if unlisted > 0 {
        let text = format!("there are {all}, and this log has {} results", number(results.len()));
        notifications.push(notification("warning", text));
    } else if left_out > 0 {
        let text = format!("{} of {all} are not in this log, because GitHub would reject it", number(left_out));
        notifications.push(notification("warning", text));
    }
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

/// The first results, as many as GitHub takes. At most one more is made.
fn fitting(results: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut bytes = 0_usize;
    let fits = |result: &Value| {
        bytes = bytes.saturating_add(format!("{result:#}").len());
        bytes <= MOST_BYTES
    };
    results.take(MOST_RESULTS).take_while(fits).collect()
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
        let related = finding.related.iter().take(MOST_PLACES).zip(1..).map(|(label, id)| {
            let mut related = location(label);
            related["id"] = json!(id);
            related
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MOST_BYTES, MOST_RESULTS, fitting};

    #[test]
    fn results_fit_by_number_and_by_size() {
        let of = |length: usize| (0..MOST_RESULTS + 1).map(move |_| Value::String("x".repeat(length)));
        assert_eq!(fitting(of(1)).len(), MOST_RESULTS);
        assert_eq!(fitting(of(MOST_BYTES / 4)).len(), 3);
        assert_eq!(fitting(of(MOST_BYTES)), Vec::<Value>::new());
        assert_eq!(fitting([json!({})].into_iter()).len(), 1);
    }
}
