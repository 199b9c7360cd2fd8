//! The most findings that an answer lists, whatever its format. A hostile file can have hundreds of thousands of findings. The rest is
//! counted: the list ends with one finding for each code that states how many more there are.
//!
//! Only reports are capped. Verdicts, exit codes and guards use every finding.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::number::{count, number};
use crate::model::code::Code;
use crate::model::finding::{Finding, Label, MOST_OF_FILE, Severity};
use crate::model::source::{SourceId, Sources};

/// The most findings of one command that are listed, besides those that count the rest.
pub const MOST_OF_RUN: usize = 5_000;

/// A finding of a list, and whether the base of the branch has it too; `None` if there is no base.
pub type Listed<'a> = (Cow<'a, Finding>, Option<bool>);

/// What findings that are counted together have in common: severity, file, code, and whether the base has them too. The
/// file is `None` for findings that exceed the limit of the run and not the limit of their file.
type Group = (Reverse<Severity>, Option<SourceId>, Code, Option<bool>);

/// The findings to list, in the order given: as many as the limits allow, and at least one of each code and severity. If there is no room
/// for all, those of the branch are kept before those of its base, and errors before warnings before hints. Findings that count the rest
/// are last.
pub fn listed<'a>(found: impl IntoIterator<Item = (&'a Finding, Option<bool>)>, sources: &Sources) -> Vec<Listed<'a>> {
    let mut by_severity: Vec<(usize, (&Finding, Option<bool>))> = found.into_iter().enumerate().collect();
    by_severity.sort_by_key(|(_, (finding, on_base))| (*on_base, Reverse(finding.severity)));
    let mut of_file: BTreeMap<SourceId, usize> = BTreeMap::new();
    // One of each code is listed, so that no problem is known only by its code.
    let mut known: BTreeSet<(Code, Severity)> = BTreeSet::new();
    let mut kept = Vec::with_capacity(by_severity.len().min(MOST_OF_RUN));
    let mut rest: BTreeMap<Group, (&Finding, u64)> = BTreeMap::new();
    for (at, (finding, on_base)) in by_severity {
        let file = finding.primary.as_ref().map(|label| label.span.source);
        let mut none = 0;
        let in_file = file.map_or(&mut none, |file| of_file.entry(file).or_default());
        let is_one = finding.represents == 1;
        let is_new = is_one && known.insert((finding.code, finding.severity));
        if is_new || (is_one && *in_file < MOST_OF_FILE && kept.len() < MOST_OF_RUN) {
            *in_file += 1;
            kept.push((at, (Cow::Borrowed(finding), on_base)));
            continue;
        }
        let full = file.filter(|_| !is_one || *in_file >= MOST_OF_FILE);
        let group = (Reverse(finding.severity), full, finding.code, on_base);
        rest.entry(group).or_insert((finding, 0)).1 += finding.represents;
    }
    kept.sort_unstable_by_key(|(at, _)| *at);
    let counted = rest.into_iter().map(|((_, file, _, on_base), (first, many))| {
        let file = file.and_then(|file| sources.get(file)).map(|source| source.name.as_ref());
        (Cow::Owned(counting(first, many, file)), on_base)
    });
    kept.into_iter().map(|(_, listed)| listed).chain(counted).collect()
}

/// The room of a list with the same limits for entries that are no findings, such as the changes that an apply did not make.
#[derive(Debug, Default)]
pub struct Room<'a> {
    of_file: BTreeMap<&'a str, usize>,
    all: usize,
}

impl<'a> Room<'a> {
    /// Whether there is room for one more entry about a file.
    pub fn takes(&mut self, file: Option<&'a str>) -> bool {
        let mut none = 0;
        let in_file = file.map_or(&mut none, |file| self.of_file.entry(file).or_default());
        if *in_file >= MOST_OF_FILE || self.all >= MOST_OF_RUN {
            return false;
        }
        *in_file += 1;
        self.all += 1;
        true
    }
}

/// The message of a finding that counts `many` errors.
pub fn counted_errors(many: u64) -> String {
    counted((many, "more error", "more errors"), "")
}

fn counted((many, one, more): (u64, &str, &str), place: &str) -> String {
    let are = if many == 1 { "is" } else { "are" };
    format!("{} with this code{place} {are} counted, not listed", count(many, one, more))
}

