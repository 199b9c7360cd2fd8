//! The notice before an exception ends.

use jiff::ToSpan as _;

use crate::planning::fixture::{TODAY, configuration, tenant};
use crate::planning::guard::approve;

#[test]
fn an_entry_that_ends_soon_says_so_where_it_is_needed() {
    for (until, expected) in [(TODAY, true), (TODAY + 13.days(), true), (TODAY + 14.days(), false)] {
        let text = format!(
            "floors: {{ a: {{ app-passes: 50 }} }}\nallow: [{{ code: A303, scope: a/app-passes, to: 45, until: {until} }}]\nenvironments: {{ a: {{ id(a), allocations: {{ app-passes: 45 }} }} }}"
        );
        let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 60)])]);
        let configuration = configuration(&text);
        let verdict = approve(&configuration.desired, &observed, configuration.draft_allowing(&observed, &[]));
        let notes: Vec<&String> = verdict.findings().iter().flat_map(|finding| &finding.notes).collect();
        assert_eq!(notes.iter().any(|note| note.contains("ends soon")), expected, "{until}: {notes:?}");
    }
}

#[test]
fn the_entry_that_ends_last_is_the_one_that_counts() {
    let entry = |until| format!("{{ code: A303, scope: a/app-passes, to: 45, until: {until} }}");
    let entries = format!("{}, {}", entry(TODAY), entry(TODAY + 60.days()));
    let text = format!(
        "floors: {{ a: {{ app-passes: 50 }} }}\nallow: [{entries}]\nenvironments: {{ a: {{ id(a), allocations: {{ app-passes: 45 }} }} }}"
    );
    let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 60)])]);
    let configuration = configuration(&text);
    let verdict = approve(&configuration.desired, &observed, configuration.draft_allowing(&observed, &[]));
    let notes: Vec<&String> = verdict.findings().iter().flat_map(|finding| &finding.notes).collect();
    assert!(!notes.iter().any(|note| note.contains("ends soon")), "{notes:?}");
}
