//! The sections that several comments share: opening, warnings, findings, "not checked", footer.

use jiff::civil::Date;

use super::cut::Shown;
use crate::model::desired::Provider;
use crate::model::finding::Severity;
use crate::model::marker::{CommentVerdict, JobRun, Marker};
use crate::model::plan::draft::NotChecked;
use crate::model::source::Place;
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::origin::Frame;
use crate::report::safe::comment::{Markdown, md};
use crate::report::safe::markdown::{code, escape, link, sentence as safe_sentence, words};
use crate::report::tenant::BUILT_IN;
use crate::report::verdict::{SentencePart, ShownVerdict};
use crate::report::view::basics::FindingView;

/// The length limit of a name, ticket or reason in a cell, in characters.
pub(super) const LONGEST_CELL: usize = 120;

/// The length limit of a sentence of a finding, in characters.
pub(super) const LONGEST_SENTENCE: usize = 400;

impl Frame<'_> {
    /// The first line, which hosts do not display. A later run finds its comment by this marker.
    fn marker(&self, verdict: CommentVerdict, digest: Option<&str>, applied: Option<u64>) -> Markdown {
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
        md![marker, "\n"]
    }

    fn tenant(&self) -> Markdown {
        // The kind goes before the name: a host truncates long lines, and the name can be long.
        let kind = if self.provider == Some(Provider::Local) { BUILT_IN } else { "tenant" };
        match (self.tenant, self.provider) {
            (Some(tenant), _) => md![" · ", kind, " ", code(tenant)],
            (None, Some(Provider::Local)) => md![" · ", kind],
            (None, _) => Markdown::default(),
        }
    }

    /// A place, as a link if its address is known.
    pub(super) fn place(&self, place: &Place) -> Markdown {
        linked(place, self.address(place))
    }
}

fn linked(place: &Place, address: Option<String>) -> Markdown {
    let shown = code(&format!("{}:{}", place.file, place.line));
    match address {
        Some(address) => link(&shown, &address),
        None => shown,
    }
}

/// The marker, the line of the verdict, and its sentence.
pub(super) fn opening(verdict: &ShownVerdict, digest: Option<&str>, frame: &Frame<'_>) -> Markdown {
    let part = |part: &SentencePart| match part {
        SentencePart::Plain(text) => safe_sentence(text, usize::MAX),
        SentencePart::Strong(text) => md!["**", *text, "**"],
        SentencePart::Message(text) => safe_sentence(text, LONGEST_SENTENCE),
    };
    let sentence: Markdown = verdict.sentence.iter().map(part).collect();
    let marker = frame.marker(verdict.mood.comment_verdict(), digest, verdict.applied);
    let to_do = verdict.to_do.as_ref().map(|to_do| {
        let edit = to_do.edit.as_ref().map(|place| md![" Edit ", linked(place, frame.editor(place)), "."]);
        let then = to_do.then.map(|then| md![" ", safe_sentence(then, usize::MAX)]);
        md!["\n**What to do:** ", part(&to_do.words), edit.unwrap_or_default(), then.unwrap_or_default(), "\n"]
    });
    let heading = md!["### ", verdict.mood.icon(), " ", words(&verdict.words), frame.tenant()];
    md![marker, heading, "\n\n", sentence, "\n", to_do.unwrap_or_default()]
}

/// The opening, then the sections that are not empty, each after a blank line.
pub(super) fn comment(mut text: Markdown, sections: impl IntoIterator<Item = Markdown>) -> Markdown {
    for section in sections.into_iter().filter(|section| !section.is_empty()) {
        text.push(&md!["\n", section]);
    }
    text
}

/// The warnings, outside the folded section.
pub(super) fn warnings<'a>(found: impl Iterator<Item = &'a FindingView>, shown: &Shown) -> Markdown {
    first_warnings(found, 0, shown)
}

