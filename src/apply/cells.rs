//! What a write touches, held against what its environment holds. Pure.

use crate::model::digits;
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::observed::Reading;
use crate::model::plan::change::Change;
use crate::model::terms::Units;

/// How an environment stands to the changes of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It holds what the plan found; of several changes, some may be done already.
    Before,
    /// It holds what the plan wants.
    After,
    /// It holds something else: what was found, as a clause.
    Moved(String),
}

/// What a reading holds. An environment without a document holds nothing.
///
/// # Errors
///
/// Why it is unknown.
pub(super) fn held(reading: &Reading<EnvironmentDocument>) -> Result<EnvironmentDocument, String> {
    match reading {
        Reading::Known { value, .. } => Ok(value.clone()),
        Reading::Absent => Ok(EnvironmentDocument::default()),
        Reading::Unknown { why } => Err(why.to_string()),
    }
}

/// How a document stands to some changes. Every switch counts: an entry is written whole, so a switch that somebody else
/// changed would be changed back.
pub(super) fn standing(changes: &[Change], document: &EnvironmentDocument) -> Standing {
    let nothing = Entry::default();
    let mut all_after = true;
    let mut moved = Vec::new();
    for change in changes {
        let found = document.entries.get(change.add_on()).unwrap_or(&nothing);
        if is_after(change.after(), found) {
            continue;
        }
        all_after = false;
        if found != change.before().unwrap_or(&nothing) {
            moved.push(difference(change, found));
        }
    }
    match (all_after, moved.is_empty()) {
        (true, _) => Standing::After,
        (false, true) => Standing::Before,
        (false, false) => Standing::Moved(moved.join("; ")),
    }
}

/// A switch that is not stated wherever it is written is none of ours: the service may state more than it was told.
fn is_after(after: &Entry, found: &Entry) -> bool {
    let states = |(switch, value)| found.when_exhausted.get(switch) == Some(value);
    found.units == after.units && after.when_exhausted.iter().all(states)
}

/// The document to write: the one that was read, with the entries of the changes replaced whole.
pub(super) fn merged(changes: &[Change], mut document: EnvironmentDocument) -> EnvironmentDocument {
    for change in changes {
        document.entries.insert(change.add_on().clone(), *change.after());
    }
    document
}

fn difference(change: &Change, found: &Entry) -> String {
    let name = change.add_on().display_name();
    let before = change.units_before();
    if found.units == before {
        return format!("what happens when {name} are used up is set in another way than the plan found");
    }
    format!("{name}: {}, where the plan found {}", grouped(found.units), grouped(before))
}

/// An amount with thousands separators.
pub(super) fn grouped(units: Units) -> String {
    digits::grouped(&units.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Standing, grouped, merged, standing};
    use crate::model::document::{Entry, EnvironmentDocument, Switch};
    use crate::model::plan::change::Change;
    use crate::model::terms::Units;
    use crate::provider::fake::add_on;

    fn entry(units: u64, switches: &[(Switch, bool)]) -> Entry {
        Entry { units: Units::new(units), when_exhausted: switches.iter().copied().collect() }
    }

    fn document(entries: &[(&str, Entry)]) -> EnvironmentDocument {
        EnvironmentDocument { entries: entries.iter().map(|(slug, entry)| (add_on(slug), *entry)).collect() }
    }

    fn change(slug: &str, before: Option<Entry>, after: Entry) -> Change {
        Change::between(add_on(slug), before, after).unwrap()
    }

    #[test]
    fn what_an_environment_holds_is_before_after_or_moved() {
        let raise = [change("app-passes", Some(entry(100, &[])), entry(120, &[]))];
        let check = |held: u64, expected: Standing| {
            assert_eq!(standing(&raise, &document(&[("app-passes", entry(held, &[]))])), expected);
        };
        check(100, Standing::Before);
        check(120, Standing::After);
        check(1300, Standing::Moved("App passes: 1,300, where the plan found 100".to_owned()));
        let none = Standing::Moved("App passes: 0, where the plan found 100".to_owned());
        assert_eq!(standing(&raise, &document(&[])), none);
    }

    #[test]
    fn no_entry_and_an_empty_entry_are_the_same() {
        let assign = [change("app-passes", None, entry(5, &[]))];
        assert_eq!(standing(&assign, &document(&[])), Standing::Before);
        assert_eq!(standing(&assign, &document(&[("app-passes", entry(0, &[]))])), Standing::Before);
        let release = [change("app-passes", Some(entry(5, &[])), entry(0, &[]))];
        assert_eq!(standing(&release, &document(&[])), Standing::After);
    }

    #[test]
    fn one_of_two_changes_that_is_done_already_leaves_the_other_to_do() {
        let two = [
            change("app-passes", Some(entry(100, &[])), entry(120, &[])),
            change("portal-logins", None, entry(7, &[])),
        ];
        let done = document(&[("app-passes", entry(120, &[]))]);
        assert_eq!(standing(&two, &done), Standing::Before);
        assert_eq!(standing(&two, &merged(&two, done)), Standing::After);
    }

    #[test]
    fn a_switch_that_somebody_turned_counts_as_moved_and_one_that_the_service_adds_does_not_undo_what_is_done() {
        let before = entry(100, &[(Switch::Alert, true)]);
        let lower = [change("copilot-credits", Some(before), entry(80, &[(Switch::Alert, true)]))];
        assert_eq!(standing(&lower, &document(&[("copilot-credits", before)])), Standing::Before);
        let turned = document(&[("copilot-credits", entry(100, &[(Switch::Alert, false)]))]);
        assert!(matches!(standing(&lower, &turned), Standing::Moved(why) if why.contains("Copilot")));
        let more = document(&[("copilot-credits", entry(80, &[(Switch::Alert, true), (Switch::Deny, false)]))]);
        assert_eq!(standing(&lower, &more), Standing::After);
    }

    #[test]
    fn other_entries_are_kept_and_those_of_the_changes_replaced_whole() {
        let held = document(&[
            ("app-passes", entry(100, &[(Switch::Deny, true)])),
            ("portal-logins", entry(7, &[(Switch::Alert, true)])),
        ]);
        let changes = [change("app-passes", Some(entry(100, &[(Switch::Deny, true)])), entry(0, &[]))];
        let expected =
            document(&[("app-passes", entry(0, &[])), ("portal-logins", entry(7, &[(Switch::Alert, true)]))]);
        assert_eq!(merged(&changes, held), expected);
    }

    #[test]
    fn amounts_are_grouped_by_thousands() {
        for (units, text) in [(0, "0"), (999, "999"), (1200, "1,200"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(Units::new(units)), text);
        }
    }
}
