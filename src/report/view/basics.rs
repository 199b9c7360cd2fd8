//! The parts that every view is built from: names of add-ons, places, findings.

use serde::Serialize;

use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::finding::{Finding, Label, Severity};
use crate::model::source::{Place, Sources};
use crate::report::cap;
use crate::report::excerpt::Spotter;

/// An add-on under all its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddOnView {
    /// The word in YAML; `unknown:` and the raw value if the catalog has no such add-on.
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

/// A place, and a short text about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelView {
    /// File, line and column.
    pub place: Place,
    /// What the place shows; may be empty.
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
    /// Error, warning or hint.
    pub severity: Severity,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// The place that the finding is about.
    pub primary: Option<LabelView>,
    /// Other places that explain the finding.
    pub related: Vec<LabelView>,
    /// Facts that explain the finding.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
    /// The value for `--allow` that permits this finding alone.
    pub allowance: Option<String>,
    /// Whether the plan of the base has the finding too; missing unless the plan was compared with a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also_on_base: Option<bool>,
}

impl FindingView {
    /// Converts findings, in the order given, up to the limits of [`cap`]. Each file is scanned once, however many places lie in it.
    pub fn all(findings: &[Finding], sources: &Sources) -> Vec<FindingView> {
        FindingView::listed(findings.iter().map(|finding| (finding, None)), sources)
    }

    /// Converts findings as [`FindingView::all`] does. `on_base` tells which of them the base has too.
    pub fn compared(findings: &[Finding], on_base: &[bool], sources: &Sources) -> Vec<FindingView> {
        FindingView::listed(findings.iter().zip(on_base.iter().copied().map(Some)), sources)
    }

    fn listed<'a>(
        findings: impl IntoIterator<Item = (&'a Finding, Option<bool>)>,
        sources: &Sources,
    ) -> Vec<FindingView> {
        let spotter = Spotter::new(sources);
        let label =
            |label: &Label| spotter.place(label.span).map(|place| LabelView { place, text: label.text.clone() });
        let view = |(finding, also_on_base): &cap::Listed<'_>| FindingView {
            code: finding.code,
            title: finding.code.title(),
            severity: finding.severity,
            message: finding.message.clone(),
            primary: finding.primary.as_ref().and_then(label),
            related: finding.related.iter().filter_map(label).collect(),
            notes: finding.notes.clone(),
            help: finding.help.clone(),
            allowance: finding.allowance.as_ref().map(ToString::to_string),
            also_on_base: *also_on_base,
        };
        cap::listed(findings, sources).iter().map(view).collect()
    }
}

/// The number of findings of one severity.
pub fn number_of(findings: &[FindingView], severity: Severity) -> u64 {
    let found = findings.iter().filter(|finding| finding.severity == severity).count();
    u64::try_from(found).unwrap_or(u64::MAX)
}

/// Whether findings state that part of the tenant could not be read.
pub fn is_partial(findings: &[FindingView]) -> bool {
    findings.iter().any(|finding| matches!(finding.code, Code::A404 | Code::A410))
}