/// The warnings, outside the folded section. `unlisted` is the number of those that are not among the findings.
pub(super) fn first_warnings<'a>(
    found: impl Iterator<Item = &'a FindingView>,
    unlisted: u64,
    shown: &Shown,
) -> Markdown {
    const MOST: usize = 10;
    let warnings: Vec<&FindingView> = found.filter(|finding| finding.severity == Severity::Warning).collect();
    if warnings.is_empty() {
        return Markdown::default();
    }
    let most = shown.warnings.min(MOST);
    let mut text = md!["> [!WARNING]\n"];
    for warning in warnings.iter().take(most) {
        text.push(&md!["> - ", safe_sentence(&warning.message, LONGEST_SENTENCE), " (", warning.code, ")\n"]);
    }
    match (warnings.len() as u64 + unlisted, warnings.len().saturating_sub(most) as u64 + unlisted) {
        (_, 0) => {}
        (all, more) if all == more => {
            text.push(&md!["> ", words(&count(all, "warning", "warnings")), "\n"]);
        }
        (_, more) => text.push(&md!["> - and ", words(&number(more)), " more\n"]),
    }
    text
}

/// All findings with their places. Blocking errors are visible, the rest is folded.
pub(super) fn findings<'a>(found: impl Iterator<Item = &'a FindingView>, frame: &Frame<'_>, shown: &Shown) -> Markdown {
    let (errors, others): (Vec<&FindingView>, Vec<&FindingView>) =
        found.partition(|finding| finding.severity == Severity::Error);
    let mut text = Markdown::default();
    for error in errors.iter().take(shown.errors) {
        text.push(&one(error, frame, shown));
    }
    if errors.len() > shown.errors {
        let more = (errors.len() - shown.errors) as u64 + frame.more.errors;
        let more = count(more, "more problem", "more problems");
        text.push(&md!["- and ", words(&more), "\n"]);
    }
    let unlisted = frame.more.warnings + frame.more.hints;
    let all = others.len() as u64 + unlisted;
    if shown.findings == 0 {
        let what = "more findings, nor for notes and help";
        text.push(&left_out(what, usize::try_from(all).unwrap_or(usize::MAX), "the log of the run shows them"));
    } else if !others.is_empty() {
        let rows = rows(others.iter().copied(), unlisted, frame, shown);
        let has_places = others.iter().any(|finding| finding.primary.is_some());
        let places = if has_places { ", with file and line" } else { "" };
        let summary = format!("{}{places}", count(all, "finding", "findings"));
        if !text.is_empty() {
            text.push(&"\n");
        }
        text.push(&fold(&summary, &rows));
    }
    text
}

/// Findings in the order given, with their places. `unlisted` is the number of those that are not among the findings.
pub(super) fn rows<'a>(
    found: impl Iterator<Item = &'a FindingView>,
    unlisted: u64,
    frame: &Frame<'_>,
    shown: &Shown,
) -> Markdown {
    let found: Vec<&FindingView> = found.collect();
    let mut rows: Markdown = found.iter().take(shown.findings).map(|finding| one(finding, frame, shown)).collect();
    if found.len() > shown.findings {
        let more = (found.len() - shown.findings) as u64 + unlisted;
        rows.push(&md!["- and ", words(&number(more)), " more\n"]);
    }
    rows
}

fn one(finding: &FindingView, frame: &Frame<'_>, shown: &Shown) -> Markdown {
    let (icon, message) = (marks::of_severity(finding.severity), safe_sentence(&finding.message, LONGEST_SENTENCE));
    let mut text = md!["- ", icon, " **", finding.code, "** ", message];
    if let Some(primary) = &finding.primary {
        text.push(&md![" at ", frame.place(&primary.place)]);
    }
    text.push(&"\n");
    if shown.explanations {
        let explained =
            finding.notes.iter().map(|note| ("note", note)).chain(finding.help.iter().map(|help| ("help", help)));
        for (kind, sentence) in explained {
            text.push(&md!["  - ", kind, ": ", safe_sentence(sentence, LONGEST_SENTENCE), "\n"]);
        }
    }
    text
}

