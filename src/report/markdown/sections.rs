//! The sections that several comments share: opening, warnings, findings, "not checked", footer.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::cut::Shown;
use crate::model::desired::Provider;
use crate::model::finding::Severity;
use crate::model::marker::{CommentVerdict, Marker};
use crate::model::plan::draft::NotChecked;
use crate::model::source::Place;
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::origin::Frame;
use crate::report::safe::markdown::{code, sentence as safe_sentence};
use crate::report::tenant::BUILT_IN;
use crate::report::verdict::{SentencePart, ShownVerdict};
use crate::report::view::basics::FindingView;

/// The length limit of a sentence of a finding, in characters.
pub(super) const LONGEST_SENTENCE: usize = 400;

impl Frame<'_> {
    /// The first line, which hosts do not display. A later run finds its comment by this marker.
    fn marker(&self, verdict: CommentVerdict, digest: Option<&str>, applied: Option<u64>) -> String {
        let marker = Marker {
            command: self.command,
            root: self.origin.root.clone(),
            tenant: self.tenant.map(str::to_owned),
            commit: self.origin.commit.clone(),
            head: self.origin.head.clone(),
            run: self.origin.run.clone(),
            digest: digest.map(str::to_owned),
            applied,
            verdict,
            made_at: self.origin.made_at,
        };
        format!("{marker}\n")
    }

    fn tenant(&self) -> String {
        // The kind goes before the name: a host truncates long lines, and the name can be long.
        let kind = if self.provider == Some(Provider::Local) { BUILT_IN } else { "tenant" };
        match (self.tenant, self.provider) {
            (Some(tenant), _) => format!(" · {kind} {}", code(tenant)),
            (None, Some(Provider::Local)) => format!(" · {kind}"),
            (None, _) => String::new(),
        }
    }

    /// A place, as a link if its address is known.
    pub(super) fn place(&self, place: &Place) -> String {
        let shown = code(&format!("{}:{}", place.file, place.line));
        match self.address(place) {
            Some(address) => format!("[{shown}]({address})"),
            None => shown,
        }
    }
}

/// The marker, the line of the verdict, and its sentence.
pub(super) fn opening(verdict: &ShownVerdict, digest: Option<&str>, frame: &Frame<'_>) -> String {
    let part = |part: &SentencePart| match part {
        SentencePart::Plain(text) => text.clone(),
        SentencePart::Strong(text) => format!("**{text}**"),
        SentencePart::Message(text) => safe_sentence(text, LONGEST_SENTENCE),
    };
    let sentence: String = verdict.sentence.iter().map(part).collect();
    let (icon, words) = (verdict.mood.icon(), &verdict.words);
    let marker = frame.marker(verdict.mood.comment_verdict(), digest, verdict.applied);
    format!("{marker}### {icon} {words}{}\n\n{sentence}\n", frame.tenant())
}

/// The opening, then the sections that are not empty, each after a blank line.
pub(super) fn comment(mut text: String, sections: impl IntoIterator<Item = String>) -> String {
    for section in sections.into_iter().filter(|section| !section.is_empty()) {
        let _ = write!(text, "\n{section}");
    }
    text
}

/// The warnings, outside the folded section.
pub(super) fn warnings(found: &[FindingView], shown: &Shown) -> String {
    const MOST: usize = 10;
    let warnings: Vec<&FindingView> = found.iter().filter(|finding| finding.severity == Severity::Warning).collect();
    if warnings.is_empty() {
        return String::new();
    }
    let most = shown.warnings.min(MOST);
    let mut text = "> [!WARNING]\n".to_owned();
    for warning in warnings.iter().take(most) {
        let _ = writeln!(text, "> - {} ({})", safe_sentence(&warning.message, LONGEST_SENTENCE), warning.code);
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

/// All findings with their places. Blocking errors are visible, the rest is folded.
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
        let what = "more findings, nor for notes and help";
        text.push_str(&left_out(what, others.len(), "the log of the run shows them"));
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
    let mut text = format!("- {icon} **{}** {}", finding.code, safe_sentence(&finding.message, LONGEST_SENTENCE));
    if let Some(primary) = &finding.primary {
        let _ = write!(text, " at {}", frame.place(&primary.place));
    }
    text.push('\n');
    if shown.explanations {
        let explained =
            finding.notes.iter().map(|note| ("note", note)).chain(finding.help.iter().map(|help| ("help", help)));
        for (kind, sentence) in explained {
            let _ = writeln!(text, "  - {kind}: {}", safe_sentence(sentence, LONGEST_SENTENCE));
        }
    }
    text
}

/// The line that counts what was left out for lack of room.
pub(super) fn left_out(what: &str, many: usize, elsewhere: &str) -> String {
    match many {
        0 => String::new(),
        _ => format!("There was no room for {} {what}; {elsewhere}.\n", number(many)),
    }
}

/// A folded section. Hosts render Markdown inside it only between blank lines.
pub(super) fn fold(summary: &str, inside: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{inside}\n</details>\n")
}

pub(super) fn not_checked(left_out: &[NotChecked]) -> String {
    if left_out.is_empty() {
        return "**Not checked**: nothing was left out.\n".to_owned();
    }
    let safe = |text: &str| safe_sentence(text, LONGEST_SENTENCE);
    let row = |not: &NotChecked| format!("- {}: {}\n", safe(&not.subject), safe(&not.reason));
    format!("**Not checked**\n\n{}", left_out.iter().map(row).collect::<String>())
}

/// The last line: dates, the plan's id, the whole report, and what "free" means.
pub(super) fn footer(date: Date, plan: Option<String>, frame: &Frame<'_>) -> String {
    let mut parts = vec![format!("For {date}")];
    parts.extend(frame.read());
    parts.extend(plan);
    parts.extend(frame.origin.page.as_ref().map(|at| format!("[whole report]({at})")));
    parts.push("free = owned − reserve − allocated".to_owned());
    format!("<sub>{}</sub>\n", parts.join(" · "))
}
