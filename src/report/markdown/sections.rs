//! The sections that several comments have: the opening with the verdict, warnings, findings, what was not checked, and the footer.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::cut::Shown;
use crate::model::desired::Provider;
use crate::model::finding::Severity;
use crate::model::marker::{Marker, Standing};
use crate::model::plan::draft::NotChecked;
use crate::model::source::Place;
use crate::report::frame::Frame;
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::safe::markdown::{code, sentence as said};
use crate::report::tenant::BUILT_IN;
use crate::report::verdict::{SentencePart, ShownVerdict};
use crate::report::view::basics::FindingView;

/// The longest sentence of a finding.
pub(super) const LONGEST_SENTENCE: usize = 400;

impl Frame<'_> {
    /// The first line, which nobody sees: by it the comment is found again.
    fn marker(&self, standing: Standing, digest: Option<&str>, applied: Option<u64>) -> String {
        let marker = Marker {
            command: self.command,
            root: self.root.to_owned(),
            tenant: self.tenant.map(str::to_owned),
            commit: self.commit.map(str::to_owned),
            digest: digest.map(str::to_owned),
            applied,
            standing,
            made_at: self.made_at,
        };
        format!("{marker}\n")
    }

    fn tenant(&self) -> String {
        // Before the name: a host cuts a long line, and a name can be long.
        let kind = if self.provider == Some(Provider::Local) { BUILT_IN } else { "tenant" };
        match (self.tenant, self.provider) {
            (Some(tenant), _) => format!(" · {kind} {}", code(tenant)),
            (None, Some(Provider::Local)) => format!(" · {kind}"),
            (None, _) => String::new(),
        }
    }

    /// A place as it is shown, with an address where one is known.
    pub(super) fn place(&self, place: &Place) -> String {
        let shown = code(&format!("{}:{}", place.file, place.line));
        match self.links.and_then(|links| links.to(place)) {
            Some(address) => format!("[{shown}]({address})"),
            None => shown,
        }
    }
}

/// The marker, the verdict, and the sentence.
pub(super) fn opening(verdict: &ShownVerdict, digest: Option<&str>, frame: &Frame<'_>) -> String {
    let part = |part: &SentencePart| match part {
        SentencePart::Plain(text) => text.clone(),
        SentencePart::Strong(text) => format!("**{text}**"),
        SentencePart::Message(text) => said(text, LONGEST_SENTENCE),
    };
    let sentence: String = verdict.sentence.iter().map(part).collect();
    let (icon, words) = (verdict.mood.icon(), &verdict.words);
    let marker = frame.marker(verdict.mood.standing(), digest, verdict.applied);
    format!("{marker}### {icon} {words}{}\n\n{sentence}\n", frame.tenant())
}

/// What to know first, where it does not block.
pub(super) fn warnings(found: &[FindingView], shown: &Shown) -> String {
    const MOST: usize = 10;
    let warnings: Vec<&FindingView> = found.iter().filter(|finding| finding.severity == Severity::Warning).collect();
    if warnings.is_empty() {
        return String::new();
    }
    let most = shown.warnings.min(MOST);
    let mut text = "> [!WARNING]\n".to_owned();
    for warning in warnings.iter().take(most) {
        let _ = writeln!(text, "> - {} ({})", said(&warning.message, LONGEST_SENTENCE), warning.code);
    }
    match (warnings.len(), warnings.len().saturating_sub(most)) {
        (_, 0) => {}
        (all, more) if all == more => {
            let _ = writeln!(text, "> {}", count(all as u64, "warning", "warnings"));
        }
        (_, more) => {
            let _ = writeln!(text, "> - and {} more", number(more));
        }
    }
    text
}

/// Every finding with its place, folded; what blocks stands open.
pub(super) fn findings(found: &[FindingView], frame: &Frame<'_>, shown: &Shown) -> String {
    let errors: Vec<&FindingView> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let others: Vec<&FindingView> = found.iter().filter(|finding| finding.severity != Severity::Error).collect();
    let mut text = String::new();
    for error in errors.iter().take(shown.errors) {
        text.push_str(&one(error, frame, shown));
    }
    if errors.len() > shown.errors {
        let more = count((errors.len() - shown.errors) as u64, "more problem", "more problems");
        let _ = writeln!(text, "- and {more}");
    }
    if shown.findings == 0 {
        text.push_str(&left_out(
            "more findings, nor for notes and help",
            others.len(),
            "the log of the run shows them",
        ));
    } else if !others.is_empty() {
        let mut rows: String = others.iter().take(shown.findings).map(|finding| one(finding, frame, shown)).collect();
        if others.len() > shown.findings {
            let _ = writeln!(rows, "- and {} more", number(others.len() - shown.findings));
        }
        let has_places = others.iter().any(|finding| finding.primary.is_some());
        let places = if has_places { ", with file and line" } else { "" };
        let summary = format!("{}{places}", count(others.len() as u64, "finding", "findings"));
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&fold(&summary, &rows));
    }
    text
}

fn one(finding: &FindingView, frame: &Frame<'_>, shown: &Shown) -> String {
    let icon = marks::of_severity(finding.severity);
    let mut text = format!("- {icon} **{}** {}", finding.code, said(&finding.message, LONGEST_SENTENCE));
    if let Some(primary) = &finding.primary {
        let _ = write!(text, " at {}", frame.place(&primary.place));
    }
    text.push('\n');
    if shown.explanations {
        let explained =
            finding.notes.iter().map(|note| ("note", note)).chain(finding.help.iter().map(|help| ("help", help)));
        for (kind, sentence) in explained {
            let _ = writeln!(text, "  - {kind}: {}", said(sentence, LONGEST_SENTENCE));
        }
    }
    text
}

/// What there was no room for.
pub(super) fn left_out(what: &str, many: usize, elsewhere: &str) -> String {
    match many {
        0 => String::new(),
        _ => format!("There was no room for {} {what}; {elsewhere}.\n", number(many)),
    }
}

/// Something that is shown to whoever opens it. Without the blank lines hosts would not read what is in it.
pub(super) fn fold(summary: &str, inside: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{inside}\n</details>\n")
}

pub(super) fn not_checked(left_out: &[NotChecked]) -> String {
    if left_out.is_empty() {
        return "**Not checked**: nothing was left out.\n".to_owned();
    }
    let row = |not: &NotChecked| {
        format!("- {}: {}\n", said(&not.subject, LONGEST_SENTENCE), said(&not.reason, LONGEST_SENTENCE))
    };
    format!("**Not checked**\n\n{}", left_out.iter().map(row).collect::<String>())
}

/// When it was read, what it is called, and how to read it.
pub(super) fn footer(date: Date, plan: Option<String>, frame: &Frame<'_>) -> String {
    let mut parts = vec![format!("For {date}")];
    parts.extend(frame.read_at.map(|at| format!("read {} UTC", at.strftime("%Y-%m-%d %H:%M"))));
    parts.extend(plan);
    parts.extend(frame.report.map(|at| format!("[whole report]({at})")));
    parts.push("free = owned − reserve − allocated".to_owned());
    format!("<sub>{}</sub>\n", parts.join(" · "))
}
