//! Findings, most severe first: code, message, place, notes and help.

use crate::model::finding::Severity;
use crate::report::findings::{MOST_RELATED, with_allowance};
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::origin::Frame;
use crate::report::safe::html::{PlaceText, SafeSentence, name};
use crate::report::view::basics::{FindingView, LabelView};
use crate::report::view::run::AllowedView;

/// How many findings of a severity that does not block are shown. The rest is counted.
const MOST_SHOWN: usize = 200;

/// The findings of one severity.
pub(super) struct FindingGroup {
    pub(super) title: String,
    pub(super) label: &'static str,
    pub(super) number: String,
    pub(super) class: &'static str,
    pub(super) findings: Vec<FindingItem>,
    pub(super) left_out: Option<SafeSentence>,
}

/// One finding.
pub(super) struct FindingItem {
    pub(super) code: &'static str,
    pub(super) class: &'static str,
    pub(super) mark: &'static str,
    pub(super) message: SafeSentence,
    pub(super) place: Option<PlaceItem>,
    pub(super) related: Vec<PlaceItem>,
    pub(super) notes: Vec<SafeSentence>,
    pub(super) helps: Vec<SafeSentence>,
}

impl FindingItem {
    /// Whether the finding has a place, notes or help besides its message.
    pub(super) fn has_more(&self) -> bool {
        self.place.is_some() || !(self.related.is_empty() && self.notes.is_empty() && self.helps.is_empty())
    }
}

/// A refusal that was allowed.
pub(super) struct AllowedItem {
    pub(super) refusal: String,
    pub(super) message: SafeSentence,
    pub(super) by: SafeSentence,
    pub(super) place: Option<PlaceText>,
}

pub(super) fn allowed(allowed: &AllowedView, frame: &Frame<'_>) -> AllowedItem {
    AllowedItem {
        refusal: name(&allowed.refusal).into_owned(),
        message: SafeSentence::new(&allowed.message),
        by: SafeSentence::new(&allowed.by),
        place: allowed.place.as_ref().map(|place| PlaceText::new(place, frame)),
    }
}

/// A place, and a short text about it.
pub(super) struct PlaceItem {
    pub(super) place: PlaceText,
    pub(super) text: Option<SafeSentence>,
}

pub(super) fn groups<'a>(found: impl Iterator<Item = &'a FindingView>, frame: &Frame<'_>) -> Vec<FindingGroup> {
    let found: Vec<&FindingView> = found.collect();
    let group = |(severity, class, label, one, many): (Severity, &'static str, &'static str, &str, &str)| {
        let all: Vec<&FindingView> = found.iter().copied().filter(|finding| finding.severity == severity).collect();
        let most = if severity == Severity::Error { all.len() } else { MOST_SHOWN.min(all.len()) };
        let unlisted = frame.more.number_of(severity);
        let number_of_all = all.len() as u64 + unlisted;
        let more = number(number_of_all - most as u64);
        let left_out = match (all.len() > most, unlisted) {
            (false, _) => None,
            (true, 0) => Some(format!("and {more} more, which `--format json` shows")),
            (true, _) => Some(format!("and {more} more; `--format json` shows the first of them")),
        };
        FindingGroup {
            title: count(number_of_all, one, many),
            label,
            number: number(number_of_all),
            class,
            findings: all.iter().take(most).map(|finding| item(finding, frame)).collect(),
            left_out: left_out.map(|text| SafeSentence::new(&text)),
        }
    };
    [
        (Severity::Error, "error", "Problems", "problem", "problems"),
        (Severity::Warning, "warning", "Warnings", "warning", "warnings"),
        (Severity::Hint, "hint", "Hints", "hint", "hints"),
    ]
    .into_iter()
    .map(group)
    .filter(|group| !group.findings.is_empty())
    .collect()
}

pub(super) fn item(finding: &FindingView, frame: &Frame<'_>) -> FindingItem {
    let place = |label: &LabelView| PlaceItem {
        place: PlaceText::new(&label.place, frame),
        text: (!label.text.is_empty()).then(|| SafeSentence::new(&label.text)),
    };
    let mut notes: Vec<SafeSentence> = finding.notes.iter().map(|note| SafeSentence::new(note)).collect();
    let left_out = finding.related.len().saturating_sub(MOST_RELATED);
    if left_out > 0 {
        notes.push(SafeSentence::new(&format!("and {}", count(left_out as u64, "more place", "more places"))));
    }
    FindingItem {
        code: finding.code.as_str(),
        class: finding.severity.as_str(),
        mark: marks::of_severity(finding.severity),
        message: SafeSentence::new(&finding.message),
        place: finding.primary.as_ref().map(place),
        related: finding.related.iter().take(MOST_RELATED).map(place).collect(),
        notes,
        helps: with_allowance(&finding.help, finding.allowance.as_deref())
            .iter()
            .map(|help| SafeSentence::new(help))
            .collect(),
    }
}
