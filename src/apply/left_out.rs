//! A switch that a write leaves out, because a policy owns it. The write is confirmed only if a read shows the switch
//! unchanged.

use super::comparison::{Comparison, compare};
use crate::model::catalog::AddOn;
use crate::model::document::{Entry, EnvironmentDocument, Switch};
use crate::model::plan::change::Change;

/// A switch that a write leaves out, with the values that the policy has to keep.
#[derive(Clone, Debug)]
pub(super) struct LeftOut {
    pub(super) switch: Switch,
    kept: Vec<(AddOn, bool)>,
}

impl LeftOut {
    /// The switch as it was read; `None` if the write changes it, or did not contain it.
    pub(super) fn of(switch: Switch, changes: &[Change], read: &EnvironmentDocument) -> Option<LeftOut> {
        let changes_it = changes.iter().flat_map(Change::switched).any(|(changed, ..)| changed == switch);
        let value = |(add_on, entry): (&AddOn, &Entry)| Some((add_on.clone(), entry.when_exhausted.get(switch)?));
        let kept: Vec<(AddOn, bool)> = read.entries.iter().filter_map(value).collect();
        (!changes_it && !kept.is_empty()).then_some(LeftOut { switch, kept })
    }

    /// Compares a document with the changes of the write, apart from the switch, and then the switch with what was read before.
    pub(super) fn compare(&self, changes: &[Change], document: &EnvironmentDocument) -> Comparison {
        let mut restored = document.clone();
        let mut lost = None;
        for (add_on, value) in &self.kept {
            let found = document.entries.get(add_on).and_then(|entry| entry.when_exhausted.get(self.switch));
            if found != Some(*value) {
                lost.get_or_insert_with(|| self.lost(add_on, *value, found));
            }
            if let Some(entry) = restored.entries.get_mut(add_on) {
                entry.when_exhausted.insert(self.switch, *value);
            }
        }
        match (compare(changes, &restored), lost) {
            (Comparison::After, Some(lost)) => Comparison::SwitchLost(lost),
            (comparison, _) => comparison,
        }
    }

    fn lost(&self, add_on: &AddOn, before: bool, found: Option<bool>) -> String {
        let word = |on: bool| if on { "on" } else { "off" };
        let (switch, name) = (self.switch.label(), add_on.display_name());
        let found = found.map_or("no longer stated", word);
        format!(
            "\"{switch}\" of {name} was {} and is {found}; the write left it out, because a policy owns it",
            word(before)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::LeftOut;
    use crate::apply::comparison::Comparison;
    use crate::model::document::{Entry, EnvironmentDocument, Switch, Switches};
    use crate::model::plan::change::Change;
    use crate::model::terms::Units;
    use crate::provider::fake::add_on;

    const DRAW: Switch = Switch::DrawFromTenant;

    fn entry(units: u64, draw: Option<bool>) -> Entry {
        let switches: Switches = draw.map(|on| (DRAW, on)).into_iter().chain([(Switch::Alert, true)]).collect();
        Entry { units: Units::new(units), when_exhausted: switches }
    }

    fn document(credits: Entry, sessions: Entry) -> EnvironmentDocument {
        let entries = [(add_on("copilot-credits"), credits), (add_on("ai-builder-credits"), sessions)];
        EnvironmentDocument { entries: entries.into_iter().collect() }
    }

    fn raise(before: Entry, after: Entry) -> [Change; 1] {
        [Change::between(add_on("copilot-credits"), Some(before), after).unwrap()]
    }

    #[test]
    fn only_a_switch_that_the_write_carries_and_does_not_change_is_left_out() {
        let read = document(entry(100, Some(true)), entry(5, None));
        let unchanged = raise(entry(100, Some(true)), entry(200, Some(true)));
        assert!(LeftOut::of(DRAW, &unchanged, &read).is_some());
        assert!(LeftOut::of(Switch::Deny, &unchanged, &read).is_none(), "it is not in the body");
        let changed = raise(entry(100, Some(true)), entry(200, Some(false)));
        assert!(LeftOut::of(DRAW, &changed, &read).is_none(), "the plan changes it");
    }

    #[test]
    fn the_write_is_done_only_if_every_entry_shows_the_switch_as_it_was() {
        let read = document(entry(100, Some(true)), entry(5, Some(false)));
        let changes = raise(entry(100, Some(true)), entry(200, Some(true)));
        let left_out = LeftOut::of(DRAW, &changes, &read).unwrap();
        let judged = |credits, sessions| match left_out.compare(&changes, &document(credits, sessions)) {
            Comparison::SwitchLost(why) | Comparison::Changed(why) => why,
            other => format!("{other:?}"),
        };
        assert_eq!(judged(entry(200, Some(true)), entry(5, Some(false))), "After");
        assert_eq!(judged(entry(100, Some(true)), entry(5, Some(false))), "Before");
        let lost = |what: &str| format!("{what}; the write left it out, because a policy owns it");
        let off = lost("\"draw from tenant\" of Copilot Credits was on and is off");
        assert_eq!(judged(entry(200, Some(false)), entry(5, Some(false))), off);
        let gone = lost("\"draw from tenant\" of AI Builder credits was off and is no longer stated");
        assert_eq!(
            judged(entry(200, Some(true)), entry(5, None)),
            gone,
            "also of an entry that the plan does not change"
        );
        let others = judged(entry(300, Some(true)), entry(5, Some(false)));
        assert_eq!(others, "Copilot Credits: 300, but the plan found 100");
    }
}