/// Findings without a base, as [`listed`].
pub fn without_base<'a>(found: impl IntoIterator<Item = &'a Finding>, sources: &Sources) -> Vec<Cow<'a, Finding>> {
    listed(found.into_iter().map(|finding| (finding, None)), sources).into_iter().map(|(finding, _)| finding).collect()
}

/// The finding that counts `many` findings, of which `first` is the first.
fn counting(first: &Finding, many: u64, file: Option<&str>) -> Finding {
    let (one, more) = match first.severity {
        Severity::Error => ("more error", "more errors"),
        Severity::Warning => ("more warning", "more warnings"),
        Severity::Hint => ("more hint", "more hints"),
    };
    let place = file.map_or_else(String::new, |file| format!(" in {file}"));
    let message = counted((many, one, more), &place);
    let most = match file {
        Some(_) => format!("a report lists at most {} findings about one file", number(MOST_OF_FILE)),
        None => format!("a report lists at most {} findings", number(MOST_OF_RUN)),
    };
    Finding {
        primary: first.primary.as_ref().map(|label| Label { span: label.span, text: "the first of them".to_owned() }),
        ..Finding::new(first.code, first.severity, message).note(most).help("fix those that are listed, and run again")
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_OF_RUN, without_base};
    use crate::model::code::Code;
    use crate::model::finding::{Finding, MOST_OF_FILE, Severity};
    use crate::model::source::{SourceId, Sources, Span};

    fn files(names: &[&str]) -> (Sources, Vec<SourceId>) {
        let mut sources = Sources::new();
        let ids = names.iter().map(|name| sources.add(*name, "")).collect();
        (sources, ids)
    }

    fn of(code: Code, severity: Severity, source: SourceId, many: usize) -> Vec<Finding> {
        let span = Span { source, start: 0, end: 0 };
        (0..many).map(|at| Finding::new(code, severity, at.to_string()).at(span, "")).collect()
    }

    #[test]
    fn as_many_as_the_limits_are_listed_unchanged() {
        let (sources, ids) = files(&["a", "b", "c", "d", "e"]);
        let found: Vec<Finding> =
            ids.iter().flat_map(|id| of(Code::A103, Severity::Error, *id, MOST_OF_FILE)).collect();
        let listed: Vec<Finding> = without_base(&found, &sources).into_iter().map(|it| it.into_owned()).collect();
        assert_eq!(found.len(), MOST_OF_RUN);
        assert_eq!(listed, found);
    }

    #[test]
    fn the_rest_of_a_file_is_counted_and_errors_are_listed_first() {
        let (sources, ids) = files(&["a"]);
        let mut found = of(Code::A118, Severity::Hint, ids[0], 10);
        found.extend(of(Code::A126, Severity::Warning, ids[0], 20));
        found.extend(of(Code::A103, Severity::Error, ids[0], MOST_OF_FILE - 5));
        let listed = without_base(&found, &sources);
        let severities: Vec<Severity> = listed.iter().map(|finding| finding.severity).collect();
        assert_eq!(severities[0], Severity::Hint, "one of each code is listed");
        assert_eq!(&severities[1..6], [Severity::Warning; 5], "the order given is kept");
        assert_eq!(severities.len(), MOST_OF_FILE + 3);
        let last: Vec<&str> = listed.iter().rev().take(2).map(|finding| finding.message.as_str()).collect();
        let expected = [
            "9 more hints with this code in a are counted, not listed",
            "15 more warnings with this code in a are counted, not listed",
        ];
        assert_eq!(last, expected);
        assert_eq!(listed[MOST_OF_FILE + 1].code, Code::A126);
    }

    #[test]
    fn the_rest_of_a_run_is_counted_together() {
        let names: Vec<String> = (0..3 * MOST_OF_RUN).map(|at| at.to_string()).collect();
        let (sources, ids) = files(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let found: Vec<Finding> = ids.iter().flat_map(|id| of(Code::A103, Severity::Error, *id, 1)).collect();
        let listed = without_base(&found, &sources);
        assert_eq!(listed.len(), MOST_OF_RUN + 1);
        assert_eq!(listed[MOST_OF_RUN].message, "10,000 more errors with this code are counted, not listed");
    }
}