/// The line that counts what was left out for lack of room.
pub(super) fn left_out(what: &'static str, many: usize, elsewhere: &'static str) -> Markdown {
    match many {
        0 => Markdown::default(),
        _ => md!["There was no room for ", what, " (", words(&number(many)), "); ", elsewhere, ".\n"],
    }
}

/// A folded section. Hosts render Markdown inside it only between blank lines.
pub(super) fn fold(summary: &str, inside: &Markdown) -> Markdown {
    md!["<details><summary>", words(summary), "</summary>\n\n", *inside, "\n</details>\n"]
}

pub(super) fn not_checked(left_out: &[NotChecked]) -> Markdown {
    if left_out.is_empty() {
        return md!["**Not checked**: nothing was left out.\n"];
    }
    let safe = |text: &str| safe_sentence(text, LONGEST_SENTENCE);
    let row = |not: &NotChecked| md!["- ", safe(&not.subject), ": ", safe(&not.reason), "\n"];
    md!["**Not checked**\n\n", left_out.iter().map(row).collect::<Markdown>()]
}

/// The longest name of a person that is shown, in characters.
const LONGEST_NAME: usize = 80;

/// Who did it, as `Planned by ana`; empty if the host does not say.
pub(super) fn made_by(did: &'static str, frame: &Frame<'_>) -> Option<Markdown> {
    let actor = frame.origin.actor.as_ref()?;
    Some(md![did, " by ", escape(actor, LONGEST_NAME)])
}

/// Who made a comment, and its commit and pull request: a footer without dates. Empty if the host says nothing of
/// these.
pub(super) fn signature(frame: &Frame<'_>) -> Markdown {
    let parts: Vec<Markdown> = made_by("Made", frame).into_iter().chain(made_for(frame)).collect();
    if parts.is_empty() { Markdown::default() } else { md!["<sub>", Markdown::join(parts, " · "), "</sub>\n"] }
}

/// The commit and the pull request.
fn made_for<'a>(frame: &'a Frame<'_>) -> impl Iterator<Item = Markdown> + use<'a> {
    let origin = frame.origin;
    let commit = origin.commit.as_ref().map(|commit| md!["commit ", code(marks::short(commit))]);
    let pull_request = origin.pull_request.as_ref().map(|it| {
        let shown = md!["pull request ", it.number];
        it.address.as_ref().map_or(shown.clone(), |at| link(&shown, at))
    });
    commit.into_iter().chain(pull_request)
}

/// Who ran it, from when to when, and which run it was.
pub(super) fn ran(did: &'static str, frame: &Frame<'_>) -> Markdown {
    let times = words(&frame.times());
    let ran = match made_by(did, frame) {
        Some(who) => md![who, ", ", times],
        None => md![did, " ", times],
    };
    // The footer links the page of the run.
    let run = frame.origin.run.as_ref().and_then(JobRun::name).map(|name| words(&name));
    Markdown::join(std::iter::once(ran).chain(run), ", ")
}

/// The last line: who made it, dates, the commit and the pull request, the plan's id, the whole report, and what "free" means.
pub(super) fn footer(made: Option<Markdown>, date: Date, plan: Option<Markdown>, frame: &Frame<'_>) -> Markdown {
    let mut parts: Vec<Markdown> = made.into_iter().collect();
    parts.push(md![if parts.is_empty() { "For " } else { "for " }, date]);
    parts.extend(made_for(frame));
    parts.extend(frame.read().map(|read| words(&read)));
    parts.extend(plan);
    parts.extend(frame.origin.page.as_ref().map(|at| link(&md!["whole report"], at)));
    parts.push(md!["free = owned − reserve − allocated"]);
    md!["<sub>", Markdown::join(parts, " · "), "</sub>\n"]
}
