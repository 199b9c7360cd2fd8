//! Compares the changes of a write with the document of its environment.

use crate::model::digits;
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::plan::change::Change;
use crate::model::terms::Units;

/// The result of comparing a document with the changes of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The document still holds what the plan found. If the write has several changes, some may be made already.
    Before,
    /// The document holds what the plan wants.
    After,
    /// The document holds something else, which this clause names.
    Changed(String),
    /// The document holds what the plan wants, but a switch that the write left out is not as it was. The clause names it.
    SwitchLost(String),
}

/// Compares a document with the changes of a write. Also compares the switches that could be read: a write replaces
/// whole entries, so it would undo a switch that others have set.
pub(super) fn compare(changes: &[Change], document: &EnvironmentDocument) -> Comparison {
    let nothing = Entry::default();
    let mut all_after = true;
    let mut differences = Vec::new();
    for change in changes {
        let found = document.entries.get(change.add_on()).unwrap_or(&nothing);
        let was_shown = change.before().is_some_and(|before| !before.when_exhausted.is_empty());
        if found.when_exhausted.is_unknown() && (was_shown || change.switched().next().is_some()) {
            differences.push(unknown_switches(change));
            continue;
        }
        if change.is_made_in(found) {
            continue;
        }
        all_after = false;
        if !found.agrees(change.before().unwrap_or(&nothing)) {
            differences.push(difference(change, found));
        }
    }
    match (differences.is_empty(), all_after) {
        (true, true) => Comparison::After,
        (true, false) => Comparison::Before,
        (false, _) => Comparison::Changed(differences.join("; ")),
    }
}

/// The document to write: the reading with the entries of the changes replaced whole.
pub(super) fn merged(changes: &[Change], mut document: EnvironmentDocument) -> EnvironmentDocument {
    for change in changes {
        document.entries.insert(change.add_on().clone(), *change.after());
    }
    document
}

/// The difference for an entry whose switches could not be read although the plan found switches there or changes one.
/// A write could erase these switches, and no reading could confirm the write.
fn unknown_switches(change: &Change) -> String {
    format!("the `whenExhausted` switches of {} can no longer be read", change.add_on().display_name())
}

fn difference(change: &Change, found: &Entry) -> String {
    let name = change.add_on().display_name();
    let before = change.units_before();
    if found.units == before {
        return format!("the `whenExhausted` switches of {name} differ from those that the plan found");
    }
    format!("{name}: {}, but the plan found {}", grouped(found.units), grouped(before))
}

/// An amount with thousands separators.
pub(super) fn grouped(units: Units) -> String {
    digits::grouped(&units.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Comparison, compare, grouped, merged};
    use crate::model::document::{Entry, EnvironmentDocument, Switch, Switches};
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
    fn a_document_is_before_after_or_changed() {
        let raise = [change("app-passes", Some(entry(100, &[])), entry(120, &[]))];
        let check = |held: u64, expected: Comparison| {
            assert_eq!(compare(&raise, &document(&[("app-passes", entry(held, &[]))])), expected);
        };
        check(100, Comparison::Before);
        check(120, Comparison::After);
        check(1300, Comparison::Changed("App passes: 1,300, but the plan found 100".to_owned()));
        let none = Comparison::Changed("App passes: 0, but the plan found 100".to_owned());
        assert_eq!(compare(&raise, &document(&[])), none);
    }

    #[test]
    fn no_entry_and_an_empty_entry_are_the_same() {
        let assign = [change("app-passes", None, entry(5, &[]))];
        assert_eq!(compare(&assign, &document(&[])), Comparison::Before);
        assert_eq!(compare(&assign, &document(&[("app-passes", entry(0, &[]))])), Comparison::Before);
        let release = [change("app-passes", Some(entry(5, &[])), entry(0, &[]))];
        assert_eq!(compare(&release, &document(&[])), Comparison::After);
    }

    #[test]
    fn a_document_with_one_of_two_changes_still_needs_the_write() {
        let two = [
            change("app-passes", Some(entry(100, &[])), entry(120, &[])),
            change("portal-logins", None, entry(7, &[])),
        ];
        let done = document(&[("app-passes", entry(120, &[]))]);
        assert_eq!(compare(&two, &done), Comparison::Before);
        assert_eq!(compare(&two, &merged(&two, done)), Comparison::After);
    }

    #[test]
    fn a_switch_that_was_set_since_counts_as_changed_and_one_that_the_service_adds_does_not() {
        let before = entry(100, &[(Switch::Alert, true)]);
        let lower = [change("copilot-credits", Some(before), entry(80, &[(Switch::Alert, true)]))];
        assert_eq!(compare(&lower, &document(&[("copilot-credits", before)])), Comparison::Before);
        let turned = document(&[("copilot-credits", entry(100, &[(Switch::Alert, false)]))]);
        assert!(matches!(compare(&lower, &turned), Comparison::Changed(why) if why.contains("Copilot")));
        let more = document(&[("copilot-credits", entry(80, &[(Switch::Alert, true), (Switch::Deny, false)]))]);
        assert_eq!(compare(&lower, &more), Comparison::After);
    }

    #[test]
    fn switches_that_could_not_be_read_are_not_compared() {
        let unknown = |units| Entry { units: Units::new(units), when_exhausted: Switches::UNKNOWN };
        let raise = [change("copilot-credits", Some(unknown(100)), unknown(120))];
        assert_eq!(compare(&raise, &document(&[("copilot-credits", entry(100, &[]))])), Comparison::Before);
        assert_eq!(compare(&raise, &document(&[("copilot-credits", entry(120, &[]))])), Comparison::After);
        // A saved plan cannot store that switches are unknown. It stores no switches.
        let raise = [change("copilot-credits", Some(entry(100, &[])), entry(120, &[]))];
        assert_eq!(compare(&raise, &document(&[("copilot-credits", unknown(100))])), Comparison::Before);
        assert_eq!(compare(&raise, &document(&[("copilot-credits", unknown(120))])), Comparison::After);
    }

    #[test]
    fn switches_that_the_plan_found_or_changes_have_to_be_read() {
        let unknown = |units| Entry { units: Units::new(units), when_exhausted: Switches::UNKNOWN };
        for after in [100, 120] {
            let set = [change("copilot-credits", Some(entry(100, &[])), entry(after, &[(Switch::Deny, true)]))];
            let shown = entry(100, &[(Switch::Deny, true)]);
            let kept = [change("copilot-credits", Some(shown), entry(120, &[(Switch::Deny, true)]))];
            for (changes, found) in [(&set, 100), (&set, 120), (&kept, 100), (&kept, 120)] {
                let compared = compare(changes, &document(&[("copilot-credits", unknown(found))]));
                let why = "the `whenExhausted` switches of Copilot Credits can no longer be read".to_owned();
                assert_eq!(compared, Comparison::Changed(why));
            }
        }
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
