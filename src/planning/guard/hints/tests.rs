use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::planning::fixture::{configuration, tenant};
use crate::planning::guard::approve;

const OWNED: [(&str, u64); 2] = [("app-passes", 1_000), ("portal-logins", 1_000)];

/// The hints of a plan that gives `declared` environments their first app passes. They and `undeclared` other
/// environments hold portal logins, which no file names.
fn hints(declared: usize, undeclared: usize) -> Vec<Finding> {
    let keys: Vec<char> = ('a'..='f').chain('0'..='9').collect();
    let (named, others) = keys.split_at(declared);
    let entry = |key: &char| format!("  k{key}: {{ id({key}), allocations: {{ app-passes: 1 }} }}\n");
    let configuration = configuration(&format!("environments:\n{}", named.iter().map(entry).collect::<String>()));
    let holds: Vec<(char, &[(&str, u64)])> =
        named.iter().chain(&others[..undeclared]).map(|key| (*key, &[("portal-logins", 3)][..])).collect();
    let observed = tenant(&OWNED, &holds);
    let verdict = approve(&configuration.desired, &observed, configuration.draft(&observed));
    let about = [Code::A309, Code::A310, Code::A402];
    verdict.findings().iter().filter(|finding| about.contains(&finding.code)).cloned().collect()
}

fn codes(found: &[Finding]) -> Vec<Code> {
    found.iter().map(|finding| finding.code).collect()
}

#[test]
fn the_same_hint_about_several_environments_is_one_hint_with_a_list() {
    let found = hints(6, 10);
    assert_eq!(codes(&found), [Code::A402, Code::A309, Code::A310]);
    let listed: Vec<usize> = found.iter().map(|finding| finding.notes.len()).collect();
    assert_eq!(listed, [6, 10, 6]);
    let messages: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert!(messages[0].starts_with("6 environments get their first App passes; "), "{messages:?}");
    assert_eq!(messages[1], "10 environments hold units, and no file names them");
    assert_eq!(messages[2], "6 environments hold Portal logins, which their files do not name");
    assert_eq!(found[2].notes[1], "kb holds 3");
}

#[test]
fn a_hint_about_one_environment_names_it_in_its_message() {
    let found = hints(1, 1);
    assert_eq!(codes(&found), [Code::A402, Code::A309, Code::A310]);
    assert!(found[0].message.starts_with("ka gets its first App passes; "), "{}", found[0].message);
    assert!(found[1].message.starts_with("no file names "), "{}", found[1].message);
    assert_eq!(found[2].message, "ka holds 3 Portal logins, which its file does not name");
}

#[test]
fn a_long_list_is_cut_and_counted() {
    let notes = (0..30).map(|number| number.to_string()).collect();
    let finding = super::list(Finding::hint(Code::A309, "many"), notes);
    assert_eq!((finding.notes.len(), finding.notes.last().map(String::as_str)), (26, Some("and 5 more")));
}
