//! A plan as a comment on a pull request: the verdict first, then what blocks, headroom before changes, and nothing that was not
//! checked left unsaid. It fits a host's limit by leaving out what matters least.

mod cut;
mod escape;
mod receipt;
mod tables;

use std::fmt::Write as _;

use jiff::civil::Date;

pub use self::receipt::receipt;

use self::cut::{Shown, fit};
use self::escape::{code, sentence as said};
use super::frame::Frame;
use super::marks;
use super::number::{count, number};
use super::tenant::BUILT_IN;
use super::verdict::{self, Part, Verdict};
use super::view::basics::{FindingView, NotCheckedView};
use super::view::failure::FailureView;
use super::view::plan::PlanView;
use super::view::validate::ValidateView;
use crate::model::desired::Provider;
use crate::model::finding::Severity;
use crate::model::marker::{Marker, Standing};
use crate::model::source::Place;

/// What a comment holds where nobody says otherwise: GitHub takes 65,536 characters.
pub const BUDGET: usize = 60_000;

/// What the summary of a CI step holds: GitHub takes 1 MiB, and a character has four bytes at the most.
pub const SUMMARY_BUDGET: usize = 1024 * 1024 / 4;

/// The longest sentence of a finding.
const LONGEST_SENTENCE: usize = 400;

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

    fn place(&self, place: &Place) -> String {
        let shown = code(&format!("{}:{}", place.file, place.line));
        match self.links.and_then(|links| links.to(place)) {
            Some(address) => format!("[{shown}]({address})"),
            None => shown,
        }
    }
}

/// The comment of a plan.
pub fn plan(view: &PlanView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_plan(view);
    fit(frame.budget, |shown| {
        let sections = [
            tables::pools(&view.pools, tables::PLANNED, shown),
            tables::changes(view, frame, shown),
            warnings(&view.findings, shown),
            findings(&view.findings, frame, shown),
            if shown.writes {
                tables::writes(view)
            } else {
                left_out("exact writes", view.steps.len(), "`allot plan --format json` shows them")
            },
            not_checked(&view.not_checked),
        ];
        let good_until = |id: &String| format!("plan {}, good until the tenant or the files change", code(id));
        let good_until = view.plan_id.as_ref().map(good_until);
        let mut text = opening(&verdict, view.plan_id.as_deref(), frame);
        for section in sections.iter().filter(|section| !section.is_empty()) {
            let _ = write!(text, "\n{section}");
        }
        let _ = write!(text, "\n{}", footer(view.date, good_until, frame));
        text
    })
}

/// The comment of a validation: what can be said without a tenant, as for a pull request from a fork.
pub fn validated(view: &ValidateView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_validation(view);
    fit(frame.budget, |shown| {
        let sections =
            [warnings(&view.findings, shown), findings(&view.findings, frame, shown), not_checked(&view.not_checked)];
        let mut text = opening(&verdict, None, frame);
        for section in sections.iter().filter(|section| !section.is_empty()) {
            let _ = write!(text, "\n{section}");
        }
        text
    })
}

/// The comment where there is no plan, because the configuration is not in order or the plan is stale; `not_checked` says what was not
/// looked at for it.
pub fn refused(found: &[FindingView], not_checked: &str, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_refusal(found);
    fit(frame.budget, |shown| {
        let mut text = opening(&verdict, None, frame);
        let _ = write!(text, "\n{}\n**Not checked**: {}.\n", findings(found, frame, shown), not_checked);
        text
    })
}

/// The comment where the command failed.
pub fn failed(failure: &FailureView, frame: &Frame<'_>) -> String {
    let verdict = verdict::of_failure(failure, frame.command);
    fit(frame.budget, |shown| {
        let mut text = opening(&verdict, None, frame);
        if shown.explanations {
            text.extend(failure.causes.iter().map(|cause| format!("\n- because: {}", said(cause, LONGEST_SENTENCE))));
            if !failure.causes.is_empty() {
                text.push('\n');
            }
            text.extend(failure.help.iter().map(|help| format!("\nWhat to do: {}.\n", said(help, LONGEST_SENTENCE))));
        }
        let _ = write!(text, "\n**Not checked**: {}.\n", verdict::NOTHING_CHECKED);
        text
    })
}

/// The marker, the verdict, and the sentence.
fn opening(verdict: &Verdict, digest: Option<&str>, frame: &Frame<'_>) -> String {
    let part = |part: &Part| match part {
        Part::Plain(text) => text.clone(),
        Part::Strong(text) => format!("**{text}**"),
        Part::Said(text) => said(text, LONGEST_SENTENCE),
    };
    let sentence: String = verdict.sentence.iter().map(part).collect();
    let (icon, words) = (verdict.mood.icon(), &verdict.words);
    let marker = frame.marker(verdict.mood.standing(), digest, verdict.applied);
    format!("{marker}### {icon} {words}{}\n\n{sentence}\n", frame.tenant())
}

/// What to know first, where it does not block.
fn warnings(found: &[FindingView], shown: &Shown) -> String {
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
fn findings(found: &[FindingView], frame: &Frame<'_>, shown: &Shown) -> String {
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
fn left_out(what: &str, many: usize, elsewhere: &str) -> String {
    match many {
        0 => String::new(),
        _ => format!("There was no room for {} {what}; {elsewhere}.\n", number(many)),
    }
}

/// Something that is shown to whoever opens it. Without the blank lines hosts would not read what is in it.
fn fold(summary: &str, inside: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{inside}\n</details>\n")
}

fn not_checked(left_out: &[NotCheckedView]) -> String {
    if left_out.is_empty() {
        return "**Not checked**: nothing was left out.\n".to_owned();
    }
    let row = |not: &NotCheckedView| {
        format!("- {}: {}\n", said(&not.subject, LONGEST_SENTENCE), said(&not.reason, LONGEST_SENTENCE))
    };
    format!("**Not checked**\n\n{}", left_out.iter().map(row).collect::<String>())
}

/// When it was read, what it is called, and how to read it.
fn footer(date: Date, plan: Option<String>, frame: &Frame<'_>) -> String {
    let mut parts = vec![format!("For {date}")];
    parts.extend(frame.read_at.map(|at| format!("read {} UTC", at.strftime("%Y-%m-%d %H:%M"))));
    parts.extend(plan);
    parts.extend(frame.report.map(|at| format!("[whole report]({at})")));
    parts.push("free = owned − reserve − allocated".to_owned());
    format!("<sub>{}</sub>\n", parts.join(" · "))
}
