//! What every view is built from: how add-ons, environments, places and findings are named.

use serde::Serialize;

use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::finding::{Finding, Label, Severity};
use crate::model::source::{Place, Sources};
use crate::report::excerpt::Spotter;

/// The version of every JSON document that the tool writes.
pub const FORMAT_VERSION: &str = "1.0";

/// An add-on under all its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddOnView {
    /// The word in YAML; `unknown:` and the raw value where the catalog has none.
    pub slug: String,
    /// The service's own value.
    pub api_value: String,
    /// The name for people.
    pub name: String,
}

impl AddOnView {
    /// All names of an add-on.
    pub fn new(add_on: &AddOn) -> AddOnView {
        AddOnView {
            slug: add_on.to_string(),
            api_value: add_on.api_value().to_owned(),
            name: add_on.display_name().to_owned(),
        }
    }
}

/// A place and what to see there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelView {
    /// Where.
    pub place: Place,
    /// What to see; may be empty.
    pub text: String,
}

/// A finding with its places as file, line and column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// The stable code.
    pub code: Code,
    /// What the code means, in one line.
    pub title: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// The place it is about, and what to see there.
    pub primary: Option<LabelView>,
    /// Places that explain it.
    pub related: Vec<LabelView>,
    /// Facts that explain it.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
    /// What to give to `--allow` to let just this through.
    pub allowance: Option<String>,
}

impl FindingView {
    /// Every finding in the order given. Places in one file cost one pass over it, however many they are.
    pub fn all(findings: &[Finding], sources: &Sources) -> Vec<FindingView> {
        let spotter = Spotter::new(sources);
        let label =
            |label: &Label| spotter.place(label.span).map(|place| LabelView { place, text: label.text.clone() });
        let view = |finding: &Finding| FindingView {
            code: finding.code,
            title: finding.code.title(),
            severity: finding.severity,
            message: finding.message.clone(),
            primary: finding.primary.as_ref().and_then(label),
            related: finding.related.iter().filter_map(label).collect(),
            notes: finding.notes.clone(),
            help: finding.help.clone(),
            allowance: finding.allowance.as_ref().map(ToString::to_string),
        };
        findings.iter().map(view).collect()
    }
}

/// How many findings of a severity there are.
pub fn number_of(findings: &[FindingView], severity: Severity) -> u64 {
    let found = findings.iter().filter(|finding| finding.severity == severity).count();
    u64::try_from(found).unwrap_or(u64::MAX)
}
