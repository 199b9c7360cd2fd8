//! Unified diffs of the environments' documents, observed against desired.

use std::collections::BTreeMap;

use similar::{ChangeTag, TextDiff};

use super::style::{Style, Tone};
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::plan::change::PlannedChange;
use crate::model::plan::draft::Draft;

/// One diff for each environment that changes.
pub(super) fn documents(draft: &Draft, style: &Style) -> String {
    let mut environments: BTreeMap<&str, Vec<&PlannedChange>> = BTreeMap::new();
    for planned in &draft.changes {
        environments.entry(planned.environment.key.as_str()).or_default().push(planned);
    }
    let mut text: String = environments.iter().map(|(key, changes)| one(key, changes, style)).collect();
    if text.is_empty() {
        text.push_str("No changes. The tenant matches the configuration.\n");
    }
    text
}

fn one(key: &str, changes: &[&PlannedChange], style: &Style) -> String {
    let document = |entry: &dyn Fn(&PlannedChange) -> Option<Entry>| {
        let entries = changes.iter().filter_map(|planned| Some((planned.change.add_on().clone(), entry(planned)?)));
        yaml(&EnvironmentDocument { entries: entries.collect() })
    };
    let before = document(&|planned| planned.change.before().cloned());
    let after = document(&|planned| Some(*planned.change.after()));
    let diff = TextDiff::from_lines(&before, &after);
    let mut text = format!("--- {key} (observed)\n+++ {key} (desired)\n");
    for group in diff.grouped_ops(3) {
        for change in group.iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let (sign, tone) = match change.tag() {
                ChangeTag::Delete => ("-", Tone::Removed),
                ChangeTag::Insert => ("+", Tone::Added),
                ChangeTag::Equal => (" ", Tone::Plain),
            };
            text.push_str(&style.paint(tone, sign));
            for (emphasised, part) in change.iter_strings_lossy() {
                let part = part.trim_end_matches('\n');
                text.push_str(&if emphasised { style.paint(Tone::Strong, part) } else { style.paint(tone, part) });
            }
            text.push('\n');
        }
    }
    text
}

fn yaml(document: &EnvironmentDocument) -> String {
    if document.entries.is_empty() {
        return String::new();
    }
    // Documents consist of slugs, numbers and booleans, which YAML can always represent.
    serde_yaml::to_string(document).unwrap_or_default()
}
